/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which characters the atlases have, as far as the fonts do. */
#include "font.h"

const struct subset_range subset_ranges[] = {
	{ 0x0020, 0x007e, true, false }, /* ASCII */
	{ 0x00a0, 0x017f, true, false }, /* Latin-1, Extended A */
	{ 0x0180, 0x0217, true, true },  /* Extended B */
	{ 0x0218, 0x021b, true, false }, /* Romanian */
	{ 0x021c, 0x024f, true, true },
	{ 0x0250, 0x02af, false, true }, /* phonetic letters */
	{ 0x02b0, 0x02ff, false, true }, /* modifiers */
	{ 0x0370, 0x0385, true, true },
	{ 0x0386, 0x03ce, true, false }, /* Greek */
	{ 0x03cf, 0x03ff, true, true },
	{ 0x0400, 0x045f, true, false }, /* Cyrillic */
	{ 0x0460, 0x048f, true, true },  /* of older times */
	{ 0x0490, 0x0491, true, false }, /* Ukrainian */
	{ 0x0492, 0x052f, true, true },  /* of more languages */
	{ 0x1e00, 0x1eff, true, true },  /* Latin additional: Vietnamese, Welsh */
	{ 0x2010, 0x2027, true, false }, /* punctuation */
	{ 0x202f, 0x205e, true, false },
	{ 0x2070, 0x209c, false, false }, /* above and below the line */
	{ 0x20a0, 0x20c0, false, false }, /* currencies */
	{ 0x2100, 0x218b, false, true },  /* like letters; fractions, Roman numbers */
	{ 0x2190, 0x21ff, false, false }, /* arrows */
	{ 0x2200, 0x22ff, false, true },  /* operators */
	{ 0x2300, 0x23ff, false, true },  /* technical */
	{ 0x2423, 0x2426, false, true },
	{ 0x2460, 0x2473, false, true },  /* numbers in circles */
	{ 0x2500, 0x257f, false, true },  /* lines of boxes */
	{ 0x2580, 0x259f, false, true },  /* blocks */
	{ 0x25a0, 0x25ff, false, false }, /* shapes */
	{ 0x2600, 0x26ff, false, true },  /* symbols */
	{ 0x2701, 0x27bf, false, true },  /* dingbats */
	{ 0x27c0, 0x27ff, false, true },  /* more operators, long arrows */
	{ 0x2800, 0x28ff, false, true },  /* Braille's dots: graphs of terminals */
	{ 0x2b05, 0x2b1c, false, true },
	{ 0xe0a0, 0xe0b3, false, true },  /* those of shells' prompts */
	{ 0xfb00, 0xfb06, false, true },  /* ligatures */
	{ 0xfffd, 0xfffd, false, false }, /* the replacement */
};
const size_t subset_range_count = sizeof(subset_ranges) / sizeof(subset_ranges[0]);
