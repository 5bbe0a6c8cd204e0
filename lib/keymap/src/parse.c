/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of a layout, compiled; docs/formats/keymap.md has the rules. Any bytes are acceptable. */
#include "keymap_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <ddk/keys.h>

#define WORDS_MAX   6
#define UNICODE_END 0x110000u

struct word {
	const char *text;
	size_t length;
};

struct line {
	struct word words[WORDS_MAX];
	unsigned count;
};

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

static bool word_is(const struct word *word, const char *text)
{
	return strlen(text) == word->length && !memcmp(text, word->text, word->length);
}

/* Takes a line apart: false if it has too many words. A comment has none. */
static bool split_line(const char *text, size_t length, struct line *line)
{
	size_t at = 0;

	line->count = 0;
	for (;;) {
		size_t start;

		while (at < length && is_blank(text[at]))
			at++;
		if (at == length || (line->count == 0 && text[at] == '#'))
			return true;
		if (line->count == WORDS_MAX)
			return false;
		start = at;
		while (at < length && !is_blank(text[at]))
			at++;
		line->words[line->count++] = (struct word){ text + start, at - start };
	}
}

static bool is_character(uint32_t value)
{
	return value >= ' ' && !(value >= 0x7f && value < 0xa0) &&
	       !(value >= 0xd800 && value < 0xe000) && value < UNICODE_END;
}

/* A character in UTF-8 that is the whole word; 0: it is none. */
static uint32_t decode_utf8(const struct word *word)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *bytes = (const uint8_t *)word->text;
	uint32_t value = bytes[0];
	size_t length = 1;

	if (value >= 0xf0 && value < 0xf8)
		length = 4;
	else if (value >= 0xe0)
		length = 3;
	else if (value >= 0xc0)
		length = 2;
	if (word->length != length || value >= 0xf8)
		return 0;
	if (length > 1)
		value &= 0x7fu >> length;
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (bytes[i] & 0x3f);
	}
	return value >= least[length] && is_character(value) ? value : 0;
}

/* What follows "U+"; 0: not a character. */
static uint32_t decode_number(const char *digits, size_t length)
{
	uint32_t value = 0;

	if (length < 2 || length > 6)
		return 0;
	for (size_t i = 0; i < length; i++) {
		char digit = digits[i];

		if (digit >= '0' && digit <= '9')
			value = value << 4 | (uint32_t)(digit - '0');
		else if (digit >= 'A' && digit <= 'F')
			value = value << 4 | (uint32_t)(digit - 'A' + 10);
		else
			return 0;
	}
	return is_character(value) ? value : 0;
}

static bool decode_character(const struct word *word, uint32_t *character)
{
	if (word->length > 2 && !memcmp(word->text, "U+", 2))
		*character = decode_number(word->text + 2, word->length - 2);
	else
		*character = decode_utf8(word);
	return *character != 0;
}

static bool decode_dead(const struct word *word, uint32_t *dead)
{
	if (word->length <= 5 || memcmp(word->text, "dead:", 5) != 0)
		return false;
	*dead = keymap_dead_named(word->text + 5, word->length - 5);
	return *dead != 0;
}

static int parse_name(struct keymap *keymap, const struct line *line)
{
	const struct word *word = &line->words[1];

	if (line->count != 2 || word->length >= KEYMAP_NAME_MAX)
		return -EINVAL;
	for (size_t i = 0; i < word->length; i++) {
		char byte = word->text[i];

		if (!(byte >= 'a' && byte <= 'z') && !(byte >= '0' && byte <= '9') && byte != '-')
			return -EINVAL;
	}
	memset(keymap->name, 0, sizeof(keymap->name));
	memcpy(keymap->name, word->text, word->length);
	return 0;
}

static int parse_key(struct keymap *keymap, const struct line *line, bool letter)
{
	uint32_t levels[KEYMAP_LEVELS] = { 0 };
	unsigned key;

	if (line->count < 3)
		return -EINVAL;
	key = keymap_key_named(line->words[1].text, line->words[1].length);
	if (key == KEY_NONE)
		return -EINVAL;
	for (unsigned i = 2; i < line->count; i++) {
		const struct word *word = &line->words[i];
		uint32_t *level = &levels[i - 2];

		if (word_is(word, "none"))
			continue;
		if (decode_dead(word, level))
			*level |= KEYMAP_DEAD;
		else if (!decode_character(word, level))
			return -EINVAL;
	}
	memcpy(keymap->characters[key], levels, sizeof(levels));
	keymap->letter[key] = letter;
	return 0;
}

static bool is_before(const struct keymap_composition *one, const struct keymap_composition *other)
{
	return one->dead < other->dead || (one->dead == other->dead && one->base < other->base);
}

/* Puts it in its place; the last one of a pair counts. */
static int add_composition(struct keymap *keymap, const struct keymap_composition *added)
{
	struct keymap_composition *all = keymap->compositions;
	unsigned at = 0;

	while (at < keymap->composition_count && is_before(&all[at], added))
		at++;
	if (at < keymap->composition_count && !is_before(added, &all[at])) {
		all[at] = *added;
		return 0;
	}
	if (keymap->composition_count == KEYMAP_COMPOSITIONS)
		return -E2BIG;
	memmove(&all[at + 1], &all[at], (keymap->composition_count - at) * sizeof(*all));
	all[at] = *added;
	keymap->composition_count++;
	return 0;
}

static int parse_composition(struct keymap *keymap, const struct line *line)
{
	struct keymap_composition composition;

	if (line->count != 4 || !decode_dead(&line->words[1], &composition.dead) ||
	    !decode_character(&line->words[2], &composition.base) ||
	    !decode_character(&line->words[3], &composition.result))
		return -EINVAL;
	return add_composition(keymap, &composition);
}

static int parse_line(struct keymap *keymap, const struct line *line)
{
	const struct word *verb = &line->words[0];

	if (line->count == 0)
		return 0;
	if (word_is(verb, "key"))
		return parse_key(keymap, line, false);
	if (word_is(verb, "letter"))
		return parse_key(keymap, line, true);
	if (word_is(verb, "compose"))
		return parse_composition(keymap, line);
	return word_is(verb, "name") ? parse_name(keymap, line) : -EINVAL;
}

/* What is on all keyboards, until the layout says otherwise. */
static void set_common_keys(struct keymap *keymap)
{
	static const struct {
		uint8_t key;
		char character;
	} common[] = {
		{ KEY_SPACE, ' ' },     { KEY_PAD_0, '0' },        { KEY_PAD_1, '1' },
		{ KEY_PAD_2, '2' },     { KEY_PAD_3, '3' },        { KEY_PAD_4, '4' },
		{ KEY_PAD_5, '5' },     { KEY_PAD_6, '6' },        { KEY_PAD_7, '7' },
		{ KEY_PAD_8, '8' },     { KEY_PAD_9, '9' },        { KEY_PAD_DOT, '.' },
		{ KEY_PAD_SLASH, '/' }, { KEY_PAD_ASTERISK, '*' }, { KEY_PAD_MINUS, '-' },
		{ KEY_PAD_PLUS, '+' },
	};

	for (size_t i = 0; i < array_length(common); i++)
		keymap->characters[common[i].key][0] = (uint32_t)common[i].character;
}

static bool find_alt_gr(const struct keymap *keymap)
{
	for (unsigned key = 0; key < KEYMAP_KEYS; key++)
		if (keymap->characters[key][2] || keymap->characters[key][3])
			return true;
	return false;
}

int keymap_parse(struct keymap *keymap, const char *text, size_t length, unsigned *line_number)
{
	size_t at = 0;

	memset(keymap, 0, sizeof(*keymap));
	*line_number = 0;
	if (length > KEYMAP_TEXT_MAX)
		return -E2BIG;
	set_common_keys(keymap);
	while (at < length) {
		const char *end = memchr(text + at, '\n', length - at);
		size_t line_length = end ? (size_t)(end - text) - at : length - at;
		struct line line;
		int error = -EINVAL;

		++*line_number;
		if (split_line(text + at, line_length, &line))
			error = parse_line(keymap, &line);
		if (error)
			return error;
		at += line_length + 1;
	}
	keymap->has_alt_gr = find_alt_gr(keymap);
	/* Each has a name: else it could not be told which one is in use. */
	return keymap->name[0] ? 0 : -EINVAL;
}
