/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libvterm comes compiled against glibc, whose headers make calls of functions that check the size of
 * their destination. This program is linked with musl: these are the ones that libvterm calls.
 */
#include "fortify.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void must_fit(size_t needed, size_t room)
{
	if (needed > room)
		abort();
}

int __fprintf_chk(FILE *file, int flag, const char *format, ...)
{
	va_list arguments;
	int result;

	(void)flag;
	va_start(arguments, format);
	result = vfprintf(file, format, arguments);
	va_end(arguments);
	return result;
}

int __vsnprintf_chk(char *to, size_t count, int flag, size_t room, const char *format,
		    va_list arguments)
{
	(void)flag;
	must_fit(count, room);
	return vsnprintf(to, count, format, arguments);
}

int __snprintf_chk(char *to, size_t count, int flag, size_t room, const char *format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = __vsnprintf_chk(to, count, flag, room, format, arguments);
	va_end(arguments);
	return result;
}

char *__strncpy_chk(char *to, const char *from, size_t count, size_t room)
{
	must_fit(count, room);
	return strncpy(to, from, count);
}
