/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The time base: the time stamp counter as clock, the local APIC's timer for deadlines.
 *
 * The counter's frequency comes from CPUID where it says, else it is measured against the HPET
 * or the ACPI timer, together with the APIC timer's.
 */
#include "timer.h"

#include "apic.h"
#include "cpuid.h"
#include "port.h"

#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/platform.h>
#include <core/log.h>
#include <core/panic.h>
#include <mm/phys/kernel_map.h>

#define NS_PER_S           1000000000ull
#define PM_TIMER_HZ        3579545ull
#define FEMTO_PER_S        1000000000000000ull
#define CALIBRATION_NS     5000000ull
#define HPET_CAPABILITIES  0x00
#define HPET_CONFIGURATION 0x10
#define HPET_COUNTER       0xf0
#define HPET_PERIOD_MAX    0x05f5e100 /* femtoseconds: the specification's bound */

/* A clock to measure against: counts up, wraps at `mask`. */
struct reference {
	uint64_t (*read)(const struct reference *reference);
	uint64_t frequency;
	uint64_t mask;
	volatile void *hpet;
	uint16_t port;
};

static uint64_t tsc_frequency = NS_PER_S, apic_frequency;
static uint64_t tsc_start;
static uint64_t ns_per_tick; /* fixed point, 32 fraction bits */
static uint64_t ticks_per_ns_apic, ticks_per_ns_tsc;
static bool tsc_deadline;

static uint64_t hpet_read(const struct reference *reference)
{
	return register_read32(reference->hpet, HPET_COUNTER);
}

static uint64_t pm_timer_read(const struct reference *reference)
{
	return port_read32(reference->port) & reference->mask;
}

static bool use_hpet(const struct platform *platform, struct reference *reference)
{
	uint64_t period;

	if (!platform->hpet_base)
		return false;
	reference->hpet = kernel_map_device(platform->hpet_base, 4096, MMU_UNCACHED);
	if (!reference->hpet)
		return false;
	period = register_read64(reference->hpet, HPET_CAPABILITIES) >> 32;
	if (period == 0 || period > HPET_PERIOD_MAX)
		return false;
	register_write32(reference->hpet, HPET_CONFIGURATION,
			 register_read32(reference->hpet, HPET_CONFIGURATION) | 1);
	reference->read = hpet_read;
	reference->frequency = FEMTO_PER_S / period;
	reference->mask = UINT32_MAX;
	return true;
}

static bool use_pm_timer(const struct platform *platform, struct reference *reference)
{
	if (!platform->pm_timer_port)
		return false;
	reference->port = platform->pm_timer_port;
	reference->read = pm_timer_read;
	reference->frequency = PM_TIMER_HZ;
	reference->mask = platform->pm_timer_32bit ? UINT32_MAX : 0xffffff;
	return true;
}

/* Counts both clocks over CALIBRATION_NS of the reference. */
static void measure(const struct reference *reference)
{
	uint64_t wanted = reference->frequency * CALIBRATION_NS / NS_PER_S;
	uint64_t begin, tsc, elapsed = 0;
	uint32_t apic;

	machine_apic_timer_setup(false);
	begin = reference->read(reference);
	tsc = arch_cycles();
	machine_apic_timer_start(UINT32_MAX);
	while (elapsed < wanted)
		elapsed = (reference->read(reference) - begin) & reference->mask;
	apic = UINT32_MAX - machine_apic_timer_remaining();
	tsc = arch_cycles() - tsc;
	machine_apic_timer_start(0);

	tsc_frequency = tsc * reference->frequency / elapsed;
	apic_frequency = (uint64_t)apic * reference->frequency / elapsed;
}

/* CPUID leaf 0x15: the ratio of the counter to a crystal, and its frequency. */
static void ask_cpuid(void)
{
	struct cpuid_result ratio;

	if (cpuid(0, 0).a < 0x15)
		return;
	ratio = cpuid(0x15, 0);
	if (ratio.a && ratio.b && ratio.c)
		tsc_frequency = (uint64_t)ratio.c * ratio.b / ratio.a;
}

void machine_timer_init(const struct platform *platform)
{
	struct reference reference = { 0 };

	if (!use_hpet(platform, &reference) && !use_pm_timer(platform, &reference))
		panic("no HPET and no ACPI timer to calibrate the clocks with");
	measure(&reference);
	ask_cpuid();
	if (tsc_frequency == 0 || apic_frequency == 0)
		panic("a clock stands still");
	tsc_deadline = cpuid_has(CPUID_TSC_DEADLINE);
	ns_per_tick = (NS_PER_S << 32) / tsc_frequency;
	ticks_per_ns_tsc = (tsc_frequency / 1000 << 32) / (NS_PER_S / 1000);
	ticks_per_ns_apic = (apic_frequency << 32) / NS_PER_S;
	log_info("timer", "time stamp counter %lu kHz, APIC timer %lu kHz, %s",
		 tsc_frequency / 1000, apic_frequency / 1000,
		 tsc_deadline ? "TSC deadlines" : "one-shot counts");
	machine_timer_start_cpu();
}

void machine_timer_start_cpu(void)
{
	machine_apic_timer_setup(tsc_deadline);
}

void machine_timer_set_epoch(void)
{
	tsc_start = arch_cycles();
	ns_per_tick = 1ull << 30; /* 4 GHz: time does not go back when it is calibrated */
}

uint64_t machine_tsc_frequency(void)
{
	return tsc_frequency;
}

uint64_t arch_clock_ns(void)
{
	uint64_t ticks = arch_cycles() - tsc_start;

	return (uint64_t)((unsigned __int128)ticks * ns_per_tick >> 32);
}

void arch_timer_arm(uint64_t deadline_ns)
{
	uint64_t now = arch_clock_ns();
	uint64_t ns = deadline_ns > now ? deadline_ns - now : 0;
	uint64_t count;

	if (deadline_ns == UINT64_MAX) {
		if (tsc_deadline)
			msr_write(MSR_TSC_DEADLINE, 0);
		else
			machine_apic_timer_start(0);
		return;
	}
	if (tsc_deadline) {
		count = (uint64_t)((unsigned __int128)ns * ticks_per_ns_tsc >> 32);
		msr_write(MSR_TSC_DEADLINE, arch_cycles() + count + 1);
		return;
	}
	/* A deadline further than the counter reaches fires early, and is armed again. */
	count = (uint64_t)((unsigned __int128)ns * ticks_per_ns_apic >> 32) + 1;
	machine_apic_timer_start((uint32_t)min_u64(count, UINT32_MAX));
}
