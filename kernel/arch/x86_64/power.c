/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reset and soft-off, and what can be done without firmware. */
#include "port.h"

#include <arch/cpu.h>
#include <arch/irq.h>

#define KEYBOARD_COMMAND  0x64
#define KEYBOARD_RESET    0xfe
#define EFFECT_TIMEOUT_NS 2000000000ull

/* Set once, at boot. */
static void (*firmware_reset)(void);
static void (*firmware_power_off)(void);

void arch_set_firmware_power(void (*reset)(void), void (*power_off)(void))
{
	firmware_reset = reset;
	firmware_power_off = power_off;
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

	if (firmware_reset) {
		firmware_reset();
		wait_for_effect();
	}
	port_write8(KEYBOARD_COMMAND, KEYBOARD_RESET);
	wait_for_effect();
	/* No handler for the exception, nor for the next: a triple fault resets the CPU. */
	asm volatile("lidt %0; int3" : : "m"(empty));
}

void arch_power_off(void)
{
	if (!firmware_power_off)
		return;
	firmware_power_off();
	wait_for_effect();
}
