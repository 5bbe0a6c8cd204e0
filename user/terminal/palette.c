/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The colours of the terminal, for the dark and the light theme. */
#include "terminal.h"

static const uint32_t dark_colours[16] = {
	0xff3b424f, 0xfff0616d, 0xff8cc570, 0xffe5c07b, 0xff5fabf2, 0xffc580e8,
	0xff52bcc9, 0xffc9ced8, 0xff6b7382, 0xffff8790, 0xffa9dd8e, 0xfff5d596,
	0xff86c3ff, 0xffd9a0f7, 0xff77d6e2, 0xffffffff,
};

static const uint32_t light_colours[16] = {
	0xff22262e, 0xffc9303d, 0xff2f8533, 0xff9a6700, 0xff1f66d0, 0xff9333b8,
	0xff0f7f8c, 0xffa4abb8, 0xff626a78, 0xffe0505b, 0xff43a047, 0xffb98213,
	0xff3d82ea, 0xffac52d0, 0xff1c9aa8, 0xff3b414d,
};

/* The cube of 6 * 6 * 6 colours, and the greys, as xterm has them. */
static uint32_t fixed_colour(unsigned index)
{
	static const uint8_t levels[6] = { 0, 95, 135, 175, 215, 255 };
	uint32_t grey = 8 + 10 * (index - 232);

	if (index >= 232)
		return 0xff000000 | grey << 16 | grey << 8 | grey;
	index -= 16;
	return 0xff000000 | (uint32_t)levels[index / 36] << 16 |
	       (uint32_t)levels[index / 6 % 6] << 8 | levels[index % 6];
}

static uint32_t mix(uint32_t a, uint32_t b, unsigned of_256)
{
	uint32_t mixed = 0xff000000;

	for (unsigned shift = 0; shift < 24; shift += 8)
		mixed |=
			(((a >> shift & 0xff) * (256 - of_256) + (b >> shift & 0xff) * of_256) >> 8)
			<< shift;
	return mixed;
}

void palette_init(struct palette *palette, bool dark, uint32_t accent)
{
	const uint32_t *colours = dark ? dark_colours : light_colours;

	for (unsigned i = 0; i < 256; i++)
		palette->indexed[i] = i < 16 ? colours[i] : fixed_colour(i);
	palette->foreground = dark ? 0xffdfe3ea : 0xff22262e;
	palette->background = dark ? 0xff1a1d23 : 0xfffcfcfd;
	palette->cursor = dark ? 0xffdfe3ea : 0xff3b414d;
	palette->cursor_text = palette->background;
	palette->selection = mix(palette->background, 0xff000000 | accent, dark ? 110 : 70);
	palette->thumb = mix(palette->background, palette->foreground, 90);
}

uint32_t palette_pixel(const struct palette *palette, uint32_t colour, bool is_background)
{
	switch (COLOUR_KIND(colour)) {
	case COLOUR_INDEXED:
		return palette->indexed[colour & 0xff];
	case COLOUR_RGB:
		return 0xff000000 | (colour & 0xffffff);
	default:
		return is_background ? palette->background : palette->foreground;
	}
}
