/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole pages. For so many bytes string instructions are the quickest way on real processors,
 * which move cache lines then without reading those that are overwritten as a whole. Words of
 * eight bytes are as quick there as the single bytes that newer processors are advertised for
 * (ERMS), also on those that are older, and under emulation, where each repetition counts as an
 * instruction, they cost an eighth.
 */
#define PAGE_WORDS 512

	.text

	/* void arch_clear_page(rdi = page) */
	.globl arch_clear_page
	.type arch_clear_page, @function
arch_clear_page:
	xorl %eax, %eax
	movl $PAGE_WORDS, %ecx
	rep stosq
	ret
	.size arch_clear_page, . - arch_clear_page

	/* void arch_copy_page(rdi = to, rsi = from) */
	.globl arch_copy_page
	.type arch_copy_page, @function
arch_copy_page:
	movl $PAGE_WORDS, %ecx
	rep movsq
	ret
	.size arch_copy_page, . - arch_copy_page

	.section .note.GNU-stack, "", @progbits
