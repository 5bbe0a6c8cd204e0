/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ACPICA's acpiexec adds to the interpreter, so that tables written for it behave the same here. */
#pragma once

#include <aml/aml.h>

/* What becomes of an error: what the method \_ERR returns, if there is one: a code of ACPICA's, 0 to go on. */
int acpiexec_exception(struct aml *aml, int error);
/* What _OSI answers. */
bool acpiexec_knows_interface(const char *name);
