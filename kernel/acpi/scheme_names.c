/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The name space as directories. A node holds its name, which may go meanwhile with the table that made it.
 * Entries are gathered under the interpreter's lock, and passed on without: they may go to a program's
 * memory.
 */
#include "scheme_priv.h"

#include <aml/text.h>
#include <base/errno.h>
#include <base/string.h>
#include <scheme/random.h>

#include <stdatomic.h>

#define NAME_SIZE 4
#define BATCH     32

/* Lower case: no name of firmware's is. */
static const char device_file[] = "device";

struct entry {
	char name[NAME_SIZE + 1];
	uint64_t number;
	uint32_t mode_type;
};

/* A number of its own, which does not tell where the kernel's memory is: a bijection that only this boot has.
 * `which`: 1 of the device's own file. */
static uint64_t number_of(const struct aml_node *name, unsigned which)
{
	static _Atomic uint64_t secret;
	uint64_t number = 0;

	if (!atomic_load(&secret)) {
		uint64_t random;

		random_bytes(&random, sizeof(random));
		random |= 1;
		atomic_compare_exchange_strong(&secret, &number, random);
	}
	number = ((uintptr_t)name + which) * atomic_load(&secret);
	for (unsigned round = 0; round < 3; round++)
		number = (number ^ number >> 29) * atomic_load(&secret);
	return number ^ number >> 32;
}

static bool is_device(enum aml_type type)
{
	return type == AML_DEVICE || type == AML_PROCESSOR || type == AML_THERMAL_ZONE ||
	       type == AML_POWER_RESOURCE;
}

/* Aliases of directories are files, so that each has one place. */
static bool is_directory(struct aml_node *name)
{
	enum aml_type type = aml_node_type(name);

	return (type == AML_SCOPE || is_device(type)) && aml_node_target(name) == name;
}

static bool has_value(enum aml_type type)
{
	return type == AML_INTEGER || type == AML_STRING || type == AML_BUFFER ||
	       type == AML_PACKAGE || type == AML_FIELD_UNIT || type == AML_BUFFER_FIELD;
}

/* --- Files --- */

static int generate_object(struct acpi_node *self, struct text *text)
{
	enum aml_type type = aml_node_type(self->name);
	struct aml_object *value = NULL;
	char path[ACPI_PATH_MAX];
	struct aml_node *target;
	int error;

	if (has_value(type)) {
		error = aml_evaluate(acpi_aml(), self->name, NULL, 0, &value);
		acpi_print_result(text, error, value);
		aml_put(acpi_aml(), value);
		return 0;
	}
	target = aml_node_target(self->name);
	if (!target)
		return -ENODEV;
	text_print(text, "%s", aml_type_name(type));
	if (target != self->name) {
		aml_node_path(target, path, sizeof(path));
		text_print(text, " %s", path);
	}
	text_print(text, "\n");
	return 0;
}

static int generate_device(struct acpi_node *self, struct text *text)
{
	const struct acpi_device *device = acpi_device_of(self->name);

	text_print(text, "type %s\n", aml_type_name(aml_node_type(self->name)));
	if (!device)
		return 0;
	for (unsigned i = 0; i < ACPI_ID_MAX && device->ids[i][0]; i++)
		text_print(text, "id %s\n", device->ids[i]);
	if (device->uid[0])
		text_print(text, "uid %s\n", device->uid);
	if (device->has_address)
		text_print(text, "address 0x%lx\n", device->address);
	text_print(text, "status 0x%x\n", device->status);
	if (device->driver)
		text_print(text, "driver %s\n", device->driver->name);
	return 0;
}

/* --- Directories --- */

static int make(struct node *directory, struct aml_node *name, struct node **found)
{
	bool is_method = aml_node_type(name) == AML_METHOD, is_folder = is_directory(name);
	struct acpi_node *made;
	int error = acpi_node_make(directory,
				   is_folder   ? &acpi_names_ops
				   : is_method ? &acpi_call_ops
					       : &acpi_text_ops,
				   number_of(name, 0),
				   is_folder   ? MODE_DIRECTORY | 0555
				   : is_method ? MODE_FILE | 0600
					       : MODE_FILE | 0400,
				   &made);

	if (error)
		return error;
	aml_node_hold(acpi_aml(), name);
	made->name = name;
	made->generate = generate_object;
	if (is_method)
		made->node.flags |= NODE_STREAM;
	*found = &made->node;
	return 0;
}

static int make_device_file(struct node *directory, struct node **found)
{
	struct aml_node *name = acpi_node_of(directory)->name;
	struct acpi_node *made;
	int error;

	if (!name || !is_device(aml_node_type(name)))
		return -ENOENT;
	error = acpi_node_make(directory, &acpi_text_ops, number_of(name, 1), MODE_FILE | 0444,
			       &made);
	if (error)
		return error;
	aml_node_hold(acpi_aml(), name);
	made->name = name;
	made->generate = generate_device;
	*found = &made->node;
	return 0;
}

static bool is_called(struct aml_node *node, const char *name, size_t length)
{
	char own[NAME_SIZE + 1];

	aml_node_name(node, own);
	/* Trailing underscores are filling. */
	for (size_t i = length; i < NAME_SIZE; i++)
		if (own[i] != '_')
			return false;
	return length <= NAME_SIZE && !memcmp(own, name, length);
}

static int names_look_up(struct node *directory, const char *name, size_t length,
			 struct node **found)
{
	struct aml_node *parent = acpi_node_of(directory)->name, *child = NULL;
	struct aml *aml = acpi_aml();
	int error = -ENOENT;

	if (length == strlen(device_file) && !memcmp(name, device_file, length))
		return make_device_file(directory, found);
	aml_lock(aml);
	if (!parent || !aml_node_is_gone(aml, parent)) {
		do
			child = aml_child(aml, parent, child);
		while (child && !is_called(child, name, length));
	}
	if (child)
		error = make(directory, child, found);
	aml_unlock(aml);
	return error;
}

/* Stores up to BATCH children of `parent`, from number `first` on. */
static unsigned gather(struct aml_node *parent, uint64_t first, struct entry entries[BATCH])
{
	struct aml *aml = acpi_aml();
	struct aml_node *child = NULL;
	unsigned count = 0;

	aml_lock(aml);
	if (!parent || !aml_node_is_gone(aml, parent))
		child = aml_child(aml, parent, NULL);
	for (; child && count < BATCH; child = aml_child(aml, parent, child)) {
		if (first) {
			first--;
			continue;
		}
		aml_node_name(child, entries[count].name);
		entries[count].number = number_of(child, 0);
		entries[count++].mode_type = is_directory(child) ? MODE_DIRECTORY : MODE_FILE;
	}
	aml_unlock(aml);
	return count;
}

/* Cookie 1 is behind the device's own file, which comes first; then children are counted. */
static int names_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	struct aml_node *parent = acpi_node_of(file->node)->name;
	struct entry entries[BATCH];
	unsigned count;

	if (*cookie == 0) {
		if (parent && is_device(aml_node_type(parent)) &&
		    !sink->entry(sink, device_file, strlen(device_file), number_of(parent, 1),
				 MODE_FILE, 1))
			return 0;
		*cookie = 1;
	}
	while ((count = gather(parent, *cookie - 1, entries)) != 0) {
		for (unsigned i = 0; i < count; i++, ++*cookie)
			if (!sink->entry(sink, entries[i].name, NAME_SIZE, entries[i].number,
					 entries[i].mode_type, *cookie + 1))
				return 0;
	}
	return 0;
}

const struct node_ops acpi_names_ops = {
	.release = acpi_node_release,
	.lookup = names_look_up,
	.read_directory = names_read,
};
