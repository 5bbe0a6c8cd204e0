/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine state of a thread on x86_64, and the trap frame. */
#pragma once

#include <base/types.h>

struct arch_thread {
	/* 0x00 */ uint64_t
		stack_pointer;         /* of the suspended thread; callee-saved registers above */
	/* 0x08 */ uint64_t stack_top; /* of its kernel stack: the trap frame ends here */
	/* 0x10 */ void *vector_state; /* XSAVE area, 64-byte aligned; NULL: has none */
	/* 0x18 */ uint64_t fs_base, gs_base; /* the user's, saved at switches */
	/* 0x28 */ void *vector_memory;       /* the allocation that holds vector_state */
	/* 0x30 */ uint32_t loaded_on; /* the CPU that took the state last, plus 1; 0: none, or
					       * it was changed since */
};

/* The registers of user mode, as the entry code pushes them. */
struct arch_registers {
	/* 0x00 */ uint64_t r15, r14, r13, r12, rbp, rbx;
	/* 0x30 */ uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	/* 0x78 */ uint64_t vector;     /* of the exception or interrupt; 256: system call */
	/* 0x80 */ uint64_t error_code; /* of the exception; system calls: their number */
	/* 0x88 */ uint64_t rip, cs, rflags, rsp, ss;
};

_Static_assert(sizeof(struct arch_registers) == 0xb0, "known to the entry code");
_Static_assert(__builtin_offsetof(struct arch_registers, rax) == 0x50, "known to the entry code");
_Static_assert(__builtin_offsetof(struct arch_registers, vector) == 0x78,
	       "known to the entry code");

#define MACHINE_VECTOR_SYSCALL 256

/* What this machine is called, and what the header of an ELF program for it says. */
#define ARCH_NAME        "x86_64"
#define ARCH_ELF_MACHINE 62
