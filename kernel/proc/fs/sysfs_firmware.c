/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /sys/firmware/acpi: the tables as files, for root, as acpidump and others look for them; those that were
 * loaded later are in `dynamic`. `fd` of a table's node is its index.
 */
#include "proc_fs.h"

#include <acpi/acpi.h>
#include <base/errno.h>
#include <base/string.h>
#include <mm/vm/user.h>
#include <scheme/scheme.h>

typedef const struct acpi_header *table_at(unsigned index);

static ssize_t read_bytes(const struct acpi_header *table, struct io *io, uint64_t offset)
{
	if (offset >= table->length)
		return 0;
	return io_put(io, (const char *)table + offset, table->length - offset);
}

static ssize_t table_read(struct file *file, struct io *io, uint64_t offset)
{
	return read_bytes(acpi_table_at((unsigned)proc_node_of(file->node)->fd), io, offset);
}

static ssize_t dynamic_read(struct file *file, struct io *io, uint64_t offset)
{
	return read_bytes(acpi_loaded_table_at((unsigned)proc_node_of(file->node)->fd), io, offset);
}

static const struct node_ops table_ops = { .release = proc_release, .read = table_read };
static const struct node_ops dynamic_ops = { .release = proc_release, .read = dynamic_read };

static const struct proc_entry table_entry = {
	.name = "",
	.mode = MODE_FILE | 0400,
	.ops = &table_ops,
};

static const struct proc_entry dynamic_entry = {
	.name = "",
	.mode = MODE_FILE | 0400,
	.ops = &dynamic_ops,
};

/* Finds a table by the name that its place in the list gives it. */
static int look_up(struct node *directory, const char *name, size_t length, table_at *at,
		   void (*name_of)(const struct acpi_header *table, char *name),
		   const struct proc_entry *entry, struct node **found)
{
	const struct acpi_header *table;
	struct proc_node *created;
	int error;

	for (unsigned index = 0; (table = at(index)) != NULL; index++) {
		char own[ACPI_TABLE_NAME_SIZE];

		name_of(table, own);
		if (strlen(own) != length || memcmp(own, name, length) != 0)
			continue;
		error = proc_node_create(proc_node_of(directory), name, length, entry, NULL,
					 &created);
		if (error)
			return error;
		created->fd = (int)index;
		created->node.size = table->length;
		*found = &created->node;
		return 0;
	}
	return -ENOENT;
}

/* Cookies are `first` and the index. */
static int list(struct file *file, uint64_t first, uint64_t *cookie, table_at *at,
		void (*name_of)(const struct acpi_header *table, char *name),
		struct directory_sink *sink)
{
	const struct acpi_header *table;

	for (; (table = at((unsigned)(*cookie - first))) != NULL; ++*cookie) {
		struct proc_node *self = proc_node_of(file->node);
		char name[ACPI_TABLE_NAME_SIZE];

		name_of(table, name);
		if (!sink->entry(sink, name, strlen(name),
				 proc_child_number(self, name, strlen(name)), MODE_FILE,
				 *cookie + 1))
			break;
	}
	return 0;
}

/* --- Tables that were loaded later --- */

static int loaded_look_up(struct node *directory, const char *name, size_t length,
			  struct node **found)
{
	return look_up(directory, name, length, acpi_loaded_table_at, acpi_loaded_table_name,
		       &dynamic_entry, found);
}

static int loaded_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	return list(file, 0, cookie, acpi_loaded_table_at, acpi_loaded_table_name, sink);
}

static const struct node_ops loaded_ops = {
	.release = proc_release,
	.lookup = loaded_look_up,
	.open = proc_open,
	.read_directory = loaded_read,
};

/* --- All others --- */

static const struct proc_entry tables_children[] = {
	{ .name = "dynamic", .mode = MODE_DIRECTORY | 0555, .ops = &loaded_ops },
	{ .name = NULL },
};

static int tables_look_up(struct node *directory, const char *name, size_t length,
			  struct node **found)
{
	int error =
		proc_lookup_table(proc_node_of(directory), tables_children, name, length, found);

	if (error != -ENOENT)
		return error;
	return look_up(directory, name, length, acpi_table_at, acpi_table_name, &table_entry,
		       found);
}

static int tables_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	const uint64_t first = array_length(tables_children) - 1;

	if (*cookie < first &&
	    !proc_list_table(proc_node_of(file->node), tables_children, cookie, sink))
		return 0;
	return list(file, first, cookie, acpi_table_at, acpi_table_name, sink);
}

static const struct node_ops tables_ops = {
	.release = proc_release,
	.lookup = tables_look_up,
	.open = proc_open,
	.read_directory = tables_read,
};

static const struct proc_entry acpi_children[] = {
	{ .name = "bgrt", .mode = MODE_DIRECTORY | 0555, .ops = &sysfs_picture_ops },
	{ .name = "tables", .mode = MODE_DIRECTORY | 0555, .ops = &tables_ops },
	{ .name = NULL },
};

const struct proc_entry sysfs_firmware_children[] = {
	{ .name = "acpi", .mode = MODE_DIRECTORY | 0555, .children = acpi_children },
	{ .name = NULL },
};
