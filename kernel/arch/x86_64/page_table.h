/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Page-table entries (Intel SDM volume 3, 4.5). */
#pragma once

#include <base/types.h>

#define PTE_PRESENT       (1ull << 0)
#define PTE_WRITE         (1ull << 1)
#define PTE_USER          (1ull << 2)
#define PTE_WRITE_THROUGH (1ull << 3) /* with the PAT we program: write combining */
#define PTE_CACHE_DISABLE (1ull << 4)
#define PTE_ACCESSED      (1ull << 5)
#define PTE_DIRTY         (1ull << 6)
#define PTE_LARGE         (1ull << 7) /* in directories and pointer tables */
#define PTE_GLOBAL        (1ull << 8)
#define PTE_COUNTED       (1ull << 9)  /* ours: holds a reference to its frame */
#define PTE_SHARED        (1ull << 10) /* ours: fork shares it */
#define PTE_NO_EXECUTE    (1ull << 63)
#define PTE_ADDRESS       0x000ffffffffff000ull
