/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disks: how they come, what they are called, and how they go. */
#include "block_priv.h"

#include <base/bits.h>
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>

#define TIMEOUT_DEFAULT_NS (30 * NS_PER_SECOND)
#define LETTERS            26u
/* As many disks as can have a name of one kind. */
#define DISKS_MAX 1024u

static struct list disks = LIST_INIT(disks); /* block_table_lock */

struct block_disk *block_disk_of(struct ddk_disk *handle)
{
	return container_of(handle, struct block_disk, handle);
}

struct block_device *block_disk_device(struct block_disk *disk)
{
	return disk->whole;
}

struct ddk_disk *block_disk_handle(struct block_device *device)
{
	return &device->disk->handle;
}

const struct ddk_disk_description *block_disk_description(const struct block_device *device)
{
	return &device->disk->description;
}

/* --- What a driver says of its disk. --- */

static bool is_sensible(const struct ddk_disk_description *description)
{
	return is_power_of_two(description->block_size) && description->block_size >= SECTOR_SIZE &&
	       description->block_size <= PAGE_SIZE && description->max_blocks > 0 &&
	       description->max_segments > 0 && description->max_segment_length >= PAGE_SIZE &&
	       description->queue_count > 0 && description->queue_count <= DDK_DISK_QUEUE_MAX &&
	       description->queue_depth > 0 && description->queue_depth <= DDK_DISK_DEPTH_MAX &&
	       is_power_of_two(description->segment_alignment) &&
	       description->segment_alignment <= description->block_size &&
	       (description->gap_alignment == 0 || is_power_of_two(description->gap_alignment)) &&
	       description->gap_alignment <= PAGE_SIZE && description->prefix &&
	       description->prefix[0] &&
	       description->block_count <= INT64_MAX / description->block_size;
}

static void trim_text(char *text, size_t size)
{
	size_t length = strnlen(text, size - 1);
	size_t blanks = 0;

	text[length] = '\0';
	while (length > 0 && text[length - 1] == ' ')
		text[--length] = '\0';
	while (text[blanks] == ' ')
		blanks++;
	memmove(text, text + blanks, length - blanks + 1);
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

bool block_disk_describe(struct block_disk *disk, const struct ddk_disk_description *from)
{
	struct ddk_disk_description *description = &disk->description;
	unsigned most;

	if (!is_sensible(from))
		return false;
	*description = *from;
	string_copy(disk->prefix, from->prefix, sizeof(disk->prefix));
	description->prefix = disk->prefix;
	trim_text(description->model, sizeof(description->model));
	trim_text(description->serial, sizeof(description->serial));
	trim_text(description->firmware, sizeof(description->firmware));
	description->max_segments = min_u32(from->max_segments, BLOCK_SEGMENTS_MAX);
	description->max_segment_length = (uint32_t)align_down(from->max_segment_length, PAGE_SIZE);
	if (!from->timeout_ns)
		description->timeout_ns = TIMEOUT_DEFAULT_NS;
	if (from->physical_block_size < from->block_size)
		description->physical_block_size = from->block_size;
	disk->queue_count = min_u32(from->queue_count, cpu_count());
	most = BLOCK_TAGS_MAX / disk->queue_count;
	description->queue_depth = min_u32(from->queue_depth, most);
	disk->block_shift = bit_highest(from->block_size) - SECTOR_SHIFT;
	disk->sector_count = from->block_count << disk->block_shift;
	disk->no_write_zeroes = from->max_write_zeroes_blocks == 0;
	disk->simple_length = min_u64(description->max_segment_length,
				      (uint64_t)from->max_blocks * from->block_size);
	disk->simple_mask = from->segment_alignment - 1;
	disk->simple_last = from->below_4g ? UINT32_MAX - disk->simple_length : UINT64_MAX;
	disk->limits = (struct block_limits){
		.block_size = from->block_size,
		.physical_block_size = description->physical_block_size,
		.max_discard_sectors = (uint64_t)from->max_discard_blocks << disk->block_shift,
		.volatile_cache = from->volatile_cache,
		.rotational = from->rotational,
		.removable = from->removable,
	};
	return true;
}

/* --- Names. --- */

/* 0 is "a", 26 "aa". */
static void append_letters(char *name, unsigned index)
{
	char letters[8];
	size_t at = sizeof(letters) - 1;

	letters[at] = '\0';
	for (index++; index > 0; index = (index - 1) / LETTERS)
		letters[--at] = (char)('a' + (index - 1) % LETTERS);
	string_copy(name + strlen(name), letters + at, BLOCK_NAME_MAX - strlen(name));
}

static int publish_with_letters(struct block_disk *disk)
{
	for (unsigned index = 0; index < DISKS_MAX; index++) {
		char name[BLOCK_NAME_MAX];
		int error;

		snprintf(name, sizeof(name), "%s", disk->prefix);
		append_letters(name, index);
		error = block_device_publish_locked(disk->whole, name);
		if (error != -EEXIST)
			return error;
	}
	return -ENOSPC;
}

/* Whether another controller's disks have the number; those of the same one give theirs. */
static bool number_is_taken(const struct block_disk *disk, unsigned number)
{
	struct list_node *node;

	list_for_each (node, &disks) {
		const struct block_disk *other = container_of(node, struct block_disk, node);

		if (other->controller != disk->controller && other->description.unit != 0 &&
		    other->controller_number == number && strcmp(other->prefix, disk->prefix) == 0)
			return true;
	}
	return false;
}

static unsigned choose_number(const struct block_disk *disk)
{
	struct list_node *node;
	unsigned number = 0;

	list_for_each (node, &disks) {
		const struct block_disk *other = container_of(node, struct block_disk, node);

		if (other->controller == disk->controller && other->description.unit != 0)
			return other->controller_number;
	}
	while (number_is_taken(disk, number))
		number++;
	return number;
}

static int publish_with_number(struct block_disk *disk)
{
	char name[BLOCK_NAME_MAX];

	disk->controller_number = choose_number(disk);
	snprintf(name, sizeof(name), "%.10s%un%u", disk->prefix, disk->controller_number,
		 disk->description.unit);
	return block_device_publish_locked(disk->whole, name);
}

static int publish(struct block_disk *disk, const char *name)
{
	int error;

	mutex_lock(&block_table_lock);
	if (name)
		error = block_device_publish_locked(disk->whole, name);
	else if (disk->description.unit == 0)
		error = publish_with_letters(disk);
	else
		error = publish_with_number(disk);
	if (!error)
		list_push_back(&disks, &disk->node);
	mutex_unlock(&block_table_lock);
	return error;
}

/* --- Coming. --- */

static void destroy(struct work *work)
{
	struct block_disk *disk = container_of(work, struct block_disk, destruction);

	block_queues_destroy(disk);
	block_bounce_destroy(disk);
	kfree(disk);
}

void block_disk_put(struct block_disk *disk)
{
	if (refcount_put(&disk->references))
		work_queue(&disk->destruction);
}

/* With one reference, the caller's. -EINVAL, -ENOMEM. */
static int allocate_disk(const struct ddk_disk_description *description, struct block_disk **made)
{
	struct block_disk *disk = kzalloc(sizeof(*disk));
	int error = -ENOMEM;

	if (!disk)
		return -ENOMEM;
	refcount_init(&disk->references, 1);
	work_init(&disk->destruction, destroy);
	list_init(&disk->devices);
	list_node_init(&disk->node);
	block_turn_init(&disk->turn);
	block_turn_init(&disk->asking);
	wait_queue_init(&disk->idle, "disk idle");
	wait_queue_init(&disk->service_waiters, "disk service");
	if (!block_disk_describe(disk, description)) {
		error = -EINVAL;
		goto err_disk;
	}
	if (block_queues_create(disk))
		goto err_disk;
	if (block_bounce_create(disk))
		goto err_queues;
	disk->whole = block_device_create(disk, 0, 0, disk->sector_count);
	if (!disk->whole)
		goto err_bounce;
	block_flush_init(disk);
	*made = disk;
	return 0;

err_bounce:
	block_bounce_destroy(disk);
err_queues:
	block_queues_destroy(disk);
err_disk:
	kfree(disk);
	return error;
}

static void log_disk(const struct block_disk *disk)
{
	const struct ddk_disk_description *description = &disk->description;

	log_info("block", "%s: %lu MiB, blocks of %u bytes%s%s%s, %u queues of %u",
		 disk->whole->name, (unsigned long)(disk->sector_count >> 11),
		 description->block_size, description->model[0] ? ", " : "", description->model,
		 description->read_only ? ", read-only" : "", disk->queue_count,
		 description->queue_depth);
}

int block_disk_create(const char *name, const void *controller,
		      const struct ddk_disk_description *description,
		      const struct ddk_disk_ops *ops, void *context, struct ddk_disk **made)
{
	struct block_disk *disk;
	int error = allocate_disk(description, &disk);

	if (error)
		return error;
	disk->handle = (struct ddk_disk){ .ops = ops, .context = context };
	disk->controller = controller;
	/* The driver gets requests before this returns, and may look at its handle. */
	*made = &disk->handle;
	error = block_service_start(disk);
	if (error)
		goto err_disk;
	block_turn_take(&disk->turn);
	error = publish(disk, name);
	if (!error) {
		log_disk(disk);
		block_scan_partitions(disk);
		disk->made = true;
		block_device_announce(disk->whole);
		block_partitions_announce(disk);
	}
	block_turn_end(&disk->turn);
	if (!error)
		return 0;
	block_service_stop(disk);
err_disk:
	block_device_put(disk->whole);
	block_disk_put(disk);
	return error;
}

/* --- Going, and shrinking. --- */

static void mark_gone(struct block_disk *disk)
{
	struct list_node *node;

	disk->gone = true;
	mutex_lock(&block_table_lock);
	list_remove(&disk->node);
	list_for_each (node, &disk->devices)
		container_of(node, struct block_device, disk_node)->gone = true;
	mutex_unlock(&block_table_lock);
}

static void wait_until_idle(struct block_disk *disk)
{
	struct waiter waiter;

	wait_begin(&disk->idle, &waiter);
	for (unsigned i = 0; i < disk->queue_count; i++)
		while (!block_queue_is_idle(&disk->queues[i]))
			wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
}

void block_disk_remove(struct ddk_disk *handle)
{
	struct block_disk *disk = block_disk_of(handle);
	struct block_device *whole = disk->whole;

	mark_gone(disk);
	if (disk->parked)
		block_turn_end(&disk->asking);
	for (unsigned i = 0; i < disk->queue_count; i++)
		block_dispatch(&disk->queues[i]);
	wait_until_idle(disk);
	block_service_stop(disk);
	/* Who asks the driver has seen that it is gone, or comes to an end. */
	block_turn_take(&disk->asking);
	block_turn_end(&disk->asking);
	block_turn_take(&disk->turn);
	block_partitions_remove(disk);
	block_device_withdraw(whole);
	block_device_announce_removal(whole);
	block_turn_end(&disk->turn);
	log_info("block", "%s: is gone", whole->name);
	block_device_put(whole);
	block_disk_put(disk);
}

void block_disk_resize(struct ddk_disk *handle, uint64_t block_count)
{
	struct block_disk *disk = block_disk_of(handle);
	uint64_t count = block_count << disk->block_shift;
	struct list_node *node;

	mutex_lock(&block_table_lock);
	log_notice("block", "%s: has %lu sectors now, had %lu", disk->whole->name,
		   (unsigned long)count, (unsigned long)disk->sector_count);
	disk->sector_count = count;
	list_for_each (node, &disk->devices) {
		struct block_device *device = container_of(node, struct block_device, disk_node);
		uint64_t room = device->start < count ? count - device->start : 0;

		device->sector_count =
			device->partition ? min_u64(room, device->table_count) : count;
	}
	mutex_unlock(&block_table_lock);
}

int block_disk_read_health(struct block_device *device, struct ddk_disk_health *health)
{
	struct block_disk *disk = device->disk;
	int error = -ENODEV;

	/* The driver stays until the turn ends. */
	block_turn_take(&disk->asking);
	if (!disk->gone)
		error = disk->handle.ops->read_health
				? disk->handle.ops->read_health(&disk->handle, health)
				: -EOPNOTSUPP;
	block_turn_end(&disk->asking);
	return error;
}
