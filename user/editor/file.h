/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of the editor. */
#pragma once

#include "text.h"

#include <stdint.h>

#define FILE_BYTES_MAX (64u << 20)

/* What a file is like on disk. */
struct file_state {
	bool exists;
	bool carriage_returns; /* its lines end with CR LF, which the text has not */
	bool is_text;          /* UTF-8 without zeros */
	int64_t changed_ns;
};

/* Reads a file, which the caller frees. 0, or errno: EFBIG beyond the limit. A file that is not there is
 * empty. */
int file_load(const char *path, char **bytes, size_t *length, struct file_state *state);
/* Writes a file so that it is the old one or the new one, whatever happens. 0, or errno. */
int file_save(const char *path, const struct text *text, struct file_state *state);
/* True if another program has changed it meanwhile. */
bool file_has_changed(const char *path, const struct file_state *state);
