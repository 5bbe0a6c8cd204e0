/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of functions, one for each instruction set. */
#pragma once

#include <blend/blend.h>

#define BLEND_TABLES_MAX 4

extern const struct blend_ops blend_scalar;
/* Each exists where the architecture has it. */
extern const struct blend_ops blend_sse2, blend_avx2, blend_avx512;

/* Those that this CPU can run, the slowest first; returns how many. Each architecture has its own. */
unsigned blend_find_tables(const struct blend_ops *tables[BLEND_TABLES_MAX]);
