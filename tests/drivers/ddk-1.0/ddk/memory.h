/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory for a driver's own data; devices cannot see it (dma.h is for that). */
#pragma once

#include <base/types.h>

/* The driver itself; defined by who loads it, which counts and at the end frees what it has. */
struct ddk_module;
extern struct ddk_module ddk_module;

/* Cleared memory, or NULL. Any context. */
static inline void *ddk_allocate(size_t size);
/* A cleared array, or NULL, also where count * size overflows. */
static inline void *ddk_allocate_array(size_t count, size_t size);
/* NULL is allowed. Any context. */
void ddk_free(void *memory);

/* What the first two are. */
void *ddk_module_allocate(struct ddk_module *module, size_t count, size_t size);
static inline void *ddk_allocate(size_t size)
{
	return ddk_module_allocate(&ddk_module, 1, size);
}
static inline void *ddk_allocate_array(size_t count, size_t size)
{
	return ddk_module_allocate(&ddk_module, count, size);
}
