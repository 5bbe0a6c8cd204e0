/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the licence gate knows. */
#pragma once

#include <base/types.h>

/* True if the identifier of `length` bytes at `word` names a licence under which code may be combined with code
 * under GPL-3.0; with `later`, "or any later version" of it (a "+" followed). */
bool licence_table_has(const char *word, size_t length, bool later);
/* True if it names an exception, which only adds permissions to those of a licence. */
bool licence_table_has_exception(const char *word, size_t length);
