/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Timers: per CPU a tree ordered by deadline, and the deadline that the CPU's one-shot hardware
 * timer is programmed for.
 *
 * A timer belongs to the queue of timer->cpu, armed or not; that changes only under the lock of
 * the queue that it leaves, when the timer is neither armed nor running there. So whoever holds
 * the lock of queues[timer->cpu], and finds timer->cpu unchanged, has the timer to himself, and
 * a running `expire` is always found as `running` of that same queue.
 */
#include <arch/irq.h>
#include <arch/trap.h>
#include <core/panic.h>
#include <sync/spinlock.h>
#include <time/clock.h>
#include <time/timer.h>
#include <trace/trace.h>

#include <stdatomic.h>

struct timer_queue {
	struct spinlock lock;        /* RANK_TIMER: all below, and the timers of this queue */
	struct rbtree timers;        /* the armed ones */
	struct timer *running;       /* whose `expire` runs, or NULL */
	bool expiring;               /* trap_timer() is at work and will program the hardware */
	_Atomic bool adopted;        /* has got timers from a CPU that went offline */
	uint64_t hardware;           /* what the hardware waits for; the own CPU's */
	_Atomic uint64_t interrupts; /* taken; the own CPU writes */
} __attribute__((aligned(64)));

static struct timer_queue queues[CPU_MAX];

static struct timer *timer_of(struct rbtree_node *node)
{
	return node ? container_of(node, struct timer, node) : NULL;
}

static int compare_deadlines(const struct rbtree_node *a, const struct rbtree_node *b)
{
	uint64_t first = container_of(a, struct timer, node)->deadline;
	uint64_t second = container_of(b, struct timer, node)->deadline;

	return first < second ? -1 : first > second;
}

void timers_init(void)
{
	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
		spinlock_init(&queues[cpu].lock, RANK_TIMER, "timers");
		queues[cpu].hardware = DEADLINE_NEVER;
	}
}

void timer_init(struct timer *timer, void (*expire)(struct timer *timer))
{
	*timer = (struct timer){ .expire = expire };
}

/* Locks the queue that `timer` belongs to. Interrupts off. */
static struct timer_queue *lock_queue_of(struct timer *timer)
{
	for (;;) {
		unsigned cpu = atomic_load_explicit(&timer->cpu, memory_order_relaxed);
		struct timer_queue *queue = &queues[cpu];

		spin_lock(&queue->lock);
		if (atomic_load_explicit(&timer->cpu, memory_order_relaxed) == cpu)
			return queue;
		spin_unlock(&queue->lock);
	}
}

/* Under the lock of its queue. True if it was armed. */
static bool disarm(struct timer_queue *queue, struct timer *timer)
{
	if (!atomic_load_explicit(&timer->armed, memory_order_relaxed))
		return false;
	rbtree_remove(&queue->timers, &timer->node);
	atomic_store_explicit(&timer->armed, false, memory_order_relaxed);
	return true;
}

/* Locks the queue in which `timer` is to be armed, disarmed and with timer->cpu set. */
static struct timer_queue *move_here(struct timer *timer)
{
	unsigned here = cpu_id();

	for (;;) {
		struct timer_queue *queue = lock_queue_of(timer);

		disarm(queue, timer);
		if (timer->cpu == here || queue->running == timer)
			return queue;
		atomic_store_explicit(&timer->cpu, here, memory_order_relaxed);
		spin_unlock(&queue->lock);
	}
}

/* Own CPU, under the lock. */
static void program(struct timer_queue *queue, uint64_t deadline)
{
	if (queue->hardware == deadline)
		return;
	queue->hardware = deadline;
	arch_timer_arm(deadline);
}

static uint64_t earliest(const struct timer_queue *queue)
{
	const struct timer *first = timer_of(rbtree_first(&queue->timers));

	return first ? first->deadline : DEADLINE_NEVER;
}

void timer_arm(struct timer *timer, uint64_t deadline_ns)
{
	unsigned long state = arch_irq_save();
	bool was_armed = timer_is_armed(timer);
	uint64_t old_deadline = timer->deadline;
	struct timer_queue *queue = move_here(timer);

	timer->deadline = deadline_ns;
	atomic_store_explicit(&timer->armed, true, memory_order_relaxed);
	rbtree_insert(&queue->timers, &timer->node, compare_deadlines);
	/* A queue that is expiring, this CPU's or another's, is programmed when it is done. One
	 * that waited for this timer only, which is put off, need not wake up for the old time. */
	if (!queue->expiring &&
	    (deadline_ns < queue->hardware || (was_armed && old_deadline == queue->hardware)))
		program(queue, earliest(queue));
	spin_unlock_irqrestore(&queue->lock, state);
}

bool timer_cancel(struct timer *timer)
{
	unsigned long state = arch_irq_save();
	struct timer_queue *queue = lock_queue_of(timer);
	bool was_armed = disarm(queue, timer);

	spin_unlock_irqrestore(&queue->lock, state);
	return was_armed;
}

bool timer_cancel_sync(struct timer *timer)
{
	bool was_armed = false;

	for (;;) {
		unsigned long state = arch_irq_save();
		struct timer_queue *queue = lock_queue_of(timer);
		bool running = queue->running == timer;

		/* One that runs may have been armed again by its own `expire`. */
		was_armed |= disarm(queue, timer);
		spin_unlock_irqrestore(&queue->lock, state);
		if (!running)
			return was_armed;
		arch_cpu_relax();
	}
}

/* Under the lock. */
static struct timer *find_in(const struct timer_queue *queue,
			     bool (*matches)(const struct timer *timer, void *context),
			     void *context)
{
	struct rbtree_node *node;

	for (node = rbtree_first(&queue->timers); node; node = rbtree_next(node))
		if (matches(timer_of(node), context))
			return timer_of(node);
	return NULL;
}

struct timer *timer_find(bool (*matches)(const struct timer *timer, void *context), void *context)
{
	struct timer *found = NULL;

	for (unsigned cpu = 0; cpu < CPU_MAX && !found; cpu++) {
		irq_state_t state = spin_lock_irqsave(&queues[cpu].lock);

		found = find_in(&queues[cpu], matches, context);
		spin_unlock_irqrestore(&queues[cpu].lock, state);
	}
	return found;
}

void timers_drain(void)
{
	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
		const struct timer *seen = NULL;
		bool busy;

		do {
			irq_state_t state = spin_lock_irqsave(&queues[cpu].lock);
			const struct timer *running = queues[cpu].running;

			spin_unlock_irqrestore(&queues[cpu].lock, state);
			busy = running && (!seen || running == seen);
			seen = running;
			if (busy)
				arch_cpu_relax();
		} while (busy);
	}
}

/* Takes out the first timer that is due at `now`, and marks it running. */
static struct timer *take_due(struct timer_queue *queue, uint64_t now)
{
	struct timer *timer = timer_of(rbtree_first(&queue->timers));

	if (!timer || timer->deadline > now)
		return NULL;
	disarm(queue, timer);
	queue->running = timer;
	return timer;
}

void trap_timer(void)
{
	struct timer_queue *queue = &queues[cpu_id()];
	uint64_t now = clock_monotonic_ns();
	struct timer *timer;

	atomic_fetch_add_explicit(&queue->interrupts, 1, memory_order_relaxed);
	spin_lock(&queue->lock);
	queue->hardware = DEADLINE_NEVER;
	queue->expiring = true;
	while ((timer = take_due(queue, now))) {
		spin_unlock(&queue->lock);
		trace_timer(timer->deadline, (uintptr_t)timer->expire);
		timer->expire(timer);
		spin_lock(&queue->lock);
		queue->running = NULL;
	}
	queue->expiring = false;
	program(queue, earliest(queue));
	spin_unlock(&queue->lock);
}

uint64_t timer_prepare_idle(void)
{
	struct timer_queue *queue = &queues[cpu_id()];
	uint64_t deadline;

	debug_assert(!arch_irq_enabled());
	spin_lock(&queue->lock);
	deadline = earliest(queue);
	program(queue, deadline);
	spin_unlock(&queue->lock);
	return deadline;
}

uint64_t timer_interrupts(unsigned cpu)
{
	return atomic_load_explicit(&queues[cpu].interrupts, memory_order_relaxed);
}

/* Both queues are locked. */
static void move_timers(struct timer_queue *from, struct timer_queue *to, unsigned to_cpu)
{
	struct timer *timer;

	while ((timer = timer_of(rbtree_first(&from->timers)))) {
		rbtree_remove(&from->timers, &timer->node);
		atomic_store_explicit(&timer->cpu, to_cpu, memory_order_relaxed);
		rbtree_insert(&to->timers, &timer->node, compare_deadlines);
	}
}

void timers_leave(unsigned to)
{
	unsigned here = cpu_id();
	struct timer_queue *from = &queues[here], *target = &queues[to];

	debug_assert(!arch_irq_enabled() && here != to && !from->running);
	spin_lock(&queues[here < to ? here : to].lock);
	spin_lock_nested(&queues[here < to ? to : here].lock);
	move_timers(from, target, to);
	program(from, DEADLINE_NEVER);
	atomic_store(&target->adopted, true);
	spin_unlock(&from->lock);
	spin_unlock(&target->lock);
	arch_send_wake(to);
}

void timers_adopt(void)
{
	struct timer_queue *queue = &queues[cpu_id()];

	if (!atomic_load_explicit(&queue->adopted, memory_order_relaxed))
		return;
	spin_lock(&queue->lock);
	atomic_store_explicit(&queue->adopted, false, memory_order_relaxed);
	if (!queue->expiring)
		program(queue, earliest(queue));
	spin_unlock(&queue->lock);
}
