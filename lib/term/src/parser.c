/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Takes the byte stream apart: text in UTF-8, control characters, escape sequences, control
 * sequences, and strings, which are skipped.
 *
 * Control characters act wherever they stand, also within a sequence; CAN and SUB abort one
 * and ESC begins anew. Nothing that is read here is unbounded.
 */
#include <base/string.h>

#include "term_priv.h"

#define BEL 0x07
#define CAN 0x18
#define SUB 0x1a
#define ESC 0x1b
#define DEL 0x7f

#define REPLACEMENT       0xfffd
#define PARAMETER_MAX     9999
#define SEVERAL           0xff /* intermediate characters */
#define STRING_LENGTH_MAX 4096 /* a string that nobody ends does not swallow all that follows */

enum parser_state {
	STATE_TEXT,
	STATE_ESCAPE,
	STATE_CSI,
	STATE_CSI_IGNORE,   /* malformed: skipped up to its end */
	STATE_FUNCTION_KEY, /* after CSI [: one more, as the Linux console echoes its keys */
	STATE_OSC,
	STATE_OSC_PALETTE, /* after OSC P: seven digits and no end, a habit of that console */
	STATE_STRING,
};

static void sequence_begin(struct term_parser *parser, enum parser_state state)
{
	memset(parser, 0, sizeof(*parser));
	parser->state = (uint8_t)state;
}

static void intermediate_add(struct term_parser *parser, uint8_t byte)
{
	parser->intermediate = parser->intermediate ? SEVERAL : byte;
}

static void parse_escape(struct term *term, uint8_t byte)
{
	struct term_parser *parser = &term->parser;

	if (byte < 0x30) {
		intermediate_add(parser, byte);
		return;
	}
	parser->state = STATE_TEXT;
	if (parser->intermediate != 0) {
		term_escape(term, byte);
		return;
	}
	switch (byte) {
	case '[':
		sequence_begin(parser, STATE_CSI);
		break;
	case ']':
		sequence_begin(parser, STATE_OSC);
		break;
	case 'P': /* DCS */
	case 'X': /* SOS */
	case '^': /* PM */
	case '_': /* APC */
		sequence_begin(parser, STATE_STRING);
		break;
	default:
		term_escape(term, byte);
		break;
	}
}

static void parameter_digit(struct term_parser *parser, unsigned digit)
{
	unsigned *parameter = &parser->parameters[parser->parameter_count];

	if (parser->parameter_count == TERM_PARAMETERS_MAX)
		return;
	*parameter = *parameter * 10 + digit;
	if (*parameter > PARAMETER_MAX)
		*parameter = PARAMETER_MAX;
}

/* Ends the parameter being read; superfluous ones are dropped. */
static void parameter_end(struct term_parser *parser, bool next_extended)
{
	if (parser->parameter_count < TERM_PARAMETERS_MAX) {
		if (parser->parameter_extended)
			parser->parameters_extended |= 1u << parser->parameter_count;
		parser->parameter_count++;
	}
	parser->parameter_extended = next_extended;
}

/* True directly after CSI. */
static bool csi_empty(const struct term_parser *parser)
{
	return parser->parameter_count == 0 && parser->parameters[0] == 0 && parser->prefix == 0 &&
	       parser->intermediate == 0;
}

static void parse_csi(struct term *term, uint8_t byte)
{
	struct term_parser *parser = &term->parser;

	if (byte == '[' && csi_empty(parser)) {
		parser->state = STATE_FUNCTION_KEY;
	} else if (byte >= 0x40) {
		parser->state = STATE_TEXT;
		parameter_end(parser, false);
		term_csi(term, byte);
	} else if (byte < 0x30) {
		intermediate_add(parser, byte);
	} else if (parser->intermediate != 0) {
		parser->state = STATE_CSI_IGNORE;
	} else if (byte <= '9') {
		parameter_digit(parser, byte - '0');
	} else if (byte == ';' || byte == ':') {
		parameter_end(parser, byte == ':');
	} else if (csi_empty(parser)) {
		parser->prefix = byte;
	} else {
		parser->state = STATE_CSI_IGNORE;
	}
}

static bool in_string(const struct term_parser *parser)
{
	return parser->state == STATE_OSC || parser->state == STATE_STRING;
}

static void string_skip(struct term_parser *parser)
{
	if (++parser->string_length >= STRING_LENGTH_MAX)
		parser->state = STATE_TEXT;
}

static void parse_osc(struct term *term, uint8_t byte)
{
	struct term_parser *parser = &term->parser;

	if (byte == 'P') {
		sequence_begin(parser, STATE_OSC_PALETTE);
	} else if (byte == 'R') {
		parser->state = STATE_TEXT;
		term_reset_palette(term);
	} else {
		parser->state = STATE_STRING;
	}
}

/* Returns 16 for what is no hexadecimal digit. */
static unsigned hex_digit(uint8_t byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10u;
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10u;
	return 16;
}

/* Reads "nrrggbb": entry n of the palette and its colour. */
static void parse_palette(struct term *term, uint8_t byte)
{
	struct term_parser *parser = &term->parser;
	unsigned digit = hex_digit(byte);
	uint32_t colour = 0;

	if (digit > 15) {
		parser->state = STATE_TEXT;
		return;
	}
	parser->palette_digits[parser->palette_length++] = (uint8_t)digit;
	if (parser->palette_length < sizeof(parser->palette_digits))
		return;
	for (size_t i = 1; i < sizeof(parser->palette_digits); i++)
		colour = colour << 4 | parser->palette_digits[i];
	term->palette[parser->palette_digits[0]] = colour;
	parser->state = STATE_TEXT;
	term_damage_all(term);
}

static void utf8_abort(struct term *term)
{
	if (term->parser.utf8_left == 0)
		return;
	term->parser.utf8_left = 0;
	term_print(term, REPLACEMENT);
}

static void utf8_finish(struct term *term)
{
	uint32_t value = term->parser.utf8_value;

	if (value < term->parser.utf8_least || value > 0x10ffff ||
	    (value >= 0xd800 && value < 0xe000))
		term_print(term, REPLACEMENT);
	else if (value >= 0xa0) /* the C1 controls below are dropped */
		term_print(term, value);
}

static void utf8_begin(struct term_parser *parser, unsigned left, uint32_t value, uint32_t least)
{
	parser->utf8_left = left;
	parser->utf8_value = value;
	parser->utf8_least = least;
}

/* A byte of text from 0x80 on. */
static void parse_utf8(struct term *term, uint8_t byte)
{
	struct term_parser *parser = &term->parser;

	if (byte < 0xc0 && parser->utf8_left > 0) {
		parser->utf8_value = parser->utf8_value << 6 | (byte & 0x3f);
		if (--parser->utf8_left == 0)
			utf8_finish(term);
		return;
	}
	utf8_abort(term);
	if (byte < 0xc0 || byte >= 0xf8)
		term_print(term, REPLACEMENT);
	else if (byte < 0xe0)
		utf8_begin(parser, 1, byte & 0x1f, 0x80);
	else if (byte < 0xf0)
		utf8_begin(parser, 2, byte & 0x0f, 0x800);
	else
		utf8_begin(parser, 3, byte & 0x07, 0x10000);
}

/* A byte from 0x20 on, other than DEL. */
static void parse_byte(struct term *term, uint8_t byte)
{
	struct term_parser *parser = &term->parser;

	/* Outside strings only text has such bytes: a sequence ends there. */
	if (byte >= 0x80 && !in_string(parser))
		parser->state = STATE_TEXT;
	switch (parser->state) {
	case STATE_TEXT:
		if (byte >= 0x80) {
			parse_utf8(term, byte);
		} else {
			utf8_abort(term);
			term_print(term, byte);
		}
		break;
	case STATE_ESCAPE:
		parse_escape(term, byte);
		break;
	case STATE_CSI:
		parse_csi(term, byte);
		break;
	case STATE_CSI_IGNORE:
		if (byte >= 0x40)
			parser->state = STATE_TEXT;
		break;
	case STATE_FUNCTION_KEY:
		parser->state = STATE_TEXT;
		break;
	case STATE_OSC:
		parse_osc(term, byte);
		break;
	case STATE_OSC_PALETTE:
		parse_palette(term, byte);
		break;
	case STATE_STRING:
		string_skip(parser);
		break;
	}
}

static void parse_control(struct term *term, uint8_t byte)
{
	struct term_parser *parser = &term->parser;
	bool string = in_string(parser);

	utf8_abort(term);
	if (byte == ESC)
		sequence_begin(parser, STATE_ESCAPE);
	else if (byte == CAN || byte == SUB || (byte == BEL && string))
		parser->state = STATE_TEXT;
	else if (string)
		string_skip(parser);
	else if (byte != DEL)
		term_control(term, byte);
}

static bool is_plain(uint8_t byte)
{
	return byte >= 0x20 && byte < 0x7f;
}

void term_write(struct term *term, const void *bytes, size_t length)
{
	const uint8_t *at = bytes;
	const uint8_t *end = at + length;

	if (term->view > 0) {
		term->view = 0;
		term_damage_all(term);
	}
	while (at < end) {
		const uint8_t *plain = at;

		if (term->parser.state == STATE_TEXT && term->parser.utf8_left == 0) {
			while (plain < end && is_plain(*plain))
				plain++;
		}
		if (plain > at) {
			at += term_print_ascii(term, at, (size_t)(plain - at));
			continue;
		}
		if (*at < 0x20 || *at == DEL)
			parse_control(term, *at);
		else
			parse_byte(term, *at);
		at++;
	}
}
