/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests of the page cache, on RAM disks. */
#include "cache_ktest.h"

#include <base/string.h>
#include <block/ram_disk.h>
#include <mm/phys/slab.h>

#define SIZE  (300u * 1024 + 700)
#define ROOM  (512u * 1024)
#define PIECE 3000u

/* Writes the pattern to [start, end) in pieces. */
static void write_pattern(struct cache_test *test, uint64_t start, uint64_t end)
{
	uint8_t bytes[PIECE];

	while (start < end) {
		size_t length = (size_t)min_u64(end - start, PIECE);

		for (size_t i = 0; i < length; i++)
			bytes[i] = cache_test_byte(start + i);
		if (cache_test_write(test, start, bytes, length) != (ssize_t)length) {
			ktest_fail(__FILE__, __LINE__, "what was to be written is");
			return;
		}
		start += length;
	}
}

static bool has_pattern(struct cache_test *test, uint64_t start, uint64_t end)
{
	uint8_t bytes[PIECE];

	while (start < end) {
		size_t length = (size_t)min_u64(end - start, PIECE);

		if (cache_test_read(test, start, bytes, length) != (ssize_t)length)
			return false;
		for (size_t i = 0; i < length; i++)
			if (bytes[i] != cache_test_byte(start + i))
				return false;
		start += length;
	}
	return true;
}

static bool has_zeros(struct cache_test *test, uint64_t start, uint64_t end)
{
	uint8_t byte;

	for (; start < end; start++) {
		if (cache_test_read(test, start, &byte, 1) != 1 || byte)
			return false;
	}
	return true;
}

KTEST(cache, what_is_written_is_read)
{
	struct cache_test test;
	uint8_t byte;

	if (!cache_test_begin(&test, ROOM, 0))
		return;
	write_pattern(&test, 0, SIZE);
	ktest_expect(test.node->size == SIZE);
	ktest_expect(has_pattern(&test, 0, SIZE));
	ktest_expect(test.reads == 0);
	ktest_expect(cache_test_read(&test, SIZE, &byte, 1) == 0);
	ktest_expect(cache_test_read(&test, SIZE - 1, &byte, 5) == 1);
	cache_test_end(&test);
}

KTEST(cache, what_is_synced_is_on_the_device)
{
	struct cache_test test;

	if (!cache_test_begin(&test, ROOM, 0))
		return;
	write_pattern(&test, 0, SIZE);
	ktest_expect(test.cache->dirty_pages == SIZE / PAGE_SIZE + 1);
	ktest_expect(cache_file_sync(test.file) == 0);
	ktest_expect(test.cache->dirty_pages == 0 && test.writes > 0);
	cache_test_forget(&test);
	ktest_expect(test.cache->object.page_count == 0);
	ktest_expect(has_pattern(&test, 0, SIZE));
	/* Read ahead: far fewer runs than pages. */
	ktest_expect(test.reads > 0 && test.reads < 20);
	cache_test_forget(&test);
	write_pattern(&test, 5000, 5010);
	ktest_expect(has_pattern(&test, 0, SIZE));
	cache_test_end(&test);
}

KTEST(cache, what_is_not_synced_is_not_dropped)
{
	struct cache_test test;

	if (!cache_test_begin(&test, ROOM, 0))
		return;
	write_pattern(&test, 0, SIZE);
	cache_test_forget(&test);
	ktest_expect(has_pattern(&test, 0, SIZE));
	page_cache_reclaim(1000);
	ktest_expect(has_pattern(&test, 0, SIZE));
	ktest_expect(test.reads == 0);
	cache_test_end(&test);
}

KTEST(cache, gaps_and_tails_are_zeros)
{
	struct cache_test test;

	if (!cache_test_begin(&test, ROOM, 0))
		return;
	write_pattern(&test, 0, SIZE);
	ktest_expect(cache_file_sync(test.file) == 0);
	/* The device keeps what the file had there. */
	ktest_expect(page_cache_resize(test.cache, 10000) == 0);
	test.node->size = 10000;
	cache_test_forget(&test);
	write_pattern(&test, 50000, 60000);
	ktest_expect(has_pattern(&test, 0, 10000) && has_pattern(&test, 50000, 60000));
	ktest_expect(has_zeros(&test, 10000, 50000));
	ktest_expect(cache_file_sync(test.file) == 0);
	cache_test_forget(&test);
	ktest_expect(has_pattern(&test, 0, 10000) && has_pattern(&test, 50000, 60000));
	ktest_expect(has_zeros(&test, 10000, 50000));
	cache_test_end(&test);
}

KTEST(cache, a_full_device_stops_the_write)
{
	struct cache_test test;
	char *bytes = kzalloc(ROOM);

	if (!bytes || !cache_test_begin(&test, ROOM, 0))
		return;
	test.room = 8 * PAGE_SIZE;
	ktest_expect(cache_test_write(&test, 8 * PAGE_SIZE, bytes, 1) == -ENOSPC);
	ktest_expect(cache_test_write(&test, 0, bytes, 8 * PAGE_SIZE) == 8 * PAGE_SIZE);
	ktest_expect(test.node->size == 8 * PAGE_SIZE);
	ktest_expect(cache_file_sync(test.file) == 0);
	cache_test_end(&test);
	kfree(bytes);
}

KTEST(cache, errors_of_write_back_are_told_once)
{
	struct cache_test test;
	struct file *other;

	if (!cache_test_begin(&test, ROOM, 0))
		return;
	ktest_expect(file_create(test.node, NULL, FILE_READ_ONLY, test.credentials, &other) == 0);
	write_pattern(&test, 0, 20000);
	test.write_error = -EIO;
	ktest_expect(page_cache_sync(test.cache, 0, UINT64_MAX) == -EIO);
	ktest_expect(page_cache_sync(test.cache, 0, UINT64_MAX) == 0);
	ktest_expect(cache_file_sync(test.file) == -EIO);
	ktest_expect(cache_file_sync(test.file) == 0);
	ktest_expect(cache_file_sync(other) == -EIO);
	ktest_expect(cache_file_sync(other) == 0);
	test.write_error = 0;
	file_put(other);
	cache_test_end(&test);
}

KTEST(cache, errors_of_write_back_are_told_to_msync)
{
	struct cache_test test;
	struct vm_object *object;

	if (!cache_test_begin(&test, ROOM, 0))
		return;
	object = &test.cache->object;
	write_pattern(&test, 0, 20000);
	test.write_error = -EIO;
	ktest_expect(page_cache_sync(test.cache, 0, UINT64_MAX) == -EIO);
	/* Nobody had written through a mapping. */
	ktest_expect(cache_sync_object(object, 0, PAGE_SIZE, true) == 0);
	ktest_expect(object->ops->prepare(object, 0, true) == 0);
	ktest_expect(page_cache_sync(test.cache, 0, UINT64_MAX) == -EIO);
	ktest_expect(cache_sync_object(object, 0, PAGE_SIZE, true) == -EIO);
	ktest_expect(cache_sync_object(object, 0, PAGE_SIZE, true) == 0);
	test.write_error = 0;
	cache_test_end(&test);
}

KTEST(cache, errors_of_reads_are_not_kept)
{
	struct cache_test test;
	uint8_t byte;

	if (!cache_test_begin(&test, ROOM, 0))
		return;
	write_pattern(&test, 0, SIZE);
	ktest_expect(cache_file_sync(test.file) == 0);
	cache_test_forget(&test);
	test.read_error = -EIO;
	ktest_expect(cache_test_read(&test, 0, &byte, 1) == -EIO);
	ktest_expect(cache_test_read(&test, 100000, &byte, 1) == -EIO);
	ktest_expect(cache_test_write(&test, 1, &byte, 1) == -EIO);
	test.read_error = 0;
	ktest_expect(has_pattern(&test, 0, SIZE));
	cache_test_end(&test);
}

KTEST(cache, what_cannot_be_read_can_be_written_anew)
{
	static uint8_t bytes[PAGE_SIZE];
	struct cache_test test;
	uint8_t byte = 0;

	if (!cache_test_begin(&test, ROOM, 0))
		return;
	write_pattern(&test, 0, SIZE);
	ktest_expect(cache_file_sync(test.file) == 0);
	cache_test_forget(&test);
	test.read_error = -EIO;
	ktest_expect(cache_test_read(&test, 8 * PAGE_SIZE, &byte, 1) == -EIO);
	for (size_t i = 0; i < PAGE_SIZE; i++)
		bytes[i] = cache_test_byte(8 * PAGE_SIZE + i);
	ktest_expect(cache_test_write(&test, 8 * PAGE_SIZE, bytes, PAGE_SIZE) == PAGE_SIZE);
	ktest_expect(has_pattern(&test, 8 * PAGE_SIZE, 9 * PAGE_SIZE));
	ktest_expect(cache_test_read(&test, 9 * PAGE_SIZE, &byte, 1) == -EIO);
	ktest_expect(cache_file_sync(test.file) == 0);
	test.read_error = 0;
	cache_test_forget(&test);
	ktest_expect(has_pattern(&test, 0, SIZE));
	cache_test_end(&test);
}

KTEST(cache, pages_that_were_used_twice_stay)
{
	struct cache_test test;
	struct frame *frame;
	uint8_t byte;

	if (!cache_test_begin(&test, ROOM, 0))
		return;
	write_pattern(&test, 0, SIZE);
	ktest_expect(cache_file_sync(test.file) == 0);
	cache_test_forget(&test);
	ktest_expect(has_pattern(&test, 0, SIZE));
	/* One of them, several times, but not in a row. */
	for (unsigned i = 0; i < 3; i++) {
		ktest_expect(cache_test_read(&test, 80000, &byte, 1) == 1);
		ktest_expect(cache_test_read(&test, 4096, &byte, 1) == 1);
	}
	mutex_lock(&test.cache->object.lock);
	ktest_expect(cache_evict_locked(test.cache, 0, UINT64_MAX, SIZE_MAX, EVICT_COLD) >= 60);
	mutex_unlock(&test.cache->object.lock);
	frame = page_find(test.cache, 80000 / PAGE_SIZE);
	ktest_expect(frame != NULL);
	if (frame)
		frame_put(frame);
	ktest_expect(test.cache->object.page_count < 10);
	cache_test_end(&test);
}

KTEST(cache, devices_have_a_cache)
{
	struct block_device *device;
	struct page_cache *cache, *again;
	struct frame *frame;

	if (block_ram_disk_create("cachetest", 2048, &device)) {
		ktest_fail(__FILE__, __LINE__, "a disk");
		return;
	}
	ktest_expect(block_device_cache(device, &cache) == 0);
	ktest_expect(block_device_cache(device, &again) == 0 && again == cache);
	vm_object_put(&again->object);
	ktest_expect(page_cache_page(cache, 5, &frame) == 0);
	memset(frame_address(frame), 0x5a, PAGE_SIZE);
	ktest_expect(page_cache_dirty(cache, 5, frame, true) == 0);
	frame_put(frame);
	ktest_expect(page_cache_page(cache, 256, &frame) == -ENXIO);
	ktest_expect(page_cache_sync(cache, 0, UINT64_MAX) == 0);
	vm_object_put(&cache->object);
	{
		uint8_t bytes[SECTOR_SIZE];

		ktest_expect(block_read(device, 40, bytes, sizeof(bytes)) == 0);
		ktest_expect(bytes[0] == 0x5a && bytes[511] == 0x5a);
	}
	block_ram_disk_destroy(device);
}
