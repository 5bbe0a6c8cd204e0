/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the program and its threads begin, and the way into the kernel. */

	.section .text, "ax"

	/* The stack is aligned to 16 bytes, for the program and for its threads. */
	.globl	_start
	.type	_start, @function
_start:
	xorl	%ebp, %ebp
	call	program_start
	ud2
	.size	_start, . - _start

	/* rdi: the thread's argument. */
	.globl	thread_entry
	.type	thread_entry, @function
thread_entry:
	xorl	%ebp, %ebp
	call	thread_begin
	ud2
	.size	thread_entry, . - thread_entry

	/* thread_switch_stack(stack pointer, argument): goes on in thread_begin(argument). */
	.globl	thread_switch_stack
	.type	thread_switch_stack, @function
thread_switch_stack:
	movq	%rdi, %rsp
	movq	%rsi, %rdi
	jmp	thread_entry
	.size	thread_switch_stack, . - thread_switch_stack

	/* kernel_call(call, five arguments) */
	.globl	kernel_call
	.type	kernel_call, @function
kernel_call:
	movl	%edi, %eax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	movq	%r8, %r10
	movq	%r9, %r8
	xorl	%r9d, %r9d
	syscall
	ret
	.size	kernel_call, . - kernel_call

	.section .note.GNU-stack, "", @progbits
