/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the tests in the simulation (`make sim-test`) share beyond unit.h.
 */
#pragma once

#include <base/types.h>

#include "sim.h"
#include "unit.h"

#define MIB (1ull << 20)

/* Starts the simulation with `cpus` CPUs, of which the first runs, and `memory` bytes of
 * memory, all given to the frame allocator; and the heap. */
void sim_test_start(unsigned cpus, uint64_t memory);
/* The same, but starts no per-CPU caches of any kind. */
void sim_test_start_bare(uint64_t memory);

/* Starts all of the kernel that is linked, in the order of kernel/main, with `cpus` CPUs that run;
 * the caller becomes an ordinary thread. `seed` is not 0. */
void sim_test_start_scheduler(unsigned cpus, uint64_t memory, uint64_t seed);

/* Runs run() in a process of its own, where it must panic with a message that contains
 * `text`. */
#define EXPECT_PANIC(run, text) sim_test_expect_panic(__FILE__, __LINE__, run, text)
void sim_test_expect_panic(const char *file, int line, void (*run)(void), const char *text);

/* The same for an access to memory that is not there. */
#define EXPECT_FAULT(address) sim_test_expect_fault(__FILE__, __LINE__, address)
void sim_test_expect_fault(const char *file, int line, const void *address);
