/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contents of files: against plain bytes, with random operations; small, sparse, huge ones; when
 * the volume is full; what is left when all is deleted. */
#include "contents_model.h"

#include <base/errno.h>
#include <base/string.h>

#include <stdlib.h>

#include "../src/contents.h"

#include "unit.h"

#define BLOCK HMFS_BLOCK_SIZE

static uint64_t free_blocks(struct memory_volume *volume)
{
	struct hmfs_statistics statistics;

	hmfs_read_statistics(volume->volume, &statistics);
	return statistics.free_blocks;
}

static uint64_t blocks_of(struct memory_volume *volume, const struct model_file *file)
{
	struct hmfs_attributes attributes;

	EXPECT_EQUAL(hmfs_read_attributes(volume->volume, file->id, &attributes), 0);
	return attributes.blocks;
}

/* Blocks in use of which no metadata is: what is free must change by this alone. */
static void settle(struct memory_volume *volume)
{
	for (unsigned i = 0; i < 2; i++)
		EXPECT_EQUAL(hmfs_commit(volume->volume), 0);
	while (hmfs_work(volume->volume, 0) == 1)
		;
	EXPECT_EQUAL(hmfs_commit(volume->volume), 0);
}

static void run_randomly(const struct hmfs_make_options *options, uint64_t seed, unsigned steps)
{
	struct memory_volume volume;
	struct model_file files[3];
	uint64_t state = seed;

	memory_volume_make(&volume, 16384, options);
	for (unsigned i = 0; i < array_length(files); i++)
		model_create(&volume, &files[i]);
	for (unsigned i = 0; i < steps; i++)
		model_do_something(&volume, files, array_length(files), &state, 0);
	for (unsigned i = 0; i < array_length(files); i++)
		model_destroy(&volume, &files[i]);
	model_check(&volume);
	memory_volume_end(&volume);
}

UNIT_TEST(hmfs_contents, random)
{
	for (uint64_t seed = 1; seed <= 4; seed++)
		run_randomly(NULL, seed, 300);
}

UNIT_TEST(hmfs_contents, random_twice)
{
	const struct hmfs_make_options options = { .uuid = { 1 }, .data_twice = true, .time = 1 };

	run_randomly(&options, 77, 300);
}

UNIT_TEST(hmfs_contents, random_sha3)
{
	const struct hmfs_make_options options = { .uuid = { 1 },
						   .hash = HMFS_HASH_SHA3_512,
						   .time = 1 };

	run_randomly(&options, 99, 40);
}

UNIT_TEST(hmfs_contents, nothing_leaks)
{
	struct memory_volume volume;
	struct model_file files[2];
	uint64_t state = 5, before;

	memory_volume_make(&volume, 16384, NULL);
	settle(&volume);
	before = free_blocks(&volume);
	for (unsigned i = 0; i < array_length(files); i++)
		model_create(&volume, &files[i]);
	for (unsigned i = 0; i < 200; i++)
		model_do_something(&volume, files, array_length(files), &state, 0);
	for (unsigned i = 0; i < array_length(files); i++) {
		EXPECT_EQUAL(model_resize(&volume, &files[i], 0), 0);
		EXPECT_EQUAL(blocks_of(&volume, &files[i]), 0);
		model_destroy(&volume, &files[i]);
	}
	settle(&volume);
	/* Some segments of metadata may be left. */
	EXPECT(before - free_blocks(&volume) < 100);
	model_check(&volume);
	memory_volume_end(&volume);
}

UNIT_TEST(hmfs_contents, small_files_are_inline)
{
	struct memory_volume volume;
	struct model_file file;
	uint8_t bytes[BLOCK];

	memset(bytes, 'x', sizeof(bytes));
	memory_volume_make(&volume, 16384, NULL);
	model_create(&volume, &file);
	EXPECT_EQUAL(model_write(&volume, &file, 0, bytes, 100), 0);
	EXPECT_EQUAL(model_write(&volume, &file, 1000, bytes, HMFS_INLINE_MAX - 1000), 0);
	EXPECT_EQUAL(blocks_of(&volume, &file), 0);
	model_compare(&volume, &file);
	EXPECT_EQUAL(model_write(&volume, &file, HMFS_INLINE_MAX, bytes, 1), 0);
	EXPECT_EQUAL(blocks_of(&volume, &file), 1);
	model_compare(&volume, &file);
	/* All of it anew, and small: back into the record. */
	EXPECT_EQUAL(model_resize(&volume, &file, 50), 0);
	EXPECT_EQUAL(model_write(&volume, &file, 0, bytes, 60), 0);
	EXPECT_EQUAL(blocks_of(&volume, &file), 0);
	model_compare(&volume, &file);
	/* A hole behind it leaves it there. */
	EXPECT_EQUAL(model_write(&volume, &file, HMFS_CHUNK_SIZE, bytes, BLOCK), 0);
	EXPECT_EQUAL(blocks_of(&volume, &file), 1);
	model_compare(&volume, &file);
	EXPECT_EQUAL(model_write(&volume, &file, 2 * BLOCK, bytes, BLOCK), 0);
	EXPECT_EQUAL(blocks_of(&volume, &file), 3);
	model_compare(&volume, &file);
	model_destroy(&volume, &file);
	memory_volume_end(&volume);
}

UNIT_TEST(hmfs_contents, sparse_to_the_end)
{
	const uint64_t last = HMFS_SIZE_MAX - 5;
	struct memory_volume volume;
	struct model_file file;
	uint8_t bytes[8] = "abcdefg";

	memory_volume_make(&volume, 16384, NULL);
	model_create(&volume, &file);
	EXPECT_EQUAL(hmfs_write(volume.volume, file.id, last, bytes, 5), 5);
	EXPECT_EQUAL(hmfs_write(volume.volume, file.id, last, bytes, 6), -EFBIG);
	EXPECT_EQUAL(hmfs_resize(volume.volume, file.id, (uint64_t)HMFS_SIZE_MAX + 1), -EFBIG);
	EXPECT_EQUAL(hmfs_read(volume.volume, file.id, last, bytes, 8), 5);
	EXPECT_BYTES(bytes, "abcde", 5);
	EXPECT_EQUAL(hmfs_read(volume.volume, file.id, last - 1000000, bytes, 8), 8);
	EXPECT_BYTES(bytes, "\0\0\0\0\0\0\0\0", 8);
	EXPECT_EQUAL(hmfs_seek(volume.volume, file.id, 0, false), last / BLOCK * BLOCK);
	EXPECT_EQUAL(hmfs_seek(volume.volume, file.id, 5000, true), 5000);
	EXPECT_EQUAL(hmfs_seek(volume.volume, file.id, last, true), HMFS_SIZE_MAX);
	/* None of these looks at chunks that are not there. */
	EXPECT_EQUAL(hmfs_punch(volume.volume, file.id, 1, HMFS_SIZE_MAX - 100), 0);
	EXPECT_EQUAL(hmfs_read(volume.volume, file.id, last, bytes, 8), 5);
	EXPECT_BYTES(bytes, "abcde", 5);
	EXPECT_EQUAL(hmfs_punch(volume.volume, file.id, 0, UINT64_MAX), 0);
	EXPECT_EQUAL(blocks_of(&volume, &file), 0);
	EXPECT_EQUAL(hmfs_seek(volume.volume, file.id, 0, false), -ENXIO);
	EXPECT_EQUAL(hmfs_resize(volume.volume, file.id, 1), 0);
	model_destroy(&volume, &file);
	memory_volume_end(&volume);
}

UNIT_TEST(hmfs_contents, transfers_are_large)
{
	struct memory_volume volume;
	struct model_file file;
	const size_t size = MODEL_SIZE_MAX;
	uint8_t *bytes = malloc(size);
	uint64_t calls;

	memset(bytes, 'y', size);
	memory_volume_make(&volume, 16384, NULL);
	model_create(&volume, &file);
	calls = volume.device.calls[MEMORY_WRITE];
	EXPECT_EQUAL(model_write(&volume, &file, 0, bytes, size), 0);
	EXPECT(volume.device.calls[MEMORY_WRITE] - calls <= 2);
	calls = volume.device.calls[MEMORY_READ];
	EXPECT_EQUAL(hmfs_read(volume.volume, file.id, 0, bytes, size), size);
	EXPECT(volume.device.calls[MEMORY_READ] - calls <= 2);
	EXPECT_BYTES(bytes, file.bytes, size);
	free(bytes);
	model_destroy(&volume, &file);
	memory_volume_end(&volume);
}

UNIT_TEST(hmfs_contents, full_volume)
{
	struct memory_volume volume;
	struct model_file files[2];
	uint64_t state = 11, before;

	memory_volume_make(&volume, 1024, NULL);
	settle(&volume);
	before = free_blocks(&volume);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < array_length(files); i++)
			model_create(&volume, &files[i]);
		for (unsigned i = 0; i < 100; i++)
			model_do_something(&volume, files, array_length(files), &state, -ENOSPC);
		for (unsigned i = 0; i < array_length(files); i++)
			model_destroy(&volume, &files[i]);
		settle(&volume);
		EXPECT(before - free_blocks(&volume) < 100);
	}
	model_check(&volume);
	memory_volume_end(&volume);
}

UNIT_TEST(hmfs_contents, overwriting_needs_no_more_space)
{
	struct memory_volume volume;
	struct model_file file;
	uint8_t bytes[20 * BLOCK];

	/* Each time all is written anew, so that commits must come in between. */
	memory_volume_make(&volume, 1024, NULL);
	model_create(&volume, &file);
	for (unsigned i = 1; i <= 20; i++) {
		memset(bytes, (int)i, sizeof(bytes));
		for (unsigned at = 0; at < 240; at += 20)
			EXPECT_EQUAL(model_write(&volume, &file, at * BLOCK, bytes, sizeof(bytes)),
				     0);
	}
	model_compare(&volume, &file);
	model_destroy(&volume, &file);
	memory_volume_end(&volume);
}

static struct hmfs_id named_file(struct memory_volume *volume, const char *name)
{
	const struct hmfs_template like = { .mode = HMFS_MODE_REGULAR | 0644, .time = 1 };
	const struct hmfs_id root = { HMFS_DATASET_LIVE, HMFS_ROOT_OBJECT };
	struct hmfs_id id;

	EXPECT_EQUAL(hmfs_create(volume->volume, root, name, 1, &like, &id), 0);
	return id;
}

/* A reflink to a block that has long been damaged is no sign that its batch was cut off. */
UNIT_TEST(hmfs_contents, old_damage_leaves_the_log)
{
	struct memory_volume volume;
	struct hmfs_attributes attributes;
	struct hmfs_block block;
	struct hmfs_id a, b, c;
	uint8_t bytes[2 * BLOCK];
	size_t inline_length;

	memset(bytes, 'x', sizeof(bytes));
	memory_volume_make(&volume, 16384, NULL);
	a = named_file(&volume, "a");
	EXPECT_EQUAL(hmfs_write(volume.volume, a, 0, bytes, sizeof(bytes)), (ssize_t)sizeof(bytes));
	/* The first one makes the log. */
	EXPECT_EQUAL(hmfs_sync(volume.volume), 0);
	EXPECT_EQUAL(hmfs_commit(volume.volume), 0);
	EXPECT_EQUAL(hmfs_find_blocks(volume.volume, a, 0, 1, &block, bytes, &inline_length), 0);
	memory_device_flip(&volume.device, block.address[0], 7, 0x10);
	b = named_file(&volume, "b");
	c = named_file(&volume, "c");
	EXPECT_EQUAL(hmfs_clone_range(volume.volume, a, 0, b, 0, sizeof(bytes)), 0);
	EXPECT_EQUAL(hmfs_write(volume.volume, c, 0, bytes, sizeof(bytes)), (ssize_t)sizeof(bytes));
	EXPECT_EQUAL(hmfs_sync(volume.volume), 0);
	memory_volume_crash(&volume);
	EXPECT_EQUAL(hmfs_read_attributes(volume.volume, b, &attributes), 0);
	EXPECT_EQUAL(attributes.size, sizeof(bytes));
	EXPECT_EQUAL(hmfs_read(volume.volume, b, 0, bytes, 1), -EIO);
	EXPECT_EQUAL(hmfs_read(volume.volume, b, BLOCK, bytes, 1), 1);
	EXPECT_EQUAL(hmfs_read(volume.volume, c, 0, bytes, 1), 1);
	memory_volume_end(&volume);
}
