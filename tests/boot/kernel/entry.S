/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The test kernel's entry: notes the state it was entered in, then calls kernel_main(). */

	.section .text
	.globl kernel_entry
kernel_entry:
	pushfq
	popq	%rsi		/* the flags at entry */
	movq	%rsp, %rdx	/* the loader's stack */
	leaq	stack_top(%rip), %rsp
	xorl	%ebp, %ebp
	call	kernel_main
1:	hlt
	jmp	1b

	.section .bss
	.balign	16
	.skip	16384
stack_top:

	.section .note.GNU-stack, "", @progbits
