/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scrubbing: reading all copies of everything while the volume is used. The volume's own map comes
 * first, then each dataset: the nodes of its segments, in order of their addresses, then the data
 * that was born in it. What is written meanwhile need not be seen; what goes meanwhile is not
 * missed.
 *
 * position->segment is the address of the head of the segment at hand; with FILTER it is its
 * filter's turn; DATA: it is the data's. position->key is where that goes on.
 */
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>

#include "scrub.h"

#define FILTER ((uint64_t)1 << 63)
#define DATA   UINT64_MAX

/* What a step does: 1 MiB of each copy, at most. */
#define STEP_NODES   64u
#define STEP_CHUNKS  16u
#define STEP_ENTRIES 4096u

void hmfs_scrub_say(struct hmfs_scrub *scrub, bool healed, const char *format, ...)
{
	const struct hmfs_report *report = scrub->report;
	char line[160];
	va_list arguments;

	if (!report || !report->problem)
		return;
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	report->problem(report->context, line, healed);
}

/* --- Nodes --- */

static int scrub_node(struct hmfs_scrub *scrub, const struct hmfs_pointer *pointer)
{
	struct hmfs_volume *volume = scrub->volume;
	struct hmfs_context *context = &volume->context;
	struct hmfs_device *device = volume->device;
	bool good[2];

	scrub->position->done += 2 * (uint64_t)pointer->blocks;
	for (unsigned copy = 2; copy-- > 0;) {
		const int error = hmfs_node_read_copy(context, pointer, copy, scrub->buffer);

		if (error == -ENOMEM)
			return error;
		good[copy] = !error;
	}
	if (good[0] == good[1]) {
		if (good[0])
			return 0;
		hmfs_scrub_say(scrub, false, "metadata at block %llu: both copies are damaged",
			       (unsigned long long)pointer->address[0]);
		(void)hmfs_complain(volume, NULL, "metadata at block %llu: both copies are damaged",
				    (unsigned long long)pointer->address[0]);
		return 0;
	}
	if (good[1] && hmfs_node_read_copy(context, pointer, 1, scrub->buffer) != 0)
		return 0;
	if (volume->read_only || device->read_only ||
	    device->ops->write(device, pointer->address[good[0]], pointer->blocks, scrub->buffer) !=
		    0) {
		hmfs_scrub_say(scrub, false, "metadata at block %llu: a copy is damaged",
			       (unsigned long long)pointer->address[good[0]]);
		return 0;
	}
	hmfs_scrub_say(scrub, true, "metadata at block %llu: a copy was damaged",
		       (unsigned long long)pointer->address[good[0]]);
	hmfs_note_healed(volume, NULL, "metadata at block %llu: a copy was damaged",
			 (unsigned long long)pointer->address[good[0]]);
	return 0;
}

/* Down to the node of level 0 that covers position->key, looking at those on the way that begin
 * there. *more: position->key is where the next one begins. */
static int scrub_path(struct hmfs_scrub *scrub, const struct hmfs_pointer *root, bool *more)
{
	struct hmfs_context *context = &scrub->volume->context;
	struct hmfs_key *key = &scrub->position->key;
	struct hmfs_key next = { 0 };
	struct hmfs_pointer pointer = *root;
	bool first = key->object == 0 && key->place == 0 && key->minor == 0;
	int error = first ? scrub_node(scrub, root) : 0;

	*more = false;
	for (unsigned level = HMFS_LEVELS; !error && level > 0;) {
		struct hmfs_node *node;
		unsigned at;

		error = hmfs_node_get(context, &pointer, &node);
		if (error)
			break;
		level = min_u64(level - 1, node->header->level);
		if (level == 0 || node->header->kind != HMFS_NODE_INDEX) {
			hmfs_node_put(node);
			break;
		}
		at = hmfs_node_search(node, key);
		at -= at > 0;
		if (at + 1 < node->count) {
			next = node->keys[at + 1];
			*more = true;
		}
		first = first || hmfs_key_compare(&node->keys[at], key) >= 0;
		hmfs_node_child_pointer(context, node, at, &pointer);
		hmfs_node_put(node);
		if (first)
			error = scrub_node(scrub, &pointer);
		/* A node of level 0 is not wanted in memory. */
		if (level == 1)
			break;
	}
	/* What was lost was said. */
	if (error == -EIO)
		error = 0;
	*key = next;
	return error;
}

/* Some nodes of the tree: 1 if there are more. */
static int scrub_tree(struct hmfs_scrub *scrub, const struct hmfs_pointer *root)
{
	for (unsigned i = 0; i < STEP_NODES; i++) {
		bool more;
		const int error = scrub_path(scrub, root, &more);

		if (error || !more)
			return error;
	}
	return 1;
}

/* The segment whose head lies at `address`, or the next one; NULL: none. */
static const struct hmfs_segment_pointer *next_segment(const struct hmfs_map *map, uint64_t address)
{
	const struct hmfs_segment_pointer *next = NULL;

	for (unsigned i = 0; i < map->count; i++) {
		const struct hmfs_segment_pointer *there = &map->segments[i]->pointer;

		if (there->head.address[0] >= address &&
		    (!next || there->head.address[0] < next->head.address[0]))
			next = there;
	}
	return next;
}

/* The filter's root, or nothing in it. */
static int filter_of(struct hmfs_scrub *scrub, const struct hmfs_pointer *head,
		     struct hmfs_pointer *filter)
{
	struct hmfs_node *node;
	int error = hmfs_node_get(&scrub->volume->context, head, &node);

	memset(filter, 0, sizeof(*filter));
	if (error)
		return error == -EIO ? 0 : error;
	if (node->header->kind == HMFS_NODE_INDEX)
		*filter = ((const struct hmfs_index_node *)node->header)->filter;
	hmfs_node_put(node);
	return 0;
}

/* A step among the segments of a map. 1: there are more. */
static int scrub_segments(struct hmfs_scrub *scrub, const struct hmfs_map *map)
{
	struct hmfs_scrub_position *position = scrub->position;
	const uint64_t address = position->segment & ~FILTER;
	const struct hmfs_segment_pointer *found = next_segment(map, address);
	struct hmfs_pointer root;
	int error;

	if (!found)
		return 0;
	if (found->head.address[0] != address) {
		position->segment = found->head.address[0];
		memset(&position->key, 0, sizeof(position->key));
	}
	root = found->head;
	if (position->segment & FILTER) {
		error = filter_of(scrub, &found->head, &root);
		if (error)
			return error;
	}
	error = root.blocks ? scrub_tree(scrub, &root) : 0;
	if (error)
		return error;
	memset(&position->key, 0, sizeof(position->key));
	if (position->segment & FILTER)
		position->segment = address + 1;
	else
		position->segment |= FILTER;
	return 1;
}

/* --- Data --- */

/* Some chunks of the dataset. 1: there are more. */
static int scrub_chunks(struct hmfs_scrub *scrub, struct hmfs_dataset *dataset)
{
	struct hmfs_scrub_position *position = scrub->position;
	struct hmfs_cursor cursor = { 0 };
	unsigned chunks = 0, entries = 0;
	int error = hmfs_cursor_seek(&cursor, &dataset->map, &position->key);

	for (; !error && chunks < STEP_CHUNKS && entries < STEP_ENTRIES; entries++) {
		position->key = cursor.key;
		if (++position->key.minor == 0 && ++position->key.place == 0)
			position->key.object++;
		if (cursor.key.place >> 56 == HMFS_KIND_CHUNK &&
		    hmfs_chunk_decode(scrub->volume->super.hash, cursor.value.bytes,
				      cursor.value.length, scrub->chunk) == 0) {
			chunks++;
			error = hmfs_scrub_data(scrub, dataset, &cursor.key);
		}
		if (!error)
			error = hmfs_cursor_next(&cursor);
	}
	hmfs_cursor_close(&cursor);
	if (error == -EIO) {
		/* On with the next object; where nothing can be read, by ever larger steps. */
		const uint64_t object = position->key.object;

		if (object > UINT64_MAX / 2)
			return 0;
		position->key =
			(struct hmfs_key){ .object = entries ? object + 1 : 2 * object + 1 };
		return 1;
	}
	if (error == -ENOENT)
		return 0;
	return error ? error : 1;
}

/* --- Steps --- */

/* The dataset at hand, or the next one. -ENOENT. */
static int find_dataset(struct hmfs_scrub *scrub, struct hmfs_dataset **dataset)
{
	struct hmfs_scrub_position *position = scrub->position;
	struct hmfs_dataset_record *record = scrub->volume->host->allocate(sizeof(*record));
	uint32_t number = (uint32_t)position->dataset;
	int error;

	if (!record)
		return -ENOMEM;
	for (;; number++) {
		error = hmfs_dataset_walk(scrub->volume, &number, record);
		if (error || !(record->flags & HMFS_DATASET_DYING))
			break;
	}
	scrub->volume->host->release(record);
	if (error)
		return error;
	if (number != position->dataset) {
		position->dataset = number;
		position->segment = 0;
		memset(&position->key, 0, sizeof(position->key));
	}
	return hmfs_dataset_get_any(scrub->volume, number, dataset);
}

static void next_dataset(struct hmfs_scrub_position *position)
{
	position->dataset++;
	position->segment = 0;
	memset(&position->key, 0, sizeof(position->key));
}

static int step(struct hmfs_scrub *scrub)
{
	struct hmfs_scrub_position *position = scrub->position;
	struct hmfs_dataset *dataset;
	int error;

	if (position->dataset == 0) {
		error = scrub_segments(scrub, &scrub->volume->map);
		if (error == 0) {
			next_dataset(position);
			error = 1;
		}
		return error;
	}
	if (position->dataset > UINT32_MAX)
		return 0;
	error = find_dataset(scrub, &dataset);
	if (error == -ENOENT)
		return 0;
	if (error == -EIO) {
		hmfs_scrub_say(scrub, false, "a dataset cannot be read, and what comes behind it");
		return 0;
	}
	if (error)
		return error;
	if (position->segment != DATA) {
		error = scrub_segments(scrub, &dataset->map);
		if (error == 0) {
			position->segment = DATA;
			memset(&position->key, 0, sizeof(position->key));
			error = 1;
		}
		return error;
	}
	error = scrub_chunks(scrub, dataset);
	if (error == 0)
		next_dataset(position);
	return error < 0 ? error : 1;
}

int hmfs_scrub_step(struct hmfs_volume *volume, struct hmfs_scrub_position *position,
		    const struct hmfs_report *report)
{
	const struct hmfs_host *host = volume->host;
	struct hmfs_scrub scrub = { .volume = volume, .position = position, .report = report };
	int error = -ENOMEM;

	scrub.buffer = host->allocate(HMFS_CHUNK_SIZE);
	scrub.chunk = host->allocate(sizeof(*scrub.chunk));
	if (scrub.buffer && scrub.chunk) {
		hmfs_lock(volume);
		position->total = volume->blocks - hmfs_space_free_blocks(volume->space);
		error = step(&scrub);
		hmfs_unlock(volume);
	}
	host->release(scrub.chunk);
	host->release(scrub.buffer);
	if (error == 0)
		position->done = position->total;
	position->done = min_u64(position->done, position->total);
	if (error >= 0 && report && report->progress)
		report->progress(report->context, position->done, position->total);
	return error;
}
