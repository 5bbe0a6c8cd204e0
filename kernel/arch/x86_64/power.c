/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reset and soft-off (ACPI 6.5, 4.8.3 and 16.1), and the CMOS clock (MC146818). */
#include "power.h"

#include "port.h"

#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/platform.h>

#define SLEEP_ENABLE      (1u << 13)
#define SLEEP_TYPE_SHIFT  10
#define SLEEP_TYPE_MASK   (7u << SLEEP_TYPE_SHIFT)
#define KEYBOARD_COMMAND  0x64
#define KEYBOARD_RESET    0xfe
#define EFFECT_TIMEOUT_NS 2000000000ull
#define CMOS_INDEX        0x70
#define CMOS_DATA         0x71
#define CMOS_STATUS_A     0x0a
#define CMOS_STATUS_B     0x0b
#define CMOS_UPDATING     0x80
#define CMOS_BINARY       0x04
#define CMOS_24_HOURS     0x02
#define CMOS_CENTURY      0x32
#define CMOS_TRIES        10
#define CMOS_TIMEOUT_NS   10000000ull /* an update takes 2 ms */
#define ACPI_ENABLED      1           /* in the PM1 control register */

static struct platform saved;

void machine_power_init(const struct platform *platform)
{
	saved = *platform;
}

/* The machine takes its time; what follows must not run meanwhile. */
static void wait_for_effect(void)
{
	uint64_t end = arch_clock_ns() + EFFECT_TIMEOUT_NS;

	while (arch_clock_ns() < end)
		arch_cpu_relax();
}

void arch_reset(void)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) empty = { 0, 0 };

	if (saved.reset_port)
		port_write8(saved.reset_port, saved.reset_value);
	wait_for_effect();
	port_write8(KEYBOARD_COMMAND, KEYBOARD_RESET);
	wait_for_effect();
	/* No handler for the exception, nor for the next: a triple fault resets the CPU. */
	asm volatile("lidt %0; int3" : : "m"(empty));
}

/* Firmware keeps the power management registers to itself until it is told. */
static void enable_acpi(void)
{
	uint64_t end = arch_clock_ns() + EFFECT_TIMEOUT_NS;

	if (!saved.smi_command_port || !saved.acpi_enable_value)
		return;
	if (port_read16(saved.sleep_control_port) & ACPI_ENABLED)
		return;
	port_write8(saved.smi_command_port, saved.acpi_enable_value);
	while (!(port_read16(saved.sleep_control_port) & ACPI_ENABLED) && arch_clock_ns() < end)
		arch_cpu_relax();
}

/* The type first, then with the bit that makes it so. */
static void soft_off(uint16_t port, uint8_t type)
{
	uint16_t value;

	if (!port)
		return;
	value = port_read16(port) & (uint16_t) ~(SLEEP_TYPE_MASK | SLEEP_ENABLE);
	value |= (uint16_t)(type << SLEEP_TYPE_SHIFT & SLEEP_TYPE_MASK);
	port_write16(port, value);
	port_write16(port, value | SLEEP_ENABLE);
}

void arch_power_off(void)
{
	if (!saved.soft_off_known || !saved.sleep_control_port)
		return;
	enable_acpi();
	soft_off(saved.sleep_control_port, saved.soft_off_type);
	soft_off(saved.sleep_control_port_b, saved.soft_off_type_b);
	wait_for_effect();
}

static uint8_t cmos_read(uint8_t index)
{
	port_write8(CMOS_INDEX, index);
	return port_read8(CMOS_DATA);
}

struct cmos_time {
	uint8_t second, minute, hour, day, month, year, century;
};

static struct cmos_time cmos_sample(void)
{
	uint64_t end = arch_clock_ns() + CMOS_TIMEOUT_NS;

	/* Where there is no such clock the port reads as ones. */
	while ((cmos_read(CMOS_STATUS_A) & CMOS_UPDATING) && arch_clock_ns() < end)
		arch_cpu_relax();
	return (struct cmos_time){
		.second = cmos_read(0),
		.minute = cmos_read(2),
		.hour = cmos_read(4),
		.day = cmos_read(7),
		.month = cmos_read(8),
		.year = cmos_read(9),
		.century = cmos_read(CMOS_CENTURY),
	};
}

static bool same_time(const struct cmos_time *a, const struct cmos_time *b)
{
	return a->second == b->second && a->minute == b->minute && a->hour == b->hour &&
	       a->day == b->day && a->month == b->month && a->year == b->year;
}

static bool is_time(const struct cmos_time *time)
{
	return time->second < 61 && time->minute < 60 && time->hour < 24 && time->day >= 1 &&
	       time->day <= 31 && time->month >= 1 && time->month <= 12 && time->year < 100;
}

static uint8_t from_bcd(uint8_t value)
{
	return (uint8_t)((value >> 4) * 10 + (value & 15));
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static int64_t days_since_epoch(int64_t year, unsigned month, unsigned day)
{
	int64_t era;
	unsigned year_of_era, day_of_year;

	/* Years that begin in March put the leap day last. */
	year -= month <= 2;
	era = year / 400;
	year_of_era = (unsigned)(year - era * 400);
	day_of_year = (153 * (month + (month > 2 ? -3u : 9u)) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365ll + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

/* Brings a sample to binary, 24 hours. */
static void normalise(struct cmos_time *time, uint8_t status)
{
	bool afternoon = !(status & CMOS_24_HOURS) && (time->hour & 0x80);

	time->hour &= 0x7f;
	if (!(status & CMOS_BINARY)) {
		time->second = from_bcd(time->second);
		time->minute = from_bcd(time->minute);
		time->hour = from_bcd(time->hour);
		time->day = from_bcd(time->day);
		time->month = from_bcd(time->month);
		time->year = from_bcd(time->year);
		time->century = from_bcd(time->century);
	}
	if (!(status & CMOS_24_HOURS))
		time->hour = (uint8_t)(time->hour % 12 + (afternoon ? 12 : 0));
	if (time->century < 19 || time->century > 99)
		time->century = 20;
}

uint64_t arch_clock_wall_seconds(void)
{
	struct cmos_time time = cmos_sample(), again;
	unsigned tries = CMOS_TRIES;
	int64_t days;

	/* Two equal samples were not torn by an update. */
	while (again = cmos_sample(), !same_time(&time, &again) && --tries > 0)
		time = again;
	normalise(&time, cmos_read(CMOS_STATUS_B));
	if (!is_time(&time))
		return 0;
	days = days_since_epoch(time.century * 100 + time.year, time.month, time.day);
	if (days < 0)
		return 0;
	return (uint64_t)days * 86400 + time.hour * 3600u + time.minute * 60u + time.second;
}
