/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel command line: words separated by blanks, "name" or "name=value".
 */
#pragma once

#include <base/types.h>

#define COMMAND_LINE_MAX 2048

/* Takes a copy of the boot loader's text; cut to COMMAND_LINE_MAX - 1 bytes. */
void command_line_set(const char *text, size_t length);

/* The whole text, terminated. */
const char *command_line_text(void);

/* True if the word `name` or `name=...` is present. */
bool command_line_has(const char *name);

/* Copies the value of the last `name=value` (cut to size - 1, terminated). Returns false and
 * leaves `value` alone if there is none. */
bool command_line_get(const char *name, char *value, size_t size);

/* The numeric value of `name=N`, or `fallback` where absent or malformed. */
uint64_t command_line_get_u64(const char *name, uint64_t fallback);
