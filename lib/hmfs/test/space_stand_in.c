/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The least of space and checksums that maps stand on, where the real ones are not linked. */
#include "../src/space.h"
#include <base/errno.h>
#include <hash/xxh3.h>
#include <hmfs/volume.h>
#include <stdlib.h>
#include <string.h>
#define WEAK __attribute__((weak))
struct hmfs_space {
	uint8_t *used;
	uint64_t blocks, free;
};
WEAK int hmfs_space_create(struct hmfs_context *c, struct hmfs_map *m, uint64_t blocks, uint64_t f,
			   struct hmfs_space **space)
{
	(void)c;
	(void)m;
	(void)f;
	*space = calloc(1, sizeof(**space));
	(*space)->used = calloc(1, blocks);
	(*space)->blocks = blocks;
	(*space)->free = blocks - 16;
	memset((*space)->used, 1, 16);
	return 0;
}
WEAK void hmfs_space_destroy(struct hmfs_space *s)
{
	free(s->used);
	free(s);
}
WEAK int hmfs_space_allocate(struct hmfs_space *s, enum hmfs_use use, uint64_t hint, uint64_t least,
			     uint64_t wanted, uint64_t *address, uint64_t *got)
{
	(void)use;
	for (int pass = 0; pass < 2; pass++)
		for (uint64_t i = pass ? 1 : hint; i < s->blocks;) {
			uint64_t n = 0;
			while (n < wanted && i + n < s->blocks && !s->used[i + n])
				n++;
			if (n >= least) {
				memset(s->used + i, 1, n);
				s->free -= n;
				*address = i;
				*got = n;
				return 0;
			}
			i += n + 1;
		}
	return -ENOSPC;
}
WEAK void hmfs_space_undo(struct hmfs_space *s, uint64_t a, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		if (!s->used[a + i])
			abort();
		s->used[a + i] = 0;
	}
	s->free += n;
}
WEAK void hmfs_space_free(struct hmfs_space *s, uint64_t a, uint64_t n)
{
	hmfs_space_undo(s, a, n);
}
WEAK int hmfs_space_confirm(struct hmfs_space *s, uint64_t a, uint64_t n)
{
	(void)s;
	(void)a;
	(void)n;
	return 0;
}
WEAK uint64_t hmfs_space_free_blocks(const struct hmfs_space *s)
{
	return s->free;
}
WEAK uint64_t hmfs_space_available(const struct hmfs_space *s)
{
	return s->free;
}
WEAK size_t hmfs_sum_size(uint32_t hash)
{
	return hash == 3 ? 64 : hash == 2 ? 32 : 16;
}
WEAK void hmfs_sum(uint32_t hash, const void *bytes, size_t length, uint8_t sum[HMFS_SUM_MAX])
{
	memset(sum, 0, HMFS_SUM_MAX);
	xxh3_128(bytes, length, 0, sum);
	if (hash == 3)
		xxh3_128(bytes, length, 7, sum + 48);
}

WEAK int hmfs_space_claim(struct hmfs_space *s, uint64_t a, uint64_t n)
{
	memset(s->used + a, 1, n);
	return 0;
}
WEAK int hmfs_space_seal(struct hmfs_space *s)
{
	(void)s;
	return 0;
}
WEAK void hmfs_space_done(struct hmfs_space *s, bool failed)
{
	(void)s;
	(void)failed;
}
