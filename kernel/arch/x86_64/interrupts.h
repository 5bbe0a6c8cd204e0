/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Device interrupts: I/O APICs and the vectors that interrupt numbers are given. */
#pragma once

#include <base/types.h>

struct platform;

/* Masks the old PICs, maps the I/O APICs and masks all their lines. */
void machine_interrupts_init(const struct platform *platform);
/* A vector from VECTOR_DEVICE_FIRST to VECTOR_DEVICE_LAST came. */
void machine_device_interrupt(unsigned vector);

/* Keeps how the I/O APICs route; and has them, and the old controllers, do so again after they lost it.
 * Interrupts off, no other CPU runs. */
void machine_interrupts_save(void);
void machine_interrupts_restore(void);
