/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A machine that is not there, for the interpreter: its tables are files, its regions hold zeros until they
 * are written (memory.h), its time goes on faster where it would sleep.
 */
#pragma once

#include <aml/aml.h>

struct machine;

/* Reads the files; ends the program if one cannot be read. `limits` may be NULL. */
struct machine *machine_create(char *const *files, unsigned count, const struct aml_limits *limits);
/* False: the interpreter has lost memory. */
bool machine_destroy(struct machine *machine);

struct aml *machine_aml(struct machine *machine);
/* Loads the tables that hold byte code, in the order of the files; what is wrong with one is said, and the
 * next ones follow. The first error. */
int machine_load(struct machine *machine);
/* _REG of the spaces that acpiexec serves, and aml_initialize(). */
void machine_initialize(struct machine *machine);
