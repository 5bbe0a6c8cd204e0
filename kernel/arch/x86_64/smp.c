/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Application CPUs: INIT, SIPI, SIPI (Intel SDM volume 3, 9.4), at boot and later.
 */
#include "smp.h"

#include "apic.h"
#include "cpuid.h"
#include "idt.h"
#include "machine_cpu.h"
#include "pmap.h"
#include "timer.h"

#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/platform.h>
#include <arch/thread.h>
#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <core/panic.h>
#include <core/patience.h>
#include <mm/phys/kernel_map.h>
#include <sched/diagnose.h>
#include <sched/thread.h>
#include <sync/spinlock.h>
#include <trace/trace.h>

#include <stdatomic.h>

#define EFER_LONG_MODE    0x100
#define INIT_DELAYS_PER_S 100 /* SDM: 10 ms between INIT and the first SIPI */
#define INIT_DELAY_NS     10000000ull
#define STARTUP_DELAY_NS  200000ull
#define TRY_NS            100000000ull
#define BOOT_TRIES        5u
#define LATE_TRIES        20u /* one that has just been plugged in may be slow in coming */
#define DONE_TIMEOUT_NS   10000000000ull

struct trampoline_data {
	/* 0x00 */ uint32_t top;
	/* 0x04 */ uint32_t efer;
	/* 0x08 */ uint64_t stack;
	/* 0x10 */ uint64_t argument;
	/* 0x18 */ uint64_t entry;
	/* 0x20 */ uint32_t cr4;
	/* 0x24 */ uint32_t reserved;
	/* 0x28 */ uint64_t copy_from, copy_to, copy_words;
};

_Static_assert(sizeof(struct trampoline_data) == 0x40, "known to trampoline.S");

extern char machine_trampoline_start[], machine_trampoline_end[], machine_trampoline_data[];

static struct platform_cpu platform_cpus[PLATFORM_CPU_MAX];
static unsigned platform_cpu_count;
static uint64_t init_cycles; /* when they were sent INIT; 0: there are no others */
static uint32_t apic_ids[CPU_MAX];
/* How far the CPU is that is being started. */
enum start_step {
	START_GIVEN_UP, /* nobody waits for it: it goes no further */
	START_WAITING,
	START_ARRIVED,
	START_DONE,
};

static _Atomic uint32_t start_step;

static bool is_startable(const struct platform_cpu *cpu)
{
	return cpu->enabled && cpu->hardware_id != machine_boot_cpu.apic_id &&
	       machine_apic_reaches(cpu->hardware_id);
}

/* The boot CPU's entry may be there or not. */
static void set_limit(const struct platform *platform)
{
	unsigned count = 1;

	for (unsigned i = 0; i < platform_cpu_count; i++)
		count += is_startable(&platform_cpus[i]);
	cpu_set_limit(count + platform->cpus_later);
}

void machine_smp_init(const struct platform *platform)
{
	memcpy(platform_cpus, platform->cpus, sizeof(platform_cpus));
	platform_cpu_count = platform->cpu_count;
	machine_boot_cpu.apic_id = machine_apic_id();
	apic_ids[0] = machine_boot_cpu.apic_id;
	set_limit(platform);
	for (unsigned i = 0; i < platform_cpu_count; i++) {
		if (!is_startable(&platform_cpus[i]))
			continue;
		machine_apic_send_init(platform_cpus[i].hardware_id);
		init_cycles = arch_cycles();
	}
}

uint32_t machine_apic_id_of(unsigned cpu)
{
	return apic_ids[cpu];
}

static struct trampoline_data *trampoline_data(void)
{
	return phys_to_virt(MACHINE_TRAMPOLINE_PAGE +
			    (phys_t)(machine_trampoline_data - machine_trampoline_start));
}

void machine_trampoline_copy(void *to, const void *from, size_t size)
{
	struct trampoline_data *data = trampoline_data();

	data->copy_from = (uint64_t)from;
	data->copy_to = (uint64_t)to;
	data->copy_words = size / sizeof(uint64_t);
}

void machine_trampoline_prepare(uint64_t stack, void (*entry)(void *), void *argument)
{
	memcpy(phys_to_virt(MACHINE_TRAMPOLINE_PAGE), machine_trampoline_start,
	       (size_t)(machine_trampoline_end - machine_trampoline_start));
	*trampoline_data() = (struct trampoline_data){
		.top = (uint32_t)machine_kernel_top(),
		.efer = EFER_LONG_MODE | (cpuid_has(CPUID_NO_EXECUTE) ? EFER_NO_EXECUTE : 0),
		.stack = stack,
		.argument = (uint64_t)argument,
		.entry = (uint64_t)entry,
		.cr4 = (uint32_t)(cr4_read() & (CR4_PAGING | CR4_GLOBAL)),
	};
	machine_identity_map(true);
}

void machine_trampoline_done(void)
{
	machine_identity_map(false);
}

void machine_smp_arrived(void)
{
	uint32_t waiting = START_WAITING;

	if (!atomic_compare_exchange_strong(&start_step, &waiting, START_ARRIVED))
		arch_halt();
}

void machine_smp_started(void)
{
	machine_apic_enable();
	machine_timer_start_cpu();
	atomic_store(&start_step, START_DONE);
}

/* The C entry of a CPU that is new, on its idle thread's stack. */
static void start_cpu(void *argument)
{
	struct machine_cpu *cpu = argument;

	machine_smp_arrived();
	machine_cpu_setup(cpu, cpu->cpu.id);
	machine_smp_started();
	machine_park_leave();
	sched_cpu_start();
	panic("an idle loop returned");
}

/* Waits until the CPU has come `far` enough. */
static bool wait_until(enum start_step far, uint64_t ns)
{
	uint64_t end = arch_clock_ns() + ns;

	while (atomic_load(&start_step) < far && arch_clock_ns() < end)
		arch_cpu_relax();
	return atomic_load(&start_step) >= far;
}

/* The CPU was sent INIT. False: it has not arrived in time, and will not any more. */
static bool kick(uint32_t apic_id)
{
	uint32_t waiting = START_WAITING;

	atomic_store(&start_step, START_WAITING);
	machine_apic_send_startup(apic_id, MACHINE_TRAMPOLINE_PAGE >> 12);
	if (wait_until(START_ARRIVED, STARTUP_DELAY_NS))
		return true;
	machine_apic_send_startup(apic_id, MACHINE_TRAMPOLINE_PAGE >> 12);
	return wait_until(START_ARRIVED, TRY_NS) ||
	       !atomic_compare_exchange_strong(&start_step, &waiting, START_GIVEN_UP);
}

static void send_init(uint32_t apic_id)
{
	uint64_t end = arch_clock_ns() + INIT_DELAY_NS;

	machine_apic_send_init(apic_id);
	while (arch_clock_ns() < end)
		arch_cpu_relax();
}

/* The trampoline is prepared. The CPU may have been sent elsewhere just before, by firmware that woke the
 * machine and has not waited for it to come; then it does not listen, and is called again. One that never
 * arrives is sent back to where it waits for a call: its stack and low memory are not there for ever. */
static bool start_prepared(uint32_t apic_id, bool late)
{
	atomic_store(&start_step, START_GIVEN_UP);
	for (unsigned try = 0; try < (late ? LATE_TRIES : BOOT_TRIES); try++) {
		if (late || try)
			send_init(apic_id);
		if (!kick(apic_id))
			continue;
		if (!wait_until(START_DONE, DONE_TIMEOUT_NS))
			panic("the CPU with APIC id %u got stuck when it was started", apic_id);
		return true;
	}
	send_init(apic_id);
	log_error("smp", "the CPU with APIC id %u does not start", apic_id);
	return false;
}

static int start(uint32_t apic_id, bool late)
{
	unsigned id = cpu_count();
	struct machine_cpu *cpu = kernel_vmalloc(sizeof(*cpu));
	void *stack = kernel_stack_allocate();

	if (!cpu || !stack) {
		log_error("smp", "no memory for the CPU with APIC id %u", apic_id);
		goto err_free;
	}
	apic_ids[id] = apic_id;
	*cpu = (struct machine_cpu){ .apic_id = apic_id, .cpu.id = id };
	machine_park_set(id);
	machine_trampoline_prepare((uint64_t)stack + KERNEL_STACK_SIZE, start_cpu, cpu);
	if (start_prepared(apic_id, late))
		return 0;
	/* It may have got so far that it is known. */
	if (cpu_count() > id)
		return -EIO;
err_free:
	kernel_vfree(cpu);
	if (stack)
		kernel_stack_free(stack);
	return cpu && stack ? -EIO : -ENOMEM;
}

void arch_smp_start(void)
{
	while (init_cycles &&
	       arch_cycles() - init_cycles < machine_tsc_frequency() / INIT_DELAYS_PER_S)
		arch_cpu_relax();
	for (unsigned i = 0; i < platform_cpu_count; i++) {
		if (!is_startable(&platform_cpus[i]))
			continue;
		if (cpu_count() < cpu_limit())
			(void)start(platform_cpus[i].hardware_id, false);
		else
			log_error("smp", "no number for the CPU with APIC id %u",
				  platform_cpus[i].hardware_id);
	}
	/* The boot code's is of no use any more, either. */
	machine_trampoline_done();
}

int arch_cpu_start(uint32_t hardware_id, unsigned *id)
{
	int error;

	if (!machine_apic_reaches(hardware_id))
		return -ENODEV;
	if (cpu_count() >= cpu_limit())
		return -ENOSPC;
	*id = cpu_count();
	error = start(hardware_id, true);
	machine_trampoline_done();
	return error;
}

unsigned arch_cpu_find(uint32_t hardware_id)
{
	for (unsigned id = 0; id < cpu_count(); id++) {
		if (apic_ids[id] == hardware_id)
			return id;
	}
	return CPU_MAX;
}

uint32_t arch_cpu_hardware_id(unsigned id)
{
	return apic_ids[id];
}

bool machine_smp_restart(unsigned id, uint64_t stack, void (*entry)(void *), void *argument)
{
	bool started;

	machine_trampoline_prepare(stack, entry, argument);
	started = start_prepared(apic_ids[id], true);
	machine_trampoline_done();
	return started;
}

void arch_send_wake(unsigned id)
{
	trace_ipi(TRACE_IPI_WAKE_SENT, id);
	machine_apic_send(apic_ids[id], VECTOR_WAKE);
}
