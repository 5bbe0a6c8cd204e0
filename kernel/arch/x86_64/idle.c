/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Idling in deeper states (ACPI 6.5, 8.1; Intel SDM volume 3, 8.10).
 *
 * A state by a port ends with an interrupt that waits, though interrupts are off. Should the port not put
 * the CPU to sleep at all, or something else end it, the CPU halts behind it: sti takes effect after hlt has
 * begun, so an interrupt that waits ends that at once. So none is lost, and nothing spins.
 */
#include "cpuid.h"
#include "port.h"

#include <arch/cpu.h>
#include <arch/idle.h>
#include <sync/cpu.h>

#define CPUID_MONITOR       CPUID_FEATURE(1, 2, 3)
#define CPUID_HYPERVISOR    CPUID_FEATURE(1, 2, 31)
#define CPUID_TIMER_RUNS    CPUID_FEATURE(6, 0, 2)          /* in all states */
#define CPUID_CLOCK_RUNS    CPUID_FEATURE(0x80000007, 3, 8) /* the time stamp counter in all states */
#define PORT_MIN            0x100                           /* below are the PC's own devices */
#define PORT_CONFIG         0xcf8
#define PORT_CONFIG_END     0xd00
#define MWAIT_EXTENSIONS_ON 1 /* CPUID leaf 5, ecx: hints have a meaning */

static bool is_port_allowed(uint32_t port)
{
	return port >= PORT_MIN && port <= UINT16_MAX &&
	       (port < PORT_CONFIG || port >= PORT_CONFIG_END);
}

bool arch_idle_usable(const struct arch_idle *idle)
{
	if (idle->stops_timer && !cpuid_has(CPUID_TIMER_RUNS))
		return false;
	/* What a hypervisor shows as the counter goes on in any case. */
	if (idle->stops_clock && !cpuid_has(CPUID_CLOCK_RUNS) && !cpuid_has(CPUID_HYPERVISOR))
		return false;
	switch (idle->kind) {
	case ARCH_IDLE_HALT:
		return true;
	case ARCH_IDLE_PORT:
		return is_port_allowed(idle->hint);
	case ARCH_IDLE_WAIT:
		return cpuid_has(CPUID_MONITOR) && cpuid(5, 0).c & MWAIT_EXTENSIONS_ON;
	}
	return false;
}

/* Woken by interrupts like hlt, as nobody writes without sending one. */
static void wait_with(uint32_t hint)
{
	const struct cpu *self = arch_this_cpu();

	asm volatile("monitor" : : "a"(&self->need_resched), "c"(0), "d"(0) : "memory");
	asm volatile("sti; mwait" : : "a"(hint), "c"(0) : "memory");
}

void arch_idle_enter(const struct arch_idle *idle)
{
	switch (idle->kind) {
	case ARCH_IDLE_PORT:
		(void)port_read8((uint16_t)idle->hint);
		arch_cpu_idle();
		break;
	case ARCH_IDLE_WAIT:
		wait_with(idle->hint);
		break;
	default:
		arch_cpu_idle();
		break;
	}
}
