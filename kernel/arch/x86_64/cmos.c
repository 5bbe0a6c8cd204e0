/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The CMOS clock (MC146818 datasheet), its alarm and its memory. */
#include "port.h"

#include <arch/cmos.h>
#include <arch/cpu.h>
#include <arch/irq.h>
#include <base/calendar.h>
#include <base/errno.h>
#include <sync/spinlock.h>

#define CMOS_INDEX 0x70
#define CMOS_DATA  0x71
#define CMOS_LINE  8

enum cmos_register {
	CMOS_SECOND = 0,
	CMOS_ALARM_SECOND = 1,
	CMOS_MINUTE = 2,
	CMOS_ALARM_MINUTE = 3,
	CMOS_HOUR = 4,
	CMOS_ALARM_HOUR = 5,
	CMOS_DAY = 7,
	CMOS_MONTH = 8,
	CMOS_YEAR = 9,
	CMOS_STATUS_A = 0x0a,
	CMOS_STATUS_B = 0x0b,
	CMOS_STATUS_C = 0x0c, /* reading it clears it */
	CMOS_CENTURY = 0x32,
};

#define STATUS_A_UPDATING 0x80
#define STATUS_B_24_HOURS 0x02
#define STATUS_B_BINARY   0x04
#define STATUS_B_ALARM    0x20 /* interrupt */
#define STATUS_B_SET      0x80 /* no updates meanwhile */
#define STATUS_C_ALARM    0x20
#define AFTERNOON         0x80 /* of hours, where they count to 12 */

#define SAMPLE_TRIES      10
#define UPDATE_TIMEOUT_NS 10000000ull /* an update takes 2 ms */
#define SECONDS_PER_DAY   86400u
#define YEAR_LAST         2099

/* The pair of ports; and changes of several registers that belong together. */
static struct spinlock lock = SPINLOCK_INIT(RANK_LEAF, "cmos");

static uint8_t read_locked(unsigned index)
{
	port_write8(CMOS_INDEX, (uint8_t)index);
	return port_read8(CMOS_DATA);
}

static void write_locked(unsigned index, uint8_t value)
{
	port_write8(CMOS_INDEX, (uint8_t)index);
	port_write8(CMOS_DATA, value);
}

uint8_t arch_cmos_read(unsigned index)
{
	irq_state_t state;
	uint8_t value;

	if (index >= ARCH_CMOS_SIZE)
		return 0;
	state = spin_lock_irqsave(&lock);
	value = read_locked(index);
	spin_unlock_irqrestore(&lock, state);
	return value;
}

void arch_cmos_write(unsigned index, uint8_t value)
{
	irq_state_t state;

	if (index >= ARCH_CMOS_SIZE)
		return;
	state = spin_lock_irqsave(&lock);
	write_locked(index, value);
	spin_unlock_irqrestore(&lock, state);
}

/* --- What the registers hold: BCD or binary, 24 hours or 12. --- */

static unsigned decode(uint8_t value, uint8_t status)
{
	return status & STATUS_B_BINARY ? value : (value >> 4) * 10u + (value & 15u);
}

static uint8_t encode(unsigned value, uint8_t status)
{
	return (uint8_t)(status & STATUS_B_BINARY ? value : value / 10 << 4 | value % 10);
}

static unsigned decode_hour(uint8_t value, uint8_t status)
{
	if (status & STATUS_B_24_HOURS)
		return decode(value, status);
	return decode(value & ~AFTERNOON, status) % 12 + (value & AFTERNOON ? 12 : 0);
}

static uint8_t encode_hour(unsigned hour, uint8_t status)
{
	if (status & STATUS_B_24_HOURS)
		return encode(hour, status);
	return encode((hour + 11) % 12 + 1, status) | (hour >= 12 ? AFTERNOON : 0);
}

/* --- Reading. --- */

static struct calendar_time sample_locked(void)
{
	uint64_t end = arch_clock_ns() + UPDATE_TIMEOUT_NS;
	uint8_t status = read_locked(CMOS_STATUS_B);
	unsigned century = decode(read_locked(CMOS_CENTURY), status);

	/* Where there is no such clock the port reads as ones. */
	while ((read_locked(CMOS_STATUS_A) & STATUS_A_UPDATING) && arch_clock_ns() < end)
		arch_cpu_relax();
	return (struct calendar_time){
		.second = decode(read_locked(CMOS_SECOND), status),
		.minute = decode(read_locked(CMOS_MINUTE), status),
		.hour = decode_hour(read_locked(CMOS_HOUR), status),
		.day = decode(read_locked(CMOS_DAY), status),
		.month = decode(read_locked(CMOS_MONTH), status),
		.year = (century < 19 || century > 99 ? 20 : century) * 100 +
			decode(read_locked(CMOS_YEAR), status),
	};
}

static bool same_time(const struct calendar_time *a, const struct calendar_time *b)
{
	return a->second == b->second && a->minute == b->minute && a->hour == b->hour &&
	       a->day == b->day && a->month == b->month && a->year == b->year;
}

static uint64_t read_time_locked(void)
{
	struct calendar_time time = sample_locked(), again;
	unsigned tries = SAMPLE_TRIES;
	uint64_t seconds;

	/* Two equal samples were not torn by an update. */
	while (again = sample_locked(), !same_time(&time, &again) && --tries > 0)
		time = again;
	return calendar_to_seconds(&time, &seconds) ? seconds : 0;
}

uint64_t arch_wall_clock_read(void)
{
	irq_state_t state = spin_lock_irqsave(&lock);
	uint64_t seconds = read_time_locked();

	spin_unlock_irqrestore(&lock, state);
	return seconds;
}

uint64_t arch_clock_wall_seconds(void)
{
	return arch_wall_clock_read();
}

/* --- Setting. --- */

static void write_time_locked(const struct calendar_time *time)
{
	uint8_t status = read_locked(CMOS_STATUS_B);

	write_locked(CMOS_STATUS_B, status | STATUS_B_SET);
	write_locked(CMOS_SECOND, encode(time->second, status));
	write_locked(CMOS_MINUTE, encode(time->minute, status));
	write_locked(CMOS_HOUR, encode_hour(time->hour, status));
	write_locked(CMOS_DAY, encode(time->day, status));
	write_locked(CMOS_MONTH, encode(time->month, status));
	write_locked(CMOS_YEAR, encode(time->year % 100, status));
	write_locked(CMOS_CENTURY, encode(time->year / 100, status));
	write_locked(CMOS_STATUS_B, status);
}

int arch_wall_clock_set(uint64_t seconds)
{
	struct calendar_time time;
	irq_state_t state;
	int error = -ENODEV;

	calendar_from_seconds(seconds, &time);
	if (time.year > YEAR_LAST)
		return -EINVAL;
	state = spin_lock_irqsave(&lock);
	if (read_time_locked()) {
		write_time_locked(&time);
		error = 0;
	}
	spin_unlock_irqrestore(&lock, state);
	return error;
}

static void write_alarm_locked(uint64_t seconds)
{
	uint8_t status = read_locked(CMOS_STATUS_B) & (uint8_t)~STATUS_B_ALARM;
	struct calendar_time time;

	calendar_from_seconds(seconds, &time);
	write_locked(CMOS_STATUS_B, status);
	(void)read_locked(CMOS_STATUS_C);
	if (!seconds)
		return;
	write_locked(CMOS_ALARM_SECOND, encode(time.second, status));
	write_locked(CMOS_ALARM_MINUTE, encode(time.minute, status));
	write_locked(CMOS_ALARM_HOUR, encode_hour(time.hour, status));
	write_locked(CMOS_STATUS_B, status | STATUS_B_ALARM);
}

int arch_wall_clock_alarm(uint64_t seconds)
{
	irq_state_t state = spin_lock_irqsave(&lock);
	uint64_t now = seconds ? read_time_locked() : 0;
	int error = 0;

	if (seconds && !now)
		error = -ENODEV;
	else if (seconds && (seconds <= now || seconds - now >= SECONDS_PER_DAY))
		error = -EINVAL;
	else
		write_alarm_locked(seconds);
	spin_unlock_irqrestore(&lock, state);
	return error;
}

bool arch_wall_clock_take_alarm(void)
{
	return arch_cmos_read(CMOS_STATUS_C) & STATUS_C_ALARM;
}

unsigned arch_wall_clock_line(void)
{
	return CMOS_LINE;
}
