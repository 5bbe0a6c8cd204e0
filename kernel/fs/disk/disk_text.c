/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sys:blkid`: what is on each device. */
#include "disk_priv.h"

#include <fs/file_system.h>
#include <partition/partition.h>
#include <scheme/text.h>

/* Values come from disks; what could be taken for a value's end is left out. */
static void print_value(struct text *text, const char *name, const char *value)
{
	if (!*value)
		return;
	text_print(text, " %s=\"", name);
	for (; *value; value++) {
		if (*value >= ' ' && *value < 0x7f && *value != '"' && *value != '\\')
			text_append(text, value, 1);
		else
			text_append(text, "_", 1);
	}
	text_append(text, "\"", 1);
}

static void print_file_system(struct text *text, struct block_device *device)
{
	struct file_system_identity identity;
	const struct file_system *type;

	if (file_system_probe(device, &type, &identity))
		return;
	print_value(text, "LABEL", identity.label);
	print_value(text, "UUID", identity.uuid);
	print_value(text, "VERSION", identity.version);
	if (identity.block_size)
		text_print(text, " BLOCK_SIZE=\"%u\"", identity.block_size);
	print_value(text, "TYPE", type->name);
}

static bool print_device(struct block_device *device, void *argument)
{
	struct text *text = argument;
	char identity[PARTITION_GUID_TEXT];

	text_print(text, "%s:", device->name);
	print_file_system(text, device);
	if (device->partition) {
		partition_identity_text(device->type, device->identity, identity);
		print_value(text, "PARTLABEL", device->label);
		print_value(text, "PARTUUID", identity);
	}
	text_append(text, "\n", 1);
	return true;
}

static int generate_blkid(struct text *text)
{
	block_visit(print_device, text);
	return 0;
}

SYS_TEXT(blkid) = { .name = "blkid", .generate = generate_blkid };
