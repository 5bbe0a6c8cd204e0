/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table for AVX2: compiled with the flags that rules.mk names. */
#include "vector_rows.h"

const struct blend_ops blend_avx2 = { .name = "avx2", VECTOR_ROWS };
