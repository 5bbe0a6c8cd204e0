/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A map on a device in memory with its space, for tests, and a model that it is compared with. */
#pragma once

#include "../src/map_priv.h"
#include "../src/segment_write.h"
#include "memory_volume.h"

struct map_fixture {
	struct memory_device device;
	struct hmfs_host host;
	struct hmfs_context context;
	struct hmfs_map space_map; /* of the space, never written */
	struct hmfs_map map;
	uint64_t commit;
	/* What damage() was told. */
	unsigned healed, damaged;
};

void map_fixture_begin(struct map_fixture *fixture, uint64_t blocks, uint32_t hash,
		       size_t cache_bytes);
/* Fails if memory or blocks were leaked. */
void map_fixture_end(struct map_fixture *fixture);
/* Freezes and writes; expects it to work. */
void map_fixture_commit(struct map_fixture *fixture);
/* Steps of merging until there is nothing to do: how many. */
int must_check map_fixture_step(struct map_fixture *fixture);
unsigned map_fixture_merge(struct map_fixture *fixture);
/* Closes the map and opens what is on the device, with a cold cache. */
void map_fixture_reopen(struct map_fixture *fixture);
/* Blocks that the map's segments have, both copies. */
uint64_t map_fixture_blocks(struct map_fixture *fixture);

/* The key and the value of a number: keys are in the order of numbers, values are made from
 * `seed`, of up to `most` bytes. */
struct hmfs_key map_fixture_key(uint64_t number);
size_t map_fixture_value(uint64_t number, uint64_t seed, size_t most, uint8_t *value);

/* A model: seeds of the values of the numbers below `count`, 0: absent. */
struct map_model {
	uint64_t count;
	size_t most;
	uint32_t *seeds;
};
void map_model_begin(struct map_model *model, uint64_t count, size_t most);
void map_model_end(struct map_model *model);
void map_model_put(struct map_model *model, struct map_fixture *fixture, uint64_t number,
		   uint32_t seed);
void map_model_remove(struct map_model *model, struct map_fixture *fixture, uint64_t number);
void map_model_expect(struct map_model *model, struct map_fixture *fixture, uint64_t number);
/* All of them, by a cursor, from `from` on, and that is all there is. */
void map_model_expect_order(struct map_model *model, struct map_fixture *fixture, uint64_t from);
