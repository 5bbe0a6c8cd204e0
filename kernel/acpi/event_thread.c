/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Thread "acpi events": runs firmware's methods for events, one after the other, and jobs of drivers that
 * do the same for events of their own.
 */
#include "event_priv.h"

#include "acpi_priv.h"

#include <acpi/namespace.h>
#include <base/bits.h>
#include <core/log.h>
#include <sched/thread.h>
#include <sched/wait.h>

#include <stdatomic.h>

static struct wait_queue queue = {
	.lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, "acpi events"),
	.waiters = LIST_INIT(queue.waiters),
};
static _Atomic bool woken; /* since the thread looked last */

/* Under acpi_event_lock. */
static struct list jobs = LIST_INIT(jobs);
static uint64_t failed[BITMAP_WORDS(ACPI_GPE_MAX)]; /* that was logged */

void acpi_event_thread_wake(void)
{
	atomic_store(&woken, true);
	wait_wake(&queue);
}

void acpi_event_job_queue(struct acpi_job *job)
{
	irq_state_t state = spin_lock_irqsave(&acpi_event_lock);
	bool queued = job->queued;

	if (!queued) {
		job->queued = true;
		list_push_back(&jobs, &job->node);
	}
	spin_unlock_irqrestore(&acpi_event_lock, state);
	if (!queued)
		acpi_event_thread_wake();
}

static void run_method(unsigned gpe, struct aml_node *method)
{
	struct aml_object *result = NULL;
	int error = aml_evaluate(acpi_aml(), method, NULL, 0, &result);

	aml_put(acpi_aml(), result);
	if (error && !bitmap_test(failed, gpe)) {
		bitmap_set(failed, gpe);
		log_warning("acpi", "method of GPE 0x%02x: %s", gpe, aml_error_name(error));
	}
	acpi_gpe_done(gpe);
}

static struct acpi_job *take_job(void)
{
	irq_state_t state = spin_lock_irqsave(&acpi_event_lock);
	struct list_node *node = list_pop_front(&jobs);
	struct acpi_job *job = node ? container_of(node, struct acpi_job, node) : NULL;

	if (job)
		job->queued = false;
	spin_unlock_irqrestore(&acpi_event_lock, state);
	return job;
}

static void serve_all(void)
{
	bool any;

	do {
		struct acpi_job *job = take_job();
		struct aml_node *method;
		unsigned gpe;

		any = job != NULL;
		if (job)
			job->function(job);
		if (acpi_gpe_take(&gpe, &method)) {
			run_method(gpe, method);
			any = true;
		}
	} while (any);
}

static void run(void *unused)
{
	struct waiter waiter;

	(void)unused;
	wait_begin(&queue, &waiter);
	for (;;) {
		while (!atomic_exchange(&woken, false))
			wait_sleep_until_woken(&waiter);
		serve_all();
	}
}

int acpi_event_thread_start(void)
{
	return thread_spawn("acpi events", run, NULL);
}
