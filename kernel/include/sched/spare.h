/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Spare CPUs: for those who keep threads asleep that could run, but shall do so only where nobody
 * else has a use for the CPU (worker pools).
 *
 * A CPU that is about to idle, and finds no thread to fetch, looks whether anybody wants it: one
 * load of a shared word as long as nobody does.
 */
#pragma once

#include <base/types.h>

/* How many parties would use another CPU now. Changed by them; sequentially consistent changes,
 * followed by a look at sched_cpus_free(), miss no CPU that idles: it shows that it is idle
 * first, and looks at this then. */
extern _Atomic unsigned sched_spare_wanted;

/* Who is asked; set once at boot. `offer` wakes a thread, if one is there that could use this
 * CPU; interrupts are off and no lock is held. It returns true if it did, or if it found that
 * out of reach for a moment and wants to be asked again. */
void sched_spare_set_hook(bool (*offer)(void));

/* True if another thread waits for the CPU that the caller runs on: a hint. */
bool sched_others_wait(void);
