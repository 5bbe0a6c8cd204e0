/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open files, as the files of kernel/scheme share them. */
#pragma once

#include <scheme/file.h>

void file_init(void);

/* True for descriptions that were opened with FILE_PATH: names, not contents. */
static inline bool file_is_path(const struct file *file)
{
	return file->flags & FILE_PATH;
}

/* The position's lock is held across the provider's operation only where the node has an
 * object, thus real contents, whose readers expect that no two of them get the same bytes. The
 * providers of generated files take locks of lower rank; there the last one to finish decides on
 * the position. */
void file_lock_position(struct file *file);
void file_unlock_position(struct file *file);

static inline uint64_t file_position(const struct file *file)
{
	return __atomic_load_n(&file->position, __ATOMIC_RELAXED);
}

static inline void file_set_position(struct file *file, uint64_t position)
{
	__atomic_store_n(&file->position, position, __ATOMIC_RELAXED);
}
