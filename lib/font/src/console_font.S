/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console's font (font/console_font.h), as the build found it on the host. */

	.section .rodata.console_font, "a"
	.balign 16
	.globl console_font_start
	.hidden console_font_start
console_font_start:
	.incbin "console-font.psf"
	.globl console_font_end
	.hidden console_font_end
console_font_end:

	.section .note.GNU-stack, "", %progbits
