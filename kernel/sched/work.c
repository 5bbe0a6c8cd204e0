/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Deferred work: one queue, and a worker thread per CPU that takes the next work from it. The
 * CPU's own worker is woken if it has nothing to do, else any other that has not.
 */
#include "sched_priv.h"

#include <base/format.h>
#include <core/log.h>
#include <core/panic.h>
#include <sched/wait.h>
#include <sched/work.h>

struct worker {
	struct thread thread;
	/* Under queue_lock. */
	struct work *running; /* may be freed already: only compared */
	uint64_t taken;       /* works, so far */
	bool idle;            /* sleeps, or looks for work once more before it does */
};

static struct worker workers[CPU_MAX];
static unsigned worker_count; /* grows, under queue_lock */

static struct spinlock queue_lock = SPINLOCK_INIT(RANK_LEAF, "work");
static struct list queue = LIST_INIT(queue); /* under queue_lock */

/* Those who flush look anew each time that a work is done. */
static struct wait_queue done = {
	.lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, "work done"),
	.waiters = LIST_INIT(done.waiters),
};

/* Per CPU, what work_raise() left: a stack linked by `raised`. Any CPU pushes to its own, with
 * interrupts off, but from any depth of handlers. */
static _Atomic(struct work *) raised_by_cpu[CPU_MAX];
/* The end of such a stack; NULL in work->raised means that it is in none. */
static struct work raised_end;

void work_init(struct work *work, void (*run)(struct work *work))
{
	*work = (struct work){ .run = run };
	list_node_init(&work->node);
}

/* Under queue_lock. */
static bool is_running(const struct work *work)
{
	for (unsigned i = 0; i < worker_count; i++) {
		if (workers[i].running == work)
			return true;
	}
	return false;
}

/* A worker that has nothing to do, this CPU's first, or NULL; it counts as busy from now on.
 * Under queue_lock. */
static struct worker *claim_worker(void)
{
	unsigned here = cpu_id();

	for (unsigned i = 0; i < worker_count; i++) {
		struct worker *worker = &workers[(here + i) % worker_count];

		if (worker->idle) {
			worker->idle = false;
			return worker;
		}
	}
	return NULL;
}

bool work_queue(struct work *work)
{
	irq_state_t state = spin_lock_irqsave(&queue_lock);
	bool queued = !work->pending;
	struct worker *worker = NULL;

	if (queued) {
		work->pending = true;
		list_push_back(&queue, &work->node);
		worker = claim_worker();
	}
	spin_unlock_irqrestore(&queue_lock, state);
	if (worker)
		thread_wake(&worker->thread);
	return queued;
}

void work_raise(struct work *work)
{
	unsigned long state = arch_irq_save();
	unsigned cpu = cpu_id();
	struct work *expected = NULL;

	if (atomic_compare_exchange_strong(&work->raised, &expected, &raised_end)) {
		struct work *first = atomic_load(&raised_by_cpu[cpu]);

		do
			atomic_store(&work->raised, first ? first : &raised_end);
		while (!atomic_compare_exchange_weak(&raised_by_cpu[cpu], &first, work));
		arch_send_wake(cpu);
	}
	arch_irq_restore(state);
}

void work_collect_raised(void)
{
	struct work *work = atomic_exchange(&raised_by_cpu[cpu_id()], NULL);

	while (work && work != &raised_end) {
		struct work *next = atomic_load(&work->raised);

		/* From here on it may be raised again. */
		atomic_store(&work->raised, NULL);
		work_queue(work);
		work = next;
	}
}

/* The first work that runs nowhere yet, taken out and marked as running, or NULL, with the
 * worker marked idle. */
static struct work *take_work(struct worker *worker)
{
	irq_state_t state = spin_lock_irqsave(&queue_lock);
	struct work *work = NULL;
	struct list_node *node;

	worker->running = NULL;
	list_for_each (node, &queue) {
		work = container_of(node, struct work, node);
		if (!is_running(work))
			break;
		work = NULL;
	}
	if (work) {
		list_remove(&work->node);
		work->pending = false;
		worker->running = work;
		worker->taken++;
	}
	worker->idle = !work;
	spin_unlock_irqrestore(&queue_lock, state);
	return work;
}

static void worker_loop(void *argument)
{
	struct worker *worker = argument;

	for (;;) {
		struct work *work;

		thread_set_state(THREAD_SLEEPING);
		work = take_work(worker);
		wait_wake(&done);
		if (work) {
			thread_set_state(THREAD_RUNNABLE);
			work->run(work);
		} else {
			thread_block(DEADLINE_NEVER);
		}
	}
}

static bool is_done(const struct work *work)
{
	irq_state_t state = spin_lock_irqsave(&queue_lock);
	bool result = !work->pending && !is_running(work);

	spin_unlock_irqrestore(&queue_lock, state);
	return result;
}

void work_flush(struct work *work)
{
	struct waiter waiter;

	assert_may_sleep();
	wait_begin(&done, &waiter);
	while (!is_done(work))
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
}

struct work *work_cancel_one(bool (*matches)(const struct work *work, void *context), void *context)
{
	irq_state_t state = spin_lock_irqsave(&queue_lock);
	struct work *found = NULL;
	struct list_node *node;

	list_for_each (node, &queue) {
		struct work *work = container_of(node, struct work, node);

		if (matches(work, context)) {
			found = work;
			list_remove(&work->node);
			work->pending = false;
			break;
		}
	}
	spin_unlock_irqrestore(&queue_lock, state);
	if (found)
		wait_wake(&done);
	return found;
}

/* Whether the worker still runs what it had taken then. */
static bool still_runs(const struct worker *worker, uint64_t taken)
{
	irq_state_t state = spin_lock_irqsave(&queue_lock);
	bool result = worker->running && worker->taken == taken;

	spin_unlock_irqrestore(&queue_lock, state);
	return result;
}

void work_drain(void)
{
	struct waiter waiter;

	assert_may_sleep();
	wait_begin(&done, &waiter);
	for (unsigned i = 0; i < worker_count; i++) {
		irq_state_t state = spin_lock_irqsave(&queue_lock);
		uint64_t taken = workers[i].taken;

		spin_unlock_irqrestore(&queue_lock, state);
		while (still_runs(&workers[i], taken))
			wait_sleep_until_woken(&waiter);
	}
	wait_end(&waiter);
}

static bool is_settled(void)
{
	irq_state_t state = spin_lock_irqsave(&queue_lock);
	bool result = list_empty(&queue);

	for (unsigned i = 0; i < worker_count; i++)
		result = result && !workers[i].running;
	spin_unlock_irqrestore(&queue_lock, state);
	return result;
}

bool work_settle(uint64_t deadline_ns)
{
	struct waiter waiter;
	bool settled;

	assert_may_sleep();
	wait_begin(&done, &waiter);
	while (!(settled = is_settled())) {
		if (wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, deadline_ns))
			break;
	}
	wait_end(&waiter);
	return settled || is_settled();
}

static int start_worker(unsigned cpu)
{
	struct thread *thread = &workers[cpu].thread;
	irq_state_t state;
	char name[16];
	int error;

	snprintf(name, sizeof(name), "worker/%u", cpu);
	error = thread_init(thread, name, worker_loop, &workers[cpu], false);
	if (error)
		return error;
	error = thread_set_affinity(thread, cpu_bit(cpu));
	assert(error == 0); /* the CPU is online, and none leaves now */
	thread_set_scheduling(thread, &(struct thread_scheduling){ .policy = THREAD_POLICY_HIGH });
	state = spin_lock_irqsave(&queue_lock);
	worker_count = cpu + 1;
	spin_unlock_irqrestore(&queue_lock, state);
	thread_start(thread);
	return 0;
}

void work_start(void)
{
	thread_start_reaper();
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		int error = start_worker(cpu);

		assert(error == 0); /* out of memory at boot */
	}
}

void work_start_on(unsigned cpu)
{
	if (start_worker(cpu))
		log_warning("sched", "no memory for the worker of CPU %u", cpu);
}
