/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several threads at work on the same names, while others make and delete snapshots: nothing fails
 * that should not, and the volume is clean. (-fsanitize=thread finds nothing in it either.) */
#include "object_fixture.h"
#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS     3u
#define CHANGES     1500u /* of each thread */
#define DIRECTORIES 3u
#define NAMES       20u

static struct memory_volume v;
static struct hmfs_id directories[DIRECTORIES];
static _Atomic unsigned wrong, running;

/* What may come of racing for a name. */
static void outcome(ssize_t result)
{
	switch (result < 0 ? -result : 0) {
	case 0:
	case ENOENT:
	case EEXIST:
	case EINVAL:
	case ENODATA:
	case EMLINK:
		break;
	default:
		fprintf(stderr, "a change ended with %zd\n", result);
		wrong++;
	}
}

static void change_file(unsigned *seed, struct hmfs_id id, const char *bytes)
{
	const size_t size = (size_t)rand_r(seed) % 5000;
	char sum[64];

	if (hmfs_object_hold(v.volume, id))
		return;
	switch (rand_r(seed) % 3) {
	case 0:
		outcome(hmfs_write(v.volume, id, (uint64_t)rand_r(seed) % 100000, bytes, size));
		break;
	case 1:
		outcome(hmfs_fork_set(v.volume, id, "fork", 4, HMFS_FORK_USER,
				      rand_r(seed) % 3 ? bytes : NULL, size, 0));
		break;
	default:
		outcome(hmfs_fork_get(v.volume, id, "checksum", 8, HMFS_FORK_USER, sum,
				      sizeof(sum)));
	}
	hmfs_object_let_go(v.volume, id);
}

static void change(unsigned *seed, const char *bytes)
{
	const struct hmfs_id from = directories[rand_r(seed) % DIRECTORIES];
	const struct hmfs_id to = directories[rand_r(seed) % DIRECTORIES];
	char name[16], other[16];
	struct hmfs_id id;

	snprintf(name, sizeof(name), "%u", (unsigned)rand_r(seed) % NAMES);
	snprintf(other, sizeof(other), "%u", (unsigned)rand_r(seed) % NAMES);
	switch (rand_r(seed) % 8) {
	case 0:
	case 1:
		outcome(object_file(&v, from, name, NULL));
		break;
	case 2:
		outcome(object_unlink(&v, from, name));
		break;
	case 3:
		outcome(object_rename(&v, from, name, to, other, (unsigned)rand_r(seed) % 3));
		break;
	case 4:
		if (object_find(&v, from, name, &id) == 0)
			outcome(object_link(&v, to, other, id));
		break;
	default:
		if (object_find(&v, from, name, &id) == 0)
			change_file(seed, id, bytes);
	}
	if (rand_r(seed) % 100 == 0)
		outcome(hmfs_sync(v.volume));
}

static void *change_all(void *argument)
{
	unsigned seed = (unsigned)(uintptr_t)argument;
	char bytes[5000];

	memset(bytes, 'x', sizeof(bytes));
	for (unsigned i = 0; i < CHANGES; i++)
		change(&seed, bytes);
	running--;
	return NULL;
}

static void *make_snapshots(void *argument)
{
	unsigned count = 0;
	uint32_t number;
	char name[16];

	(void)argument;
	while (running > 0) {
		snprintf(name, sizeof(name), "s%u", count++);
		if (hmfs_snapshot(v.volume, HMFS_DATASET_LIVE, name, count % 2, &number) ||
		    hmfs_snapshot_delete(v.volume, number) || hmfs_work(v.volume, 0) < 0)
			wrong++;
	}
	return NULL;
}

UNIT_TEST(hmfs_object, threads)
{
	pthread_t threads[THREADS + 1];
	char name[16];

	memory_volume_make(&v, 4 * OBJECT_BLOCKS, NULL);
	EXPECT_EQUAL(hmfs_unmount(v.volume), 0);
	memory_host_end(&v.host);
	memory_host_init(&v.host, true);
	EXPECT_EQUAL(memory_volume_mount(&v, false), 0);
	for (unsigned i = 0; i < DIRECTORIES; i++) {
		snprintf(name, sizeof(name), "d%u", i);
		EXPECT_EQUAL(object_directory(&v, object_root(), name, &directories[i]), 0);
	}
	running = THREADS;
	for (uintptr_t i = 0; i < THREADS; i++)
		EXPECT_EQUAL(pthread_create(&threads[i], NULL, change_all, (void *)(i + 1)), 0);
	EXPECT_EQUAL(pthread_create(&threads[THREADS], NULL, make_snapshots, NULL), 0);
	for (unsigned i = 0; i <= THREADS; i++)
		pthread_join(threads[i], NULL);
	EXPECT_EQUAL(wrong, 0);
	while (hmfs_work(v.volume, 0) == 1)
		continue;
	EXPECT_EQUAL(object_check(&v), 0);
	EXPECT_EQUAL(memory_host.lines[HMFS_LOG_ERROR], 0);
	memory_volume_end(&v);
}
