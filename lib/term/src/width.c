/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How wide characters are, after the Unicode data: combining marks and formatting characters
 * take no column, those of East Asian width W or F and most emoji take two.
 */
#include "term_priv.h"

struct range {
	uint32_t first;
	uint32_t last;
};

/* Both ascending. */
static const struct range zero_width[] = {
	{ 0x00ad, 0x00ad }, { 0x0300, 0x036f },   { 0x0483, 0x0489 },   { 0x0591, 0x05bd },
	{ 0x0610, 0x061a }, { 0x064b, 0x065f },   { 0x06d6, 0x06dc },   { 0x06df, 0x06e4 },
	{ 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e },   { 0x1ab0, 0x1aff },   { 0x1dc0, 0x1dff },
	{ 0x200b, 0x200f }, { 0x202a, 0x202e },   { 0x2060, 0x2064 },   { 0x20d0, 0x20f0 },
	{ 0x302a, 0x302d }, { 0x3099, 0x309a },   { 0xfe00, 0xfe0f },   { 0xfe20, 0xfe2f },
	{ 0xfeff, 0xfeff }, { 0xe0001, 0xe007f }, { 0xe0100, 0xe01ef },
};

static const struct range double_width[] = {
	{ 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x2329, 0x232a },   { 0x23e9, 0x23ec },
	{ 0x2614, 0x2615 },   { 0x2e80, 0x303e },   { 0x3041, 0x33ff },   { 0x3400, 0x4dbf },
	{ 0x4e00, 0xa4cf },   { 0xa960, 0xa97c },   { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },
	{ 0xfe10, 0xfe19 },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },
	{ 0x1b000, 0x1b2ff }, { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff },
	{ 0x20000, 0x2fffd }, { 0x30000, 0x3fffd },
};

static bool range_find(const struct range *ranges, size_t count, uint32_t code_point)
{
	size_t low = 0;
	size_t high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (code_point > ranges[middle].last)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && code_point >= ranges[low].first;
}

unsigned term_width(uint32_t code_point)
{
	if (code_point < 0xad)
		return 1;
	if (range_find(zero_width, array_length(zero_width), code_point))
		return 0;
	return range_find(double_width, array_length(double_width), code_point) ? 2 : 1;
}
