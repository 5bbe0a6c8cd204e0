/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's command line (command_line.h). */
#include "command_line.h"

#include <base/string.h>

#define VIDEO_PREFIX "video="
#define VIDEO_MAX    65535

size_t command_line_trim(const char *text, size_t size)
{
	while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
		size--;
	return size;
}

static size_t skip_spaces(const char *text, size_t size, size_t at)
{
	while (at < size && text[at] == ' ')
		at++;
	return at;
}

static size_t skip_word(const char *text, size_t size, size_t at)
{
	while (at < size && text[at] != ' ')
		at++;
	return at;
}

static bool ends_in_efi(const char *text, size_t size)
{
	const char *suffix = ".efi";
	size_t length = strlen(suffix);

	if (size < length)
		return false;
	for (size_t i = 0; i < length; i++) {
		char byte = text[size - length + i];

		if (byte != suffix[i] && byte != suffix[i] - 'a' + 'A')
			return false;
	}
	return true;
}

size_t command_line_from_options(const void *options, size_t size, char *text)
{
	const uint8_t *bytes = options;
	size_t length = 0, start, end;

	for (size_t i = 0; i + 1 < size; i += 2) {
		unsigned unit = bytes[i] | (unsigned)bytes[i + 1] << 8;

		if (unit == 0)
			break;
		if (unit < ' ' || unit > '~')
			return 0;
		text[length++] = (char)unit;
	}
	start = skip_spaces(text, length, 0);
	end = skip_word(text, length, start);
	if (ends_in_efi(text + start, end - start))
		start = skip_spaces(text, length, end);
	memmove(text, text + start, length - start);
	return length - start;
}

/* Reads a decimal number in 1 .. VIDEO_MAX at `*at` and moves `*at` behind it. */
static bool parse_pixels(const char *text, size_t size, size_t *at, uint32_t *value)
{
	*value = 0;
	while (*at < size && text[*at] >= '0' && text[*at] <= '9') {
		*value = *value * 10 + (uint32_t)(text[*at] - '0');
		if (*value > VIDEO_MAX)
			return false;
		(*at)++;
	}
	return *value > 0;
}

static bool parse_video(const char *word, size_t size, uint32_t *width, uint32_t *height)
{
	size_t at = strlen(VIDEO_PREFIX);

	if (size < at || memcmp(word, VIDEO_PREFIX, at) != 0)
		return false;
	if (!parse_pixels(word, size, &at, width) || at == size || word[at++] != 'x')
		return false;
	return parse_pixels(word, size, &at, height) && at == size;
}

bool command_line_find_video(const char *text, size_t size, uint32_t *width, uint32_t *height)
{
	bool found = false;
	size_t at = 0;

	while ((at = skip_spaces(text, size, at)) < size) {
		size_t end = skip_word(text, size, at);
		uint32_t w, h;

		if (parse_video(text + at, end - at, &w, &h)) {
			*width = w;
			*height = h;
			found = true;
		}
		at = end;
	}
	return found;
}
