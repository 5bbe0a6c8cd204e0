/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Items in, and waiting until they are finished. */
#include "pool_priv.h"

#include <base/errno.h>

/* Copied from the program at a time, outside of the lock. */
#define CHUNK 16

/* Queues as many of `items` as there is room for: how many, or -ESRCH. */
static int push(struct pool *pool, const struct pool_item *items, unsigned count)
{
	irq_state_t state = spin_lock_irqsave(&pool->lock);
	unsigned room = pool->capacity - pool_queued_locked(pool);
	int result = -ESRCH;

	if (pool->workers > 0) {
		count = (unsigned)min_size(count, room);
		for (unsigned i = 0; i < count; i++)
			pool->items[(pool->submitted + i) % pool->capacity] = items[i];
		pool->submitted += count;
		pool_wake_workers_locked(pool);
		result = (int)count;
	}
	spin_unlock_irqrestore(&pool->lock, state);
	return result;
}

/* Queues more of `items`: *done of the `count` are queued already. */
static int push_more(struct pool *pool, const struct pool_item *items, unsigned count,
		     unsigned *done)
{
	int pushed = push(pool, items + *done, count - *done);

	if (pushed < 0)
		return pushed;
	*done += (unsigned)pushed;
	return 0;
}

/* Queues all of `items`, waiting for room if `wait`: *done of them when it fails. */
static int push_all(struct pool *pool, const struct pool_item *items, unsigned count, bool wait,
		    unsigned *done)
{
	struct waiter waiter;
	int error = push_more(pool, items, count, done);

	if (error || *done == count)
		return error;
	if (!wait)
		return -EAGAIN;
	wait_begin(&pool->room, &waiter);
	while (!(error = push_more(pool, items, count, done)) && *done < count) {
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
		if (error)
			break;
	}
	wait_end(&waiter);
	return error;
}

ssize_t pool_submit(struct pool *pool, struct io *io, bool wait)
{
	struct pool_item items[CHUNK];
	ssize_t done = 0;
	int error = 0;

	if (pool->process != process_current())
		return -EPERM;
	if (io_remaining(io) % sizeof(items[0]) != 0)
		return -EINVAL;
	while (!error && io_remaining(io) > 0) {
		size_t length = min_size(io_remaining(io), sizeof(items));
		unsigned count = (unsigned)(length / sizeof(items[0])), pushed = 0;

		if (io_take(io, items, length) != (ssize_t)length)
			error = -EFAULT;
		else
			error = push_all(pool, items, count, wait, &pushed);
		done += (ssize_t)(pushed * sizeof(items[0]));
	}
	return done ? done : error;
}

uint64_t pool_oldest_locked(const struct pool *pool)
{
	uint64_t oldest = pool->taken;
	unsigned left = pool->busy;

	for (const struct pool_worker *worker = pool->all; left > 0; worker++) {
		if (!worker->busy)
			continue;
		oldest = min_u64(oldest, worker->sequence);
		left--;
	}
	return oldest;
}

void pool_finish_item_locked(struct pool_worker *worker)
{
	struct pool *pool = worker->pool;

	if (!worker->busy)
		return;
	worker->busy = false;
	pool->busy--;
	pool->finished++;
	if (pool->awaited != UINT64_MAX && pool_oldest_locked(pool) >= pool->awaited) {
		/* Who waits for later ones says so again. */
		pool->awaited = UINT64_MAX;
		wait_wake_all(&pool->progress);
	}
}

/* 0: all items before `sequence` are finished; -ESRCH: that will never be; 1: it is awaited. */
static int look(struct pool *pool, uint64_t sequence)
{
	irq_state_t state = spin_lock_irqsave(&pool->lock);
	int result = 1;

	if (pool_oldest_locked(pool) >= sequence)
		result = 0;
	else if (pool->workers == 0)
		result = -ESRCH;
	else
		pool->awaited = min_u64(pool->awaited, sequence);
	spin_unlock_irqrestore(&pool->lock, state);
	return result;
}

static int check_waiter(struct pool *pool, uint64_t *sequence)
{
	const struct pool_worker *self = pool_worker_current();
	irq_state_t state = spin_lock_irqsave(&pool->lock);
	int error = 0;

	if (pool->state != POOL_STARTED)
		error = -EINVAL;
	else if (self && self->pool == pool)
		error = -EDEADLK; /* its own item would have to be finished first */
	*sequence = pool->submitted;
	spin_unlock_irqrestore(&pool->lock, state);
	return error;
}

int pool_wait(struct pool *pool)
{
	struct waiter waiter;
	uint64_t sequence;
	int error = check_waiter(pool, &sequence);
	int left;

	if (error)
		return error;
	wait_begin(&pool->progress, &waiter);
	while ((left = look(pool, sequence)) > 0 && !error)
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
	wait_end(&waiter);
	return left > 0 ? error : left;
}
