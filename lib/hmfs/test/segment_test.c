/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maps with segments: what is found in them, in which order, with how many reads, and what becomes
 * of damage. */
#include "map_fixture.h"

#include <base/errno.h>

#include <stdlib.h>
#include <string.h>
#include <unit.h>

static struct map_fixture fixture;
static struct map_model model;

static void begin(uint64_t blocks, uint64_t count, size_t most)
{
	map_fixture_begin(&fixture, blocks, HMFS_HASH_XXH3, 8 << 20);
	map_model_begin(&model, count, most);
}

static void end(void)
{
	map_fixture_end(&fixture);
	map_model_end(&model);
}

static void expect_all(void)
{
	for (uint64_t i = 0; i < model.count; i++)
		map_model_expect(&model, &fixture, i);
	map_model_expect_order(&model, &fixture, 0);
}

UNIT_TEST(hmfs_segment, one_leaf)
{
	begin(4096, 300, 20);
	for (uint64_t i = 0; i < 300; i += 3)
		map_model_put(&model, &fixture, i, 1);
	map_fixture_commit(&fixture);
	EXPECT_EQUAL(fixture.map.count, 1);
	EXPECT_EQUAL(fixture.map.segments[0]->pointer.entries, 100);
	expect_all();
	map_fixture_reopen(&fixture);
	expect_all();
	end();
}

/* Values of all lengths, each kind of checksum. */
UNIT_TEST(hmfs_segment, several_levels)
{
	for (uint32_t hash = HMFS_HASH_XXH3; hash <= HMFS_HASH_SHA3_512; hash++) {
		map_fixture_begin(&fixture, 1 << 16, hash, 8 << 20);
		map_model_begin(&model, hash == HMFS_HASH_XXH3 ? 20000 : 3000, HMFS_VALUE_MAX);
		for (uint64_t i = 0; i < model.count; i++)
			if (i % 5)
				map_model_put(&model, &fixture, i, 1);
		map_fixture_commit(&fixture);
		map_fixture_reopen(&fixture);
		EXPECT(fixture.map.count == 1);
		expect_all();
		end();
	}
}

UNIT_TEST(hmfs_segment, newer_ones_hide_older_ones)
{
	begin(1 << 16, 5000, 100);
	for (uint32_t commit = 1; commit < 8; commit++) {
		for (uint64_t i = 0; i < 5000; i += commit)
			map_model_put(&model, &fixture, i, commit);
		for (uint64_t i = commit; i < 5000; i += 7)
			map_model_remove(&model, &fixture, i);
		map_fixture_commit(&fixture);
		if (commit == 4)
			map_fixture_reopen(&fixture);
	}
	for (uint64_t i = 0; i < 5000; i += 11)
		map_model_put(&model, &fixture, i, 99);
	EXPECT_EQUAL(fixture.map.count, 7);
	expect_all();
	for (uint64_t i = 1; i < 5000; i += 777)
		map_model_expect_order(&model, &fixture, i);
	end();
}

UNIT_TEST(hmfs_segment, nothing_is_written_of_nothing)
{
	begin(4096, 10, 10);
	map_fixture_commit(&fixture);
	EXPECT_EQUAL(fixture.map.count, 0);
	map_model_put(&model, &fixture, 3, 1);
	map_model_remove(&model, &fixture, 3);
	map_fixture_commit(&fixture);
	EXPECT_EQUAL(fixture.map.count, 0);
	EXPECT_EQUAL(fixture.device.blocks[MEMORY_WRITE], 0);
	expect_all();
	end();
}

/* Changes and commits while a cursor is under way. */
UNIT_TEST(hmfs_segment, cursor_over_commits)
{
	struct hmfs_cursor cursor = { 0 };
	struct hmfs_key first = { 0 };
	uint64_t number = 0;

	begin(1 << 16, 3000, 200);
	for (uint64_t i = 0; i < 3000; i += 2)
		map_model_put(&model, &fixture, i, 1);
	map_fixture_commit(&fixture);
	EXPECT_EQUAL(hmfs_cursor_seek(&cursor, &fixture.map, &first), 0);
	for (;;) {
		struct hmfs_key key;
		int error;

		while (number < 3000 && !model.seeds[number])
			number++;
		key = map_fixture_key(number);
		EXPECT_EQUAL(hmfs_key_compare(&key, &cursor.key), 0);
		if (number % 10 == 0 && number + 1 < 3000)
			map_model_put(&model, &fixture, number + 1, 2);
		if (number % 14 == 0)
			map_model_remove(&model, &fixture, number);
		if (number % 700 == 0)
			map_fixture_commit(&fixture);
		number++;
		error = hmfs_cursor_next(&cursor);
		if (error == -ENOENT)
			break;
		EXPECT_EQUAL(error, 0);
	}
	while (number < 3000)
		EXPECT_EQUAL(model.seeds[number++], 0);
	hmfs_cursor_close(&cursor);
	end();
}

UNIT_TEST(hmfs_segment, cold_lookups_read_few_nodes)
{
	enum { KEYS = 100000, LOOKS = 300 };
	uint64_t random = 5, reads;

	begin(1 << 16, KEYS, 40);
	for (uint64_t i = 0; i < KEYS; i++)
		map_model_put(&model, &fixture, i, 1);
	map_fixture_commit(&fixture);
	for (unsigned commit = 0; commit < 5; commit++) {
		for (uint64_t i = commit; i < KEYS; i += 100)
			map_model_put(&model, &fixture, i, 2);
		map_fixture_commit(&fixture);
	}
	map_fixture_reopen(&fixture);
	map_model_expect(&model, &fixture, 0);
	reads = fixture.context.node_reads;
	for (unsigned i = 0; i < LOOKS; i++) {
		hmfs_node_cache_shrink(&fixture.context, SIZE_MAX);
		map_model_expect(&model, &fixture, unit_random_below(&random, KEYS));
	}
	reads = fixture.context.node_reads - reads;
	EXPECT(reads <= 25 * LOOKS / 10);
	/* What is not there costs next to nothing. */
	reads = fixture.context.node_reads;
	for (unsigned i = 0; i < LOOKS; i++) {
		struct hmfs_key key = { unit_random_below(&random, KEYS >> 8), i, 77 };
		uint8_t byte;

		hmfs_node_cache_shrink(&fixture.context, SIZE_MAX);
		EXPECT_EQUAL(hmfs_map_get(&fixture.map, &key, &byte, 1), -ENOENT);
	}
	EXPECT(fixture.context.node_reads - reads < LOOKS / 4);
	end();
}

UNIT_TEST(hmfs_segment, writes_are_large)
{
	begin(1 << 16, 50000, 60);
	for (uint64_t i = 0; i < model.count; i++)
		map_model_put(&model, &fixture, i, 1);
	map_fixture_commit(&fixture);
	EXPECT(fixture.device.blocks[MEMORY_WRITE] > 1000);
	EXPECT(fixture.device.calls[MEMORY_WRITE] < fixture.device.blocks[MEMORY_WRITE] / 100);
	EXPECT_EQUAL(map_fixture_blocks(&fixture), fixture.device.blocks[MEMORY_WRITE]);
	end();
}

/* --- Damage --- */

static struct hmfs_extent copies[64];
static unsigned copy_count;

static int note_run(void *argument, uint64_t address, uint64_t blocks)
{
	(void)argument;
	if (copy_count < array_length(copies))
		copies[copy_count++] = (struct hmfs_extent){ address, blocks };
	return 0;
}

static void note_runs(void)
{
	struct hmfs_map_root root;

	copy_count = 0;
	hmfs_map_root(&fixture.map, &root);
	for (unsigned i = 0; i < root.count; i++)
		EXPECT_EQUAL(hmfs_segment_visit_blocks(&fixture.context, &root.segments[i],
						       note_run, NULL),
			     0);
}

UNIT_TEST(hmfs_segment, heals_a_copy_from_the_other)
{
	uint64_t random = 11;

	begin(1 << 15, 6000, 100);
	for (uint64_t i = 0; i < model.count; i++)
		map_model_put(&model, &fixture, i, 1);
	map_fixture_commit(&fixture);
	note_runs();
	EXPECT(copy_count >= 2);
	for (unsigned i = 0; i < copy_count; i++)
		for (uint64_t block = 0; block < copies[i].blocks; block++)
			if (copies[i].address < 1 << 14)
				memory_device_flip(&fixture.device, copies[i].address + block,
						   (unsigned)unit_random_below(&random, 4096), 4);
	map_fixture_reopen(&fixture);
	expect_all();
	EXPECT(fixture.healed > 10);
	EXPECT_EQUAL(fixture.damaged, 0);
	fixture.healed = 0;
	map_fixture_reopen(&fixture);
	expect_all();
	EXPECT_EQUAL(fixture.healed, 0);
	end();
}

/* Any byte of both copies: the right value, or -EIO. */
UNIT_TEST(hmfs_segment, damage_to_both_copies_is_an_error)
{
	uint64_t random = 12;
	unsigned errors = 0;

	begin(1 << 15, 2000, 60);
	for (uint64_t i = 0; i < model.count; i++)
		map_model_put(&model, &fixture, i, 1);
	map_fixture_commit(&fixture);
	note_runs();
	for (unsigned round = 0; round < 200; round++) {
		uint64_t number = unit_random_below(&random, model.count);
		struct hmfs_key key = map_fixture_key(number);
		uint8_t wanted[64], got[64];
		size_t length = map_fixture_value(number, 1, 60, wanted);
		unsigned offset = (unsigned)unit_random_below(&random, 4096);
		ssize_t result;

		for (unsigned flip = 0; flip < 2; flip++) {
			if (flip == 1) {
				map_fixture_reopen(&fixture);
				result = hmfs_map_get(&fixture.map, &key, got, sizeof(got));
				EXPECT(result == -EIO || result == (ssize_t)length);
				if (result >= 0)
					EXPECT_BYTES(got, wanted, length);
				errors += result == -EIO;
			}
			for (unsigned i = 0; i < copy_count; i++)
				memory_device_flip(&fixture.device,
						   copies[i].address + round % copies[i].blocks,
						   offset, 0x81);
		}
	}
	EXPECT(errors > 2);
	EXPECT(fixture.damaged >= errors);
	map_fixture_reopen(&fixture);
	expect_all();
	end();
}

static int count_bad(void *argument, const struct hmfs_pointer *pointer, unsigned copy, int error)
{
	(void)pointer;
	(void)error;
	((unsigned *)argument)[copy]++;
	return 0;
}

UNIT_TEST(hmfs_segment, verifying_finds_each_bad_copy)
{
	struct hmfs_map_root root;
	unsigned bad[2] = { 0, 0 };
	struct hmfs_segment_pointer *segment = &root.segments[0];

	begin(1 << 15, 30000, 40);
	for (uint64_t i = 0; i < model.count; i++)
		map_model_put(&model, &fixture, i, 1);
	map_fixture_commit(&fixture);
	hmfs_map_root(&fixture.map, &root);
	map_fixture_reopen(&fixture);
	EXPECT_EQUAL(hmfs_segment_verify(&fixture.context, segment, true, NULL, count_bad, bad), 0);
	EXPECT_EQUAL(bad[0] + bad[1], 0);
	note_runs();
	/* The first two are the head's. */
	memory_device_flip(&fixture.device, copies[2].address, 100, 1);
	memory_device_flip(&fixture.device, segment->head.address[1], 5, 1);
	fixture.context.no_healing = true;
	EXPECT_EQUAL(hmfs_segment_verify(&fixture.context, segment, true, NULL, count_bad, bad), 0);
	EXPECT_EQUAL(bad[0] + bad[1], 2);
	fixture.context.no_healing = false;
	EXPECT_EQUAL(hmfs_segment_verify(&fixture.context, segment, true, NULL, count_bad, bad), 0);
	EXPECT_EQUAL(bad[0] + bad[1], 4);
	EXPECT_EQUAL(hmfs_segment_verify(&fixture.context, segment, true, NULL, count_bad, bad), 0);
	EXPECT_EQUAL(bad[0] + bad[1], 4);
	end();
}

/* --- Failures --- */

/* Every transfer of a commit fails in turn, then every allocation: an error, nothing leaked, and
 * it works the next time. */
UNIT_TEST(hmfs_segment, commits_that_fail)
{
	for (unsigned way = 0; way < 2; way++) {
		unsigned nth = 1;
		int error;

		begin(1 << 15, 8000, 100);
		for (uint64_t i = 0; i < model.count; i += 2)
			map_model_put(&model, &fixture, i, 1);
		do {
			uint64_t before = hmfs_space_free_blocks(fixture.context.space);

			if (way == 0)
				fixture.device.fail_after = nth;
			else
				memory_host.fail_after = nth;
			error = hmfs_map_freeze(&fixture.map);
			if (!error)
				error = hmfs_map_write_frozen(&fixture.map, nth, true);
			fixture.device.fail_after = 0;
			memory_host.fail_after = 0;
			if (error) {
				EXPECT_EQUAL(error, way == 0 ? -EIO : -ENOMEM);
				EXPECT_EQUAL(hmfs_space_free_blocks(fixture.context.space), before);
			}
			map_model_put(&model, &fixture, nth * 2, nth + 1);
			nth++;
		} while (error);
		EXPECT(nth > 3);
		expect_all();
		map_fixture_commit(&fixture);
		map_fixture_reopen(&fixture);
		expect_all();
		end();
	}
}
