/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of devices, and how long they live. */
#include "dev_priv.h"
#include "pci_priv.h"

#include <mm/phys/slab.h>

static struct spinlock devices_lock = SPINLOCK_INIT(RANK_LEAF, "devices");
/* Under devices_lock. */
static struct list devices = LIST_INIT(devices);
static uint64_t last_id;

struct device *device_create(enum driver_bus bus)
{
	struct device *device = kzalloc(sizeof(*device));

	if (!device)
		return NULL;
	refcount_init(&device->references, 1);
	device->bus = bus;
	list_node_init(&device->node);
	list_node_init(&device->pci.node);
	list_node_init(&device->handover_node);
	list_init(&device->irqs);
	list_init(&device->parked);
	mutex_init(&device->lock, RANK_DEVICE, "device");
	return device;
}

void device_get(struct device *device)
{
	refcount_get(&device->references);
}

void device_put(struct device *device)
{
	if (!refcount_put(&device->references))
		return;
	if (device->bus == DRIVER_BUS_PCI)
		pci_function_release(device);
	device_memory_detach(device);
	kfree(device);
}

void device_list_add(struct device *device)
{
	spin_lock(&devices_lock);
	device->id = ++last_id;
	list_push_back(&devices, &device->node);
	spin_unlock(&devices_lock);
}

void device_list_remove(struct device *device)
{
	spin_lock(&devices_lock);
	list_remove(&device->node);
	spin_unlock(&devices_lock);
	device->gone = true;
	device_put(device);
}

struct device *device_after(uint64_t id)
{
	struct device *next = NULL;
	struct list_node *node;

	spin_lock(&devices_lock);
	list_for_each (node, &devices) {
		struct device *device = container_of(node, struct device, node);

		if (device->id > id) {
			next = device;
			device_get(next);
			break;
		}
	}
	spin_unlock(&devices_lock);
	return next;
}

/* `previous` may have left the list meanwhile, so its place is found by number. */
struct device *device_next(struct device *previous)
{
	struct device *next = device_after(previous ? previous->id : 0);

	if (previous)
		device_put(previous);
	return next;
}

static struct device *device_before(uint64_t id)
{
	struct device *before = NULL;
	struct list_node *node;

	spin_lock(&devices_lock);
	list_for_each (node, &devices) {
		struct device *device = container_of(node, struct device, node);

		if (device->id >= id)
			break;
		before = device;
	}
	if (before)
		device_get(before);
	spin_unlock(&devices_lock);
	return before;
}

struct device *device_previous(struct device *following)
{
	struct device *previous = device_before(following ? following->id : UINT64_MAX);

	if (following)
		device_put(following);
	return previous;
}
