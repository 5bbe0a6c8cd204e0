/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file for the self tests of the page cache. */
#include "cache_ktest.h"

#include <base/string.h>
#include <block/ram_disk.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <scheme/credentials.h>
#include <time/clock.h>

static struct cache_test *test_of(struct page_cache *cache)
{
	return cache->private;
}

static int test_find(struct page_cache *cache, uint64_t offset, struct cache_extent *extent)
{
	struct cache_test *test = test_of(cache);
	uint64_t cluster = offset / TEST_CLUSTER, in_cluster = offset % TEST_CLUSTER;

	extent->length = TEST_CLUSTER - in_cluster;
	if (cluster >= test->clusters) {
		extent->sector = CACHE_HOLE;
		return 0;
	}
	/* Eight in a row, and the rows in any order. */
	if (cluster / 8 < test->clusters / 8)
		cluster = (cluster / 8 * 7 + 3) % (test->clusters / 8) * 8 + cluster % 8;
	extent->sector = (cluster * TEST_CLUSTER + in_cluster) >> SECTOR_SHIFT;
	return 0;
}

static int test_read(struct page_cache *cache, struct cache_run *run)
{
	struct cache_test *test = test_of(cache);

	test->reads++;
	return test->read_error ? test->read_error : cache_read_extents(cache, run);
}

static int test_write(struct page_cache *cache, struct cache_run *run)
{
	struct cache_test *test = test_of(cache);

	test->writes++;
	return test->write_error ? test->write_error : cache_write_extents(cache, run);
}

static int test_prepare(struct page_cache *cache, uint64_t offset, uint64_t length)
{
	struct cache_test *test = test_of(cache);
	uint64_t size = cache_size(cache);
	struct frame *frame;

	test->prepared++;
	if (offset + length > test->room)
		return -ENOSPC;
	/* No holes: what lies between is zeros. */
	for (uint64_t at = align_up(size, PAGE_SIZE); at < align_down(offset, PAGE_SIZE);
	     at += PAGE_SIZE) {
		int error = page_cache_page_to_fill(cache, at >> PAGE_SHIFT, &frame);

		if (error)
			return error;
		error = page_cache_dirty(cache, at >> PAGE_SHIFT, frame, true);
		frame_put(frame);
		if (error)
			return error;
	}
	return 0;
}

static void test_release(struct page_cache *cache)
{
	struct cache_test *test = test_of(cache);

	kfree(cache);
	test->released = true;
}

static const struct page_cache_ops test_ops = {
	.read = test_read,
	.write = test_write,
	.find = test_find,
	.prepare_write = test_prepare,
	.release = test_release,
};

static const struct node_ops test_node_ops = {
	.read = cache_file_read,
	.write = cache_file_write,
};

bool cache_test_begin(struct cache_test *test, uint64_t capacity, unsigned file_flags)
{
	struct page_cache *cache = kmalloc(sizeof(*cache));

	memset(test, 0, sizeof(*test));
	test->clusters = capacity / TEST_CLUSTER;
	test->room = capacity;
	test->node = kzalloc(sizeof(*test->node));
	test->credentials = credentials_create(NULL);
	if (!cache || !test->node || !test->credentials ||
	    block_ram_disk_create("cachetest", align_up(capacity, PAGE_SIZE) >> SECTOR_SHIFT,
				  &test->device) ||
	    cache_backing_create("cachetest", &test->backing)) {
		ktest_fail(__FILE__, __LINE__, "a file to test with");
		return false;
	}
	page_cache_init(cache, &test_ops, test->backing, test->device, 0, test);
	test->cache = cache;
	node_init(test->node, &test_node_ops, NULL, 1, MODE_FILE | 0600);
	test->node->object = &cache->object;
	if (file_create(test->node, NULL, FILE_READ_WRITE | file_flags, test->credentials,
			&test->file)) {
		ktest_fail(__FILE__, __LINE__, "an open file");
		return false;
	}
	return true;
}

void cache_test_end(struct cache_test *test)
{
	uint64_t deadline = clock_deadline_after(10 * NS_PER_SECOND);

	file_put(test->file);
	node_put(test->node);
	/* Write-back that is under way holds it a little longer. */
	while (!test->released && clock_monotonic_ns() < deadline)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	ktest_expect(test->released);
	cache_backing_destroy(test->backing);
	credentials_put(test->credentials);
	block_ram_disk_destroy(test->device);
}

ssize_t cache_test_write(struct cache_test *test, uint64_t offset, const void *from, size_t length)
{
	struct io io;

	io_init_kernel(&io, from, length);
	return file_write(test->file, &io, &offset);
}

ssize_t cache_test_read(struct cache_test *test, uint64_t offset, void *to, size_t length)
{
	struct io io;

	io_init_kernel(&io, to, length);
	return file_read(test->file, &io, &offset);
}

void cache_test_forget(struct cache_test *test)
{
	page_cache_drop(test->cache, 0, UINT64_MAX, false);
}
