/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the programs of this suite share: how they end, and what fsck says. */
#pragma once

#include "memory_volume.h"

/* Says what went wrong, with the seed that repeats it, and ends the program with 1. */
__attribute__((noreturn, format(printf, 1, 2))) void judge_fail(const char *format, ...);
/* Of this run: HMFS_SEED, or another one every time; printed when something fails. */
uint64_t judge_seed(void);
/* In seconds. */
double judge_now(void);
/* Checks the volume, which is not mounted, contents too: fails if anything is wrong with it. */
void judge_check(struct memory_volume *volume, const char *when);
