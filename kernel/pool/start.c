/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A configuration becomes workers.
 *
 * All of them are made at once, as many as could ever run at a time: a sleeping thread costs a
 * kernel stack and its registers, and a core that comes free then finds a thread to run in any
 * context, also where none could be made (in the idle loop).
 */
#include "pool_priv.h"

#include <base/bits.h>
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <sync/cpu.h>

/* Faults are the worker's own, whoever has handlers for them; all other signals go to the
 * program's own threads, whose stacks are made for handlers. */
#define SIGNALS_OF_WORKERS                                                                    \
	(signal_bit(SIGSEGV) | signal_bit(SIGBUS) | signal_bit(SIGILL) | signal_bit(SIGFPE) | \
	 signal_bit(SIGTRAP))

/* As a function finds it that was called: the return address is where it would be. */
#define CALL_FRAME 8

static bool area_valid(uint64_t base, uint64_t distance, unsigned count)
{
	uint64_t length;

	return !__builtin_mul_overflow(distance, (uint64_t)count, &length) &&
	       user_range_valid(base, length);
}

/* How many workers there are to be. */
static unsigned count_workers(const struct pool_configuration *configuration)
{
	const struct thread *self = thread_current();
	uint64_t online = cpu_count() < 64 ? ((uint64_t)1 << cpu_count()) - 1 : UINT64_MAX;
	unsigned able = bit_count(self->affinity & online);
	unsigned wanted = configuration->workers ? configuration->workers : able;

	return (unsigned)min_size(wanted, able ? able : 1);
}

static int check(const struct pool_configuration *configuration, unsigned count)
{
	if (configuration->version != POOL_VERSION || configuration->reserved != 0 ||
	    configuration->workers > POOL_WORKERS_MAX ||
	    configuration->queue_length > POOL_QUEUE_MAX)
		return -EINVAL;
	if (configuration->stacks % 16 != 0 || configuration->stack_size % 16 != 0 ||
	    configuration->stack_size < POOL_STACK_SIZE_MIN)
		return -EINVAL;
	if (!configuration->thread_pointers && configuration->thread_pointer_distance)
		return -EINVAL;
	if (!user_range_valid(configuration->entry, 1) ||
	    !area_valid(configuration->stacks, configuration->stack_size, count))
		return -EFAULT;
	if (configuration->thread_pointers &&
	    !area_valid(configuration->thread_pointers, configuration->thread_pointer_distance,
			count))
		return -EFAULT;
	return 0;
}

static int claim(struct pool *pool)
{
	irq_state_t state = spin_lock_irqsave(&pool->lock);
	bool free = pool->state == POOL_NEW;

	if (free)
		pool->state = POOL_STARTING;
	spin_unlock_irqrestore(&pool->lock, state);
	return free ? 0 : -EBUSY;
}

static int allocate(struct pool *pool, const struct pool_configuration *configuration,
		    unsigned count)
{
	pool->capacity =
		configuration->queue_length ? configuration->queue_length : POOL_QUEUE_DEFAULT;
	pool->items = kmalloc(pool->capacity * sizeof(*pool->items));
	pool->all = kzalloc(count * sizeof(*pool->all));
	return pool->items && pool->all ? 0 : -ENOMEM;
}

/* Back to new. */
static void abandon(struct pool *pool)
{
	irq_state_t state;

	kfree(pool->items);
	kfree(pool->all);
	pool->items = NULL;
	pool->all = NULL;
	state = spin_lock_irqsave(&pool->lock);
	pool->state = POOL_NEW;
	spin_unlock_irqrestore(&pool->lock, state);
}

static int create_worker(struct pool *pool, const struct pool_configuration *configuration,
			 unsigned index, struct user_thread **thread)
{
	struct pool_worker *worker = &pool->all[index];
	uint64_t stack = configuration->stacks + index * configuration->stack_size;
	struct supplied_thread like = {
		.entry = configuration->entry,
		.stack_pointer = stack + configuration->stack_size - CALL_FRAME,
		.arguments = { index, configuration->argument },
		.blocked = ~(signal_set_t)SIGNALS_OF_WORKERS,
		.watch = &worker->watch,
	};

	if (configuration->thread_pointers)
		like.thread_pointer = configuration->thread_pointers +
				      index * configuration->thread_pointer_distance;
	worker->watch.left = pool_worker_left;
	worker->pool = pool;
	list_node_init(&worker->asleep_node);
	return process_create_thread(&like, thread);
}

/* Makes up to `count` threads and adds them to the process: how many, or an error. */
static int create_workers(struct pool *pool, const struct pool_configuration *configuration,
			  unsigned count, struct user_thread **threads)
{
	unsigned created = 0;
	int error = 0;

	while (created < count && !error) {
		error = create_worker(pool, configuration, created, &threads[created]);
		if (!error)
			created++;
	}
	/* With less than was wanted the work gets done, too. */
	return created ? process_publish_threads(threads, created) : error;
}

/* The threads exist; nobody but this function can make them run. */
static void set_started(struct pool *pool, unsigned count)
{
	irq_state_t state;

	pool->process = process_current();
	process_get(pool->process);
	for (unsigned i = 0; i < count; i++)
		pool_get(pool);
	state = spin_lock_irqsave(&pool->lock);
	pool->workers = count;
	pool->awake = count;
	pool->state = POOL_STARTED;
	spin_unlock_irqrestore(&pool->lock, state);
}

int pool_start(struct pool *pool, const struct pool_configuration *configuration)
{
	struct user_thread *threads[POOL_WORKERS_MAX];
	unsigned count = count_workers(configuration);
	int error = check(configuration, count);
	int created;

	if (!error)
		error = claim(pool);
	if (error)
		return error;
	created = allocate(pool, configuration, count);
	if (!created)
		created = create_workers(pool, configuration, count, threads);
	if (created < 0) {
		abandon(pool);
		return created;
	}
	set_started(pool, (unsigned)created);
	for (int i = 0; i < created; i++)
		thread_start(&threads[i]->thread);
	return 0;
}
