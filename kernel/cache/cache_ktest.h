/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the self tests of the page cache share: a file whose clusters lie about on a RAM disk. */
#pragma once

#include <core/ktest.h>

#include "cache_priv.h"

#define TEST_CLUSTER 1024u /* bytes: a page lies in pieces */

struct cache_test {
	struct block_device *device;
	struct cache_backing *backing;
	struct page_cache *cache;
	struct node *node;
	struct file *file;
	struct credentials *credentials;
	uint64_t clusters;
	/* What the provider is told to do. */
	_Atomic int read_error, write_error; /* instead of what was asked */
	_Atomic unsigned prepared;           /* calls of prepare_write */
	_Atomic unsigned reads, writes;      /* runs */
	_Atomic bool released;
	uint64_t room; /* bytes for which prepare_write finds room */
};

/* An empty file that can have up to `capacity` bytes, open with the flags. False: failed. */
bool cache_test_begin(struct cache_test *test, uint64_t capacity, unsigned file_flags);
void cache_test_end(struct cache_test *test);
/* Kernel memory at a place; bytes or an error. */
ssize_t cache_test_write(struct cache_test *test, uint64_t offset, const void *from, size_t length);
ssize_t cache_test_read(struct cache_test *test, uint64_t offset, void *to, size_t length);
/* Forgets all clean pages. */
void cache_test_forget(struct cache_test *test);
/* A byte of a pattern. */
static inline uint8_t cache_test_byte(uint64_t offset)
{
	return (uint8_t)(offset * 31 + (offset >> 8) * 7 + (offset >> 16) + 1);
}
