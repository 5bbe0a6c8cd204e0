/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of mm/vm in the simulation share. */
#pragma once

#include <base/types.h>

struct aspace;

/* Starts a kernel up to address spaces; the caller is its boot thread. `seed`: of the course of
 * events, see sim.h. */
void machine_start(unsigned cpus, uint64_t memory, uint64_t seed);
/* Makes `aspace` that of the current thread, for user copies; NULL: none. All threads that have
 * one have the same. */
void machine_enter(struct aspace *aspace);
