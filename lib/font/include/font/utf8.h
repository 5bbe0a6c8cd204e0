/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8, one character at a time. */
#pragma once

#include <base/types.h>

#define UTF8_REPLACEMENT 0xfffdu
#define UTF8_BYTES_MAX   4

/* Takes one character off the front of `length` (at least 1) bytes; returns how many bytes it has.
 * What is no UTF-8 (overlong, a surrogate, above U+10FFFF, cut off) gives U+FFFD for as many
 * bytes as could have begun a character, at least one. */
size_t utf8_decode(const char *text, size_t length, uint32_t *code_point);
/* Writes a character, U+FFFD for what is none; returns its bytes. */
size_t utf8_encode(char bytes[UTF8_BYTES_MAX], uint32_t code_point);

/* True for the first byte of a character: where a text may be cut. */
static inline bool utf8_is_boundary(char byte)
{
	return ((uint8_t)byte & 0xc0) != 0x80;
}
