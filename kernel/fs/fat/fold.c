/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Upper case, for comparing names: Unicode's simple mapping of the scripts that have cases, as far as
 * both letters are one UTF-16 unit. */
#include "fat_priv.h"

/* Letters from `first` to `last`, every one or (step 2) every other, become others `by` away. */
struct fold_range {
	uint16_t first, last;
	uint8_t step;
	int16_t by;
};

static const struct fold_range ranges[] = {
	{ 0x0061, 0x007a, 1, -32 }, /* ASCII */
	{ 0x00b5, 0x00b5, 1, 743 }, /* the micro sign */
	{ 0x00e0, 0x00f6, 1, -32 }, /* Latin-1 */
	{ 0x00f8, 0x00fe, 1, -32 }, /* but the division sign */
	{ 0x00ff, 0x00ff, 1, 121 }, /* y with diaeresis */
	{ 0x0101, 0x012f, 2, -1 },  /* Latin Extended-A */
	{ 0x0133, 0x0137, 2, -1 },  { 0x013a, 0x0148, 2, -1 },  { 0x014b, 0x0177, 2, -1 },
	{ 0x017a, 0x017e, 2, -1 },  { 0x01ce, 0x01dc, 2, -1 }, /* Latin Extended-B */
	{ 0x01df, 0x01ef, 2, -1 },  { 0x01f9, 0x021f, 2, -1 },  { 0x0223, 0x0233, 2, -1 },
	{ 0x03ac, 0x03ac, 1, -38 }, /* Greek */
	{ 0x03ad, 0x03af, 1, -37 }, { 0x03b1, 0x03c1, 1, -32 }, { 0x03c2, 0x03c2, 1, -31 },
	{ 0x03c3, 0x03cb, 1, -32 }, { 0x03cc, 0x03cc, 1, -64 }, { 0x03cd, 0x03ce, 1, -63 },
	{ 0x0430, 0x044f, 1, -32 }, /* Cyrillic */
	{ 0x0450, 0x045f, 1, -80 }, { 0x0461, 0x0481, 2, -1 },  { 0x048b, 0x04bf, 2, -1 },
	{ 0x04c2, 0x04ce, 2, -1 },  { 0x04d1, 0x052f, 2, -1 },  { 0x0561, 0x0586, 1, -48 },
	{ 0x1e01, 0x1e95, 2, -1 },  { 0x1ea1, 0x1eff, 2, -1 }, /* Latin Extended Additional */
	{ 0x2170, 0x217f, 1, -16 },                            /* Roman numerals */
	{ 0x24d0, 0x24e9, 1, -26 },                            /* letters in circles */
	{ 0xff41, 0xff5a, 1, -32 },                            /* full-width ASCII */
};

uint16_t fat_fold(uint16_t unit)
{
	unsigned low = 0, high = array_length(ranges);
	const struct fold_range *range;

	if (unit < 0x80)
		return unit >= 'a' && unit <= 'z' ? (uint16_t)(unit - 32) : unit;
	while (high - low > 1) {
		unsigned middle = low + (high - low) / 2;

		if (ranges[middle].first <= unit)
			low = middle;
		else
			high = middle;
	}
	range = &ranges[low];
	if (unit < range->first || unit > range->last || (unit - range->first) % range->step)
		return unit;
	return (uint16_t)(unit + range->by);
}
