/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nodes that somebody forged, checksums and all; and space in crumbs. */
#include "map_fixture.h"

#include <base/errno.h>

#include <stdlib.h>
#include <string.h>
#include <unit.h>

static struct map_fixture fixture;
static struct map_model model;

static int ignore_entry(void *argument, const struct hmfs_key *key, const struct hmfs_value *value)
{
	(void)key;
	*(uint64_t *)argument += value->length;
	return 0;
}

static int ignore_node(void *argument, const struct hmfs_pointer *pointer, unsigned copy, int error)
{
	(void)pointer;
	(void)copy;
	(void)error;
	(*(uint64_t *)argument)++;
	return 0;
}

static int ignore_blocks(void *argument, uint64_t address, uint64_t blocks)
{
	(void)address;
	*(uint64_t *)argument += blocks;
	return 0;
}

/* Everything that reads a map: whatever it gives, it ends and touches nothing it should not. */
static void use_everything(const struct hmfs_map_root *root, uint64_t *random)
{
	struct hmfs_cursor cursor = { 0 };
	struct hmfs_key key = { 0 };
	uint8_t value[HMFS_VALUE_MAX];
	uint64_t sum = 0;
	struct hmfs_map map;
	int error;

	hmfs_node_cache_shrink(&fixture.context, SIZE_MAX);
	EXPECT_EQUAL(hmfs_map_open(&map, &fixture.context, root), 0);
	for (unsigned i = 0; i < 20; i++) {
		ssize_t length;

		key = map_fixture_key(unit_random_below(random, model.count));
		length = hmfs_map_get(&map, &key, value, sizeof(value));
		EXPECT(length >= 0 || length == -EIO || length == -ENOENT);
	}
	for (error = hmfs_cursor_seek(&cursor, &map, &(struct hmfs_key){ 0 }); !error;
	     error = hmfs_cursor_next(&cursor))
		for (uint32_t i = 0; i < cursor.value.length; i++)
			sum += cursor.value.bytes[i];
	EXPECT(error == -ENOENT || error == -EIO);
	hmfs_cursor_close(&cursor);
	error = hmfs_segment_verify(&fixture.context, &root->segments[0], true, ignore_entry,
				    ignore_node, &sum);
	EXPECT(error == 0 || error == -EIO);
	error = hmfs_segment_visit_blocks(&fixture.context, &root->segments[0], ignore_blocks,
					  &sum);
	EXPECT(error == 0 || error == -EIO);
	hmfs_map_close(&map);
}

static void node_read(const struct hmfs_pointer *pointer, uint8_t *bytes)
{
	memory_device_peek(&fixture.device, pointer->address[0], pointer->blocks, bytes);
}

/* Writes a node that was changed, and its checksum into the pointer. */
static void node_forge(struct hmfs_pointer *pointer, const uint8_t *bytes)
{
	hmfs_sum(fixture.context.hash, bytes, pointer->blocks * HMFS_BLOCK_SIZE, pointer->sum);
	for (unsigned copy = 0; copy < 2; copy++)
		memory_device_poke(&fixture.device, pointer->address[copy], pointer->blocks, bytes);
}

/* A few bytes become others: those that matter more often. */
static void bytes_forge(uint8_t *bytes, size_t size, uint64_t *random)
{
	for (uint64_t i = unit_random_below(random, 3); i < 3; i++) {
		size_t within = unit_random_below(random, 3) ? 256 : size;
		size_t offset = unit_random_below(random, within);

		switch (unit_random_below(random, 4)) {
		case 0:
			bytes[offset] = 0xff;
			break;
		case 1:
			bytes[offset]++;
			break;
		case 2:
			bytes[offset] = 0;
			break;
		default:
			bytes[offset] = (uint8_t)unit_random(random);
		}
	}
}

static void forge_segments(uint64_t count, unsigned rounds, bool below)
{
	static uint8_t head[HMFS_NODE_SIZE], node[HMFS_NODE_SIZE], forged[HMFS_NODE_SIZE];
	uint64_t random = 99 + count;
	struct hmfs_map_root root;

	map_fixture_begin(&fixture, 1 << 14, HMFS_HASH_XXH3, 4 << 20);
	map_model_begin(&model, count, 30);
	for (uint64_t i = 0; i < count; i++)
		map_model_put(&model, &fixture, i, 1);
	map_fixture_commit(&fixture);
	hmfs_map_root(&fixture.map, &root);
	map_fixture_reopen(&fixture);
	node_read(&root.segments[0].head, head);
	for (unsigned round = 0; round < rounds; round++) {
		struct hmfs_map_root other = root;
		struct hmfs_pointer *pointer = &other.segments[0].head;

		memcpy(forged, head, sizeof(head));
		if (below) {
			const struct hmfs_index_node *index = (const void *)head;
			unsigned children = index->header.count;
			unsigned child = (unsigned)unit_random_below(&random, children + 1);
			struct hmfs_index_slot *slot = (void *)(forged + sizeof(*index) +
								children * sizeof(struct hmfs_key));
			uint8_t *sum = (uint8_t *)(slot + children) + child * 16;
			struct hmfs_pointer under = index->filter;

			if (child < children)
				under = (struct hmfs_pointer){
					.address = { slot[child].address[0] & HMFS_SLOT_ADDRESS,
						     slot[child].address[1] },
					.blocks = (uint32_t)(slot[child].address[0] >> 56),
				};
			else
				sum = ((struct hmfs_index_node *)forged)->filter.sum;
			node_read(&under, node);
			bytes_forge(node, under.blocks * HMFS_BLOCK_SIZE, &random);
			node_forge(&under, node);
			memcpy(sum, under.sum, 16);
		} else {
			bytes_forge(forged, pointer->blocks * HMFS_BLOCK_SIZE, &random);
		}
		node_forge(pointer, forged);
		use_everything(&other, &random);
	}
	map_fixture_end(&fixture);
	map_model_end(&model);
}

UNIT_TEST(hmfs_node, forged_leaves)
{
	forge_segments(150, 1500, false);
}

UNIT_TEST(hmfs_node, forged_heads)
{
	forge_segments(3000, 600, false);
}

UNIT_TEST(hmfs_node, forged_below_a_head)
{
	forge_segments(3000, 600, true);
}

UNIT_TEST(hmfs_node, forged_pointers)
{
	uint64_t random = 31;
	struct hmfs_map_root root;

	map_fixture_begin(&fixture, 1 << 14, HMFS_HASH_XXH3, 4 << 20);
	map_model_begin(&model, 100, 30);
	map_model_put(&model, &fixture, 1, 1);
	map_fixture_commit(&fixture);
	hmfs_map_root(&fixture.map, &root);
	for (unsigned round = 0; round < 500; round++) {
		struct hmfs_map_root other = root;

		bytes_forge((uint8_t *)&other.segments[0], sizeof(other.segments[0]), &random);
		use_everything(&other, &random);
	}
	root.count = HMFS_LIST_MAX + 1;
	struct hmfs_map map;
	EXPECT_EQUAL(hmfs_map_open(&map, &fixture.context, &root), -EIO);
	map_fixture_end(&fixture);
	map_model_end(&model);
}

/* Free space is single blocks, then pairs: nodes are smaller, and everything works. */
UNIT_TEST(hmfs_node, space_in_crumbs)
{
	for (uint64_t step = 2; step <= 3; step++) {
		map_fixture_begin(&fixture, 1 << 13, HMFS_HASH_XXH3, 4 << 20);
		map_model_begin(&model, 20000, step == 2 ? 60 : HMFS_VALUE_MAX);
		for (uint64_t block = 8; block < 1 << 13; block += step)
			EXPECT_EQUAL(hmfs_space_claim(fixture.context.space, block, 1), 0);
		for (uint64_t i = 0; i < (step == 2 ? 10000 : 500); i++)
			map_model_put(&model, &fixture, i, 1);
		map_fixture_commit(&fixture);
		map_fixture_reopen(&fixture);
		for (uint64_t i = 0; i < model.count; i += 7)
			map_model_expect(&model, &fixture, i);
		map_model_expect_order(&model, &fixture, 0);
		map_fixture_end(&fixture);
		map_model_end(&model);
	}
}
