/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Physical memory for programs. All frames that they were given are in one tree, by number: what is
 * not in it, and is memory, is the kernel's. Each is also in the list of its address space, through
 * the node that frames have for their owners. Both the tree and each object that maps the frame
 * hold a reference.
 */
#include <mm/vm/physical.h>

#include <base/checked.h>
#include <core/panic.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>

#include "vm_priv.h"

/* One part in so many of all memory stays for others. */
#define RESERVED_PART 8

/* RANK_PHYSICAL: the tree, the lists of address spaces, and the frames' owners. */
static struct mutex lock;
static struct radix given;

void physical_init(void)
{
	mutex_init(&lock, RANK_PHYSICAL, "physical memory");
	radix_init(&given, kzalloc, kfree);
}

static struct frame *frame_of(struct list_node *node)
{
	return container_of(node, struct frame, node);
}

static uint64_t number_of(const struct frame *frame)
{
	return frame_physical(frame) >> PAGE_SHIFT;
}

/* Takes the frame back from its owner. Locked. */
static void take_back(struct frame *frame)
{
	radix_remove(&given, number_of(frame));
	list_remove(&frame->node);
	frame->owner = NULL;
	frame_put(frame);
}

/* Locked. -ENOMEM, with nothing given. */
static int give(struct aspace *owner, struct frame *first, size_t pages)
{
	owner->has_physical = true;
	for (size_t i = 0; i < pages; i++) {
		struct frame *frame = first + i;

		if (radix_set(&given, number_of(frame), frame)) {
			while (i-- > 0) {
				radix_remove(&given, number_of(first + i));
				list_remove(&first[i].node);
			}
			return -ENOMEM;
		}
		frame->owner = owner;
		list_push_back(&owner->physical, &frame->node);
	}
	return 0;
}

static unsigned order_of(size_t pages)
{
	unsigned order = 0;

	while (((size_t)1 << order) < pages)
		order++;
	return order;
}

int physical_allocate(struct aspace *owner, size_t pages, bool low, phys_t *physical)
{
	unsigned order;
	struct frame *first;
	int error;

	if (!pages)
		return -EINVAL;
	if (pages > (size_t)1 << FRAME_ORDER_MAX ||
	    !frame_free_at_least(frame_total() / RESERVED_PART + pages))
		return -ENOMEM;
	order = order_of(pages);
	first = frame_allocate(order, FRAME_ZERO | (low ? FRAME_DMA32 : 0));
	if (!first)
		return -ENOMEM;
	frame_split(first);
	mutex_lock(&lock);
	error = give(owner, first, pages);
	mutex_unlock(&lock);
	for (size_t i = error ? 0 : pages; i < (size_t)1 << order; i++)
		frame_put(first + i);
	if (!error)
		*physical = frame_physical(first);
	return error;
}

static bool range_is_valid(phys_t physical, size_t pages)
{
	uint64_t limit = 1ull << (arch_physical_bits() - PAGE_SHIFT);

	return is_aligned(physical, PAGE_SIZE) && pages <= limit &&
	       physical >> PAGE_SHIFT <= limit - pages;
}

/* Whether all pages of the range were given to programs. Locked. */
static bool all_given(phys_t physical, size_t pages)
{
	for (size_t i = 0; i < pages; i++) {
		if (!radix_get(&given, (physical >> PAGE_SHIFT) + i))
			return false;
	}
	return true;
}

int physical_free(phys_t physical, size_t pages)
{
	int error = -EINVAL;

	if (!pages || !range_is_valid(physical, pages))
		return -EINVAL;
	mutex_lock(&lock);
	if (all_given(physical, pages)) {
		for (size_t i = 0; i < pages; i++)
			take_back(radix_get(&given, (physical >> PAGE_SHIFT) + i));
		error = 0;
	}
	mutex_unlock(&lock);
	return error;
}

void physical_leave(struct aspace *owner)
{
	/* An empty list may still be in the hands of who just freed the last of its frames. */
	if (!owner->has_physical)
		return;
	mutex_lock(&lock);
	while (!list_empty(&owner->physical))
		take_back(frame_of(list_first(&owner->physical)));
	mutex_unlock(&lock);
}

/* --- Mapping. --- */

/* Addresses that are no memory. */
struct device_range {
	struct vm_object object;
	phys_t base; /* immutable, as the rest */
	unsigned mmu_flags;
};

static int device_range_page(struct vm_object *object, uint64_t index, phys_t *physical,
			     unsigned *mmu_flags)
{
	const struct device_range *range = container_of(object, struct device_range, object);

	*physical = range->base + index * PAGE_SIZE;
	*mmu_flags = range->mmu_flags;
	return 0;
}

static void device_range_release(struct vm_object *object)
{
	kfree(container_of(object, struct device_range, object));
}

static const struct vm_object_ops device_range_ops = {
	.device_page = device_range_page,
	.release = device_range_release,
};

static int create_device_range(phys_t physical, size_t pages, unsigned mmu_flags,
			       struct vm_object **object)
{
	struct device_range *range;

	if (frame_memory_within(physical, pages * PAGE_SIZE))
		return -EPERM;
	range = kmalloc(sizeof(*range));
	if (!range)
		return -ENOMEM;
	vm_object_init(&range->object, &device_range_ops, pages * PAGE_SIZE, NULL);
	range->base = physical;
	range->mmu_flags = mmu_flags;
	*object = &range->object;
	return 0;
}

static void given_release(struct vm_object *object)
{
	kfree(object);
}

/* All pages are there from the start. */
static const struct vm_object_ops given_ops = {
	.release = given_release,
};

bool object_is_given(const struct vm_object *object)
{
	return object->ops == &given_ops;
}

/* An object with the frames themselves. */
static int create_memory(phys_t physical, size_t pages, struct vm_object **object)
{
	struct vm_object *made = kmalloc(sizeof(*made));
	int error = 0;

	if (!made)
		return -ENOMEM;
	vm_object_init(made, &given_ops, pages * PAGE_SIZE, NULL);
	mutex_lock(&lock);
	if (!all_given(physical, pages))
		error = -EPERM;
	for (size_t i = 0; !error && i < pages; i++) {
		struct frame *frame = radix_get(&given, (physical >> PAGE_SHIFT) + i);

		frame_get(frame);
		error = object_adopt(made, i, frame);
	}
	mutex_unlock(&lock);
	if (!error)
		*object = made;
	else
		vm_object_put(made);
	return error;
}

int physical_map(struct aspace *aspace, phys_t physical, size_t pages, unsigned flags,
		 unsigned mmu_flags, uintptr_t *address)
{
	struct vm_object *object;
	int error;

	if (!pages || !range_is_valid(physical, pages))
		return -EINVAL;
	if (pages > USER_MAX >> PAGE_SHIFT)
		return -ENOMEM;
	if (frame_memory_within(physical, PAGE_SIZE))
		error = create_memory(physical, pages, &object);
	else
		error = create_device_range(physical, pages, mmu_flags, &object);
	if (error)
		return error;
	if (flags & VM_WRITE)
		flags |= VM_MAY_WRITE;
	*address = 0;
	error = aspace_map(aspace, address, pages * PAGE_SIZE, flags | VM_SHARED | VM_SEPARATE,
			   object, 0, NULL);
	vm_object_put(object);
	return error;
}
