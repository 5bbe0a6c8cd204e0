/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The licence gate. */
#include "../licence.h"

#include <unit.h>

UNIT_TEST(licence, single)
{
	EXPECT(licence_allows_kernel("GPL-3.0-or-later"));
	EXPECT(licence_allows_kernel("MIT"));
	EXPECT(licence_allows_kernel(" BSD-2-Clause "));
	EXPECT(licence_allows_kernel("LGPL-2.1+"));
	EXPECT(!licence_allows_kernel("GPL-2.0-only"));
	EXPECT(!licence_allows_kernel("CDDL-1.0"));
	EXPECT(!licence_allows_kernel("LicenseRef-Proprietary"));
	EXPECT(!licence_allows_kernel("GPL-3.0-or-laterX"));
	EXPECT(!licence_allows_kernel("GPL"));
}

UNIT_TEST(licence, alternatives)
{
	EXPECT(licence_allows_kernel("GPL-2.0-only OR MIT"));
	EXPECT(licence_allows_kernel("LicenseRef-Vendor OR GPL-3.0-only"));
	EXPECT(!licence_allows_kernel("MIT AND GPL-2.0-only"));
	EXPECT(licence_allows_kernel("MIT AND BSD-3-Clause"));
	/* AND binds tighter. */
	EXPECT(licence_allows_kernel("CDDL-1.0 AND MIT OR ISC"));
	EXPECT(!licence_allows_kernel("CDDL-1.0 AND (MIT OR ISC)"));
	EXPECT(licence_allows_kernel("(CDDL-1.0 OR MIT) AND ISC"));
	EXPECT(licence_allows_kernel("GPL-3.0-or-later WITH GCC-exception-3.1"));
	EXPECT(licence_allows_kernel("((((MIT))))"));
}

UNIT_TEST(licence, malformed)
{
	static const char *const expressions[] = {
		"",
		" ",
		"OR",
		"MIT OR",
		"AND MIT",
		"MIT MIT",
		"(MIT",
		"MIT)",
		"()",
		"MIT WITH",
		"MIT,ISC",
		"MIT OR OR ISC",
		"MIT AND OR",
		"mit OR ISC)",
		"MIT\tOR ISC",
		"MIT or ISC",
		"(((((((((((((((((((((((((((((((((((((((((((((((((MIT",
	};

	for (size_t i = 0; i < array_length(expressions); i++)
		if (licence_allows_kernel(expressions[i]))
			unit_fail(__FILE__, __LINE__, "\"%s\" was accepted", expressions[i]);
}
