/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory and string functions with their C library meanings, and a few that the C library
 * lacks. On the host the standard ones come from the C library.
 */
#pragma once

#include <base/types.h>

void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memset(void *to, int byte, size_t length);
int memcmp(const void *a, const void *b, size_t length);
void *memchr(const void *memory, int byte, size_t length);
size_t strlen(const char *string);
size_t strnlen(const char *string, size_t limit);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t limit);
char *strchr(const char *string, int byte);
char *strrchr(const char *string, int byte);

/* Copies at most `size` - 1 bytes and always terminates (size > 0). Returns the length of
 * `from`; a result >= size means that the copy was cut. */
size_t string_copy(char *to, const char *from, size_t size);

/* Parses an unsigned number: decimal, or hexadecimal after "0x". The whole of `string` must
 * be the number. Returns 0, or -EINVAL, or -ERANGE where it needs more than 64 bits. */
int string_to_u64(const char *string, uint64_t *value);

/* True if `string` starts with `prefix`. */
bool string_starts_with(const char *string, const char *prefix);
