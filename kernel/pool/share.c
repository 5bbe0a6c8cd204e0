/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which pool gets a core. The pools that have queued items and sleeping workers are hungry. Two
 * things feed them: a CPU that is about to idle, and a worker of a pool that has two more workers
 * awake than the poorest hungry one. So a machine full of pools comes to an even share, and no
 * pool takes a core away that somebody else uses.
 *
 * A pool gets into the list when it turns hungry, under its own lock. Whoever goes through the
 * list to feed one takes out those that are hungry no more; so a pool whose queue is now empty and
 * now not does not touch the list each time. Feeders have the list's lock first, so they only try
 * the pool's, and nobody queues up for either of them: what a feeder cannot have it leaves to the
 * pool's own workers, who look for free CPUs whenever they take an item.
 */
#include "pool_priv.h"

#include <sched/spare.h>

#include <stdatomic.h>

/* RANK_POOL_LIST, interrupts off: hungry_pools, and hungry_node of its members. */
static struct spinlock hungry_lock = SPINLOCK_INIT(RANK_POOL_LIST, "hungry pools");
static struct list hungry_pools = LIST_INIT(hungry_pools);

void pool_announce_locked(struct pool *pool)
{
	if (pool->hungry || !pool_wants_worker_locked(pool))
		return;
	pool->hungry = true;
	spin_lock(&hungry_lock);
	list_push_back(&hungry_pools, &pool->hungry_node);
	spin_unlock(&hungry_lock);
	atomic_fetch_add(&sched_spare_wanted, 1);
}

/* Under hungry_lock and the pool's. */
static void take_out(struct pool *pool)
{
	pool->hungry = false;
	list_remove(&pool->hungry_node);
	atomic_fetch_sub(&sched_spare_wanted, 1);
}

void pool_retire_locked(struct pool *pool)
{
	spin_lock(&hungry_lock);
	if (pool->hungry)
		take_out(pool);
	spin_unlock(&hungry_lock);
}

/* The hungry pool with the fewest workers awake, of equals the first; NULL: none. */
static struct pool *find_poorest(void)
{
	struct pool *poorest = NULL;
	struct list_node *node;

	list_for_each (node, &hungry_pools) {
		struct pool *pool = container_of(node, struct pool, hungry_node);

		if (!poorest || pool->awake < poorest->awake)
			poorest = pool;
	}
	return poorest;
}

/* Tries for about as long as others hold such a lock. Interrupts off. */
static bool try_for_a_while(struct spinlock *lock)
{
	for (unsigned i = 0; i < 50; i++) {
		if (spin_trylock(lock))
			return true;
		arch_cpu_relax();
	}
	return false;
}

/* Under hungry_lock: true if `pool` has woken a worker. It goes to the end of the list, so that
 * equals take turns, or leaves it. */
static bool feed(struct pool *pool)
{
	bool fed;

	fed = pool_wants_worker_locked(pool);
	if (fed) {
		pool_wake_sleeper_locked(pool);
		list_remove(&pool->hungry_node);
		list_push_back(&hungry_pools, &pool->hungry_node);
	} else {
		take_out(pool);
	}
	return fed;
}

/* Has the poorest pool, with two workers less than `awake`, wake one. */
static bool feed_poorest(unsigned awake)
{
	struct pool *poorest;
	bool fed = false;

	while (!fed && (poorest = find_poorest()) && poorest->awake + 2 <= awake) {
		if (!try_for_a_while(&poorest->lock))
			break;
		fed = feed(poorest);
		spin_unlock(&poorest->lock);
	}
	return fed;
}

static bool offer(unsigned awake)
{
	unsigned long state = arch_irq_save();
	bool fed = false;

	if (try_for_a_while(&hungry_lock)) {
		fed = feed_poorest(awake);
		spin_unlock(&hungry_lock);
	}
	arch_irq_restore(state);
	return fed;
}

bool pool_give_way(const struct pool *pool)
{
	unsigned hungry = atomic_load_explicit(&sched_spare_wanted, memory_order_relaxed);

	/* Its own hunger, of which it may see a stale value, is no reason. */
	return hungry > (pool->hungry ? 1 : 0) && offer(pool->awake);
}

/* A CPU is about to idle. */
static bool offer_cpu(void)
{
	return offer(UINT32_MAX);
}

void pool_share_init(void)
{
	sched_spare_set_hook(offer_cpu);
}
