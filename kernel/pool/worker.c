/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Items out: what a worker does in its read, and its end. */
#include "pool_priv.h"

#include <base/errno.h>
#include <sched/spare.h>
#include <sched/statistics.h>

struct pool_worker *pool_worker_current(void)
{
	struct thread_watch *watch = user_thread_current()->watch;

	if (!watch || watch->left != pool_worker_left)
		return NULL;
	return container_of(watch, struct pool_worker, watch);
}

void pool_wake_sleeper_locked(struct pool *pool)
{
	struct list_node *first = list_pop_front(&pool->sleepers);
	struct pool_worker *worker = container_of(first, struct pool_worker, asleep_node);

	worker->asleep = false;
	worker->chosen = true;
	pool->chosen++;
	pool->awake++;
	/* It cannot vanish: it passes through this lock before it ends. */
	thread_wake(worker->thread);
}

static void wake_for_free_cpus_locked(struct pool *pool)
{
	unsigned spare = sched_cpus_free();

	while (pool_wants_worker_locked(pool) && (pool->awake == 0 || spare > 0)) {
		pool_wake_sleeper_locked(pool);
		if (spare > 0)
			spare--;
	}
}

void pool_wake_workers_locked(struct pool *pool)
{
	if (!pool_wants_worker_locked(pool))
		return;
	wake_for_free_cpus_locked(pool);
	if (!pool_wants_worker_locked(pool))
		return;
	/* First the wish for a CPU, then another look for one: see sched_spare_wanted. */
	pool_announce_locked(pool);
	wake_for_free_cpus_locked(pool);
}

static void fall_asleep_locked(struct pool_worker *worker)
{
	struct pool *pool = worker->pool;

	worker->asleep = true;
	pool->awake--;
	list_push_front(&pool->sleepers, &worker->asleep_node);
	pool_announce_locked(pool);
}

static void not_chosen_locked(struct pool_worker *worker)
{
	if (worker->chosen)
		worker->pool->chosen--;
	worker->chosen = false;
}

static void take_item_locked(struct pool_worker *worker, struct pool_item *item)
{
	struct pool *pool = worker->pool;

	*item = pool->items[pool->taken % pool->capacity];
	worker->sequence = pool->taken++;
	worker->busy = true;
	not_chosen_locked(worker);
	pool->busy++;
	if (pool->busy > pool->peak)
		pool->peak = pool->busy;
	if (pool_queued_locked(pool) == pool->capacity / 2)
		wait_wake_all(&pool->room);
	pool_wake_workers_locked(pool);
}

/* Whether the worker leaves its core to others although there is work. `gave_way`: another pool
 * has woken a worker for this one. */
static bool must_yield_locked(const struct pool_worker *worker, bool gave_way)
{
	if (worker->chosen || worker->pool->awake <= 1)
		return false;
	return gave_way || (sched_others_wait() && sched_cpus_free() == 0);
}

/* 1: *item is the worker's; 0: it shall end; -EAGAIN: it shall sleep. */
static int try_next_locked(struct pool_worker *worker, bool gave_way, struct pool_item *item)
{
	struct pool *pool = worker->pool;

	if (pool->closed)
		return 0;
	if (pool_queued_locked(pool) == 0) {
		not_chosen_locked(worker);
		return -EAGAIN;
	}
	if (must_yield_locked(worker, gave_way)) {
		pool->yielded++;
		return -EAGAIN;
	}
	take_item_locked(worker, item);
	return 1;
}

static bool is_asleep(struct pool_worker *worker)
{
	irq_state_t state = spin_lock_irqsave(&worker->pool->lock);
	bool asleep = worker->asleep;

	spin_unlock_irqrestore(&worker->pool->lock, state);
	return asleep;
}

/* Sleeps until it is woken to do something: 0, or -ERESTART. */
static int sleep_until_chosen(struct pool_worker *worker)
{
	struct pool *pool = worker->pool;
	irq_state_t state;

	for (;;) {
		thread_set_state(THREAD_SLEEPING_INTERRUPTIBLE);
		if (!is_asleep(worker) || thread_interrupted(worker->thread))
			break;
		(void)thread_block(DEADLINE_NEVER);
	}
	thread_set_state(THREAD_RUNNABLE);
	state = spin_lock_irqsave(&pool->lock);
	if (!worker->asleep) {
		spin_unlock_irqrestore(&pool->lock, state);
		return 0;
	}
	worker->asleep = false;
	list_remove(&worker->asleep_node);
	pool->awake++;
	spin_unlock_irqrestore(&pool->lock, state);
	return -ERESTART;
}

/* One look at the queue, after which the worker is asleep if `wait` and there is nothing for it;
 * the results of try_next_locked(). */
static int look_once(struct pool_worker *worker, bool wait, bool gave_way, struct pool_item *item)
{
	struct pool *pool = worker->pool;
	irq_state_t state = spin_lock_irqsave(&pool->lock);
	int result;

	pool_finish_item_locked(worker);
	result = try_next_locked(worker, gave_way, item);
	if (result == -EAGAIN && wait)
		fall_asleep_locked(worker);
	spin_unlock_irqrestore(&pool->lock, state);
	return result;
}

int pool_worker_next(struct pool_worker *worker, bool wait, struct pool_item *item)
{
	bool gave_way = wait && !worker->chosen && pool_give_way(worker->pool);
	int result, error;

	worker->thread = thread_current();
	for (;;) {
		result = look_once(worker, wait, gave_way, item);
		if (result != -EAGAIN || !wait)
			return result;
		gave_way = false;
		error = sleep_until_chosen(worker);
		if (error)
			return error;
	}
}

void pool_worker_left(struct thread_watch *watch)
{
	struct pool_worker *worker = container_of(watch, struct pool_worker, watch);
	struct pool *pool = worker->pool;
	irq_state_t state = spin_lock_irqsave(&pool->lock);

	pool_finish_item_locked(worker);
	not_chosen_locked(worker);
	pool->awake--;
	pool->workers--;
	if (pool->workers == 0) {
		wait_wake_all(&pool->room);
		wait_wake_all(&pool->progress);
	}
	pool_wake_workers_locked(pool);
	spin_unlock_irqrestore(&pool->lock, state);
	pool_put(pool);
}
