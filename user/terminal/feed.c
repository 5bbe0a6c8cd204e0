/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What goes into libvterm (0.1), and what does not, because it cannot be trusted with it:
 *
 * - "Repeat the last character" (CSI n b) never ends where that has no width. The characters are written
 *   out instead.
 * - Strings (OSC, DCS and the like) make it read before and behind what it was given. They are read here:
 *   titles are set, others ignored.
 * - It writes behind its memory of parameters where a sequence has more than 16. Such sequences are
 *   ignored.
 * - Control characters from U+0080 to U+009F move its cursor back, out of the screen too. They are left
 *   out.
 * - It restores the cursor (ESC 8) to where it was saved, outside of a screen that has become smaller since,
 *   and writes behind its memory there. A sequence without effect, behind which it does bring the cursor
 *   back, follows.
 * - It loses characters whose bytes come in two writes. They wait here until they are complete.
 *
 * The states are those of its parser, as far as they matter for finding these.
 */
#include "terminal.h"

#include <string.h>

#include <font/utf8.h>

#define ESCAPE '\x1b'
#define CANCEL '\x18'
#define ABORT  '\x1a'
#define BELL   '\a'

#define PARAMETERS_MAX 16
#define REPLACEMENT    "\xef\xbf\xbd"
#define NO_MODE        "\x1b[99h" /* is set: there is none of this number */

enum feed_state {
	FEED_TEXT,
	FEED_ESCAPE,
	FEED_PARAMETERS,     /* CSI, digits first */
	FEED_MORE,           /* parameters behind the first */
	FEED_OTHER_SEQUENCE, /* CSI with what "repeat" does not have */
	FEED_IGNORED,        /* CSI with too many parameters */
	FEED_STRING,
	FEED_STRING_ESCAPE, /* which ends it */
};

/* What a byte is for. */
enum feed_byte {
	BYTE_FOR_EMULATOR,
	BYTE_KEPT,   /* not for it */
	BYTE_STARTS, /* what is not for it: the emulator forgets what it had of it */
	BYTE_REPEATS,
	BYTE_RESTORES, /* the last of what moves the cursor to where it was saved */
};

static enum feed_byte parameter_byte(struct feed *feed, char byte)
{
	if (byte >= '0' && byte <= '9') {
		if (feed->state == FEED_PARAMETERS && feed->count < GRID_SIDE_MAX)
			feed->count = feed->count * 10 + (unsigned)(byte - '0');
	} else if (byte == ';' || byte == ':') {
		if (++feed->parameters == PARAMETERS_MAX) {
			feed->state = FEED_IGNORED;
			return BYTE_STARTS;
		}
		if (feed->state == FEED_PARAMETERS)
			feed->state = FEED_MORE;
	} else {
		feed->state = FEED_OTHER_SEQUENCE;
	}
	return BYTE_FOR_EMULATOR;
}

static void set_title(struct terminal *terminal, const char *title, size_t length)
{
	length = length > TITLE_MAX ? TITLE_MAX : length;
	for (size_t i = 0; i < length; i++)
		terminal->title[i] = (unsigned char)title[i] < ' ' ? ' ' : title[i];
	terminal->title[length] = '\0';
	terminal->title_changed = true;
}

static void string_finish(struct terminal *terminal)
{
	const struct feed *feed = &terminal->feed;

	if (feed->introducer == ']' && feed->length >= 2 &&
	    (feed->string[0] == '0' || feed->string[0] == '2') && feed->string[1] == ';')
		set_title(terminal, feed->string + 2, feed->length - 2);
}

/* A byte in a string, or behind an escape there. */
static enum feed_byte string_byte(struct terminal *terminal, char byte)
{
	struct feed *feed = &terminal->feed;

	if (byte == ESCAPE) {
		feed->state = FEED_STRING_ESCAPE;
	} else if (byte == BELL) {
		string_finish(terminal);
		feed->state = FEED_TEXT;
	} else if (feed->length < sizeof(feed->string)) {
		feed->string[feed->length++] = byte;
	}
	return BYTE_KEPT;
}

static enum feed_byte escape_byte(struct feed *feed, char byte)
{
	/* Intermediate ones, and those that make no sense: what follows still counts. */
	if ((byte >= ' ' && byte < '0') || (unsigned char)byte >= 0x80)
		return BYTE_FOR_EMULATOR;
	if (strchr("]PX^_", byte)) {
		feed->state = FEED_STRING;
		feed->introducer = byte;
		feed->length = 0;
		return BYTE_STARTS;
	}
	feed->state = byte == '[' ? FEED_PARAMETERS : FEED_TEXT;
	feed->count = 0;
	feed->parameters = 0;
	return byte == '8' ? BYTE_RESTORES : BYTE_FOR_EMULATOR;
}

static enum feed_byte sequence_byte(struct feed *feed, char byte)
{
	bool repeats = byte == 'b' && feed->state != FEED_OTHER_SEQUENCE;
	bool ignored = feed->state == FEED_IGNORED;

	if ((byte >= ' ' && byte < '@') || (unsigned char)byte >= 0x80)
		return ignored ? BYTE_KEPT : parameter_byte(feed, byte);
	feed->state = FEED_TEXT;
	if (ignored)
		return BYTE_KEPT;
	return repeats ? BYTE_REPEATS : BYTE_FOR_EMULATOR;
}

static enum feed_byte feed_byte(struct terminal *terminal, char byte)
{
	struct feed *feed = &terminal->feed;

	if (feed->state == FEED_STRING_ESCAPE) {
		if (byte == '\\') {
			string_finish(terminal);
			feed->state = FEED_TEXT;
			return BYTE_KEPT;
		}
		/* The string is given up for a sequence that begins in it. */
		feed->state = FEED_ESCAPE;
		vterm_input_write(terminal->vterm, (const char[]){ ESCAPE }, 1);
	}
	if (byte == CANCEL || byte == ABORT) {
		feed->state = FEED_TEXT;
		return BYTE_FOR_EMULATOR;
	}
	if (feed->state == FEED_STRING)
		return string_byte(terminal, byte);
	if (byte == ESCAPE) {
		feed->state = FEED_ESCAPE;
		return BYTE_FOR_EMULATOR;
	}
	/* Control characters act, and the sequence goes on. */
	if (feed->state == FEED_TEXT || (unsigned char)byte < ' ' || byte == 0x7f)
		return BYTE_FOR_EMULATOR;
	return feed->state == FEED_ESCAPE ? escape_byte(feed, byte) : sequence_byte(feed, byte);
}

/* Up to the end of the row. */
static void repeat_last(struct terminal *terminal)
{
	const struct feed *feed = &terminal->feed;
	int room = grid_columns(terminal->grid) - terminal->cursor.at.col;
	int count = feed->count > 0 ? (int)feed->count : 1;
	char bytes[UTF8_BYTES_MAX];
	size_t length = utf8_encode(bytes, feed->last);

	if (feed->last < ' ' || feed->last_width < 1)
		return;
	for (; count > 0 && room >= feed->last_width; count--, room -= feed->last_width)
		vterm_input_write(terminal->vterm, bytes, length);
}

/* How many bytes the character has that begins so. */
static size_t character_length(char first)
{
	unsigned char byte = (unsigned char)first;

	return byte >= 0xf0 && byte < 0xf8 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
}

/* How many bytes at the end begin a character that is not complete. */
static size_t incomplete_tail(const char *bytes, size_t length)
{
	for (size_t i = 1; i < UTF8_BYTES_MAX && i <= length; i++) {
		if (utf8_is_boundary(bytes[length - i]))
			return character_length(bytes[length - i]) > i ? i : 0;
	}
	return 0;
}

/* What is no character, and would wait in the emulator's decoder for bytes of others. */
static bool is_broken(const char *bytes, size_t used, uint32_t character)
{
	return character == UTF8_REPLACEMENT && (used != 3 || memcmp(bytes, REPLACEMENT, 3) != 0);
}

/* Whole characters, and the replacement of what is none. */
static void pass_characters(struct terminal *terminal, const char *bytes, size_t length)
{
	size_t start = 0;
	size_t used;

	for (size_t i = 0; i < length; i += used) {
		uint32_t character;
		bool broken;

		used = 1;
		if ((unsigned char)bytes[i] < 0x80)
			continue;
		used = utf8_decode(bytes + i, length - i, &character);
		broken = is_broken(bytes + i, used, character);
		if (!broken && character >= 0xa0)
			continue;
		if (i > start)
			vterm_input_write(terminal->vterm, bytes + start, i - start);
		if (broken)
			vterm_input_write(terminal->vterm, REPLACEMENT, 3);
		start = i + used;
	}
	if (length > start)
		vterm_input_write(terminal->vterm, bytes + start, length - start);
}

/* To the emulator, in whole characters. */
static void pass_on(struct terminal *terminal, const char *bytes, size_t length)
{
	struct feed *feed = &terminal->feed;
	size_t tail;

	if (feed->partial_length > 0) {
		size_t wanted = character_length(feed->partial[0]);

		while (length > 0 && feed->partial_length < wanted && !utf8_is_boundary(*bytes)) {
			feed->partial[feed->partial_length++] = *bytes++;
			length--;
		}
		if (length == 0 && feed->partial_length < wanted)
			return;
		pass_characters(terminal, feed->partial, feed->partial_length);
		feed->partial_length = 0;
	}
	tail = incomplete_tail(bytes, length);
	pass_characters(terminal, bytes, length - tail);
	memcpy(feed->partial, bytes + length - tail, tail);
	feed->partial_length = tail;
}

void feed_write(struct terminal *terminal, const char *bytes, size_t length)
{
	size_t start = 0; /* of what the emulator is still to get */

	for (size_t i = 0; i < length; i++) {
		enum feed_byte kind;

		if (terminal->feed.state == FEED_TEXT && bytes[i] != ESCAPE)
			continue;
		if (terminal->feed.state == FEED_STRING_ESCAPE)
			start = i;
		kind = feed_byte(terminal, bytes[i]);
		if (kind == BYTE_FOR_EMULATOR)
			continue;
		if (kind == BYTE_RESTORES) {
			pass_on(terminal, bytes + start, i + 1 - start);
			start = i + 1;
			vterm_input_write(terminal->vterm, NO_MODE, sizeof(NO_MODE) - 1);
			continue;
		}
		if (i > start)
			pass_on(terminal, bytes + start, i - start);
		start = i + 1;
		if (kind != BYTE_KEPT)
			vterm_input_write(terminal->vterm, (const char[]){ CANCEL }, 1);
		if (kind == BYTE_REPEATS)
			repeat_last(terminal);
	}
	if (length > start)
		pass_on(terminal, bytes + start, length - start);
}

void feed_cancel(struct terminal *terminal)
{
	vterm_input_write(terminal->vterm, (const char[]){ CANCEL }, 1);
	terminal->feed.state = FEED_TEXT;
}
