/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of a line of a configuration file are, for their colours. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum highlight {
	HIGHLIGHT_NONE,
	HIGHLIGHT_COMMENT,
	HIGHLIGHT_SECTION, /* [name] */
	HIGHLIGHT_NAME,    /* before = or : */
	HIGHLIGHT_STRING,
	HIGHLIGHT_NUMBER,
	HIGHLIGHTS,
};

/* Sets kinds[length], each an enum highlight, for the bytes of a line. */
void highlight_line(const char *line, size_t length, uint8_t *kinds);
/* True for files that are made of settings or commands, not of sentences: by its name. */
bool highlight_is_for(const char *path);
