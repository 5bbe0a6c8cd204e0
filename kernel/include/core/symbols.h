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
