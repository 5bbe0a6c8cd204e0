/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reset and soft-off (ACPI 6.5, 4.8.3 and 16.1). */
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
#define ACPI_ENABLED      1 /* in the PM1 control register */

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
