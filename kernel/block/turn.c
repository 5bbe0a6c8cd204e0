/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns: see block_priv.h. */
#include "block_priv.h"

void block_turn_init(struct block_turn *turn)
{
	atomic_init(&turn->taken, false);
	wait_queue_init(&turn->waiters, "block turn");
}

void block_turn_take(struct block_turn *turn)
{
	struct waiter waiter;

	assert_may_sleep();
	wait_begin_exclusive(&turn->waiters, &waiter);
	while (atomic_exchange(&turn->taken, true))
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
}

void block_turn_end(struct block_turn *turn)
{
	atomic_store(&turn->taken, false);
	wait_wake(&turn->waiters);
}
