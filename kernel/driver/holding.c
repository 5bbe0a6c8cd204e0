/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What drivers hold for their devices: a table by address. */
#include <driver/holding.h>

#include <base/errno.h>
#include <base/list.h>
#include <core/log.h>
#include <ddk/dma.h>
#include <ddk/io.h>
#include <dev/device.h>
#include <mm/phys/slab.h>
#include <sync/spinlock.h>

#define BUCKETS 64u

struct holding {
	struct list_node node; /* of its bucket */
	struct device *device;
	uintptr_t key;
	size_t size;
	enum driver_holding_kind kind;
};

/* The buckets and all in them. */
static struct spinlock lock = SPINLOCK_INIT(RANK_LEAF, "driver holdings");
static struct list buckets[BUCKETS];
static bool ready; /* the lists are */

static const char *const kind_names[] = {
	[DRIVER_HOLDS_DMA] = "DMA memory",
	[DRIVER_HOLDS_DMA_BUFFER] = "a DMA buffer",
	[DRIVER_HOLDS_REGION] = "a mapped region",
	[DRIVER_HOLDS_CLASS] = "an object of a class",
};

_Static_assert(array_length(kind_names) == DRIVER_HOLDINGS, "each kind has a name");

/* Addresses differ in the bits of pages, or in those of small memory. Locked. */
static struct list *bucket_of(uintptr_t key)
{
	if (!ready)
		for (unsigned i = 0; i < BUCKETS; i++)
			list_init(&buckets[i]);
	ready = true;
	return &buckets[(key >> 5 ^ key >> 12) % BUCKETS];
}

int driver_hold(struct device *device, enum driver_holding_kind kind, const volatile void *key,
		size_t size)
{
	struct holding *holding = kmalloc(sizeof(*holding));
	irq_state_t state;

	if (!holding)
		return -ENOMEM;
	*holding = (struct holding){
		.device = device,
		.key = (uintptr_t)key,
		.size = size,
		.kind = kind,
	};
	state = spin_lock_irqsave(&lock);
	list_push_back(bucket_of(holding->key), &holding->node);
	spin_unlock_irqrestore(&lock, state);
	return 0;
}

struct device *driver_unhold(enum driver_holding_kind kind, const volatile void *key)
{
	struct holding *found = NULL;
	struct device *device = NULL;
	struct list_node *node;
	irq_state_t state = spin_lock_irqsave(&lock);

	list_for_each (node, bucket_of((uintptr_t)key)) {
		struct holding *holding = container_of(node, struct holding, node);

		if (holding->kind == kind && holding->key == (uintptr_t)key) {
			found = holding;
			device = found->device;
			list_remove(&found->node);
			break;
		}
	}
	spin_unlock_irqrestore(&lock, state);
	kfree(found);
	return device;
}

/* The first of the device in the buckets from *bucket on that can be released, or, if `stuck`, that cannot. */
static bool find_left(const struct device *device, bool stuck, unsigned *bucket,
		      struct holding *copy)
{
	irq_state_t state = spin_lock_irqsave(&lock);
	struct list_node *node;
	bool found = false;

	for (; !found && ready && *bucket < BUCKETS; *bucket += !found)
		list_for_each (node, &buckets[*bucket]) {
			*copy = *container_of(node, struct holding, node);
			found = copy->device == device &&
				(copy->kind == DRIVER_HOLDS_CLASS) == stuck;
			if (found)
				break;
		}
	spin_unlock_irqrestore(&lock, state);
	return found;
}

/* Each of these forgets it as well. */
static void release(const struct holding *left)
{
	struct ddk_dma dma = {
		.memory = (void *)left->key,
		.device_address =
			left->kind == DRIVER_HOLDS_DMA ? virt_to_phys((void *)left->key) : 0,
		.size = left->size,
	};
	struct ddk_dma_buffer buffer = { .memory = (void *)left->key, .size = left->size };
	struct ddk_region region = { .memory = (void *)left->key, .length = left->size };

	if (left->kind == DRIVER_HOLDS_DMA)
		ddk_dma_free(&dma);
	else if (left->kind == DRIVER_HOLDS_DMA_BUFFER)
		ddk_dma_buffer_free(&buffer);
	else
		ddk_region_unmap(&region);
}

unsigned driver_count_holdings(const struct device *device, enum driver_holding_kind kind)
{
	irq_state_t state = spin_lock_irqsave(&lock);
	struct list_node *node;
	unsigned count = 0;

	for (unsigned i = 0; ready && i < BUCKETS; i++)
		list_for_each (node, &buckets[i]) {
			const struct holding *holding = container_of(node, struct holding, node);

			count += holding->device == device && holding->kind == kind;
		}
	spin_unlock_irqrestore(&lock, state);
	return count;
}

unsigned driver_release_holdings(struct device *device, const char *name)
{
	struct holding left;
	unsigned bucket = 0, stuck;

	while (find_left(device, false, &bucket, &left)) {
		log_warning("driver", "%s: %s left %s of %zu bytes behind", device->name, name,
			    kind_names[left.kind], left.size);
		release(&left);
	}
	stuck = driver_count_holdings(device, DRIVER_HOLDS_CLASS);
	if (stuck)
		log_error("driver", "%s: %s left %u objects of classes behind: its code stays",
			  device->name, name, stuck);
	return stuck;
}
