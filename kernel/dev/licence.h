/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The licence gate: which drivers may run in the kernel, which is under GPL-3.0-or-later.
 *
 * The licence of a driver is an SPDX expression (SPDX 2.3, annex D): identifiers with an
 * optional "+" or "WITH" exception, joined by AND and OR, with parentheses; AND binds tighter.
 */
#pragma once

#include <base/types.h>

/* True if the expression is well formed and one of its alternatives, all of it, is compatible
 * with GPL-3.0. */
bool licence_allows_kernel(const char *expression);
