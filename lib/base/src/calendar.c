/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <base/calendar.h>

#define SECONDS_PER_DAY  86400
#define DAYS_PER_ERA     146097  /* of 400 years, after which the calendar repeats */
#define EPOCH_DAY        719468  /* 1970-01-01, counted from 1 March of the year 0 */
#define THURSDAY         4       /* 1970-01-01 */
#define CALENDAR_DAY_MAX 2932896 /* the last day of CALENDAR_YEAR_MAX */

static bool is_leap(unsigned year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned month_length(unsigned year, unsigned month)
{
	static const uint8_t lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return lengths[month - 1] + (month == 2 && is_leap(year));
}

/* Days since 1970. Years that begin in March put the leap day last, and their months' lengths follow a
 * straight line: 153 days for each five. */
static uint64_t days_of(unsigned year, unsigned month, unsigned day)
{
	unsigned since_march = (month + 9) % 12;
	uint64_t era, year_of_era, day_of_year;

	year -= month <= 2;
	era = year / 400;
	year_of_era = year % 400;
	day_of_year = (153 * since_march + 2) / 5 + day - 1;
	return era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - EPOCH_DAY;
}

void calendar_from_seconds(uint64_t seconds, struct calendar_time *time)
{
	uint64_t days = seconds / SECONDS_PER_DAY;
	unsigned rest = (unsigned)(seconds % SECONDS_PER_DAY);

	if (days > CALENDAR_DAY_MAX)
		days = CALENDAR_DAY_MAX;
	*time = (struct calendar_time){
		.year = 1970 + (unsigned)(days / 366),
		.month = 1,
		.hour = rest / 3600,
		.minute = rest / 60 % 60,
		.second = rest % 60,
		.weekday = (unsigned)((days + THURSDAY) % 7),
	};
	while (days_of(time->year + 1, 1, 1) <= days)
		time->year++;
	time->year_day = (unsigned)(days - days_of(time->year, 1, 1));
	time->day = time->year_day + 1;
	while (time->day > month_length(time->year, time->month))
		time->day -= month_length(time->year, time->month++);
}

bool calendar_to_seconds(const struct calendar_time *time, uint64_t *seconds)
{
	if (time->year < 1970 || time->year > CALENDAR_YEAR_MAX || time->month < 1 ||
	    time->month > 12 || time->day < 1 ||
	    time->day > month_length(time->year, time->month) || time->hour > 23 ||
	    time->minute > 59 || time->second > 60)
		return false;
	*seconds = days_of(time->year, time->month, time->day) * SECONDS_PER_DAY +
		   time->hour * 3600u + time->minute * 60u + time->second;
	return true;
}
