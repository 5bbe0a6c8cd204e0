/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of programs, taken apart: they may be anything, of any length. */
#include <base/string.h>

#include "orbital_priv.h"

#define DIGITS_MAX 10 /* of a number of 32 bits */

struct orbital_words orbital_words(const char *text, size_t length, char separator)
{
	return (struct orbital_words){ text, text + length, separator, false };
}

struct orbital_word orbital_next_word(struct orbital_words *words)
{
	size_t left = (size_t)(words->end - words->at);
	const char *stop = left ? memchr(words->at, words->separator, left) : NULL;
	struct orbital_word word = { words->at, left };

	if (!stop) {
		words->at = words->end;
		words->over = true;
		return word;
	}
	word.length = (size_t)(stop - words->at);
	words->at = stop + 1;
	return word;
}

struct orbital_word orbital_rest(struct orbital_words *words)
{
	struct orbital_word rest = { words->at, (size_t)(words->end - words->at) };

	words->at = words->end;
	words->over = true;
	return rest;
}

bool orbital_word_is(struct orbital_word word, const char *text)
{
	return word.length == strlen(text) && memcmp(word.text, text, word.length) == 0;
}

bool orbital_word_number(struct orbital_word word, int32_t *value)
{
	bool negative = word.length && word.text[0] == '-';
	size_t first = negative || (word.length && word.text[0] == '+');
	int64_t number = 0;

	if (word.length == first || word.length - first > DIGITS_MAX)
		return false;
	for (size_t i = first; i < word.length; i++) {
		if (word.text[i] < '0' || word.text[i] > '9')
			return false;
		number = number * 10 + (word.text[i] - '0');
	}
	if (negative)
		number = -number;
	if (number < INT32_MIN || number > INT32_MAX)
		return false;
	*value = (int32_t)number;
	return true;
}
