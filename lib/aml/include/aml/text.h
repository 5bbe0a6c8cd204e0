/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values as text, the same wherever they are shown or typed. docs/aml.md has the notation.
 */
#pragma once

#include <aml/aml.h>

struct format_sink;

/* Packages in packages: deeper ones are shown as "...", and not read. */
#define AML_TEXT_DEPTH 64

/* `Integer 0x2A`, `String "text"`, `Buffer 3: 01 02 03`, `Package 2: [Integer 0x1, String "x"]`,
 * `Reference \_SB_`, `Uninitialized` ...; for NULL, `Nothing`. No newline. */
void aml_print(struct format_sink *sink, const struct aml_object *object);
const char *aml_type_name(enum aml_type type);

/* True if a value begins so: a digit, or a quote or bracket that opens. */
bool aml_is_value(char first);
/* Reads `42`, `0x2A`, `"text"`, `(01 02 03)` (a buffer) or `[1 "x"]` (a package) at *text, which is moved
 * behind it; a reference in *made. -AML_E_BAD_CHARACTER, -AML_E_LIMIT (too deep), -AML_E_NO_MEMORY; *why
 * says what it is. */
int must_check aml_parse(struct aml *aml, const char **text, struct aml_object **made,
			 const char **why);
