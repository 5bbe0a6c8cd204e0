/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading packages that firmware returned: whatever is in them. */
#pragma once

#include <aml/aml.h>

#define PACKAGE_UNKNOWN UINT32_MAX

/* Element `index` as an amount: PACKAGE_UNKNOWN where there is none, or it is beyond what ACPI allows. */
uint32_t package_amount(const struct aml_object *package, unsigned index);
/* As a line of printable ASCII, cut to `size` - 1 bytes; "" where there is none. Numbers become decimal. */
void package_text(const struct aml_object *package, unsigned index, char *text, size_t size);
/* True if it is a package of at least `count` elements. NULL is none. */
bool package_has(const struct aml_object *package, unsigned count);
