/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The per-CPU block, which the gs base points at, and the descriptor tables in it.
 */
#pragma once

#include <base/types.h>
#include <sync/cpu.h>

/* Segment selectors. sysret wants user data directly below user code. */
#define SELECTOR_KERNEL_CODE 0x08
#define SELECTOR_KERNEL_DATA 0x10
#define SELECTOR_USER_DATA   0x1b
#define SELECTOR_USER_CODE   0x23
#define SELECTOR_TASK        0x28

/* Stacks of exceptions that may come at any instruction (interrupt stack table slots). */
enum machine_stack {
	MACHINE_STACK_DOUBLE_FAULT = 1,
	MACHINE_STACK_NMI = 2,
	MACHINE_STACK_MACHINE_CHECK = 3,
	MACHINE_STACK_DEBUG = 4,
	MACHINE_STACK_COUNT = 4,
};
/* A double fault ends in a panic, which prints. */
#define MACHINE_STACK_SIZE 8192

/* The top of such a stack tells the entry code whose it is. */
struct machine_stack_top {
	/* 0x00 */ uint64_t cpu; /* struct machine_cpu */
	/* 0x08 */ uint64_t reserved;
};

_Static_assert(sizeof(struct machine_stack_top) == 16, "the CPU aligns stacks so");

/* Task state segment (Intel SDM volume 3, 8.7). */
struct machine_task_segment {
	/* 0x00 */ uint32_t reserved0;
	/* 0x04 */ uint64_t stack[3]; /* per privilege level */
	/* 0x1c */ uint64_t reserved1;
	/* 0x24 */ uint64_t interrupt_stack[7];
	/* 0x5c */ uint64_t reserved2;
	/* 0x64 */ uint16_t reserved3;
	/* 0x66 */ uint16_t io_map;
} __attribute__((packed));

_Static_assert(sizeof(struct machine_task_segment) == 0x68, "task state segment");

struct machine_cpu {
	/* 0x00 */ struct cpu cpu;
	/* 0x28 */ uint64_t user_stack;   /* scratch of the system call entry */
	/* 0x30 */ uint64_t kernel_stack; /* top of the current thread's kernel stack */
	/* 0x38 */ uint32_t apic_id;
	/* 0x3c */ uint32_t reserved;
	struct machine_task_segment task;
	uint64_t descriptors[7] __attribute__((aligned(16)));
	/* What the innermost interrupt handler interrupted, while irq_depth is not 0. */
	const struct arch_registers *interrupted;
	struct pmap *pmap;        /* loaded; NULL: the kernel's own */
	uint64_t pmap_generation; /* of its translations in the TLB (pmap.h) */
	bool pmap_rests;          /* machine_pmap_rest() */
	/* Whose vector registers and bases the CPU holds; only compared, it may be gone. */
	const struct arch_thread *user_state;
	uint64_t user_gs_base;   /* of these, the one that is dear to look up */
	uint64_t parked_context; /* while it is parked: machine_context_resume() */
	uint8_t stacks[MACHINE_STACK_COUNT][MACHINE_STACK_SIZE] __attribute__((aligned(16)));
};

_Static_assert(__builtin_offsetof(struct machine_cpu, user_stack) == 0x28, "known to entry.S");
_Static_assert(__builtin_offsetof(struct machine_cpu, kernel_stack) == 0x30, "known to entry.S");

static inline struct machine_cpu *machine_this_cpu(void)
{
	return (struct machine_cpu *)arch_this_cpu();
}

extern struct machine_cpu machine_boot_cpu;

/* Loads descriptor tables, control registers and system call entry of this CPU; also of one that has lost
 * its state: it holds no program's registers then. */
void machine_cpu_load(struct machine_cpu *cpu);
/* The same for a CPU that is new, and makes it known. */
void machine_cpu_setup(struct machine_cpu *cpu, unsigned id);
/* The current thread's part of it: puts its program's registers into memory and leaves its address space;
 * has the CPU take them again. Interrupts off. thread.c. */
void machine_thread_put_away(void);
void machine_thread_bring_back(void);
/* True if programs, and we, may use rdfsbase and the like; set at boot. */
extern bool machine_has_base_instructions;
/* True if SMAP is on: user access needs stac. Known to assembly. */
extern bool machine_has_smap;
