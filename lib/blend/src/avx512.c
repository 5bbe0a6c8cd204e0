/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table for AVX-512: compiled with the flags that rules.mk names. */
#include "vector_rows.h"

const struct blend_ops blend_avx512 = { .name = "avx512", VECTOR_ROWS };
