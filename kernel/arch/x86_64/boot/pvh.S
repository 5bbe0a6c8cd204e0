/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The PVH entry (32-bit protected mode, paging off, ebx = struct hvm_start_info; Xen's
 * docs/misc/pvh.pandoc), and the common 64-bit entry of the boot contract.
 *
 * The image runs where it was loaded; all addresses are made relative to the program counter.
 */

	.section .text.boot, "ax"

	.code32
	.globl pvh_entry
pvh_entry:
	cli
	cld
	/* A stack, and from it our own address. */
	movl 4(%ebx), %esi		/* the version's place is lent to the call */
	leal 8(%ebx), %esp
	call 1f
1:	popl %ebp
	movl %esi, 4(%ebx)
	leal (boot_stack_end - 1b)(%ebp), %esp

	/* Identity-map the first 4 GiB with 2 MiB pages. */
	leal (boot_identity - 1b)(%ebp), %edi	/* root, pointers, four directories */
	leal 0x1003(%edi), %eax
	movl %eax, (%edi)			/* root[0] -> pointers */
	leal 0x1000(%edi), %esi
	leal 0x2003(%edi), %eax
	movl $4, %ecx
2:	movl %eax, (%esi)			/* pointers[n] -> directory n */
	addl $8, %esi
	addl $0x1000, %eax
	loop 2b
	leal 0x2000(%edi), %esi
	movl $0x83, %eax			/* present, writable, large */
	movl $2048, %ecx
3:	movl %eax, (%esi)
	addl $8, %esi
	addl $0x200000, %eax
	loop 3b

	movl %edi, %cr3
	movl %cr4, %eax
	orl $0x20, %eax				/* PAE */
	movl %eax, %cr4
	movl $0xc0000080, %ecx			/* EFER: long mode */
	rdmsr
	orl $0x100, %eax
	wrmsr
	movl %cr0, %eax
	orl $0x80000001, %eax			/* paging */
	movl %eax, %cr0

	leal (boot_gdt - 1b)(%ebp), %eax
	movl %eax, (boot_gdt_pointer + 2 - 1b)(%ebp)
	lgdtl (boot_gdt_pointer - 1b)(%ebp)
	leal (4f - 1b)(%ebp), %eax
	pushl $0x08
	pushl %eax
	lretl

	.code64
4:	xorl %eax, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl %eax, %fs
	movl %eax, %gs
	leaq boot_stack_end(%rip), %rsp
	xorl %ebp, %ebp
	movl %ebx, %edi
	call pvh_fill_boot_info			/* returns the structure */
	movq %rax, %rdi

	/* The boot contract's entry: rdi = physical address of struct boot_info. */
	.globl machine_entry
machine_entry:
	cli
	cld
	leaq boot_stack_end(%rip), %rsp
	xorl %ebp, %ebp
	movq %rdi, %rbx
	call machine_map_kernel			/* fills *machine_boot_map */
	/* rax -> { root table, offset from here to the high half } */
	movq 0(%rax), %rcx
	movq 8(%rax), %rdx
	movq %rcx, %cr3
	leaq 5f(%rip), %rax
	addq %rdx, %rax
	jmp *%rax
5:	leaq boot_stack_end(%rip), %rsp
	xorl %ebp, %ebp
	movq %rbx, %rdi
	call machine_start
	ud2

	.section .data.boot, "aw"
	.balign 16
boot_gdt:
	.quad 0
	.quad 0x00af9b000000ffff		/* 64-bit code */
	.quad 0x00cf93000000ffff		/* data */
boot_gdt_pointer:
	.word . - boot_gdt - 1
	.long 0

	.section .bss.boot, "aw", @nobits
	.balign 4096
boot_identity:
	.skip 6 * 4096
	.globl boot_stack
boot_stack:
	.skip 16384
	.globl boot_stack_end
boot_stack_end:
	.section .note.GNU-stack, "", @progbits
