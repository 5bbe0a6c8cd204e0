/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Load, LoadTable, Unload: a table's code runs on the stack of what loads it. */
#include <base/string.h>

#include "execute.h"

/* What a loaded table is known by. */
static int make_handle(struct aml *aml, const struct aml_table *table, struct aml_object **handle)
{
	*handle = aml_object_create(aml, AML_TABLE_HANDLE);
	if (!*handle)
		return -AML_E_NO_MEMORY;
	(*handle)->table = table->handle;
	return 0;
}

/* Operands that a loading frame keeps: LoadTable's parameter. */
enum { LOAD_PATH, LOAD_DATA, LOAD_OPERANDS };

/* The term is over; the table's frame results in `result`, which is taken over. */
static int begin_load(struct aml_run *run, struct aml_table *table, struct aml_node *scope,
		      struct aml_object *result)
{
	int error;

	aml_frame_pop(run);
	error = aml_call_table(run, table, scope);
	if (error) {
		aml_put(run->aml, result);
		return aml_deliver_missing(run, error);
	}
	run->top->result = result;
	return AML_STAYS;
}

/* A table in a region of memory, byte by byte. */
static int read_region(struct aml *aml, struct aml_object *region, uint64_t offset, uint8_t *bytes,
		       uint64_t length)
{
	int error = aml_charge(aml, length);

	for (uint64_t i = 0; i < length && !error; i++) {
		struct aml_access access = { .address = offset + i, .bits = 8 };

		error = aml_region_access(aml, region, &access);
		bytes[i] = (uint8_t)access.value;
	}
	return error;
}

static int load_region(struct aml *aml, struct aml_object *object, struct aml_table **table)
{
	uint8_t header[AML_HEADER_SIZE], *bytes;
	uint32_t length;
	int error;

	if (object->region->space != AML_SPACE_MEMORY)
		return -AML_E_OPERAND_TYPE;
	error = read_region(aml, object, 0, header, sizeof(header));
	if (error)
		return error;
	length = (uint32_t)header[4] | (uint32_t)header[5] << 8 | (uint32_t)header[6] << 16 |
		 (uint32_t)header[7] << 24;
	if (length < AML_HEADER_SIZE || length > AML_DATA_MAX)
		return -AML_E_INVALID_TABLE_LENGTH;
	bytes = aml_allocate(aml, length);
	if (!bytes)
		return -AML_E_NO_MEMORY;
	error = read_region(aml, object, 0, bytes, length);
	if (!error)
		error = aml_table_add(aml, bytes, length, true, table);
	aml_release(aml, bytes, length);
	return error;
}

static int load_buffer(struct aml *aml, struct aml_object *object, struct aml_table **table)
{
	const uint8_t *bytes = object->data.bytes;
	uint32_t length;

	if (object->data.length < AML_HEADER_SIZE)
		return -AML_E_INVALID_TABLE_LENGTH;
	length = (uint32_t)bytes[4] | (uint32_t)bytes[5] << 8 | (uint32_t)bytes[6] << 16 |
		 (uint32_t)bytes[7] << 24;
	if (length > object->data.length)
		return -AML_E_BUFFER_LIMIT;
	return aml_table_add(aml, bytes, object->data.length, true, table);
}

/* The result is true; its target gets the handle, which counts as true, too (before ACPI 6.4, it was handles
 * that Load stored, and Unload wants one). */
int aml_do_load(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *object = frame->operands[0].object, *handle, *result;
	struct aml_table *table;
	int error;

	if (object->type == AML_REGION)
		error = load_region(run->aml, object, &table);
	else
		error = load_buffer(run->aml, object, &table);
	if (!error)
		error = make_handle(run->aml, table, &handle);
	if (error)
		return error;
	error = aml_store(run, handle, &frame->operands[1], AML_STORE_TARGET, NULL);
	aml_put(run->aml, handle);
	if (!error)
		error = aml_make_result(run->aml, UINT64_MAX, &result);
	return error ? error : begin_load(run, table, run->aml->root, result);
}

static const char *text_of(const struct aml_frame *frame, unsigned number)
{
	return (const char *)frame->operands[number].object->data.bytes;
}

/* Whether the host's table is loaded: its names are there. */
static bool is_loaded(struct aml *aml, const void *bytes)
{
	struct list_node *link;

	list_for_each (link, &aml->tables)
		if (container_of(link, struct aml_table, link)->bytes == bytes)
			return true;
	return false;
}

/* What it says about the table: signature, OEM id, OEM table id. */
static int find_table(struct aml_run *run, struct aml_frame *frame, const void **bytes,
		      size_t *size)
{
	static const uint8_t longest[] = { 4, 6, 8 };
	const struct aml_host *host = &run->aml->host;

	*bytes = NULL;
	for (unsigned i = 0; i < array_length(longest); i++)
		if (frame->operands[i].object->data.length > longest[i])
			return -AML_E_STRING_LIMIT;
	if (host->find_table)
		*bytes = host->find_table(host, text_of(frame, 0), text_of(frame, 1),
					  text_of(frame, 2), size);
	return 0;
}

/* Where the table's names go, and whether the parameter's place is there. */
static int find_places(struct aml_run *run, struct aml_frame *frame, struct aml_node **scope)
{
	const char *parameter = text_of(frame, 4);

	*scope = run->aml->root;
	if (*text_of(frame, 3))
		*scope = aml_find(run->aml, frame->scope, text_of(frame, 3));
	if (!*scope || (*parameter && !aml_find(run->aml, *scope, parameter)))
		return -AML_E_NOT_FOUND;
	return 0;
}

static void keep_parameter(struct aml_frame *load, struct aml_object *path, struct aml_object *data)
{
	load->operands[LOAD_PATH] =
		(struct aml_operand){ .kind = AML_OPERAND_OBJECT, .object = path };
	load->operands[LOAD_DATA] =
		(struct aml_operand){ .kind = AML_OPERAND_OBJECT, .object = data };
	load->count = LOAD_OPERANDS;
}

int aml_do_load_table(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *path = frame->operands[4].object, *data = frame->operands[5].object;
	struct aml_object *result;
	struct aml_table *table;
	struct aml_node *scope;
	const void *bytes;
	size_t size;
	int error;

	error = find_table(run, frame, &bytes, &size);
	if (error)
		return error;
	if (!bytes)
		return aml_make_result(run->aml, 0, &frame->result);
	error = find_places(run, frame, &scope);
	if (!error && is_loaded(run->aml, bytes))
		error = -AML_E_EXISTS;
	if (!error)
		error = aml_table_add(run->aml, bytes, size, false, &table);
	if (!error)
		error = make_handle(run->aml, table, &result);
	if (error)
		return error;
	aml_get(path);
	aml_get(data);
	error = begin_load(run, table, scope, result);
	if (error == AML_STAYS && path->data.length) {
		keep_parameter(run->top, path, data);
		return error;
	}
	aml_put(run->aml, path);
	aml_put(run->aml, data);
	return error;
}

/* LoadTable's parameter goes to its place. */
static int store_parameter(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_operand target = { .kind = AML_OPERAND_NODE };

	if (frame->count != LOAD_OPERANDS)
		return 0;
	target.node = aml_find(run->aml, frame->scope, text_of(frame, LOAD_PATH));
	if (!target.node)
		return -AML_E_NOT_FOUND;
	return aml_store(run, frame->operands[LOAD_DATA].object, &target, AML_STORE_TARGET, NULL);
}

static void tell_host(struct aml *aml, const struct aml_table *table)
{
	if (aml->host.loaded)
		aml->host.loaded(&aml->host, table ? table->bytes : NULL, table ? table->size : 0);
}

#define NODES_PER_OPERATION 64

/* Memory and I/O can always be used; _REG hears of such regions only where a method makes them, as from ACPICA. */
static bool needs_telling(const struct aml_node *node)
{
	unsigned space;

	if (node->type != AML_REGION || !node->object)
		return false;
	space = node->object->region->space;
	return space != AML_SPACE_MEMORY && space != AML_SPACE_IO && space != AML_SPACE_TABLE;
}

/* Calls _REG of the table's next region that has not been told; *called is false when there is none left. */
static int tell_region(struct aml_run *run, struct aml_table *table, bool *called)
{
	struct list_node *link;
	uint64_t looked_at = 0;

	*called = false;
	if (!run->aml->initialized)
		return 0;
	list_for_each (link, &table->nodes) {
		struct aml_node *node = container_of(link, struct aml_node, owned);

		looked_at++;
		*called = needs_telling(node) && aml_call_region(run, node);
		if (*called)
			break;
	}
	return aml_charge(run->aml, looked_at / NODES_PER_OPERATION);
}

int aml_load_finish(struct aml_run *run)
{
	struct aml_frame *frame = run->top;
	struct aml_object *result = frame->result;
	bool called;
	int error = tell_region(run, frame->call->table, &called);

	/* When the method has come back, it goes on here. */
	if (error || called)
		return error;
	error = store_parameter(run, frame);
	if (error)
		aml_log(run->aml, AML_LOG_ERROR, "AML: LoadTable's parameter: %s",
			aml_error_name(error));
	tell_host(run->aml, frame->call->table);
	frame->result = NULL;
	aml_frame_pop(run);
	return aml_deliver_object(run, result);
}

int aml_do_unload(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *handle = frame->operands[0].object;
	struct aml_table *table = aml_table_find(run->aml, handle->table);

	if (!table)
		return -AML_E_NOT_EXIST;
	aml_table_unload(table);
	tell_host(run->aml, NULL);
	return 0;
}
