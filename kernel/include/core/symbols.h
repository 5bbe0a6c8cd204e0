/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of the kernel's own functions, for backtraces.
 *
 * The table is made from the linked kernel by build/symbols.sh and is part of the image. It is
 * only read, so it works in any context, panics included.
 */
#pragma once

#include <base/types.h>

/* Finds the function that holds `address`: its name (static storage) and how far into it the
 * address lies. Returns false, and leaves both alone, for what is not kernel code. */
bool symbol_lookup(uintptr_t address, const char **name, size_t *offset);

/* Code that is not the image's: who loads it tells its names. `find` (set once) writes the name of the function that
 * holds the address, terminated; false: it is no such code. Any context, it does not wait. */
void symbol_set_finder(bool (*find)(uintptr_t address, char *name, size_t size, size_t *offset));
/* The name of any code, copied. */
bool symbol_name(uintptr_t address, char *name, size_t size, size_t *offset);
