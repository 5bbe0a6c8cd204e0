/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which tables of functions this CPU can run. */
#include "ops.h"

#define TABLES_MAX 4

static unsigned tables_find(const struct blend_ops *tables[TABLES_MAX])
{
	unsigned count = 0;

	tables[count++] = &blend_scalar;
	return count;
}

const struct blend_ops *blend_nth(unsigned index)
{
	const struct blend_ops *tables[TABLES_MAX];

	return index < tables_find(tables) ? tables[index] : NULL;
}

const struct blend_ops *blend_best(void)
{
	static const struct blend_ops *_Atomic best;
	const struct blend_ops *tables[TABLES_MAX];
	const struct blend_ops *found = best;

	if (!found) {
		found = tables[tables_find(tables) - 1];
		best = found;
	}
	return found;
}
