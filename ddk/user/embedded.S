/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program of driver hosts, as the kernel's image holds it. HOST_PROGRAM is the file's path. */

	.section .rodata.host_program, "a"
	.balign	4096
	.globl	host_program_start, host_program_end
	.hidden	host_program_start, host_program_end
host_program_start:
	.incbin HOST_PROGRAM
host_program_end:

	.section .note.GNU-stack, "", @progbits
