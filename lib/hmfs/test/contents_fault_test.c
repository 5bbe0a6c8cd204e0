/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contents of files when things go wrong: bits flip, blocks are given away while they are read,
 * others write into the same block, memory and the device fail. */
#include "contents_model.h"

#include <base/errno.h>
#include <base/string.h>

#include <pthread.h>
#include <stdlib.h>

#include "../src/contents.h"

#include "unit.h"

#define BLOCK HMFS_BLOCK_SIZE

static void find_block(struct memory_volume *volume, struct hmfs_id id, uint64_t file_block,
		       struct hmfs_block *block)
{
	uint8_t inline_data[HMFS_INLINE_MAX];
	size_t length;

	EXPECT_EQUAL(
		hmfs_find_blocks(volume->volume, id, file_block, 1, block, inline_data, &length),
		0);
}

static void fill(struct memory_volume *volume, struct model_file *file, unsigned blocks)
{
	uint8_t bytes[BLOCK];

	for (unsigned i = 0; i < blocks; i++) {
		memset(bytes, 'a' + (int)i % 26, sizeof(bytes));
		EXPECT_EQUAL(model_write(volume, file, i * BLOCK, bytes, sizeof(bytes)), 0);
	}
}

UNIT_TEST(hmfs_contents_fault, damage_is_told)
{
	struct memory_volume volume;
	struct model_file file;
	struct hmfs_block block;
	uint8_t bytes[BLOCK];

	memory_volume_make(&volume, 16384, NULL);
	model_create(&volume, &file);
	fill(&volume, &file, 20);
	find_block(&volume, file.id, 17, &block);
	for (unsigned bit = 0; bit < 8; bit++) {
		memory_device_flip(&volume.device, block.address[0], 500 * bit,
				   (uint8_t)(1 << bit));
		EXPECT_EQUAL(hmfs_read(volume.volume, file.id, 17 * BLOCK + 9, bytes, 5), -EIO);
		memory_device_flip(&volume.device, block.address[0], 500 * bit,
				   (uint8_t)(1 << bit));
	}
	EXPECT(memory_host_said("damaged at offset 69632"));
	model_compare(&volume, &file);
	memory_device_flip(&volume.device, block.address[0], 0, 1);
	EXPECT_EQUAL(hmfs_read(volume.volume, file.id, 16 * BLOCK, bytes, BLOCK), BLOCK);
	EXPECT_EQUAL(hmfs_write(volume.volume, file.id, 17 * BLOCK + 1, bytes, 1), -EIO);
	/* All of it anew needs nothing of the old. */
	EXPECT_EQUAL(model_write(&volume, &file, 17 * BLOCK, bytes, BLOCK), 0);
	model_compare(&volume, &file);
	model_destroy(&volume, &file);
	memory_volume_end(&volume);
}

UNIT_TEST(hmfs_contents_fault, copies_heal)
{
	const struct hmfs_make_options options = { .uuid = { 1 }, .data_twice = true, .time = 1 };
	struct memory_volume volume;
	struct model_file file;
	struct hmfs_block block;

	memory_volume_make(&volume, 16384, &options);
	model_create(&volume, &file);
	fill(&volume, &file, 40);
	for (unsigned i = 0; i < 40; i++) {
		find_block(&volume, file.id, i, &block);
		EXPECT(block.address[1] != HMFS_NO_BLOCK);
		memory_device_flip(&volume.device, block.address[0], i, 4);
	}
	model_compare(&volume, &file);
	EXPECT(memory_host_said("healed at offset 0 "));
	/* The first copies are good again: the others may go. */
	for (unsigned i = 0; i < 40; i++) {
		find_block(&volume, file.id, i, &block);
		memory_device_flip(&volume.device, block.address[1], i, 4);
	}
	model_compare(&volume, &file);
	find_block(&volume, file.id, 3, &block);
	memory_device_flip(&volume.device, block.address[0], 0, 4);
	EXPECT_EQUAL(hmfs_read(volume.volume, file.id, 0, file.bytes, file.size), -EIO);
	model_destroy(&volume, &file);
	memory_volume_end(&volume);
}

/* --- While a transfer is under way. The device calls with its mutex held. --- */

static struct {
	struct memory_volume *volume;
	struct model_file *file;
	struct hmfs_block old;
	bool armed;
} race;

/* As block 2 is read, it is written anew, freed by commits, and used by something else. */
static int give_away(struct memory_device *device, enum memory_operation operation, uint64_t block,
		     uint64_t count, const void *bytes)
{
	static const uint8_t garbage[BLOCK] = { 1, 2, 3 };
	uint8_t contents[BLOCK];

	(void)bytes;
	if (!race.armed || operation != MEMORY_READ || block > race.old.address[0] ||
	    block + count <= race.old.address[0])
		return 0;
	race.armed = false;
	memset(contents, '!', sizeof(contents));
	pthread_mutex_unlock(device->mutex);
	EXPECT_EQUAL(model_write(race.volume, race.file, 2 * BLOCK, contents, BLOCK), 0);
	EXPECT_EQUAL(hmfs_commit(race.volume->volume), 0);
	pthread_mutex_lock(device->mutex);
	memory_device_poke(device, race.old.address[0], 1, garbage);
	return 0;
}

UNIT_TEST(hmfs_contents_fault, blocks_given_away)
{
	struct memory_volume volume;
	struct model_file file;
	uint8_t bytes[BLOCK];

	memory_volume_make(&volume, 16384, NULL);
	model_create(&volume, &file);
	fill(&volume, &file, 5);
	find_block(&volume, file.id, 2, &race.old);
	race.volume = &volume;
	race.file = &file;
	race.armed = true;
	volume.device.fault = give_away;
	EXPECT_EQUAL(hmfs_read(volume.volume, file.id, 2 * BLOCK, bytes, BLOCK), BLOCK);
	EXPECT(!race.armed);
	EXPECT_EQUAL(bytes[7], '!');
	model_compare(&volume, &file);
	volume.device.fault = NULL;
	model_destroy(&volume, &file);
	memory_volume_end(&volume);
}

/* As a part of a block is written, another part of it is, too. */
static int write_beside(struct memory_device *device, enum memory_operation operation,
			uint64_t block, uint64_t count, const void *bytes)
{
	(void)block;
	(void)count;
	(void)bytes;
	if (!race.armed || operation != MEMORY_WRITE)
		return 0;
	race.armed = false;
	pthread_mutex_unlock(device->mutex);
	EXPECT_EQUAL(model_write(race.volume, race.file, 2 * BLOCK + 100, "beside", 6), 0);
	pthread_mutex_lock(device->mutex);
	return 0;
}

UNIT_TEST(hmfs_contents_fault, parts_of_a_block)
{
	struct memory_volume volume;
	struct model_file file;

	memory_volume_make(&volume, 16384, NULL);
	model_create(&volume, &file);
	fill(&volume, &file, 5);
	race.volume = &volume;
	race.file = &file;
	race.armed = true;
	volume.device.fault = write_beside;
	EXPECT_EQUAL(model_write(&volume, &file, 2 * BLOCK + 2000, "mine", 4), 0);
	EXPECT(!race.armed);
	model_compare(&volume, &file);
	volume.device.fault = NULL;
	model_destroy(&volume, &file);
	memory_volume_end(&volume);
}

/* --- Unwritten runs. --- */

static void put(struct memory_volume *volume, struct hmfs_id id, uint64_t first, unsigned count,
		const uint64_t address[2], int wanted)
{
	static uint8_t bytes[HMFS_CHUNK_SIZE];
	uint8_t sums[HMFS_CHUNK_BLOCKS][HMFS_SUM_MAX];

	memset(bytes, 'u', sizeof(bytes));
	for (unsigned i = 0; i < count; i++)
		hmfs_sum(HMFS_HASH_XXH3, bytes, BLOCK, sums[i]);
	memory_device_poke(&volume->device, address[0], count, bytes);
	EXPECT_EQUAL(hmfs_put_blocks(volume->volume, id, first, count, address,
				     (const uint8_t(*)[HMFS_SUM_MAX])sums),
		     wanted);
}

UNIT_TEST(hmfs_contents_fault, unwritten_in_place)
{
	struct memory_volume volume;
	struct model_file file;
	uint64_t address[2], other[2];
	struct hmfs_statistics before, after;
	struct hmfs_block block;
	unsigned got, reserved = 4;
	uint32_t unwritten;

	memory_volume_make(&volume, 16384, NULL);
	model_create(&volume, &file);
	EXPECT_EQUAL(model_allocate(&volume, &file, 0, 32 * BLOCK, false), 0);
	model_compare(&volume, &file);
	hmfs_read_statistics(volume.volume, &before);
	EXPECT_EQUAL(hmfs_place_blocks(volume.volume, file.id, 3, 9, NULL, address, &got), 0);
	EXPECT_EQUAL(got, 9);
	/* It is lent: another gets something new. */
	EXPECT_EQUAL(hmfs_place_blocks(volume.volume, file.id, 4, 1, NULL, other, &got), 0);
	EXPECT(other[0] < address[0] || other[0] >= address[0] + 9);
	hmfs_give_back_blocks(volume.volume, other, 1);
	put(&volume, file.id, 3, 9, address, 0);
	memset(file.bytes + 3 * BLOCK, 'u', 9 * BLOCK);
	model_compare(&volume, &file);
	find_block(&volume, file.id, 3, &block);
	EXPECT_EQUAL(block.address[0], address[0]);
	hmfs_read_statistics(volume.volume, &after);
	EXPECT_EQUAL(before.free_blocks, after.free_blocks);
	/* What was allocated before needs no reservation, but only once. */
	EXPECT_EQUAL(hmfs_find_unwritten(volume.volume, file.id, 0, 16, &unwritten), 0);
	EXPECT_EQUAL(unwritten, 0xf007);
	EXPECT_EQUAL(hmfs_reserve(volume.volume, 4), 0);
	EXPECT_EQUAL(hmfs_place_blocks(volume.volume, file.id, 16, 4, &reserved, address, &got), 0);
	EXPECT_EQUAL(got, 4);
	EXPECT_EQUAL(reserved, 4);
	EXPECT_EQUAL(hmfs_find_unwritten(volume.volume, file.id, 16, 16, &unwritten), 0);
	EXPECT_EQUAL(unwritten, 0xfff0);
	hmfs_give_back_blocks(volume.volume, address, 4);
	hmfs_unreserve(volume.volume, 4);
	/* Taken away meanwhile. */
	EXPECT_EQUAL(hmfs_place_blocks(volume.volume, file.id, 12, 4, NULL, address, &got), 0);
	EXPECT_EQUAL(got, 4);
	EXPECT_EQUAL(model_punch(&volume, &file, 13 * BLOCK, BLOCK), 0);
	EXPECT_EQUAL(hmfs_commit(volume.volume), 0);
	put(&volume, file.id, 12, 4, address, -ESTALE);
	hmfs_give_back_blocks(volume.volume, address, 4);
	model_compare(&volume, &file);
	model_destroy(&volume, &file);
	model_check(&volume);
	memory_volume_end(&volume);
}

/* --- Promises. --- */

UNIT_TEST(hmfs_contents_fault, promises_are_kept)
{
	struct memory_volume volume;
	struct model_file file;
	struct hmfs_statistics now;
	uint64_t state = 8, left = 0, first = 0, start;

	memory_volume_make(&volume, 2048, NULL);
	model_create(&volume, &file);
	hmfs_read_statistics(volume.volume, &now);
	start = now.available_blocks;
	for (unsigned i = 0; i < 2000; i++) {
		const uint64_t count = 1 + unit_random_below(&state, 16);
		uint64_t address[2];
		unsigned got;

		hmfs_read_statistics(volume.volume, &now);
		/* Space for metadata is kept, too. */
		EXPECT(now.available_blocks <= start - left - first);
		if (left < count || unit_random_below(&state, 3) == 0) {
			const int error = hmfs_reserve(volume.volume, count);

			EXPECT(error == (now.available_blocks < count ? -ENOSPC : 0));
			left += error ? 0 : count;
		} else if (unit_random_below(&state, 4) == 0) {
			hmfs_unreserve(volume.volume, count);
			left -= count;
		} else {
			unsigned reserved = (unsigned)count;

			EXPECT_EQUAL(hmfs_place_blocks(volume.volume, file.id, first, reserved,
						       &reserved, address, &got),
				     0);
			EXPECT_EQUAL(reserved, count - got);
			EXPECT(got >= 1 && got <= count);
			put(&volume, file.id, first, got, address, 0);
			first += got;
			left -= got;
		}
	}
	EXPECT(first > start / 3);
	hmfs_unreserve(volume.volume, left);
	model_destroy(&volume, &file);
	memory_volume_end(&volume);
}

/* --- Failures. --- */

static uint8_t pattern[40 * BLOCK];

static int operation(struct memory_volume *volume, struct model_file *file,
		     struct model_file *other, unsigned number)
{
	switch (number) {
	case 0:
		return model_write(volume, file, 1000, pattern, 37 * BLOCK);
	case 1:
		return model_punch(volume, file, 3 * BLOCK + 5, 18 * BLOCK);
	case 2:
		return model_clone(volume, other, 0, file, 5 * BLOCK, 20 * BLOCK);
	case 3:
		return model_allocate(volume, file, 35 * BLOCK, 20 * BLOCK, false);
	case 4:
		return model_resize(volume, file, 10000);
	case 5:
		return model_write(volume, file, 0, pattern, 100);
	default:
		return model_resize(volume, file, 0);
	}
}

/* Every byte is what it was, or what it became, or (cut off, punched) zero. */
static void expect_between(struct memory_volume *volume, struct model_file *file,
			   const uint8_t *before)
{
	struct hmfs_attributes attributes;
	uint8_t *now = calloc(1, MODEL_SIZE_MAX);

	EXPECT_EQUAL(hmfs_read_attributes(volume->volume, file->id, &attributes), 0);
	file->size = attributes.size;
	EXPECT_EQUAL(hmfs_read(volume->volume, file->id, 0, now, MODEL_SIZE_MAX), file->size);
	for (unsigned i = 0; i < file->size; i++)
		EXPECT(now[i] == before[i] || now[i] == 'p' || now[i] == 'o' || now[i] == 0);
	memcpy(file->bytes, now, MODEL_SIZE_MAX);
	free(now);
}

/* Does all operations with the failure after each number of steps, until none fails. */
static void fail_everywhere(bool memory, const struct hmfs_make_options *options)
{
	struct memory_volume volume;
	struct model_file file, other;
	uint8_t *before = calloc(1, MODEL_SIZE_MAX);
	unsigned failures = 0;

	memset(pattern, 'p', sizeof(pattern));
	memory_volume_make(&volume, 16384, options);
	for (unsigned number = 0; number <= 6; number++) {
		bool failed = true;

		for (unsigned after = 1; failed; after++) {
			int error;

			model_create(&volume, &file);
			model_create(&volume, &other);
			fill(&volume, &file, 30);
			memset(other.bytes, 'o', 20 * BLOCK);
			EXPECT_EQUAL(model_write(&volume, &other, 0, other.bytes, 20 * BLOCK), 0);
			memcpy(before, file.bytes, MODEL_SIZE_MAX);
			if (memory)
				memory_host.fail_after = after;
			else
				volume.device.fail_after = after;
			error = operation(&volume, &file, &other, number);
			failed = memory ? memory_host.fail_after == 0
					: volume.device.fail_after == 0;
			memory_host.fail_after = 0;
			volume.device.fail_after = 0;
			failures += error != 0;
			EXPECT(error == 0 || error == (memory ? -ENOMEM : -EIO));
			if (error)
				expect_between(&volume, &file, before);
			model_compare(&volume, &file);
			model_compare(&volume, &other);
			model_destroy(&volume, &file);
			model_destroy(&volume, &other);
		}
	}
	EXPECT(failures >= 6);
	EXPECT_EQUAL(memory_host_said("lost"), false);
	free(before);
	model_check(&volume);
	memory_volume_end(&volume);
}

UNIT_TEST(hmfs_contents_fault, memory_fails)
{
	fail_everywhere(true, NULL);
}

UNIT_TEST(hmfs_contents_fault, device_fails)
{
	const struct hmfs_make_options options = { .uuid = { 1 }, .data_twice = true, .time = 1 };

	fail_everywhere(false, NULL);
	fail_everywhere(false, &options);
}
