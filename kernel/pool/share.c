/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which pool gets a core. The pools that have queued items and sleeping workers are hungry. Two
 * things feed them: a CPU that is about to idle, and a worker of a pool that has two more workers
 * awake than the poorest hungry one. So a machine full of pools comes to an even share, and no
 * pool takes a core away that somebody else uses.
 *
 * Pools update the list under their own lock. Whoever goes through the list has the list's lock
 * and only tries the pool's.
 */
#include "pool_priv.h"

#include <sched/spare.h>

#include <stdatomic.h>

/* RANK_POOL_LIST, interrupts off: hungry_pools, and hungry_node of its members. */
static struct spinlock hungry_lock = SPINLOCK_INIT(RANK_POOL_LIST, "hungry pools");
static struct list hungry_pools = LIST_INIT(hungry_pools);

void pool_update_hungry_locked(struct pool *pool)
{
	bool hungry = pool_wants_worker_locked(pool);

	if (hungry == pool->hungry)
		return;
	pool->hungry = hungry;
	spin_lock(&hungry_lock);
	if (hungry)
		list_push_back(&hungry_pools, &pool->hungry_node);
	else
		list_remove(&pool->hungry_node);
	spin_unlock(&hungry_lock);
	if (hungry)
		atomic_fetch_add(&sched_spare_wanted, 1);
	else
		atomic_fetch_sub(&sched_spare_wanted, 1);
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

/* Under hungry_lock and the pool's. */
static void feed(struct pool *pool)
{
	pool_wake_sleeper_locked(pool);
	list_remove(&pool->hungry_node);
	pool->hungry = pool_wants_worker_locked(pool);
	/* Who is still hungry goes to the end: equals take turns. */
	if (pool->hungry)
		list_push_back(&hungry_pools, &pool->hungry_node);
	else
		atomic_fetch_sub(&sched_spare_wanted, 1);
}

enum fed { FED_NOBODY, FED_ONE, FED_LATER /* its lock is taken: to be tried again */ };

static enum fed feed_poorest(unsigned awake)
{
	irq_state_t state = spin_lock_irqsave(&hungry_lock);
	struct pool *poorest = find_poorest();
	enum fed result = FED_NOBODY;

	if (poorest && poorest->awake + 2 <= awake) {
		result = FED_LATER;
		if (spin_trylock(&poorest->lock)) {
			if (pool_wants_worker_locked(poorest)) {
				feed(poorest);
				result = FED_ONE;
			}
			spin_unlock(&poorest->lock);
		}
	}
	spin_unlock_irqrestore(&hungry_lock, state);
	return result;
}

bool pool_give_way(unsigned awake)
{
	if (atomic_load_explicit(&sched_spare_wanted, memory_order_relaxed) == 0)
		return false;
	return feed_poorest(awake) == FED_ONE;
}

/* A CPU is about to idle. */
static bool offer_cpu(void)
{
	return feed_poorest(UINT32_MAX) != FED_NOBODY;
}

void pool_share_init(void)
{
	sched_spare_set_hook(offer_cpu);
}
