/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dates from 1980 to 2107, in steps of two seconds and, for creation, of ten milliseconds. On disk
 * they are local time; the option time_offset says how that differs from UTC. */
#include <time/clock.h>

#include "fat_priv.h"

#define SECONDS_PER_DAY 86400u
#define FIRST_YEAR      1980u
#define LAST_YEAR       2107u
#define NS_FINE         (10 * NS_PER_MILLISECOND)

static bool is_leap(unsigned year)
{
	/* 2100 is the one exception within the range. */
	return year % 4 == 0 && year != 2100;
}

static unsigned month_days(unsigned year, unsigned month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970 to the first day of a year from 1970 on. */
static uint64_t days_before(unsigned year)
{
	uint64_t days = 0;

	for (unsigned i = 1970; i < year; i++)
		days += 365 + is_leap(i);
	return days;
}

void fat_time_from_ns(const struct fat *fs, uint64_t ns, struct fat_time *time)
{
	int64_t seconds = (int64_t)(ns / NS_PER_SECOND) + fs->options.time_offset * 60;
	uint64_t first = days_before(FIRST_YEAR) * SECONDS_PER_DAY;
	uint64_t end = days_before(LAST_YEAR + 1) * SECONDS_PER_DAY, of_day, days;
	unsigned year = FIRST_YEAR, month = 1;

	if (seconds < (int64_t)first) {
		seconds = (int64_t)first;
		ns = 0;
	} else if (seconds >= (int64_t)end) {
		seconds = (int64_t)end - 1;
	}
	of_day = (uint64_t)seconds % SECONDS_PER_DAY;
	days = ((uint64_t)seconds - first) / SECONDS_PER_DAY;
	while (days >= 365u + is_leap(year))
		days -= 365u + is_leap(year++);
	while (days >= month_days(year, month))
		days -= month_days(year, month++);
	time->date = (uint16_t)((year - FIRST_YEAR) << 9 | month << 5 | (unsigned)(days + 1));
	time->time = (uint16_t)(of_day / 3600 << 11 | of_day / 60 % 60 << 5 | of_day % 60 / 2);
	time->fine = (uint8_t)(of_day % 2 * 100 + ns % NS_PER_SECOND / NS_FINE);
}

/* What cannot be, such as month 0, is taken for the nearest that can. */
uint64_t fat_time_to_ns(const struct fat *fs, const struct fat_time *time)
{
	unsigned year = FIRST_YEAR + (time->date >> 9), month = time->date >> 5 & 15;
	unsigned day = time->date & 31;
	uint64_t days, seconds;
	int64_t shifted;

	month = (unsigned)min_u64(max_u64(month, 1), 12);
	days = days_before(year) + (day ? day - 1 : 0);
	for (unsigned i = 1; i < month; i++)
		days += month_days(year, i);
	seconds = days * SECONDS_PER_DAY + (uint64_t)(time->time >> 11) * 3600 +
		  (uint64_t)(time->time >> 5 & 63) * 60 + (uint64_t)(time->time & 31) * 2;
	shifted = (int64_t)seconds - fs->options.time_offset * 60;
	return (uint64_t)shifted * NS_PER_SECOND + (uint64_t)time->fine * NS_FINE;
}
