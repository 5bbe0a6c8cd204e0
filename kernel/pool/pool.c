/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The scheme `pool:`. Each description that is opened is a pool of its own. Workers read their
 * items through any description of the scheme, since the kernel knows which pool a worker belongs
 * to; programs give them one that is never started, so that no sleeping worker keeps the pool's
 * own description from being closed.
 */
#include "pool_priv.h"

#include <base/errno.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <scheme/device.h>
#include <scheme/poll.h>
#include <scheme/scheme.h>

void pool_get(struct pool *pool)
{
	refcount_get(&pool->references);
}

void pool_put(struct pool *pool)
{
	if (!refcount_put(&pool->references))
		return;
	if (pool->process)
		process_put(pool->process);
	kfree(pool->all);
	kfree(pool->items);
	kfree(pool);
}

static int pool_op_open(struct node *node, struct file *file)
{
	struct pool *pool = kzalloc(sizeof(*pool));

	(void)node;
	if (!pool)
		return -ENOMEM;
	refcount_init(&pool->references, 1);
	spinlock_init(&pool->lock, RANK_POOL, "pool");
	list_init(&pool->sleepers);
	list_node_init(&pool->hungry_node);
	wait_queue_init(&pool->room, "pool room");
	wait_queue_init(&pool->progress, "pool progress");
	pool->awaited = UINT64_MAX;
	file->private = pool;
	return 0;
}

/* What is queued is dropped; workers end when they come for their next item. */
static void pool_op_close(struct file *file)
{
	struct pool *pool = file->private;
	irq_state_t state = spin_lock_irqsave(&pool->lock);

	pool->closed = true;
	pool->taken = pool->submitted;
	while (!list_empty(&pool->sleepers))
		pool_wake_sleeper_locked(pool);
	pool_retire_locked(pool);
	spin_unlock_irqrestore(&pool->lock, state);
	pool_put(pool);
}

/* A worker's item, whatever pool the file is. */
static ssize_t pool_op_read(struct file *file, struct io *io, uint64_t offset)
{
	struct pool_worker *worker = pool_worker_current();
	struct pool_item item;
	int result;

	(void)offset;
	if (!worker)
		return -EPERM;
	if (io_remaining(io) < sizeof(item))
		return -EINVAL;
	result = pool_worker_next(worker, !(file->flags & FILE_NONBLOCK), &item);
	if (result <= 0)
		return result;
	return io_put(io, &item, sizeof(item)) == (ssize_t)sizeof(item) ? (ssize_t)sizeof(item)
									: -EFAULT;
}

static ssize_t write_configuration(struct pool *pool, struct io *io)
{
	struct pool_configuration configuration;
	int error;

	if (io_remaining(io) != sizeof(configuration))
		return -EINVAL;
	if (io_take(io, &configuration, sizeof(configuration)) != (ssize_t)sizeof(configuration))
		return -EFAULT;
	error = pool_start(pool, &configuration);
	return error ? error : (ssize_t)sizeof(configuration);
}

static enum pool_state read_state(struct pool *pool)
{
	irq_state_t state = spin_lock_irqsave(&pool->lock);
	enum pool_state result = pool->state;

	spin_unlock_irqrestore(&pool->lock, state);
	return result;
}

static ssize_t pool_op_write(struct file *file, struct io *io, uint64_t *offset)
{
	struct pool *pool = file->private;

	(void)offset;
	if (read_state(pool) != POOL_STARTED)
		return write_configuration(pool, io);
	/* Workers do not wait for room: if all did, nobody would make any. */
	return pool_submit(pool, io, !(file->flags & FILE_NONBLOCK) && !pool_worker_current());
}

static int pool_op_sync(struct file *file, bool data_only)
{
	(void)data_only;
	return pool_wait(file->private);
}

/* Readable: all is finished; writable: there is room. Hangup: no worker is left. */
static unsigned pool_op_poll(struct file *file, struct poller *poller)
{
	struct pool *pool = file->private;
	unsigned ready = 0;
	irq_state_t state;

	poller_add(poller, &pool->room);
	poller_add(poller, &pool->progress);
	state = spin_lock_irqsave(&pool->lock);
	if (pool->state == POOL_STARTED) {
		pool->awaited = min_u64(pool->awaited, pool->submitted);
		if (pool_oldest_locked(pool) == pool->submitted)
			ready |= POLL_IN | POLL_READ_NORMAL;
		if (pool_queued_locked(pool) < pool->capacity)
			ready |= POLL_OUT | POLL_WRITE_NORMAL;
		if (pool->workers == 0)
			ready |= POLL_HANGUP;
	} else {
		ready = POLL_OUT | POLL_WRITE_NORMAL;
	}
	spin_unlock_irqrestore(&pool->lock, state);
	return ready;
}

static void read_status(struct pool *pool, struct pool_status *status)
{
	irq_state_t state = spin_lock_irqsave(&pool->lock);

	*status = (struct pool_status){
		.submitted = pool->submitted,
		.finished = pool->finished,
		.queued = pool_queued_locked(pool),
		.workers = pool->workers,
		.awake = pool->awake,
		.busy = pool->busy,
		.peak = pool->peak,
		.yielded = pool->yielded,
	};
	spin_unlock_irqrestore(&pool->lock, state);
}

static long pool_op_control(struct file *file, unsigned request, uintptr_t argument)
{
	struct pool_status status;

	if (request != POOL_STATUS)
		return -ENOTTY;
	read_status(file->private, &status);
	return copy_to_user(user_out(argument, sizeof(status)), &status);
}

static const struct node_ops pool_ops = {
	.open = pool_op_open,
	.close = pool_op_close,
	.read = pool_op_read,
	.write = pool_op_write,
	.sync = pool_op_sync,
	.poll = pool_op_poll,
	.control = pool_op_control,
};

static int pool_scheme_start(void)
{
	pool_share_init();
	return device_scheme_create("pool", &pool_ops, 0666, NODE_STREAM);
}

SCHEME(pool) = { .name = "pool", .level = 20, .start = pool_scheme_start };
