/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log: what was synced is there after a crash, what was not may be. */
#include "../src/volume_priv.h"

#include <base/errno.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory_volume.h"
#include "unit.h"

static struct hmfs_key key_of(uint64_t number)
{
	return (struct hmfs_key){ number, HMFS_PLACE(HMFS_KIND_OBJECT, 0), 0 };
}

static void put_bytes(struct hmfs_volume *volume, uint64_t number, const void *value, size_t length)
{
	const struct hmfs_key key = key_of(number);
	struct hmfs_dataset *live;

	hmfs_lock(volume);
	EXPECT_EQUAL(hmfs_dataset_get_to_change(volume, HMFS_DATASET_LIVE, &live), 0);
	EXPECT_EQUAL(hmfs_map_put(&live->map, &key, value, length), 0);
	live->record.objects++;
	live->record.next_object = max_u64(live->record.next_object, number + 1);
	hmfs_dataset_changed(live);
	hmfs_unlock(volume);
}

static void put(struct memory_volume *v, uint64_t number, const char *value)
{
	put_bytes(v->volume, number, value, strlen(value));
}

static void drop(struct memory_volume *v, uint64_t number)
{
	const struct hmfs_key key = key_of(number);
	struct hmfs_dataset *live;

	hmfs_lock(v->volume);
	EXPECT_EQUAL(hmfs_dataset_get_to_change(v->volume, HMFS_DATASET_LIVE, &live), 0);
	EXPECT_EQUAL(hmfs_map_remove(&live->map, &key), 0);
	hmfs_unlock(v->volume);
}

static ssize_t get_bytes(struct hmfs_volume *volume, uint64_t number, void *value, size_t size)
{
	const struct hmfs_key key = key_of(number);
	struct hmfs_dataset *live;
	ssize_t length;

	hmfs_lock(volume);
	EXPECT_EQUAL(hmfs_dataset_get(volume, HMFS_DATASET_LIVE, &live), 0);
	length = hmfs_map_get(&live->map, &key, value, size);
	hmfs_unlock(volume);
	return length;
}

static const char *get(struct memory_volume *v, uint64_t number)
{
	static char value[64];
	const ssize_t length = get_bytes(v->volume, number, value, sizeof(value) - 1);

	if (length == -ENOENT)
		return "none";
	EXPECT(length >= 0);
	value[length] = 0;
	return value;
}

static void make_with_log(struct memory_volume *v, uint64_t blocks)
{
	memory_volume_make(v, blocks, NULL);
	put(v, 16, "first");
	/* Makes the log. */
	EXPECT_EQUAL(hmfs_sync(v->volume), 0);
}

static uint64_t batches(struct memory_volume *v)
{
	struct hmfs_statistics statistics;

	hmfs_read_statistics(v->volume, &statistics);
	return statistics.log_batches;
}

UNIT_TEST(hmfs_sync, costs_one_flush)
{
	struct memory_volume v;
	struct hmfs_statistics statistics;

	make_with_log(&v, 16384);
	put(&v, 20, "synced");
	memset(v.device.calls, 0, sizeof(v.device.calls));
	EXPECT_EQUAL(hmfs_sync(v.volume), 0);
	EXPECT_EQUAL(v.device.calls[MEMORY_FLUSH], 1);
	EXPECT_EQUAL(v.device.calls[MEMORY_WRITE], 1);
	/* There is nothing more to sync. */
	EXPECT_EQUAL(hmfs_sync(v.volume), 0);
	EXPECT_EQUAL(v.device.calls[MEMORY_FLUSH], 1);
	put(&v, 21, "not synced");
	memory_volume_crash(&v);
	EXPECT_STRING(get(&v, 16), "first");
	EXPECT_STRING(get(&v, 20), "synced");
	EXPECT_STRING(get(&v, 21), "none");
	hmfs_read_statistics(v.volume, &statistics);
	EXPECT_EQUAL(statistics.objects, 3);
	memory_volume_end(&v);
}

UNIT_TEST(hmfs_sync, batches_in_order)
{
	struct memory_volume v;
	char value[32];

	make_with_log(&v, 16384);
	for (unsigned i = 0; i < 49; i++) {
		snprintf(value, sizeof(value), "value %u", i);
		put(&v, 20 + i % 3, value);
		if (i % 4 == 0)
			drop(&v, 21);
		EXPECT_EQUAL(hmfs_sync(v.volume), 0);
	}
	EXPECT_EQUAL(batches(&v), 49);
	/* Twice: the second crash finds a log that was replayed and committed. */
	for (unsigned i = 0; i < 2; i++) {
		memory_volume_crash(&v);
		EXPECT_STRING(get(&v, 20), "value 48");
		EXPECT_STRING(get(&v, 21), "none");
		EXPECT_STRING(get(&v, 22), "value 47");
	}
	memory_volume_end(&v);
}

/* Old batches lie behind the new ones: they do not count. */
UNIT_TEST(hmfs_sync, not_across_commits)
{
	struct memory_volume v;

	make_with_log(&v, 16384);
	for (unsigned i = 0; i < 5; i++) {
		put(&v, 20, "old");
		EXPECT_EQUAL(hmfs_sync(v.volume), 0);
	}
	put(&v, 20, "newer");
	EXPECT_EQUAL(hmfs_commit(v.volume), 0);
	memory_volume_crash(&v);
	EXPECT_STRING(get(&v, 20), "newer");
	put(&v, 20, "newest");
	EXPECT_EQUAL(hmfs_sync(v.volume), 0);
	memory_volume_crash(&v);
	EXPECT_STRING(get(&v, 20), "newest");
	memory_volume_end(&v);
}

/* More than the log holds, and batches that are larger than it. */
UNIT_TEST(hmfs_sync, log_overflows)
{
	struct memory_volume v;
	static uint8_t value[6000], found[6000];

	make_with_log(&v, 4096);
	for (unsigned i = 0; i < 300; i++) {
		const unsigned count = i % 50 == 49 ? 30 : 1;

		memset(value, (int)i, sizeof(value));
		for (unsigned j = 0; j < count; j++)
			put_bytes(v.volume, 20 + j, value, sizeof(value));
		EXPECT_EQUAL(hmfs_sync(v.volume), 0);
		if (i % 20)
			continue;
		memory_volume_crash(&v);
		EXPECT_EQUAL(get_bytes(v.volume, 20, found, sizeof(found)), sizeof(found));
		EXPECT_BYTES(found, value, sizeof(found));
	}
	EXPECT(batches(&v) > 0);
	memory_volume_end(&v);
}

/* Each prefix of what was written, and the last write torn at each block: all that was synced at
 * that point is there. */
UNIT_TEST(hmfs_sync, cut_anywhere)
{
	struct memory_volume v;
	struct memory_device before, state;
	uint64_t synced[200] = { 0 };
	char value[32];

	make_with_log(&v, 2048);
	memory_device_create(&before, 2048);
	memory_device_copy(&before, &v.device);
	memory_device_create(&state, 2048);
	v.device.recording = true;
	for (unsigned i = 1; i <= 40; i++) {
		snprintf(value, sizeof(value), "%u", i);
		for (unsigned j = 0; j < 60; j++)
			put(&v, 20 + j, value);
		EXPECT_EQUAL(i % 7 ? hmfs_sync(v.volume) : hmfs_commit(v.volume), 0);
		EXPECT(v.device.event_count < 200);
		synced[v.device.event_count] = i;
	}
	memory_device_copy(&state, &v.device);
	for (unsigned cut = 0, done = 0; cut <= v.device.event_count; cut++) {
		const struct memory_event *event = &v.device.events[cut];
		struct memory_volume w = { .host = v.host };
		unsigned long found;

		done = synced[cut] ? (unsigned)synced[cut] : done;
		memory_device_create(&w.device, 2048);
		memory_device_copy(&w.device, &before);
		memory_device_replay(&w.device, v.device.events, 0, cut);
		if (cut < v.device.event_count && event->operation == MEMORY_WRITE &&
		    event->count > 1)
			memory_device_poke(&w.device, event->block, event->count / 2, event->bytes);
		EXPECT_EQUAL(memory_volume_mount(&w, false), 0);
		found = strtoul(get(&w, 20), NULL, 10);
		EXPECT(found >= done && found <= done + 1);
		/* All of a batch or nothing. */
		for (unsigned j = 1; j < 60 && found; j++)
			EXPECT_EQUAL(strtoul(get(&w, 20 + j), NULL, 10), found);
		EXPECT_EQUAL(hmfs_unmount(w.volume), 0);
		memory_device_destroy(&w.device);
	}
	memory_device_destroy(&before);
	memory_device_destroy(&state);
	memory_volume_end(&v);
}

UNIT_TEST(hmfs_sync, log_cannot_be_written)
{
	struct memory_volume v;

	make_with_log(&v, 2048);
	put(&v, 20, "by a commit");
	v.device.fail_after = 1;
	EXPECT_EQUAL(hmfs_sync(v.volume), 0);
	memory_volume_crash(&v);
	EXPECT_STRING(get(&v, 20), "by a commit");
	/* A flush that fails may have lost anything: nothing is written any more. */
	put(&v, 20, "lost");
	v.device.fail_after = 2;
	EXPECT_EQUAL(hmfs_sync(v.volume), -EIO);
	EXPECT_EQUAL(hmfs_sync(v.volume), -EIO);
	EXPECT_EQUAL(hmfs_commit(v.volume), -EIO);
	EXPECT(hmfs_is_read_only(v.volume));
	EXPECT(memory_host_said("read-only from now on"));
	EXPECT_EQUAL(hmfs_unmount(v.volume), -EIO);
	v.volume = NULL;
	memory_volume_end(&v);
}

/* --- Threads --- */

#define THREADS 8u
#define ROUNDS  40u

struct writer {
	struct hmfs_volume *volume;
	unsigned number;
	pthread_t thread;
};

static void *write_and_sync(void *argument)
{
	const struct writer *writer = argument;

	for (unsigned i = 1; i <= ROUNDS; i++) {
		put_bytes(writer->volume, 100 + writer->number, &i, sizeof(i));
		EXPECT_EQUAL(i % 16 ? hmfs_sync(writer->volume) : hmfs_commit(writer->volume), 0);
	}
	return NULL;
}

/* A flush takes time, in which others come to wait. */
static int slow_flush(struct memory_device *device, enum memory_operation operation, uint64_t block,
		      uint64_t count, const void *bytes)
{
	(void)device, (void)block, (void)count, (void)bytes;
	if (operation == MEMORY_FLUSH)
		usleep(500);
	return 0;
}

UNIT_TEST(hmfs_sync, many_wait_for_one_flush)
{
	const struct hmfs_make_options options = { 0 };
	struct writer writers[THREADS];
	struct memory_volume v;
	unsigned found;

	memory_device_create(&v.device, 16384);
	memory_host_init(&v.host, true);
	EXPECT_EQUAL(hmfs_make(&v.device.device, &v.host, &options), 0);
	EXPECT_EQUAL(memory_volume_mount(&v, false), 0);
	v.device.fault = slow_flush;
	for (unsigned i = 0; i < THREADS; i++) {
		writers[i] = (struct writer){ v.volume, i, 0 };
		EXPECT_EQUAL(pthread_create(&writers[i].thread, NULL, write_and_sync, &writers[i]),
			     0);
	}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(writers[i].thread, NULL);
	EXPECT(v.device.calls[MEMORY_FLUSH] < THREADS * ROUNDS / 2);
	memory_volume_crash(&v);
	for (unsigned i = 0; i < THREADS; i++) {
		EXPECT_EQUAL(get_bytes(v.volume, 100 + i, &found, sizeof(found)), sizeof(found));
		EXPECT_EQUAL(found, ROUNDS);
	}
	memory_volume_end(&v);
}
