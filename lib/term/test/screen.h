/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A terminal for tests: it can be written to and read as text. */
#pragma once

#include <term/term.h>

struct screen {
	struct term term;
	void *memory;
	struct term_host host;
	char replies[256]; /* all answers */
	unsigned bells;
};

void screen_open(struct screen *screen, unsigned columns, unsigned rows, unsigned history);
void screen_close(struct screen *screen);
void screen_resize(struct screen *screen, unsigned columns, unsigned rows, unsigned history);

/* Writes a string; the length is that of the string. */
void screen_write(struct screen *screen, const char *text);

/* The rows of the view in UTF-8, without the spaces at their ends, each ended by '|', and
 * without the empty rows at the bottom. The result is valid until the next call. */
const char *screen_text(const struct screen *screen);

/* Writes `text` to a new terminal of 10 columns and 4 rows and returns what it shows. */
const char *screen_shows(const char *text);

/* "row,column" of the cursor of the same. */
const char *screen_cursor(const char *text);
