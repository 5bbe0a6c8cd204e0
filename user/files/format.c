/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts, see format.h. */
#include "format.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void format_size(uint64_t bytes, char text[FORMAT_MAX])
{
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
	uint64_t tenths = bytes / 100;
	size_t unit = 0;

	if (bytes < 1000) {
		snprintf(text, FORMAT_MAX, bytes == 1 ? "1 byte" : "%u bytes", (unsigned)bytes);
		return;
	}
	while (tenths >= 10000) {
		tenths /= 1000;
		unit++;
	}
	if (tenths < 100)
		snprintf(text, FORMAT_MAX, "%u.%u %s", (unsigned)tenths / 10, (unsigned)tenths % 10,
			 units[unit]);
	else
		snprintf(text, FORMAT_MAX, "%u %s", (unsigned)tenths / 10, units[unit]);
}

void format_exact_size(uint64_t bytes, char text[FORMAT_MAX])
{
	char digits[32];
	int count = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)bytes), at = 0;

	for (int i = 0; i < count; i++) {
		if (i > 0 && (count - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	snprintf(text + at, (size_t)(FORMAT_MAX - at), " byte%s", bytes == 1 ? "" : "s");
}

void format_time(time_t when, char text[FORMAT_MAX])
{
	time_t now = time(NULL);
	struct tm then, today;

	if (!localtime_r(&when, &then) || !localtime_r(&now, &today))
		snprintf(text, FORMAT_MAX, "?");
	else if (then.tm_year == today.tm_year && then.tm_yday == today.tm_yday)
		strftime(text, FORMAT_MAX, "Today %H:%M", &then);
	else
		strftime(text, FORMAT_MAX, "%-e %b %Y %H:%M", &then);
}

void format_rights(mode_t mode, char text[FORMAT_MAX])
{
	static const char letters[] = "rwxrwxrwx";

	for (unsigned i = 0; i < 9; i++)
		text[i] = mode & (0400u >> i) ? letters[i] : '-';
	text[9] = '\0';
	if (mode & S_ISUID)
		text[2] = mode & 0100 ? 's' : 'S';
	if (mode & S_ISGID)
		text[5] = mode & 0010 ? 's' : 'S';
	if (mode & S_ISVTX)
		text[8] = mode & 0001 ? 't' : 'T';
}

bool join_path(char path[PATH_MAX], const char *folder, const char *name)
{
	const char *separator = folder[0] && folder[strlen(folder) - 1] == '/' ? "" : "/";

	return snprintf(path, PATH_MAX, "%s%s%s", folder, separator, name) < PATH_MAX;
}

const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}
