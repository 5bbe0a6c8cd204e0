/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random operations on volumes and on a model in memory: model [SECONDS [ROUNDS]].
 *
 * Each round makes a volume (small or less so, with each kind of checksum, data once or twice),
 * works on it until it has seen merges, snapshots, clones, crashes and often the end of its space,
 * and checks it in between and at the end.
 */
#include "judge.h"
#include "steps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SNAPSHOTS 4u
#define CLONES    2u

struct snapshot {
	uint32_t number; /* 0: none */
	uint64_t digest;
	char name[32];
};

static struct model {
	struct memory_volume v;
	struct steps live, clones[CLONES]; /* dataset 0: none */
	struct snapshot snapshots[SNAPSHOTS];
	char clone_names[CLONES][32];
	unsigned names;
	unsigned steps;
} model;

static uint64_t random_below(uint64_t below)
{
	return steps_random(&model.live, below);
}

static uint64_t dataset_digest(uint32_t dataset)
{
	struct tree tree;
	uint64_t digest;
	int error = tree_load(&tree, model.v.volume, dataset);

	if (error)
		judge_fail("step %u: loading dataset %u gave %d", model.steps, dataset, error);
	digest = tree_digest(&tree);
	tree_destroy(&tree);
	return digest;
}

static void compare(struct steps *steps)
{
	if (!steps_compare(steps))
		judge_fail("step %u: dataset %u: %s", model.steps, steps->dataset, steps->said);
}

static void compare_all(void)
{
	compare(&model.live);
	for (unsigned i = 0; i < CLONES; i++)
		if (model.clones[i].dataset)
			compare(&model.clones[i]);
	for (unsigned i = 0; i < SNAPSHOTS; i++) {
		struct snapshot *snapshot = &model.snapshots[i];

		if (snapshot->number && dataset_digest(snapshot->number) != snapshot->digest)
			judge_fail("step %u: snapshot %s changed", model.steps, snapshot->name);
	}
}

/* An error that is excused where the volume is full. */
static bool done(int error, const char *what)
{
	if (error && error != -ENOSPC)
		judge_fail("step %u: %s gave %d", model.steps, what, error);
	return !error;
}

static void change_snapshots(void)
{
	struct snapshot *snapshot = &model.snapshots[random_below(SNAPSHOTS)];

	if (snapshot->number) {
		done(hmfs_snapshot_delete(model.v.volume, snapshot->number), "deleting a snapshot");
		snapshot->number = 0;
		return;
	}
	snprintf(snapshot->name, sizeof(snapshot->name), "s%u", model.names++);
	if (!done(hmfs_snapshot(model.v.volume, HMFS_DATASET_LIVE, snapshot->name, false,
				&snapshot->number),
		  "a snapshot"))
		snapshot->number = 0;
	snapshot->digest = tree_digest(&model.live.tree);
}

static void change_clones(void)
{
	const unsigned which = (unsigned)random_below(CLONES);
	struct steps *clone = &model.clones[which];
	struct snapshot *of = &model.snapshots[random_below(SNAPSHOTS)];
	uint32_t source = of->number ? of->number : HMFS_DATASET_LIVE;
	uint64_t digest = of->number ? of->digest : tree_digest(&model.live.tree);

	if (clone->dataset) {
		steps_let_go(clone);
		if (!done(hmfs_snapshot_delete(model.v.volume, clone->dataset), "deleting a clone"))
			return;
		tree_destroy(&clone->tree);
		clone->dataset = 0;
		return;
	}
	snprintf(model.clone_names[which], sizeof(model.clone_names[which]), "c%u", model.names++);
	*clone = model.live;
	memset(&clone->tree, 0, sizeof(clone->tree));
	memset(clone->held, 0, sizeof(clone->held));
	if (!done(hmfs_snapshot(model.v.volume, source, model.clone_names[which], true,
				&clone->dataset),
		  "a clone")) {
		clone->dataset = 0;
		return;
	}
	done(steps_begin(clone), "loading a clone");
	if (tree_digest(&clone->tree) != digest)
		judge_fail("step %u: clone %u is not what it was made of", model.steps,
			   clone->dataset);
}

static void all_let_go(void)
{
	steps_let_go(&model.live);
	for (unsigned i = 0; i < CLONES; i++)
		steps_let_go(&model.clones[i]);
}

static void mounted_again(struct steps *steps, bool crashed)
{
	steps->volume = model.v.volume;
	if (!steps->dataset)
		return;
	compare(steps);
	if (crashed)
		done(steps_reload(steps), "loading a tree");
}

/* The device fails to end a mount only if it is full. */
static void mount_again(bool crash)
{
	int error = 0;

	if (crash) {
		hmfs_abandon(model.v.volume);
	} else {
		all_let_go();
		error = hmfs_unmount(model.v.volume);
	}
	if (error)
		judge_fail("step %u: unmounting gave %d", model.steps, error);
	if (random_below(3) == 0)
		judge_check(&model.v, crash ? "after a crash" : "after unmounting");
	error = memory_volume_mount(&model.v, false);
	if (error)
		judge_fail("step %u: mounting gave %d", model.steps, error);
	if (crash) {
		/* What was held and had no name is gone. */
		for (unsigned i = 0; i <= CLONES; i++) {
			struct steps *steps = i ? &model.clones[i - 1] : &model.live;

			for (unsigned held = 0; steps->dataset && held < STEPS_HELD; held++) {
				struct tree_node *node = steps->held[held];

				steps->held[held] = NULL;
				if (!node)
					continue;
				node->holds--;
				tree_let_go(&steps->tree, node);
			}
		}
	}
	mounted_again(&model.live, crash);
	for (unsigned i = 0; i < CLONES; i++)
		mounted_again(&model.clones[i], crash);
}

static void upkeep(void)
{
	switch (random_below(16)) {
	case 0:
	case 1:
	case 2:
		done(hmfs_sync(model.v.volume), "syncing");
		break;
	case 3:
	case 4:
		done(hmfs_commit(model.v.volume), "committing");
		break;
	case 5:
		if (random_below(3) == 0)
			mount_again(false);
		break;
	case 6:
		if (done(hmfs_sync(model.v.volume), "syncing") && random_below(2) == 0)
			mount_again(true);
		break;
	case 7:
		hmfs_shrink(model.v.volume, SIZE_MAX);
		break;
	case 8:
		compare_all();
		break;
	case 9:
		change_snapshots();
		break;
	case 10:
		change_clones();
		break;
	default:
		for (unsigned i = 0; i < 20; i++) {
			int more = hmfs_work(model.v.volume, 1);

			if (!done(more < 0 ? more : 0, "working") || !more)
				break;
		}
	}
}

static void one_step(void)
{
	struct steps *steps = &model.live;
	uint64_t which = random_below(8);

	if (which < CLONES && model.clones[which].dataset)
		steps = &model.clones[which];
	if (!steps_do(steps))
		judge_fail("step %u: dataset %u: %s", model.steps, steps->dataset, steps->said);
	if (getenv("HMFS_SAY"))
		printf("%u: %u: %s\n", model.steps, steps->dataset, steps->said);
	model.steps++;
	if (random_below(12) == 0)
		upkeep();
	if (random_below(60) == 0)
		compare_all();
}

static void round_begin(void)
{
	static const uint64_t sizes[] = { 1024, 2048, 4096, 16384 };
	struct hmfs_make_options options = {
		.uuid = { 1 },
		.label = "model",
		.hash = HMFS_HASH_XXH3 + (uint32_t)(random_below(4) == 0 ? random_below(3) : 0),
		.data_twice = random_below(4) == 0,
		.time = 1,
	};
	const uint64_t blocks = sizes[random_below(4)];

	memory_volume_make(&model.v, blocks, &options);
	model.v.host.newest_bytes = (size_t)1 << (12 + random_below(8));
	model.live.volume = model.v.volume;
	model.live.dataset = HMFS_DATASET_LIVE;
	model.live.most_nodes = 20 + (unsigned)random_below(200);
	model.live.most_bytes = blocks * HMFS_BLOCK_SIZE / (1 + random_below(8));
	model.live.most_write = 8192u << random_below(6);
	model.live.may_fill = true;
	done(steps_begin(&model.live), "loading the tree");
}

static void round_end(void)
{
	compare_all();
	all_let_go();
	for (unsigned i = 0; i < CLONES; i++) {
		tree_destroy(&model.clones[i].tree);
		model.clones[i].dataset = 0;
	}
	tree_destroy(&model.live.tree);
	memset(model.snapshots, 0, sizeof(model.snapshots));
	if (hmfs_unmount(model.v.volume) != 0)
		judge_fail("step %u: the last unmounting failed", model.steps);
	model.v.volume = NULL;
	judge_check(&model.v, "at the end");
	memory_volume_end(&model.v);
}

int main(int count, char **arguments)
{
	const double seconds = count > 1 ? atof(arguments[1]) : 20;
	const unsigned most = count > 2 ? (unsigned)atoi(arguments[2]) : UINT32_MAX;
	const double begun = judge_now();
	unsigned rounds = 0, steps = 0, failed = 0;

	do {
		model.live.random = judge_seed() * 0x9e3779b97f4a7c15u + rounds + 1;
		model.live.failed = 0;
		model.steps = 0;
		round_begin();
		for (uint64_t left = 200 + random_below(3000); left; left--)
			one_step();
		steps += model.steps;
		failed += model.live.failed;
		round_end();
		rounds++;
	} while (rounds < most && judge_now() - begun < seconds);
	printf("%u volumes, %u steps, %u times full\n", rounds, steps, failed);
	return 0;
}
