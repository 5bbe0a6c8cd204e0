/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The time base: the time stamp counter as clock, the local APIC's timer for deadlines.
 *
 * The counter's frequency comes from CPUID where it says, else it is measured against the HPET,
 * the ACPI timer or the 8254, together with the APIC timer's. All CPUs are taken to count in
 * step, as they do since they have one counter in the package.
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
#define TICKS_MAX          (1ull << 62) /* of a deadline from now */
#define FEMTO_PER_S        1000000000000000ull
#define CALIBRATION_NS     5000000ull
#define CALIBRATION_TRIES  5
#define STANDSTILL_CYCLES  20000000000ull /* some seconds */
#define STANDSTILL_PROBE   100000000ull   /* some ten milliseconds */
#define PIT_HZ             1193182ull
#define PIT_CHANNEL_2      0x42
#define PIT_COMMAND        0x43
#define PIT_GATE           0x61
#define PIT_COUNT_DOWN     0xb0 /* channel 2, two bytes, mode 0 */
#define PIT_LATCH          0x80
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
static uint64_t tsc_suspended; /* when the machine went to sleep */
static uint64_t ns_per_tick;   /* fixed point, 32 fraction bits */
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

/* Counts down; it wraps after 55 ms. */
static uint64_t pit_read(const struct reference *reference)
{
	uint8_t low;

	(void)reference;
	port_write8(PIT_COMMAND, PIT_LATCH);
	low = port_read8(PIT_CHANNEL_2);
	return UINT16_MAX - (low | (uint64_t)port_read8(PIT_CHANNEL_2) << 8);
}

/* The 8254 of every PC (datasheet; the gate of channel 2 is bit 0 of port 0x61). */
static void use_pit(struct reference *reference)
{
	port_write8(PIT_GATE, (uint8_t)((port_read8(PIT_GATE) & ~2u) | 1));
	port_write8(PIT_COMMAND, PIT_COUNT_DOWN);
	port_write8(PIT_CHANNEL_2, 0xff);
	port_write8(PIT_CHANNEL_2, 0xff);
	reference->read = pit_read;
	reference->frequency = PIT_HZ;
	reference->mask = UINT16_MAX;
}

/* All clocks at one moment. */
struct moment {
	uint64_t reference, tsc;
	uint32_t apic_remaining;
};

/* Reads all clocks, the reference between two readings of the counter; the tightest of some
 * tries, for a hypervisor or firmware may step in between. */
static struct moment read_clocks(const struct reference *reference)
{
	struct moment moment = { 0 };
	uint64_t best = UINT64_MAX;

	for (unsigned i = 0; i < CALIBRATION_TRIES; i++) {
		uint64_t before = arch_cycles();
		uint64_t now = reference->read(reference);
		uint32_t remaining = machine_apic_timer_remaining();
		uint64_t width = arch_cycles() - before;

		if (width >= best)
			continue;
		best = width;
		moment = (struct moment){ now, before + width / 2, remaining };
	}
	return moment;
}

/* Counts both clocks over CALIBRATION_NS of the reference. */
static void measure(const struct reference *reference)
{
	uint64_t wanted = reference->frequency * CALIBRATION_NS / NS_PER_S;
	struct moment begin, end;
	uint64_t elapsed;

	machine_apic_timer_setup(false);
	machine_apic_timer_start(UINT32_MAX);
	begin = read_clocks(reference);
	while (((reference->read(reference) - begin.reference) & reference->mask) < wanted) {
		if (arch_cycles() - begin.tsc > STANDSTILL_CYCLES)
			panic("the clock to calibrate with stands still");
	}
	end = read_clocks(reference);
	machine_apic_timer_start(0);
	elapsed = (end.reference - begin.reference) & reference->mask;
	tsc_frequency = (end.tsc - begin.tsc) * reference->frequency / elapsed;
	apic_frequency = (uint64_t)(begin.apic_remaining - end.apic_remaining) *
			 reference->frequency / elapsed;
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

/* What tables tell of may not be there, or stand still. */
static bool moves(const struct reference *reference)
{
	uint64_t start = reference->read(reference), begin = arch_cycles();

	while (arch_cycles() - begin < STANDSTILL_PROBE)
		if (reference->read(reference) != start)
			return true;
	log_warning("timer", "a clock that firmware tells of stands still");
	return false;
}

static void choose_reference(const struct platform *platform, struct reference *reference)
{
	if (use_hpet(platform, reference) && moves(reference))
		return;
	if (!use_pm_timer(platform, reference) || !moves(reference))
		use_pit(reference);
}

void machine_timer_init(const struct platform *platform)
{
	struct reference reference = { 0 };

	choose_reference(platform, &reference);
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

void machine_timer_set_epoch(uint64_t cycles)
{
	tsc_start = cycles;
	ns_per_tick = 1ull << 30; /* 4 GHz: time does not go back when it is calibrated */
}

void machine_timer_suspend(void)
{
	arch_timer_arm(UINT64_MAX);
	tsc_suspended = arch_cycles();
}

void machine_timer_resume(void)
{
	tsc_start += arch_cycles() - tsc_suspended;
}

uint64_t machine_tsc_frequency(void)
{
	return tsc_frequency;
}

uint64_t arch_clock_ns(void)
{
	uint64_t ticks;

	/* Not before what was read earlier, on another CPU's word perhaps. */
	asm volatile("lfence" : : : "memory");
	ticks = arch_cycles() - tsc_start;
	return (uint64_t)((unsigned __int128)ticks * ns_per_tick >> 32);
}

void arch_timer_arm(uint64_t deadline_ns)
{
	uint64_t now = arch_clock_ns();
	uint64_t ns = deadline_ns > now ? deadline_ns - now : 0;
	unsigned __int128 count;

	if (deadline_ns == UINT64_MAX) {
		if (tsc_deadline)
			msr_write(MSR_TSC_DEADLINE, 0);
		else
			machine_apic_timer_start(0);
		return;
	}
	if (tsc_deadline) {
		count = (unsigned __int128)ns * ticks_per_ns_tsc >> 32;
		msr_write(MSR_TSC_DEADLINE,
			  arch_cycles() + 1 + (count < TICKS_MAX ? (uint64_t)count : TICKS_MAX));
		return;
	}
	/* A deadline further than the counter reaches fires early, and is armed again. */
	count = ((unsigned __int128)ns * ticks_per_ns_apic >> 32) + 1;
	machine_apic_timer_start(count < UINT32_MAX ? (uint32_t)count : UINT32_MAX);
}
