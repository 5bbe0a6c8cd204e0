/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which table of functions is used. */
#include "ops.h"

const struct blend_ops *blend_nth(unsigned index)
{
	const struct blend_ops *tables[BLEND_TABLES_MAX];

	return index < blend_find_tables(tables) ? tables[index] : NULL;
}

const struct blend_ops *blend_best(void)
{
	static const struct blend_ops *_Atomic best;
	const struct blend_ops *tables[BLEND_TABLES_MAX];
	const struct blend_ops *found = best;

	if (!found) {
		found = tables[blend_find_tables(tables) - 1];
		best = found;
	}
	return found;
}
