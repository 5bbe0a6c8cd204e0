/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * O_DIRECT: past the cache.
 */
#include "cache_priv.h"

ssize_t cache_direct_read(struct file *file, struct io *io, uint64_t offset)
{
	(void)file;
	(void)io;
	(void)offset;
	return -EINVAL;
}

ssize_t cache_direct_write(struct file *file, struct io *io, uint64_t offset, size_t length)
{
	(void)file;
	(void)io;
	(void)offset;
	(void)length;
	return -EINVAL;
}
