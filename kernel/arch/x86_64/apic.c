/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "apic.h"

#include "cpuid.h"
#include "idt.h"
#include "port.h"

#include <arch/cpu.h>
#include <arch/irq.h>
#include <core/panic.h>
#include <mm/phys/kernel_map.h>

#define APIC_BROADCAST    0xff
#define APIC_BASE_X2APIC  (1u << 10)
#define APIC_BASE_ADDRESS 0x000ffffffffff000ull
#define APIC_BASE_ENABLE  (1u << 11)

enum apic_register {
	APIC_ID = 0x20,
	APIC_TASK_PRIORITY = 0x80,
	APIC_END_OF_INTERRUPT = 0xb0,
	APIC_SPURIOUS = 0xf0,
	APIC_REQUESTED = 0x200, /* the first of 8 words, 16 bytes apart */
	APIC_COMMAND = 0x300,
	APIC_COMMAND_HIGH = 0x310,
	APIC_TIMER = 0x320,
	APIC_LINT0 = 0x350,
	APIC_LINT1 = 0x360,
	APIC_ERROR = 0x370,
	APIC_TIMER_INITIAL = 0x380,
	APIC_TIMER_CURRENT = 0x390,
	APIC_TIMER_DIVIDE = 0x3e0,
};

#define SPURIOUS_ENABLE    0x100
#define LVT_MASKED         (1u << 16)
#define TIMER_TSC_DEADLINE (2u << 17)
#define DIVIDE_BY_1        0xb
#define DELIVERY_NMI       (4u << 8)
#define DELIVERY_INIT      (5u << 8)
#define DELIVERY_STARTUP   (6u << 8)
#define COMMAND_PENDING    (1u << 12)
#define COMMAND_ASSERT     (1u << 14)

static volatile void *registers;
static bool x2apic;

static uint32_t apic_read(enum apic_register reg)
{
	if (x2apic)
		return (uint32_t)msr_read(MSR_X2APIC + reg / 16);
	return register_read32(registers, reg);
}

static void apic_write(enum apic_register reg, uint32_t value)
{
	if (x2apic)
		msr_write(MSR_X2APIC + reg / 16, value);
	else
		register_write32(registers, reg, value);
}

void machine_apic_init(uint64_t physical_base)
{
	x2apic = cpuid_has(CPUID_X2APIC);
	if (!x2apic) {
		/* The CPU knows better than firmware's tables. */
		uint64_t actual = msr_read(MSR_APIC_BASE) & APIC_BASE_ADDRESS;

		if (actual)
			physical_base = actual;
		registers = kernel_map_device(physical_base, 4096, MMU_UNCACHED);
		if (!registers)
			panic("no room to map the local APIC");
	}
	machine_apic_enable();
}

void machine_apic_enable(void)
{
	uint64_t base = msr_read(MSR_APIC_BASE) | APIC_BASE_ENABLE;

	msr_write(MSR_APIC_BASE, x2apic ? base | APIC_BASE_X2APIC : base);
	apic_write(APIC_LINT0, LVT_MASKED);
	apic_write(APIC_LINT1, LVT_MASKED);
	apic_write(APIC_ERROR, LVT_MASKED);
	apic_write(APIC_TIMER, LVT_MASKED);
	apic_write(APIC_TASK_PRIORITY, 0);
	apic_write(APIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
}

bool machine_apic_reaches(uint32_t apic_id)
{
	return x2apic ? apic_id != UINT32_MAX : apic_id < APIC_BROADCAST;
}

bool arch_irq_wide_destinations(void)
{
	return x2apic;
}

uint32_t machine_apic_id(void)
{
	return x2apic ? apic_read(APIC_ID) : apic_read(APIC_ID) >> 24;
}

void machine_apic_end_of_interrupt(void)
{
	apic_write(APIC_END_OF_INTERRUPT, 0);
}

bool machine_apic_interrupt_requested(void)
{
	uint32_t any = 0;

	/* The first word are the exceptions' vectors. */
	for (unsigned i = 1; i < 8; i++)
		any |= apic_read((enum apic_register)(APIC_REQUESTED + 0x10 * i));
	return any != 0;
}

static void send(uint32_t apic_id, uint32_t command)
{
	unsigned long state;

	if (x2apic) {
		/* Unlike a store to device memory, this write waits for no store before it, and
		 * what was stored is to be seen by the receiver (Intel SDM volume 3, 10.12.3). */
		asm volatile("mfence; lfence" : : : "memory");
		msr_write(MSR_X2APIC + APIC_COMMAND / 16, (uint64_t)apic_id << 32 | command);
		return;
	}
	/* The two halves belong together: no interrupt may send in between. */
	state = arch_irq_save();
	apic_write(APIC_COMMAND_HIGH, apic_id << 24);
	apic_write(APIC_COMMAND, command);
	while (apic_read(APIC_COMMAND) & COMMAND_PENDING)
		arch_cpu_relax();
	arch_irq_restore(state);
}

void machine_apic_send(uint32_t apic_id, unsigned vector)
{
	send(apic_id, COMMAND_ASSERT | vector);
}

void machine_apic_send_init(uint32_t apic_id)
{
	send(apic_id, COMMAND_ASSERT | DELIVERY_INIT);
}

void machine_apic_send_startup(uint32_t apic_id, unsigned page)
{
	send(apic_id, COMMAND_ASSERT | DELIVERY_STARTUP | page);
}

void machine_apic_send_nmi(uint32_t apic_id)
{
	send(apic_id, COMMAND_ASSERT | DELIVERY_NMI);
}

void machine_apic_timer_setup(bool tsc_deadline)
{
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_1);
	apic_write(APIC_TIMER, VECTOR_TIMER | (tsc_deadline ? TIMER_TSC_DEADLINE : 0));
	/* The mode change must be seen before the deadline register is written. */
	asm volatile("mfence" : : : "memory");
}

void machine_apic_timer_start(uint32_t count)
{
	apic_write(APIC_TIMER_INITIAL, count);
}

uint32_t machine_apic_timer_remaining(void)
{
	return apic_read(APIC_TIMER_CURRENT);
}
