/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Power cuts: power [SECONDS [ROUNDS]].
 *
 * A workload runs on a device that records what is written and when it is flushed. Then states of
 * the device are made that a power cut could have left: everything up to some flush, and of what
 * was written behind it any part, the last writes torn in sectors of 512 bytes. Each must mount,
 * be one of the trees that the workload went through since the last sync that had ended (so that
 * nothing that was synced is missing and no operation is there in halves), and be clean.
 */
#include "judge.h"
#include "steps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTOR      512u
#define STEPS_MOST  600u
#define STATES_EACH 400u

static struct power {
	struct memory_volume v, trial;
	struct memory_device base; /* as it was when recording began */
	struct steps steps;
	/* Of each step: the tree's digest behind it, the events before it ended, and the step that
	 * was durable for certain then. */
	unsigned count;
	uint64_t digests[STEPS_MOST + 1];
	size_t events[STEPS_MOST + 1];
	unsigned synced[STEPS_MOST + 1];
	uint64_t states;
	uint32_t snapshot;
	bool twice;
} power;

static uint64_t random_below(uint64_t below)
{
	return steps_random(&power.steps, below);
}

/* --- The workload --- */

static bool upkeep(void)
{
	int error = 0;
	bool durable = false;

	switch (random_below(4)) {
	case 0:
	case 1:
		error = hmfs_sync(power.v.volume);
		durable = !error;
		break;
	case 2:
		error = hmfs_commit(power.v.volume);
		durable = !error;
		break;
	default:
		for (unsigned i = 0; i < 5 && error >= 0; i++)
			error = hmfs_work(power.v.volume, 1);
	}
	if (error < 0 && error != -ENOSPC)
		judge_fail("step %u: upkeep gave %d", power.count, error);
	return durable;
}

static void note_step(bool durable)
{
	unsigned count = ++power.count;

	power.digests[count] = tree_digest(&power.steps.tree);
	power.events[count] = power.v.device.event_count;
	power.synced[count] = durable ? count : power.synced[count - 1];
}

/* One snapshot comes and goes. */
static void change_snapshot(void)
{
	int error;

	if (power.snapshot) {
		error = hmfs_snapshot_delete(power.v.volume, power.snapshot);
		if (!error)
			power.snapshot = 0;
	} else {
		error = hmfs_snapshot(power.v.volume, HMFS_DATASET_LIVE, "before", false,
				      &power.snapshot);
		if (error)
			power.snapshot = 0;
	}
	/* The name of one that is on its way may be in use still. */
	if (error && error != -ENOSPC && error != -EEXIST)
		judge_fail("step %u: a snapshot gave %d", power.count, error);
}

static void workload(void)
{
	const unsigned steps = 60 + (unsigned)random_below(STEPS_MOST - 60);

	power.snapshot = 0;
	power.count = 0;
	power.digests[0] = tree_digest(&power.steps.tree);
	power.events[0] = 0;
	power.synced[0] = 0;
	memory_device_copy(&power.base, &power.v.device);
	power.v.device.recording = true;
	while (power.count < steps) {
		bool durable = false;

		if (random_below(7) == 0) {
			durable = upkeep();
		} else if (random_below(60) == 0) {
			change_snapshot();
		} else if (!steps_do(&power.steps)) {
			judge_fail("step %u: %s", power.count, power.steps.said);
		}
		note_step(durable);
	}
	power.v.device.recording = false;
}

/* --- The states --- */

/* Some sectors of a write. */
static void replay_torn(struct memory_device *device, const struct memory_event *event)
{
	uint8_t block[HMFS_BLOCK_SIZE];

	for (uint64_t i = 0; i < event->count; i++) {
		const uint8_t *from = event->bytes + i * HMFS_BLOCK_SIZE;

		memory_device_peek(device, event->block + i, 1, block);
		for (unsigned sector = 0; sector < HMFS_BLOCK_SIZE; sector += SECTOR)
			if (random_below(2))
				memcpy(block + sector, from + sector, SECTOR);
		memory_device_poke(device, event->block + i, 1, block);
	}
}

/* What was written since the flush may be there or not, in any order; `kind` says how the dice
 * fall: all of it, none, mostly, rarely. */
static void replay_some(struct memory_device *device, size_t first, size_t last, unsigned kind)
{
	static const unsigned chances[] = { 0, 100, 85, 50, 10 };
	const struct memory_event *events = power.v.device.events;

	for (size_t i = first; i < last; i++) {
		if (events[i].operation != MEMORY_WRITE)
			continue;
		if (random_below(100) < chances[kind])
			memory_device_replay(device, events, i, i + 1);
		else if (kind > 1 && random_below(3) == 0)
			replay_torn(device, &events[i]);
	}
	/* The very last one was under way. */
	if (kind == 1 && last > first && random_below(2) &&
	    events[last - 1].operation == MEMORY_WRITE)
		replay_torn(device, &events[last - 1]);
}

/* The tree of the state is one that the workload had. */
static void judge_state(size_t cut, const char *what)
{
	unsigned step = 0, first;
	struct tree tree;
	uint64_t digest;
	int error = memory_volume_mount(&power.trial, false);

	if (error)
		judge_fail("%s: mounting gave %d", what, error);
	error = tree_load(&tree, power.trial.volume, HMFS_DATASET_LIVE);
	if (error)
		judge_fail("%s: loading the tree gave %d", what, error);
	digest = tree_digest(&tree);
	while (step < power.count && power.events[step] <= cut)
		step++;
	first = step ? power.synced[step - 1] : 0;
	for (unsigned i = first; i <= step; i++) {
		if (power.digests[i] != digest)
			continue;
		tree_destroy(&tree);
		return;
	}
	for (unsigned i = 0; i <= power.count; i++)
		if (power.digests[i] == digest)
			judge_fail("%s: the tree is that of step %u, not of %u to %u", what, i,
				   first, step);
	judge_fail("%s: the tree is of no step (%u to %u)", what, first, step);
}

static void one_state(const struct memory_device *durable, size_t flushed, size_t cut)
{
	const unsigned kind = (unsigned)random_below(5);
	char what[128];
	int error;

	snprintf(what, sizeof(what), "cut at event %zu of %zu, flushed up to %zu, kind %u", cut,
		 power.v.device.event_count, flushed, kind);
	memory_device_copy(&power.trial.device, durable);
	replay_some(&power.trial.device, flushed, cut, kind);
	/* As it was found, or after it was mounted: that mends the second copies of data which were
	 * not written when the first ones were. */
	if (random_below(4) == 0 && !power.twice)
		judge_check(&power.trial, what);
	judge_state(cut, what);
	if (random_below(8) == 0) {
		hmfs_abandon(power.trial.volume);
		judge_state(cut, what);
	}
	error = hmfs_unmount(power.trial.volume);
	power.trial.volume = NULL;
	if (error)
		judge_fail("%s: unmounting gave %d", what, error);
	if (random_below(4) == 0)
		judge_check(&power.trial, what);
	power.states++;
}

static void all_states(double until)
{
	const size_t count = power.v.device.event_count;
	struct memory_device durable;
	size_t flushed = 0;
	const size_t each = count / STATES_EACH + 1;

	memory_device_create(&durable, power.base.device.blocks);
	memory_device_copy(&durable, &power.base);
	for (size_t cut = 0; cut <= count && judge_now() < until; cut++) {
		if (cut && power.v.device.events[cut - 1].operation == MEMORY_FLUSH) {
			memory_device_replay(&durable, power.v.device.events, flushed, cut);
			flushed = cut;
		}
		if (random_below(each) == 0)
			one_state(&durable, flushed, cut);
	}
	memory_device_destroy(&durable);
}

static void round_begin(void)
{
	const struct hmfs_make_options options = {
		.uuid = { 2 },
		.hash = random_below(8) ? HMFS_HASH_XXH3 : HMFS_HASH_SHA3_256,
		.data_twice = random_below(4) == 0,
		.time = 1,
	};
	const uint64_t blocks = 1024u << random_below(3);

	power.twice = options.data_twice;

	memory_volume_make(&power.v, blocks, &options);
	power.v.host.newest_bytes = (size_t)1 << (13 + random_below(6));
	memory_device_create(&power.base, blocks);
	memory_device_create(&power.trial.device, blocks);
	power.trial.host = power.v.host;
	power.steps.volume = power.v.volume;
	power.steps.dataset = HMFS_DATASET_LIVE;
	power.steps.most_nodes = 10 + (unsigned)random_below(60);
	power.steps.most_bytes = blocks * HMFS_BLOCK_SIZE / 8;
	power.steps.most_write = 4096u << random_below(4);
	if (steps_begin(&power.steps) != 0)
		judge_fail("the empty tree cannot be loaded");
}

static void round_end(void)
{
	steps_let_go(&power.steps);
	tree_destroy(&power.steps.tree);
	memory_device_forget_events(&power.v.device);
	memory_device_destroy(&power.base);
	memory_device_destroy(&power.trial.device);
	hmfs_abandon(power.v.volume);
	power.v.volume = NULL;
	memory_volume_end(&power.v);
}

int main(int count, char **arguments)
{
	const double seconds = count > 1 ? atof(arguments[1]) : 30;
	const unsigned most = count > 2 ? (unsigned)atoi(arguments[2]) : UINT32_MAX;
	const double begun = judge_now();
	unsigned rounds = 0;

	do {
		power.steps.random = judge_seed() * 0x9e3779b97f4a7c15u + rounds + 1;
		round_begin();
		workload();
		/* The workload's volume rests while others are mounted on copies of its device:
		 * one thread at a time has the host. */
		all_states(begun + seconds);
		round_end();
		rounds++;
	} while (rounds < most && judge_now() - begun < seconds);
	printf("%u workloads, %llu states\n", rounds, (unsigned long long)power.states);
	return 0;
}
