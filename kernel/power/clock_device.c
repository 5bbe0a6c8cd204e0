/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /dev/rtc0, as Linux has it: reading waits for the alarm, and ioctls tell and set time and alarm. */
#include "wall_clock_priv.h"

#include <arch/cmos.h>
#include <base/calendar.h>
#include <base/errno.h>
#include <core/log.h>
#include <mm/vm/user.h>
#include <proc/process.h>
#include <scheme/credentials.h>
#include <scheme/device.h>
#include <scheme/poll.h>

#include <stdatomic.h>

#define RTC_MAJOR    254
#define ALARM_WITHIN 86400u
#define READ_ALARM   0x20u  /* what a read tells: the alarm, */
#define READ_RAISED  0x80u  /* an interrupt, */
#define READ_ONE     0x100u /* and how many above */

enum request { /* Linux's */
	       RTC_ALARM_ON = 0x7001,
	       RTC_ALARM_OFF = 0x7002,
	       RTC_SET_DAY_ALARM = 0x40247007,
	       RTC_GET_DAY_ALARM = 0x80247008,
	       RTC_GET_TIME = 0x80247009,
	       RTC_SET_TIME = 0x4024700a,
	       RTC_SET_ALARM = 0x4028700f,
	       RTC_GET_ALARM = 0x80287010,
};

struct rtc_time { /* as struct tm */
	/* 0x00 */ int32_t second, minute, hour, day, month, year, weekday, year_day,
		daylight_saving;
};

struct rtc_alarm {
	/* 0x00 */ uint8_t enabled, pending;
	/* 0x02 */ uint8_t reserved[2];
	/* 0x04 */ struct rtc_time time;
};

_Static_assert(sizeof(struct rtc_time) == 0x24, "Linux's");
_Static_assert(sizeof(struct rtc_alarm) == 0x28, "Linux's");

static _Atomic bool open_already; /* one at a time, as there is one alarm */

static struct rtc_time to_rtc(uint64_t seconds)
{
	struct calendar_time time;

	calendar_from_seconds(seconds, &time);
	return (struct rtc_time){
		.second = (int32_t)time.second,
		.minute = (int32_t)time.minute,
		.hour = (int32_t)time.hour,
		.day = (int32_t)time.day,
		.month = (int32_t)time.month - 1,
		.year = (int32_t)time.year - 1900,
		.weekday = (int32_t)time.weekday,
		.year_day = (int32_t)time.year_day,
	};
}

/* What is negative becomes too large. */
static bool from_rtc(const struct rtc_time *rtc, uint64_t *seconds)
{
	const struct calendar_time time = {
		.second = (unsigned)rtc->second,
		.minute = (unsigned)rtc->minute,
		.hour = (unsigned)rtc->hour,
		.day = (unsigned)rtc->day,
		.month = (unsigned)rtc->month + 1,
		.year = (unsigned)rtc->year + 1900,
	};

	return calendar_to_seconds(&time, seconds);
}

static long get_time(uintptr_t argument)
{
	uint64_t seconds = arch_wall_clock_read();
	struct rtc_time time = to_rtc(seconds);

	return seconds ? copy_to_user(user_out(argument, sizeof(time)), &time) : -EINVAL;
}

static long set_time(uintptr_t argument)
{
	struct rtc_time time;
	uint64_t seconds;
	int error = copy_from_user(&time, user_in(argument, sizeof(time)));

	if (error)
		return error;
	if (!credentials_privileged(credentials_current()))
		return -EACCES;
	return from_rtc(&time, &seconds) ? arch_wall_clock_set(seconds) : -EINVAL;
}

static long get_alarm(uintptr_t argument, bool day_only)
{
	struct wall_clock_alarm now;
	struct rtc_alarm alarm;

	wall_clock_get_alarm(&now);
	alarm = (struct rtc_alarm){
		.enabled = now.enabled,
		.pending = now.pending,
		.time = to_rtc(now.seconds),
	};
	if (day_only)
		return copy_to_user(user_out(argument, sizeof(alarm.time)), &alarm.time);
	return copy_to_user(user_out(argument, sizeof(alarm)), &alarm);
}

static long set_alarm(uintptr_t argument)
{
	struct rtc_alarm alarm;
	uint64_t seconds;
	int error = copy_from_user(&alarm, user_in(argument, sizeof(alarm)));

	if (error)
		return error;
	if (!from_rtc(&alarm.time, &seconds))
		return -EINVAL;
	return wall_clock_set_alarm(seconds, alarm.enabled);
}

/* The next time of that hour, minute and second; it is enabled by another request. */
static long set_day_alarm(uintptr_t argument)
{
	struct rtc_time time, today;
	uint64_t seconds, now = arch_wall_clock_read();
	int error = copy_from_user(&time, user_in(argument, sizeof(time)));

	if (error)
		return error;
	today = to_rtc(now);
	today.hour = time.hour;
	today.minute = time.minute;
	today.second = time.second;
	if (!from_rtc(&today, &seconds))
		return -EINVAL;
	return wall_clock_set_alarm(seconds > now ? seconds : seconds + ALARM_WITHIN, false);
}

static long enable_alarm(bool enabled)
{
	struct wall_clock_alarm now;

	wall_clock_get_alarm(&now);
	return wall_clock_set_alarm(now.seconds, enabled);
}

static long clock_control(struct file *file, unsigned request, uintptr_t argument)
{
	(void)file;
	switch (request) {
	case RTC_GET_TIME:
		return get_time(argument);
	case RTC_SET_TIME:
		return set_time(argument);
	case RTC_GET_ALARM:
		return get_alarm(argument, false);
	case RTC_GET_DAY_ALARM:
		return get_alarm(argument, true);
	case RTC_SET_ALARM:
		return set_alarm(argument);
	case RTC_SET_DAY_ALARM:
		return set_day_alarm(argument);
	case RTC_ALARM_ON:
		return enable_alarm(true);
	case RTC_ALARM_OFF:
		return enable_alarm(false);
	default:
		return -ENOTTY;
	}
}

static int wait_for_alarm(bool nonblocking)
{
	struct waiter waiter;
	int error = 0;

	wait_begin(&wall_clock_readers, &waiter);
	while (!error && !wall_clock_take_alarm())
		error = nonblocking ? -EAGAIN
				    : wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
	wait_end(&waiter);
	return error;
}

/* Four bytes or eight, as programs were compiled. */
static ssize_t clock_read(struct file *file, struct io *io, uint64_t offset)
{
	uint64_t word = READ_ONE | READ_RAISED | READ_ALARM;
	size_t size = io_remaining(io) >= sizeof(word) ? sizeof(word) : sizeof(uint32_t);
	int error;

	(void)offset;
	if (io_remaining(io) < size)
		return -EINVAL;
	error = wait_for_alarm(file->flags & FILE_NONBLOCK);
	return error ? error : io_put(io, &word, size);
}

static unsigned clock_poll(struct file *file, struct poller *poller)
{
	struct wall_clock_alarm now;

	(void)file;
	poller_add(poller, &wall_clock_readers);
	wall_clock_get_alarm(&now);
	return now.pending ? POLL_IN | POLL_READ_NORMAL : 0;
}

static int clock_open(struct node *node, struct file *file)
{
	(void)node;
	(void)file;
	if (atomic_exchange(&open_already, true))
		return -EBUSY;
	/* What came while nobody had it open is nobody's. */
	(void)wall_clock_take_alarm();
	return 0;
}

static void clock_close(struct file *file)
{
	(void)file;
	atomic_store(&open_already, false);
}

static const struct node_ops clock_ops = {
	.open = clock_open,
	.close = clock_close,
	.read = clock_read,
	.poll = clock_poll,
	.control = clock_control,
};

void wall_clock_device_start(void)
{
	static const struct device_node node = {
		.name = "rtc0",
		.type = MODE_CHARACTER,
		.major = RTC_MAJOR,
		.permissions = 0600,
		.ops = &clock_ops,
		.node_flags = NODE_STREAM,
	};

	if (device_node_add(&node) || device_link_add("rtc", "rtc0"))
		log_warning("power", "no node for the clock");
}
