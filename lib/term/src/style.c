/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Colours and attributes: SGR, and what they look like. */
#include "term_priv.h"

void term_pen_reset(struct term_pen *pen)
{
	pen->foreground = TERM_COLOUR_DEFAULT;
	pen->background = TERM_COLOUR_DEFAULT;
	pen->attributes = 0;
}

/* How many of the parameters after `index` belong to it: they follow a ':'. */
static unsigned extended_count(const struct term_parser *parser, unsigned index)
{
	unsigned count = 0;

	while (index + count + 1 < parser->parameter_count &&
	       (parser->parameters_extended >> (index + count + 1) & 1))
		count++;
	return count;
}

static unsigned colour_component(const struct term_parser *parser, unsigned index)
{
	unsigned value = parser->parameters[index];

	return value < 255 ? value : 255;
}

/* Reads the colour after parameter `index`, 38 or 48: "5;n" or "2;r;g;b", or with ':'
 * in place of ';', and then perhaps a colour space before r. Returns how many parameters
 * belong to it; *colour is left alone where they are not understood. */
static unsigned select_extended(const struct term_parser *parser, unsigned index, uint32_t *colour)
{
	unsigned extended = extended_count(parser, index);
	unsigned left = parser->parameter_count - index - 1;
	unsigned available = extended ? extended : left;
	unsigned kind = available > 0 ? parser->parameters[index + 1] : 0;
	unsigned at = index + 2;

	if (kind == 5 && available >= 2) {
		*colour = TERM_COLOUR_INDEX(colour_component(parser, at));
		return extended ? extended : 2;
	}
	if (kind == 2 && available >= 4) {
		if (extended >= 5)
			at++;
		*colour = colour_component(parser, at) << 16 |
			  colour_component(parser, at + 1) << 8 | colour_component(parser, at + 2);
		return extended ? extended : 4;
	}
	return available;
}

struct attribute_change {
	uint8_t parameter;
	uint8_t set;
	uint8_t clear;
};

static const struct attribute_change attribute_changes[] = {
	{ 1, TERM_BOLD, 0 },
	{ 2, TERM_DIM, 0 },
	{ 3, TERM_ITALIC, 0 },
	{ 4, TERM_UNDERLINE, 0 },
	{ 5, TERM_BLINK, 0 },
	{ 6, TERM_BLINK, 0 },
	{ 7, TERM_REVERSE, 0 },
	{ 8, TERM_HIDDEN, 0 },
	{ 9, TERM_STRIKE, 0 },
	{ 21, TERM_UNDERLINE, 0 },
	{ 22, 0, TERM_BOLD | TERM_DIM },
	{ 23, 0, TERM_ITALIC },
	{ 24, 0, TERM_UNDERLINE },
	{ 25, 0, TERM_BLINK },
	{ 27, 0, TERM_REVERSE },
	{ 28, 0, TERM_HIDDEN },
	{ 29, 0, TERM_STRIKE },
};

static void select_attribute(struct term_pen *pen, unsigned parameter)
{
	for (size_t i = 0; i < array_length(attribute_changes); i++) {
		const struct attribute_change *change = &attribute_changes[i];

		if (change->parameter == parameter) {
			pen->attributes |= change->set;
			pen->attributes &= ~(uint32_t)change->clear;
		}
	}
}

static void select_one(struct term_pen *pen, unsigned parameter)
{
	if (parameter == 0)
		term_pen_reset(pen);
	else if (parameter < 30)
		select_attribute(pen, parameter);
	else if (parameter < 38)
		pen->foreground = TERM_COLOUR_INDEX(parameter - 30);
	else if (parameter == 39)
		pen->foreground = TERM_COLOUR_DEFAULT;
	else if (parameter >= 40 && parameter < 48)
		pen->background = TERM_COLOUR_INDEX(parameter - 40);
	else if (parameter == 49)
		pen->background = TERM_COLOUR_DEFAULT;
	else if (parameter >= 90 && parameter < 98)
		pen->foreground = TERM_COLOUR_INDEX(parameter - 90 + 8);
	else if (parameter >= 100 && parameter < 108)
		pen->background = TERM_COLOUR_INDEX(parameter - 100 + 8);
}

void term_select_graphics(struct term *term)
{
	const struct term_parser *parser = &term->parser;
	struct term_pen *pen = &term->pen;

	for (unsigned i = 0; i < parser->parameter_count; i++) {
		unsigned parameter = parser->parameters[i];
		unsigned extended = extended_count(parser, i);

		if (parameter == 38) {
			i += select_extended(parser, i, &pen->foreground);
		} else if (parameter == 48) {
			i += select_extended(parser, i, &pen->background);
		} else if (parameter == 4 && extended && parser->parameters[i + 1] == 0) {
			pen->attributes &= ~TERM_UNDERLINE; /* 4:0 */
			i += extended;
		} else {
			select_one(pen, parameter);
			i += extended;
		}
	}
}

/* Entry `index` of the 256 colours: the palette, a cube of 6 levels, 24 greys. */
static uint32_t colour_indexed(const struct term *term, unsigned index)
{
	static const uint8_t levels[6] = { 0, 95, 135, 175, 215, 255 };

	if (index < 16)
		return term->palette[index];
	if (index < 232) {
		index -= 16;
		return (uint32_t)levels[index / 36] << 16 | (uint32_t)levels[index / 6 % 6] << 8 |
		       levels[index % 6];
	}
	return (8 + 10 * (index - 232)) * 0x010101u;
}

static uint32_t colour_resolve(const struct term *term, uint32_t colour, uint32_t default_colour)
{
	if (colour == TERM_COLOUR_DEFAULT)
		return default_colour;
	if (TERM_COLOUR_IS_INDEX(colour))
		return colour_indexed(term, colour & 0xff);
	return colour;
}

/* Two thirds of the brightness. */
static uint32_t colour_dim(uint32_t colour)
{
	uint32_t red = (colour >> 16 & 0xff) * 2 / 3;
	uint32_t green = (colour >> 8 & 0xff) * 2 / 3;
	uint32_t blue = (colour & 0xff) * 2 / 3;

	return red << 16 | green << 8 | blue;
}

void term_cell_colours(const struct term *term, const struct term_cell *cell, uint32_t *foreground,
		       uint32_t *background)
{
	uint32_t front = cell->foreground;
	bool reverse = cell->attributes & TERM_REVERSE;

	if (cell->attributes & TERM_BOLD) {
		if (front == TERM_COLOUR_DEFAULT)
			front = TERM_COLOUR_INDEX(15);
		else if (TERM_COLOUR_IS_INDEX(front) && (front & 0xff) < 8)
			front += 8;
	}
	front = colour_resolve(term, front, term->default_foreground);
	*background = colour_resolve(term, cell->background, term->default_background);
	if (cell->attributes & TERM_DIM)
		front = colour_dim(front);
	if (term->modes & TERM_MODE_REVERSE_SCREEN)
		reverse = !reverse;
	*foreground = front;
	if (reverse) {
		*foreground = *background;
		*background = front;
	}
	if (cell->attributes & TERM_HIDDEN)
		*foreground = *background;
}
