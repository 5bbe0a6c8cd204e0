/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the simulation has of pmaps beyond the contract. */
#pragma once

#include <arch/mmu.h>

/* For user copies, which read it in the processor's stead: where the byte at `address` is in the
 * direct map, if the translation has the rights `wanted` (MMU_READ, MMU_WRITE); else NULL. The
 * translation then stays until sim_pmap_unpin(): pmap's lock is held. */
char *sim_pmap_pin(struct pmap *pmap, vaddr_t address, unsigned wanted);
void sim_pmap_unpin(struct pmap *pmap);

/* Calls `pause` before and after each operation on a range of pages, with none of the pmap's
 * locks held: for tests that want others to come in between. NULL: nothing. */
void sim_pmap_set_pause(void (*pause)(void));
