/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of AML as text: results, and arguments of the command line. */
#pragma once

#include <stdio.h>

#include <aml/aml.h>

/* As aml/text.h has it; without newline. */
void value_print(FILE *stream, const struct aml_object *object);
/* What begins otherwise is a string as it stands. Ends the program if it is none of them. */
struct aml_object *value_parse(struct aml *aml, const char *text);
