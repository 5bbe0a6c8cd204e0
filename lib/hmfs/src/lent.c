/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Unwritten runs that somebody writes into, outside the lock. They are the file's all the time;
 * should the file let go of them before what was written is put into its record, they must not be
 * given to anybody else as long as the transfer may be under way.
 */
#include "contents.h"

#include <base/errno.h>

#define LENT(list_node) container_of(list_node, struct hmfs_lent, node)

static bool overlaps(const struct hmfs_run *a, const struct hmfs_run *b)
{
	return a->address < b->address + b->blocks && b->address < a->address + a->blocks;
}

bool hmfs_lent_any(const struct hmfs_volume *volume, const struct hmfs_run *run)
{
	struct list_node *node;

	if (!volume->contents)
		return false;
	list_for_each (node, &volume->contents->lent) {
		if (overlaps(&LENT(node)->run, run))
			return true;
	}
	return false;
}

int hmfs_lend(struct hmfs_volume *volume, uint32_t dataset, const struct hmfs_run *run)
{
	struct hmfs_lent *lent;

	if (hmfs_lent_any(volume, run))
		return -EBUSY;
	lent = volume->host->allocate(sizeof(*lent));
	if (!lent)
		return -ENOMEM;
	lent->dataset = dataset;
	lent->run = *run;
	lent->gone = 0;
	list_push_back(&volume->contents->lent, &lent->node);
	return 0;
}

struct hmfs_lent *hmfs_lent_find(struct hmfs_volume *volume, uint64_t address)
{
	struct list_node *node;

	if (!volume->contents)
		return NULL;
	list_for_each (node, &volume->contents->lent) {
		if (LENT(node)->run.address == address)
			return LENT(node);
	}
	return NULL;
}

/* The blocks of the run that are lent, as bits, which the file has no longer. */
static unsigned take_lent(struct hmfs_volume *volume, const struct hmfs_run *run)
{
	struct list_node *node;
	unsigned bits = 0;

	list_for_each (node, &volume->contents->lent) {
		struct hmfs_lent *lent = LENT(node);

		if (!overlaps(&lent->run, run))
			continue;
		for (unsigned i = 0; i < run->blocks; i++) {
			const uint64_t at = run->address + i - lent->run.address;

			if (run->address + i < lent->run.address || at >= lent->run.blocks)
				continue;
			lent->gone |= (uint16_t)(1u << at);
			bits |= 1u << i;
		}
	}
	return bits;
}

/* The parts of the run whose bits are `wanted`. */
static unsigned split(const struct hmfs_run *run, unsigned bits, bool wanted,
		      struct hmfs_run *parts)
{
	unsigned count = 0;

	for (unsigned i = 0; i < run->blocks;) {
		unsigned end = i;

		while (end < run->blocks && (bits >> end & 1) == wanted)
			end++;
		if (end > i)
			parts[count++] = hmfs_run_part(run, run->first + i, end - i);
		i = end > i ? end : i + 1;
	}
	return count;
}

unsigned hmfs_lent_release(struct hmfs_volume *volume, const struct hmfs_run *run,
			   struct hmfs_run *left)
{
	if (!volume->contents || list_empty(&volume->contents->lent)) {
		left[0] = *run;
		return 1;
	}
	return split(run, take_lent(volume, run), false, left);
}

void hmfs_lent_end(struct hmfs_volume *volume, struct hmfs_lent *lent)
{
	struct hmfs_run parts[HMFS_CHUNK_BLOCKS];
	struct hmfs_dataset *dataset;
	const unsigned count = split(&lent->run, lent->gone, true, parts);

	list_remove(&lent->node);
	if (count && hmfs_dataset_get(volume, lent->dataset, &dataset) == 0) {
		for (unsigned i = 0; i < count; i++)
			hmfs_run_release(volume, dataset, &parts[i]);
	}
	volume->host->release(lent);
}
