/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "map_fixture.h"

#include <base/errno.h>

#include <stdlib.h>
#include <string.h>
#include <unit.h>

static void note_damage(void *volume, const struct hmfs_pointer *pointer, unsigned copy,
			bool healed, const char *what)
{
	struct map_fixture *fixture = volume;

	(void)pointer;
	(void)copy;
	(void)what;
	if (healed)
		fixture->healed++;
	else
		fixture->damaged++;
}

void map_fixture_begin(struct map_fixture *fixture, uint64_t blocks, uint32_t hash,
		       size_t cache_bytes)
{
	static const struct hmfs_map_root empty;

	memset(fixture, 0, sizeof(*fixture));
	memory_device_create(&fixture->device, blocks);
	memory_host_init(&fixture->host, false);
	fixture->host.lock(fixture->host.context);
	fixture->context = (struct hmfs_context){
		.device = &fixture->device.device,
		.host = &fixture->host,
		.hash = hash,
		.damage = note_damage,
		.volume = fixture,
	};
	EXPECT_EQUAL(hmfs_node_cache_create(&fixture->context, cache_bytes), 0);
	EXPECT_EQUAL(hmfs_map_open(&fixture->space_map, &fixture->context, &empty), 0);
	EXPECT_EQUAL(hmfs_space_create(&fixture->context, &fixture->space_map, blocks, blocks,
				       &fixture->context.space),
		     0);
	EXPECT_EQUAL(hmfs_space_claim(fixture->context.space, 0, HMFS_RING_START + HMFS_RING_SLOTS),
		     0);
	EXPECT_EQUAL(hmfs_map_open(&fixture->map, &fixture->context, &empty), 0);
}

/* What was freed may be used again. */
static void settle_space(struct map_fixture *fixture)
{
	EXPECT_EQUAL(hmfs_space_seal(fixture->context.space), 0);
	hmfs_space_done(fixture->context.space, false);
}

static int count_blocks(void *argument, uint64_t address, uint64_t blocks)
{
	(void)address;
	*(uint64_t *)argument += blocks;
	return 0;
}

uint64_t map_fixture_blocks(struct map_fixture *fixture)
{
	struct hmfs_map_root root;
	uint64_t blocks = 0;

	hmfs_map_root(&fixture->map, &root);
	for (unsigned i = 0; i < root.count; i++)
		EXPECT_EQUAL(hmfs_segment_visit_blocks(&fixture->context, &root.segments[i],
						       count_blocks, &blocks),
			     0);
	return blocks;
}

void map_fixture_end(struct map_fixture *fixture)
{
	hmfs_map_close(&fixture->map);
	hmfs_space_destroy(fixture->context.space);
	hmfs_map_close(&fixture->space_map);
	hmfs_node_cache_destroy(&fixture->context);
	fixture->host.unlock(fixture->host.context);
	memory_host_end(&fixture->host);
	memory_device_destroy(&fixture->device);
}

void map_fixture_commit(struct map_fixture *fixture)
{
	EXPECT_EQUAL(hmfs_map_freeze(&fixture->map), 0);
	EXPECT_EQUAL(hmfs_map_write_frozen(&fixture->map, ++fixture->commit, true), 0);
	settle_space(fixture);
}

static int free_run(void *argument, uint64_t address, uint64_t blocks)
{
	struct map_fixture *fixture = argument;

	hmfs_space_free(fixture->context.space, address, blocks);
	return 0;
}

static void free_segment(void *argument, const struct hmfs_segment_pointer *segment)
{
	struct map_fixture *fixture = argument;

	EXPECT_EQUAL(hmfs_segment_visit_blocks(&fixture->context, segment, free_run, fixture), 0);
}

int map_fixture_step(struct map_fixture *fixture)
{
	return hmfs_map_merge_step(&fixture->map, fixture->commit, true, free_segment, fixture);
}

unsigned map_fixture_merge(struct map_fixture *fixture)
{
	unsigned steps = 0;
	int more;

	do {
		more = map_fixture_step(fixture);
		EXPECT(more >= 0);
		steps++;
	} while (more);
	settle_space(fixture);
	return steps;
}

void map_fixture_reopen(struct map_fixture *fixture)
{
	struct hmfs_map_root root;

	hmfs_map_root(&fixture->map, &root);
	hmfs_map_close(&fixture->map);
	hmfs_node_cache_shrink(&fixture->context, SIZE_MAX);
	EXPECT_EQUAL(hmfs_map_open(&fixture->map, &fixture->context, &root), 0);
}

struct hmfs_key map_fixture_key(uint64_t number)
{
	return (struct hmfs_key){
		.object = number >> 8,
		.place = HMFS_PLACE(HMFS_KIND_NAME, number >> 2 & 63),
		.minor = number & 3,
	};
}

size_t map_fixture_value(uint64_t number, uint64_t seed, size_t most, uint8_t *value)
{
	uint64_t random = (number + 1) * 0x9e3779b97f4a7c15u ^ seed;
	size_t length = unit_random_below(&random, most + 1);

	for (size_t i = 0; i < length; i++)
		value[i] = (uint8_t)unit_random(&random);
	return length;
}

void map_model_begin(struct map_model *model, uint64_t count, size_t most)
{
	*model = (struct map_model){ count, most, calloc(count, sizeof(*model->seeds)) };
}

void map_model_end(struct map_model *model)
{
	free(model->seeds);
}

void map_model_put(struct map_model *model, struct map_fixture *fixture, uint64_t number,
		   uint32_t seed)
{
	uint8_t value[HMFS_VALUE_MAX];
	struct hmfs_key key = map_fixture_key(number);
	size_t length = map_fixture_value(number, seed, model->most, value);

	model->seeds[number] = seed;
	EXPECT_EQUAL(hmfs_map_put(&fixture->map, &key, value, length), 0);
}

void map_model_remove(struct map_model *model, struct map_fixture *fixture, uint64_t number)
{
	struct hmfs_key key = map_fixture_key(number);

	model->seeds[number] = 0;
	EXPECT_EQUAL(hmfs_map_remove(&fixture->map, &key), 0);
}

void map_model_expect(struct map_model *model, struct map_fixture *fixture, uint64_t number)
{
	uint8_t value[HMFS_VALUE_MAX], got[HMFS_VALUE_MAX];
	struct hmfs_key key = map_fixture_key(number);
	ssize_t length = hmfs_map_get(&fixture->map, &key, got, sizeof(got));

	if (!model->seeds[number]) {
		EXPECT_EQUAL(length, -ENOENT);
		return;
	}
	EXPECT_EQUAL(length, map_fixture_value(number, model->seeds[number], model->most, value));
	EXPECT_BYTES(got, value, (size_t)length);
}

void map_model_expect_order(struct map_model *model, struct map_fixture *fixture, uint64_t from)
{
	uint8_t value[HMFS_VALUE_MAX];
	struct hmfs_cursor cursor = { 0 };
	struct hmfs_key key = map_fixture_key(from);
	int error = hmfs_cursor_seek(&cursor, &fixture->map, &key);

	for (; from < model->count; from++) {
		size_t length;

		if (!model->seeds[from])
			continue;
		EXPECT_EQUAL(error, 0);
		key = map_fixture_key(from);
		EXPECT_EQUAL(hmfs_key_compare(&cursor.key, &key), 0);
		length = map_fixture_value(from, model->seeds[from], model->most, value);
		EXPECT_EQUAL(cursor.value.length, length);
		EXPECT_BYTES(cursor.value.bytes, value, length);
		error = hmfs_cursor_next(&cursor);
	}
	EXPECT_EQUAL(error, -ENOENT);
	hmfs_cursor_close(&cursor);
}
