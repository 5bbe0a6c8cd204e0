/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that is kept for processes outside of their address spaces. */
#include "process_private.h"

#include <base/errno.h>
#include <mm/phys/frame.h>
#include <proc/charge.h>
#include <stdatomic.h>

#define PROCESS_SHARE 4 /* of all memory that one process may have so */
#define TOTAL_SHARE   2 /* that all may have */

static _Atomic uint64_t charged_pages;

/* Adds `pages` unless that goes beyond `bound`. */
static bool charge_within(_Atomic uint64_t *sum, uint64_t pages, uint64_t bound)
{
	uint64_t now = atomic_load_explicit(sum, memory_order_relaxed);

	do {
		if (pages > bound || now > bound - pages)
			return false;
	} while (!atomic_compare_exchange_weak(sum, &now, now + pages));
	return true;
}

static uint64_t process_bound(void)
{
	uint64_t limit = process_limit(RESOURCE_ADDRESS_SPACE) / PAGE_SIZE;

	return min_u64(limit, frame_total() / PROCESS_SHARE);
}

/* Counts them for the process, or for who inherited from it; NULL: only among all. It gets a
 * reference: process_uncharge() goes the same way. */
static int charge(struct process *process, size_t pages, uint64_t bound)
{
	struct process *bearer = process;
	bool counted = true;

	if (!charge_within(&charged_pages, pages, frame_total() / TOTAL_SHARE))
		return -ENOMEM;
	while (bearer) {
		irq_state_t state = spin_lock_irqsave(&bearer->lock);
		struct process *heir = bearer->heir;

		if (!heir)
			counted = charge_within(&bearer->charged_pages, pages, bound);
		spin_unlock_irqrestore(&bearer->lock, state);
		bearer = heir;
	}
	if (!counted) {
		atomic_fetch_sub(&charged_pages, pages);
		return -ENOMEM;
	}
	if (process)
		process_get(process);
	return 0;
}

int process_charge(size_t pages, struct process **payer)
{
	struct process *process = thread_current()->user ? process_current() : NULL;
	int error = charge(process, pages, process ? process_bound() : 0);

	*payer = error ? NULL : process;
	return error;
}

int process_charge_payer(struct process *payer, size_t pages)
{
	return charge(payer, pages, frame_total() / PROCESS_SHARE);
}

void process_uncharge(struct process *payer, size_t pages)
{
	struct process *bearer = payer;

	atomic_fetch_sub(&charged_pages, pages);
	while (bearer) {
		irq_state_t state = spin_lock_irqsave(&bearer->lock);
		struct process *heir = bearer->heir;

		if (!heir)
			atomic_fetch_sub(&bearer->charged_pages, pages);
		spin_unlock_irqrestore(&bearer->lock, state);
		bearer = heir;
	}
	if (payer)
		process_put(payer);
}

void process_pass_charges(struct process *process, struct process *heir)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	uint64_t pages = process->charged_pages;

	if (pages) {
		process_get(heir);
		process->heir = heir;
		atomic_fetch_add(&heir->charged_pages, pages);
		process->charged_pages = 0;
	}
	spin_unlock_irqrestore(&process->lock, state);
}
