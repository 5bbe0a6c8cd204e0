/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The licence gate: which drivers may run in the kernel, which is under GPL-3.0-or-later.
 *
 * The licence of a driver is an SPDX expression (SPDX 2.3, annex D): identifiers, with an optional "+" (or any later
 * version) and an optional "WITH" exception, LicenseRef-, joined by AND and OR, with parentheses; AND binds
 * tighter. Identifiers are compared without regard to case, AND, OR and WITH are upper case.
 *
 * What the tables (licence_table.c) do not name is proprietary: unknown identifiers, unknown exceptions,
 * LicenseRef-anything, NONE and NOASSERTION, and what is no expression at all.
 */
#pragma once

#include <base/types.h>

#define LICENCE_REASON_MAX 96

/* True if the expression (NULL: the driver says none) is well formed and one of its alternatives, all of it, is
 * compatible with GPL-3.0. Why it is or is not goes to `reason`, of LICENCE_REASON_MAX bytes, terminated. */
bool licence_allows_kernel(const char *expression, char *reason);
