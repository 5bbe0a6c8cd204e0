/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clocks and sleeping. Functions return 0 or a negative errno. */
#pragma once

#include <cryptos/syscall.h>

#define NANOSECONDS_PER_SECOND INT64_C(1000000000)

/* `clock` is REDOX_CLOCK_*. */
static inline int64_t clock_get(unsigned clock, struct redox_timespec *now)
{
	return syscall(clock_gettime, clock, now);
}

/* Nanoseconds on the clock that only goes forward; 0 if there is none. */
static inline int64_t clock_monotonic(void)
{
	struct redox_timespec now = { 0 };

	clock_get(REDOX_CLOCK_MONOTONIC, &now);
	return now.seconds * NANOSECONDS_PER_SECOND + now.nanoseconds;
}

/* As the kernel's call: -EINTR with the rest in `left` (which may be NULL). */
static inline int64_t clock_sleep(const struct redox_timespec *time, struct redox_timespec *left)
{
	return syscall(nanosleep, time, left);
}

/* So many milliseconds, signals or not. */
static inline void sleep_milliseconds(unsigned milliseconds)
{
	struct redox_timespec left = { .seconds = milliseconds / 1000,
				       .nanoseconds = (int32_t)(milliseconds % 1000) * 1000000 };

	while (clock_sleep(&left, &left) == -EINTR)
		;
}
