/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads and the scheduler's front: a thread runs, blocks and is woken.
 *
 * Each CPU has a run queue: round robin within a few priority classes, preemptive. A thread
 * belongs to one CPU's queue at a time. Sleeping is done through wait queues (wait.h).
 */
#pragma once

#include <arch/thread.h>
#include <base/list.h>
#include <sync/refcount.h>
#include <sync/spinlock.h>

struct pmap;

enum thread_state {
	THREAD_NEW,
	THREAD_RUNNABLE,               /* running or in a run queue */
	THREAD_SLEEPING,               /* waits for an event, uninterruptibly */
	THREAD_SLEEPING_INTERRUPTIBLE, /* the same, but thread_interrupt() ends it */
	THREAD_STOPPED,                /* job control or tracing */
	THREAD_DEAD,
};

enum thread_class {
	THREAD_CLASS_HIGH = 0, /* interrupt work */
	THREAD_CLASS_NORMAL = 1,
	THREAD_CLASS_BATCH = 2, /* nice > 0 and batch */
	THREAD_CLASS_IDLE = 3,  /* only when nothing else runs */
	THREAD_CLASS_COUNT,
};

struct thread {
	struct arch_thread arch; /* owner thread; by arch_switch otherwise */

	/* Immutable after create. */
	void *stack; /* lowest address of the kernel stack */
	void (*entry)(void *argument);
	void *argument;
	bool user; /* embedded in a struct user_thread (proc/process.h) */

	/* The owner thread writes; others may read a stale value. */
	char name[32];
	struct pmap *pmap; /* NULL: a kernel thread, runs on whatever is loaded */

	/* Under the lock of the run queue of `cpu`. */
	struct list_node run_node;
	_Atomic uint32_t state; /* enum thread_state */
	unsigned cpu;           /* whose queue it is in or was last */
	uint8_t class;          /* enum thread_class */
	int8_t nice;            /* -20 .. 19 */
	_Atomic bool on_cpu;    /* its registers are live on `cpu` */
	uint64_t affinity;      /* mask of CPUs that may run it */
	uint64_t slice_left;    /* ns */
	uint64_t run_start;     /* when it was switched in */

	/* Written by the CPU that runs it; read by anyone. */
	_Atomic uint64_t runtime_ns; /* total CPU time */
	_Atomic uint64_t user_ns;    /* part of it in user mode (sampled at entry and exit) */
	_Atomic uint64_t switches_voluntary, switches_involuntary;

	/* Atomic: set by anyone, see thread_interrupt() and thread_set_user_work(). */
	_Atomic bool interrupted;
	_Atomic bool user_work;

	/* Who holds: the creator (until thread_put), the scheduler while not dead. */
	struct refcount references;
	/* Called from the scheduler's reaper, in thread context, when the count reaches 0 and
	 * the stack is freed; frees the storage. NULL: the thread is kfree'd. */
	void (*release)(struct thread *thread);

	struct list_node all_node; /* in the list of all threads, under its lock */
	uint32_t lock_depth;       /* sleeping locks held, debug builds; owner thread */
};

/* Initialises storage that the caller supplies and makes a kernel stack. The thread is NEW:
 * thread_start() makes it run. -ENOMEM. */
int must_check thread_init(struct thread *thread, const char *name, void (*entry)(void *),
			   void *argument, bool user);
/* Undoes thread_init() for a thread that was never started. */
void thread_fini(struct thread *thread);
/* Puts a NEW thread into a run queue; the scheduler takes a reference. */
void thread_start(struct thread *thread);
/* Creates and starts a kernel thread; the caller gets no reference. -ENOMEM. */
int must_check thread_spawn(const char *name, void (*entry)(void *), void *argument);
/* Ends the current thread. Its entry function may also just return. */
_Noreturn void thread_exit(void);

void thread_get(struct thread *thread);
void thread_put(struct thread *thread);

/* Sleeping. The pattern (wait.h wraps it for wait queues):
 *     thread_set_state(THREAD_SLEEPING);  // then check the condition; then
 *     thread_block(deadline);             // returns when woken or when the deadline passed
 * A wake-up between the two is not lost. thread_block() returns false on the deadline. An
 * interruptible sleep also ends, at once, when thread_interrupted(). */
void thread_set_state(enum thread_state state);
bool thread_block(uint64_t deadline_ns);
/* Makes a sleeping thread runnable; false if it was not sleeping. Any context. */
bool thread_wake(struct thread *thread);
/* Wakes it only from THREAD_STOPPED. */
bool thread_continue(struct thread *thread);

/* Tells a thread that a signal awaits: sets `interrupted` and `user_work`, ends an
 * interruptible sleep, and makes its CPU enter the kernel if it runs in user mode. */
void thread_interrupt(struct thread *thread);
static inline bool thread_interrupted(const struct thread *thread)
{
	return thread->interrupted;
}
/* Makes trap_return_to_user() run before the thread next enters user mode. */
void thread_set_user_work(struct thread *thread);

/* Gives the CPU to others of the same class. */
void thread_yield(void);
void thread_sleep_until(uint64_t deadline_ns); /* uninterruptible */
/* Sets the class and nice value. */
void thread_set_priority(struct thread *thread, enum thread_class class, int nice);
/* -EINVAL if no running CPU is in the mask. Moves the thread if needed. */
int must_check thread_set_affinity(struct thread *thread, uint64_t mask);

/* Start-up: the boot CPU's idle thread adopts the boot stack; each CPU calls
 * sched_cpu_start() when it is up, which does not return for all but the boot CPU. */
void sched_init(void);
void sched_cpu_start(void);
/* Turns the boot thread into the boot CPU's idle loop. */
_Noreturn void sched_idle(void);

/* Calls `visit` for each thread, under the list's lock. */
void thread_visit(void (*visit)(struct thread *thread, void *argument), void *argument);

struct sched_statistics {
	uint64_t switches, wakeups, migrations, resched_interrupts, timer_interrupts;
	uint64_t idle_ns;
	unsigned runnable; /* queued or running, now */
};
void sched_read_statistics(unsigned cpu, struct sched_statistics *statistics);
/* Load averages over 1, 5 and 15 minutes, fixed point with 11 fraction bits, computed when
 * asked (no tick). */
void sched_read_load(uint32_t averages[3]);
