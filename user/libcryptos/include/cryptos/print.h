/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text output, formatted as <base/format.h> does. Output that fails is lost. */
#pragma once

#include <base/format.h>
#include <base/types.h>

#define FD_INPUT  0
#define FD_OUTPUT 1
#define FD_ERROR  2

/* To standard output; short texts by one write. Returns the number of bytes. */
size_t print(const char *format, ...) printf_like(1, 2);
/* To a descriptor. */
size_t print_to(int64_t fd, const char *format, ...) printf_like(2, 3);
size_t print_to_list(int64_t fd, const char *format, va_list arguments) printf_like(2, 0);

/* The name of an error ("EBADF") by its number, for messages; never NULL. */
const char *error_name(int64_t error);
