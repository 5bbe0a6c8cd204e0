/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of glibc's checking functions, see fortify.c. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

int __fprintf_chk(FILE *file, int flag, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int __vsnprintf_chk(char *to, size_t count, int flag, size_t room, const char *format,
		    va_list arguments) __attribute__((format(printf, 5, 0)));
int __snprintf_chk(char *to, size_t count, int flag, size_t room, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
char *__strncpy_chk(char *to, const char *from, size_t count, size_t room);
