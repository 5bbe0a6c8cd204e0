/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The thread that adds and removes PCI devices while the machine runs: those in slots that report, or of
 * which firmware tells (pci_acpi_slot.c), and those that somebody asks for (pci_rescan(), pci_remove()).
 */
#include "dev_priv.h"
#include "pci_priv.h"
#include "pci_slot.h"
#include "pci_slots.h"

#include <base/errno.h>
#include <core/log.h>
#include <dev/pci.h>
#include <sched/thread.h>
#include <sched/wait.h>

/* Something that somebody waits for. */
struct request {
	struct pci_job job;
	int (*function)(void *argument);
	void *argument;
	int error;
	_Atomic bool done;
};

static struct wait_queue work_queue_of_thread; /* the thread's */
static struct wait_queue done_queue;           /* those who asked */
static _Atomic bool woken;
static struct spinlock jobs_lock = SPINLOCK_INIT(RANK_LEAF, "pci jobs");
static struct list jobs = LIST_INIT(jobs);   /* jobs_lock */
static struct list slots = LIST_INIT(slots); /* the thread's */
static bool tree_changed;                    /* the thread's: buses may have come or gone */
static bool started;                         /* immutable once programs run */
static _Atomic bool wanted_still, still;     /* somebody holds the thread; it has noticed */

/* From interrupts too. */
static void wake_thread(void)
{
	woken = true;
	wait_wake(&work_queue_of_thread);
}

static bool has_slot(const struct pci_bus *bus)
{
	struct list_node *node;

	list_for_each (node, &slots)
		if (container_of(node, struct pci_slot, node)->bus == bus)
			return true;
	return false;
}

/* Slots that are not known yet, on `bus` and behind it. */
static void add_slots(const struct pci_bus *bus)
{
	for (struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device)) {
		struct pci_bus *behind = device->pci.behind;

		if (!behind)
			continue;
		if (behind->hotplug && pci_root_of(bus)->native_hotplug && !has_slot(behind)) {
			struct pci_slot *slot = pci_slot_create(device, wake_thread);

			if (slot)
				list_push_back(&slots, &slot->node);
			else
				log_error("pci", "no memory for the slot of %s", device->name);
		}
		add_slots(behind);
	}
}

/* Slots of the port itself, and of what is behind it. */
static void drop_slots(const struct device *device)
{
	const struct pci_bus *behind = device->pci.behind;
	struct list_node *node, *following;

	if (!behind)
		return;
	for (const struct device *below = pci_bus_next(behind, NULL); below;
	     below = pci_bus_next(behind, below))
		drop_slots(below);
	list_for_each_safe (node, following, &slots) {
		struct pci_slot *slot = container_of(node, struct pci_slot, node);

		if (slot->bus == behind) {
			list_remove(&slot->node);
			pci_slot_destroy(slot);
		}
	}
}

static void put_into_service(struct pci_bus *bus)
{
	pci_claim(bus);
	pci_assign(pci_root_of(bus));
	pci_publish(bus);
	add_slots(bus);
	tree_changed = true;
}

bool pci_bus_arrive(struct pci_bus *bus)
{
	pci_scan_bus(bus);
	put_into_service(bus);
	return !list_empty(&bus->functions);
}

void pci_bus_depart(struct pci_bus *bus)
{
	for (const struct device *device = pci_bus_next(bus, NULL); device;
	     device = pci_bus_next(bus, device))
		drop_slots(device);
	pci_withdraw(bus);
	tree_changed = true;
}

/* A driver that cannot let go of its device keeps it in service. */
static bool can_go(const struct device *device)
{
	const struct driver *driver = device->driver;
	const struct pci_bus *behind = device->pci.behind;

	if (driver && !driver->remove)
		return false;
	for (const struct device *below = behind ? pci_bus_next(behind, NULL) : NULL; below;
	     below = pci_bus_next(behind, below))
		if (!can_go(below))
			return false;
	return true;
}

int pci_function_depart(struct device *device)
{
	if (device->gone)
		return -ENODEV;
	if (!can_go(device))
		return -EBUSY;
	drop_slots(device);
	pci_withdraw_function(device);
	tree_changed = true;
	return 0;
}

static int remove_one(void *argument)
{
	return pci_function_depart(argument);
}

static int look_for_new(void *unused)
{
	struct pci_bus *root;

	(void)unused;
	for (unsigned i = 0; (root = pci_root(i)) != NULL; i++) {
		pci_scan_bus(root);
		put_into_service(root);
	}
	return 0;
}

static void serve_jobs(void)
{
	for (;;) {
		struct list_node *node;
		struct pci_job *job;

		spin_lock(&jobs_lock);
		node = list_pop_front(&jobs);
		spin_unlock(&jobs_lock);
		if (!node)
			return;
		job = container_of(node, struct pci_job, node);
		job->function(job);
	}
}

static void serve_request(struct pci_job *job)
{
	struct request *request = container_of(job, struct request, job);

	request->error = request->function(request->argument);
	/* Under the lock, as its storage may go once it is done. */
	spin_lock(&jobs_lock);
	request->done = true;
	spin_unlock(&jobs_lock);
	wait_wake_all(&done_queue);
}

static uint64_t serve_slots(void)
{
	uint64_t deadline;
	bool changed;

	/* What comes and goes may have slots itself. */
	do {
		struct list_node *node;

		deadline = DEADLINE_NEVER;
		changed = false;
		list_for_each (node, &slots) {
			changed =
				pci_slot_step(container_of(node, struct pci_slot, node), &deadline);
			if (changed)
				break;
		}
	} while (changed);
	return deadline;
}

/* While somebody wants it. */
static void stand_still(struct waiter *waiter)
{
	struct list_node *node;

	if (!wanted_still)
		return;
	still = true;
	wait_wake_all(&done_queue);
	while (wanted_still)
		wait_sleep_until_woken(waiter);
	still = false;
	wait_wake_all(&done_queue);
	/* While the machine slept nothing was reported. */
	list_for_each (node, &slots)
		pci_slot_check(container_of(node, struct pci_slot, node));
}

static void run(void *unused)
{
	struct waiter waiter;
	const struct pci_bus *root;

	(void)unused;
	for (unsigned i = 0; (root = pci_root(i)) != NULL; i++)
		add_slots(root);
	tree_changed = true;
	wait_begin(&work_queue_of_thread, &waiter);
	for (;;) {
		uint64_t deadline;

		stand_still(&waiter);
		woken = false;
		serve_jobs();
		deadline = serve_slots();
		if (tree_changed)
			pci_slots_refresh();
		tree_changed = false;
		if (!woken)
			(void)!wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, deadline);
	}
}

void pci_hotplug_start(void)
{
	wait_queue_init(&work_queue_of_thread, "pci hotplug");
	wait_queue_init(&done_queue, "pci requests");
	started = thread_spawn("pci hotplug", run, NULL) == 0;
	if (!started)
		log_error("pci", "no memory for the thread of hotplug");
}

bool pci_hotplug_is_on(void)
{
	return started;
}

void pci_job_queue(struct pci_job *job)
{
	spin_lock(&jobs_lock);
	list_push_back(&jobs, &job->node);
	spin_unlock(&jobs_lock);
	if (started)
		wake_thread();
}

int pci_hotplug_call(int (*function)(void *argument), void *argument)
{
	struct request request = {
		.job = { .function = serve_request },
		.function = function,
		.argument = argument,
	};
	struct waiter waiter;

	if (!started)
		return -ENODEV;
	wait_begin(&done_queue, &waiter);
	pci_job_queue(&request.job);
	while (!request.done)
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
	spin_lock(&jobs_lock);
	spin_unlock(&jobs_lock);
	return request.error;
}

int pci_rescan(void)
{
	return pci_hotplug_call(look_for_new, NULL);
}

int pci_remove(struct device *device)
{
	return pci_hotplug_call(remove_one, device);
}

static void hold(bool wanted)
{
	struct waiter waiter;

	if (!started)
		return;
	wait_begin(&done_queue, &waiter);
	wanted_still = wanted;
	wake_thread();
	while (still != wanted)
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
}

void pci_hotplug_hold(void)
{
	hold(true);
}

void pci_hotplug_go_on(void)
{
	hold(false);
}
