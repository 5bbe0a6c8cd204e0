/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of mounting: "uid=1000,umask=022". */
#include <base/errno.h>
#include <base/string.h>

#include "fat_priv.h"

#define MINUTES_MAX (24u * 60)
#define WORD_MAX    64u

/* Parses a number; octal where `base` is 8. */
static int parse_number(const char *text, unsigned base, uint32_t limit, uint32_t *number)
{
	uint64_t value = 0;

	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || (unsigned)(*text - '0') >= base)
			return -EINVAL;
		value = value * base + (unsigned)(*text - '0');
		if (value > limit)
			return -EINVAL;
	}
	*number = (uint32_t)value;
	return 0;
}

static int set_owner(uint32_t *owner, const char *value)
{
	return parse_number(value, 10, UINT32_MAX - 1, owner);
}

static int set_mask(uint32_t *first, uint32_t *second, const char *value)
{
	int error = parse_number(value, 8, 0777, first);

	if (!error && second)
		*second = *first;
	return error;
}

static int set_offset(int32_t *offset, const char *value)
{
	bool negative = *value == '-';
	uint32_t minutes;
	int error = parse_number(value + negative, 10, MINUTES_MAX, &minutes);

	if (!error)
		*offset = negative ? -(int32_t)minutes : (int32_t)minutes;
	return error;
}

/* Options that say what is so anyway. */
static bool is_default(const char *name, const char *value)
{
	static const char *const words[][2] = {
		{ "ro", "" },
		{ "rw", "" },
		{ "utf8", "" },
		{ "utf8", "1" },
		{ "iocharset", "utf8" },
		{ "codepage", "437" },
		{ "tz", "UTC" },
		{ "defaults", "" },
		{ "shortname", "winnt" },
		{ "shortname", "mixed" },
		{ "errors", "remount-ro" },
		{ "check", "n" },
	};

	for (unsigned i = 0; i < array_length(words); i++)
		if (strcmp(words[i][0], name) == 0 && strcmp(words[i][1], value) == 0)
			return true;
	return false;
}

static int parse_option(const char *name, const char *value, struct fat_options *options)
{
	if (is_default(name, value))
		return 0;
	if (strcmp(name, "uid") == 0)
		return set_owner(&options->uid, value);
	if (strcmp(name, "gid") == 0)
		return set_owner(&options->gid, value);
	if (strcmp(name, "umask") == 0)
		return set_mask(&options->file_mask, &options->directory_mask, value);
	if (strcmp(name, "fmask") == 0)
		return set_mask(&options->file_mask, NULL, value);
	if (strcmp(name, "dmask") == 0)
		return set_mask(&options->directory_mask, NULL, value);
	if (strcmp(name, "time_offset") == 0)
		return set_offset(&options->time_offset, value);
	if (strcmp(name, "quiet") == 0 && !*value) {
		options->quiet = true;
		return 0;
	}
	return -EINVAL;
}

int fat_options_parse(const char *text, struct fat_options *options)
{
	*options = (struct fat_options){ .file_mask = 022, .directory_mask = 022 };
	while (*text) {
		char word[WORD_MAX], *value;
		const char *comma = strchr(text, ',');
		size_t length = comma ? (size_t)(comma - text) : strlen(text);
		int error = 0;

		if (length >= sizeof(word))
			return -EINVAL;
		memcpy(word, text, length);
		word[length] = '\0';
		value = strchr(word, '=');
		if (value)
			*value++ = '\0';
		if (length)
			error = parse_option(word, value ? value : word + length, options);
		if (error)
			return error;
		text += length + (comma != NULL);
	}
	return 0;
}
