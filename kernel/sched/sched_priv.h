/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the scheduler's files share: the run queues and the steps of a scheduling decision.
 *
 *   runq.c      the queue itself: put in, take out, which thread is next
 *   turn.c      how long a thread may run while others wait; who preempts whom
 *   place.c     which CPU a thread goes to, and what an idle CPU fetches
 *   token.c     who looks, and when: the token that goes around the CPUs
 *   tick.c      the same by a periodic timer on each CPU, for comparison (sched=tick)
 *   handoff.c   threads handed from CPU to CPU through mailboxes
 *   spare.c     the offer of an idle CPU to whoever would make work for it
 *   sched.c     the switch
 *   wake.c      blocked, new and moving threads into queues
 *   priority.c  what a thread is scheduled by, and what changes it
 *   inherit.c   priority lent to the owners of mutexes
 *   start.c     start-up and the idle threads
 *   load.c      load averages
 *   hotplug.c   CPUs that go offline and come back
 */
#pragma once

#include <sched/statistics.h>
#include <sched/thread.h>
#include <time/clock.h>
#include <time/timer.h>

#include <stdatomic.h>

/* A class that has waited so long gets a turn before better ones, so that what its threads
 * hold (mutexes) is let go of at last. */
#define STARVED_NS (500 * NS_PER_MILLISECOND)
/* Of each period, what real-time threads may take while others wait. */
#define REALTIME_PERIOD_NS NS_PER_SECOND
#define REALTIME_SHARE_NS  (950 * NS_PER_MILLISECOND)

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
	unsigned waiting_classes;  /* bits: whose lists are not empty */
	unsigned shown;            /* what the masks of place.c say of this CPU, see runq.c, */
	unsigned shown_class;      /* for this class of `current` */
	_Atomic unsigned runnable; /* those and `current`, if not idle; read by anyone */
	struct load load;
	uint64_t realtime_period; /* when the current REALTIME_PERIOD_NS began */
	uint64_t realtime_used;   /* by real-time threads since then */
	/* During a switch that the token caused: to whom a thread was handed, or CPU_MAX; and
	 * whether it is the one that ran, which goes when it has left the CPU. */
	unsigned hand_target;
	bool handing_previous;

	/* Own CPU, interrupts off. */
	uint64_t token_held; /* the token, while it waits for the switch that it caused; or 0 */
	/* The token's watch or pacer, or the tick, is armed here, and the CPU has been shown as
	 * crowded ever since. Others only clear it. */
	_Atomic bool looked_after;

	struct sched_statistics statistics; /* written under the lock, or by the own CPU */
} __attribute__((aligned(64)));

extern struct run_queue run_queues[CPU_MAX];

static inline void count_event(_Atomic uint64_t *counter)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* The same where only one CPU writes at a time, without the price of a locked instruction. */
static inline void count_own_event(_Atomic uint64_t *counter)
{
	uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);

	atomic_store_explicit(counter, value + 1, memory_order_relaxed);
}

static inline uint64_t cpu_bit(unsigned cpu)
{
	return (uint64_t)1 << cpu;
}

/* runq.c. All with the queue's lock held, but for the first five. */

void runq_init(struct run_queue *queue, unsigned cpu);
/* This CPU's. Preemption or interrupts off. */
static inline struct run_queue *runq_this(void)
{
	return &run_queues[cpu_id()];
}
/* Locks the queue of `thread`. Interrupts off. */
struct run_queue *runq_lock_of(struct thread *thread);
/* Locks two different queues. Interrupts off. */
void runq_lock_both(struct run_queue *a, struct run_queue *b);
/* Locks or unlocks two queues, which may be the same. Interrupts off. */
static inline void runq_lock_two(struct run_queue *a, struct run_queue *b)
{
	if (a == b)
		spin_lock(&a->lock);
	else
		runq_lock_both(a, b);
}
static inline void runq_unlock_two(struct run_queue *a, struct run_queue *b)
{
	spin_unlock(&a->lock);
	if (a != b)
		spin_unlock(&b->lock);
}
/* True if `thread` runs, waits or is on its way to another queue: it needs no pushing. */
static inline bool runq_owns(const struct run_queue *queue, const struct thread *thread)
{
	return queue->current == thread || thread->moving || list_node_attached(&thread->run_node);
}
/* Puts `thread` at the front or back of its equals, and sets thread->cpu. */
void runq_push(struct run_queue *queue, struct thread *thread, bool front, uint64_t now);
/* The same for the thread that ran, on its way out: runq_set_current(), which follows, counts. */
void runq_put_back(struct run_queue *queue, struct thread *thread, bool front, uint64_t now);
/* Puts a thread that another CPU handed on among those that wait, by when they last ran. */
void runq_push_handed(struct run_queue *queue, struct thread *thread, uint64_t now);
void runq_remove(struct run_queue *queue, struct thread *thread, uint64_t now);
/* The class of those that wait whose turn is next, or THREAD_CLASS_NONE. `due`: it goes before
 * better ones, which have starved it. */
unsigned runq_next_class(const struct run_queue *queue, uint64_t now, bool *due);
/* Takes out the thread to run next: the idle thread if none waits. */
struct thread *runq_pick(struct run_queue *queue, uint64_t now);
/* Makes `thread` the running one, from `now`. */
void runq_set_current(struct run_queue *queue, struct thread *thread, uint64_t now);
/* Takes the CPU out of place_crowded if it is not crowded any more; true if that was so. */
bool runq_show_uncrowded(struct run_queue *queue);
/* Charges the running thread for the time since it was last charged. */
void runq_charge(struct run_queue *queue, uint64_t now);
/* True if real-time threads have used up their share of the CPU for now. */
bool runq_realtime_spent(const struct run_queue *queue, uint64_t now);

/* turn.c */

/* The time after which the CPUs that have something to decide are looked at again, ns. */
extern uint64_t sched_quantum;

/* What a thread of this nice value gets per turn, ns. */
int64_t turn_length(const struct thread *thread);
/* Lock held: true if the thread has used up its turn: what is left does not pay for another
 * quantum. */
static inline bool turn_is_used(const struct thread *thread)
{
	return thread->credit < (int64_t)sched_quantum / 4 &&
	       !(thread->class == THREAD_CLASS_REALTIME && thread->policy == THREAD_POLICY_FIFO);
}
/* Lock held, charged: true if a waiting thread should run instead of the running one. */
bool turn_is_over(const struct run_queue *queue, uint64_t now);
/* A thread that slept earns the time divided by this, at most a turn. Those that use more of the
 * CPU than that do not preempt when they wake: together they could starve one that never sleeps. */
#define TURN_SLEEP_PER_CREDIT 4

/* Lock held: a thread that slept gets credit for it. */
static inline void turn_refresh(struct thread *thread, uint64_t now)
{
	uint64_t earned = (now - thread->run_start) / TURN_SLEEP_PER_CREDIT;

	thread->credit += (int64_t)earned;
	if (thread->credit > (int64_t)sched_quantum / 2)
		thread->credit = min_i64(thread->credit, turn_length(thread));
}

/* Lock held: true if `thread`, which woke, goes before those of its class that wait. */
static inline bool turn_goes_first(const struct thread *thread)
{
	return thread->credit > 0 && thread->class == THREAD_CLASS_NORMAL &&
	       thread->policy != THREAD_POLICY_BATCH;
}

/* Lock held, for such a thread: true if it also preempts the running one of its class now. */
bool turn_preempts(const struct run_queue *queue, uint64_t now);

/* wake.c: makes a sleeping thread runnable whose queue is locked and that waits nowhere; the caller
 * runs it. False if it does not sleep. */
bool must_check wake_take(struct thread *thread);

/* place.c: the masks are hints, kept by runq.c under the lock of each CPU's queue. */

extern _Atomic uint64_t place_online;  /* CPUs that schedule */
extern _Atomic uint64_t place_idle;    /* that idle, with nothing queued */
extern _Atomic uint64_t place_low;     /* that run a thread of class IDLE */
extern _Atomic uint64_t place_urgent;  /* that run one of class HIGH or REALTIME */
extern _Atomic uint64_t place_crowded; /* that had more than one runnable thread lately */

/* Where `thread` may run: an affinity of which no CPU is left online counts no more. */
static inline uint64_t place_allowed_cpus(const struct thread *thread)
{
	uint64_t online = atomic_load_explicit(&place_online, memory_order_relaxed);
	uint64_t allowed = atomic_load_explicit(&thread->affinity, memory_order_relaxed) & online;

	return allowed ? allowed : online;
}

/* True if `thread` may run on CPU `cpu` now. */
static inline bool place_allows(const struct thread *thread, unsigned cpu)
{
	return place_allowed_cpus(thread) & cpu_bit(cpu);
}

/* True if there is certainly no better place for `thread`, which wakes, than its last CPU. */
static inline bool place_stays(const struct thread *thread)
{
	return (atomic_load_explicit(&place_idle, memory_order_relaxed) |
		atomic_load_explicit(&place_low, memory_order_relaxed)) == 0 &&
	       thread->class == THREAD_CLASS_NORMAL && place_allows(thread, thread->cpu);
}

/* The CPU for a thread that becomes runnable; `spread`: rather than where it ran last, the one
 * with the least to do. No lock needed; the answer may be out of date. */
unsigned place_choose(const struct thread *thread, bool spread);
/* The next CPU in the cycle after that of `queue` that may run `thread` and has at least `less`
 * threads fewer, or CPU_MAX. */
unsigned place_lighter(const struct run_queue *queue, const struct thread *thread, unsigned less);
/* Lock held: a waiting thread that should go to another CPU, which has two fewer, or NULL. */
struct thread *place_find_surplus(const struct run_queue *queue, unsigned *target);
/* The CPU for a real-time thread that lost its own to a better one, or CPU_MAX: it stays. */
unsigned place_refuge(const struct run_queue *queue, const struct thread *thread);
/* Lock held: a waiting thread of `queue` that may run on `cpu`, the best one, or NULL. */
struct thread *place_find_movable(const struct run_queue *queue, unsigned cpu);
/* Fetches a waiting thread from a busy CPU into this CPU's queue. Interrupts off, no lock. */
bool place_pull(struct run_queue *queue);
/* An idle CPU that could run what waits in `queue`, or CPU_MAX. Lock held. */
unsigned place_find_helper(const struct run_queue *queue);
/* Makes CPU `cpu` schedule as soon as it can: this one when preemption is next allowed. Preemption
 * off, any context. */
void place_kick(unsigned cpu);

/* token.c, tick.c: all on the own CPU with interrupts off and no lock held. */

extern bool sched_by_tick; /* sched=tick; constant after sched_init() */

void token_init(void);
/* Sees to it that somebody looks at this CPU, which has several runnable threads. */
void token_ensure(struct run_queue *queue);
/* IPI_WAKE came: takes the token, if it is in the mailbox. */
void token_receive(struct run_queue *queue);
/* The CPU that the token was last sent to: a hint. */
unsigned token_whereabouts(void);
/* Sends on the token that was held, after a thread was handed to CPU `target` (CPU_MAX: none). */
void token_release(struct run_queue *queue, unsigned target);
/* This CPU goes offline; its bit in place_online is clear. Sends on what it has of the token. */
void token_leave(struct run_queue *queue);

void tick_init(void);
/* Sees to it that this CPU, which is not idle, has its tick. */
void tick_ensure(struct run_queue *queue);
void tick_leave(struct run_queue *queue);

/* What of the two is in force. */
static inline void sched_ensure(struct run_queue *queue)
{
	if (queue->looked_after)
		return;
	if (sched_by_tick)
		tick_ensure(queue);
	else if (queue->runnable > 1)
		token_ensure(queue);
}

/* handoff.c: `thread` is in no queue, has left its CPU, and has `moving` set. */

/* Puts it into the mailbox of CPU `cpu`, which must be sent IPI_WAKE then. Interrupts off. */
void handoff_send(unsigned cpu, struct thread *thread);
/* After that, with no lock held: takes back what is in the mailbox if the CPU is offline, as it may
 * have looked for the last time. IPI_WAKE is sent after this, so that one that came back looks. */
void handoff_check(unsigned cpu);
/* Queues here what is in this CPU's mailbox. Interrupts off, no lock held. */
void handoff_receive(struct run_queue *queue);

/* spare.c */

/* Offers this CPU, which is about to idle, to those who want one; true: somebody took the offer
 * or may do so at once, so that it is worth looking again. Interrupts off, no lock. */
bool spare_offer(void);

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
/* Moves `thread`, should it wait or run where its affinity does not allow it (any more), to where it
 * may run. Any context, under locks of rank < RANK_RUN_QUEUE. */
void wake_replace(struct thread *thread);
/* Makes a new thread runnable. */
void wake_new(struct thread *thread);

/* priority.c: fills in what a fresh thread is scheduled by. */
void priority_init(struct thread *thread, const struct thread_scheduling *scheduling);
/* What a user thread inherits from the one that makes it. */
struct thread_scheduling priority_for_child(const struct thread *parent);

/* inherit.c: with the lock of the mutex's queue held, but for the first and the last two. */

void inherit_init(struct thread *thread);
/* Makes `waiter` (NULL: nobody) the one that lends `owner` its priority because of `mutex`. True
 * if the owner waits for a mutex itself: inherit_pass_on() should follow, without the lock. */
bool inherit_lend(struct mutex *mutex, struct thread *owner, struct mutex_waiter *waiter);
/* Queues the waiter by its thread's priority, after its equals. */
void inherit_queue(struct mutex *mutex, struct mutex_waiter *waiter);
/* Notes what the current thread waits for, NULL: nothing. */
void inherit_set_blocked(struct thread *thread, struct mutex *mutex, struct mutex_waiter *waiter);
/* The priority of `thread`, which may wait for a mutex, changed: the owner's may change in
 * turn, and so on. -EDEADLK if the chain leads to `sought` (NULL: nobody). The caller sees to it
 * that `thread` does not vanish. Under locks of rank < RANK_WAIT_QUEUE. */
int inherit_pass_on(struct thread *thread, const struct thread *sought);
/* What was asked for as its priority changed. The same context. */
void inherit_base_changed(struct thread *thread);

/* thread.c */

/* Hands a dead thread, which has left its CPU, to the reaper. */
void thread_bury(struct thread *thread);
void thread_start_reaper(void);
/* Fills in a thread without a stack of its own to free, which runs already. */
void thread_adopt(struct thread *thread, const char *name, unsigned cpu);

/* work.c: queues what work_raise() left on this CPU. Interrupts off. */
void work_collect_raised(void);
/* idle.c: waits until an interrupt comes; the next timer of this CPU is due at `deadline`. Interrupts are off, and
 * on afterwards. */
void idle_wait(unsigned cpu, uint64_t deadline);
/* Starts the worker of CPU `cpu`, which is new. Under the lock of hotplug. */
void work_start_on(unsigned cpu);

/* account.c: thread_runtime() under the lock of the thread's queue. */
uint64_t thread_runtime_locked(const struct run_queue *queue, const struct thread *thread);

/* hotplug.c */

void hotplug_init(void);
/* True if CPU `cpu` shall go offline when nothing runs on it any more. */
bool hotplug_must_leave(unsigned cpu);
/* Idle thread, interrupts off: leaves, and returns with interrupts on when the CPU is back, or
 * when there is something to do after all. */
void hotplug_leave(struct run_queue *queue);

/* load.c: all with the queue's lock held. */

#define LOAD_PERIOD_NS (5 * NS_PER_SECOND)
/* More threads than this count as this many, so that products fit into 64 bits. */
#define LOAD_RUNNABLE_MAX 4095

/* Ends the periods that are over at `now`. */
void load_end_periods(struct load *load, unsigned runnable, uint64_t now);

/* Counts the runnable threads as they were, before `now`. */
static inline void load_update(struct load *load, unsigned runnable, uint64_t now)
{
	runnable = runnable < LOAD_RUNNABLE_MAX ? runnable : LOAD_RUNNABLE_MAX;
	if (now - load->period_start >= LOAD_PERIOD_NS)
		load_end_periods(load, runnable, now);
	load->thread_ns += runnable * (now - load->updated);
	load->updated = now;
}

/* The averages, with LOAD_AVERAGE_SHIFT fraction bits. */
#define LOAD_AVERAGE_SHIFT 11
void load_read(const struct load *load, uint32_t averages[LOAD_AVERAGES]);

/* lock_debug.c: the sleeping locks that the current thread holds; debug builds. */

/* Before a lock is waited for: checks the order, and notes that it is held. */
void lock_debug_acquire(const struct thread_lock *lock, bool nested);
/* Notes one that was got without waiting, where any order is right. */
void lock_debug_note(const struct thread_lock *lock);
void lock_debug_release(const void *lock, const char *name);
/* Where `thread` took `lock`, or 0. The current thread, or one that is off its CPU. */
uintptr_t lock_debug_find(const struct thread *thread, const void *lock);

/* mutex_debug.c: who waits for which mutex; debug builds. */

/* One thread that waits, on its stack. */
struct mutex_wait {
	struct list_node node;
	struct thread *thread;
	const struct mutex *mutex;
};

/* Under the lock of the mutex's queue: the current thread waits. */
void mutex_debug_wait(struct mutex_wait *wait, const struct mutex *mutex);
/* Without it, before the thread sleeps: panics if the owner waits, through others perhaps, for a
 * mutex of this thread. */
void mutex_debug_check(const struct mutex_wait *wait);
/* Under the same lock, when it no longer waits. */
void mutex_debug_wait_end(struct mutex_wait *wait);

/* lockup.c: another CPU, that of `queue`, has been given a thread: sees to it that it is noticed if
 * the thread waits there because the CPU hangs. Interrupts off, no lock of rank >= RANK_TIMER. */
void lockup_watch(const struct run_queue *queue);
