/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults on purpose, in debug builds, so that tests see them reported. */
#pragma once

/* Does what `provoke=...` on the kernel command line says, if anything; provoke.c has the list. In a
 * thread, when all CPUs run. */
void provoke_start(void);
