/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Event counters. */
#include <scheme/event_counter.h>

#include <base/errno.h>
#include <mm/phys/slab.h>
#include <scheme/anonymous.h>
#include <scheme/poll.h>

#define COUNT_MAX (UINT64_MAX - 1)

struct event_counter {
	struct spinlock lock; /* RANK_READY: count */
	uint64_t count;
	bool semaphore;            /* immutable */
	struct wait_queue waiters; /* readers, and writers without room */
};

/* Takes what a reader gets: 0: nothing. */
static uint64_t counter_take(struct event_counter *counter)
{
	irq_state_t state = spin_lock_irqsave(&counter->lock);
	uint64_t taken = counter->count;

	if (taken && counter->semaphore)
		taken = 1;
	counter->count -= taken;
	spin_unlock_irqrestore(&counter->lock, state);
	return taken;
}

static bool counter_add(struct event_counter *counter, uint64_t value)
{
	irq_state_t state = spin_lock_irqsave(&counter->lock);
	bool fits = value <= COUNT_MAX - counter->count;

	if (fits)
		counter->count += value;
	spin_unlock_irqrestore(&counter->lock, state);
	return fits;
}

static ssize_t counter_op_read(struct file *file, struct io *io, uint64_t offset)
{
	struct event_counter *counter = file->private;
	struct waiter waiter;
	uint64_t value;
	int error = 0;

	(void)offset;
	if (io_remaining(io) < sizeof(value))
		return -EINVAL;
	value = counter_take(counter);
	if (!value && (file->flags & FILE_NONBLOCK))
		return -EAGAIN;
	if (!value) {
		wait_begin(&counter->waiters, &waiter);
		while (!error && !(value = counter_take(counter)))
			error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
		wait_end(&waiter);
	}
	if (!value)
		return error;
	wait_wake_all(&counter->waiters);
	return io_put(io, &value, sizeof(value));
}

static ssize_t counter_op_write(struct file *file, struct io *io, uint64_t *offset)
{
	struct event_counter *counter = file->private;
	struct waiter waiter;
	bool added = false;
	uint64_t value;
	ssize_t result;

	(void)offset;
	if (io_remaining(io) < sizeof(value))
		return -EINVAL;
	result = io_take(io, &value, sizeof(value));
	if (result != (ssize_t)sizeof(value))
		return -EFAULT;
	if (value == UINT64_MAX)
		return -EINVAL;
	added = counter_add(counter, value);
	if (!added && (file->flags & FILE_NONBLOCK))
		return -EAGAIN;
	if (!added) {
		int error = 0;

		wait_begin(&counter->waiters, &waiter);
		while (!error && !(added = counter_add(counter, value)))
			error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
		wait_end(&waiter);
		if (!added)
			return error;
	}
	wait_wake_all(&counter->waiters);
	return sizeof(value);
}

static unsigned counter_op_poll(struct file *file, struct poller *poller)
{
	struct event_counter *counter = file->private;
	unsigned ready = 0;
	irq_state_t state;

	poller_add(poller, &counter->waiters);
	state = spin_lock_irqsave(&counter->lock);
	if (counter->count)
		ready |= POLL_IN | POLL_READ_NORMAL;
	if (counter->count < COUNT_MAX)
		ready |= POLL_OUT | POLL_WRITE_NORMAL;
	spin_unlock_irqrestore(&counter->lock, state);
	return ready;
}

static void counter_op_close(struct file *file)
{
	kfree(file->private);
}

static const struct node_ops counter_ops = {
	.read = counter_op_read,
	.write = counter_op_write,
	.poll = counter_op_poll,
	.close = counter_op_close,
};

int event_counter_create(uint64_t initial, bool semaphore, unsigned flags,
			 const struct credentials *credentials, struct file **file)
{
	struct event_counter *counter = kzalloc(sizeof(*counter));
	int error;

	if (!counter)
		return -ENOMEM;
	spinlock_init(&counter->lock, RANK_READY, "event counter");
	wait_queue_init(&counter->waiters, "event counter");
	counter->count = initial;
	counter->semaphore = semaphore;
	error = anonymous_file_create(&counter_ops, 0600, flags, credentials, counter, file);
	if (error)
		kfree(counter);
	return error;
}
