/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Block devices in /sys: /sys/block has a directory for each disk, with directories of its
 * partitions in it; /sys/class/block and /sys/dev/block have links to them all. `fd` of a node is
 * the device's number, so that a node of a device that has gone finds nothing.
 */
#include "proc_fs.h"

#include <base/errno.h>
#include <base/string.h>
#include <block/block.h>
#include <block/disk.h>
#include <scheme/scheme.h>

typedef unsigned long long llu;

#define READ_AHEAD_KIB 128

static int number_of(const struct block_device *device)
{
	return (int)node_device(device->major, device->minor);
}

/* A reference; NULL: it has gone. */
static struct block_device *device_of(const struct proc_node *node)
{
	const uint64_t number = (unsigned)node->fd;

	return block_device_find_number(node_device_major(number), node_device_minor(number));
}

/* --- Attributes. --- */

static void print_size(struct text *text, struct block_device *device)
{
	text_print(text, "%llu\n", (llu)device->sector_count);
}

static void print_start(struct text *text, struct block_device *device)
{
	text_print(text, "%llu\n", (llu)device->start);
}

static void print_partition(struct text *text, struct block_device *device)
{
	text_print(text, "%u\n", device->partition);
}

static void print_number(struct text *text, struct block_device *device)
{
	text_print(text, "%u:%u\n", device->major, device->minor);
}

static void print_read_only(struct text *text, struct block_device *device)
{
	text_print(text, "%u\n", device->read_only);
}

static void print_removable(struct text *text, struct block_device *device)
{
	text_print(text, "%u\n", device->limits->removable);
}

static void print_rotational(struct text *text, struct block_device *device)
{
	text_print(text, "%u\n", device->limits->rotational);
}

static void print_logical_size(struct text *text, struct block_device *device)
{
	text_print(text, "%u\n", device->limits->block_size);
}

static void print_physical_size(struct text *text, struct block_device *device)
{
	text_print(text, "%u\n", device->limits->physical_block_size);
}

static void print_discard_granularity(struct text *text, struct block_device *device)
{
	text_print(text, "%u\n",
		   device->limits->max_discard_sectors ? device->limits->block_size : 0);
}

static void print_discard_limit(struct text *text, struct block_device *device)
{
	text_print(text, "%llu\n", (llu)device->limits->max_discard_sectors << SECTOR_SHIFT);
}

static void print_write_cache(struct text *text, struct block_device *device)
{
	text_print(text, "%s\n", device->limits->volatile_cache ? "write back" : "write through");
}

static void print_read_ahead(struct text *text, struct block_device *device)
{
	(void)device;
	text_print(text, "%u\n", READ_AHEAD_KIB);
}

static void print_zero(struct text *text, struct block_device *device)
{
	(void)device;
	text_print(text, "0\n");
}

static void print_scheduler(struct text *text, struct block_device *device)
{
	(void)device;
	text_print(text, "[none]\n");
}

static void print_event(struct text *text, struct block_device *device)
{
	text_print(text, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\nDEVTYPE=%s\n", device->major,
		   device->minor, device->name, device->partition ? "partition" : "disk");
	if (device->partition)
		text_print(text, "PARTN=%u\n", device->partition);
}

static void print_model(struct text *text, struct block_device *device)
{
	text_print(text, "%s\n", block_disk_description(device)->model);
}

static void print_serial(struct text *text, struct block_device *device)
{
	text_print(text, "%s\n", block_disk_description(device)->serial);
}

static void print_revision(struct text *text, struct block_device *device)
{
	text_print(text, "%s\n", block_disk_description(device)->firmware);
}

/* Every attribute's file is of one kind, which finds out by its name what to print. */
static const struct attribute {
	const char *name;
	void (*print)(struct text *text, struct block_device *device);
} attributes[] = {
	{ "alignment_offset", print_zero },
	{ "dev", print_number },
	{ "discard_granularity", print_discard_granularity },
	{ "discard_max_bytes", print_discard_limit },
	{ "firmware_rev", print_revision },
	{ "hidden", print_zero },
	{ "hw_sector_size", print_logical_size },
	{ "logical_block_size", print_logical_size },
	{ "minimum_io_size", print_physical_size },
	{ "model", print_model },
	{ "optimal_io_size", print_zero },
	{ "partition", print_partition },
	{ "physical_block_size", print_physical_size },
	{ "read_ahead_kb", print_read_ahead },
	{ "removable", print_removable },
	{ "ro", print_read_only },
	{ "rotational", print_rotational },
	{ "scheduler", print_scheduler },
	{ "serial", print_serial },
	{ "size", print_size },
	{ "start", print_start },
	{ "stat", proc_print_block_statistics },
	{ "uevent", print_event },
	{ "write_cache", print_write_cache },
};

static int generate_attribute(struct proc_node *node, struct text *text)
{
	struct block_device *device = device_of(node);

	if (!device)
		return -ENODEV;
	for (unsigned i = 0; i < array_length(attributes); i++) {
		if (strcmp(attributes[i].name, node->entry->name) == 0)
			attributes[i].print(text, device);
	}
	block_device_put(device);
	return 0;
}

#define ATTRIBUTE(file_name)                                                                \
	{                                                                                   \
		.name = file_name, .mode = MODE_FILE | 0444, .generate = generate_attribute \
	}

static const struct proc_entry no_children[] = { { .name = NULL } };

static const struct proc_entry queue_children[] = {
	ATTRIBUTE("discard_granularity"), ATTRIBUTE("discard_max_bytes"),
	ATTRIBUTE("hw_sector_size"),      ATTRIBUTE("logical_block_size"),
	ATTRIBUTE("minimum_io_size"),     ATTRIBUTE("optimal_io_size"),
	ATTRIBUTE("physical_block_size"), ATTRIBUTE("read_ahead_kb"),
	ATTRIBUTE("rotational"),          ATTRIBUTE("scheduler"),
	ATTRIBUTE("write_cache"),         { .name = NULL },
};

static const struct proc_entry hardware_children[] = {
	ATTRIBUTE("firmware_rev"),
	ATTRIBUTE("model"),
	ATTRIBUTE("serial"),
	{ .name = NULL },
};

static const struct proc_entry partition_children[] = {
	ATTRIBUTE("alignment_offset"),
	ATTRIBUTE("dev"),
	{ .name = "holders", .mode = MODE_DIRECTORY | 0555, .children = no_children },
	ATTRIBUTE("partition"),
	ATTRIBUTE("ro"),
	ATTRIBUTE("size"),
	ATTRIBUTE("start"),
	ATTRIBUTE("stat"),
	ATTRIBUTE("uevent"),
	{ .name = NULL },
};

static const struct proc_entry partition_entry = {
	.name = "",
	.mode = MODE_DIRECTORY | 0555,
	.children = partition_children,
};

static const struct proc_entry disk_children[] = {
	ATTRIBUTE("alignment_offset"),
	ATTRIBUTE("dev"),
	{ .name = "device", .mode = MODE_DIRECTORY | 0555, .children = hardware_children },
	ATTRIBUTE("hidden"),
	{ .name = "holders", .mode = MODE_DIRECTORY | 0555, .children = no_children },
	{ .name = "queue", .mode = MODE_DIRECTORY | 0555, .children = queue_children },
	ATTRIBUTE("removable"),
	ATTRIBUTE("ro"),
	ATTRIBUTE("size"),
	{ .name = "slaves", .mode = MODE_DIRECTORY | 0555, .children = no_children },
	ATTRIBUTE("stat"),
	ATTRIBUTE("uevent"),
	{ .name = NULL },
};

/* --- Listing devices. --- */

struct listing {
	struct proc_node *directory;
	struct directory_sink *sink;
	uint64_t *cookie;
	uint64_t first, at;            /* cookies: of the first, of this one */
	const struct block_disk *disk; /* only its partitions, or NULL */
	bool disks_only;
	uint32_t type;                                     /* of the entries */
	void (*name)(const struct block_device *, char *); /* NULL: the device's */
};

static void name_by_number(const struct block_device *device, char *name)
{
	snprintf(name, BLOCK_NAME_MAX, "%u:%u", device->major, device->minor);
}

static bool list_device(struct block_device *device, void *argument)
{
	struct listing *listing = argument;
	char name[BLOCK_NAME_MAX];
	size_t length;

	if ((listing->disks_only && device->partition) ||
	    (listing->disk && (device->disk != listing->disk || !device->partition)))
		return true;
	if (listing->at++ < *listing->cookie)
		return true;
	if (listing->name)
		listing->name(device, name);
	else
		string_copy(name, device->name, sizeof(name));
	length = strlen(name);
	if (!listing->sink->entry(listing->sink, name, length,
				  proc_child_number(listing->directory, name, length),
				  listing->type, listing->at))
		return false;
	*listing->cookie = listing->at;
	return true;
}

static void list_devices(struct listing *listing)
{
	listing->at = listing->first;
	block_visit(list_device, listing);
}

/* Makes the node of what is called `name` in `parent`, for the device. */
static int make_node(struct proc_node *parent, const char *name, size_t length,
		     const struct proc_entry *entry, const struct block_device *device,
		     struct node **found)
{
	struct proc_node *created;
	int error = proc_node_create(parent, name, length, entry, NULL, &created);

	if (error)
		return error;
	created->fd = number_of(device);
	*found = &created->node;
	return 0;
}

static struct block_device *find_device(const char *name, size_t length)
{
	char copy[BLOCK_NAME_MAX];

	if (length >= sizeof(copy))
		return NULL;
	memcpy(copy, name, length);
	copy[length] = '\0';
	return block_device_find(copy);
}

/* --- A disk. --- */

static int disk_lookup(struct node *directory, const char *name, size_t length, struct node **found)
{
	struct proc_node *self = proc_node_of(directory);
	struct block_device *disk, *device;
	int error = proc_lookup_table(self, disk_children, name, length, found);

	if (error != -ENOENT)
		return error;
	disk = device_of(self);
	device = find_device(name, length);
	if (disk && device && device->disk == disk->disk && device->partition)
		error = make_node(self, name, length, &partition_entry, device, found);
	if (disk)
		block_device_put(disk);
	if (device)
		block_device_put(device);
	return error;
}

static int disk_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	struct proc_node *self = proc_node_of(file->node);
	struct block_device *disk = device_of(self);
	struct listing listing = {
		.directory = self,
		.sink = sink,
		.cookie = cookie,
		.first = array_length(disk_children),
		.type = MODE_DIRECTORY,
	};

	if (!disk)
		return 0;
	listing.disk = disk->disk;
	if (*cookie >= listing.first || proc_list_table(self, disk_children, cookie, sink)) {
		*cookie = max_u64(*cookie, listing.first);
		list_devices(&listing);
	}
	block_device_put(disk);
	return 0;
}

static const struct node_ops disk_ops = {
	.refresh = proc_refresh,
	.release = proc_release,
	.lookup = disk_lookup,
	.open = proc_open,
	.read_directory = disk_read,
};

static const struct proc_entry disk_entry = {
	.name = "",
	.mode = MODE_DIRECTORY | 0555,
	.ops = &disk_ops,
};

/* --- /sys/block. --- */

static int disks_lookup(struct node *directory, const char *name, size_t length,
			struct node **found)
{
	struct block_device *device = find_device(name, length);
	int error = -ENOENT;

	if (!device)
		return error;
	if (!device->partition)
		error = make_node(proc_node_of(directory), name, length, &disk_entry, device,
				  found);
	block_device_put(device);
	return error;
}

static int disks_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	struct listing listing = {
		.directory = proc_node_of(file->node),
		.sink = sink,
		.cookie = cookie,
		.disks_only = true,
		.type = MODE_DIRECTORY,
	};

	list_devices(&listing);
	return 0;
}

const struct node_ops sysfs_block_ops = {
	.refresh = proc_refresh,
	.release = proc_release,
	.lookup = disks_lookup,
	.open = proc_open,
	.read_directory = disks_read,
};

/* --- Links: /sys/class/block and /sys/dev/block. --- */

static ssize_t read_link(struct proc_node *node, char *buffer, size_t size)
{
	struct block_device *device = device_of(node);
	char text[2 * BLOCK_NAME_MAX + 24];
	int length;

	if (!device)
		return -ENOENT;
	if (device->partition)
		length = snprintf(text, sizeof(text), "../../block/%s/%s",
				  block_disk_device(device->disk)->name, device->name);
	else
		length = snprintf(text, sizeof(text), "../../block/%s", device->name);
	block_device_put(device);
	return proc_put_link(text, (size_t)length, buffer, size);
}

static const struct proc_entry link_entry = {
	.name = "",
	.mode = MODE_SYMLINK | 0777,
	.link = read_link,
};

static int links_lookup(struct node *directory, const char *name, size_t length,
			struct node **found)
{
	struct block_device *device = find_device(name, length);
	int error;

	if (!device)
		return -ENOENT;
	error = make_node(proc_node_of(directory), name, length, &link_entry, device, found);
	block_device_put(device);
	return error;
}

static int links_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	struct listing listing = {
		.directory = proc_node_of(file->node),
		.sink = sink,
		.cookie = cookie,
		.type = MODE_SYMLINK,
	};

	list_devices(&listing);
	return 0;
}

const struct node_ops sysfs_class_block_ops = {
	.refresh = proc_refresh,
	.release = proc_release,
	.lookup = links_lookup,
	.open = proc_open,
	.read_directory = links_read,
};

static int numbers_lookup(struct node *directory, const char *name, size_t length,
			  struct node **found)
{
	const char *colon = memchr(name, ':', length);
	struct block_device *device;
	uint32_t major, minor;
	int error;

	if (!colon || proc_parse_number(name, (size_t)(colon - name), &major) ||
	    proc_parse_number(colon + 1, length - (size_t)(colon + 1 - name), &minor))
		return -ENOENT;
	device = block_device_find_number(major, minor);
	if (!device)
		return -ENOENT;
	error = make_node(proc_node_of(directory), name, length, &link_entry, device, found);
	block_device_put(device);
	return error;
}

static int numbers_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	struct listing listing = {
		.directory = proc_node_of(file->node),
		.sink = sink,
		.cookie = cookie,
		.type = MODE_SYMLINK,
		.name = name_by_number,
	};

	list_devices(&listing);
	return 0;
}

const struct node_ops sysfs_dev_block_ops = {
	.refresh = proc_refresh,
	.release = proc_release,
	.lookup = numbers_lookup,
	.open = proc_open,
	.read_directory = numbers_read,
};
