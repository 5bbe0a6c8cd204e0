/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allocating, freeing and commits' records of space, over a map in memory. */
#include "../src/map_priv.h"
#include "../src/space_priv.h"
#include "memory_volume.h"

#include <base/errno.h>

#include <stdlib.h>
#include <string.h>
#include <unit.h>

static struct hmfs_host host;
static struct hmfs_context context;
static struct hmfs_map map;
static struct hmfs_space *space;

static void space_begin(uint64_t blocks)
{
	static const struct hmfs_map_root empty;

	memory_host_init(&host, false);
	context = (struct hmfs_context){ .host = &host, .hash = HMFS_HASH_XXH3 };
	EXPECT_EQUAL(hmfs_map_open(&map, &context, &empty), 0);
	EXPECT_EQUAL(hmfs_space_create(&context, &map, blocks, blocks, &space), 0);
}

static void space_end(void)
{
	hmfs_space_destroy(space);
	hmfs_map_close(&map);
	memory_host_end(&host);
}

/* As after the power was cut: only what commits wrote counts. */
static void space_reopen(uint64_t blocks, uint64_t free_blocks)
{
	hmfs_space_destroy(space);
	EXPECT_EQUAL(hmfs_space_create(&context, &map, blocks, free_blocks, &space), 0);
}

static void commit(void)
{
	EXPECT_EQUAL(hmfs_space_seal(space), 0);
	EXPECT_EQUAL(hmfs_space_flush(space), 0);
	hmfs_space_done(space, false);
}

static uint64_t allocate(enum hmfs_use use, uint64_t hint, uint64_t wanted)
{
	uint64_t address, got;

	EXPECT_EQUAL(hmfs_space_allocate(space, use, hint, wanted, wanted, &address, &got), 0);
	EXPECT_EQUAL(got, wanted);
	return address;
}

/* Free blocks as the groups tell, which must be what is counted. */
static uint64_t free_by_walk(void)
{
	uint64_t address = 0, blocks, sum = 0;

	while (hmfs_space_next_free(space, &address, 1, &blocks) == 0) {
		sum += blocks;
		address += blocks;
	}
	return sum;
}

static void expect_free(uint64_t blocks)
{
	EXPECT_EQUAL(hmfs_space_free_blocks(space), blocks);
	EXPECT_EQUAL(free_by_walk(), blocks);
}

UNIT_TEST(hmfs_space, freed_is_free_after_the_commit)
{
	uint64_t first, second, third, got;

	space_begin(1000);
	first = allocate(HMFS_USE_METADATA, 10, 100);
	EXPECT_EQUAL(first, 10);
	commit();
	hmfs_space_free(space, first, 100);
	expect_free(900);
	EXPECT_EQUAL(hmfs_space_free_after(space), 1000);
	EXPECT_EQUAL(hmfs_space_allocate(space, HMFS_USE_METADATA, 10, 1, 1, &second, &got), 0);
	EXPECT_EQUAL(second, 110);
	EXPECT_EQUAL(hmfs_space_seal(space), 0);
	third = allocate(HMFS_USE_METADATA, 10, 1);
	EXPECT_EQUAL(third, 111);
	EXPECT_EQUAL(hmfs_space_flush(space), 0);
	expect_free(898);
	hmfs_space_done(space, false);
	expect_free(998);
	EXPECT_EQUAL(allocate(HMFS_USE_METADATA, 10, 100), 10);
	space_reopen(1000, 998);
	expect_free(998);
	space_end();
}

UNIT_TEST(hmfs_space, commits_do_not_tell_what_is_tentative)
{
	uint64_t data, merge;

	space_begin(1000);
	data = allocate(HMFS_USE_DATA, 100, 50);
	merge = allocate(HMFS_USE_MERGE, 200, 50);
	commit();
	space_reopen(1000, hmfs_space_free_after(space));
	expect_free(1000);
	data = allocate(HMFS_USE_DATA, 100, 50);
	merge = allocate(HMFS_USE_MERGE, 200, 50);
	EXPECT_EQUAL(hmfs_space_confirm_data(space, data, 30), 0);
	EXPECT_EQUAL(hmfs_space_confirm_data(space, data, 50), -EINVAL);
	EXPECT_EQUAL(hmfs_space_confirm(space, merge, 50), 0);
	hmfs_space_undo(space, data + 30, 20);
	EXPECT_EQUAL(hmfs_space_free_after(space), 920);
	commit();
	space_reopen(1000, hmfs_space_free_after(space));
	expect_free(920);
	space_end();
}

UNIT_TEST(hmfs_space, a_commit_has_what_was_before_its_seal)
{
	uint64_t before, during, freed;

	space_begin(1000);
	freed = allocate(HMFS_USE_METADATA, 500, 10);
	commit();
	before = allocate(HMFS_USE_DATA, 100, 10);
	during = allocate(HMFS_USE_DATA, 200, 10);
	EXPECT_EQUAL(hmfs_space_confirm_data(space, before, 10), 0);
	EXPECT_EQUAL(hmfs_space_seal(space), 0);
	EXPECT_EQUAL(hmfs_space_confirm_data(space, during, 10), 0);
	hmfs_space_free(space, freed, 10);
	hmfs_space_free(space, before, 5);
	EXPECT_EQUAL(hmfs_space_flush(space), 0);
	EXPECT_EQUAL(hmfs_space_free_after(space), 980);
	hmfs_space_done(space, false);
	space_reopen(1000, 980);
	expect_free(980);
	EXPECT_EQUAL(hmfs_space_claim(space, during, 10), 0);
	EXPECT_EQUAL(hmfs_space_claim(space, freed, 10), -EUCLEAN);
	space_end();
}

UNIT_TEST(hmfs_space, what_is_late_is_told_apart)
{
	struct hmfs_extent late[4];
	uint64_t first, second;

	space_begin(1000);
	first = allocate(HMFS_USE_METADATA, 500, 10);
	EXPECT_EQUAL(hmfs_space_seal(space), 0);
	EXPECT_EQUAL(hmfs_space_flush(space), 0);
	EXPECT_EQUAL(hmfs_space_late(space, late, 4), 0);
	first = allocate(HMFS_USE_METADATA, 600, 10);
	second = allocate(HMFS_USE_METADATA, 700, 10);
	EXPECT_EQUAL(hmfs_space_late(space, late, 1), 2);
	EXPECT_EQUAL(late[0].address, first);
	EXPECT_EQUAL(hmfs_space_flush(space), 0);
	EXPECT_EQUAL(hmfs_space_late(space, late, 4), 0);
	EXPECT_EQUAL(hmfs_space_free_after(space), 970);
	hmfs_space_undo(space, second, 10);
	first = allocate(HMFS_USE_METADATA, 800, 10);
	second = allocate(HMFS_USE_METADATA, 810, 10);
	hmfs_space_undo(space, first + 3, 2);
	EXPECT_EQUAL(hmfs_space_late(space, late, 4), 2);
	EXPECT_EQUAL(late[1].address, first + 5);
	EXPECT_EQUAL(late[1].blocks, 15);
	EXPECT_EQUAL(hmfs_space_flush(space), 0);
	hmfs_space_done(space, false);
	EXPECT_EQUAL(hmfs_space_free_after(space), 962);
	first = allocate(HMFS_USE_METADATA, 900, 10);
	EXPECT_EQUAL(hmfs_space_seal(space), 0);
	EXPECT_EQUAL(hmfs_space_flush(space), 0);
	first = allocate(HMFS_USE_METADATA, 950, 10);
	EXPECT_EQUAL(hmfs_space_late(space, late, 4), 1);
	EXPECT_EQUAL(hmfs_space_free_after(space), 952);
	hmfs_space_done(space, false);
	expect_free(942);
	/* The crash comes now: mounting claims it. */
	space_reopen(1000, 952);
	expect_free(952);
	EXPECT_EQUAL(hmfs_space_claim(space, late[0].address, late[0].blocks), 0);
	expect_free(942);
	commit();
	space_reopen(1000, 942);
	expect_free(942);
	space_end();
}

UNIT_TEST(hmfs_space, a_failed_commit_keeps_what_was_freed)
{
	uint64_t first;

	space_begin(1000);
	first = allocate(HMFS_USE_METADATA, 100, 100);
	commit();
	hmfs_space_free(space, first, 50);
	EXPECT_EQUAL(hmfs_space_seal(space), 0);
	hmfs_space_free(space, first + 50, 25);
	EXPECT_EQUAL(hmfs_space_flush(space), 0);
	hmfs_space_done(space, true);
	expect_free(900);
	EXPECT_EQUAL(hmfs_space_free_after(space), 975);
	commit();
	expect_free(975);
	space_reopen(1000, 975);
	expect_free(975);
	space_end();
}

UNIT_TEST(hmfs_space, freeing_twice_is_noticed)
{
	space_begin(100000);
	EXPECT_EQUAL(hmfs_space_claim(space, 32700, 200), 0);
	hmfs_space_free(space, 32760, 20);
	EXPECT_EQUAL(memory_host.lines[HMFS_LOG_ERROR], 0);
	hmfs_space_free(space, 32770, 1);
	EXPECT_EQUAL(memory_host.lines[HMFS_LOG_ERROR], 1);
	hmfs_space_free(space, 99999, 2);
	hmfs_space_free(space, 0, 1);
	EXPECT_EQUAL(memory_host.lines[HMFS_LOG_ERROR], 3);
	commit();
	expect_free(100000 - 180);
	space_end();
}

UNIT_TEST(hmfs_space, reserve_is_for_metadata)
{
	uint64_t address, got, data = 0;

	space_begin(32768);
	while (hmfs_space_allocate(space, HMFS_USE_DATA, 0, 1, 777, &address, &got) == 0)
		data += got;
	EXPECT_EQUAL(data, 32768 - 1024);
	EXPECT_EQUAL(hmfs_space_available(space), 0);
	EXPECT_EQUAL(hmfs_space_reserve(space, 1), -ENOSPC);
	EXPECT_EQUAL(hmfs_space_allocate(space, HMFS_USE_MERGE, 0, 1, 1024, &address, &got), 0);
	EXPECT_EQUAL(got, 512);
	EXPECT_EQUAL(hmfs_space_allocate(space, HMFS_USE_MERGE, 0, 1, 1, &address, &got), -ENOSPC);
	EXPECT_EQUAL(hmfs_space_allocate(space, HMFS_USE_METADATA, 0, 1, 1024, &address, &got), 0);
	EXPECT_EQUAL(got, 512);
	EXPECT_EQUAL(hmfs_space_allocate(space, HMFS_USE_METADATA, 0, 1, 1, &address, &got),
		     -ENOSPC);
	space_end();
}

UNIT_TEST(hmfs_space, promises_are_kept)
{
	uint64_t address, got, promised = 0;

	space_begin(32768);
	while (hmfs_space_reserve(space, 100) == 0)
		promised += 100;
	EXPECT(promised > 30000);
	EXPECT_EQUAL(hmfs_space_allocate(space, HMFS_USE_DATA, 0, 101, 101, &address, &got),
		     -ENOSPC);
	/* Commits use up half of the reserve meanwhile. */
	allocate(HMFS_USE_METADATA, 0, 512);
	for (; promised; promised -= 100) {
		hmfs_space_unreserve(space, 100);
		allocate(HMFS_USE_PROMISED, 0, 100);
	}
	space_end();
}

static unsigned items;
static struct hmfs_unlogged item[8];

static int note_item(void *argument, uint64_t address, uint64_t blocks, bool freed)
{
	if (argument)
		return -EIO;
	item[items++] = (struct hmfs_unlogged){ address, blocks, freed };
	return 0;
}

UNIT_TEST(hmfs_space, the_log_is_told_of_data)
{
	space_begin(1000);
	items = 0;
	allocate(HMFS_USE_METADATA, 500, 10);
	allocate(HMFS_USE_DATA, 100, 32);
	EXPECT_EQUAL(hmfs_space_confirm_data(space, 100, 16), 0);
	EXPECT_EQUAL(hmfs_space_confirm_data(space, 116, 16), 0);
	hmfs_space_free(space, 104, 4);
	hmfs_space_free_segment(space, 500, 10);
	EXPECT_EQUAL(hmfs_space_take_unlogged(space, note_item, &items), -EIO);
	EXPECT_EQUAL(hmfs_space_take_unlogged(space, note_item, NULL), 0);
	EXPECT_EQUAL(items, 2);
	EXPECT(item[0].address == 100 && item[0].blocks == 32 && !item[0].freed);
	EXPECT(item[1].address == 104 && item[1].blocks == 4 && item[1].freed);
	hmfs_space_free(space, 100, 4);
	commit();
	EXPECT_EQUAL(hmfs_space_take_unlogged(space, note_item, NULL), 0);
	EXPECT_EQUAL(items, 2);
	space_end();
}

UNIT_TEST(hmfs_space, grows_within_and_beyond_the_last_group)
{
	space_begin(40000);
	EXPECT_EQUAL(hmfs_space_claim(space, 39990, 10), 0);
	commit();
	EXPECT_EQUAL(hmfs_space_grow(space, 200000), 0);
	expect_free(200000 - 10);
	hmfs_space_free(space, 39990, 10);
	commit();
	expect_free(200000);
	space_reopen(200000, 200000);
	expect_free(200000);
	space_end();
}

UNIT_TEST(hmfs_space, takes_long_runs_where_there_are_some)
{
	uint64_t address, got;

	space_begin(4 * 32768);
	/* Of the first three groups every other block is in use. */
	for (uint64_t block = 5; block < 3 * 32768; block += 2)
		EXPECT_EQUAL(hmfs_space_claim(space, block, 1), 0);
	commit();
	EXPECT_EQUAL(hmfs_space_allocate(space, HMFS_USE_DATA, 40000, 1, 16, &address, &got), 0);
	EXPECT_EQUAL(got, 16);
	EXPECT_EQUAL(address, 3 * 32768);
	EXPECT_EQUAL(hmfs_space_allocate(space, HMFS_USE_DATA, 40000, 1, 1, &address, &got), 0);
	EXPECT_EQUAL(address, 40000);
	/* Where there are none it takes what it finds. */
	EXPECT_EQUAL(hmfs_space_claim(space, 3 * 32768 + 16, 32768 - 16), 0);
	EXPECT_EQUAL(hmfs_space_allocate(space, HMFS_USE_DATA, 50000, 2, 16, &address, &got), 0);
	EXPECT_EQUAL(got, 5);
	EXPECT_EQUAL(address, 0);
	EXPECT_EQUAL(hmfs_space_allocate(space, HMFS_USE_DATA, 50000, 1, 16, &address, &got), 0);
	EXPECT_EQUAL(got, 1);
	EXPECT_EQUAL(address, 50000);
	EXPECT_EQUAL(hmfs_space_allocate(space, HMFS_USE_DATA, 50000, 2, 16, &address, &got),
		     -ENOSPC);
	space_end();
}

/* Every allocation fails in turn, at some step: nothing is lost, nothing is given twice. */
UNIT_TEST(hmfs_space, survives_lack_of_memory)
{
	for (int64_t after = 1; after < 40; after++) {
		uint64_t address = 0, got = 0;
		int error;

		space_begin(100000);
		EXPECT_EQUAL(hmfs_space_claim(space, 0, 50000), 0);
		commit();
		space_reopen(100000, 50000);
		memory_host.fail_after = after;
		hmfs_space_free(space, 100, 50);
		hmfs_space_free(space, 40000, 50);
		error = hmfs_space_allocate(space, HMFS_USE_DATA, 60000, 100, 100, &address, &got);
		if (!error) {
			error = hmfs_space_confirm_data(space, address, got);
			if (error) {
				hmfs_space_undo(space, address, got);
				got = 0;
			}
		}
		while (hmfs_space_seal(space) != 0)
			;
		hmfs_space_free(space, 200, 50);
		while (hmfs_space_flush(space) != 0)
			;
		hmfs_space_done(space, false);
		while (hmfs_space_seal(space) != 0)
			;
		while (hmfs_space_flush(space) != 0)
			;
		hmfs_space_done(space, false);
		memory_host.fail_after = 0;
		expect_free(50000 + 150 - got);
		EXPECT_EQUAL(memory_host.lines[HMFS_LOG_ERROR], 0);
		space_end();
	}
}

/* After preparing, a run is dropped without memory; what shares it keeps it. */
UNIT_TEST(hmfs_space, a_prepared_drop_needs_no_memory)
{
	for (unsigned shared = 0; shared < 2; shared++) {
		space_begin(100000);
		EXPECT_EQUAL(hmfs_space_claim(space, 32760, 16), 0);
		if (shared)
			EXPECT_EQUAL(hmfs_shared_add(space, 32764, 8), 0);
		commit();
		space_reopen(100000, 100000 - 16);
		EXPECT_EQUAL(hmfs_shared_prepare_drop(space, 32760, 16), 0);
		memory_host.fail_for_good = true;
		memory_host.fail_after = 1;
		EXPECT_EQUAL(hmfs_shared_drop(space, 32760, 16), 0);
		memory_host.fail_after = 0;
		commit();
		expect_free(100000 - (shared ? 8 : 0));
		EXPECT_EQUAL(memory_host.lines[HMFS_LOG_ERROR], 0);
		space_end();
	}
}
