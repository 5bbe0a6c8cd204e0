/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The licence gate. */
#include <base/string.h>
#include <drv/licence.h>

#include <unit.h>

static char reason[LICENCE_REASON_MAX];

static bool allows(const char *expression)
{
	return licence_allows_kernel(expression, reason);
}

static void expect_all(const char *const *expressions, size_t count, bool allowed)
{
	for (size_t i = 0; i < count; i++)
		if (allows(expressions[i]) != allowed)
			unit_fail(__FILE__, __LINE__, "\"%s\": %s", expressions[i], reason);
}

UNIT_TEST(licence, compatible)
{
	static const char *const expressions[] = {
		"GPL-3.0-or-later",   "GPL-3.0-only", "GPL-2.0-or-later",
		"LGPL-2.1-only",      "MIT",          " BSD-2-Clause ",
		"AGPL-3.0-only",      "Apache-2.0",   "MPL-2.0",
		"BSD-3-Clause-Clear", "0BSD",         "mit",
		"gpl-3.0-ONLY",
	};

	expect_all(expressions, array_length(expressions), true);
}

UNIT_TEST(licence, deprecated)
{
	static const char *const good[] = {
		"GPL-3.0",
		"GPL-3.0+",
		"GPL-2.0+",
		"GPL-1.0+",
		"LGPL-2.1",
		"LGPL-2.1+",
		"LGPL-2.0+",
		"AGPL-3.0",
		"GPL-3.0-with-GCC-exception",
		"StandardML-NJ",
		"BSD-2-Clause-FreeBSD",
	};
	static const char *const bad[] = {
		"GPL-2.0",
		"GPL-1.0",
		"GPL-2.0-with-GCC-exception",
		"GPL-2.0-with-classpath-exception",
	};

	expect_all(good, array_length(good), true);
	expect_all(bad, array_length(bad), false);
}

UNIT_TEST(licence, proprietary)
{
	static const char *const expressions[] = {
		"GPL-2.0-only",
		"CDDL-1.0",
		"EPL-2.0",
		"MPL-2.0-no-copyleft-exception",
		"BSD-4-Clause",
		"OpenSSL",
		"SSPL-1.0",
		"BUSL-1.1",
		"LicenseRef-proprietary",
		"LicenseRef-GPL-3.0-or-later",
		"DocumentRef-vendor:LicenseRef-terms",
		"NONE",
		"NOASSERTION",
		"GPL",
		"GPL-3.0-or-laterX",
		"xGPL-3.0-or-later",
		"GPL-3.0-or-late",
	};

	expect_all(expressions, array_length(expressions), false);
}

UNIT_TEST(licence, later_versions)
{
	static const char *const good[] = { "Apache-2.0+", "MIT+", "MPL-2.0+ OR CDDL-1.0" };
	static const char *const bad[] = {
		"GPL-2.0-only+",
		"GPL-3.0-or-later+",
		"CDDL-1.0+",
		"LicenseRef-x+",
		"MIT++",
		"MIT +",
		"+",
	};

	expect_all(good, array_length(good), true);
	expect_all(bad, array_length(bad), false);
}

UNIT_TEST(licence, alternatives)
{
	static const char *const good[] = {
		"GPL-2.0-only OR MIT",
		"LicenseRef-Vendor OR GPL-3.0-only",
		"MIT AND BSD-3-Clause",
		/* AND binds tighter. */
		"CDDL-1.0 AND MIT OR ISC",
		"ISC OR CDDL-1.0 AND MIT",
		"(CDDL-1.0 OR MIT) AND ISC",
		"((((MIT))))",
		"(MIT)AND(ISC)",
		"(LicenseRef-a OR (LicenseRef-b OR MIT)) AND (ISC OR LicenseRef-c)",
	};
	static const char *const bad[] = {
		"MIT AND GPL-2.0-only",         "CDDL-1.0 AND (MIT OR ISC)",
		"MIT AND ISC AND LicenseRef-a", "(MIT OR ISC) AND (LicenseRef-a OR LicenseRef-b)",
		"LicenseRef-a OR LicenseRef-b",
	};

	expect_all(good, array_length(good), true);
	expect_all(bad, array_length(bad), false);
}

UNIT_TEST(licence, exceptions)
{
	static const char *const good[] = {
		"GPL-3.0-or-later WITH GCC-exception-3.1",
		"GPL-2.0+ WITH Linux-syscall-note",
		"Apache-2.0 WITH LLVM-exception AND MIT",
	};
	static const char *const bad[] = {
		"GPL-2.0-only WITH Linux-syscall-note",
		/* What is unknown may take permissions away. */
		"Apache-2.0 WITH Commons-Clause",
		"MIT WITH AdditionRef-no-use",
		"MIT WITH MIT",
		"LicenseRef-x WITH LLVM-exception",
	};

	expect_all(good, array_length(good), true);
	expect_all(bad, array_length(bad), false);
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
		"MIT WITH OR ISC",
		"WITH MIT",
		"MIT,ISC",
		"MIT OR OR ISC",
		"MIT AND OR",
		"mit OR ISC)",
		"MIT\tOR ISC",
		"MIT\nOR ISC",
		"MIT or ISC",
		"MIT / ISC",
		"MIT OR (ISC",
		"MIT OR \xff",
		"(((((((((((((((((((((((((((((((((((((((((((((((((MIT",
		"(((((((((((((((((((((MIT)))))))))))))))))))))",
	};

	expect_all(expressions, array_length(expressions), false);
	EXPECT(!allows(NULL));
}

UNIT_TEST(licence, reasons)
{
	EXPECT(allows("CDDL-1.0 OR MIT"));
	EXPECT_STRING(reason, "MIT is compatible with GPL-3.0");
	EXPECT(!allows("MIT AND CDDL-1.0"));
	EXPECT_STRING(reason, "CDDL-1.0 is not known to be compatible with GPL-3.0");
	EXPECT(!allows("MIT WITH Commons-Clause"));
	EXPECT_STRING(reason, "Commons-Clause is not known to be compatible with GPL-3.0");
	EXPECT(!allows(NULL));
	EXPECT_STRING(reason, "it says no licence, so it is proprietary");
	EXPECT(!allows("MIT ISC"));
	EXPECT_STRING(reason,
		      "its licence is no SPDX expression (at byte 4), so it is proprietary");
	EXPECT(!allows("LicenseRef-a-name-that-is-so-long-that-it-would-not-fit-into-any-line-of-"
		       "the-log-that-anybody-would-care-to-read"));
	EXPECT(strlen(reason) < LICENCE_REASON_MAX);
}
