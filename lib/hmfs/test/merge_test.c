/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Merges: what they keep, what they cost, what they survive. */
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

static void change_some(uint64_t *random, unsigned changes, uint32_t seed)
{
	for (unsigned i = 0; i < changes; i++) {
		uint64_t number = unit_random_below(random, model.count);

		if (unit_random_below(random, 4))
			map_model_put(&model, &fixture, number, seed);
		else
			map_model_remove(&model, &fixture, number);
	}
}

/* Random changes, commits, steps of merges between them, now and then opened anew. */
UNIT_TEST(hmfs_merge, agrees_with_a_model)
{
	uint64_t random = 4711, before;

	begin(1 << 16, 6000, 150);
	before = hmfs_space_free_blocks(fixture.context.space);
	for (unsigned round = 1; round < 150; round++) {
		change_some(&random, (unsigned)unit_random_below(&random, 600), round);
		map_fixture_commit(&fixture);
		for (unsigned i = 0; i < 100; i++)
			map_model_expect(&model, &fixture, unit_random_below(&random, model.count));
		EXPECT(fixture.map.count < HMFS_LIST_MAX);
		if (fixture.map.count < 13 && round % 3)
			EXPECT(map_fixture_step(&fixture) >= 0);
		else
			map_fixture_merge(&fixture);
		if (round % 40 == 0) {
			map_fixture_reopen(&fixture);
			expect_all();
		}
	}
	map_fixture_merge(&fixture);
	EXPECT(fixture.map.count <= 10);
	expect_all();
	EXPECT(fixture.context.merges > 10);
	/* Every block is accounted for. */
	EXPECT_EQUAL(before - hmfs_space_free_blocks(fixture.context.space),
		     map_fixture_blocks(&fixture));
	end();
}

UNIT_TEST(hmfs_merge, what_was_removed_goes)
{
	uint64_t before;

	begin(1 << 16, 20000, 50);
	before = hmfs_space_free_blocks(fixture.context.space);
	for (uint64_t i = 0; i < model.count; i++)
		map_model_put(&model, &fixture, i, 1);
	map_fixture_commit(&fixture);
	for (uint64_t i = 0; i < model.count; i++)
		map_model_remove(&model, &fixture, i);
	map_fixture_commit(&fixture);
	map_fixture_merge(&fixture);
	EXPECT_EQUAL(fixture.map.count, 0);
	EXPECT_EQUAL(hmfs_space_free_blocks(fixture.context.space), before);
	expect_all();
	end();
}

UNIT_TEST(hmfs_merge, stopping_one_changes_nothing)
{
	uint64_t random = 3, before;

	begin(1 << 16, 20000, 100);
	for (unsigned i = 1; i < 12; i++) {
		change_some(&random, 3000, i);
		map_fixture_commit(&fixture);
	}
	before = hmfs_space_free_blocks(fixture.context.space);
	for (unsigned i = 0; i < 2; i++)
		EXPECT_EQUAL(map_fixture_step(&fixture), 1);
	EXPECT(fixture.map.merge != NULL);
	EXPECT(hmfs_space_free_blocks(fixture.context.space) < before);
	hmfs_map_merge_stop(&fixture.map);
	EXPECT_EQUAL(hmfs_space_free_blocks(fixture.context.space), before);
	expect_all();
	end();
}

/* The amortised cost of an entry, in blocks that merges and commits write for it. */
static uint64_t insert_cost(uint64_t entries, uint64_t by_commit)
{
	uint64_t random = 9, written;

	begin(1 << 18, 1, 0);
	for (uint64_t i = 0; i < entries; i++) {
		uint8_t value[24] = { 0 };
		struct hmfs_key key = { 7, unit_random(&random), i };

		EXPECT_EQUAL(hmfs_map_put(&fixture.map, &key, value, sizeof(value)), 0);
		if ((i + 1) % by_commit)
			continue;
		map_fixture_commit(&fixture);
		map_fixture_merge(&fixture);
	}
	written = fixture.device.blocks[MEMORY_WRITE];
	end();
	return written * 1000 / entries;
}

UNIT_TEST(hmfs_merge, cost_of_an_entry_grows_slowly)
{
	const uint64_t few = insert_cost(5000, 5000), many = insert_cost(125000, 5000);

	EXPECT(many <= few * 2);
	EXPECT(insert_cost(120000, 200) <= insert_cost(4000, 200) * 3);
}

/* Without changes for a while, few segments are left. */
UNIT_TEST(hmfs_merge, quiet_lists_become_short)
{
	uint64_t random = 2;

	begin(1 << 16, 20000, 60);
	for (unsigned i = 1; i < 8; i++) {
		change_some(&random, 2000, i);
		map_fixture_commit(&fixture);
	}
	map_fixture_merge(&fixture);
	EXPECT_EQUAL(fixture.map.count, 7);
	memory_host.now += 3000000000u;
	map_fixture_merge(&fixture);
	EXPECT(fixture.map.count <= 3);
	expect_all();
	map_fixture_reopen(&fixture);
	expect_all();
	end();
}

/* Each transfer, then each allocation of the merges fails in turn: nothing is lost or leaked. */
UNIT_TEST(hmfs_merge, merges_that_fail)
{
	for (unsigned way = 0; way < 2; way++) {
		uint64_t random = 8;
		unsigned nth = 1, fruitless = 0;

		begin(1 << 16, 9000, 60);
		for (; fruitless < 3 && nth < 400; nth++) {
			change_some(&random, 300, nth);
			map_fixture_commit(&fixture);
			if (fixture.map.count < 11)
				continue;
			map_fixture_reopen(&fixture);
			if (way == 0)
				fixture.device.fail_after = 1 + nth % 40;
			else
				memory_host.fail_after = 1 + nth % 60;
			for (;;) {
				int more = map_fixture_step(&fixture);

				if (more == 0)
					break;
				if (more > 0)
					continue;
				EXPECT_EQUAL(more, way == 0 ? -EIO : -ENOMEM);
				EXPECT(fixture.map.merge == NULL);
				break;
			}
			fixture.device.fail_after = 0;
			memory_host.fail_after = 0;
			for (unsigned i = 0; i < 60; i++)
				map_model_expect(&model, &fixture,
						 unit_random_below(&random, model.count));
			if (fixture.map.count >= HMFS_LIST_MAX - 1)
				map_fixture_merge(&fixture);
		}
		expect_all();
		end();
	}
}

/* On a volume with next to no space, small merges go on. */
UNIT_TEST(hmfs_merge, little_space)
{
	uint64_t random = 6;

	begin(2048, 40000, 100);
	for (uint64_t i = 0; i < 9000; i++)
		map_model_put(&model, &fixture, i, 1);
	map_fixture_commit(&fixture);
	for (unsigned round = 2; round < 60; round++) {
		for (unsigned i = 0; i < 20; i++)
			map_model_put(&model, &fixture, unit_random_below(&random, 9000), round);
		map_fixture_commit(&fixture);
		map_fixture_merge(&fixture);
		EXPECT(fixture.map.count < 13);
	}
	expect_all();
	end();
}
