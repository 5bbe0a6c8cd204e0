/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where an application CPU starts, and the boot CPU wakes, in real mode, copied to MACHINE_TRAMPOLINE_PAGE. It goes
 * straight to long mode with the kernel's page tables, which map that page at its own address.
 */
#define PAGE 0x8000

	.section .rodata.trampoline, "a"
	.globl machine_trampoline_start, machine_trampoline_end, machine_trampoline_data
	.balign 16
machine_trampoline_start:
	.code16
	cli
	cld
	xorw %ax, %ax
	movw %ax, %ds
	lgdtl PAGE + (gdt_pointer - machine_trampoline_start)
	movl PAGE + (machine_trampoline_data - machine_trampoline_start) + 0x20, %eax
	movl %eax, %cr4
	movl PAGE + (machine_trampoline_data - machine_trampoline_start), %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx		/* EFER: long mode, no-execute as the boot CPU has it */
	rdmsr
	orl PAGE + (machine_trampoline_data - machine_trampoline_start) + 4, %eax
	wrmsr
	movl $0x80010033, %eax		/* paging, write protect, numeric errors, protection */
	movl %eax, %cr0
	ljmpl $0x08, $(PAGE + (long_mode - machine_trampoline_start))

	.code64
long_mode:
	movl $0x10, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	xorl %ebp, %ebp
	/* The kernel's image, where it is not what it was (suspend.c). */
	movq PAGE + (machine_trampoline_data - machine_trampoline_start) + 0x28, %rsi
	movq PAGE + (machine_trampoline_data - machine_trampoline_start) + 0x30, %rdi
	movq PAGE + (machine_trampoline_data - machine_trampoline_start) + 0x38, %rcx
	rep movsq
	movq PAGE + (machine_trampoline_data - machine_trampoline_start) + 8, %rsp
	movq PAGE + (machine_trampoline_data - machine_trampoline_start) + 16, %rdi
	movq PAGE + (machine_trampoline_data - machine_trampoline_start) + 24, %rax
	call *%rax
	ud2

	.balign 8
gdt:
	.quad 0
	.quad 0x00af9b000000ffff
	.quad 0x00cf93000000ffff
gdt_pointer:
	.word . - gdt - 1
	.long PAGE + (gdt - machine_trampoline_start)
	.balign 8
	/* Filled in by smp.c: page tables, EFER bits, stack, argument, entry, CR4, a copy's from, to
	 * and words. */
machine_trampoline_data:
	.long 0, 0
	.quad 0, 0, 0, 0, 0, 0, 0
machine_trampoline_end:
	.section .note.GNU-stack, "", @progbits
