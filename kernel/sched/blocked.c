/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reports of threads that sleep: what they wait for, who holds it, and where they are.
 *
 * A thread is looked at under the lock of its run queue, so that it stays off its CPU: its stack
 * and the mutex that it waits for do not vanish. The owner of that does not either, because its
 * burial needs the list of threads, which is locked meanwhile. The log is written when the queue is
 * free again.
 */
#include "sched_priv.h"

#include <arch/trap.h>
#include <core/backtrace.h>
#include <core/log.h>
#include <core/panic.h>
#include <sched/diagnose.h>
#include <sched/mutex.h>
#include <sync/snapshot.h>

/* A queue whose lock is not free after so many tries may never be. */
#define LOCK_TRIES 10000

enum choice {
	CHOOSE_BLOCKED,  /* waits for a mutex */
	CHOOSE_PROGRAMS, /* or is in an uninterruptible sleep in a system call */
	CHOOSE_ALL,
};

struct search {
	enum choice choice;
	uint64_t least_ns, now;
	const char *area;
	unsigned found;
};

/* What is found out about one thread. */
struct finding {
	enum thread_state state;
	bool on_cpu;
	unsigned cpu;
	uint64_t since;
	const char *mutex; /* the name of the one that it waits for, or NULL */
	char owner[32];
	struct backtrace trace;
};

/* Written by who has the list of threads. */
static struct finding finding;

static struct run_queue *try_lock_queue_of(const struct thread *thread)
{
	for (unsigned i = 0; i < LOCK_TRIES; i++) {
		unsigned cpu = thread->cpu;
		struct run_queue *queue = &run_queues[cpu];

		if (spin_trylock(&queue->lock)) {
			if (thread->cpu == cpu)
				return queue;
			spin_unlock(&queue->lock);
		}
		arch_cpu_relax();
	}
	return NULL;
}

/* Under the lock of the thread's queue. */
static void look(const struct run_queue *queue, const struct thread *thread)
{
	const struct mutex *mutex = __atomic_load_n(&thread->blocked_on, __ATOMIC_RELAXED);
	const struct thread *owner;
	struct trap_place place;

	finding.state = thread->state;
	finding.on_cpu = queue->current == thread;
	finding.cpu = queue->cpu;
	finding.since = thread->run_start;
	finding.trace.count = 0;
	finding.mutex = NULL;
	finding.owner[0] = '\0';
	if (finding.on_cpu)
		return;
	if (mutex) {
		finding.mutex = mutex->name;
		owner = mutex_owner(mutex);
		if (owner)
			thread_copy_name(owner, finding.owner, sizeof(finding.owner));
	}
	arch_thread_place(thread, &place);
	backtrace_capture(&finding.trace, place.program_counter, place.frame_pointer);
}

static bool is_chosen(const struct search *search, const struct thread *thread)
{
	if (search->choice == CHOOSE_ALL)
		return finding.state != THREAD_NEW && finding.state != THREAD_DEAD;
	if (finding.on_cpu || finding.state != THREAD_SLEEPING)
		return false;
	if (search->now < finding.since || search->now - finding.since < search->least_ns)
		return false;
	return finding.mutex || (search->choice == CHOOSE_PROGRAMS && thread->user);
}

static void log_finding(const struct search *search, const struct thread *thread)
{
	static const char *const states[] = {
		[THREAD_NEW] = "new",
		[THREAD_RUNNABLE] = "waits for a CPU",
		[THREAD_SLEEPING] = "sleeps uninterruptibly",
		[THREAD_SLEEPING_INTERRUPTIBLE] = "sleeps",
		[THREAD_STOPPED] = "is stopped",
		[THREAD_DEAD] = "dead",
	};
	uint64_t ms = search->now > finding.since
			      ? (search->now - finding.since) / NS_PER_MILLISECOND
			      : 0;

	if (finding.on_cpu)
		log_error(search->area, "thread %s runs on CPU %u", thread->name, finding.cpu);
	else
		log_error(search->area, "thread %s %s for %lu.%03lu s%s%s%s%s", thread->name,
			  states[finding.state], (unsigned long)(ms / 1000),
			  (unsigned long)(ms % 1000), finding.mutex ? "; it waits for mutex " : "",
			  finding.mutex ? finding.mutex : "",
			  finding.owner[0] ? ", held by thread " : "", finding.owner);
	backtrace_log(&finding.trace, search->area);
}

static void visit(struct thread *thread, void *argument)
{
	struct search *search = argument;
	unsigned long state = arch_irq_save();
	struct run_queue *queue = try_lock_queue_of(thread);

	if (queue) {
		look(queue, thread);
		spin_unlock(&queue->lock);
	}
	arch_irq_restore(state);
	if (!queue) {
		log_error(search->area, "thread %s: the run queue of its CPU is locked",
			  thread->name);
	} else if (is_chosen(search, thread)) {
		log_finding(search, thread);
		search->found++;
	}
}

static bool run(struct search *search)
{
	search->now = clock_monotonic_ns();
	return thread_try_visit(visit, search);
}

bool blocked_log(uint64_t least_ns, const char *area)
{
	struct search search = { .least_ns = least_ns, .area = area };

	return run(&search);
}

bool blocked_log_programs(const char *area)
{
	struct search search = { .choice = CHOOSE_PROGRAMS, .area = area };
	bool done = run(&search);

	if (done && search.found == 0)
		log_error(area, "no thread is blocked");
	return done;
}

bool blocked_log_all(const char *area)
{
	struct search search = { .choice = CHOOSE_ALL, .area = area };

	return run(&search);
}
