/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Wait queues.
 *
 * No wake-up is lost: a waiter is in the queue before its thread looks at the condition, and
 * `woken` is set before the thread is woken, which looks at it again between declaring itself
 * asleep and giving up the CPU.
 */
#include <base/errno.h>
#include <core/panic.h>
#include <sched/thread.h>
#include <sched/wait.h>

#include <stdatomic.h>

struct wait_queue wait_realtime_changed = {
	.lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, "real time changed"),
	.waiters = LIST_INIT(wait_realtime_changed.waiters),
};

void wait_queue_init(struct wait_queue *queue, const char *name)
{
	spinlock_init(&queue->lock, RANK_WAIT_QUEUE, name);
	list_init(&queue->waiters);
}

static void add(struct wait_queue *queue, struct waiter *waiter)
{
	irq_state_t state = spin_lock_irqsave(&queue->lock);

	waiter->queue = queue;
	list_push_back(&queue->waiters, &waiter->node);
	spin_unlock_irqrestore(&queue->lock, state);
	/* The look at the condition comes after this; see wait_queue_empty(). */
	atomic_thread_fence(memory_order_seq_cst);
}

void wait_begin(struct wait_queue *queue, struct waiter *waiter)
{
	*waiter = (struct waiter){ .thread = thread_current() };
	add(queue, waiter);
}

void wait_begin_exclusive(struct wait_queue *queue, struct waiter *waiter)
{
	*waiter = (struct waiter){ .thread = thread_current(), .exclusive = true };
	add(queue, waiter);
}

void wait_add_callback(struct wait_queue *queue, struct waiter *waiter,
		       bool (*wake)(struct waiter *waiter))
{
	waiter->thread = NULL;
	waiter->wake = wake;
	waiter->woken = false;
	waiter->exclusive = false;
	add(queue, waiter);
}

static bool take_woken(struct waiter *waiter)
{
	return atomic_load(&waiter->woken) && atomic_exchange(&waiter->woken, false);
}

int wait_sleep(struct waiter *waiter, enum wait_mode mode, uint64_t deadline)
{
	bool interruptible = mode == WAIT_INTERRUPTIBLE;

	assert_may_sleep();
	for (;;) {
		bool in_time = true;

		thread_set_state(interruptible ? THREAD_SLEEPING_INTERRUPTIBLE : THREAD_SLEEPING);
		if (!atomic_load(&waiter->woken))
			in_time = thread_block(deadline);
		else
			thread_set_state(THREAD_RUNNABLE);
		/* The event comes first: an exclusive waiter must not lose it. */
		if (take_woken(waiter))
			return 0;
		if (interruptible && thread_interrupted(waiter->thread))
			return -ERESTART;
		if (!in_time)
			return -ETIMEDOUT;
	}
}

void wait_sleep_until_woken(struct waiter *waiter)
{
	int error = wait_sleep(waiter, WAIT_UNINTERRUPTIBLE, DEADLINE_NEVER);

	debug_assert(error == 0);
	(void)error;
}

/* Wakes one waiter, under the queue's lock; `counted`: instead of others. True if that made a
 * difference to it. */
static bool wake_one(struct waiter *waiter, bool counted)
{
	if (waiter->wake)
		return waiter->wake(waiter);
	if (atomic_exchange(&waiter->woken, true))
		return false;
	waiter->counted = counted;
	thread_wake(waiter->thread);
	return true;
}

/* Wakes the first waiters that are not awake already, up to `count`. Under the lock. */
static unsigned wake_first(struct wait_queue *queue, unsigned count, bool exclusive_only)
{
	bool counted = count != UINT32_MAX;
	struct list_node *node;
	unsigned woken = 0;

	list_for_each (node, &queue->waiters) {
		struct waiter *waiter = container_of(node, struct waiter, node);

		if (woken == count)
			break;
		if ((waiter->exclusive || !exclusive_only) && wake_one(waiter, counted))
			woken++;
	}
	return woken;
}

static void take_out(struct waiter *waiter)
{
	struct wait_queue *queue = waiter->queue;
	irq_state_t state = spin_lock_irqsave(&queue->lock);

	list_remove(&waiter->node);
	if (waiter->woken && waiter->counted)
		(void)wake_first(queue, 1, waiter->exclusive);
	spin_unlock_irqrestore(&queue->lock, state);
	waiter->queue = NULL;
}

void wait_end(struct waiter *waiter)
{
	take_out(waiter);
}

void wait_remove(struct waiter *waiter)
{
	take_out(waiter);
}

bool wait_queue_empty(struct wait_queue *queue)
{
	struct list_node *first = __atomic_load_n(&queue->waiters.head.next, __ATOMIC_RELAXED);

	return first == &queue->waiters.head;
}

/* The look without the lock that wakers begin with. What the caller made true comes before it,
 * as a waiter is in the queue before it looks at that: one of the two sees the other. */
static bool nobody_waits(struct wait_queue *queue)
{
	atomic_thread_fence(memory_order_seq_cst);
	return wait_queue_empty(queue);
}

void wait_wake(struct wait_queue *queue)
{
	struct list_node *node;
	irq_state_t state;

	if (nobody_waits(queue))
		return;
	state = spin_lock_irqsave(&queue->lock);
	list_for_each (node, &queue->waiters) {
		struct waiter *waiter = container_of(node, struct waiter, node);

		if (!waiter->exclusive)
			wake_one(waiter, false);
	}
	(void)wake_first(queue, 1, true);
	spin_unlock_irqrestore(&queue->lock, state);
}

void wait_wake_all(struct wait_queue *queue)
{
	(void)wait_wake_some(queue, UINT32_MAX);
}

unsigned wait_wake_some(struct wait_queue *queue, unsigned count)
{
	irq_state_t state;
	unsigned woken;

	if (nobody_waits(queue))
		return 0;
	state = spin_lock_irqsave(&queue->lock);
	woken = wake_first(queue, count, false);
	spin_unlock_irqrestore(&queue->lock, state);
	return woken;
}

void wait_wake_nested(struct wait_queue *queue)
{
	if (nobody_waits(queue))
		return;
	/* Interrupts are off already, in the queue whose callback this is. */
	spin_lock_nested(&queue->lock);
	(void)wake_first(queue, UINT32_MAX, false);
	spin_unlock(&queue->lock);
}
