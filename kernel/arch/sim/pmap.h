/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the simulation's user copies use a pmap in the processor's stead. */
#pragma once

#include <arch/mmu.h>

/* Where the byte at `address` is in the direct map, if the translation has the rights `wanted`
 * (MMU_READ, MMU_WRITE); else NULL. The translation then stays until sim_pmap_unpin(): pmap's
 * lock is held. */
char *sim_pmap_pin(struct pmap *pmap, vaddr_t address, unsigned wanted);
void sim_pmap_unpin(struct pmap *pmap);
