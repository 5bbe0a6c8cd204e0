/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of AML as text: results, and arguments of the command line. */
#pragma once

#include <stdio.h>

#include <aml/aml.h>

/* The result of an evaluation, without newline: `Integer 0x2A`, `String "text"`, `Buffer 3: 01 02 03`,
 * `Package 2: [Integer 0x1, String "x"]`, `Reference \_SB`, `Uninitialized` ...; for NULL, `Nothing`. */
void value_print(FILE *stream, const struct aml_object *object);
const char *value_type_name(enum aml_type type);

/* Reads `42`, `0x2A`, `"text"`, `(01 02 03)` (a buffer), `[1 "x"]` (a package); whatever begins otherwise is a
 * string as it stands. Ends the program if it is none of them. */
struct aml_object *value_parse(struct aml *aml, const char *text);
