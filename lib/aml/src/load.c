/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables: checked, entered, their code run, taken out again with all that they made. */
#include <base/string.h>

#include "execute.h"

static uint32_t read_u32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

int aml_table_check(const void *table, size_t size)
{
	const uint8_t *bytes = table;
	uint32_t length;
	uint8_t sum = 0;

	if (size < AML_HEADER_SIZE)
		return -AML_E_INVALID_TABLE_LENGTH;
	length = read_u32(bytes + 4);
	if (length < AML_HEADER_SIZE || length > size)
		return -AML_E_INVALID_TABLE_LENGTH;
	for (uint32_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return sum ? -AML_E_BAD_CHECKSUM : 0;
}

int aml_table_add(struct aml *aml, const void *bytes, size_t size, bool copy,
		  struct aml_table **made)
{
	int error = aml_table_check(bytes, size);
	struct aml_table *table;
	uint8_t *copied = NULL;

	if (error)
		return error;
	table = aml_allocate(aml, sizeof(*table));
	if (!table)
		return -AML_E_NO_MEMORY;
	table->size = read_u32((const uint8_t *)bytes + 4);
	if (copy) {
		copied = aml_allocate(aml, table->size);
		if (!copied) {
			aml_release(aml, table, sizeof(*table));
			return -AML_E_NO_MEMORY;
		}
		memcpy(copied, bytes, table->size);
		bytes = copied;
	}
	table->aml = aml;
	table->bytes = bytes;
	table->copied = copy;
	table->users = 1;
	table->handle = aml->next_handle++;
	memcpy(table->signature, table->bytes, sizeof(table->signature));
	list_init(&table->nodes);
	if (list_empty(&aml->tables))
		aml->narrow = table->bytes[8] < 2;
	list_push_back(&aml->tables, &table->link);
	*made = table;
	return 0;
}

void aml_table_get(struct aml_table *table)
{
	table->users++;
}

void aml_table_put(struct aml_table *table)
{
	if (!table || --table->users)
		return;
	/* Its nodes may have come after it was unloaded, by calls that were under way. */
	aml_names_remove(table->aml, &table->nodes);
	if (table->copied)
		aml_release(table->aml, (void *)(uintptr_t)table->bytes, table->size);
	aml_release(table->aml, table, sizeof(*table));
}

void aml_table_unload(struct aml_table *table)
{
	list_remove(&table->link);
	aml_names_remove(table->aml, &table->nodes);
	aml_table_put(table);
}

struct aml_table *aml_table_find(struct aml *aml, uint32_t handle)
{
	struct list_node *link;

	list_for_each (link, &aml->tables) {
		struct aml_table *table = container_of(link, struct aml_table, link);

		if (table->handle == handle)
			return table;
	}
	return NULL;
}

static int run_table(struct aml *aml, struct aml_table *table)
{
	struct aml_run run;
	int error = aml_run_start(aml, &run);

	if (error)
		return error;
	error = aml_call_table(&run, table, aml->root);
	if (!error)
		error = aml_run_go(&run);
	aml_run_end(&run);
	aml_put(aml, run.result);
	return error;
}

int aml_load(struct aml *aml, const void *bytes, size_t size)
{
	struct aml_table *table;
	int error;

	aml_lock(aml);
	error = aml_table_add(aml, bytes, size, false, &table);
	if (!error)
		error = run_table(aml, table);
	aml_unlock(aml);
	return error;
}
