/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Doing again what the log tells.
 *
 * A batch counts if all of it is as its checksum says and it is the next in order. The flush of a
 * batch came before the next one was written: so only the last one may have reached the disk before
 * the data that it speaks of did. That data is looked at, and if it is not what it should be, the
 * batch was never synced, and is left out.
 */
#include <base/errno.h>
#include <base/string.h>

#include "volume_priv.h"

/* More is never written. */
#define BATCH_MAX ((size_t)1 << 20)

/* Each costs a look at all of a batch. */
#define FORGIVEN_MAX 1024

struct batch {
	uint8_t *bytes; /* padded to blocks; NULL: none */
	size_t length;
};

struct replay {
	struct hmfs_volume *volume;
	uint64_t sequence; /* of the next batch */
	unsigned extent;
	uint64_t block;
	bool unreadable; /* the device could not read some of it */
	bool may_write;
	/* For looking at data. */
	struct batch batch; /* whose data it is */
	unsigned forgiven;  /* blocks of it that are not as they should be, but old */
	struct hmfs_chunk *chunk, *before;
	uint8_t *data; /* HMFS_BLOCK_SIZE */
};

typedef int item_visitor(struct replay *replay, const struct hmfs_log_item *item,
			 const uint8_t *bytes);

/* --- Reading --- */

static bool header_is_next(const struct replay *replay, const struct hmfs_log_header *header,
			   uint64_t room)
{
	const struct hmfs_root *root = &replay->volume->root;

	return header->magic == HMFS_LOG_MAGIC && header->commit == root->commit &&
	       header->nonce == root->log_nonce && header->sequence == replay->sequence &&
	       header->bytes >= sizeof(*header) && header->bytes <= BATCH_MAX &&
	       header->bytes <= room * HMFS_BLOCK_SIZE;
}

static bool batch_intact(const struct hmfs_volume *volume, const struct batch *batch)
{
	struct hmfs_log_header *header = (struct hmfs_log_header *)batch->bytes;
	uint8_t found[HMFS_SUM_MAX], sum[HMFS_SUM_MAX];

	memcpy(found, header->sum, sizeof(found));
	memset(header->sum, 0, sizeof(header->sum));
	hmfs_sum(volume->super.hash, batch->bytes, batch->length, sum);
	return memcmp(found, sum, sizeof(sum)) == 0;
}

static bool read_blocks(struct replay *replay, uint64_t address, uint64_t blocks, void *bytes)
{
	struct hmfs_device *device = replay->volume->device;

	if (device->ops->read(device, address, blocks, bytes) == 0)
		return true;
	replay->unreadable = true;
	return false;
}

/* Reads the batch at `block` of `extent` if the next one is there. */
static int read_at(struct replay *replay, const struct hmfs_extent *extent, uint64_t block,
		   struct batch *batch)
{
	struct hmfs_volume *volume = replay->volume;
	const struct hmfs_log_header *header = (const struct hmfs_log_header *)replay->data;
	uint64_t blocks;

	if (!read_blocks(replay, extent->address + block, 1, replay->data) ||
	    !header_is_next(replay, header, extent->blocks - block))
		return -ENOENT;
	batch->length = header->bytes;
	blocks = align_up(batch->length, HMFS_BLOCK_SIZE) / HMFS_BLOCK_SIZE;
	batch->bytes = volume->host->allocate(blocks * HMFS_BLOCK_SIZE);
	if (!batch->bytes)
		return -ENOMEM;
	memcpy(batch->bytes, replay->data, HMFS_BLOCK_SIZE);
	if ((blocks == 1 || read_blocks(replay, extent->address + block + 1, blocks - 1,
					batch->bytes + HMFS_BLOCK_SIZE)) &&
	    batch_intact(volume, batch))
		return (int)blocks;
	volume->host->release(batch->bytes);
	batch->bytes = NULL;
	return -ENOENT;
}

/* The next batch; batch->bytes is NULL if there is none. */
static int read_next(struct replay *replay, struct batch *batch)
{
	const struct hmfs_volume *volume = replay->volume;
	uint64_t block = replay->block;

	batch->bytes = NULL;
	for (unsigned i = replay->extent; i < HMFS_LOG_EXTENTS; i++, block = 0) {
		const struct hmfs_extent *extent = &volume->root.log[i];
		int blocks;

		if (block >= extent->blocks)
			continue;
		blocks = read_at(replay, extent, block, batch);
		if (blocks > 0) {
			replay->extent = i;
			replay->block = block + (unsigned)blocks;
			replay->sequence++;
			return 0;
		}
		if (blocks != -ENOENT)
			return blocks;
	}
	return 0;
}

/* Calls `visit` for each item; -EUCLEAN: nonsense. */
static int visit_items(struct replay *replay, const struct batch *batch, item_visitor *visit)
{
	size_t at = sizeof(struct hmfs_log_header);

	while (at < batch->length) {
		const struct hmfs_log_item *item =
			(const struct hmfs_log_item *)(batch->bytes + at);
		size_t length;
		int error;

		if (batch->length - at < sizeof(*item))
			return -EUCLEAN;
		length = align_up(sizeof(*item) + item->length, 8);
		if (length > batch->length - at)
			return -EUCLEAN;
		error = visit(replay, item, (const uint8_t *)(item + 1));
		if (error)
			return error;
		at += length;
	}
	return 0;
}

/* --- Items --- */

/* Kinds that the log may have of the volume's own map and of datasets'. */
static bool kind_fits(const struct hmfs_key *key, bool own, bool removed)
{
	const unsigned kind = (unsigned)(key->place >> 56);

	if (!own)
		return kind >= HMFS_KIND_OBJECT && kind <= HMFS_KIND_ORPHAN;
	return kind == HMFS_KIND_DEAD || kind == HMFS_KIND_DEAD_SEGMENT ||
	       kind == HMFS_KIND_SHARED || (kind == HMFS_KIND_DATASET && removed);
}

static int find_dataset(struct replay *replay, uint32_t number, struct hmfs_dataset **dataset)
{
	const int error = hmfs_dataset_get_any(replay->volume, number, dataset);

	return error == -ENOENT ? -EUCLEAN : error;
}

static int apply_entry(struct replay *replay, const struct hmfs_log_item *item,
		       const uint8_t *bytes)
{
	struct hmfs_map *map = &replay->volume->map;
	const bool removed = item->kind == HMFS_LOG_REMOVE;
	struct hmfs_dataset *dataset;
	struct hmfs_key key;

	if (item->length < sizeof(key) || item->length - sizeof(key) > HMFS_VALUE_MAX)
		return -EUCLEAN;
	memcpy(&key, bytes, sizeof(key));
	if (!kind_fits(&key, !item->dataset, removed))
		return -EUCLEAN;
	if (item->dataset) {
		const int error = find_dataset(replay, item->dataset, &dataset);

		if (error)
			return error;
		map = &dataset->map;
	}
	if (removed)
		return hmfs_map_remove(map, &key);
	return hmfs_map_put(map, &key, bytes + sizeof(key), item->length - sizeof(key));
}

static int apply_run(struct replay *replay, const struct hmfs_log_item *item, const uint8_t *bytes)
{
	struct hmfs_volume *volume = replay->volume;
	struct hmfs_extent extent;

	if (item->length != sizeof(extent))
		return -EUCLEAN;
	memcpy(&extent, bytes, sizeof(extent));
	if (!extent.blocks || extent.address >= volume->blocks ||
	    extent.blocks > volume->blocks - extent.address)
		return -EUCLEAN;
	if (item->kind == HMFS_LOG_USED)
		return hmfs_space_claim(volume->space, extent.address, extent.blocks);
	hmfs_space_free(volume->space, extent.address, extent.blocks);
	return 0;
}

static int apply_dataset(struct replay *replay, const struct hmfs_log_item *item,
			 const uint8_t *bytes)
{
	const size_t size = offsetof(struct hmfs_dataset_record, map);
	struct hmfs_dataset *dataset;
	int error;

	if (item->length != size)
		return -EUCLEAN;
	error = find_dataset(replay, item->dataset, &dataset);
	if (error)
		return error;
	memcpy(&dataset->record, bytes, size);
	if (dataset->record.next_object < HMFS_FIRST_OBJECT ||
	    dataset->record.name_length >= sizeof(dataset->record.name) ||
	    dataset->record.name[dataset->record.name_length] != 0)
		return -EUCLEAN;
	hmfs_dataset_changed(dataset);
	return 0;
}

static int apply_item(struct replay *replay, const struct hmfs_log_item *item, const uint8_t *bytes)
{
	switch (item->kind) {
	case HMFS_LOG_ENTRY:
	case HMFS_LOG_REMOVE:
		return apply_entry(replay, item, bytes);
	case HMFS_LOG_USED:
	case HMFS_LOG_FREED:
		return apply_run(replay, item, bytes);
	case HMFS_LOG_DATASET:
		return apply_dataset(replay, item, bytes);
	default:
		return -EUCLEAN;
	}
}

/* --- The data of the last batch --- */

/* `unread`: what it gives for one that cannot be read, which does not say whether it was
 * written. */
static bool block_is(struct replay *replay, uint64_t address, const uint8_t *wanted, bool unread)
{
	struct hmfs_volume *volume = replay->volume;
	uint8_t sum[HMFS_SUM_MAX];

	if (!address || address >= volume->blocks)
		return false;
	if (!read_blocks(replay, address, 1, replay->data))
		return unread;
	hmfs_sum(volume->super.hash, replay->data, HMFS_BLOCK_SIZE, sum);
	return memcmp(sum, wanted, hmfs_sum_size(volume->super.hash)) == 0;
}

/* What a chunk was before the batch: nothing, if that cannot be told. */
static void chunk_before(struct replay *replay, uint32_t number, const struct hmfs_key *key)
{
	struct hmfs_dataset *dataset;

	if (hmfs_dataset_get_any(replay->volume, number, &dataset) != 0 ||
	    hmfs_chunk_load(dataset, key->object, key->place & HMFS_PLACE_MASK, replay->before) !=
		    0)
		replay->before->runs = 0;
}

/* The run of the chunk as it was before that has the block; NULL: it was in none. */
static const struct hmfs_run *run_before(const struct replay *replay, unsigned block)
{
	const struct hmfs_chunk *before = replay->before;

	for (unsigned i = 0; i < before->runs; i++) {
		const struct hmfs_run *run = &before->run[i];

		if (block >= run->first && block < (unsigned)run->first + run->blocks)
			return run;
	}
	return NULL;
}

/* True if the chunk had this block of it, with the same contents, before. What was allocated only,
 * and is written now, has the birth that it had: that says nothing. */
static bool block_was_there(const struct replay *replay, unsigned block, uint64_t address)
{
	const struct hmfs_run *run = run_before(replay, block);

	return run && !(run->flags & HMFS_RUN_UNWRITTEN) &&
	       run->address + (block - run->first) == address &&
	       memcmp(replay->before->sums[block], replay->chunk->sums[block],
		      hmfs_sum_size(replay->volume->super.hash)) == 0;
}

/* Whether the batch says that one of the blocks was allocated since the batch before it. */
static bool was_allocated(const struct replay *replay, uint64_t address)
{
	const struct batch *batch = &replay->batch;
	size_t at = sizeof(struct hmfs_log_header);

	/* Items behind the one that is looked at may be nonsense yet: visit_items() finds that out. */
	while (batch->length - at >= sizeof(struct hmfs_log_item) + sizeof(struct hmfs_extent)) {
		const struct hmfs_log_item *item =
			(const struct hmfs_log_item *)(batch->bytes + at);
		const size_t length = align_up(sizeof(*item) + item->length, 8);
		struct hmfs_extent extent;

		if (length > batch->length - at)
			break;
		at += length;
		if (item->kind != HMFS_LOG_USED || item->length < sizeof(extent))
			continue;
		memcpy(&extent, item + 1, sizeof(extent));
		if (address >= extent.address && address - extent.address < extent.blocks)
			return true;
	}
	return false;
}

/* True if the data was there long before the batch, which only made the chunk share it: what it is
 * now is not the batch's fault. */
static bool data_is_old(struct replay *replay, const struct hmfs_run *run, unsigned block)
{
	const struct hmfs_run *before = run_before(replay, run->first + block);

	if (!(run->flags & HMFS_RUN_SHARED) || replay->forgiven == FORGIVEN_MAX)
		return false;
	if (before && before->flags & HMFS_RUN_UNWRITTEN)
		return false;
	if (was_allocated(replay, run->address + block))
		return false;
	replay->forgiven++;
	return true;
}

/* One copy of the block is as it should be; if the other is not, it is written anew. */
static bool copies_are(struct replay *replay, const struct hmfs_run *run, unsigned block)
{
	struct hmfs_volume *volume = replay->volume;
	const uint8_t *wanted = replay->chunk->sums[run->first + block];
	const uint64_t address[2] = { run->address + block, run->mirror + block };
	bool first = block_is(replay, address[0], wanted, true);
	unsigned bad;

	if (!run->mirror)
		return first;
	if (first == block_is(replay, address[1], wanted, true))
		return first;
	bad = first ? 1 : 0;
	if (!replay->may_write || !block_is(replay, address[!bad], wanted, false))
		return true;
	/* If that fails, it is a damaged copy like any other. */
	if (volume->device->ops->write(volume->device, address[bad], 1, replay->data) != 0)
		hmfs_tell(volume, HMFS_LOG_NOTE, "a copy of data could not be written anew");
	return true;
}

/* A chunk's record: the blocks that are new in it. */
static int look_at_chunk(struct replay *replay, const struct hmfs_log_item *item,
			 const uint8_t *bytes)
{
	struct hmfs_volume *volume = replay->volume;
	struct hmfs_chunk *chunk = replay->chunk;
	struct hmfs_key key;

	if (item->kind != HMFS_LOG_ENTRY || !item->dataset || item->length < sizeof(key))
		return 0;
	memcpy(&key, bytes, sizeof(key));
	if (key.place >> 56 != HMFS_KIND_CHUNK)
		return 0;
	if (hmfs_chunk_decode(volume->super.hash, bytes + sizeof(key), item->length - sizeof(key),
			      chunk) != 0)
		return -EUCLEAN;
	chunk_before(replay, item->dataset, &key);
	for (unsigned i = 0; i < chunk->runs; i++) {
		const struct hmfs_run *run = &chunk->run[i];

		if (run->flags & HMFS_RUN_UNWRITTEN)
			continue;
		for (unsigned j = 0; j < run->blocks; j++)
			if (!block_was_there(replay, run->first + j, run->address + j) &&
			    !copies_are(replay, run, j) && !data_is_old(replay, run, j))
				return -EBADMSG;
	}
	return 0;
}

/* --- Replaying --- */

static int apply(struct replay *replay, const struct batch *batch)
{
	const int error = visit_items(replay, batch, apply_item);

	if (error == -EUCLEAN)
		return hmfs_complain(replay->volume, NULL, "batch %llu of the log is nonsense",
				     (unsigned long long)replay->sequence);
	return error;
}

static int replay_all(struct replay *replay, bool *replayed)
{
	struct hmfs_volume *volume = replay->volume;
	struct batch batch, next = { 0 };
	int error = read_next(replay, &batch);

	while (!error && batch.bytes) {
		error = read_next(replay, &next);
		if (!error && !next.bytes) {
			replay->batch = batch;
			error = visit_items(replay, &batch, look_at_chunk);
			if (error == -EBADMSG) {
				hmfs_tell(volume, HMFS_LOG_NOTE,
					  "the end of the log was cut off: left out");
				*replayed = true;
				error = 0;
				break;
			}
		}
		if (!error || error == -EUCLEAN)
			error = apply(replay, &batch);
		*replayed = true;
		volume->host->release(batch.bytes);
		batch = next;
		next.bytes = NULL;
	}
	volume->host->release(batch.bytes);
	volume->host->release(next.bytes);
	return error;
}

static bool log_valid(const struct hmfs_root *root)
{
	for (unsigned i = 0; i < HMFS_LOG_EXTENTS; i++) {
		const struct hmfs_extent *extent = &root->log[i];

		if (extent->blocks && (extent->address >= root->blocks ||
				       extent->blocks > root->blocks - extent->address))
			return false;
	}
	return true;
}

int hmfs_log_replay(struct hmfs_volume *volume, bool all, bool *replayed)
{
	const struct hmfs_host *host = volume->host;
	struct replay replay = {
		.volume = volume,
		.may_write = all && !volume->device->read_only,
	};
	int error = -ENOMEM;

	if (!log_valid(&volume->root))
		return hmfs_complain(volume, NULL, "the root record has nonsense");
	replay.chunk = host->allocate(sizeof(*replay.chunk));
	replay.before = host->allocate(sizeof(*replay.before));
	replay.data = host->allocate(HMFS_BLOCK_SIZE);
	if (replay.chunk && replay.before && replay.data)
		error = replay_all(&replay, replayed);
	if (!error && replay.unreadable) {
		error = hmfs_complain(volume, NULL,
				      "the log cannot be read: what was synced last "
				      "may be in it");
		error = all ? error : 0;
	}
	host->release(replay.chunk);
	host->release(replay.before);
	host->release(replay.data);
	return error;
}
