/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arch contract: deeper ways to idle than arch_cpu_idle(), as firmware tells of them. */
#pragma once

#include <base/types.h>

enum arch_idle_kind {
	ARCH_IDLE_HALT, /* arch_cpu_idle() */
	ARCH_IDLE_PORT, /* reading a port of the chipset, `hint` */
	ARCH_IDLE_WAIT, /* the processor's own instruction for it, with `hint` */
};

struct arch_idle {
	enum arch_idle_kind kind;
	uint32_t hint;
	bool stops_timer; /* the CPU's timer may stand still in it */
	bool stops_clock; /* its clock, too */
};

/* Whether this machine can idle so and nothing is lost. Any context. */
bool arch_idle_usable(const struct arch_idle *idle);
/* As arch_cpu_idle(): enables interrupts and waits for one, atomically, but in that way. */
void arch_idle_enter(const struct arch_idle *idle);
