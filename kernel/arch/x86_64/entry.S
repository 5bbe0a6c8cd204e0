/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ways into the kernel from user mode, from interrupts and exceptions, and out again.
 *
 * All entries build a struct arch_registers (machine/thread.h) on the kernel stack. In the
 * kernel the gs base points at the per-CPU block, in user mode it is the user's: entries from
 * ring 3 swap the two. Exceptions with a stack of their own (NMI, debug, double fault, machine
 * check) can come between a swapgs and its ring change. Programs choose their base freely where
 * the CPU has wrgsbase, so its value tells nothing: such exceptions load the address of the
 * per-CPU block, which lies at the top of their stack, and put back what was there.
 */

#define CPU_USER_STACK	 0x28
#define CPU_KERNEL_STACK 0x30
#define FRAME_VECTOR	 0x78
#define FRAME_RIP	 0x88
#define FRAME_CS	 0x90
#define FRAME_SIZE	 0xb0
#define VECTOR_SYSCALL	 256
#define USER_DATA	 0x1b
#define USER_CODE	 0x23
#define MSR_GS_BASE	 0xc0000101

	.macro push_registers
	pushq %rdi
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq %rax
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	.endm

	.macro pop_registers
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rax
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
	.endm

	/* The alignment-check flag lifts SMAP, and programs may set it. */
	.macro close_user_memory
	cmpb $0, machine_has_smap(%rip)
	je 3f
	clac
3:
	.endm

	.text

	/* System calls: rcx = return address, r11 = flags; interrupts are off. */
	.globl machine_syscall_entry
	.type machine_syscall_entry, @function
machine_syscall_entry:
	swapgs
	movq %rsp, %gs:CPU_USER_STACK
	movq %gs:CPU_KERNEL_STACK, %rsp
	pushq $USER_DATA
	pushq %gs:CPU_USER_STACK
	pushq %r11
	pushq $USER_CODE
	pushq %rcx
	pushq %rax
	pushq $VECTOR_SYSCALL
	push_registers
	movq %rsp, %rdi
	xorl %ebp, %ebp
	sti
	call trap_syscall
	cli
	.size machine_syscall_entry, . - machine_syscall_entry

	/* To user mode with the registers at rsp; interrupts are off. */
	.globl machine_return_to_user
	.type machine_return_to_user, @function
machine_return_to_user:
	movq %rsp, %rdi
	call machine_prepare_user
	cmpq $VECTOR_SYSCALL, FRAME_VECTOR(%rsp)
	jne 1f
	/* sysret is quicker, but faults in ring 0 on a non-canonical address. */
	movq FRAME_RIP(%rsp), %rcx
	shrq $47, %rcx
	jnz 1f
	pop_registers
	movq 16(%rsp), %rcx
	movq 32(%rsp), %r11
	movq 40(%rsp), %rsp
	swapgs
	sysretq
1:	pop_registers
	addq $16, %rsp
	swapgs
	iretq
	.size machine_return_to_user, . - machine_return_to_user

	/* Common part of interrupts and exceptions: vector and error code are pushed. */
	.type machine_trap_entry, @function
machine_trap_entry:
	push_registers
	cld
	testb $3, FRAME_CS(%rsp)
	jz 2f
	swapgs
2:	close_user_memory
	movq %rsp, %rdi
	testb $3, FRAME_CS(%rsp)
	jz 4f
	xorl %ebp, %ebp
4:	call machine_trap
	testb $3, FRAME_CS(%rsp)
	jnz machine_return_to_user
	pop_registers
	addq $16, %rsp
	iretq
	.size machine_trap_entry, . - machine_trap_entry

	/* The same for vectors with a stack of their own. From user mode they move to the
	 * thread's stack and become ordinary; in the kernel they bring their gs base along. */
	.type machine_trap_entry_own_stack, @function
machine_trap_entry_own_stack:
	testb $3, 24(%rsp)
	jz 5f
	push_registers
	swapgs
	movq %rsp, %rsi				/* the frame on the own stack */
	movq %gs:CPU_KERNEL_STACK, %rsp
	subq $FRAME_SIZE, %rsp
	movq %rsp, %rdi
	movl $FRAME_SIZE / 8, %ecx
	cld
	rep movsq
	close_user_memory
	movq %rsp, %rdi
	xorl %ebp, %ebp
	call machine_trap
	jmp machine_return_to_user

5:	push_registers
	cld
	close_user_memory
	movl $MSR_GS_BASE, %ecx
	rdmsr
	movl %eax, %ebx				/* the base before, kept over the call */
	movl %edx, %r12d
	movl FRAME_SIZE(%rsp), %eax		/* struct machine_cpu */
	movl FRAME_SIZE + 4(%rsp), %edx
	wrmsr
	movq %rsp, %rdi
	call machine_trap
	movl $MSR_GS_BASE, %ecx
	movl %ebx, %eax
	movl %r12d, %edx
	wrmsr
	pop_registers
	addq $16, %rsp
	iretq
	.size machine_trap_entry_own_stack, . - machine_trap_entry_own_stack

	/* One stub of 16 bytes for each vector. */
	.balign 16
	.globl machine_stubs
machine_stubs:
	.set vector, 0
	.rept 256
	.balign 16
	/* Exceptions 8, 10-14, 17, 21, 29 and 30 push an error code themselves. */
	.if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30)
	pushq $0
	.endif
	pushq $vector
	.if vector == 1 || vector == 2 || vector == 8 || vector == 18
	jmp machine_trap_entry_own_stack
	.else
	jmp machine_trap_entry
	.endif
	.set vector, vector + 1
	.endr

	/* struct thread *machine_switch_stacks(uint64_t *save, uint64_t load, struct thread *from):
	 * saves the callee-saved registers on the old stack, continues on the new one, where it
	 * returns `from`. */
	.globl machine_switch_stacks
	.type machine_switch_stacks, @function
machine_switch_stacks:
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, (%rdi)
	movq %rsi, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	movq %rdx, %rax
	ret
	.size machine_switch_stacks, . - machine_switch_stacks

	/* Where a new thread's first switch returns to: rax = the thread before, and as
	 * arch_thread_init() put them, rbx = entry function, r12 = its argument. */
	.globl machine_thread_start
	.type machine_thread_start, @function
machine_thread_start:
	movq %rax, %rdi
	movq %rbx, %rsi
	movq %r12, %rdx
	xorl %ebp, %ebp
	call machine_thread_begin
	ud2
	.size machine_thread_start, . - machine_thread_start

	/* void machine_enter_user(struct arch_registers *): leaves with these registers, which lie
	 * at the top of the kernel stack. */
	.globl machine_enter_user
	.type machine_enter_user, @function
machine_enter_user:
	cli
	movq %rdi, %rsp
	jmp machine_return_to_user
	.size machine_enter_user, . - machine_enter_user

	.section .note.GNU-stack, "", @progbits
