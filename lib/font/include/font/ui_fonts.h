/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The atlases that are part of the kernel image: what the desktop writes with. They have letters and
 * punctuation only; programs find all characters in /usr/share/fonts/cryptos.
 */
#pragma once

#include <base/errno.h>
#include <font/atlas.h>

extern const uint8_t ui_font_sans_1x_start[], ui_font_sans_1x_end[];
extern const uint8_t ui_font_sans_2x_start[], ui_font_sans_2x_end[];
extern const uint8_t ui_font_bold_1x_start[], ui_font_bold_1x_end[];
extern const uint8_t ui_font_bold_2x_start[], ui_font_bold_2x_end[];

enum ui_font {
	UI_FONT_SANS,
	UI_FONT_BOLD,
};

/* Opens a font for a display of scale 1 or 2. -EINVAL: the build made a damaged one. */
static inline int must_check ui_font_open(struct font_atlas *atlas, enum ui_font font,
					  unsigned scale)
{
	const uint8_t *start[2][2] = {
		{ ui_font_sans_1x_start, ui_font_sans_2x_start },
		{ ui_font_bold_1x_start, ui_font_bold_2x_start },
	};
	const uint8_t *end[2][2] = {
		{ ui_font_sans_1x_end, ui_font_sans_2x_end },
		{ ui_font_bold_1x_end, ui_font_bold_2x_end },
	};
	unsigned large = scale >= 2;

	return font_atlas_open(atlas, start[font][large],
			       (size_t)(end[font][large] - start[font][large]));
}
