/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dates, compared with the C library's. */
#include <base/calendar.h>

#include "unit.h"

#include <time.h>

#define LAST_SECOND 253402300799ull /* of the year 9999 */

static void check(uint64_t seconds)
{
	time_t when = (time_t)seconds;
	struct calendar_time time;
	uint64_t back = 0;
	struct tm tm;

	gmtime_r(&when, &tm);
	calendar_from_seconds(seconds, &time);
	EXPECT_EQUAL(time.year, tm.tm_year + 1900);
	EXPECT_EQUAL(time.month, tm.tm_mon + 1);
	EXPECT_EQUAL(time.day, tm.tm_mday);
	EXPECT_EQUAL(time.hour, tm.tm_hour);
	EXPECT_EQUAL(time.minute, tm.tm_min);
	EXPECT_EQUAL(time.second, tm.tm_sec);
	EXPECT_EQUAL(time.weekday, tm.tm_wday);
	EXPECT_EQUAL(time.year_day, tm.tm_yday);
	EXPECT(calendar_to_seconds(&time, &back));
	EXPECT_EQUAL(back, seconds);
}

UNIT_TEST(calendar, same_as_the_c_library)
{
	uint64_t seed = 1;

	/* Each day of 150 years, with its last second. */
	for (uint64_t day = 0; day < 150 * 366; day++)
		check(day * 86400 + 86399);
	for (unsigned round = 0; round < 20000; round++)
		check(unit_random_below(&seed, LAST_SECOND + 1));
	check(0);
	check(LAST_SECOND);
}

UNIT_TEST(calendar, no_such_time)
{
	static const struct calendar_time bad[] = {
		{ .year = 1969, .month = 12, .day = 31 },
		{ .year = 10000, .month = 1, .day = 1 },
		{ .year = 2025, .month = 0, .day = 1 },
		{ .year = 2025, .month = 13, .day = 1 },
		{ .year = 2025, .month = 2, .day = 29 },
		{ .year = 2100, .month = 2, .day = 29 },
		{ .year = 2025, .month = 4, .day = 31 },
		{ .year = 2025, .month = 4, .day = 0 },
		{ .year = 2025, .month = 4, .day = 1, .hour = 24 },
		{ .year = 2025, .month = 4, .day = 1, .minute = 60 },
		{ .year = 2025, .month = 4, .day = 1, .second = 61 },
		{ .year = UINT32_MAX, .month = UINT32_MAX, .day = UINT32_MAX },
	};
	struct calendar_time time;
	uint64_t seconds;

	for (size_t i = 0; i < array_length(bad); i++)
		EXPECT(!calendar_to_seconds(&bad[i], &seconds));
	/* Later than any of them: the last day. */
	calendar_from_seconds(UINT64_MAX, &time);
	EXPECT_EQUAL(time.year, CALENDAR_YEAR_MAX);
	EXPECT(calendar_to_seconds(&time, &seconds));
}
