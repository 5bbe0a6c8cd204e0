/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Handovers: what a device's driver makes for programs stays while the driver is exchanged (dev/device.h).
 *
 * Who exchanges it says when that is over; a thread sees to those of whom nothing is heard any more.
 */
#include <base/errno.h>
#include <core/log.h>
#include <dev/device.h>
#include <sched/thread.h>
#include <sched/wait.h>
#include <sync/spinlock.h>
#include <time/clock.h>

#include <stdatomic.h>

/* Longer than a driver takes to start, as a rule; programs wait for so long in vain at most. */
#define HANDOVER_PATIENCE (60 * NS_PER_SECOND)

/* Devices with a handover, and of each what is parked and until when. */
static struct spinlock lock = SPINLOCK_INIT(RANK_LEAF, "handovers");
static struct list devices = LIST_INIT(devices);

static struct wait_queue news;
static _Atomic bool watched;

static struct device *device_of(struct list_node *node)
{
	return container_of(node, struct device, handover_node);
}

/* One whose time is up, with a reference, or NULL and when that of the next will be. */
static struct device *find_overdue(uint64_t *next)
{
	uint64_t now = clock_monotonic_ns();
	struct device *found = NULL;
	struct list_node *node;
	irq_state_t state = spin_lock_irqsave(&lock);

	*next = DEADLINE_NEVER;
	list_for_each (node, &devices) {
		uint64_t until = device_of(node)->handover_until;

		if (until <= now)
			found = device_of(node);
		else if (until < *next)
			*next = until;
	}
	if (found)
		device_get(found);
	spin_unlock_irqrestore(&lock, state);
	return found;
}

static void watch(void *argument)
{
	struct device *device;
	struct waiter waiter;
	uint64_t next;

	(void)argument;
	wait_begin(&news, &waiter);
	for (;;) {
		while ((device = find_overdue(&next))) {
			log_warning("dev", "%s: nobody takes the place of its driver",
				    device->name);
			device_handover_end(device);
			device_put(device);
		}
		(void)!wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, next);
	}
}

static void start_watching(void)
{
	if (atomic_exchange(&watched, true))
		return;
	wait_queue_init(&news, "handovers");
	if (thread_spawn("handover", watch, NULL)) {
		log_warning("dev", "handovers have no time limit: no memory");
		atomic_store(&watched, false);
	}
}

void device_handover_begin(struct device *device)
{
	irq_state_t state;

	start_watching();
	state = spin_lock_irqsave(&lock);
	if (!device->handover) {
		device->handover = true;
		device_get(device);
		list_push_back(&devices, &device->handover_node);
	}
	device->handover_until = clock_deadline_after(HANDOVER_PATIENCE);
	spin_unlock_irqrestore(&lock, state);
	if (watched)
		wait_wake(&news);
}

void device_handover_end(struct device *device)
{
	struct list_node *node;
	struct list left;
	irq_state_t state = spin_lock_irqsave(&lock);
	bool was = device->handover;

	list_init(&left);
	device->handover = false;
	if (was) {
		list_remove(&device->handover_node);
		list_splice_back(&left, &device->parked);
	}
	spin_unlock_irqrestore(&lock, state);
	if (!was)
		return;
	while ((node = list_pop_front(&left))) {
		struct device_parked *parked = container_of(node, struct device_parked, node);

		parked->discard(parked);
	}
	device_put(device);
}

bool device_park(struct device *device, struct device_parked *parked)
{
	irq_state_t state = spin_lock_irqsave(&lock);
	struct list_node *behind = &device->parked.head;
	bool may = device->handover;
	struct list_node *node;

	list_for_each (node, &device->parked)
		if (behind == &device->parked.head &&
		    container_of(node, struct device_parked, node)->order > parked->order)
			behind = node;
	if (may)
		list_insert_before(&parked->node, behind);
	spin_unlock_irqrestore(&lock, state);
	return may;
}

struct device_parked *device_find_parked(struct device *device, enum device_parked_kind kind,
					 bool (*fits)(struct device_parked *parked,
						      const void *wanted),
					 const void *wanted)
{
	struct device_parked *found = NULL;
	struct list_node *node;
	irq_state_t state = spin_lock_irqsave(&lock);

	list_for_each (node, &device->parked) {
		struct device_parked *parked = container_of(node, struct device_parked, node);

		if (!found && parked->kind == kind && fits(parked, wanted))
			found = parked;
	}
	if (found)
		list_remove(&found->node);
	spin_unlock_irqrestore(&lock, state);
	return found;
}

uint64_t device_parked_order(void)
{
	static _Atomic uint64_t last;

	return atomic_fetch_add(&last, 1);
}
