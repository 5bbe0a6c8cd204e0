/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Declares the functions of base/string.h and base/format.h that have the C library's names
 * with the names that they have on the host, base_*. The C library's <stdio.h> and
 * <string.h> must be included before, so that both are at hand.
 */
#pragma once

#define memcpy    base_memcpy
#define memmove   base_memmove
#define memset    base_memset
#define memcmp    base_memcmp
#define memchr    base_memchr
#define strlen    base_strlen
#define strnlen   base_strnlen
#define strcmp    base_strcmp
#define strncmp   base_strncmp
#define strchr    base_strchr
#define strrchr   base_strrchr
#define snprintf  base_snprintf
#define vsnprintf base_vsnprintf

#include <base/format.h>
#include <base/string.h>

#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strrchr
#undef snprintf
#undef vsnprintf
