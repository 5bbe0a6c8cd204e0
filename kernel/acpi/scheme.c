/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scheme `acpi:`: what firmware's tables hold.
 *
 *     tables/DSDT SSDT1 FACP ...  the tables, raw; Redox's longer names (DSDT-OEM-OEMTABLE, ids in
 *                                 hexadecimal) are found as well
 *     namespace/_SB_/PCI0/...     the name space: devices and scopes are directories, objects files that
 *                                 show type and value, methods files that take arguments
 *     call                        takes the path of a method, or of an object, and arguments
 *     devices                     a line for each device
 *     statistics                  what the interpreter has done, and holds
 */
#include "scheme_priv.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <mm/vm/user.h>
#include <scheme/scheme.h>

#define NUMBER_ROOT   1
#define NUMBER_FILES  2
#define NUMBER_TABLES 0x100
#define LONG_NAME     34 /* DSDT-424F43485320-4258504320202020 */

/* --- Nodes --- */

int acpi_node_make(struct node *directory, const struct node_ops *ops, uint64_t number,
		   uint32_t mode, struct acpi_node **made)
{
	struct acpi_node *self = kzalloc(sizeof(*self));

	if (!self)
		return -ENOMEM;
	node_init(&self->node, ops, directory->scheme, number, mode);
	if (node_is(&self->node, MODE_DIRECTORY)) {
		self->node.flags = NODE_NO_CACHE;
		self->node.links = 2;
	}
	*made = self;
	return 0;
}

void acpi_node_release(struct node *node)
{
	struct acpi_node *self = acpi_node_of(node);

	if (self->name)
		aml_node_release(acpi_aml(), self->name);
	kfree(self);
}

int acpi_node_set_attributes(struct node *node, const struct node_changes *changes)
{
	if (changes->which & ~(unsigned)CHANGE_SIZE)
		node_store_changes(node, changes);
	return 0;
}

static int generate(struct node *node, struct text *text)
{
	struct acpi_node *self = acpi_node_of(node);

	return self->generate(self, text);
}

static ssize_t read_text(struct file *file, struct io *io, uint64_t offset)
{
	static const struct text_file_ops ops = { .generate = generate };

	return text_file_read(file, io, offset, &ops);
}

const struct node_ops acpi_text_ops = {
	.release = acpi_node_release,
	.set_attributes = acpi_node_set_attributes,
	.read = read_text,
	.close = text_file_close,
};

/* --- Tables --- */

static ssize_t read_table(struct file *file, struct io *io, uint64_t offset)
{
	const struct acpi_header *table = acpi_node_of(file->node)->table;

	if (offset >= table->length)
		return 0;
	return io_put(io, (const char *)table + offset, table->length - offset);
}

static const struct node_ops table_ops = {
	.release = acpi_node_release,
	.set_attributes = acpi_node_set_attributes,
	.read = read_table,
};

static void append_hexadecimal(char **at, const char *bytes, size_t count)
{
	*(*at)++ = '-';
	for (size_t i = 0; i < count; i++, *at += 2)
		snprintf(*at, 3, "%02X", (uint8_t)bytes[i]);
}

static bool has_long_name(const struct acpi_header *table, const char *name)
{
	char own[LONG_NAME + 1], *at = own + sizeof(table->signature);

	memcpy(own, table->signature, sizeof(table->signature));
	append_hexadecimal(&at, table->oem_id, sizeof(table->oem_id));
	append_hexadecimal(&at, table->oem_table_id, sizeof(table->oem_table_id));
	return !memcmp(own, name, LONG_NAME);
}

static bool has_name(const struct acpi_header *table, const char *name, size_t length)
{
	char own[ACPI_TABLE_NAME_SIZE];

	if (length == LONG_NAME)
		return has_long_name(table, name);
	acpi_table_name(table, own);
	return strlen(own) == length && !memcmp(own, name, length);
}

static int tables_look_up(struct node *directory, const char *name, size_t length,
			  struct node **found)
{
	const struct acpi_header *table;
	struct acpi_node *made;
	unsigned index = 0;
	int error;

	while ((table = acpi_table_at(index)) != NULL && !has_name(table, name, length))
		index++;
	if (!table)
		return -ENOENT;
	error = acpi_node_make(directory, &table_ops, NUMBER_TABLES + index, MODE_FILE | 0400,
			       &made);
	if (error)
		return error;
	made->table = table;
	made->node.size = table->length;
	*found = &made->node;
	return 0;
}

static int tables_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	const struct acpi_header *table;
	char name[ACPI_TABLE_NAME_SIZE];

	(void)file;
	for (; (table = acpi_table_at((unsigned)*cookie)) != NULL; ++*cookie) {
		acpi_table_name(table, name);
		if (!sink->entry(sink, name, strlen(name), NUMBER_TABLES + *cookie, MODE_FILE,
				 *cookie + 1))
			break;
	}
	return 0;
}

static const struct node_ops tables_ops = {
	.release = acpi_node_release,
	.lookup = tables_look_up,
	.read_directory = tables_read,
};

/* --- Texts --- */

static void print_device(struct text *text, const struct acpi_device *device)
{
	text_print(text, "%s", device->path);
	for (unsigned i = 0; i < ACPI_ID_MAX && device->ids[i][0]; i++)
		text_print(text, "%s%s", i ? "," : " id ", device->ids[i]);
	if (device->uid[0])
		text_print(text, " uid %s", device->uid);
	if (device->has_address)
		text_print(text, " address 0x%lx", device->address);
	text_print(text, " status 0x%x", device->status);
	if (device->gone)
		text_print(text, " gone");
	if (device->driver)
		text_print(text, " driver %s", device->driver->name);
	text_print(text, "\n");
}

static int generate_devices(struct acpi_node *self, struct text *text)
{
	struct acpi_device *device = NULL;

	(void)self;
	while ((device = acpi_device_next(device)) != NULL)
		print_device(text, device);
	return 0;
}

static int generate_statistics(struct acpi_node *self, struct text *text)
{
	uint64_t time, operations;

	(void)self;
	if (!acpi_aml())
		return -ENODEV;
	acpi_read_load(&time, &operations);
	text_print(text, "operations %lu\nmemory %zu\nload_ns %lu\nload_operations %lu\n",
		   aml_operations(acpi_aml()), aml_memory_used(acpi_aml()), time, operations);
	return 0;
}

/* --- The root --- */

static const struct {
	const char *name;
	const struct node_ops *ops;
	uint32_t mode;
	int (*generate)(struct acpi_node *self, struct text *text);
	bool evaluates; /* there only with an interpreter */
} files[] = {
	{ "call", &acpi_call_ops, MODE_FILE | 0600, NULL, true },
	{ "devices", &acpi_text_ops, MODE_FILE | 0444, generate_devices, false },
	{ "namespace", &acpi_names_ops, MODE_DIRECTORY | 0555, NULL, true },
	{ "statistics", &acpi_text_ops, MODE_FILE | 0444, generate_statistics, true },
	{ "tables", &tables_ops, MODE_DIRECTORY | 0555, NULL, false },
};

static int root_look_up(struct node *directory, const char *name, size_t length,
			struct node **found)
{
	for (unsigned i = 0; i < array_length(files); i++) {
		struct acpi_node *made;
		int error;

		if (strlen(files[i].name) != length || memcmp(files[i].name, name, length) != 0 ||
		    (files[i].evaluates && !acpi_aml()))
			continue;
		error = acpi_node_make(directory, files[i].ops, NUMBER_FILES + i, files[i].mode,
				       &made);
		if (error)
			return error;
		made->generate = files[i].generate;
		if (files[i].ops == &acpi_call_ops)
			made->node.flags |= NODE_STREAM;
		*found = &made->node;
		return 0;
	}
	return -ENOENT;
}

static int root_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	(void)file;
	for (; *cookie < array_length(files); ++*cookie) {
		const char *name = files[*cookie].name;

		if ((!files[*cookie].evaluates || acpi_aml()) &&
		    !sink->entry(sink, name, strlen(name), NUMBER_FILES + *cookie,
				 files[*cookie].mode & MODE_TYPE, *cookie + 1))
			break;
	}
	return 0;
}

static const struct node_ops root_ops = {
	.lookup = root_look_up,
	.read_directory = root_read,
};

static int start(void)
{
	static const struct scheme_ops ops = { 0 };

	return scheme_start_directory("acpi", &ops, &root_ops, NUMBER_ROOT, 0);
}

SCHEME(acpi) = { .name = "acpi", .level = 20, .start = start };
