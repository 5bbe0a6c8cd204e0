/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random calls of the Redox ABI: their arguments. */
#pragma once

#include "redox_test.h"

#define FUZZ_ARENA_PAGES 4
#define FUZZ_ANSWERS     16

struct fuzzer {
	uint64_t state;                /* of the random numbers */
	uint64_t arena;                /* memory that calls may read and write */
	uint64_t answer[FUZZ_ANSWERS]; /* what calls returned last: descriptors, addresses */
	bool root;
};

static inline uint64_t fuzz_next(struct fuzzer *fuzzer)
{
	return test_random(&fuzzer->state) >> 8;
}

/* From 0 to `limit` - 1. */
static inline uint64_t fuzz_below(struct fuzzer *fuzzer, uint64_t limit)
{
	return fuzz_next(fuzzer) % limit;
}

/* Any number, often one near a power of two, or small, or small and negative. */
uint64_t fuzz_number(struct fuzzer *fuzzer);

/* Fills the arena with values that structures of calls may have. */
void fuzz_fill_arena(struct fuzzer *fuzzer);

/* Arguments for the call: some that fit it, some that fit its class, some at random. */
void fuzz_choose_arguments(struct fuzzer *fuzzer, uint64_t number, uint64_t argument[6]);

/* A number from the environment. */
uint64_t fuzz_setting(const char *name, uint64_t otherwise);
