/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages and memory of amlexec and amldump. */
#pragma once

#include <stddef.h>

extern const char *program_name;

/* A line on standard error behind the program's name. */
__attribute__((format(printf, 1, 2))) void complain(const char *format, ...);
/* The same, and the end with status 2. */
__attribute__((format(printf, 1, 2), noreturn)) void die(const char *format, ...);

/* These end the program where there is no memory. */
void *allocate_zeroed(size_t size);
void *allocate_more(void *memory, size_t size);
