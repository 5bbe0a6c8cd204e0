/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs put into a chunk in memory and taken out of it. A chunk has 16 blocks, so that it never
 * has more runs than it has room for. */
#include "contents.h"

#include <base/string.h>

const struct hmfs_run *hmfs_chunk_find(const struct hmfs_chunk *chunk, unsigned block)
{
	for (unsigned i = 0; i < chunk->runs; i++) {
		const struct hmfs_run *run = &chunk->run[i];

		if (block < run->first)
			return NULL;
		if (block < (unsigned)run->first + run->blocks)
			return run;
	}
	return NULL;
}

struct hmfs_run hmfs_run_part(const struct hmfs_run *run, unsigned first, unsigned blocks)
{
	struct hmfs_run part = *run;
	const unsigned skipped = first - run->first;

	part.address += skipped;
	if (part.mirror)
		part.mirror += skipped;
	part.first = (uint8_t)first;
	part.blocks = (uint8_t)blocks;
	return part;
}

unsigned hmfs_chunk_clear(struct hmfs_chunk *chunk, unsigned first, unsigned blocks,
			  struct hmfs_run *taken)
{
	struct hmfs_run left[HMFS_CHUNK_BLOCKS];
	const unsigned end = first + blocks;
	unsigned count = 0, kept = 0;

	for (unsigned i = 0; i < chunk->runs; i++) {
		const struct hmfs_run *run = &chunk->run[i];
		const unsigned from = run->first, to = from + run->blocks;

		if (to <= first || from >= end) {
			left[kept++] = *run;
			continue;
		}
		if (from < first)
			left[kept++] = hmfs_run_part(run, from, first - from);
		taken[count++] =
			hmfs_run_part(run, from < first ? first : from,
				      (to < end ? to : end) - (from < first ? first : from));
		if (to > end)
			left[kept++] = hmfs_run_part(run, end, to - end);
	}
	memcpy(chunk->run, left, kept * sizeof(left[0]));
	chunk->runs = kept;
	return count;
}

/* Whether `b` goes on where `a` ends, in the file and on the volume. */
static bool runs_join(const struct hmfs_run *a, const struct hmfs_run *b)
{
	return a->first + a->blocks == b->first && a->address + a->blocks == b->address &&
	       (a->mirror ? a->mirror + a->blocks == b->mirror : !b->mirror) &&
	       a->birth == b->birth && a->flags == b->flags;
}

static void remove_run(struct hmfs_chunk *chunk, unsigned index)
{
	chunk->runs--;
	memmove(&chunk->run[index], &chunk->run[index + 1],
		(chunk->runs - index) * sizeof(chunk->run[0]));
}

void hmfs_chunk_insert(struct hmfs_chunk *chunk, const struct hmfs_run *run)
{
	unsigned index = 0;

	while (index < chunk->runs && chunk->run[index].first < run->first)
		index++;
	memmove(&chunk->run[index + 1], &chunk->run[index],
		(chunk->runs - index) * sizeof(chunk->run[0]));
	chunk->run[index] = *run;
	chunk->runs++;
	if (index + 1 < chunk->runs && runs_join(&chunk->run[index], &chunk->run[index + 1])) {
		chunk->run[index].blocks += chunk->run[index + 1].blocks;
		remove_run(chunk, index + 1);
	}
	if (index > 0 && runs_join(&chunk->run[index - 1], &chunk->run[index])) {
		chunk->run[index - 1].blocks += chunk->run[index].blocks;
		remove_run(chunk, index);
	}
}
