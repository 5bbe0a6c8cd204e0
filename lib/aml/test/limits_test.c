/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a term costs grows with what it moves, and what was used up is there again for the next evaluation. */
#include "fixture.h"

#include <string.h>
#include <unit.h>

UNIT_TEST(aml_limits, copies_cost)
{
	/* Name (BIG, Buffer (0x80000) {})   Method (M) { While (One) { Local0 = BIG } } */
	static const uint8_t code[] = {
		0x08, 'B', 'I', 'G', '_',  0x11, 0x06, 0x0c, 0x00, 0x00, 0x08, 0x00, 0x14, 0x0f,
		'M',  '_', '_', '_', 0x00, 0xa2, 0x08, 0x01, 0x70, 'B',  'I',  'G',  '_',  0x60,
	};
	static uint8_t table[36 + sizeof(code)] = "SSDT";
	struct aml_object *made;
	uint8_t sum = 0;

	fixture_start(64);
	table[4] = sizeof(table);
	table[8] = 2;
	memcpy(table + 36, code, sizeof(code));
	for (size_t at = 0; at < sizeof(table); at++)
		sum += table[at];
	table[9] = (uint8_t)-sum;
	EXPECT_EQUAL(-aml_load(aml, table, sizeof(table)), 0);
	EXPECT_ERROR(aml_evaluate(aml, aml_find(aml, NULL, "\\M"), NULL, 0, &made), LIMIT);
	EXPECT_EQUAL(-aml_evaluate(aml, aml_find(aml, NULL, "\\BIG"), NULL, 0, &made), 0);
	EXPECT_EQUAL(fixture_keep(made)->data.length, 0x80000);
	fixture_end();
}
