/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arch/cpu.h>
#include <arch/idle.h>

bool arch_idle_usable(const struct arch_idle *idle)
{
	return !idle->stops_timer;
}

void arch_idle_enter(const struct arch_idle *idle)
{
	(void)idle;
	arch_cpu_idle();
}
