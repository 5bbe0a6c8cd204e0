/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names: UTF-8 outside, UTF-16 in long names, code page 437 in short ones. */
#include <base/errno.h>
#include <base/string.h>

#include "fat_priv.h"

/* The upper half of code page 437. */
static const uint16_t code_page[128] = {
	0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7, /* 0x80 */
	0x00ea, 0x00eb, 0x00e8, 0x00ef, 0x00ee, 0x00ec, 0x00c4, 0x00c5, /* 0x88 */
	0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9, /* 0x90 */
	0x00ff, 0x00d6, 0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192, /* 0x98 */
	0x00e1, 0x00ed, 0x00f3, 0x00fa, 0x00f1, 0x00d1, 0x00aa, 0x00ba, /* 0xa0 */
	0x00bf, 0x2310, 0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb, /* 0xa8 */
	0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556, /* 0xb0 */
	0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510, /* 0xb8 */
	0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f, /* 0xc0 */
	0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256c, 0x2567, /* 0xc8 */
	0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256b, /* 0xd0 */
	0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580, /* 0xd8 */
	0x03b1, 0x00df, 0x0393, 0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4, /* 0xe0 */
	0x03a6, 0x0398, 0x03a9, 0x03b4, 0x221e, 0x03c6, 0x03b5, 0x2229, /* 0xe8 */
	0x2261, 0x00b1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00f7, 0x2248, /* 0xf0 */
	0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, 0x00a0, /* 0xf8 */
};

/* --- Text. --- */

/* Reads one character; *used bytes. False: that is no UTF-8. */
static bool decode(const char *text, size_t length, uint32_t *character, size_t *used)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *bytes = (const uint8_t *)text;

	if (bytes[0] < 0x80)
		*used = 1;
	else if (bytes[0] >= 0xc2 && bytes[0] < 0xe0)
		*used = 2;
	else if (bytes[0] >= 0xe0 && bytes[0] < 0xf0)
		*used = 3;
	else if (bytes[0] >= 0xf0 && bytes[0] < 0xf5)
		*used = 4;
	else
		return false;
	if (*used > length)
		return false;
	*character = *used == 1 ? bytes[0] : bytes[0] & (0x7fu >> *used);
	for (size_t i = 1; i < *used; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return false;
		*character = *character << 6 | (bytes[i] & 0x3f);
	}
	return *character >= smallest[*used] && *character <= 0x10ffff;
}

int fat_name_from_text(const char *text, size_t length, struct fat_name *name)
{
	name->length = 0;
	while (length > 0) {
		uint32_t character;
		size_t used;

		if (!decode(text, length, &character, &used))
			return -EINVAL;
		if (name->length + (character > 0xffff) >= FAT_NAME_UNITS)
			return -ENAMETOOLONG;
		if (character > 0xffff) {
			character -= 0x10000;
			name->units[name->length++] = (uint16_t)(0xd800 | character >> 10);
			character = 0xdc00 | (character & 0x3ff);
		}
		name->units[name->length++] = (uint16_t)character;
		text += used;
		length -= used;
	}
	return 0;
}

static size_t encode(uint32_t character, char *text)
{
	static const uint8_t marks[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;

	for (size_t i = length - 1; i > 0; i--) {
		text[i] = (char)(0x80 | (character & 0x3f));
		character >>= 6;
	}
	text[0] = (char)(marks[length] | character);
	return length;
}

/* The character at *at, which is moved past it. */
static uint32_t next_character(const struct fat_name *name, unsigned *at)
{
	uint32_t unit = name->units[(*at)++], second;

	if (unit < 0xd800 || unit > 0xdbff || *at == name->length)
		return unit;
	second = name->units[*at];
	if (second < 0xdc00 || second > 0xdfff)
		return unit;
	(*at)++;
	return 0x10000 + ((unit & 0x3ff) << 10 | (second & 0x3ff));
}

size_t fat_name_to_text(const struct fat_name *name, char *text, size_t size)
{
	size_t length = 0;
	unsigned at = 0;

	while (at < name->length) {
		uint32_t character = next_character(name, &at);
		char bytes[4];
		size_t count = encode(character, bytes);

		if (character == 0 || character == '/' || length + count > size)
			return 0;
		memcpy(text + length, bytes, count);
		length += count;
	}
	if (length <= 2 && memcmp(text, "..", length) == 0)
		return 0;
	return length;
}

int fat_name_check(const struct fat_name *name)
{
	uint16_t last;

	if (name->length == 0)
		return -EINVAL;
	for (unsigned i = 0; i < name->length; i++) {
		uint16_t unit = name->units[i];

		if (unit < 0x20 || (unit < 0x80 && strchr("\"*/:<>?\\|", unit)))
			return -EINVAL;
	}
	/* Others would not find it again. */
	last = name->units[name->length - 1];
	return last == '.' || last == ' ' ? -EINVAL : 0;
}

bool fat_names_equal(const struct fat_name *a, const struct fat_name *b)
{
	if (a->length != b->length)
		return false;
	for (unsigned i = 0; i < a->length; i++)
		if (a->units[i] != b->units[i] && fat_fold(a->units[i]) != fat_fold(b->units[i]))
			return false;
	return true;
}

/* --- Short names. --- */

static void add_short_part(struct fat_name *name, const uint8_t *bytes, unsigned length, bool lower)
{
	while (length > 0 && bytes[length - 1] == ' ')
		length--;
	for (unsigned i = 0; i < length; i++) {
		uint16_t unit = bytes[i] < 0x80 ? bytes[i] : code_page[bytes[i] - 0x80];

		if (lower && unit >= 'A' && unit <= 'Z')
			unit = (uint16_t)(unit + 32);
		name->units[name->length++] = unit;
	}
}

void fat_name_from_short(const struct fat_entry *entry, struct fat_name *name)
{
	uint8_t bytes[11];

	memcpy(bytes, entry->name, sizeof(bytes));
	if (bytes[0] == FAT_SLOT_IS_E5)
		bytes[0] = 0xe5;
	name->length = 0;
	add_short_part(name, bytes, 8, entry->lower_case & FAT_LOWER_BASE);
	name->units[name->length++] = '.';
	add_short_part(name, bytes + 8, 3, entry->lower_case & FAT_LOWER_EXTENSION);
	if (name->units[name->length - 1] == '.')
		name->length--;
}

uint8_t fat_short_checksum(const uint8_t name[11])
{
	uint8_t sum = 0;

	for (unsigned i = 0; i < 11; i++)
		sum = (uint8_t)((sum >> 1 | sum << 7) + name[i]);
	return sum;
}

/* One part of a short name under way. */
struct short_part {
	uint8_t *bytes;
	unsigned size, length;
	bool whole, upper, lower; /* nothing is lost; has letters of these kinds */
};

static bool allowed_in_short(uint16_t unit)
{
	return (unit >= '0' && unit <= '9') || (unit >= 'A' && unit <= 'Z') ||
	       (unit > 0x20 && unit < 0x7f && strchr("$%'-_@~`!(){}^#&", unit));
}

static void add_to_part(struct short_part *part, uint16_t unit)
{
	uint16_t upper = unit >= 'a' && unit <= 'z' ? (uint16_t)(unit - 32) : unit;

	if (unit == ' ' || unit == '.' || part->length == part->size) {
		part->whole = false;
		return;
	}
	part->lower |= upper != unit;
	part->upper |= unit >= 'A' && unit <= 'Z';
	if (!allowed_in_short(upper)) {
		part->whole = false;
		upper = '_';
	}
	part->bytes[part->length++] = (uint8_t)upper;
}

void fat_short_from_name(const struct fat_name *name, struct fat_short *result)
{
	struct short_part base = { .bytes = result->name, .size = 8, .whole = true };
	struct short_part extension = { .bytes = result->name + 8, .size = 3, .whole = true };
	unsigned first = 0, dot = name->length;

	memset(result, 0, sizeof(*result));
	memset(result->name, ' ', sizeof(result->name));
	while (first < name->length && (name->units[first] == '.' || name->units[first] == ' '))
		first++;
	for (unsigned i = first; i < name->length; i++)
		if (name->units[i] == '.')
			dot = i;
	for (unsigned i = first; i < dot; i++)
		add_to_part(&base, name->units[i]);
	for (unsigned i = dot + 1; i < name->length; i++)
		add_to_part(&extension, name->units[i]);
	if (base.length == 0)
		result->name[0] = '_';
	result->whole = base.whole && extension.whole && base.length && first == 0 &&
			dot + 1 != name->length;
	result->exact = result->whole && !(base.upper && base.lower) &&
			!(extension.upper && extension.lower);
	if (result->exact && base.lower)
		result->lower_case |= FAT_LOWER_BASE;
	if (result->exact && extension.lower)
		result->lower_case |= FAT_LOWER_EXTENSION;
}

#define TAILS_PLAIN  4u /* ~1 to ~4; then names are made of a hash, as others do */
#define ATTEMPTS_MAX 512u

/* Puts "~N" behind as much of the base as fits. */
static void set_tail(uint8_t alias[11], unsigned base_length, unsigned number)
{
	if (base_length > 6)
		base_length = 6;
	alias[base_length] = '~';
	alias[base_length + 1] = (uint8_t)('0' + number);
	memset(alias + base_length + 2, ' ', 8 - base_length - 2);
}

bool fat_short_alias(const struct fat_short *basis, const struct fat_name *name, unsigned attempt,
		     uint8_t alias[11])
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned number = attempt + !basis->whole, length = 8;
	uint32_t hash = number * 0x9e3779b1u;

	if (attempt >= ATTEMPTS_MAX)
		return false;
	memcpy(alias, basis->name, 11);
	if (number == 0)
		return true;
	while (length > 1 && alias[length - 1] == ' ')
		length--;
	if (number <= TAILS_PLAIN) {
		set_tail(alias, length, number);
		return true;
	}
	for (unsigned i = 0; i < name->length; i++)
		hash = (hash ^ name->units[i]) * 0x01000193u;
	hash ^= hash >> 16;
	length = length > 2 ? 2 : length;
	for (unsigned i = 0; i < 4; i++)
		alias[length + i] = (uint8_t)digits[hash >> (4 * i) & 15];
	set_tail(alias, length + 4, 1 + number % 9);
	return true;
}
