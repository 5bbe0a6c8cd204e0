/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The offer of CPUs that would idle. */
#include <sched/spare.h>

#include "sched_priv.h"

_Atomic unsigned sched_spare_wanted;
static bool (*_Atomic spare_hook)(void); /* set once; NULL until then */

void sched_spare_set_hook(bool (*offer)(void))
{
	atomic_store(&spare_hook, offer);
}

bool spare_offer(void)
{
	bool (*offer)(void);

	/* The mark in place_idle comes before this look; see sched_spare_wanted. */
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&sched_spare_wanted, memory_order_relaxed) == 0)
		return false;
	offer = atomic_load(&spare_hook);
	return offer && offer();
}

bool sched_others_wait(void)
{
	/* Whichever CPU it was on when it looked: a hint. */
	const struct run_queue *queue = &run_queues[cpu_id()];

	return atomic_load_explicit(&queue->runnable, memory_order_relaxed) > 1;
}
