/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Everything that can fail does, in turn: faults [SECONDS [CASES]].
 *
 * One operation (or sync, commit, work, snapshot, mount) is done again and again to copies of the
 * same volume, and each time the next transfer, or the next allocation, fails: once, or that and
 * all behind it. It must end with that error and leave everything as it was, or succeed; nothing is
 * leaked; and what is on the device then mounts and is clean.
 */
#include "judge.h"
#include "steps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS 2048u

enum way { TRANSFER_ONCE, TRANSFERS, ALLOCATION_ONCE, ALLOCATIONS, WAYS };

static struct faults {
	struct memory_device base;
	struct memory_volume v;
	struct steps steps;
	uint64_t random; /* before the operation */
	uint64_t runs, failed;
	char what[640];
} faults;

static void inject(enum way way, unsigned nth)
{
	const bool memory = way >= ALLOCATION_ONCE;

	faults.v.device.fail_after = memory ? 0 : nth;
	faults.v.device.fail_for_good = way == TRANSFERS;
	memory_host.fail_after = memory ? nth : 0;
	memory_host.fail_for_good = way == ALLOCATIONS;
}

/* Ends that: true if the failure came about. */
static bool injected(enum way way)
{
	uint64_t left = way >= ALLOCATION_ONCE ? (uint64_t)memory_host.fail_after
					       : faults.v.device.fail_after;
	bool came;

	/* One that is for good stays at the next; or has just come there. */
	came = way == TRANSFERS || way == ALLOCATIONS ? left == 1 : left == 0;
	inject(way, 0);
	faults.v.device.fail_for_good = false;
	memory_host.fail_for_good = false;
	return came;
}

static void suspend(bool suspended)
{
	static uint64_t transfers;
	static int64_t allocations;

	if (suspended) {
		transfers = faults.v.device.fail_after;
		allocations = memory_host.fail_after;
	}
	faults.v.device.fail_after = suspended ? 0 : transfers;
	memory_host.fail_after = suspended ? 0 : allocations;
}

static bool excused(int error)
{
	return error == -EIO || error == -ENOMEM || error == -ENOSPC;
}

/* A mounted copy of the base, some operations later, synced. */
static void begin(uint64_t seed, unsigned steps)
{
	memory_device_copy(&faults.v.device, &faults.base);
	memory_host_init(&faults.v.host, false);
	faults.v.host.newest_bytes = 1 << 16;
	if (memory_volume_mount(&faults.v, false) != 0)
		judge_fail("%s: the base does not mount", faults.what);
	faults.steps = (struct steps){
		.volume = faults.v.volume,
		.dataset = HMFS_DATASET_LIVE,
		.random = seed,
		.most_nodes = 40,
		.most_bytes = 1 << 20,
		.most_write = 40000,
	};
	if (steps_begin(&faults.steps) != 0)
		judge_fail("%s: loading the tree failed", faults.what);
	for (unsigned i = 0; i < steps; i++)
		if (!steps_do(&faults.steps))
			judge_fail("%s: %s", faults.what, faults.steps.said);
	if (hmfs_sync(faults.v.volume) != 0)
		judge_fail("%s: syncing failed", faults.what);
	steps_let_go(&faults.steps);
}

/* The volume in memory, then what is on the device: the tree as it was when it was synced, or as it
 * is now. */
static void judge(uint64_t synced)
{
	uint64_t now = tree_digest(&faults.steps.tree), digest;
	struct tree tree;
	int error;

	steps_let_go(&faults.steps);
	if (!steps_compare(&faults.steps))
		judge_fail("%s: %s", faults.what, faults.steps.said);
	if (hmfs_sync(faults.v.volume) == 0)
		synced = now;
	tree_destroy(&faults.steps.tree);
	hmfs_abandon(faults.v.volume);
	if (memory_host.allocations)
		judge_fail("%s: %lld allocations leaked", faults.what,
			   (long long)memory_host.allocations);
	error = memory_volume_mount(&faults.v, false);
	if (error)
		judge_fail("%s: mounting then gave %d", faults.what, error);
	error = tree_load(&tree, faults.v.volume, HMFS_DATASET_LIVE);
	if (error)
		judge_fail("%s: loading the tree then gave %d", faults.what, error);
	digest = tree_digest(&tree);
	tree_destroy(&tree);
	if (digest != now && digest != synced)
		judge_fail("%s: another tree is on the device", faults.what);
	error = hmfs_unmount(faults.v.volume);
	if (error)
		judge_fail("%s: unmounting then gave %d", faults.what, error);
	faults.v.volume = NULL;
	/* Where a group's record could not be had when blocks were freed, that is said. */
	if (!memory_host_said("lost until fsck") && !memory_host_said("no memory to say"))
		judge_check(&faults.v, faults.what);
}

/* --- What is done --- */

static bool operation(uint64_t seed)
{
	size_t length;

	(void)seed;
	faults.steps.may_fail = true;
	faults.steps.may_fill = true;
	faults.steps.suspend = suspend;
	if (!steps_do(&faults.steps))
		judge_fail("%s: %s", faults.what, faults.steps.said);
	length = strlen(faults.what);
	snprintf(faults.what + length, sizeof(faults.what) - length, ", %s", faults.steps.said);
	return true;
}

static bool upkeep(uint64_t seed)
{
	struct hmfs_volume *volume = faults.v.volume;
	uint32_t number;
	int error;

	switch (seed % 5) {
	case 0:
		error = hmfs_sync(volume);
		break;
	case 1:
		error = hmfs_commit(volume);
		break;
	case 2:
		error = 1;
		for (unsigned i = 0; i < 10 && error > 0; i++)
			error = hmfs_work(volume, 0);
		break;
	case 3:
		error = hmfs_snapshot(volume, HMFS_DATASET_LIVE, "a", seed % 2, &number);
		break;
	default:
		error = hmfs_snapshot(volume, HMFS_DATASET_LIVE, "b", false, &number);
		if (!error)
			error = hmfs_snapshot_delete(volume, number);
	}
	if (error < 0 && !excused(error))
		judge_fail("%s: gave %d", faults.what, error);
	return true;
}

/* Unmounts, and mounts while things fail: again without, if need be. */
static bool mount(uint64_t seed)
{
	int error;

	if (seed % 2) {
		hmfs_abandon(faults.v.volume);
	} else {
		error = hmfs_unmount(faults.v.volume);
		if (error && !excused(error))
			judge_fail("%s: unmounting gave %d", faults.what, error);
	}
	error = memory_volume_mount(&faults.v, false);
	if (error && !excused(error))
		judge_fail("%s: mounting gave %d", faults.what, error);
	return !error;
}

/* Until it is through without a failure. */
static void all_failures(uint64_t seed, enum way way, const char *name, bool (*does)(uint64_t seed),
			 double until)
{
	for (unsigned nth = 1; judge_now() < until; nth++) {
		uint64_t synced;
		bool came, mounted;

		snprintf(faults.what, sizeof(faults.what), "%s, case %llu, way %u, failure %u",
			 name, (unsigned long long)seed, way, nth);
		begin(seed * 77 + 5, (unsigned)seed % 40);
		synced = tree_digest(&faults.steps.tree);
		/* Something that is not synced, mostly. */
		if (does != operation && seed % 7)
			for (unsigned i = 0; i < 6; i++)
				if (!steps_do(&faults.steps))
					judge_fail("%s: %s", faults.what, faults.steps.said);
		steps_let_go(&faults.steps);
		hmfs_shrink(faults.v.volume, seed % 3 ? SIZE_MAX : 0);
		inject(way, nth);
		mounted = does(seed);
		came = injected(way);
		if (!mounted && memory_volume_mount(&faults.v, false) != 0)
			judge_fail("%s: not even without failures", faults.what);
		if (does == mount) {
			/* What was not synced may be gone, or not. */
			uint64_t now = tree_digest(&faults.steps.tree);

			faults.steps.volume = faults.v.volume;
			if (steps_reload(&faults.steps) != 0)
				judge_fail("%s: loading the tree failed", faults.what);
			if (tree_digest(&faults.steps.tree) != now &&
			    tree_digest(&faults.steps.tree) != synced)
				judge_fail("%s: another tree is mounted", faults.what);
		}
		judge(synced);
		faults.runs++;
		faults.failed += came;
		if (!came)
			break;
	}
}

static void base_create(uint64_t seed)
{
	const struct hmfs_make_options options = { .uuid = { 3 },
						   .time = 1,
						   .data_twice = seed % 3 == 0 };

	memory_volume_make(&faults.v, BLOCKS, &options);
	memory_device_create(&faults.base, BLOCKS);
	memory_device_copy(&faults.base, &faults.v.device);
	if (hmfs_unmount(faults.v.volume) != 0)
		judge_fail("the empty volume does not unmount");
	snprintf(faults.what, sizeof(faults.what), "base");
	/* With a past: several segments, and a snapshot. */
	for (unsigned i = 0; i < 6; i++) {
		uint32_t number;

		begin(seed + i, 60);
		if (i == 3 &&
		    hmfs_snapshot(faults.v.volume, HMFS_DATASET_LIVE, "old", false, &number) != 0)
			judge_fail("no snapshot can be made");
		tree_destroy(&faults.steps.tree);
		if (hmfs_unmount(faults.v.volume) != 0)
			judge_fail("the base does not unmount");
		memory_device_copy(&faults.base, &faults.v.device);
	}
}

int main(int count, char **arguments)
{
	const double until = judge_now() + (count > 1 ? atof(arguments[1]) : 30);
	const unsigned most = count > 2 ? (unsigned)atoi(arguments[2]) : UINT32_MAX;
	const uint64_t first = judge_seed() % 1000000;
	uint64_t seed = first;

	base_create(seed);
	for (; seed - first < most && judge_now() < until; seed++) {
		for (enum way way = 0; way < WAYS; way++) {
			for (unsigned i = 0; i < 4; i++)
				all_failures(seed * 4 + i, way, "operation", operation, until);
			all_failures(seed, way, "upkeep", upkeep, until);
			all_failures(seed, way, "mount", mount, until);
		}
	}
	printf("%llu runs, %llu failures\n", (unsigned long long)faults.runs,
	       (unsigned long long)faults.failed);
	memory_device_destroy(&faults.base);
	memory_device_destroy(&faults.v.device);
	return 0;
}
