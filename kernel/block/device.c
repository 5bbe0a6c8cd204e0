/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of block devices: finding, claiming, and telling listeners of them.
 *
 * Listeners hear of one device after the other, without any lock; a turn that is passed on keeps
 * the order.
 */
#include "block_priv.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/panic.h>
#include <mm/phys/slab.h>

#define MAJOR_RAM          1u
#define MAJOR_SCSI         8u
#define MAJOR_EXTENDED     259u
#define SCSI_MINORS        16u
#define EXTENDED_MINOR_MAX (1u << 20)

/* Guards the devices' places in the lists, their numbers and claims. Statically initialised as
 * mutex_init() would. */
static struct {
	struct list devices;   /* by id */
	struct list listeners; /* in the turn of those who tell */
	uint64_t last_id;
	struct block_turn telling; /* of those who tell the listeners something */
} table = { .devices = LIST_INIT(table.devices), .listeners = LIST_INIT(table.listeners) };

struct mutex block_table_lock;

void block_table_start(void)
{
	mutex_init(&block_table_lock, RANK_BLOCK_TABLE, "block devices");
	block_turn_init(&table.telling);
}

/* --- Devices. --- */

struct block_device *block_device_create(struct block_disk *disk, unsigned partition,
					 uint64_t start, uint64_t count)
{
	struct block_device *device = kzalloc(sizeof(*device));

	if (!device)
		return NULL;
	device->counters = kcalloc(disk->queue_count, sizeof(*device->counters));
	if (!device->counters) {
		kfree(device);
		return NULL;
	}
	refcount_get(&disk->references);
	refcount_init(&device->references, 1);
	device->disk = disk;
	device->partition = partition;
	device->start = start;
	device->sector_count = count;
	device->table_count = partition ? count : 0;
	device->limits = &disk->limits;
	device->read_only = disk->description.read_only;
	list_node_init(&device->disk_node);
	list_node_init(&device->table_node);
	return device;
}

void block_device_get(struct block_device *device)
{
	refcount_get(&device->references);
}

void block_device_put(struct block_device *device)
{
	struct block_disk *disk = device->disk;

	if (!refcount_put(&device->references))
		return;
	kfree(device->counters);
	kfree(device);
	block_disk_put(disk);
}

/* --- The table. --- */

static struct block_device *find_locked(const char *name)
{
	struct list_node *node;

	list_for_each (node, &table.devices) {
		struct block_device *device = container_of(node, struct block_device, table_node);

		if (strcmp(device->name, name) == 0)
			return device;
	}
	return NULL;
}

static struct block_device *find_number_locked(unsigned major, unsigned minor)
{
	struct list_node *node;

	list_for_each (node, &table.devices) {
		struct block_device *device = container_of(node, struct block_device, table_node);

		if (device->major == major && device->minor == minor)
			return device;
	}
	return NULL;
}

struct block_device *block_device_find(const char *name)
{
	struct block_device *device;

	mutex_lock(&block_table_lock);
	device = find_locked(name);
	if (device)
		block_device_get(device);
	mutex_unlock(&block_table_lock);
	return device;
}

struct block_device *block_device_find_number(unsigned major, unsigned minor)
{
	struct block_device *device;

	mutex_lock(&block_table_lock);
	device = find_number_locked(major, minor);
	if (device)
		block_device_get(device);
	mutex_unlock(&block_table_lock);
	return device;
}

/* "sda" is 0, "sdaa" 26; or UINT32_MAX. */
static unsigned letters_to_index(const char *letters)
{
	unsigned index = 0;

	for (; *letters >= 'a' && *letters <= 'z' && index < 1u << 16; letters++)
		index = index * 26 + (unsigned)(*letters - 'a') + 1;
	return *letters || index == 0 ? UINT32_MAX : index - 1;
}

/* The numbers that programs know, where there are such. */
static bool number_by_name(struct block_device *device)
{
	const char *name = device->disk->whole->name;
	uint64_t number;

	if (string_starts_with(name, "sd")) {
		unsigned index = letters_to_index(name + 2);

		device->major = MAJOR_SCSI;
		device->minor = index * SCSI_MINORS + device->partition;
		return index < SCSI_MINORS && device->partition < SCSI_MINORS;
	}
	if (!string_starts_with(name, "ram") || device->partition != 0 ||
	    string_to_u64(name + 3, &number) || number >= 256)
		return false;
	device->major = MAJOR_RAM;
	device->minor = (unsigned)number;
	return true;
}

static int number_device(struct block_device *device)
{
	if (number_by_name(device) && !find_number_locked(device->major, device->minor))
		return 0;
	device->major = MAJOR_EXTENDED;
	for (device->minor = 0; device->minor < EXTENDED_MINOR_MAX; device->minor++)
		if (!find_number_locked(device->major, device->minor))
			return 0;
	return -ENOSPC;
}

int block_device_publish_locked(struct block_device *device, const char *name)
{
	if (find_locked(name))
		return -EEXIST;
	string_copy(device->name, name, sizeof(device->name));
	if (number_device(device))
		return -ENOSPC;
	device->id = ++table.last_id;
	list_push_back(&table.devices, &device->table_node);
	list_push_back(&device->disk->devices, &device->disk_node);
	return 0;
}

void block_device_withdraw(struct block_device *device)
{
	device->gone = true;
	mutex_lock(&block_table_lock);
	list_remove(&device->table_node);
	list_remove(&device->disk_node);
	mutex_unlock(&block_table_lock);
}

/* The first device behind the one with number `id`, with a reference. */
static struct block_device *next_device(uint64_t id)
{
	struct block_device *found = NULL;
	struct list_node *node;

	mutex_lock(&block_table_lock);
	list_for_each (node, &table.devices) {
		struct block_device *device = container_of(node, struct block_device, table_node);

		if (device->id > id) {
			found = device;
			block_device_get(found);
			break;
		}
	}
	mutex_unlock(&block_table_lock);
	return found;
}

void block_visit(bool (*visit)(struct block_device *device, void *argument), void *argument)
{
	struct block_device *device;
	uint64_t id = 0;
	bool go_on = true;

	while (go_on && (device = next_device(id))) {
		id = device->id;
		go_on = visit(device, argument);
		block_device_put(device);
	}
}

/* --- Claims. --- */

int block_device_claim(struct block_device *device)
{
	struct list_node *node;
	int error = 0;

	mutex_lock(&block_table_lock);
	list_for_each (node, &device->disk->devices) {
		struct block_device *other = container_of(node, struct block_device, disk_node);

		if (other->exclusive > 0 &&
		    (other == device || device->partition == 0 || other->partition == 0))
			error = -EBUSY;
	}
	if (!error && device->gone)
		error = -ENODEV;
	if (!error)
		device->exclusive++;
	mutex_unlock(&block_table_lock);
	return error;
}

void block_device_release(struct block_device *device)
{
	mutex_lock(&block_table_lock);
	assert(device->exclusive > 0);
	device->exclusive--;
	mutex_unlock(&block_table_lock);
}

/* --- Listeners. --- */

static void tell(struct block_device *device, bool added)
{
	struct list_node *node;

	block_turn_take(&table.telling);
	if (device->announced != added) {
		device->announced = added;
		list_for_each (node, &table.listeners) {
			struct block_listener *listener =
				container_of(node, struct block_listener, node);

			(added ? listener->added : listener->removed)(device);
		}
	}
	block_turn_end(&table.telling);
}

void block_device_announce(struct block_device *device)
{
	tell(device, true);
}

void block_device_announce_removal(struct block_device *device)
{
	tell(device, false);
}

static bool tell_one(struct block_device *device, void *argument)
{
	struct block_listener *listener = argument;

	if (device->announced)
		listener->added(device);
	return true;
}

void block_listener_add(struct block_listener *listener)
{
	block_turn_take(&table.telling);
	list_push_back(&table.listeners, &listener->node);
	block_visit(tell_one, listener);
	block_turn_end(&table.telling);
}
