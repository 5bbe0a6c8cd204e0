/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maps without segments: changes, cursors that the map changes under, the log's list. */
#include "../src/map_priv.h"
#include "memory_volume.h"

#include <base/errno.h>

#include <string.h>
#include <unit.h>

static struct hmfs_host host;
static struct hmfs_context context;
static struct hmfs_map map;

static void map_begin(void)
{
	static const struct hmfs_map_root empty;

	memory_host_init(&host, false);
	context = (struct hmfs_context){ .host = &host, .hash = HMFS_HASH_XXH3 };
	EXPECT_EQUAL(hmfs_map_open(&map, &context, &empty), 0);
}

static void map_end(void)
{
	hmfs_map_close(&map);
	memory_host_end(&host);
}

static struct hmfs_key key_of(uint64_t number)
{
	return (struct hmfs_key){ number / 9, number / 3 % 3, number % 3 };
}

static void put(uint64_t number, const char *value)
{
	struct hmfs_key key = key_of(number);

	EXPECT_EQUAL(hmfs_map_put(&map, &key, value, strlen(value)), 0);
}

static void expect(uint64_t number, const char *value)
{
	struct hmfs_key key = key_of(number);
	char got[64] = "";
	ssize_t length = hmfs_map_get(&map, &key, got, sizeof(got));

	if (!value) {
		EXPECT_EQUAL(length, -ENOENT);
		return;
	}
	EXPECT_EQUAL(length, strlen(value));
	EXPECT_STRING(got, value);
}

static void take(uint64_t number)
{
	struct hmfs_key key = key_of(number);

	EXPECT_EQUAL(hmfs_map_remove(&map, &key), 0);
}

UNIT_TEST(hmfs_newest, keeps_what_was_put)
{
	map_begin();
	expect(1, NULL);
	put(1, "one");
	put(2, "two");
	put(1, "the first, with a longer value");
	expect(1, "the first, with a longer value");
	expect(2, "two");
	take(2);
	take(5);
	expect(2, NULL);
	put(2, "");
	expect(2, "");
	map_end();
}

UNIT_TEST(hmfs_newest, value_is_cut_to_the_room_for_it)
{
	char four[5] = "....";
	struct hmfs_key key = key_of(7);

	map_begin();
	put(7, "0123456789");
	EXPECT_EQUAL(hmfs_map_get(&map, &key, four, 4), 10);
	EXPECT_STRING(four, "0123");
	EXPECT_EQUAL(hmfs_map_put(&map, &key, four, HMFS_VALUE_MAX + 1), -EINVAL);
	map_end();
}

/* Random changes against an array. */
UNIT_TEST(hmfs_newest, agrees_with_a_model)
{
	enum { KEYS = 500 };
	static char model[KEYS][32];
	uint64_t random = 77;

	map_begin();
	for (unsigned step = 0; step < 20000; step++) {
		uint64_t number = unit_random_below(&random, KEYS);

		if (unit_random_below(&random, 3)) {
			memset(model[number], 'a' + (int)(step % 26),
			       1 + unit_random_below(&random, 30));
			put(number, model[number]);
		} else {
			memset(model[number], 0, sizeof(model[number]));
			take(number);
		}
		if (step == 9000)
			EXPECT_EQUAL(hmfs_map_freeze(&map), 0);
		if (step % 16 == 0)
			expect(number, *model[number] ? model[number] : NULL);
	}
	struct hmfs_cursor cursor = { 0 };
	int error = hmfs_cursor_seek(&cursor, &map, &(struct hmfs_key){ 0 });

	for (unsigned i = 0; i < KEYS; i++) {
		struct hmfs_key key = key_of(i);

		if (!*model[i])
			continue;
		EXPECT_EQUAL(error, 0);
		EXPECT_EQUAL(hmfs_key_compare(&cursor.key, &key), 0);
		EXPECT_EQUAL(cursor.value.length, strlen(model[i]));
		EXPECT_BYTES(cursor.value.bytes, model[i], strlen(model[i]));
		error = hmfs_cursor_next(&cursor);
	}
	EXPECT_EQUAL(error, -ENOENT);
	hmfs_cursor_close(&cursor);
	map_end();
}

UNIT_TEST(hmfs_newest, cursor_sees_changes_behind_it)
{
	struct hmfs_cursor cursor = { 0 };

	map_begin();
	put(1, "a");
	put(5, "b");
	EXPECT_EQUAL(hmfs_cursor_seek(&cursor, &map, &(struct hmfs_key){ 0 }), 0);
	put(3, "new");
	take(1);
	EXPECT_EQUAL(hmfs_cursor_next(&cursor), 0);
	EXPECT_EQUAL(cursor.value.length, 3);
	take(5);
	EXPECT_EQUAL(hmfs_cursor_next(&cursor), -ENOENT);
	EXPECT_EQUAL(hmfs_cursor_seek(&cursor, &map, &(struct hmfs_key){ .place = 1 }), 0);
	hmfs_cursor_close(&cursor);
	map_end();
}

struct taken {
	unsigned count, stop_at;
	uint64_t minors;
};

static int take_entry(void *argument, const struct hmfs_key *key, const struct hmfs_value *value)
{
	struct taken *taken = argument;

	if (++taken->count == taken->stop_at)
		return -ENOSPC;
	taken->minors = taken->minors * 10 + key->minor + (value->removed ? 5 : 0);
	return 0;
}

UNIT_TEST(hmfs_newest, unlogged_entries_come_in_order_of_change)
{
	struct taken taken = { .stop_at = 2 };

	map_begin();
	put(1, "a");
	put(2, "b");
	put(0, "c");
	put(1, "d");
	take(0);
	EXPECT_EQUAL(map.unlogged, 3);
	EXPECT_EQUAL(hmfs_map_take_unlogged(&map, take_entry, &taken), -ENOSPC);
	EXPECT_EQUAL(map.unlogged, 3);
	taken = (struct taken){ 0 };
	EXPECT_EQUAL(hmfs_map_take_unlogged(&map, take_entry, &taken), 0);
	EXPECT_EQUAL(taken.minors, 215);
	EXPECT_EQUAL(map.unlogged, 0);
	taken = (struct taken){ 0 };
	EXPECT_EQUAL(hmfs_map_take_unlogged(&map, take_entry, &taken), 0);
	EXPECT_EQUAL(taken.count, 0);
	map_end();
}

UNIT_TEST(hmfs_newest, prepared_changes_cannot_fail)
{
	static const char value[HMFS_VALUE_MAX];

	for (unsigned entries = 1; entries < 60; entries += 7) {
		map_begin();
		put(1000, "grows");
		EXPECT_EQUAL(hmfs_map_prepare(&map, entries, entries * 100 + HMFS_VALUE_MAX), 0);
		memory_host.fail_after = 1;
		memory_host.fail_for_good = true;
		for (unsigned i = 1; i < entries; i++)
			EXPECT_EQUAL(hmfs_map_put(&map, &(struct hmfs_key){ i, 0, 0 }, value, 100),
				     0);
		EXPECT_EQUAL(
			hmfs_map_put(&map, &(struct hmfs_key){ 111, 0, 1 }, value, sizeof(value)),
			0);
		memory_host.fail_after = 0;
		memory_host.fail_for_good = false;
		map_end();
	}
}

UNIT_TEST(hmfs_newest, without_memory_nothing_changes)
{
	char value[600];
	unsigned done = 0;

	map_begin();
	memset(value, 'v', sizeof(value));
	put(1, "one");
	memory_host.fail_after = 1;
	memory_host.fail_for_good = true;
	while (hmfs_map_put(&map, &(struct hmfs_key){ 99, done, 0 }, value, sizeof(value)) == 0)
		done++;
	EXPECT(done < 100);
	EXPECT_EQUAL(hmfs_map_put(&map, &(struct hmfs_key){ 0, 0, 1 }, value, sizeof(value)),
		     -ENOMEM);
	expect(1, "one");
	memory_host.fail_after = 0;
	memory_host.fail_for_good = false;
	EXPECT_EQUAL(hmfs_newest_count(map.newest), done + 1);
	map_end();
}
