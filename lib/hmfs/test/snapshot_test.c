/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Snapshots and clones: what they keep, and that all of it comes back when they go. */
#include "../src/volume_priv.h"

#include <base/errno.h>

#include <string.h>

#include "memory_volume.h"
#include "unit.h"

/* A file's chunk of one run, as chunk.c has it on disk. */
struct stored {
	struct hmfs_chunk_record record;
	uint8_t run[sizeof(struct hmfs_run)];
	uint8_t sums[HMFS_CHUNK_BLOCKS * 16];
};

static struct hmfs_key chunk_key(uint64_t file)
{
	return (struct hmfs_key){ file, HMFS_PLACE(HMFS_KIND_CHUNK, 0), 0 };
}

/* The run of a file; false: it has none. */
static bool run_of(struct memory_volume *v, uint32_t number, uint64_t file, struct hmfs_run *run)
{
	const struct hmfs_key key = chunk_key(file);
	struct hmfs_dataset *dataset;
	struct stored stored;
	ssize_t length;

	EXPECT_EQUAL(hmfs_dataset_get(v->volume, number, &dataset), 0);
	length = hmfs_map_get(&dataset->map, &key, &stored, sizeof(stored));
	if (length == -ENOENT)
		return false;
	EXPECT(length > 0);
	memcpy(run, stored.run, sizeof(*run));
	return true;
}

static void free_old(struct memory_volume *v, struct hmfs_dataset *dataset, uint64_t file)
{
	struct hmfs_run run;

	if (run_of(v, dataset->number, file, &run))
		EXPECT_EQUAL(hmfs_dead_run(v->volume->space, &dataset->record, dataset->number,
					   run.address, run.blocks, run.birth, run.flags),
			     0);
}

/* Writes a file of `blocks` blocks, all of byte `fill`. */
static void write_file(struct memory_volume *v, uint32_t number, uint64_t file, unsigned blocks,
		       uint8_t fill)
{
	const struct hmfs_key key = chunk_key(file);
	struct stored stored = { .record = { .runs = 1 } };
	struct hmfs_run run = { .blocks = (uint8_t)blocks };
	uint8_t bytes[HMFS_BLOCK_SIZE], sum[HMFS_SUM_MAX];
	struct hmfs_dataset *dataset;
	uint64_t got;

	memset(bytes, fill, sizeof(bytes));
	hmfs_sum(HMFS_HASH_XXH3, bytes, sizeof(bytes), sum);
	hmfs_lock(v->volume);
	EXPECT_EQUAL(hmfs_dataset_get_to_change(v->volume, number, &dataset), 0);
	EXPECT_EQUAL(hmfs_space_allocate(v->volume->space, HMFS_USE_DATA, 0, blocks, blocks,
					 &run.address, &got),
		     0);
	EXPECT_EQUAL(got, blocks);
	for (unsigned i = 0; i < blocks; i++) {
		EXPECT_EQUAL(
			v->device.device.ops->write(&v->device.device, run.address + i, 1, bytes),
			0);
		memcpy(stored.sums + (size_t)i * 16, sum, 16);
	}
	run.birth = v->volume->commit;
	memcpy(stored.run, &run, sizeof(run));
	free_old(v, dataset, file);
	EXPECT_EQUAL(hmfs_space_confirm_data(v->volume->space, run.address, blocks), 0);
	EXPECT_EQUAL(hmfs_map_put(&dataset->map, &key, &stored,
				  offsetof(struct stored, sums) + (size_t)blocks * 16),
		     0);
	hmfs_unlock(v->volume);
}

static void delete_file(struct memory_volume *v, uint32_t number, uint64_t file)
{
	const struct hmfs_key key = chunk_key(file);
	struct hmfs_dataset *dataset;

	hmfs_lock(v->volume);
	EXPECT_EQUAL(hmfs_dataset_get_to_change(v->volume, number, &dataset), 0);
	free_old(v, dataset, file);
	EXPECT_EQUAL(hmfs_map_remove(&dataset->map, &key), 0);
	hmfs_unlock(v->volume);
}

/* What the file is filled with; -1: it is not there. Its blocks must be all there. */
static int read_file(struct memory_volume *v, uint32_t number, uint64_t file)
{
	uint8_t bytes[HMFS_BLOCK_SIZE];
	struct hmfs_run run;
	bool there;

	hmfs_lock(v->volume);
	there = run_of(v, number, file, &run);
	hmfs_unlock(v->volume);
	if (!there)
		return -1;
	for (unsigned i = 0; i < run.blocks; i++) {
		memory_device_peek(&v->device, run.address + i, 1, bytes);
		for (unsigned j = 1; j < sizeof(bytes); j++)
			EXPECT_EQUAL(bytes[j], bytes[0]);
	}
	return bytes[0];
}

static void work(struct memory_volume *v)
{
	int more;

	do {
		more = hmfs_work(v->volume, 1000000);
		EXPECT(more >= 0);
	} while (more);
	EXPECT_EQUAL(hmfs_commit(v->volume), 0);
	/* What the first commit freed, the second one may use, and the records of the dead are
	 * gone with a third. */
	do {
		more = hmfs_work(v->volume, 0);
		EXPECT(more >= 0);
	} while (more);
}

static uint64_t list_blocks(const struct hmfs_map *map)
{
	struct hmfs_map_root root;
	uint64_t blocks = 0;

	hmfs_map_root(map, &root);
	for (unsigned i = 0; i < root.count; i++)
		blocks += 2 * root.segments[i].blocks;
	return blocks;
}

/* Nothing is there but the live file system, with files of `blocks` blocks: all else is free. */
static void expect_nothing_else(struct memory_volume *v, uint64_t blocks)
{
	struct hmfs_volume *volume = v->volume;
	const struct hmfs_root *root = &volume->root;
	struct hmfs_dataset *live;
	uint64_t used = 10 + blocks;

	EXPECT_EQUAL(hmfs_commit(volume), 0);
	hmfs_lock(volume);
	EXPECT_EQUAL(hmfs_dataset_get(volume, HMFS_DATASET_LIVE, &live), 0);
	used += list_blocks(&volume->map) + list_blocks(&live->map);
	for (unsigned i = 0; i < HMFS_LATE_EXTENTS; i++)
		used -= root->late[i].blocks;
	for (unsigned i = 0; i < HMFS_LOG_EXTENTS; i++)
		used += root->log[i].blocks;
	EXPECT_EQUAL(root->blocks - root->free_blocks, used);
	hmfs_unlock(volume);
}

static uint32_t snapshot(struct memory_volume *v, uint32_t of, const char *name, bool writable)
{
	uint32_t number;

	EXPECT_EQUAL(hmfs_snapshot(v->volume, of, name, writable, &number), 0);
	return number;
}

#define LIVE HMFS_DATASET_LIVE

UNIT_TEST(hmfs_snapshot, keeps_what_was)
{
	struct memory_volume v;
	struct hmfs_dataset_info info;
	uint32_t a, b;

	memory_volume_make(&v, 16384, NULL);
	write_file(&v, LIVE, 20, 8, 'a');
	write_file(&v, LIVE, 21, 8, 'b');
	a = snapshot(&v, LIVE, "first", false);
	write_file(&v, LIVE, 20, 8, 'c');
	delete_file(&v, LIVE, 21);
	b = snapshot(&v, LIVE, "second", false);
	write_file(&v, LIVE, 20, 8, 'd');
	for (unsigned i = 0; i < 3; i++) {
		EXPECT_EQUAL(read_file(&v, LIVE, 20), 'd');
		EXPECT_EQUAL(read_file(&v, LIVE, 21), -1);
		EXPECT_EQUAL(read_file(&v, a, 20), 'a');
		EXPECT_EQUAL(read_file(&v, a, 21), 'b');
		EXPECT_EQUAL(read_file(&v, b, 20), 'c');
		EXPECT_EQUAL(read_file(&v, b, 21), -1);
		work(&v);
		write_file(&v, LIVE, 22, 16, 'x');
		delete_file(&v, LIVE, 22);
		if (i)
			memory_volume_remount(&v);
	}
	EXPECT_EQUAL(hmfs_dataset_find(v.volume, "second", &info), 0);
	EXPECT_EQUAL(info.number, b);
	EXPECT_EQUAL(info.parent, a);
	EXPECT_EQUAL(hmfs_dataset_next(v.volume, 0, &info), 0);
	EXPECT_EQUAL(info.number, LIVE);
	EXPECT_EQUAL(hmfs_dataset_next(v.volume, LIVE + 1, &info), 0);
	EXPECT_STRING(info.name, "first");
	EXPECT_EQUAL(hmfs_dataset_find(v.volume, "third", &info), -ENOENT);
	memory_volume_end(&v);
}

UNIT_TEST(hmfs_snapshot, names_and_refusals)
{
	struct memory_volume v;
	struct hmfs_dataset *dataset;
	char name[300];
	uint32_t a, number;

	memory_volume_make(&v, 16384, NULL);
	a = snapshot(&v, LIVE, "first", false);
	EXPECT_EQUAL(hmfs_snapshot(v.volume, LIVE, "first", false, &number), -EEXIST);
	EXPECT_EQUAL(hmfs_snapshot(v.volume, LIVE, "", false, &number), -EINVAL);
	EXPECT_EQUAL(hmfs_snapshot(v.volume, LIVE, "..", false, &number), -EINVAL);
	EXPECT_EQUAL(hmfs_snapshot(v.volume, LIVE, "a/b", false, &number), -EINVAL);
	memset(name, 'n', sizeof(name));
	name[256] = 0;
	EXPECT_EQUAL(hmfs_snapshot(v.volume, LIVE, name, false, &number), -ENAMETOOLONG);
	name[255] = 0;
	EXPECT_EQUAL(hmfs_snapshot(v.volume, LIVE, name, false, &number), 0);
	EXPECT_EQUAL(hmfs_snapshot(v.volume, 77, "x", false, &number), -ENOENT);
	EXPECT_EQUAL(hmfs_snapshot_delete(v.volume, LIVE), -EBUSY);
	EXPECT_EQUAL(hmfs_snapshot_delete(v.volume, 77), -ENOENT);
	hmfs_lock(v.volume);
	EXPECT_EQUAL(hmfs_dataset_get_to_change(v.volume, a, &dataset), -EROFS);
	hmfs_unlock(v.volume);
	EXPECT_EQUAL(hmfs_snapshot_delete(v.volume, a), 0);
	EXPECT_EQUAL(hmfs_snapshot_delete(v.volume, a), -ENOENT);
	/* The name is free at once. */
	EXPECT_EQUAL(hmfs_snapshot(v.volume, LIVE, "first", false, &number), 0);
	memory_volume_end(&v);
}

/* Deleting in any order: what nobody has any more is free, what somebody has stays. */
UNIT_TEST(hmfs_snapshot, deleted_in_any_order)
{
	static const uint8_t orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
					      { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

	for (unsigned order = 0; order < 6; order++) {
		struct memory_volume v;
		uint32_t numbers[3];

		memory_volume_make(&v, 16384, NULL);
		write_file(&v, LIVE, 19, 16, 'z');
		work(&v);
		write_file(&v, LIVE, 20, 16, 'a');
		numbers[0] = snapshot(&v, LIVE, "0", false);
		write_file(&v, LIVE, 20, 16, 'b');
		write_file(&v, LIVE, 21, 16, 'B');
		numbers[1] = snapshot(&v, LIVE, "1", false);
		delete_file(&v, LIVE, 21);
		numbers[2] = snapshot(&v, LIVE, "2", false);
		write_file(&v, LIVE, 20, 16, 'c');
		for (unsigned i = 0; i < 3; i++) {
			EXPECT_EQUAL(hmfs_snapshot_delete(v.volume, numbers[orders[order][i]]), 0);
			work(&v);
			write_file(&v, LIVE, 22 + i, 16, 'x');
			EXPECT_EQUAL(read_file(&v, LIVE, 20), 'c');
			EXPECT_EQUAL(read_file(&v, LIVE, 19), 'z');
			for (unsigned j = i + 1; j < 3; j++) {
				const unsigned other = orders[order][j];

				EXPECT_EQUAL(read_file(&v, numbers[other], 20), other ? 'b' : 'a');
				EXPECT_EQUAL(read_file(&v, numbers[other], 21),
					     other == 1 ? 'B' : -1);
			}
			if (i == 1)
				memory_volume_crash(&v);
		}
		for (unsigned i = 0; i < 3; i++)
			if (read_file(&v, LIVE, 22 + i) >= 0)
				delete_file(&v, LIVE, 22 + i);
		delete_file(&v, LIVE, 20);
		work(&v);
		expect_nothing_else(&v, 16);
		memory_volume_end(&v);
	}
}

UNIT_TEST(hmfs_snapshot, clones)
{
	struct memory_volume v;
	struct hmfs_dataset_info info;
	uint32_t clone, base, second;

	memory_volume_make(&v, 16384, NULL);
	write_file(&v, LIVE, 19, 16, 'z');
	work(&v);
	write_file(&v, LIVE, 20, 16, 'a');
	clone = snapshot(&v, LIVE, "clone", true);
	write_file(&v, clone, 20, 16, 'b');
	write_file(&v, clone, 21, 16, 'c');
	write_file(&v, LIVE, 20, 16, 'd');
	base = snapshot(&v, clone, "snapshot of the clone", false);
	second = snapshot(&v, base, "clone of that", true);
	write_file(&v, second, 21, 16, 'e');
	write_file(&v, clone, 21, 16, 'f');
	memory_volume_crash(&v);
	write_file(&v, LIVE, 20, 16, 'd');
	write_file(&v, second, 21, 16, 'e');
	work(&v);
	EXPECT_EQUAL(read_file(&v, LIVE, 20), 'd');
	EXPECT_EQUAL(read_file(&v, clone, 20), 'b');
	EXPECT_EQUAL(read_file(&v, clone, 21), 'c');
	EXPECT_EQUAL(read_file(&v, base, 21), 'c');
	EXPECT_EQUAL(read_file(&v, second, 21), 'e');
	/* The snapshot between stays hidden while two come off it. */
	EXPECT_EQUAL(hmfs_snapshot_delete(v.volume, base), 0);
	work(&v);
	EXPECT_EQUAL(hmfs_dataset_find(v.volume, "snapshot of the clone", &info), -ENOENT);
	EXPECT_EQUAL(read_file(&v, clone, 21), 'c');
	EXPECT_EQUAL(read_file(&v, second, 20), 'b');
	EXPECT_EQUAL(hmfs_snapshot_delete(v.volume, clone), 0);
	work(&v);
	EXPECT_EQUAL(read_file(&v, second, 20), 'b');
	EXPECT_EQUAL(read_file(&v, second, 21), 'e');
	EXPECT_EQUAL(hmfs_snapshot_delete(v.volume, second), 0);
	work(&v);
	memory_volume_remount(&v);
	EXPECT_EQUAL(read_file(&v, LIVE, 20), 'd');
	delete_file(&v, LIVE, 20);
	work(&v);
	expect_nothing_else(&v, 16);
	hmfs_lock(v.volume);
	for (uint32_t number = LIVE + 1; number < 40; number++) {
		struct hmfs_dataset *dataset;

		EXPECT_EQUAL(hmfs_dataset_get_any(v.volume, number, &dataset), -ENOENT);
	}
	hmfs_unlock(v.volume);
	memory_volume_end(&v);
}

/* A commit that fails under a snapshot: it is not there, and nothing is lost or leaked. */
UNIT_TEST(hmfs_snapshot, commit_without_memory)
{
	unsigned failed = 0;

	for (unsigned after = 1; after < 400; after++) {
		struct memory_volume v;
		struct hmfs_dataset_info info;
		uint32_t number = 0;
		int error;

		memory_volume_make(&v, 4096, NULL);
		write_file(&v, LIVE, 20, 16, 'a');
		memory_host.fail_after = after;
		error = hmfs_snapshot(v.volume, LIVE, "s", after & 1, &number);
		if (memory_host.fail_after) {
			memory_host.fail_after = 0;
			EXPECT_EQUAL(error, 0);
			memory_volume_end(&v);
			break;
		}
		failed += error != 0;
		EXPECT(!error || error == -ENOMEM);
		EXPECT_EQUAL(hmfs_dataset_find(v.volume, "s", &info), error ? -ENOENT : 0);
		write_file(&v, LIVE, 20, 16, 'b');
		work(&v);
		EXPECT_EQUAL(hmfs_dataset_find(v.volume, "s", &info), error ? -ENOENT : 0);
		memory_volume_crash(&v);
		EXPECT_EQUAL(read_file(&v, LIVE, 20), 'b');
		if (error)
			number = snapshot(&v, LIVE, "s", false);
		EXPECT_EQUAL(read_file(&v, number, 20), error ? 'b' : 'a');
		EXPECT_EQUAL(hmfs_snapshot_delete(v.volume, number), 0);
		work(&v);
		expect_nothing_else(&v, 16);
		memory_volume_end(&v);
	}
	EXPECT(failed > 3);
}

/* Data that the last batch of the log speaks of, but that did not reach the disk. */
UNIT_TEST(hmfs_snapshot, log_without_its_data)
{
	struct memory_volume v;
	struct hmfs_run run;

	memory_volume_make(&v, 16384, NULL);
	write_file(&v, LIVE, 20, 8, 'a');
	EXPECT_EQUAL(hmfs_sync(v.volume), 0);
	write_file(&v, LIVE, 20, 8, 'b');
	EXPECT_EQUAL(hmfs_sync(v.volume), 0);
	write_file(&v, LIVE, 20, 8, 'c');
	EXPECT_EQUAL(hmfs_sync(v.volume), 0);
	EXPECT(run_of(&v, LIVE, 20, &run));
	memory_device_flip(&v.device, run.address + 7, 4000, 1);
	memory_volume_crash(&v);
	EXPECT_EQUAL(read_file(&v, LIVE, 20), 'b');
	EXPECT(memory_host_said("cut off"));
	write_file(&v, LIVE, 21, 8, 'd');
	EXPECT_EQUAL(hmfs_sync(v.volume), 0);
	memory_volume_crash(&v);
	EXPECT_EQUAL(read_file(&v, LIVE, 20), 'b');
	EXPECT_EQUAL(read_file(&v, LIVE, 21), 'd');
	memory_volume_end(&v);
}

/* A clone that goes has orphans, which others would delete at the same time. */
UNIT_TEST(hmfs_snapshot, clone_with_orphans)
{
	const struct hmfs_template like = { .mode = 0100644 };
	static uint8_t bytes[1200000];
	struct hmfs_dataset *dataset;
	struct memory_volume v;
	struct hmfs_id id;
	uint32_t clone;

	memory_volume_make(&v, 16384, NULL);
	clone = snapshot(&v, LIVE, "clone", true);
	for (unsigned i = 0; i < 4; i++) {
		EXPECT_EQUAL(hmfs_create_nameless(v.volume, clone, &like, &id), 0);
		EXPECT_EQUAL(hmfs_write(v.volume, id, 0, bytes, sizeof(bytes)), sizeof(bytes));
		hmfs_object_let_go(v.volume, id);
	}
	EXPECT_EQUAL(hmfs_commit(v.volume), 0);
	EXPECT_EQUAL(hmfs_snapshot_delete(v.volume, clone), 0);
	work(&v);
	memory_volume_remount(&v);
	hmfs_lock(v.volume);
	EXPECT_EQUAL(hmfs_dataset_get_any(v.volume, clone, &dataset), -ENOENT);
	hmfs_unlock(v.volume);
	work(&v);
	expect_nothing_else(&v, 0);
	EXPECT_EQUAL(memory_host.lines[HMFS_LOG_ERROR], 0);
	memory_volume_end(&v);
}
