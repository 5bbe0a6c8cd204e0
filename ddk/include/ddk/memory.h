/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory for a driver's own data; devices cannot see it (dma.h is for that). */
#pragma once

#include <base/types.h>

/* Cleared memory, or NULL. Any context. */
void *ddk_allocate(size_t size);
/* A cleared array, or NULL, also where count * size overflows. */
void *ddk_allocate_array(size_t count, size_t size);
/* NULL is allowed. */
void ddk_free(void *memory);
