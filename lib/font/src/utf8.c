/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8 as the Unicode Standard's table 3-7 allows it. */
#include <font/utf8.h>

/* What may follow a first byte: how many bytes, and the bounds of the next one, which exclude
 * overlong forms, surrogates and what is above U+10FFFF. */
struct utf8_sequence {
	unsigned following;
	uint8_t least, most;
};

static struct utf8_sequence utf8_sequence(uint8_t first)
{
	if (first >= 0xc2 && first <= 0xdf)
		return (struct utf8_sequence){ 1, 0x80, 0xbf };
	if (first >= 0xe0 && first <= 0xef)
		return (struct utf8_sequence){ 2, first == 0xe0 ? 0xa0 : 0x80,
					       first == 0xed ? 0x9f : 0xbf };
	if (first >= 0xf0 && first <= 0xf4)
		return (struct utf8_sequence){ 3, first == 0xf0 ? 0x90 : 0x80,
					       first == 0xf4 ? 0x8f : 0xbf };
	return (struct utf8_sequence){ 0, 0, 0 };
}

size_t utf8_decode(const char *text, size_t length, uint32_t *code_point)
{
	uint8_t first = (uint8_t)text[0];
	struct utf8_sequence sequence = utf8_sequence(first);
	size_t used = 1;

	if (first < 0x80) {
		*code_point = first;
		return 1;
	}
	*code_point = first & (0x3fu >> sequence.following);
	while (used <= sequence.following) {
		uint8_t byte;

		if (used == length)
			break;
		byte = (uint8_t)text[used];
		if (byte < sequence.least || byte > sequence.most)
			break;
		*code_point = *code_point << 6 | (byte & 0x3f);
		sequence.least = 0x80;
		sequence.most = 0xbf;
		used++;
	}
	if (sequence.following == 0 || used <= sequence.following)
		*code_point = UTF8_REPLACEMENT;
	return used;
}

size_t utf8_encode(char bytes[UTF8_BYTES_MAX], uint32_t code_point)
{
	size_t count;

	if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point < 0xe000))
		code_point = UTF8_REPLACEMENT;
	if (code_point < 0x80) {
		bytes[0] = (char)code_point;
		return 1;
	}
	count = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
	for (size_t i = count - 1; i > 0; i--) {
		bytes[i] = (char)(0x80 | (code_point & 0x3f));
		code_point >>= 6;
	}
	bytes[0] = (char)((0xf00u >> count) | code_point);
	return count;
}
