/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A terminal for tests. */
#include <base/format.h>
#include <base/string.h>

#include "screen.h"
#include "unit.h"

#include <stdlib.h>

static void screen_reply(struct term_host *host, const char *bytes, size_t length)
{
	struct screen *screen = container_of(host, struct screen, host);
	size_t used = strlen(screen->replies);

	EXPECT(used + length < sizeof(screen->replies));
	memcpy(screen->replies + used, bytes, length);
	screen->replies[used + length] = '\0';
}

static void screen_bell(struct term_host *host)
{
	container_of(host, struct screen, host)->bells++;
}

void screen_open(struct screen *screen, unsigned columns, unsigned rows, unsigned history)
{
	*screen = (struct screen){ .host = { screen_reply, screen_bell } };
	screen->memory = malloc(term_memory_size(columns, rows, history));
	term_init(&screen->term, screen->memory, columns, rows, history, &screen->host);
}

void screen_close(struct screen *screen)
{
	free(screen->memory);
}

void screen_resize(struct screen *screen, unsigned columns, unsigned rows, unsigned history)
{
	void *memory = malloc(term_memory_size(columns, rows, history));

	term_resize(&screen->term, memory, columns, rows, history);
	free(screen->memory);
	screen->memory = memory;
}

void screen_write(struct screen *screen, const char *text)
{
	size_t length = strlen(text);
	char *copy = malloc(length); /* of exact size, for the sanitizer */

	memcpy(copy, text, length);
	term_write(&screen->term, copy, length);
	free(copy);
}

static char *put_utf8(char *to, uint32_t code_point)
{
	if (code_point < 0x80) {
		*to++ = (char)code_point;
	} else if (code_point < 0x800) {
		*to++ = (char)(0xc0 | code_point >> 6);
		*to++ = (char)(0x80 | (code_point & 0x3f));
	} else if (code_point < 0x10000) {
		*to++ = (char)(0xe0 | code_point >> 12);
		*to++ = (char)(0x80 | (code_point >> 6 & 0x3f));
		*to++ = (char)(0x80 | (code_point & 0x3f));
	} else {
		*to++ = (char)(0xf0 | code_point >> 18);
		*to++ = (char)(0x80 | (code_point >> 12 & 0x3f));
		*to++ = (char)(0x80 | (code_point >> 6 & 0x3f));
		*to++ = (char)(0x80 | (code_point & 0x3f));
	}
	return to;
}

const char *screen_text(const struct screen *screen)
{
	static char text[65536];
	const struct term *term = &screen->term;
	char *to = text;

	EXPECT((4 * term->columns + 1) * term->rows < sizeof(text));
	for (unsigned row = 0; row < term->rows; row++) {
		const struct term_cell *cells = term_row(term, row);
		unsigned length = term->columns;

		while (length > 0 && cells[length - 1].code_point == ' ')
			length--;
		for (unsigned column = 0; column < length; column++)
			to = put_utf8(to, cells[column].code_point);
		*to++ = '|';
	}
	while (to - text >= 2 && to[-1] == '|' && to[-2] == '|')
		to--;
	*to = '\0';
	return strcmp(text, "|") == 0 ? "" : text;
}

const char *screen_shows(const char *written)
{
	struct screen screen;
	const char *text;

	screen_open(&screen, 10, 4, 0);
	screen_write(&screen, written);
	text = screen_text(&screen);
	screen_close(&screen);
	return text;
}

const char *screen_cursor(const char *written)
{
	static char text[32];
	struct screen screen;

	screen_open(&screen, 10, 4, 0);
	screen_write(&screen, written);
	snprintf(text, sizeof(text), "%u,%u", screen.term.pen.row, screen.term.pen.column);
	screen_close(&screen);
	return text;
}
