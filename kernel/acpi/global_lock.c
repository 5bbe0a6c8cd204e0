/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The global lock (ACPI 6.5, 5.2.10.1): a word in the FACS by which firmware and the system keep each other
 * out. Who finds it taken leaves a mark; whoever lets it go then signals. Within the system the interpreter
 * sees to it that only one asks.
 */
#include "event_priv.h"

#include "acpi_priv.h"
#include "control.h"
#include "facs.h"

#include <core/log.h>

#include <stdatomic.h>

#define LOCK_PENDING (1u << 0)
#define LOCK_OWNED   (1u << 1)

static struct spinlock lock = SPINLOCK_INIT(RANK_LEAF, "ACPI global lock");
static unsigned holders; /* under `lock` */

/* Methods wait for it in the interpreter. */
static void lock_came_free(void *unused)
{
	(void)unused;
	acpi_host_wake();
}

void acpi_global_lock_start(void)
{
	if (!acpi_facs())
		return;
	if (acpi_fixed_event_connect(ACPI_EVENT_GLOBAL_LOCK, lock_came_free, NULL))
		log_info("acpi", "firmware does not tell when the global lock is free");
}

static bool acquire_word(_Atomic uint32_t *word)
{
	uint32_t before = atomic_load(word), wanted;

	do {
		wanted = (before & ~LOCK_PENDING) | LOCK_OWNED;
		if (before & LOCK_OWNED)
			wanted |= LOCK_PENDING;
	} while (!atomic_compare_exchange_weak(word, &before, wanted));
	return !(before & LOCK_OWNED);
}

/* True: firmware waits for it. */
static bool release_word(_Atomic uint32_t *word)
{
	uint32_t before = atomic_load(word);

	while (!atomic_compare_exchange_weak(word, &before, before & ~(LOCK_OWNED | LOCK_PENDING)))
		continue;
	return before & LOCK_PENDING;
}

bool acpi_global_lock(bool acquire)
{
	struct acpi_facs *facs = acpi_facs();
	irq_state_t state;
	bool done = true;

	if (!facs || (acpi_fadt()->flags & ACPI_FADT_REDUCED))
		return true; /* nobody to keep out */
	state = spin_lock_irqsave(&lock);
	if (acquire) {
		done = holders > 0 || acquire_word(&facs->global_lock);
		holders += done;
	} else if (holders > 0 && --holders == 0 && release_word(&facs->global_lock)) {
		acpi_control_signal_release();
	}
	spin_unlock_irqrestore(&lock, state);
	return done;
}
