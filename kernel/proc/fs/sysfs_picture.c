/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /sys/firmware/acpi/bgrt: the picture that firmware showed at boot, as Linux shows it. Machines without one
 * have an empty directory. */
#include "sysfs_things.h"

#include <acpi/located.h>
#include <base/errno.h>
#include <base/string.h>

#define CHUNK 512

#define NUMBER_FILE(identifier, field)                                              \
	static int generate_##identifier(struct proc_node *node, struct text *text) \
	{                                                                           \
		(void)node;                                                         \
		text_print(text, "%u\n", acpi_located()->picture.field);            \
		return 0;                                                           \
	}

NUMBER_FILE(status, status)
NUMBER_FILE(type, type)
NUMBER_FILE(version, version)
NUMBER_FILE(x, x)
NUMBER_FILE(y, y)

static ssize_t read_image(struct file *file, struct io *io, uint64_t offset)
{
	uint8_t chunk[CHUNK];
	size_t size = acpi_read_boot_picture(chunk, sizeof(chunk), offset);

	(void)file;
	return size ? io_put(io, chunk, size) : 0;
}

static const struct node_ops image_ops = { .release = proc_release, .read = read_image };

static const struct proc_entry files[] = {
	{ .name = "image", .mode = MODE_FILE | 0444, .ops = &image_ops },
	{ .name = "status", .mode = MODE_FILE | 0444, .generate = generate_status },
	{ .name = "type", .mode = MODE_FILE | 0444, .generate = generate_type },
	{ .name = "version", .mode = MODE_FILE | 0444, .generate = generate_version },
	{ .name = "xoffset", .mode = MODE_FILE | 0444, .generate = generate_x },
	{ .name = "yoffset", .mode = MODE_FILE | 0444, .generate = generate_y },
};

static bool describe(int id, unsigned index, struct sysfs_thing *thing)
{
	const struct acpi_boot_picture *picture = &acpi_located()->picture;

	(void)id;
	if (!picture->present || (files[index].ops && picture->length == 0))
		return false;
	string_copy(thing->name, files[index].name, sizeof(thing->name));
	thing->entry = &files[index];
	thing->id = 0;
	return true;
}

static const struct sysfs_things things = {
	.limit = array_length(files),
	.describe = describe,
};

SYSFS_THINGS_OPS(, sysfs_picture_ops, things);
