/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Links in /dev/disk. Of two devices that say the same of themselves the one that came first has
 * the link.
 */
#include "disk_priv.h"

#include <base/format.h>
#include <base/string.h>
#include <block/disk.h>
#include <fs/file_system.h>
#include <mm/phys/slab.h>
#include <partition/partition.h>
#include <scheme/device.h>

#define NAME_SIZE   192
#define TARGET_SIZE (BLOCK_NAME_MAX + 8)

struct facts {
	char texts[LINK_COUNT][NAME_SIZE / 2]; /* "": unknown */
};

static const char *const folders[LINK_COUNT] = {
	[LINK_IDENTIFIER] = "by-id",
	[LINK_PARTITION_IDENTITY] = "by-partuuid",
	[LINK_PARTITION_LABEL] = "by-partlabel",
	[LINK_UUID] = "by-uuid",
	[LINK_LABEL] = "by-label",
};

static bool is_plain(char character)
{
	return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
	       (character >= '0' && character <= '9') || strchr("#+-.:=@_", character);
}

/* As udev writes names: what is not plain is \xNN. */
static void append_encoded(char *name, size_t size, const char *text)
{
	size_t length = strlen(name);

	for (; *text && length + 5 < size; text++) {
		if (is_plain(*text))
			length += (size_t)snprintf(name + length, size - length, "%c", *text);
		else
			length += (size_t)snprintf(name + length, size - length, "\\x%02x",
						   (unsigned char)*text);
	}
}

/* Whitespace within a model's name becomes one '_'. */
static void append_words(char *text, size_t size, const char *words)
{
	size_t length = strlen(text);

	for (; *words && length + 1 < size; words++) {
		if (*words != ' ')
			text[length++] = *words;
		else if (length && text[length - 1] != '_' && words[1])
			text[length++] = '_';
	}
	text[length] = '\0';
}

static void describe_disk(const struct block_device *device, char *text, size_t size)
{
	const struct ddk_disk_description *description = block_disk_description(device);

	if (!description->model[0] || !description->serial[0])
		return;
	snprintf(text, size, "%s-",
		 strcmp(description->prefix, "sd") == 0 ? "ata" : description->prefix);
	append_words(text, size, description->model);
	append_words(text, size, "_");
	append_words(text, size, description->serial);
	if (device->partition)
		snprintf(text + strlen(text), size - strlen(text), "-part%u", device->partition);
}

static void gather(struct block_device *device, struct facts *facts)
{
	struct file_system_identity identity;
	const struct file_system *type;
	const size_t size = sizeof(facts->texts[0]);

	memset(facts, 0, sizeof(*facts));
	describe_disk(device, facts->texts[LINK_IDENTIFIER], size);
	if (device->partition) {
		partition_identity_text(device->type, device->identity,
					facts->texts[LINK_PARTITION_IDENTITY]);
		string_copy(facts->texts[LINK_PARTITION_LABEL], device->label, size);
	}
	if (file_system_probe(device, &type, &identity))
		return;
	string_copy(facts->texts[LINK_UUID], identity.uuid, size);
	string_copy(facts->texts[LINK_LABEL], identity.label, size);
}

static void name_target(const struct block_device *device, char target[TARGET_SIZE])
{
	snprintf(target, TARGET_SIZE, "../../%s", device->name);
}

static void remove_link(struct block_links *links, unsigned which, const char *target)
{
	if (!links->names[which])
		return;
	device_link_remove(links->names[which], target);
	kfree(links->names[which]);
	links->names[which] = NULL;
}

void block_links_update(struct block_links *links, struct block_device *device)
{
	struct facts *facts = kmalloc(sizeof(*facts));
	char target[TARGET_SIZE];

	if (!facts)
		return;
	name_target(device, target);
	gather(device, facts);
	for (unsigned i = 0; i < LINK_COUNT; i++) {
		char name[NAME_SIZE * 2];

		snprintf(name, sizeof(name), "disk/%s/", folders[i]);
		append_encoded(name, sizeof(name), facts->texts[i]);
		if (links->names[i] && strcmp(links->names[i], name) == 0)
			continue;
		remove_link(links, i, target);
		if (!facts->texts[i][0] || device_link_add(name, target))
			continue;
		links->names[i] = kstrdup(name);
		if (!links->names[i])
			device_link_remove(name, target);
	}
	kfree(facts);
}

void block_links_remove(struct block_links *links, const struct block_device *device)
{
	char target[TARGET_SIZE];

	name_target(device, target);
	for (unsigned i = 0; i < LINK_COUNT; i++)
		remove_link(links, i, target);
}
