/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The slots in scheme `pci:`, as Linux shows them:
 *
 *     slots/3/address     0000:00:03, without a function
 *             adapter     1: a card is in service there
 *             power       the same; "0" has firmware eject the card, "1" looks for one
 */
#include "pci_acpi.h"
#include "pci_priv.h"
#include "pci_slot.h"
#include "pci_slots.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/file.h>
#include <scheme/text.h>

#define NUMBER_BASE  (1ull << 48) /* above those of devices */
#define FILES_SHIFT  4
#define DIRECTORY    0 /* which of a slot's nodes */
#define FILE_ADDRESS 1
#define FILE_ADAPTER 2
#define FILE_POWER   3

struct slot_node {
	struct node node;
	struct pci_slot_info info;
	unsigned which;
};

static const char *const file_names[] = {
	[FILE_ADDRESS] = "address",
	[FILE_ADAPTER] = "adapter",
	[FILE_POWER] = "power",
};

static struct slot_node *slot_node_of(struct node *node)
{
	return container_of(node, struct slot_node, node);
}

static uint64_t number_of(const struct pci_slot_info *info, unsigned which)
{
	return NUMBER_BASE | (uint64_t)info->segment << 32 |
	       (uint64_t)(info->bus << 8 | info->slot) << FILES_SHIFT | which;
}

/* --- Files --- */

static bool is_occupied(const struct pci_slot_info *info)
{
	for (struct device *device = device_next(NULL); device; device = device_next(device))
		if (device->bus == DRIVER_BUS_PCI && pci_domain(&device->pci) == info->segment &&
		    device->pci.bus == info->bus && device->pci.slot == info->slot) {
			device_put(device);
			return true;
		}
	return false;
}

static int generate(struct node *node, struct text *text)
{
	const struct slot_node *own = slot_node_of(node);

	if (own->which == FILE_ADDRESS)
		text_print(text, "%04x:%02x:%02x\n", own->info.segment, own->info.bus,
			   own->info.slot);
	else
		text_print(text, "%d\n", is_occupied(&own->info));
	return 0;
}

static int eject(void *name)
{
	return pci_acpi_eject(name);
}

static int check(void *name)
{
	pci_acpi_check(name);
	return 0;
}

static ssize_t store(struct node *node, const char *bytes, size_t length)
{
	const struct slot_node *own = slot_node_of(node);
	int error;

	if (own->which != FILE_POWER || !own->info.firmware)
		return -EACCES;
	if (length < 1 || length > 2 || (length == 2 && bytes[1] != '\n') ||
	    (bytes[0] != '0' && bytes[0] != '1'))
		return -EINVAL;
	error = pci_hotplug_call(bytes[0] == '0' ? eject : check, own->info.firmware);
	return error ? error : (ssize_t)length;
}

static const struct text_file_ops text_ops = { .generate = generate, .store = store };

static ssize_t text_read(struct file *file, struct io *io, uint64_t offset)
{
	return text_file_read(file, io, offset, &text_ops);
}

static ssize_t text_write(struct file *file, struct io *io, uint64_t *offset)
{
	(void)offset;
	return text_file_write(file, io, &text_ops);
}

static int set_attributes(struct node *node, const struct node_changes *changes)
{
	/* What is written to with O_TRUNC stays as long as it is. */
	if (changes->which & ~(unsigned)CHANGE_SIZE)
		node_store_changes(node, changes);
	return 0;
}

static void release(struct node *node)
{
	kfree(slot_node_of(node));
}

static const struct node_ops file_ops = {
	.release = release,
	.set_attributes = set_attributes,
	.read = text_read,
	.write = text_write,
	.close = text_file_close,
};

/* --- Directories --- */

static int make_node(struct node *directory, const struct pci_slot_info *info, unsigned which,
		     const struct node_ops *ops, uint32_t mode, struct node **found)
{
	struct slot_node *own = kzalloc(sizeof(*own));

	if (!own)
		return -ENOMEM;
	node_init(&own->node, ops, directory->scheme, number_of(info, which), mode);
	if (which == DIRECTORY) {
		own->node.flags = NODE_NO_CACHE;
		own->node.links = 2;
	}
	own->info = *info;
	own->which = which;
	*found = &own->node;
	return 0;
}

static bool is_name(const char *name, const char *wanted, size_t length)
{
	return strlen(name) == length && memcmp(name, wanted, length) == 0;
}

static int slot_look_up(struct node *directory, const char *name, size_t length,
			struct node **found)
{
	const struct pci_slot_info *info = &slot_node_of(directory)->info;

	for (unsigned i = FILE_ADDRESS; i < array_length(file_names); i++)
		if (is_name(file_names[i], name, length))
			return make_node(directory, info, i, &file_ops,
					 MODE_FILE | (i == FILE_POWER ? 0644 : 0444), found);
	return -ENOENT;
}

static int slot_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	const struct pci_slot_info *info = &slot_node_of(file->node)->info;

	for (; *cookie + FILE_ADDRESS < array_length(file_names); ++*cookie) {
		const char *name = file_names[*cookie + FILE_ADDRESS];

		if (!sink->entry(sink, name, strlen(name),
				 number_of(info, (unsigned)*cookie + FILE_ADDRESS), MODE_FILE,
				 *cookie + 1))
			break;
	}
	return 0;
}

static const struct node_ops slot_ops = {
	.release = release,
	.lookup = slot_look_up,
	.read_directory = slot_read,
};

static int slots_look_up(struct node *directory, const char *name, size_t length,
			 struct node **found)
{
	struct pci_slot_info info;

	for (unsigned i = 0; pci_slot_info(i, &info); i++)
		if (is_name(info.name, name, length))
			return make_node(directory, &info, DIRECTORY, &slot_ops,
					 MODE_DIRECTORY | 0555, found);
	return -ENOENT;
}

static int slots_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	struct pci_slot_info info;

	(void)file;
	for (; pci_slot_info((unsigned)*cookie, &info); ++*cookie)
		if (!sink->entry(sink, info.name, strlen(info.name), number_of(&info, DIRECTORY),
				 MODE_DIRECTORY, *cookie + 1))
			break;
	return 0;
}

const struct node_ops pci_slots_ops = {
	.release = pci_scheme_release,
	.lookup = slots_look_up,
	.read_directory = slots_read,
};
