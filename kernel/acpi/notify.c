/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The thread "acpi notify": what firmware tells of devices, and jobs of those who listen, one at a time and in
 * order. What comes before it is started waits.
 */
#include "acpi_priv.h"

#include <base/list.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <sched/wait.h>
#include <sync/spinlock.h>

#define NOTIFICATION_MAX 1024 /* that wait; more are dropped */

/* Freed by the thread. */
struct notification {
	struct acpi_job job;
	struct aml_node *name; /* held */
	uint64_t value;
};

static struct spinlock queue_lock = SPINLOCK_INIT(RANK_LEAF, "acpi notify");
/* Under queue_lock. */
static struct list queue = LIST_INIT(queue);
static unsigned notification_count;
static bool dropped; /* logged once */

static struct wait_queue waiters;
static _Atomic bool started;

void acpi_job_queue(struct acpi_job *job)
{
	irq_state_t state = spin_lock_irqsave(&queue_lock);

	if (!job->queued) {
		job->queued = true;
		list_push_back(&queue, &job->node);
	}
	spin_unlock_irqrestore(&queue_lock, state);
	if (started)
		wait_wake(&waiters);
}

static void deliver(struct acpi_job *job)
{
	struct notification *notification = container_of(job, struct notification, job);
	irq_state_t state = spin_lock_irqsave(&queue_lock);

	notification_count--;
	spin_unlock_irqrestore(&queue_lock, state);
	acpi_notify_deliver(notification->name, notification->value);
	aml_node_release(acpi_aml(), notification->name);
	kfree(notification);
}

/* Counts one more, if there is room. */
static bool reserve(void)
{
	irq_state_t state = spin_lock_irqsave(&queue_lock);
	bool room = notification_count < NOTIFICATION_MAX, first = !room && !dropped;

	if (room)
		notification_count++;
	else
		dropped = true;
	spin_unlock_irqrestore(&queue_lock, state);
	if (first)
		log_warning("acpi",
			    "notifications come faster than they are handled: some are lost");
	return room;
}

void acpi_notify_queue(struct aml_node *name, uint64_t value)
{
	struct notification *notification;

	if (!reserve())
		return;
	notification = kzalloc(sizeof(*notification));
	if (!notification) {
		irq_state_t state = spin_lock_irqsave(&queue_lock);

		notification_count--;
		spin_unlock_irqrestore(&queue_lock, state);
		return;
	}
	aml_node_hold(acpi_aml(), name);
	notification->name = name;
	notification->value = value;
	notification->job.function = deliver;
	acpi_job_queue(&notification->job);
}

static struct acpi_job *take(void)
{
	irq_state_t state = spin_lock_irqsave(&queue_lock);
	struct list_node *node = list_pop_front(&queue);
	struct acpi_job *job = node ? container_of(node, struct acpi_job, node) : NULL;

	if (job)
		job->queued = false;
	spin_unlock_irqrestore(&queue_lock, state);
	return job;
}

static void run(void *unused)
{
	struct waiter waiter;

	(void)unused;
	wait_begin(&waiters, &waiter);
	for (;;) {
		struct acpi_job *job = take();

		if (job)
			job->function(job);
		else
			wait_sleep_until_woken(&waiter);
	}
}

int acpi_notify_start(void)
{
	wait_queue_init(&waiters, "acpi notify");
	started = true;
	return thread_spawn("acpi notify", run, NULL);
}
