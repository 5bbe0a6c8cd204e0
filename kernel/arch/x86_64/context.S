/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls that return although the CPU lost its state in between (context.h). */

	.text
	/* int machine_context_call(uint64_t *save, int (*function)(void *), void *argument) */
	.globl machine_context_call
	.type machine_context_call, @function
machine_context_call:
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, (%rdi)
	movq %rdx, %rdi
	subq $8, %rsp			/* as calls want the stack aligned */
	call *%rsi
	addq $8, %rsp
.Lreturn:
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	ret
	.size machine_context_call, . - machine_context_call

	/* _Noreturn void machine_context_resume(uint64_t save) */
	.globl machine_context_resume
	.type machine_context_resume, @function
machine_context_resume:
	movq %rdi, %rsp
	xorl %eax, %eax
	jmp .Lreturn
	.size machine_context_resume, . - machine_context_resume

	.section .note.GNU-stack, "", @progbits
