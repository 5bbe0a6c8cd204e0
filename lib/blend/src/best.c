/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which table of functions is used. To ask the CPU takes long in virtual machines: it is done once. */
#include "ops.h"

static const struct blend_ops *_Atomic tables[BLEND_TABLES_MAX];
static _Atomic unsigned table_count; /* set last; whoever comes at the same time finds the same */

static unsigned tables_get(void)
{
	const struct blend_ops *found[BLEND_TABLES_MAX];
	unsigned count = table_count;

	if (!count) {
		count = blend_find_tables(found);
		for (unsigned i = 0; i < count; i++)
			tables[i] = found[i];
		table_count = count;
	}
	return count;
}

const struct blend_ops *blend_nth(unsigned index)
{
	return index < tables_get() ? tables[index] : NULL;
}

const struct blend_ops *blend_best(void)
{
	return tables[tables_get() - 1];
}
