/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sizes, times and paths as people read them. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define FORMAT_MAX 64

/* "812 bytes", "1.4 kB", "23 MB". */
void format_size(uint64_t bytes, char text[FORMAT_MAX]);
/* "1,234,567 bytes". */
void format_exact_size(uint64_t bytes, char text[FORMAT_MAX]);
/* "Today 14:05", "12 March 2026 14:05". */
void format_time(time_t when, char text[FORMAT_MAX]);
/* "rwxr-xr-x". */
void format_rights(mode_t mode, char text[FORMAT_MAX]);
/* FOLDER/NAME; false: too long. */
bool join_path(char path[PATH_MAX], const char *folder, const char *name);
/* What is behind the last slash; "/" has its own. */
const char *last_part(const char *path);
