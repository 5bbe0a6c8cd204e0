/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way back to user mode (signal_deliver.c), as trap.c uses it. Private to proc. */
#pragma once

#include <base/types.h>

struct arch_registers;

/* True for the internal results of interrupted system calls. */
bool signal_is_restart(int64_t result);
/* Handles all signals, stops and ends of the current thread, and restarts system calls. */
void signal_deliver(struct arch_registers *registers);
/* Programs stand still (freeze.c); the current thread does, until they go on. */
bool program_is_frozen(void);
void program_freeze_here(void);
