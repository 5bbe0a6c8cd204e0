/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scheme `pci:`: the PCI functions, laid out as programs know it from Linux's /sys/bus/pci.
 *
 *     devices/0000:00:02.0/       a directory for each function, with
 *         vendor device class ... what of its identity each name says
 *         resource                a line for each BAR, the ROM, each window: first, last, flags
 *         uevent                  identity and driver, as KEY=VALUE
 *         config                  its configuration space, raw
 *         info                    the same in words
 *         remove                  takes it out of service when "1" is written
 *     slots/                      a directory for each slot: pci_scheme_slots.c
 *     rescan                      looks for new functions when "1" is written
 *     suspend_test                when "1" is written: devices fall asleep, lose their state, and wake
 */
#include "pci_bus.h"
#include "pci_priv.h"
#include "pci_slots.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <dev/dev.h>
#include <mm/phys/slab.h>
#include <mm/vm/user.h>
#include <scheme/credentials.h>
#include <scheme/file.h>
#include <scheme/scheme.h>
#include <scheme/text.h>

#define NODES_PER_DEVICE 32 /* numbers of nodes */
#define NAME_SIZE        24
#define PUBLIC_SIZE      64 /* what of the configuration everybody may read */
#define RESOURCE_COUNT   13 /* 6 BARs, the ROM, 2 unused, from 7 the windows of bridges */
#define RESOURCE_WINDOWS 7
#define FLAG_PORTS       0x100
#define FLAG_MEMORY      0x200
#define FLAG_PREFETCH    0x2000
#define FLAG_WIDE        0x100000

typedef unsigned long long llu;

struct pci_file {
	const char *name;
	uint32_t mode;
	void (*generate)(struct text *text, const struct device *device);
	int (*command)(struct device *device); /* "1" was written */
	const struct node_ops *ops;            /* NULL: text */
};

struct pci_node {
	struct node node;
	struct device *device; /* a reference, or NULL */
	const struct pci_file *file;
};

static struct pci_node *pci_node_of(struct node *node)
{
	return container_of(node, struct pci_node, node);
}

/* --- Texts ----------------------------------------------------------------------------------- */

static void print_vendor(struct text *text, const struct device *device)
{
	text_print(text, "0x%04x\n", device->pci.vendor);
}

static void print_device(struct text *text, const struct device *device)
{
	text_print(text, "0x%04x\n", device->pci.device);
}

static void print_subsystem_vendor(struct text *text, const struct device *device)
{
	text_print(text, "0x%04x\n", device->pci.subsystem_vendor);
}

static void print_subsystem(struct text *text, const struct device *device)
{
	text_print(text, "0x%04x\n", device->pci.subsystem);
}

static void print_class(struct text *text, const struct device *device)
{
	text_print(text, "0x%06x\n", device->pci.class_code);
}

static void print_revision(struct text *text, const struct device *device)
{
	text_print(text, "0x%02x\n", device->pci.revision);
}

static void print_irq(struct text *text, const struct device *device)
{
	text_print(text, "%u\n", pci_read_config(&device->pci, PCI_INTERRUPT_LINE, 1));
}

static void print_resource(struct text *text, const struct device *device)
{
	const struct pci_bus *behind = device->pci.behind;

	for (unsigned i = 0; i < RESOURCE_COUNT; i++) {
		uint64_t base = 0, size = 0, flags = 0;

		if (i < DEVICE_RANGE_MAX && device->ranges[i].base) {
			const struct device_range *range = &device->ranges[i];

			base = range->base;
			size = range->size;
			flags = (range->kind == DEVICE_RANGE_PORTS ? FLAG_PORTS : FLAG_MEMORY) |
				(range->prefetchable ? FLAG_PREFETCH : 0) |
				(range->wide ? FLAG_WIDE : 0);
		} else if (behind && i >= RESOURCE_WINDOWS &&
			   i < RESOURCE_WINDOWS + PCI_WINDOW_COUNT) {
			const struct pci_window *window = &behind->windows[i - RESOURCE_WINDOWS];

			base = window->base;
			size = window->size;
			flags = window->kind == DEVICE_RANGE_PORTS ? FLAG_PORTS : FLAG_MEMORY;
		}
		text_print(text, "0x%016llx 0x%016llx 0x%016llx\n", size ? (llu)base : 0,
			   size ? (llu)(base + size - 1) : 0, size ? (llu)flags : 0);
	}
}

static void format_name(const struct device *device, char name[NAME_SIZE])
{
	const struct pci_function *pci = &device->pci;

	snprintf(name, NAME_SIZE, "%04x:%02x:%02x.%u", pci_domain(pci), pci->bus, pci->slot,
		 pci->function);
}

static void print_event(struct text *text, const struct device *device)
{
	const struct pci_function *pci = &device->pci;
	const struct driver *driver = device->driver;
	char name[NAME_SIZE];

	format_name(device, name);
	if (driver)
		text_print(text, "DRIVER=%s\n", driver->name);
	text_print(text,
		   "PCI_CLASS=%X\nPCI_ID=%04X:%04X\nPCI_SUBSYS_ID=%04X:%04X\nPCI_SLOT_NAME=%s\n",
		   pci->class_code, pci->vendor, pci->device, pci->subsystem_vendor, pci->subsystem,
		   name);
}

static int text_generate(struct node *node, struct text *text)
{
	struct pci_node *own = pci_node_of(node);

	if (!own->file->generate)
		return -EACCES;
	own->file->generate(text, own->device);
	return 0;
}

static ssize_t text_store(struct node *node, const char *bytes, size_t length)
{
	struct pci_node *own = pci_node_of(node);
	int error;

	if (!own->file->command)
		return -EACCES;
	if (length < 1 || length > 2 || bytes[0] != '1' || (length == 2 && bytes[1] != '\n'))
		return -EINVAL;
	error = own->file->command(own->device);
	return error ? error : (ssize_t)length;
}

static const struct text_file_ops text_ops = { .generate = text_generate, .store = text_store };

static ssize_t text_read(struct file *file, struct io *io, uint64_t offset)
{
	return text_file_read(file, io, offset, &text_ops);
}

static ssize_t text_write(struct file *file, struct io *io, uint64_t *offset)
{
	(void)offset;
	return text_file_write(file, io, &text_ops);
}

static int rescan(struct device *none)
{
	(void)none;
	return pci_rescan();
}

static int test_suspend(struct device *none)
{
	(void)none;
	return devices_test_suspend();
}

void pci_scheme_release(struct node *node)
{
	struct pci_node *own = pci_node_of(node);

	if (own->device)
		device_put(own->device);
	kfree(own);
}

static int set_attributes(struct node *node, const struct node_changes *changes)
{
	/* What is written to with O_TRUNC stays as long as it is. */
	if (changes->which & ~(unsigned)CHANGE_SIZE)
		node_store_changes(node, changes);
	return 0;
}

static const struct node_ops text_node_ops = {
	.release = pci_scheme_release,
	.set_attributes = set_attributes,
	.read = text_read,
	.write = text_write,
	.close = text_file_close,
};

/* --- Configuration space --------------------------------------------------------------------- */

/* The largest access that is aligned at `offset` and not longer than `length`. */
static unsigned access_size(uint64_t offset, uint64_t length)
{
	if (offset % 4 == 0 && length >= 4)
		return 4;
	return offset % 2 == 0 && length >= 2 ? 2 : 1;
}

static uint64_t visible_size(struct file *file, const struct device *device)
{
	return credentials_privileged(file->credentials) ? pci_config_size(&device->pci)
							 : PUBLIC_SIZE;
}

static ssize_t config_read(struct file *file, struct io *io, uint64_t offset)
{
	const struct device *device = pci_node_of(file->node)->device;
	uint64_t end = visible_size(file, device);
	ssize_t total = 0;

	while (offset < end && io_remaining(io)) {
		unsigned size = access_size(offset, min_u64(end - offset, io_remaining(io)));
		uint32_t value = device->gone
					 ? UINT32_MAX
					 : pci_read_config(&device->pci, (unsigned)offset, size);
		ssize_t done = io_put(io, &value, size);

		if (done < 0)
			return total ? total : done;
		offset += (uint64_t)done;
		total += done;
	}
	return total;
}

/* As on Linux, whoever may write may write anything: root, who is to know. */
static ssize_t config_write(struct file *file, struct io *io, uint64_t *offset)
{
	const struct device *device = pci_node_of(file->node)->device;
	uint64_t end = visible_size(file, device);
	ssize_t total = 0;

	if (device->gone)
		return -ENODEV;
	while (*offset < end && io_remaining(io)) {
		unsigned size = access_size(*offset, min_u64(end - *offset, io_remaining(io)));
		uint32_t value = 0;
		ssize_t done = io_take(io, &value, size);

		if (done < 0 || (unsigned)done < size)
			return total ? total : -EFAULT;
		pci_write_config(&device->pci, (unsigned)*offset, size, value);
		*offset += size;
		total += done;
	}
	return total ? total : -EINVAL;
}

static const struct node_ops config_ops = {
	.release = pci_scheme_release,
	.set_attributes = set_attributes,
	.read = config_read,
	.write = config_write,
};

/* --- Directories ----------------------------------------------------------------------------- */

static const struct pci_file device_files[] = {
	{ "class", MODE_FILE | 0444, print_class, NULL, NULL },
	{ "config", MODE_FILE | 0644, NULL, NULL, &config_ops },
	{ "device", MODE_FILE | 0444, print_device, NULL, NULL },
	{ "info", MODE_FILE | 0444, pci_describe, NULL, NULL },
	{ "irq", MODE_FILE | 0444, print_irq, NULL, NULL },
	{ "remove", MODE_FILE | 0200, NULL, pci_remove, NULL },
	{ "resource", MODE_FILE | 0444, print_resource, NULL, NULL },
	{ "revision", MODE_FILE | 0444, print_revision, NULL, NULL },
	{ "subsystem_device", MODE_FILE | 0444, print_subsystem, NULL, NULL },
	{ "subsystem_vendor", MODE_FILE | 0444, print_subsystem_vendor, NULL, NULL },
	{ "uevent", MODE_FILE | 0444, print_event, NULL, NULL },
	{ "vendor", MODE_FILE | 0444, print_vendor, NULL, NULL },
};

_Static_assert(array_length(device_files) < NODES_PER_DEVICE, "numbers");

/* Makes a node; takes over the reference to `device` if that works. */
static int make_node(struct node *directory, uint64_t number, const struct node_ops *ops,
		     uint32_t mode, struct device *device, const struct pci_file *file,
		     struct node **found)
{
	struct pci_node *own = kzalloc(sizeof(*own));

	if (!own)
		return -ENOMEM;
	node_init(&own->node, ops, directory->scheme, number, mode);
	if (node_is(&own->node, MODE_DIRECTORY)) {
		own->node.flags = NODE_NO_CACHE;
		own->node.links = 2;
	}
	own->device = device;
	own->file = file;
	*found = &own->node;
	return 0;
}

static int look_up_file(struct node *directory, const struct pci_file *files, size_t count,
			uint64_t first_number, const char *name, size_t length, struct node **found)
{
	struct device *device = pci_node_of(directory)->device;
	int error;

	for (size_t i = 0; i < count; i++) {
		if (strlen(files[i].name) != length || memcmp(files[i].name, name, length) != 0)
			continue;
		if (device)
			device_get(device);
		error = make_node(directory, first_number + i,
				  files[i].ops ? files[i].ops : &text_node_ops, files[i].mode,
				  device, &files[i], found);
		if (error && device)
			device_put(device);
		if (!error && files[i].ops == &config_ops)
			(*found)->size = pci_config_size(&device->pci);
		return error;
	}
	return -ENOENT;
}

static int list_files(const struct pci_file *files, size_t count, uint64_t first_number,
		      uint64_t *cookie, struct directory_sink *sink)
{
	for (; *cookie < count; ++*cookie) {
		const struct pci_file *file = &files[*cookie];

		if (!sink->entry(sink, file->name, strlen(file->name), first_number + *cookie,
				 file->mode & MODE_TYPE, *cookie + 1))
			break;
	}
	return 0;
}

static uint64_t device_number(const struct device *device)
{
	return device->id * NODES_PER_DEVICE;
}

static int device_look_up(struct node *directory, const char *name, size_t length,
			  struct node **found)
{
	const struct device *device = pci_node_of(directory)->device;

	return look_up_file(directory, device_files, array_length(device_files),
			    device_number(device) + 1, name, length, found);
}

static int device_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	const struct device *device = pci_node_of(file->node)->device;

	return list_files(device_files, array_length(device_files), device_number(device) + 1,
			  cookie, sink);
}

static const struct node_ops device_ops = {
	.release = pci_scheme_release,
	.lookup = device_look_up,
	.read_directory = device_read,
};

static int devices_look_up(struct node *directory, const char *name, size_t length,
			   struct node **found)
{
	char own_name[NAME_SIZE];
	int error;

	for (struct device *device = device_next(NULL); device; device = device_next(device)) {
		if (device->bus != DRIVER_BUS_PCI)
			continue;
		format_name(device, own_name);
		if (strlen(own_name) != length || memcmp(own_name, name, length) != 0)
			continue;
		error = make_node(directory, device_number(device), &device_ops,
				  MODE_DIRECTORY | 0555, device, NULL, found);
		if (error)
			device_put(device);
		return error;
	}
	return -ENOENT;
}

/* The cookie is the id of the device before. */
static int devices_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	struct device *device = device_after(*cookie);
	char name[NAME_SIZE];

	(void)file;
	for (; device; device = device_next(device)) {
		format_name(device, name);
		if (device->bus == DRIVER_BUS_PCI &&
		    !sink->entry(sink, name, strlen(name), device_number(device), MODE_DIRECTORY,
				 device->id)) {
			device_put(device);
			break;
		}
		*cookie = device->id;
	}
	return 0;
}

static const struct node_ops devices_ops = {
	.release = pci_scheme_release,
	.lookup = devices_look_up,
	.read_directory = devices_read,
};

static const struct pci_file root_files[] = {
	{ "devices", MODE_DIRECTORY | 0555, NULL, NULL, &devices_ops },
	{ "rescan", MODE_FILE | 0200, NULL, rescan, NULL },
	{ "slots", MODE_DIRECTORY | 0555, NULL, NULL, &pci_slots_ops },
	{ "suspend_test", MODE_FILE | 0200, NULL, test_suspend, NULL },
};

static int root_look_up(struct node *directory, const char *name, size_t length,
			struct node **found)
{
	return look_up_file(directory, root_files, array_length(root_files), 2, name, length,
			    found);
}

static int root_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	(void)file;
	return list_files(root_files, array_length(root_files), 2, cookie, sink);
}

static const struct node_ops root_ops = {
	.release = pci_scheme_release,
	.lookup = root_look_up,
	.read_directory = root_read,
};

static int pci_scheme_start(void)
{
	const unsigned flags = SCHEME_NO_EXECUTE | SCHEME_NO_DEVICES;
	struct scheme *scheme = scheme_create("pci", "pci", NULL, flags, NULL);
	struct pci_node *root = kzalloc(sizeof(*root));
	int error;

	if (!scheme || !root) {
		kfree(root);
		if (scheme)
			scheme_put(scheme);
		return -ENOMEM;
	}
	node_init(&root->node, &root_ops, scheme, 1, MODE_DIRECTORY | 0555);
	root->node.flags = NODE_NO_CACHE;
	root->node.links = 2;
	error = scheme_set_root(scheme, &root->node);
	if (!error)
		error = namespace_add(namespace_first(), scheme);
	if (error)
		scheme_put(scheme);
	return error;
}

SCHEME(pci) = { .name = "pci", .level = 20, .start = pci_scheme_start };
