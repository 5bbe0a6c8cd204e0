/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads and the scheduler's front: a thread runs, blocks and is woken.
 *
 * Each CPU has a run queue: round robin within a few priority classes, preemptive. A thread
 * belongs to one CPU's queue at a time. Sleeping is done through wait queues (wait.h).
 * docs/scheduler.md explains how it works inside.
 */
#pragma once

#include <arch/thread.h>
#include <base/list.h>
#include <sync/refcount.h>
#include <sync/spinlock.h>

struct mutex;
struct mutex_waiter;
struct pmap;

enum thread_state {
	THREAD_NEW,
	THREAD_RUNNABLE,               /* running or in a run queue */
	THREAD_SLEEPING,               /* waits, or is about to, for an event, uninterruptibly */
	THREAD_SLEEPING_INTERRUPTIBLE, /* the same, but thread_interrupt() ends it */
	THREAD_STOPPED,                /* job control or tracing */
	THREAD_DEAD,
};

/* The classes, each with a list in every run queue. */
enum thread_class {
	THREAD_CLASS_HIGH,     /* interrupt work of the kernel */
	THREAD_CLASS_REALTIME, /* by priority; at most 95 % of a CPU that others want */
	THREAD_CLASS_NORMAL,
	THREAD_CLASS_IDLE, /* when nothing else runs */
	THREAD_CLASS_COUNT,
};

/* How urgent a thread is, as one number: the lower, the better. Real-time priority n (1-99, the
 * highest is best) has number 100 - n. */
#define THREAD_PRIORITY_HIGH   0
#define THREAD_PRIORITY_NORMAL 100
#define THREAD_PRIORITY_IDLE   101
#define THREAD_PRIORITY_NONE   102

static inline enum thread_class thread_priority_class(unsigned priority)
{
	if (priority == THREAD_PRIORITY_HIGH)
		return THREAD_CLASS_HIGH;
	if (priority < THREAD_PRIORITY_NORMAL)
		return THREAD_CLASS_REALTIME;
	return priority == THREAD_PRIORITY_NORMAL ? THREAD_CLASS_NORMAL : THREAD_CLASS_IDLE;
}

enum thread_policy {
	THREAD_POLICY_NORMAL,      /* shares its CPU by nice value; preempts when it wakes */
	THREAD_POLICY_BATCH,       /* the same, but waits for its turn when it wakes */
	THREAD_POLICY_IDLE,        /* class IDLE */
	THREAD_POLICY_FIFO,        /* class REALTIME, until it blocks */
	THREAD_POLICY_ROUND_ROBIN, /* class REALTIME, in turns with those of its priority */
	THREAD_POLICY_HIGH,        /* class HIGH: kernel threads */
};

/* What somebody asked to have a thread scheduled by. */
struct thread_scheduling {
	enum thread_policy policy;
	uint8_t realtime_priority; /* 1-99 for FIFO and ROUND_ROBIN, otherwise 0 */
	int8_t nice;               /* -20 .. 19; counts for NORMAL and BATCH, and is kept by all */
	bool reset_on_fork; /* threads that it makes begin without what is better than usual */
};

/* The sleeping locks that debug builds can follow per thread. */
#define THREAD_LOCK_DEPTH_MAX (CONFIG_DEBUG ? 12u : 1u)

/* A sleeping lock that a thread has taken. */
struct thread_lock {
	const void *lock;
	const char *name;
	uintptr_t caller; /* took it: a return address */
	uint32_t rank;
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
	struct pmap *pmap; /* see thread_set_pmap() */

	/* Under the lock of the run queue of `cpu`; those that are atomic are also read without.
	 * The owner moves `state` away from RUNNABLE without the lock. */
	struct list_node run_node;         /* in the queue; in the reaper's list when dead */
	_Atomic uint32_t state;            /* enum thread_state */
	_Atomic unsigned cpu;              /* whose queue it is in or was last */
	_Atomic uint8_t policy;            /* enum thread_policy */
	_Atomic int8_t nice;               /* -20 .. 19 */
	_Atomic uint8_t realtime_priority; /* as in struct thread_scheduling */
	_Atomic bool reset_on_fork;        /* the same */
	_Atomic uint8_t base_priority;     /* THREAD_PRIORITY_..., by what was asked for */
	_Atomic uint8_t inherited;         /* from who waits for it, or THREAD_PRIORITY_NONE */
	_Atomic uint8_t priority;          /* the better of the two: what counts */
	_Atomic uint8_t class;             /* enum thread_class, of `priority` */
	_Atomic bool on_cpu;               /* its registers are live on `cpu` */
	bool moving;                /* left `cpu`'s queue for another that it is not in yet */
	_Atomic uint64_t affinity;  /* mask of CPUs that may run it */
	int64_t credit;             /* ns that it may run before others of its class; debt if < 0 */
	uint64_t run_start;         /* until when runtime_ns counts, while it runs */
	uint64_t turn_start;        /* since when it runs */
	uint64_t woken_at;          /* when it was woken, until it runs; else 0 */
	struct thread *handed_next; /* in the mailbox of another CPU (`moving` is set) */
	uint64_t shown_user_ns, shown_system_ns; /* what thread_read_times() last said */

	/* Written by the CPU that runs it, under the lock; read by anyone. */
	_Atomic uint64_t runtime_ns; /* CPU time, but for the current turn: thread_runtime() */
	_Atomic uint64_t switches_voluntary, switches_involuntary;
	/* While it runs: the monotonic clock less its CPU time. */
	_Atomic uint64_t runtime_base;

	/* Owner thread: the sampling of time in the kernel (account.h). */
	uint32_t account_skip;      /* entries to let pass before the next is measured */
	uint32_t account_weight;    /* for how many entries that one stands */
	bool account_open;          /* one is being measured */
	uint64_t account_start;     /* when it began, in own CPU time */
	uint64_t account_end;       /* when the one before ended */
	_Atomic uint64_t system_ns; /* CPU time in the kernel, estimated; others read it */

	/* Atomic: set by anyone, see thread_interrupt() and thread_set_user_work(). */
	_Atomic bool interrupted;
	_Atomic bool user_work;

	/* Who holds: the creator (until thread_put), the scheduler while not dead. */
	struct refcount references;
	/* Called from the scheduler's reaper, in thread context, when the count reaches 0 and
	 * the stack is freed; frees the storage. NULL: the thread is kfree'd. */
	void (*release)(struct thread *thread);

	struct list_node all_node; /* in the list of all threads, under its lock */

	/* Priority inheritance (inherit.c). The owner thread writes the last two, under the lock of
	 * the mutex's queue as well. */
	struct spinlock inherit_lock; /* RANK_INHERIT: all up to the next heading */
	struct list lenders;          /* the best waiter for each mutex held, best first */
	/* The mutex that it waits for, or NULL. While the thread is off its CPU, which the lock of
	 * its run queue makes sure of, the mutex does not vanish. */
	struct mutex *blocked_on;
	struct mutex_waiter *mutex_waiter; /* as what */

	/* Owner thread, debug builds: the sleeping locks held, and the one waited for. */
	uint32_t lock_depth;
	struct thread_lock locks[THREAD_LOCK_DEPTH_MAX];
};

/* Initialises storage that the caller supplies, which becomes all zeros but for what is set
 * here, and makes a kernel stack. The thread is NEW, with one reference, the caller's:
 * thread_start() makes it run. A user thread made by a user thread inherits its policy,
 * priority, nice value and affinity. -ENOMEM. */
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

/* From here on the current thread, which must be a kernel thread, may call code that uses vector
 * registers (lib/blend, lib/font): it gets a place to keep them while others run. No other code of
 * the kernel may, least of all a system call: the registers are then those of the program that
 * made it. Calling it again does nothing. Thread context. -ENOMEM. */
int must_check thread_use_vectors(void);

void thread_get(struct thread *thread);
/* Any context. */
void thread_put(struct thread *thread);

/* Makes `pmap` the address space of the current thread (exec), or none (NULL, before its owner
 * frees the last one), and loads it. Others set thread->pmap only while the thread is NEW.
 * A kernel thread (pmap NULL) runs on whatever the CPU has loaded, so that going to sleep and
 * coming back costs no reload: a CPU may hold on to a pmap after its threads left. It is never
 * kept past a dying thread, and arch_pmap_destroy() takes it from CPUs that still have it. */
void thread_set_pmap(struct pmap *pmap);

/* Sleeping. The pattern (wait.h wraps it for wait queues):
 *     thread_set_state(THREAD_SLEEPING);  // then check the condition; then
 *     thread_block(deadline);             // returns when woken or when the deadline passed
 * A wake-up between the two is not lost. thread_block() returns false on the deadline. An
 * interruptible sleep also ends, at once, when thread_interrupted(). thread_block() may return
 * early: callers look at their condition again. thread_set_state(THREAD_RUNNABLE) calls the
 * sleep off. */
void thread_set_state(enum thread_state state);
bool thread_block(uint64_t deadline_ns);
/* Makes a sleeping thread runnable; false if it was not sleeping. Any context, under locks of
 * rank < RANK_TIMER. The caller sees to it that the thread does not vanish meanwhile. */
bool thread_wake(struct thread *thread);
/* The same for a waker that is about to sleep, or soon will be: the thread gets this CPU then, if it
 * may, though others be idle. */
bool thread_wake_here(struct thread *thread);
/* The waker that said so goes on: an idle CPU may have what waits here. */
void thread_offer_waiting(void);
/* thread_wake(next) and thread_block(DEADLINE_NEVER) in one: where nobody else waits for this CPU,
 * `next` gets it at once. Of whoever wants something done by another thread, and waits for it. */
void thread_block_for(struct thread *next);
/* Wakes `next` and lets it run first, where nobody else waits for this CPU; else thread_wake_here().
 * Of whoever has done what `next` waits for, and then has nothing to do until it wants more. */
void thread_yield_to(struct thread *next);
/* Wakes it only from THREAD_STOPPED. */
bool thread_continue(struct thread *thread);
/* True if it has stopped or died, and left its CPU: its registers are all in memory. */
bool thread_is_stopped(const struct thread *thread);

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
/* Sets what the thread is scheduled by. The caller has checked the ranges. Thread context, under
 * locks of rank < RANK_WAIT_QUEUE. Whoever owns what it waits for inherits accordingly. */
void thread_set_scheduling(struct thread *thread, const struct thread_scheduling *scheduling);
struct thread_scheduling thread_get_scheduling(const struct thread *thread);
/* Lends the thread the priority of the best one that waits for it, THREAD_PRIORITY_NONE: of
 * nobody. Replaces what was lent before. Any context under locks of rank < RANK_RUN_QUEUE. */
void thread_set_inherited(struct thread *thread, unsigned priority);
/* -EINVAL if no CPU that is online is in the mask. While none of its CPUs is, a thread runs on any. The current thread is on one of these CPUs when
 * this returns; another thread that runs elsewhere is told to move and does so at once. */
int must_check thread_set_affinity(struct thread *thread, uint64_t mask);

/* The CPU time of a thread, the current turn included. */
uint64_t thread_runtime(struct thread *thread);
/* The same in two parts, of which neither ever shrinks; account.h tells how they are found. */
void thread_read_times(struct thread *thread, uint64_t *user_ns, uint64_t *system_ns);

/* Start-up. sched_init() makes the boot CPU's context an ordinary kernel thread, which may
 * sleep, and needs nothing but cpu_register(). Each CPU calls sched_cpu_start() with interrupts
 * off when it is up: on the boot CPU it returns at once, on the others it turns the caller into
 * the CPU's idle thread. sched_idle() ends the boot thread. */
void sched_init(void);
void sched_cpu_start(void);
_Noreturn void sched_idle(void);

/* Calls `visit` for each thread, under the list's lock. */
void thread_visit(void (*visit)(struct thread *thread, void *argument), void *argument);
/* The same from any context; false if somebody else has the list. */
bool must_check thread_try_visit(void (*visit)(struct thread *thread, void *argument),
				 void *argument);
/* The idle thread of CPU `cpu` < cpu_count(), which thread_visit() does not know. */
struct thread *sched_idle_thread(unsigned cpu);
