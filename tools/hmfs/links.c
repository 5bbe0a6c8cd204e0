/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hard links while trees are copied: a hash table of files with several names. */
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "tree.h"

static size_t first_slot(const struct link_table *table, uint64_t device, uint64_t inode)
{
	uint64_t hash = (inode ^ (device << 32 | device >> 32)) * 0x9e3779b97f4a7c15;

	return (size_t)(hash >> 20) & (table->room - 1);
}

static struct link_entry *find_slot(struct link_table *table, uint64_t device, uint64_t inode)
{
	size_t slot = first_slot(table, device, inode);

	while (table->entries[slot].inode &&
	       (table->entries[slot].inode != inode || table->entries[slot].device != device))
		slot = (slot + 1) & (table->room - 1);
	return &table->entries[slot];
}

static void grow(struct link_table *table)
{
	struct link_table larger = { .count = table->count };
	size_t i;

	larger.room = table->room ? 2 * table->room : 256;
	larger.entries = allocate(larger.room * sizeof(*larger.entries));
	for (i = 0; i < table->room; i++) {
		const struct link_entry *old = &table->entries[i];

		if (old->inode)
			*find_slot(&larger, old->device, old->inode) = *old;
	}
	free(table->entries);
	*table = larger;
}

struct link_entry *link_table_find(struct link_table *table, uint64_t device, uint64_t inode)
{
	if (table->count >= table->room / 2)
		grow(table);
	return find_slot(table, device, inode);
}

void link_table_added(struct link_table *table)
{
	table->count++;
}

void link_table_free(struct link_table *table)
{
	size_t i;

	for (i = 0; i < table->room; i++)
		free(table->entries[i].path);
	free(table->entries);
	*table = (struct link_table){ .count = 0 };
}
