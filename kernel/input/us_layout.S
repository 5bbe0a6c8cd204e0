/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout that is there before any file: a copy of the one in /usr/share/keymaps. */

	.section .rodata.input_us_layout, "a"
	.globl input_us_layout_start
	.hidden input_us_layout_start
input_us_layout_start:
	.incbin "user/root/usr/share/keymaps/us"
	.globl input_us_layout_end
	.hidden input_us_layout_end
input_us_layout_end:

	.section .note.GNU-stack, "", %progbits
