/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of mounting: "commit=5,snapshot=monday". */
#include <base/errno.h>
#include <base/string.h>

#include "hmfs_vfs.h"

#define COMMIT_DEFAULT 5u
#define COMMIT_MAX     3600u
#define WORD_MAX       300u

static int parse_seconds(const char *text, unsigned *seconds)
{
	unsigned value = 0;

	if (!*text)
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		value = value * 10 + (unsigned)(*text - '0');
		if (value > COMMIT_MAX)
			return -EINVAL;
	}
	*seconds = value ? value : COMMIT_DEFAULT;
	return 0;
}

/* Options that say what is so anyway. */
static bool is_default(const char *word)
{
	static const char *const words[] = { "ro", "rw", "defaults", "errors=remount-ro" };

	for (unsigned i = 0; i < array_length(words); i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

static int parse_option(const char *word, struct hmfs_vfs_options *options)
{
	if (is_default(word))
		return 0;
	if (strncmp(word, "commit=", 7) == 0)
		return parse_seconds(word + 7, &options->commit_seconds);
	if (strncmp(word, "snapshot=", 9) == 0 && word[9] &&
	    strlen(word + 9) < sizeof(options->snapshot)) {
		string_copy(options->snapshot, word + 9, sizeof(options->snapshot));
		return 0;
	}
	return -EINVAL;
}

int hmfs_options_parse(const char *text, struct hmfs_vfs_options *options)
{
	*options = (struct hmfs_vfs_options){ .commit_seconds = COMMIT_DEFAULT };
	while (*text) {
		char word[WORD_MAX];
		const char *comma = strchr(text, ',');
		size_t length = comma ? (size_t)(comma - text) : strlen(text);
		int error = 0;

		if (length >= sizeof(word))
			return -EINVAL;
		memcpy(word, text, length);
		word[length] = '\0';
		if (length)
			error = parse_option(word, options);
		if (error)
			return error;
		text += length + (comma != NULL);
	}
	return 0;
}
