/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Event queues: their life, and waiting for events. */
#include "event_queue_priv.h"

#include <base/errno.h>
#include <mm/phys/slab.h>
#include <scheme/anonymous.h>
#include <time/clock.h>

static struct event_item *item_of(struct list_node *node)
{
	return container_of(node, struct event_item, ready_node);
}

/* Queues that know no such things ask. */
static void note_cause(struct event_item *item, struct event_cause cause)
{
	if (!item->queue->keyed || !cause.events)
		item->ask = true;
	else
		item->owed |= cause.events;
	if (item->queue->keyed && cause.each && item->times < UINT32_MAX)
		item->times++;
}

bool event_item_queue(struct event_item *item, struct event_cause cause)
{
	struct event_queue *queue = item->queue;
	irq_state_t state = spin_lock_irqsave(&queue->ready_lock);
	bool add = !item->queued && (item->watch.events & ~(uint32_t)EVENT_OPTIONS);

	note_cause(item, cause);
	if (add) {
		item->queued = true;
		list_push_back(&queue->ready, &item->ready_node);
	}
	spin_unlock_irqrestore(&queue->ready_lock, state);
	return add;
}

/* Takes the first out of `list`: from now on its callbacks put it into the ready list. */
static struct event_item *take_first(struct event_queue *queue, struct list *list)
{
	irq_state_t state = spin_lock_irqsave(&queue->ready_lock);
	struct list_node *node = list_pop_front(list);

	if (node)
		item_of(node)->queued = false;
	spin_unlock_irqrestore(&queue->ready_lock, state);
	return node ? item_of(node) : NULL;
}

/* What of the watch is ready now. */
static uint32_t item_ready(struct event_item *item)
{
	return file_poll(item->file, NULL) & (item->watch.events & ~(uint32_t)EVENT_OPTIONS);
}

/* After events were passed on. */
static void item_reported(struct event_item *item)
{
	irq_state_t state;

	if (item->watch.events & EVENT_ONE_SHOT) {
		state = spin_lock_irqsave(&item->queue->ready_lock);
		item->watch.events &= EVENT_OPTIONS;
		spin_unlock_irqrestore(&item->queue->ready_lock, state);
	} else if (!(item->watch.events & EVENT_EDGE)) {
		/* It may be there already. */
		(void)event_item_queue(item, (struct event_cause){ 0 });
	}
}

/* What an item was queued for. */
struct due {
	bool ask;
	uint32_t owed, times;
};

static struct due take_due(struct event_item *item)
{
	irq_state_t state = spin_lock_irqsave(&item->queue->ready_lock);
	struct due due = { item->ask, item->owed, item->times };

	item->ask = false;
	item->owed = item->times = 0;
	spin_unlock_irqrestore(&item->queue->ready_lock, state);
	return due;
}

/* Puts back what could not be reported. */
static void put_back(struct event_item *item, const struct due *due)
{
	irq_state_t state = spin_lock_irqsave(&item->queue->ready_lock);

	item->owed |= due->owed;
	item->times += due->times;
	spin_unlock_irqrestore(&item->queue->ready_lock, state);
	/* It may be there already. */
	(void)event_item_queue(item, (struct event_cause){ .events = due->ask ? 0 : due->owed });
}

/* Passes on what the item has to report, at most `max` times; how often, or -EFAULT. What is left
 * keeps it in the ready list. */
static int report_item(struct event_item *item, struct event_sink *sink, int max)
{
	struct due due = take_due(item);
	uint32_t times = max_u64(due.times, 1), done = 0;
	struct event_report report = { .watch = &item->watch, .fd = item->fd };

	report.events = due.owed & item->watch.events;
	if (due.ask)
		report.events |= item_ready(item);
	if (!report.events)
		return 0;
	while (done < times && done < (uint32_t)max && sink->event(sink, &report))
		done++;
	if (done < times) {
		due.times = due.times ? due.times - done : 0;
		put_back(item, &due);
	} else {
		item_reported(item);
	}
	return done ? (int)done : -EFAULT;
}

static void take_all(struct event_queue *queue, struct list *list)
{
	irq_state_t state = spin_lock_irqsave(&queue->ready_lock);

	list_splice_back(list, &queue->ready);
	spin_unlock_irqrestore(&queue->ready_lock, state);
}

/* Puts what was not looked at back before what came meanwhile. */
static void give_back(struct event_queue *queue, struct list *list)
{
	irq_state_t state = spin_lock_irqsave(&queue->ready_lock);

	list_splice_back(list, &queue->ready);
	list_splice_back(&queue->ready, list);
	spin_unlock_irqrestore(&queue->ready_lock, state);
}

/* Passes on what is ready; how many, or -EFAULT. The queue's lock is held. */
static int deliver(struct event_queue *queue, struct event_sink *sink, int max)
{
	struct event_item *item;
	struct list taken;
	int count = 0, done = 0;

	list_init(&taken);
	take_all(queue, &taken);
	while (done >= 0 && count < max && (item = take_first(queue, &taken))) {
		done = report_item(item, sink, max - count);
		count += done > 0 ? done : 0;
	}
	give_back(queue, &taken);
	return count ? count : done;
}

static int deliver_now(struct event_queue *queue, struct event_sink *sink, int max)
{
	int count;

	mutex_lock(&queue->lock);
	count = deliver(queue, sink, max);
	mutex_unlock(&queue->lock);
	return count;
}

int event_queue_wait(struct file *file, struct event_sink *sink, int max, uint64_t deadline)
{
	struct event_queue *queue = event_queue_of(file);
	struct waiter waiter;
	int count, error = 0;

	if (!event_queue_is(file))
		return -EINVAL;
	count = deliver_now(queue, sink, max);
	if (count || deadline <= clock_monotonic_ns())
		return count;
	wait_begin(&queue->waiters, &waiter);
	while (!(count = deliver_now(queue, sink, max)) && !error)
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, deadline);
	wait_end(&waiter);
	if (count)
		return count;
	return error == -ETIMEDOUT ? 0 : -EINTR;
}

/* Readable if an item really is: drops those from the list that have nothing to report. */
unsigned event_queue_poll(struct file *file, struct poller *poller)
{
	struct event_queue *queue = event_queue_of(file);
	struct event_item *item;
	unsigned ready = 0;
	struct list taken;

	poller_add(poller, &queue->waiters);
	list_init(&taken);
	mutex_lock_nested(&queue->lock);
	take_all(queue, &taken);
	while (!ready && (item = take_first(queue, &taken))) {
		struct due due = take_due(item);

		if (!(due.owed & item->watch.events) && !(due.ask && item_ready(item)))
			continue;
		ready = POLL_IN | POLL_READ_NORMAL;
		put_back(item, &due);
	}
	give_back(queue, &taken);
	mutex_unlock(&queue->lock);
	return ready;
}

void event_queue_put(struct event_queue *queue)
{
	if (refcount_put(&queue->references))
		kfree(queue);
}

void event_queue_close(struct file *file)
{
	struct event_queue *queue = event_queue_of(file);
	struct rbtree_node *node;

	mutex_lock(&queue->lock);
	while ((node = rbtree_first(&queue->items)))
		event_item_destroy(container_of(node, struct event_item, node));
	mutex_unlock(&queue->lock);
	event_queue_put(queue);
}

static const struct node_ops event_queue_ops = {
	.poll = event_queue_poll,
	.close = event_queue_close,
};

bool event_queue_is(const struct file *file)
{
	return file->ops->close == event_queue_close;
}

static struct event_queue *queue_allocate(bool keyed)
{
	struct event_queue *queue = kzalloc(sizeof(*queue));

	if (!queue)
		return NULL;
	refcount_init(&queue->references, 1);
	queue->keyed = keyed;
	mutex_init(&queue->lock, RANK_EVENT_QUEUE, "event queue");
	spinlock_init(&queue->ready_lock, RANK_READY, "event queue");
	list_init(&queue->ready);
	wait_queue_init(&queue->waiters, "event queue");
	return queue;
}

struct event_queue *event_queue_allocate_keyed(void)
{
	return queue_allocate(true);
}

void event_queue_set_file(struct event_queue *queue, struct file *file)
{
	queue->file = file;
}

int event_queue_create(unsigned flags, const struct credentials *credentials, struct file **file)
{
	struct event_queue *queue = queue_allocate(false);
	int error;

	if (!queue)
		return -ENOMEM;
	error = anonymous_file_create(&event_queue_ops, 0600, flags, credentials, queue, file);
	if (error)
		kfree(queue);
	else
		event_queue_set_file(queue, *file);
	return error;
}
