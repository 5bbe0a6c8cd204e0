/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dates of the Gregorian calendar, and seconds since 1970. */
#pragma once

#include <base/types.h>

struct calendar_time {
	unsigned year, month, day; /* 1970 and after; both others count from 1 */
	unsigned hour, minute, second;
	unsigned weekday;  /* 0: Sunday */
	unsigned year_day; /* from 0 */
};

#define CALENDAR_YEAR_MAX 9999

void calendar_from_seconds(uint64_t seconds, struct calendar_time *time);
/* False: there is no such time (weekday and year_day are not looked at; a leap second is one). */
bool must_check calendar_to_seconds(const struct calendar_time *time, uint64_t *seconds);
