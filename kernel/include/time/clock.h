/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clocks, in nanoseconds. Callable from any context. */
#pragma once

#include <base/types.h>

#define NS_PER_SECOND      1000000000ull
#define NS_PER_MILLISECOND 1000000ull
#define NS_PER_MICROSECOND 1000ull
/* A deadline that never comes. */
#define DEADLINE_NEVER UINT64_MAX

/* Since boot; never goes back. */
uint64_t clock_monotonic_ns(void);
/* Since 1970. */
uint64_t clock_realtime_ns(void);
/* Sets the real-time clock; wakes absolute real-time sleepers by clock_realtime_changed(). */
void clock_set_realtime_ns(uint64_t ns);
/* Converts an absolute real time to a monotonic deadline, as things stand now. */
uint64_t clock_realtime_to_monotonic(uint64_t realtime_ns);
/* Now plus `ns`, saturating at DEADLINE_NEVER. */
uint64_t clock_deadline_after(uint64_t ns);
/* Reads the wall clock once at boot. */
void clock_init(void);
