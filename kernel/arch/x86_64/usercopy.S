/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copies to and from user memory (arch/usercopy.h). An instruction that may fault stands in
 * the exception table; the fault handler then continues at the fix-up with -EFAULT in rax.
 * The direction flag is clear (ABI).
 */

	.macro may_fault instruction:vararg
8:	\instruction
	.pushsection .exceptions, "a"
	.long 8b - .
	.long 9f - .
	.popsection
	.endm

	/* Opens and closes user memory where the CPU guards it (SMAP). */
	.macro user_begin
	cmpb $0, machine_has_smap(%rip)
	je 7f
	stac
7:
	.endm

	.macro user_end
	cmpb $0, machine_has_smap(%rip)
	je 7f
	clac
7:
	.endm

	.text

	/* int copy(rdi = to, rsi = from, rdx = length), both directions */
	.globl machine_copy_user
	.type machine_copy_user, @function
machine_copy_user:
	user_begin
	movq %rdx, %rcx
	shrq $3, %rcx
	may_fault rep movsq
	movl %edx, %ecx
	andl $7, %ecx
	jz 1f
	.pushsection .exceptions, "a"
	.long 2f - .
	.long 9f - .
	.popsection
2:	rep movsb
1:	xorl %eax, %eax
9:	user_end
	ret
	.size machine_copy_user, . - machine_copy_user

	/* int arch_clear_user(rdi = to, rsi = length) */
	.globl arch_clear_user
	.type arch_clear_user, @function
arch_clear_user:
	user_begin
	xorl %eax, %eax
	movq %rsi, %rcx
	shrq $3, %rcx
	may_fault rep stosq
	movl %esi, %ecx
	andl $7, %ecx
	jz 1f
	.pushsection .exceptions, "a"
	.long 2f - .
	.long 9f - .
	.popsection
2:	rep stosb
1:	xorl %eax, %eax
9:	user_end
	ret
	.size arch_clear_user, . - arch_clear_user

	/* ssize_t arch_copy_string_from_user(rdi = to, rsi = from, rdx = size) */
	.globl arch_copy_string_from_user
	.type arch_copy_string_from_user, @function
arch_copy_string_from_user:
	user_begin
	xorl %eax, %eax
1:	cmpq %rdx, %rax
	je 9f
	may_fault movb (%rsi, %rax), %cl
	movb %cl, (%rdi, %rax)
	testb %cl, %cl
	jz 9f
	incq %rax
	jmp 1b
9:	user_end
	ret
	.size arch_copy_string_from_user, . - arch_copy_string_from_user

	/* int machine_load_user_u32(rdi = from, rsi = value) */
	.globl machine_load_user_u32
	.type machine_load_user_u32, @function
machine_load_user_u32:
	user_begin
	may_fault movl (%rdi), %ecx
	movl %ecx, (%rsi)
	xorl %eax, %eax
9:	user_end
	ret
	.size machine_load_user_u32, . - machine_load_user_u32

	/* int machine_exchange_user_u32(rdi = at, esi = expected, edx = wanted, rcx = found) */
	.globl machine_exchange_user_u32
	.type machine_exchange_user_u32, @function
machine_exchange_user_u32:
	user_begin
	movl %esi, %eax
	may_fault lock cmpxchgl %edx, (%rdi)
	movl %eax, (%rcx)
	xorl %eax, %eax
9:	user_end
	ret
	.size machine_exchange_user_u32, . - machine_exchange_user_u32

	.section .note.GNU-stack, "", @progbits
