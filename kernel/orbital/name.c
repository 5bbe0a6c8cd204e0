/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What names of windows say, and titles. */
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>

#include "orbital_priv.h"

static const struct {
	unsigned flag;
	char letter;
} flag_letters[] = {
	{ ORBITAL_ASYNC, 'a' },       { ORBITAL_BACK, 'b' },       { ORBITAL_FRONT, 'f' },
	{ ORBITAL_RESIZABLE, 'r' },   { ORBITAL_UNCLOSABLE, 'u' }, { ORBITAL_BORDERLESS, 'l' },
	{ ORBITAL_TRANSPARENT, 't' }, { ORBITAL_MAXIMIZED, 'm' },  { ORBITAL_FULLSCREEN, 'M' },
	{ ORBITAL_HIDDEN, 'h' },      { ORBITAL_SCALABLE, 's' },
};

unsigned orbital_flag_of(char letter)
{
	for (size_t i = 0; i < array_length(flag_letters); i++)
		if (flag_letters[i].letter == letter)
			return flag_letters[i].flag;
	return 0;
}

static int parse_flags(struct orbital_word word, unsigned *flags)
{
	*flags = 0;
	for (size_t i = 0; i < word.length; i++) {
		unsigned flag = orbital_flag_of(word.text[i]);

		if (!flag)
			return -EINVAL;
		*flags |= flag;
	}
	return 0;
}

int orbital_parse_name(const char *name, size_t length, struct window_properties *properties)
{
	struct orbital_words words = orbital_words(name, length, '/');
	struct orbital_word flags = { name, 0 }, title;
	int error;

	*properties = (struct window_properties){ 0 };
	/* Paths lose an empty first part, which means no flags. */
	if (!length || (name[0] != '-' && (name[0] < '0' || name[0] > '9')))
		flags = orbital_next_word(&words);
	error = parse_flags(flags, &properties->flags);
	if (error)
		return error;
	orbital_word_number(orbital_next_word(&words), &properties->x);
	orbital_word_number(orbital_next_word(&words), &properties->y);
	orbital_word_number(orbital_next_word(&words), &properties->width);
	orbital_word_number(orbital_next_word(&words), &properties->height);
	title = orbital_rest(&words);
	orbital_clean_title(title.text, title.length, properties->title);
	return 0;
}

size_t orbital_print_name(const struct window_properties *properties, char *buffer, size_t size)
{
	char text[array_length(flag_letters) + 64 + WINDOW_TITLE_MAX];
	size_t length = 0;

	for (size_t i = 0; i < array_length(flag_letters); i++)
		if (properties->flags & flag_letters[i].flag)
			text[length++] = flag_letters[i].letter;
	length += (size_t)snprintf(text + length, sizeof(text) - length, "/%d/%d/%d/%d/%s",
				   properties->x, properties->y, properties->width,
				   properties->height, properties->title);
	length = min_size(length, size);
	memcpy(buffer, text, length);
	return length;
}

/* How many bytes the character at `text` has, 0: it is none, or not all there. */
static size_t character_length(const unsigned char *text, size_t length)
{
	size_t wanted = text[0] < 0x80             ? 1
			: (text[0] & 0xe0) == 0xc0 ? 2
			: (text[0] & 0xf0) == 0xe0 ? 3
			: (text[0] & 0xf8) == 0xf0 ? 4
						   : 0;

	if (!wanted || wanted > length)
		return 0;
	for (size_t i = 1; i < wanted; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return wanted;
}

size_t orbital_clean_title(const char *text, size_t length, char *title)
{
	const unsigned char *from = (const unsigned char *)text;
	size_t used = 0;

	for (size_t i = 0; i < length;) {
		size_t count = character_length(from + i, length - i);

		if (used + (count ? count : 1) > WINDOW_TITLE_MAX)
			break;
		if (count > 1)
			memcpy(title + used, text + i, count);
		else if (count == 0)
			title[used] = '?';
		else
			title[used] = from[i] < ' ' || from[i] == 0x7f ? ' ' : text[i];
		used += count ? count : 1;
		i += count ? count : 1;
	}
	title[used] = '\0';
	return used;
}
