/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each allocation, and each read, write and flush of the device, fails in turn, once or from then
 * on, under a workload that has everything in it that volumes do: the workload gets errors, and
 * nothing is lost that was synced, nor leaked.
 */
#include <hmfs/file.h>

#include <base/errno.h>

#include <stdio.h>
#include <string.h>

#include "memory_volume.h"
#include "unit.h"

#define FILES 6u
#define SIZES 3u
static const unsigned sizes[SIZES] = { 900, 5000, 150000 };

struct state {
	struct memory_volume v;
	/* What each file is filled with: at the last sync, and what was tried since; 0: it is not
	 * there. */
	uint8_t synced[FILES], newest[FILES];
	unsigned errors;
	bool snapshot;
	uint8_t in_snapshot[FILES];
};

static const struct hmfs_id root = { HMFS_DATASET_LIVE, HMFS_ROOT_OBJECT };
static uint8_t buffer[150000];

static int name_of(unsigned file, char name[16])
{
	return snprintf(name, 16, "file %u", file);
}

static bool note(struct state *state, int error)
{
	if (!error)
		return true;
	EXPECT(error == -EIO || error == -ENOMEM || error == -EROFS || error == -ENOSPC);
	state->errors++;
	return false;
}

static int open_file(struct state *state, uint32_t dataset, unsigned file, struct hmfs_id *id)
{
	const struct hmfs_id directory = { dataset, HMFS_ROOT_OBJECT };
	char name[16];
	const int length = name_of(file, name);

	return hmfs_lookup(state->v.volume, directory, name, (size_t)length, id, NULL);
}

/* A file is made anew each time, and takes its name by a rename: as a whole or not at all. */
static void write_file(struct state *state, unsigned file, uint8_t fill)
{
	const struct hmfs_template like = { .mode = 0100644 };
	struct hmfs_volume *volume = state->v.volume;
	const unsigned size = sizes[file % SIZES];
	struct hmfs_id id, old;
	char name[16];
	const int length = name_of(file, name);
	ssize_t written;
	int error;

	if (hmfs_lookup(volume, root, "new", 3, &old, NULL) == 0)
		(void)!hmfs_unlink(volume, root, "new", 3);
	if (!note(state, hmfs_create(volume, root, "new", 3, &like, &id)))
		return;
	memset(buffer, fill, size);
	written = hmfs_write(volume, id, 0, buffer, size);
	hmfs_object_let_go(volume, id);
	if (written != (ssize_t)size) {
		EXPECT(written < 0);
		note(state, (int)written);
		return;
	}
	error = hmfs_rename(volume, root, "new", 3, root, name, (size_t)length, 0);
	if (note(state, error))
		state->newest[file] = fill;
}

static void delete_file(struct state *state, unsigned file)
{
	char name[16];
	const int length = name_of(file, name);

	if (note(state, hmfs_unlink(state->v.volume, root, name, (size_t)length)))
		state->newest[file] = 0;
}

static void sync(struct state *state, bool commit)
{
	struct hmfs_volume *volume = state->v.volume;

	if (note(state, commit ? hmfs_commit(volume) : hmfs_sync(volume)))
		memcpy(state->synced, state->newest, sizeof(state->synced));
}

static void take_snapshot(struct state *state)
{
	uint32_t number;

	if (!note(state, hmfs_snapshot(state->v.volume, HMFS_DATASET_LIVE, "s", false, &number)))
		return;
	state->snapshot = true;
	memcpy(state->in_snapshot, state->newest, sizeof(state->in_snapshot));
	memcpy(state->synced, state->newest, sizeof(state->synced));
}

static void work(struct state *state)
{
	for (unsigned i = 0; i < 100; i++) {
		const int more = hmfs_work(state->v.volume, 1000000);

		if (more < 0)
			note(state, more);
		if (more <= 0)
			return;
	}
}

static void workload(struct state *state)
{
	for (unsigned i = 0; i < FILES; i++)
		write_file(state, i, 'a');
	sync(state, false);
	write_file(state, 0, 'b');
	sync(state, false);
	write_file(state, 1, 'b');
	write_file(state, 2, 'b');
	sync(state, false);
	take_snapshot(state);
	write_file(state, 2, 'c');
	if (state->newest[3])
		delete_file(state, 3);
	sync(state, true);
	(void)hmfs_shrink(state->v.volume, SIZE_MAX);
	work(state);
	for (uint8_t i = 0; i < 5; i++) {
		write_file(state, 4, (uint8_t)('e' + i));
		sync(state, true);
		(void)hmfs_shrink(state->v.volume, SIZE_MAX);
	}
	work(state);
	write_file(state, 5, 'z');
	sync(state, false);
}

/* -1: not there. Every byte is verified. */
static int contents(struct state *state, uint32_t dataset, unsigned file)
{
	const unsigned size = sizes[file % SIZES];
	struct hmfs_id id;
	const int error = open_file(state, dataset, file, &id);

	if (error == -ENOENT)
		return 0;
	EXPECT_EQUAL(error, 0);
	EXPECT_EQUAL(hmfs_read(state->v.volume, id, 0, buffer, size), size);
	for (unsigned i = 1; i < size; i++)
		EXPECT_EQUAL(buffer[i], buffer[0]);
	return buffer[0];
}

static void verify(struct state *state, bool crashed)
{
	struct hmfs_dataset_info info;

	for (unsigned i = 0; i < FILES; i++) {
		const int found = contents(state, HMFS_DATASET_LIVE, i);

		EXPECT(found == state->newest[i] || (crashed && found == state->synced[i]));
	}
	if (!state->snapshot)
		return;
	EXPECT_EQUAL(hmfs_dataset_find(state->v.volume, "s", &info), 0);
	for (unsigned i = 0; i < FILES; i++)
		EXPECT_EQUAL(contents(state, info.number, i), state->in_snapshot[i]);
}

/* A name, or none: what is between is the last sync and what was tried since. */
static void verify_synced(struct state *state)
{
	for (unsigned i = 0; i < FILES; i++) {
		const int found = contents(state, HMFS_DATASET_LIVE, i);

		if (state->synced[i] == state->newest[i])
			EXPECT_EQUAL(found, state->synced[i]);
		else
			EXPECT(!found || found == state->synced[i] || found == state->newest[i] ||
			       (found > state->synced[i] && found < state->newest[i]));
	}
}

static void start(struct state *state)
{
	memset(state, 0, sizeof(*state));
	memory_volume_make(&state->v, 4096, NULL);
	/* Commits are small, caches too: more of what can fail is done. */
	state->v.host.cache_bytes = 64 << 10;
}

UNIT_TEST(hmfs_fault, none)
{
	struct state state;

	start(&state);
	workload(&state);
	EXPECT_EQUAL(state.errors, 0);
	verify(&state, false);
	memory_volume_remount(&state.v);
	verify(&state, false);
	memory_volume_end(&state.v);
}

static void fail_allocations(bool for_good, unsigned step)
{
	for (unsigned after = 1;; after += step) {
		struct state state;
		bool reached;

		start(&state);
		memory_host.fail_for_good = for_good;
		memory_host.fail_after = after;
		workload(&state);
		reached = for_good ? state.errors : !memory_host.fail_after;
		memory_host.fail_after = 0;
		verify_synced(&state);
		/* It goes on as if nothing had been. */
		EXPECT(!hmfs_is_read_only(state.v.volume));
		write_file(&state, 1, 'y');
		EXPECT_EQUAL(hmfs_sync(state.v.volume), 0);
		memcpy(state.synced, state.newest, sizeof(state.synced));
		verify(&state, false);
		memory_volume_crash(&state.v);
		verify(&state, false);
		memory_volume_end(&state.v);
		if (!reached)
			break;
	}
}

UNIT_TEST(hmfs_fault, each_allocation_once)
{
	fail_allocations(false, 1);
}

UNIT_TEST(hmfs_fault, allocations_from_then_on)
{
	fail_allocations(true, 7);
}

static void fail_device(bool for_good, unsigned step)
{
	for (unsigned after = 1;; after += step) {
		struct state state;
		bool reached;

		start(&state);
		state.v.device.fail_for_good = for_good;
		state.v.device.fail_after = after;
		workload(&state);
		reached = for_good ? state.errors : !state.v.device.fail_after;
		state.v.device.fail_after = 0;
		verify_synced(&state);
		memory_volume_crash(&state.v);
		verify_synced(&state);
		memcpy(state.newest, state.synced, sizeof(state.newest));
		for (unsigned i = 0; i < FILES; i++)
			state.newest[i] = (uint8_t)contents(&state, HMFS_DATASET_LIVE, i);
		verify(&state, false);
		write_file(&state, 0, 'y');
		memory_volume_remount(&state.v);
		verify(&state, false);
		memory_volume_end(&state.v);
		if (!reached)
			break;
	}
}

UNIT_TEST(hmfs_fault, each_transfer_once)
{
	fail_device(false, 1);
}

UNIT_TEST(hmfs_fault, transfers_from_then_on)
{
	fail_device(true, 1);
}

/* With a log to replay, and a commit to follow. */
UNIT_TEST(hmfs_fault, mounting)
{
	struct state state;
	unsigned failed = 0;

	start(&state);
	workload(&state);
	hmfs_abandon(state.v.volume);
	for (unsigned after = 1;; after++) {
		struct memory_volume w = { .host = state.v.host };
		const bool device = after & 1;
		int error;

		memory_device_create(&w.device, state.v.device.device.blocks);
		memory_device_copy(&w.device, &state.v.device);
		w.device.fail_after = device ? after / 2 + 1 : 0;
		memory_host.fail_after = device ? 0 : after / 2;
		error = memory_volume_mount(&w, false);
		failed += error != 0;
		EXPECT(!error || error == -EIO || error == -ENOMEM);
		if (error)
			EXPECT_EQUAL(memory_volume_mount(&w, false), 0);
		if (!w.device.fail_after && !memory_host.fail_after) {
			struct state found = state;

			found.v.volume = w.volume;
			memcpy(found.newest, state.newest, sizeof(found.newest));
			if (!hmfs_is_read_only(w.volume))
				verify(&found, false);
		} else if (device) {
			w.device.fail_after = 0;
			(void)!hmfs_unmount(w.volume);
			memory_device_destroy(&w.device);
			break;
		}
		memory_host.fail_after = 0;
		(void)!hmfs_unmount(w.volume);
		memory_device_destroy(&w.device);
	}
	EXPECT(failed > 20);
	state.v.volume = NULL;
	memory_volume_end(&state.v);
}

/* Files that are nothing but metadata, until there is no more room: all of them can be deleted,
 * and then there is room again. */
UNIT_TEST(hmfs_fault, full_of_metadata)
{
	const struct hmfs_template like = { .mode = 0100644 };
	struct memory_volume v;
	unsigned counts[2];
	struct hmfs_id id;
	char name[48];

	memory_volume_make(&v, 1024, NULL);
	for (unsigned round = 0; round < 2; round++) {
		unsigned made = 0;
		int error = 0;

		while (!error) {
			const int length = snprintf(name, sizeof(name), "file %u of many", made);

			error = hmfs_create(v.volume, root, name, (size_t)length, &like, &id);
			if (error)
				break;
			hmfs_object_let_go(v.volume, id);
			if (++made % 1000 == 0)
				EXPECT_EQUAL(hmfs_commit(v.volume), 0);
		}
		EXPECT_EQUAL(error, -ENOSPC);
		counts[round] = made;
		if (!round)
			memory_volume_remount(&v);
		for (unsigned i = 0; i < made; i++) {
			const int length = snprintf(name, sizeof(name), "file %u of many", i);

			EXPECT_EQUAL(hmfs_unlink(v.volume, root, name, (size_t)length), 0);
		}
		EXPECT_EQUAL(hmfs_commit(v.volume), 0);
		while (hmfs_work(v.volume, 0) > 0)
			;
		if (round)
			memory_volume_crash(&v);
	}
	EXPECT(counts[0] > 2000);
	EXPECT(counts[1] > counts[0] / 10 * 9);
	memory_volume_end(&v);
}

/* Data up to the last block, and then changes and commits: lists are merged all the same. */
UNIT_TEST(hmfs_fault, full_of_data)
{
	const struct hmfs_template like = { .mode = 0100644 };
	static struct hmfs_id ids[3000];
	struct memory_volume v;
	struct hmfs_id big;
	uint64_t offset = 0;
	char name[48];

	memory_volume_make(&v, 16384, NULL);
	for (unsigned i = 0; i < array_length(ids); i++) {
		const int length = snprintf(name, sizeof(name), "a file that is number %u", i);

		EXPECT_EQUAL(hmfs_create(v.volume, root, name, (size_t)length, &like, &ids[i]), 0);
		hmfs_object_let_go(v.volume, ids[i]);
	}
	EXPECT_EQUAL(hmfs_create(v.volume, root, "big", 3, &like, &big), 0);
	memset(buffer, 'b', sizeof(buffer));
	while (hmfs_write(v.volume, big, offset, buffer, 65536) == 65536)
		offset += 65536;
	while (hmfs_write(v.volume, big, offset, buffer, HMFS_BLOCK_SIZE) == HMFS_BLOCK_SIZE)
		offset += HMFS_BLOCK_SIZE;
	EXPECT(offset > 16384u / 4 * 3 * HMFS_BLOCK_SIZE);
	for (unsigned round = 0; round < 40; round++) {
		const struct hmfs_attributes attributes = { .modify = round };

		for (unsigned i = 0; i < array_length(ids); i++)
			EXPECT_EQUAL(
				hmfs_set_attributes(v.volume, ids[i], HMFS_SET_MODIFY, &attributes),
				0);
		EXPECT_EQUAL(hmfs_commit(v.volume), 0);
	}
	hmfs_object_let_go(v.volume, big);
	EXPECT_EQUAL(hmfs_unlink(v.volume, root, "big", 3), 0);
	while (hmfs_work(v.volume, 0) > 0)
		;
	EXPECT_EQUAL(hmfs_commit(v.volume), 0);
	EXPECT_EQUAL(hmfs_create(v.volume, root, "new", 3, &like, &big), 0);
	EXPECT_EQUAL(hmfs_write(v.volume, big, 0, buffer, 100000), 100000);
	hmfs_object_let_go(v.volume, big);
	memory_volume_end(&v);
}
