/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The battery-backed clock and its alarm, which wakes the machine: /dev/rtc0 and /sys/class/rtc/rtc0. Times are
 * seconds since 1970. Thread context.
 */
#pragma once

#include <base/types.h>

/* Makes /dev/rtc0, where there is such a clock. Called once, by power_start(). */
void wall_clock_start(void);
/* False: there is none. */
bool wall_clock_exists(void);

struct wall_clock_alarm {
	uint64_t seconds; /* 0: none was ever set */
	bool enabled;
	bool pending; /* it came, and nobody has read that */
};
void wall_clock_get_alarm(struct wall_clock_alarm *alarm);
/* -EINVAL: an alarm that is enabled is in the past, or further away than a day. */
int must_check wall_clock_set_alarm(uint64_t seconds, bool enabled);

/* The machine has slept: the clock forgot the alarm, or it was what woke. */
void wall_clock_resume(void);
