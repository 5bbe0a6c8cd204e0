/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Performance states: how fast processors run, where firmware lets the system choose. docs/power.md.
 */
#pragma once

#include <base/types.h>

#define FREQUENCY_STATE_MAX 32

enum frequency_governor {
	FREQUENCY_PERFORMANCE, /* as fast as it may */
	FREQUENCY_POWERSAVE,   /* as slow as it may */
	FREQUENCY_SCHEDUTIL,   /* by how busy the CPU is */
	FREQUENCY_GOVERNOR_COUNT,
};

struct frequency_status {
	unsigned count; /* of states, from the fastest */
	uint32_t khz[FREQUENCY_STATE_MAX];
	unsigned current;
	unsigned limit; /* the fastest that firmware and cooling allow at the moment */
	uint32_t latency_us;
	uint32_t minimum_khz, maximum_khz; /* the user's bounds */
	enum frequency_governor governor;
};

/* -ENODEV: the CPU has none, here and below. Thread context. */
int must_check frequency_read(unsigned cpu, struct frequency_status *status);
int must_check frequency_set_governor(unsigned cpu, enum frequency_governor governor);
/* 0: as it is. -EINVAL: the minimum is above the maximum. */
int must_check frequency_set_bounds(unsigned cpu, uint32_t minimum_khz, uint32_t maximum_khz);
/* True if the CPU has states to choose from. Any context. */
bool frequency_exists(unsigned cpu);
