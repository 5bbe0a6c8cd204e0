/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the scheduler's files share: the run queues and the steps of a scheduling decision.
 *
 *   runq.c    the queue itself: put in, take out, which thread is next
 *   slice.c   how long a thread may run while others wait; the timer for that
 *   place.c   which CPU a thread goes to, and what an idle CPU fetches
 *   sched.c   the switch
 *   wake.c    blocked, new and moving threads into queues
 *   start.c   start-up and the idle threads
 *   load.c    load averages
 */
#pragma once

#include <sched/thread.h>
#include <time/clock.h>
#include <time/timer.h>

#include <stdatomic.h>

/* How long a thread runs while others of its class wait. */
#define SLICE_NS     (10 * NS_PER_MILLISECOND)
#define SLICE_MIN_NS (1 * NS_PER_MILLISECOND)
/* A class that has waited so long gets a slice before better ones, so that what its threads
 * hold (mutexes) is let go of at last. */
#define STARVED_NS (500 * NS_PER_MILLISECOND)

/* The class of the idle threads, which are never queued. */
#define THREAD_CLASS_NONE THREAD_CLASS_COUNT

#define LOAD_AVERAGES 3

/* The decaying averages of one CPU's number of runnable threads. See load.c. */
struct load {
	uint64_t updated;                 /* until when all below is right */
	uint64_t period_start;            /* of the period that is being summed up */
	uint64_t thread_ns;               /* runnable threads times time in it */
	uint64_t averages[LOAD_AVERAGES]; /* at its start, LOAD_SHIFT fraction bits */
};

/*
 * A CPU's run queue. The lock is held from the decision to switch until the next thread has
 * arrived on its own stack, so who holds it sees a thread either running or with all its
 * registers in memory.
 */
struct run_queue {
	struct spinlock lock; /* RANK_RUN_QUEUE; two in order of CPU number */
	unsigned cpu;         /* immutable */
	struct thread *idle;  /* immutable once the CPU is online */

	/* Under the lock. Also the fields of threads whose `cpu` this is, see struct thread. */
	struct list threads[THREAD_CLASS_COUNT]; /* those that wait, the next one first */
	uint64_t served[THREAD_CLASS_COUNT];     /* since when those in it wait in vain */
	struct thread *current;
	unsigned waiting;          /* in all lists */
	_Atomic unsigned runnable; /* those and `current`, if not idle; read by anyone */
	struct load load;
	/* Slice timer: by when this CPU looks whether the turn is over (DEADLINE_NEVER: not at
	 * all). Another CPU that makes it earlier sends the resched interrupt. */
	uint64_t slice_deadline;

	/* Own CPU, interrupts off. */
	struct timer slice_timer;
	uint64_t slice_armed; /* what slice_timer is armed for, or DEADLINE_NEVER */

	/* Statistics, read by anyone. */
	_Atomic uint64_t switches, wakeups, migrations, resched_interrupts;
} __attribute__((aligned(64)));

extern struct run_queue run_queues[CPU_MAX];

static inline void count_event(_Atomic uint64_t *counter)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

static inline uint64_t cpu_bit(unsigned cpu)
{
	return (uint64_t)1 << cpu;
}

/* runq.c. All with the queue's lock held, but for the first five. */

void runq_init(struct run_queue *queue, unsigned cpu);
/* This CPU's. Preemption or interrupts off. */
struct run_queue *runq_this(void);
/* Locks the queue of `thread`. Interrupts off. */
struct run_queue *runq_lock_of(struct thread *thread);
/* Locks or unlocks two queues, which may be the same. Interrupts off. */
void runq_lock_two(struct run_queue *a, struct run_queue *b);
void runq_unlock_two(struct run_queue *a, struct run_queue *b);
/* True if `thread` runs, waits or is on its way to another queue: it needs no pushing. */
bool runq_owns(const struct run_queue *queue, const struct thread *thread);
/* Puts `thread` at the front or back of its class, and sets thread->cpu. */
void runq_push(struct run_queue *queue, struct thread *thread, bool front, uint64_t now);
void runq_remove(struct run_queue *queue, struct thread *thread, uint64_t now);
/* Takes out the thread to run next: the idle thread if none waits. */
struct thread *runq_pick(struct run_queue *queue, uint64_t now);
/* Makes `thread` the running one, from `now`. */
void runq_set_current(struct run_queue *queue, struct thread *thread, uint64_t now);
/* Charges the running thread for the time since it was last charged. */
void runq_charge(struct run_queue *queue, uint64_t now);

/* slice.c */

/* How long a thread of this nice value runs. */
uint64_t slice_length(const struct thread *thread);
/* When the running thread's turn ends: DEADLINE_NEVER while nobody waits. Lock held. */
uint64_t slice_end(const struct run_queue *queue);
/* Own CPU, lock held: sets slice_deadline for the thread that runs now, and returns it. */
uint64_t slice_decide(struct run_queue *queue);
/* Own CPU, lock not held, interrupts off: brings the timer in line with what slice_decide()
 * returned. */
void slice_apply(struct run_queue *queue, uint64_t deadline);
/* Both, under the lock that it takes. */
void slice_refresh(struct run_queue *queue);
void slice_init(struct run_queue *queue);

/* place.c: the masks are hints, kept by runq.c under the lock of each CPU's queue. */

extern _Atomic uint64_t place_online; /* CPUs that schedule; bits are only ever set */
extern _Atomic uint64_t place_idle;   /* that idle, with nothing queued */
extern _Atomic uint64_t place_low;    /* that run a thread of class BATCH or IDLE */

/* The CPU for a thread that becomes runnable; `spread`: rather than where it ran last, the one
 * with the least to do. No lock needed; the answer may be out of date. */
unsigned place_choose(const struct thread *thread, bool spread);
/* True if some CPU that may run `thread` has less to do, so that moving it there pays. */
bool place_has_better(const struct run_queue *queue, const struct thread *thread);
/* Fetches a waiting thread from a busy CPU into this CPU's queue. Interrupts off, no lock. */
bool place_pull(struct run_queue *queue);
/* An idle CPU that could run what waits in `queue`, or CPU_MAX. Lock held. */
unsigned place_find_helper(const struct run_queue *queue);
/* Makes CPU `cpu` schedule as soon as it can: this one when preemption is next allowed. Preemption
 * off, any context. */
void place_kick(unsigned cpu);

/* sched.c */

enum switch_reason {
	SWITCH_BLOCK,   /* unless runnable again meanwhile */
	SWITCH_YIELD,   /* others of the class first */
	SWITCH_PREEMPT, /* if a better one waits or the turn is over */
};
/* Runs the next thread; returns when this one runs again. Preemption count 0. */
void sched_switch(enum switch_reason reason);

/* wake.c */

/* Queues a thread that left its CPU with `moving` set. Interrupts off. */
void wake_moving(struct thread *thread);
/* Makes a new thread runnable. */
void wake_new(struct thread *thread);

/* thread.c */

/* Hands a dead thread, which has left its CPU, to the reaper. */
void thread_bury(struct thread *thread);
void thread_start_reaper(void);
/* Fills in a thread without a stack of its own to free, which runs already. */
void thread_adopt(struct thread *thread, const char *name, unsigned cpu);

/* work.c: queues what work_raise() left on this CPU. Interrupts off. */
void work_collect_raised(void);

/* load.c: both with the queue's lock held. */
/* Counts the runnable threads as they were, before `now`. */
void load_update(struct load *load, unsigned runnable, uint64_t now);
/* The averages, with LOAD_AVERAGE_SHIFT fraction bits. */
#define LOAD_AVERAGE_SHIFT 11
void load_read(const struct load *load, uint32_t averages[LOAD_AVERAGES]);

/* lock_debug.c: the sleeping locks that the current thread holds; debug builds. */

/* Before a lock is waited for: checks the order, and notes that it is held. */
void lock_debug_acquire(uint32_t rank, const char *name, bool nested);
/* Notes one that was got without waiting, where any order is right. */
void lock_debug_note(uint32_t rank, const char *name);
void lock_debug_release(uint32_t rank, const char *name);
