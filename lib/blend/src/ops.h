/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of functions, one for each instruction set. */
#pragma once

#include <blend/blend.h>

extern const struct blend_ops blend_scalar;

#if defined(__x86_64__)
extern const struct blend_ops blend_sse2, blend_avx2, blend_avx512;
#endif
