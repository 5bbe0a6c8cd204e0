/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Volumes made, mounted, committed, synced, grown. */
#include "../src/volume_priv.h"

#include <base/errno.h>

#include <stdio.h>
#include <string.h>

#include "memory_volume.h"
#include "unit.h"

/* Entries straight into the live dataset's map stand for what objects and files do. */
static void put_in(struct memory_volume *v, uint32_t dataset, uint64_t number, const char *value)
{
	const struct hmfs_key key = { number, HMFS_PLACE(HMFS_KIND_OBJECT, 0), 0 };
	struct hmfs_dataset *found;

	hmfs_lock(v->volume);
	EXPECT_EQUAL(hmfs_dataset_get_to_change(v->volume, dataset, &found), 0);
	EXPECT_EQUAL(hmfs_map_put(&found->map, &key, value, strlen(value)), 0);
	found->record.objects++;
	hmfs_dataset_changed(found);
	hmfs_unlock(v->volume);
}

static const char *get_in(struct memory_volume *v, uint32_t dataset, uint64_t number)
{
	const struct hmfs_key key = { number, HMFS_PLACE(HMFS_KIND_OBJECT, 0), 0 };
	static char value[64];
	struct hmfs_dataset *found;
	ssize_t length;

	hmfs_lock(v->volume);
	EXPECT_EQUAL(hmfs_dataset_get(v->volume, dataset, &found), 0);
	length = hmfs_map_get(&found->map, &key, value, sizeof(value) - 1);
	hmfs_unlock(v->volume);
	if (length == -ENOENT)
		return "none";
	EXPECT(length >= 0);
	value[length] = 0;
	return value;
}

static void put(struct memory_volume *v, uint64_t number, const char *value)
{
	put_in(v, HMFS_DATASET_LIVE, number, value);
}

static const char *get(struct memory_volume *v, uint64_t number)
{
	return get_in(v, HMFS_DATASET_LIVE, number);
}

UNIT_TEST(hmfs_volume, made_and_mounted)
{
	struct memory_volume v;
	struct hmfs_statistics statistics;

	memory_volume_make(&v, 16384, NULL);
	hmfs_read_statistics(v.volume, &statistics);
	EXPECT_EQUAL(statistics.blocks, 16384);
	EXPECT_EQUAL(statistics.objects, 1);
	EXPECT(16384 - statistics.free_blocks < 64);
	EXPECT_STRING((const char *)hmfs_super_of(v.volume)->label, "test");
	put(&v, 20, "twenty");
	EXPECT_STRING(get(&v, 20), "twenty");
	memory_volume_remount(&v);
	EXPECT_STRING(get(&v, 20), "twenty");
	hmfs_read_statistics(v.volume, &statistics);
	EXPECT_EQUAL(statistics.objects, 2);
	memory_volume_end(&v);
}

UNIT_TEST(hmfs_volume, made_twice_the_same)
{
	struct memory_volume a, b;
	uint8_t block[2][HMFS_BLOCK_SIZE];

	memory_volume_make(&a, 1024, NULL);
	memory_volume_end(&a);
	memory_device_create(&a.device, 1024);
	memory_volume_make(&b, 1024, NULL);
	memory_device_copy(&a.device, &b.device);
	EXPECT_EQUAL(hmfs_unmount(b.volume), 0);
	b.volume = NULL;
	memory_device_destroy(&b.device);
	memory_volume_make(&b, 1024, NULL);
	for (uint64_t i = 0; i < 1024; i++) {
		memory_device_peek(&a.device, i, 1, block[0]);
		memory_device_peek(&b.device, i, 1, block[1]);
		EXPECT_BYTES(block[0], block[1], HMFS_BLOCK_SIZE);
	}
	memory_volume_end(&b);
	memory_device_destroy(&a.device);
}

UNIT_TEST(hmfs_volume, sixteen_tib)
{
	const uint64_t blocks = (uint64_t)16 << 28;
	struct hmfs_statistics statistics;
	struct memory_volume v;

	memory_volume_make(&v, blocks, NULL);
	EXPECT(v.device.calls[MEMORY_WRITE] < 64);
	EXPECT(v.device.blocks[MEMORY_WRITE] < 256);
	hmfs_read_statistics(v.volume, &statistics);
	EXPECT((blocks - statistics.free_blocks) * 1000 < blocks);
	EXPECT_EQUAL(hmfs_unmount(v.volume), 0);
	v.device.blocks[MEMORY_READ] = 0;
	EXPECT_EQUAL(memory_volume_mount(&v, false), 0);
	EXPECT(v.device.blocks[MEMORY_READ] < 20);
	memory_volume_end(&v);
}

UNIT_TEST(hmfs_volume, too_small_or_wrong)
{
	const struct hmfs_make_options bad_hash = { .hash = 9 };
	const struct hmfs_make_options plain = { 0 };
	struct memory_device device;
	struct hmfs_host host;
	struct hmfs_super super;

	memory_host_init(&host, false);
	memory_device_create(&device, HMFS_MIN_BLOCKS - 1);
	EXPECT_EQUAL(hmfs_make(&device.device, &host, &plain), -ENOSPC);
	EXPECT_EQUAL(hmfs_probe(&device.device, &host, &super), -EINVAL);
	memory_device_destroy(&device);
	memory_device_create(&device, HMFS_MIN_BLOCKS);
	EXPECT_EQUAL(hmfs_make(&device.device, &host, &bad_hash), -EINVAL);
	EXPECT_EQUAL(hmfs_probe(&device.device, &host, &super), -EINVAL);
	EXPECT_EQUAL(hmfs_make(&device.device, &host, &plain), 0);
	EXPECT_EQUAL(hmfs_probe(&device.device, &host, &super), 0);
	memory_device_destroy(&device);
	EXPECT_EQUAL(memory_host.allocations, 0);
}

UNIT_TEST(hmfs_volume, superblocks_and_features)
{
	struct memory_volume v;
	struct hmfs_super super;

	memory_volume_make(&v, 1024, NULL);
	EXPECT_EQUAL(hmfs_unmount(v.volume), 0);
	v.volume = NULL;
	memory_device_peek(&v.device, 0, 1, &super);
	/* The first is damaged: the second does. */
	memory_device_flip(&v.device, 0, 200, 1);
	EXPECT_EQUAL(memory_volume_mount(&v, false), 0);
	EXPECT_EQUAL(hmfs_unmount(v.volume), 0);
	v.volume = NULL;
	/* It does, too, if the device ends elsewhere. */
	memory_device_grow(&v.device, 2000);
	EXPECT_EQUAL(memory_volume_mount(&v, false), 0);
	EXPECT_EQUAL(hmfs_unmount(v.volume), 0);
	v.volume = NULL;
	memory_device_flip(&v.device, 1024 - 5, 200, 1);
	EXPECT_EQUAL(memory_volume_mount(&v, false), -EUCLEAN);
	super.incompatible = 1;
	hmfs_super_seal(&super);
	memory_device_poke(&v.device, 0, 1, &super);
	EXPECT_EQUAL(memory_volume_mount(&v, true), -EOPNOTSUPP);
	super.incompatible = 0;
	super.read_only = 1;
	hmfs_super_seal(&super);
	memory_device_poke(&v.device, 0, 1, &super);
	EXPECT_EQUAL(memory_volume_mount(&v, false), -EROFS);
	EXPECT_EQUAL(memory_volume_mount(&v, true), 0);
	EXPECT_EQUAL(hmfs_set_read_only(v.volume, false), -EROFS);
	memory_volume_end(&v);
}

UNIT_TEST(hmfs_volume, commits_survive_a_crash)
{
	struct memory_volume v;

	memory_volume_make(&v, 16384, NULL);
	put(&v, 20, "committed");
	EXPECT_EQUAL(hmfs_commit(v.volume), 0);
	put(&v, 21, "lost");
	memory_volume_crash(&v);
	EXPECT_STRING(get(&v, 20), "committed");
	EXPECT_STRING(get(&v, 21), "none");
	/* Nothing changed: nothing is written. */
	v.device.calls[MEMORY_WRITE] = 0;
	EXPECT_EQUAL(hmfs_commit(v.volume), 0);
	EXPECT_EQUAL(v.device.calls[MEMORY_WRITE], 0);
	memory_volume_end(&v);
}

UNIT_TEST(hmfs_volume, either_ring_will_do)
{
	struct memory_volume v;
	uint8_t zeros[4 * HMFS_BLOCK_SIZE] = { 0 };

	memory_volume_make(&v, 1024, NULL);
	for (unsigned i = 0; i < 10; i++) {
		put(&v, 20, i % 2 ? "odd" : "even");
		EXPECT_EQUAL(hmfs_commit(v.volume), 0);
		memory_device_poke(&v.device, i % 2 ? 1 : 1020, 4, zeros);
		memory_volume_crash(&v);
		EXPECT_STRING(get(&v, 20), i % 2 ? "odd" : "even");
	}
	hmfs_abandon(v.volume);
	v.volume = NULL;
	memory_device_poke(&v.device, 1, 4, zeros);
	memory_device_poke(&v.device, 1020, 4, zeros);
	EXPECT_EQUAL(memory_volume_mount(&v, false), -EUCLEAN);
	memory_volume_end(&v);
}

UNIT_TEST(hmfs_volume, many_commits_and_merges)
{
	struct memory_volume v;
	struct hmfs_statistics statistics;
	char value[32];

	memory_volume_make(&v, 16384, NULL);
	for (unsigned i = 0; i < 200; i++) {
		snprintf(value, sizeof(value), "value %u", i);
		put(&v, 100 + i % 50, value);
		EXPECT_EQUAL(hmfs_commit(v.volume), 0);
		if (i % 7 == 0)
			memory_volume_crash(&v);
		while (i % 5 == 0 && hmfs_work(v.volume, 1000000) > 0)
			;
	}
	memory_volume_remount(&v);
	for (unsigned i = 150; i < 200; i++) {
		snprintf(value, sizeof(value), "value %u", i);
		EXPECT_STRING(get(&v, 100 + i % 50), value);
	}
	hmfs_read_statistics(v.volume, &statistics);
	EXPECT(statistics.free_blocks > 16384 - 1000);
	memory_volume_end(&v);
}

UNIT_TEST(hmfs_volume, grows)
{
	struct memory_volume v;
	struct hmfs_statistics statistics;

	memory_volume_make(&v, 1024, NULL);
	put(&v, 20, "before");
	memory_device_grow(&v.device, 100000);
	EXPECT_EQUAL(hmfs_grow(v.volume), 0);
	hmfs_read_statistics(v.volume, &statistics);
	EXPECT_EQUAL(statistics.blocks, 100000);
	EXPECT(statistics.free_blocks > 99000);
	put(&v, 21, "behind");
	memory_volume_remount(&v);
	EXPECT_STRING(get(&v, 20), "before");
	EXPECT_STRING(get(&v, 21), "behind");
	hmfs_read_statistics(v.volume, &statistics);
	EXPECT_EQUAL(statistics.blocks, 100000);
	memory_volume_end(&v);
}

/* A growth that is cut short anywhere is finished, or has not begun. */
UNIT_TEST(hmfs_volume, growth_cut_short)
{
	for (unsigned cut = 0; cut < 40; cut++) {
		struct memory_volume v;
		struct hmfs_statistics statistics;
		struct memory_device before;

		memory_volume_make(&v, 1024, NULL);
		put(&v, 20, "there");
		EXPECT_EQUAL(hmfs_commit(v.volume), 0);
		memory_device_grow(&v.device, 3000);
		memory_device_create(&before, 3000);
		memory_device_copy(&before, &v.device);
		v.device.recording = true;
		EXPECT_EQUAL(hmfs_grow(v.volume), 0);
		memory_device_replay(&before, v.device.events, 0,
				     cut < v.device.event_count ? cut : v.device.event_count);
		memory_device_copy(&v.device, &before);
		memory_device_destroy(&before);
		memory_volume_crash(&v);
		EXPECT_STRING(get(&v, 20), "there");
		hmfs_read_statistics(v.volume, &statistics);
		EXPECT(statistics.blocks == 1024 || statistics.blocks == 3000);
		memory_volume_remount(&v);
		EXPECT_STRING(get(&v, 20), "there");
		memory_volume_end(&v);
	}
}

UNIT_TEST(hmfs_volume, label_and_trim)
{
	struct memory_volume v;
	struct hmfs_statistics statistics;
	uint64_t trimmed;

	memory_volume_make(&v, 16384, NULL);
	EXPECT_EQUAL(hmfs_set_label(v.volume, "new name"), 0);
	EXPECT_EQUAL(hmfs_set_label(v.volume, "0123456789012345678901234567890123456789"
					      "0123456789012345678901234"),
		     -ENAMETOOLONG);
	memory_volume_remount(&v);
	EXPECT_STRING((const char *)hmfs_super_of(v.volume)->label, "new name");
	put(&v, 20, "kept");
	EXPECT_EQUAL(hmfs_commit(v.volume), 0);
	EXPECT_EQUAL(hmfs_trim(v.volume, 1, &trimmed), 0);
	hmfs_read_statistics(v.volume, &statistics);
	EXPECT(trimmed > 16000 && trimmed <= statistics.free_blocks);
	memory_volume_crash(&v);
	EXPECT_STRING(get(&v, 20), "kept");
	memory_volume_end(&v);
}

UNIT_TEST(hmfs_volume, read_only)
{
	struct memory_volume v;
	struct hmfs_dataset *dataset;

	memory_volume_make(&v, 1024, NULL);
	put(&v, 20, "there");
	EXPECT_EQUAL(hmfs_unmount(v.volume), 0);
	v.device.device.read_only = true;
	EXPECT_EQUAL(memory_volume_mount(&v, false), -EROFS);
	v.device.calls[MEMORY_WRITE] = 0;
	EXPECT_EQUAL(memory_volume_mount(&v, true), 0);
	EXPECT(hmfs_is_read_only(v.volume));
	EXPECT_STRING(get(&v, 20), "there");
	hmfs_lock(v.volume);
	EXPECT_EQUAL(hmfs_dataset_get_to_change(v.volume, HMFS_DATASET_LIVE, &dataset), -EROFS);
	hmfs_unlock(v.volume);
	EXPECT_EQUAL(hmfs_sync(v.volume), 0);
	EXPECT_EQUAL(hmfs_unmount(v.volume), 0);
	EXPECT_EQUAL(v.device.calls[MEMORY_WRITE], 0);
	v.volume = NULL;
	memory_volume_end(&v);
}
