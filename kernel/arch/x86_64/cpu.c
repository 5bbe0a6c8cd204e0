/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets up one CPU: descriptor tables, protection features, system call entry. */
#include "cpuid.h"
#include "idt.h"
#include "machine_cpu.h"
#include "vector.h"

#include <arch/cpu.h>
#include <base/string.h>

struct machine_cpu machine_boot_cpu;
bool machine_has_smap;
bool machine_has_base_instructions;

void machine_syscall_entry(void);

/* 64-bit code and data segments ignore base and limit. */
static const uint64_t flat_descriptors[5] = {
	0,
	0x00af9b000000ffff, /* kernel code */
	0x00cf93000000ffff, /* kernel data */
	0x00cff3000000ffff, /* user data */
	0x00affb000000ffff, /* user code */
};

static void load_descriptors(struct machine_cpu *cpu)
{
	uint64_t task = (uint64_t)&cpu->task;
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed))
	pointer = { sizeof(cpu->descriptors) - 1, (uint64_t)cpu->descriptors };

	memcpy(cpu->descriptors, flat_descriptors, sizeof(flat_descriptors));
	cpu->descriptors[5] = (sizeof(cpu->task) - 1) | (task & 0xffffff) << 16 | 0x89ull << 40 |
			      (task >> 24 & 0xff) << 56;
	cpu->descriptors[6] = task >> 32;
	cpu->task.io_map = sizeof(cpu->task);
	for (unsigned i = 0; i < MACHINE_STACK_COUNT; i++) {
		struct machine_stack_top *top = (void *)(cpu->stacks[i] + MACHINE_STACK_SIZE);

		(--top)->cpu = (uint64_t)cpu;
		cpu->task.interrupt_stack[i] = (uint64_t)top;
	}

	asm volatile("lgdt %0\n\t"
		     "pushq %1\n\t"
		     "leaq 1f(%%rip), %%rax\n\t"
		     "pushq %%rax\n\t"
		     "lretq\n"
		     "1:\tmovl %2, %%ds\n\t"
		     "movl %2, %%es\n\t"
		     "movl %2, %%ss\n\t"
		     "movl %3, %%fs\n\t"
		     "movl %3, %%gs\n\t"
		     "ltr %w4"
		     :
		     : "m"(pointer), "i"(SELECTOR_KERNEL_CODE), "r"(SELECTOR_KERNEL_DATA), "r"(0),
		       "r"(SELECTOR_TASK)
		     : "rax", "memory");
}

static void enable_protection(void)
{
	/* Of what firmware left, only what paging depends on stays. */
	uint64_t cr4 = (cr4_read() & CR4_PAGING) | CR4_GLOBAL;

	cr0_write(cr0_read() | CR0_WRITE_PROTECT);
	if (cpuid_has(CPUID_SMEP))
		cr4 |= CR4_SMEP;
	if (cpuid_has(CPUID_SMAP)) {
		cr4 |= CR4_SMAP;
		machine_has_smap = true;
	}
	if (cpuid_has(CPUID_UMIP))
		cr4 |= CR4_UMIP;
	if (cpuid_has(CPUID_FSGSBASE)) {
		cr4 |= CR4_FSGSBASE;
		machine_has_base_instructions = true;
	}
	cr4_write(cr4);
	cpuid_enable_no_execute();
	/* Entry 1 (write-through) becomes write combining; the rest as at reset. */
	msr_write(MSR_PAT, 0x0007040600070106ull);
}

static void enable_syscall(void)
{
	msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_SYSCALL);
	msr_write(MSR_STAR, (uint64_t)SELECTOR_KERNEL_CODE << 32 |
				    (uint64_t)SELECTOR_KERNEL_DATA << 48 | 3ull << 48);
	msr_write(MSR_LSTAR, (uint64_t)machine_syscall_entry);
	/* Cleared on entry: trap, interrupt, direction, I/O privilege, nested, alignment. */
	msr_write(MSR_SYSCALL_MASK, 0x47700);
}

void machine_cpu_load(struct machine_cpu *cpu)
{
	load_descriptors(cpu);
	msr_write(MSR_GS_BASE, (uint64_t)cpu);
	msr_write(MSR_KERNEL_GS_BASE, 0);
	cpu->user_gs_base = 0;
	cpu->user_state = NULL;
	machine_idt_load();
	enable_protection();
	enable_syscall();
	machine_vector_enable();
}

void machine_cpu_setup(struct machine_cpu *cpu, unsigned id)
{
	cpu->cpu.self = &cpu->cpu;
	cpu->cpu.id = id;
	machine_cpu_load(cpu);
	cpu_register(&cpu->cpu);
}

bool arch_random(uint64_t *value)
{
	return cpuid_random(value);
}
