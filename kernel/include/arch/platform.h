/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arch contract: what the firmware's tables say of the machine, in neutral terms. kernel/acpi
 * fills it, the architecture uses it to set up interrupts, CPUs and clocks.
 */
#pragma once

#include <base/types.h>

#define PLATFORM_CPU_MAX        64
#define PLATFORM_CONTROLLER_MAX 16
#define PLATFORM_ECAM_MAX       4

struct platform_cpu {
	uint32_t hardware_id; /* APIC id */
	bool enabled;
};

struct platform_interrupt_controller { /* an I/O APIC */
	uint64_t base;
	uint32_t first_gsi;
	uint8_t id;
};

struct platform_isa_override {
	bool present;
	uint32_t gsi;
	bool level;
	bool active_low;
};

/* PCI Express configuration space of some buses of a segment; `base` is that of bus 0. */
struct platform_ecam {
	uint64_t base;
	uint16_t segment;
	uint8_t first_bus, last_bus;
};

struct platform {
	uint64_t local_controller_base; /* the local APICs' */
	struct platform_cpu cpus[PLATFORM_CPU_MAX];
	unsigned cpu_count;
	unsigned cpus_later; /* so many more may be plugged in while the system runs, at most */
	struct platform_interrupt_controller controllers[PLATFORM_CONTROLLER_MAX];
	unsigned controller_count;
	struct platform_isa_override isa[16];
	uint64_t hpet_base;     /* 0: none */
	uint16_t pm_timer_port; /* 0: none; 3.579545 MHz */
	bool pm_timer_32bit;
	struct platform_ecam ecam[PLATFORM_ECAM_MAX];
	unsigned ecam_count;
};

/* Sets up interrupt controllers, clock and timer of the boot CPU. Called once, after the
 * kernel heap works and before arch_smp_start(). */
void arch_platform_init(const struct platform *platform);
