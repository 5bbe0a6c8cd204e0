/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Formatted output without a C library: %d %i %u %x %X %o %c %s %p %% with flags
 * "-", "0", " ", "+", "#", width, precision ("*" too) and lengths hh h l ll z t j. No floating point.
 */
#pragma once

#include <base/types.h>

#include <stdarg.h>

/* Receives formatted text piecewise. */
struct format_sink {
	void (*write)(struct format_sink *sink, const char *text, size_t length);
};

/* Formats into `sink`; returns the number of bytes written to it. */
size_t format_to_sink(struct format_sink *sink, const char *format, va_list arguments)
	printf_like(2, 0);

/* As in C99: always terminates when size > 0, returns the untruncated length. */
int snprintf(char *buffer, size_t size, const char *format, ...) printf_like(3, 4);
int vsnprintf(char *buffer, size_t size, const char *format, va_list arguments) printf_like(3, 0);
