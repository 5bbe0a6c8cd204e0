/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The desktop's atlases (font/ui_fonts.h), made by tools/font. */

.macro atlas name, file
	.balign 16
	.globl ui_font_\name\()_start
	.hidden ui_font_\name\()_start
ui_font_\name\()_start:
	.incbin "\file"
	.globl ui_font_\name\()_end
	.hidden ui_font_\name\()_end
ui_font_\name\()_end:
.endm

	.section .rodata.ui_fonts, "a"
	atlas sans_1x, "sans-1x.letters"
	atlas sans_2x, "sans-2x.letters"
	atlas bold_1x, "sans-bold-1x.letters"
	atlas bold_2x, "sans-bold-2x.letters"

	.section .note.GNU-stack, "", %progbits
