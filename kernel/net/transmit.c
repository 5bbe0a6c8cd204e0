/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames on their way out. Each lies in a slot: free, being filled by who sends it, waiting, or with the
 * driver. Whoever makes it possible that the driver takes one sees to it that it is asked: one at a time, by
 * whoever comes first, in order.
 */
#include "net_priv.h"

#include <base/bits.h>
#include <base/errno.h>
#include <core/log.h>
#include <iommu/iommu.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>

#define SLOT_MEMORY_MAX (512u << 10) /* of an interface */

/* --- Slots ------------------------------------------------------------------------------------ */

/* Slots are powers of two: none crosses a page that it need not. */
static uint32_t slot_size_for(uint32_t mtu_max)
{
	uint32_t size = 2048;

	while (size < mtu_max + DDK_NET_HEADER_LENGTH + NET_VLAN_LENGTH)
		size *= 2;
	return size;
}

/* All of it, for as long as the interface is there: nothing else is in that memory. */
static int map_slots(struct net_interface *interface)
{
	struct iommu_domain *domain = interface->device->domain;
	size_t size = (size_t)PAGE_SIZE << interface->memory_order;
	int error = iommu_map(domain, frame_physical(interface->memory), size, IOMMU_READ);

	if (error || !domain)
		return error;
	iommu_domain_hold(domain);
	interface->domain = domain;
	return 0;
}

void net_slots_unmap(struct net_interface *interface)
{
	struct iommu_domain *domain = interface->domain;

	if (!domain)
		return;
	interface->domain = NULL;
	iommu_unmap(domain, frame_physical(interface->memory),
		    (size_t)PAGE_SIZE << interface->memory_order);
	iommu_flush(domain);
	iommu_domain_release(domain);
}

int net_slots_create(struct net_interface *interface)
{
	uint32_t size = slot_size_for(interface->mtu_max);
	uint32_t count = (uint32_t)min_u64(interface->queue_length, SLOT_MEMORY_MAX / size);

	interface->slot_size = size;
	interface->slot_count = count;
	while (((size_t)PAGE_SIZE << interface->memory_order) < (size_t)size * count)
		interface->memory_order++;
	interface->slots = kcalloc(count, sizeof(*interface->slots));
	interface->memory = frame_allocate(interface->memory_order, FRAME_ZERO);
	if (!interface->slots || !interface->memory) {
		net_slots_destroy(interface);
		return -ENOMEM;
	}
	if (map_slots(interface)) {
		net_slots_destroy(interface);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < count; i++) {
		struct net_slot *slot = &interface->slots[i];

		slot->memory = (char *)frame_address(interface->memory) + (size_t)i * size;
		slot->frame.device_address = frame_physical(interface->memory) + (size_t)i * size;
		slot->frame.number = i;
		list_push_back(&interface->free, &slot->node);
	}
	return 0;
}

void net_slots_destroy(struct net_interface *interface)
{
	net_slots_unmap(interface);
	if (interface->memory)
		frame_put(interface->memory);
	kfree(interface->slots);
	interface->memory = NULL;
	interface->slots = NULL;
}

/* --- To the driver. interface->lock is held by functions named so. ------------------------------ */

static bool can_dispatch_locked(const struct net_interface *interface)
{
	return interface->open && !interface->stopped && interface->link.up &&
	       !list_empty(&interface->waiting);
}

/* Back into the queue, before what came later. */
static void requeue_locked(struct net_interface *interface, struct net_slot *slot)
{
	struct list_node *position = list_first(&interface->waiting);

	while (position && container_of(position, struct net_slot, node)->order < slot->order)
		position = list_next(&interface->waiting, position);
	if (position)
		list_insert_before(&slot->node, position);
	else
		list_push_back(&interface->waiting, &slot->node);
}

/* The driver has it no more. */
static void finish_locked(struct net_interface *interface, struct net_slot *slot, int error)
{
	struct net_statistics *statistics = &interface->statistics;

	slot->driver_has_it = false;
	interface->with_driver--;
	if (error == -EAGAIN && interface->state != NET_GONE) {
		requeue_locked(interface, slot);
		return;
	}
	if (error) {
		statistics->send_errors++;
	} else {
		statistics->sent++;
		statistics->sent_bytes += slot->frame.length;
	}
	list_push_back(&interface->free, &slot->node);
}

void net_dispatch(struct net_interface *interface)
{
	irq_state_t state = spin_lock_irqsave(&interface->lock);

	if (interface->sending) { /* whoever that is looks again */
		spin_unlock_irqrestore(&interface->lock, state);
		return;
	}
	interface->sending = true;
	while (can_dispatch_locked(interface)) {
		struct net_slot *slot =
			container_of(list_pop_front(&interface->waiting), struct net_slot, node);
		uint64_t kicks = interface->kicks;
		bool last = list_empty(&interface->waiting);
		int error;

		slot->driver_has_it = true;
		slot->frame.driver[0] = slot->frame.driver[1] = 0;
		interface->with_driver++;
		spin_unlock_irqrestore(&interface->lock, state);
		error = interface->handle.ops.send(&interface->handle, &slot->frame, last);
		state = spin_lock_irqsave(&interface->lock);
		if (error && slot->driver_has_it)
			finish_locked(interface, slot, error);
		if (error == -EAGAIN && interface->kicks == kicks)
			interface->stopped = true;
	}
	interface->sending = false;
	spin_unlock_irqrestore(&interface->lock, state);
	wait_wake(&interface->writers);
}

void net_wait_sender(struct net_interface *interface)
{
	for (bool busy = true; busy;) {
		irq_state_t state = spin_lock_irqsave(&interface->lock);

		busy = interface->sending;
		spin_unlock_irqrestore(&interface->lock, state);
		if (busy)
			thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	}
}

void net_take_back(struct net_interface *interface)
{
	unsigned count = 0;
	irq_state_t state = spin_lock_irqsave(&interface->lock);

	for (uint32_t i = 0; i < interface->slot_count && interface->with_driver; i++) {
		if (interface->slots[i].driver_has_it) {
			finish_locked(interface, &interface->slots[i], -EIO);
			count++;
		}
	}
	spin_unlock_irqrestore(&interface->lock, state);
	if (count)
		log_warning("net", "%s: its driver kept %u frames", interface->name, count);
}

void net_drop_waiting(struct net_interface *interface)
{
	irq_state_t state = spin_lock_irqsave(&interface->lock);
	struct list_node *node;

	while ((node = list_pop_front(&interface->waiting)) != NULL) {
		interface->statistics.send_dropped++;
		list_push_back(&interface->free, node);
	}
	spin_unlock_irqrestore(&interface->lock, state);
}

/* --- From the driver --------------------------------------------------------------------------- */

static void kick(struct net_interface *interface)
{
	irq_state_t state = spin_lock_irqsave(&interface->lock);

	interface->kicks++;
	interface->stopped = false;
	spin_unlock_irqrestore(&interface->lock, state);
	net_dispatch(interface);
}

void net_interface_sent(struct ddk_net *net, struct ddk_net_frame *frame, int error)
{
	struct net_interface *interface = net_of(net);
	struct net_slot *slot = container_of(frame, struct net_slot, frame);
	irq_state_t state = spin_lock_irqsave(&interface->lock);

	if (slot->driver_has_it)
		finish_locked(interface, slot, error);
	spin_unlock_irqrestore(&interface->lock, state);
	kick(interface);
}

void net_interface_ready(struct ddk_net *net)
{
	kick(net_of(net));
}

struct ddk_net_frame *net_interface_find_frame(struct ddk_net *net, uint32_t number)
{
	struct net_interface *interface = net_of(net);
	struct ddk_net_frame *frame = NULL;
	irq_state_t state = spin_lock_irqsave(&interface->lock);

	if (number < interface->slot_count && interface->slots[number].driver_has_it)
		frame = &interface->slots[number].frame;
	spin_unlock_irqrestore(&interface->lock, state);
	return frame;
}

/* --- From programs ----------------------------------------------------------------------------- */

bool net_can_write(struct net_interface *interface)
{
	irq_state_t state = spin_lock_irqsave(&interface->lock);
	bool can =
		interface->state == NET_GONE || !interface->wanted || !list_empty(&interface->free);

	spin_unlock_irqrestore(&interface->lock, state);
	return can;
}

/* A slot for a frame of that length: 0, -EAGAIN (none is free), or an error. */
static int take_slot(struct net_interface *interface, size_t length, struct net_slot **slot)
{
	irq_state_t state = spin_lock_irqsave(&interface->lock);
	int error = 0;

	if (interface->state == NET_GONE)
		error = -ENODEV;
	else if (!interface->wanted)
		error = -ENETDOWN;
	else if (length > interface->mtu + DDK_NET_HEADER_LENGTH + NET_VLAN_LENGTH)
		error = -EMSGSIZE;
	else if (list_empty(&interface->free))
		error = -EAGAIN;
	else
		*slot = container_of(list_pop_front(&interface->free), struct net_slot, node);
	spin_unlock_irqrestore(&interface->lock, state);
	return error;
}

static int wait_for_slot(struct net_interface *interface, size_t length, bool wait,
			 struct net_slot **slot)
{
	int error = take_slot(interface, length, slot);
	struct waiter waiter;

	if (error != -EAGAIN || !wait)
		return error;
	wait_begin(&interface->writers, &waiter);
	while ((error = take_slot(interface, length, slot)) == -EAGAIN) {
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
		if (error)
			break;
	}
	wait_end(&waiter);
	return error;
}

/* The slot is filled, or `error` says why not. */
static void queue_slot(struct net_interface *interface, struct net_slot *slot, int error)
{
	irq_state_t state = spin_lock_irqsave(&interface->lock);

	if (error) {
		list_push_front(&interface->free, &slot->node);
	} else if (interface->state == NET_GONE || !interface->wanted) {
		interface->statistics.send_dropped++; /* since it was looked at */
		list_push_front(&interface->free, &slot->node);
	} else {
		slot->order = ++interface->orders;
		list_push_back(&interface->waiting, &slot->node);
	}
	spin_unlock_irqrestore(&interface->lock, state);
}

ssize_t net_interface_send(struct net_interface *interface, struct io *io, bool wait)
{
	size_t length = io_remaining(io);
	struct net_slot *slot;
	ssize_t count;
	int error;

	if (length < DDK_NET_HEADER_LENGTH)
		return -EINVAL;
	error = wait_for_slot(interface, length, wait, &slot);
	if (error)
		return error;
	count = io_take(io, slot->memory, length);
	error = count == (ssize_t)length ? 0 : -EFAULT;
	slot->frame.length = (uint32_t)length;
	queue_slot(interface, slot, error);
	if (error) {
		wait_wake(&interface->writers);
		return error;
	}
	net_dispatch(interface);
	return count;
}

bool net_is_gone(struct net_interface *interface)
{
	irq_state_t state = spin_lock_irqsave(&interface->lock);
	bool gone = interface->state == NET_GONE;

	spin_unlock_irqrestore(&interface->lock, state);
	return gone;
}

/* Whether a frame up to `order` waits or is with the driver. */
static bool is_pending(struct net_interface *interface, uint64_t order)
{
	irq_state_t state = spin_lock_irqsave(&interface->lock);
	struct list_node *first = list_first(&interface->waiting);
	bool pending = first && container_of(first, struct net_slot, node)->order <= order;

	for (uint32_t i = 0; i < interface->slot_count && !pending; i++)
		pending = interface->slots[i].driver_has_it && interface->slots[i].order <= order;
	spin_unlock_irqrestore(&interface->lock, state);
	return pending;
}

int net_wait_sent(struct net_interface *interface)
{
	irq_state_t state = spin_lock_irqsave(&interface->lock);
	uint64_t order = interface->orders;
	struct waiter waiter;
	int error = 0;

	spin_unlock_irqrestore(&interface->lock, state);
	wait_begin(&interface->writers, &waiter);
	while (!error && is_pending(interface, order))
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
	wait_end(&waiter);
	return error;
}
