/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log: what was synced since the commit, so that a sync costs one flush.
 *
 * A batch has everything that changed since the one before: entries of all maps, counters of
 * datasets, blocks that were allocated and freed. While one is on its way to the disk those who want
 * to sync wait; the next batch then serves all of them. The log stays where it is from commit to
 * commit: batches that precede the newest root record have another nonce. It is allocated by the
 * first commit after somebody wanted it.
 */
#include <base/errno.h>
#include <base/string.h>

#include "volume_priv.h"

/* Of the volume, of which the log may be a part; and its bounds, in blocks. */
#define LOG_SHARE 128u
#define LOG_LEAST 8u
#define LOG_MOST  2048u
/* More than that is better off in a commit. */
#define BATCH_MAX  ((size_t)1 << 20)
#define FIRST_ROOM ((size_t)1 << 16)

struct hmfs_log {
	/* Where the next batch goes. */
	uint64_t sequence;
	unsigned extent;
	uint64_t block;
	bool wanted;
	/* Syncs are numbered: those up to `served` are done, those up to `frozen` will be when the
	 * commit that is under way is. */
	uint64_t requests, served, frozen;
	/* The batch that is made. */
	uint8_t *bytes;
	size_t used, room;
	uint32_t dataset; /* that entries are of */
	const struct hmfs_host *host;
};

int hmfs_log_create(struct hmfs_volume *volume)
{
	struct hmfs_log *log = volume->host->allocate(sizeof(*log));

	if (!log)
		return -ENOMEM;
	*log = (struct hmfs_log){ .host = volume->host };
	volume->log = log;
	return 0;
}

void hmfs_log_destroy(struct hmfs_volume *volume)
{
	if (!volume->log)
		return;
	volume->host->release(volume->log->bytes);
	volume->host->release(volume->log);
	volume->log = NULL;
}

/* --- With commits --- */

int hmfs_log_prepare(struct hmfs_volume *volume, struct hmfs_root *root)
{
	uint64_t wanted = max_u64(min_u64(volume->blocks / LOG_SHARE, LOG_MOST), LOG_LEAST);

	if (!volume->log->wanted || root->log[0].blocks)
		return 0;
	for (unsigned i = 0; wanted && i < HMFS_LOG_EXTENTS; i++) {
		struct hmfs_extent *extent = &root->log[i];
		const int error = hmfs_space_allocate(volume->space, HMFS_USE_METADATA, 0,
						      min_u64(LOG_LEAST, wanted), wanted,
						      &extent->address, &extent->blocks);

		/* On a full volume syncs are commits. */
		if (error) {
			*extent = (struct hmfs_extent){ 0 };
			return error == -ENOSPC ? 0 : error;
		}
		wanted -= min_u64(extent->blocks, wanted);
	}
	return 0;
}

void hmfs_log_cancel(struct hmfs_volume *volume)
{
	if (volume->root.log[0].blocks)
		return;
	for (unsigned i = 0; i < HMFS_LOG_EXTENTS; i++) {
		struct hmfs_extent *extent = &volume->next.log[i];

		if (extent->blocks)
			hmfs_space_undo(volume->space, extent->address, extent->blocks);
		*extent = (struct hmfs_extent){ 0 };
	}
}

void hmfs_log_frozen(struct hmfs_volume *volume)
{
	volume->log->frozen = volume->log->requests;
}

void hmfs_log_switch(struct hmfs_volume *volume)
{
	struct hmfs_log *log = volume->log;

	log->sequence = 0;
	log->extent = 0;
	log->block = 0;
	log->served = max_u64(log->served, log->frozen);
}

/* --- Batches --- */

static int make_room(struct hmfs_log *log, size_t length)
{
	size_t room = log->room ? log->room : FIRST_ROOM;
	uint8_t *bytes;

	if (length > BATCH_MAX - log->used)
		return -ENOSPC;
	while (room < log->used + length)
		room *= 2;
	if (room <= log->room)
		return 0;
	bytes = log->host->allocate(room);
	if (!bytes)
		return -ENOMEM;
	if (log->used)
		memcpy(bytes, log->bytes, log->used);
	log->host->release(log->bytes);
	log->bytes = bytes;
	log->room = room;
	return 0;
}

/* An item of two parts; `tail` may be empty. */
static int add_item(struct hmfs_log *log, enum hmfs_log_item_kind kind, uint32_t dataset,
		    const void *head, size_t head_length, const void *tail, size_t tail_length)
{
	const struct hmfs_log_item item = {
		.kind = (uint16_t)kind,
		.length = (uint16_t)(head_length + tail_length),
		.dataset = dataset,
	};
	const size_t length = align_up(sizeof(item) + head_length + tail_length, 8);
	const int error = make_room(log, length);
	uint8_t *to;

	if (error)
		return error;
	to = log->bytes + log->used;
	memset(to + length - 8, 0, 8);
	memcpy(to, &item, sizeof(item));
	memcpy(to + sizeof(item), head, head_length);
	if (tail_length)
		memcpy(to + sizeof(item) + head_length, tail, tail_length);
	log->used += length;
	return 0;
}

static int add_entry(void *context, const struct hmfs_key *key, const struct hmfs_value *value)
{
	struct hmfs_log *log = context;

	if (value->removed)
		return add_item(log, HMFS_LOG_REMOVE, log->dataset, key, sizeof(*key), NULL, 0);
	return add_item(log, HMFS_LOG_ENTRY, log->dataset, key, sizeof(*key), value->bytes,
			value->length);
}

static int add_run(void *context, uint64_t address, uint64_t blocks, bool freed)
{
	const struct hmfs_extent extent = { address, blocks };

	return add_item(context, freed ? HMFS_LOG_FREED : HMFS_LOG_USED, 0, &extent, sizeof(extent),
			NULL, 0);
}

static int add_dataset(struct hmfs_log *log, struct hmfs_dataset *dataset)
{
	int error = 0;

	if (dataset->record_unlogged)
		error = add_item(log, HMFS_LOG_DATASET, dataset->number, &dataset->record,
				 offsetof(struct hmfs_dataset_record, map), NULL, 0);
	if (error)
		return error;
	dataset->record_unlogged = false;
	log->dataset = dataset->number;
	return hmfs_map_take_unlogged(&dataset->map, add_entry, log);
}

/* All that is unlogged, behind an empty header. */
static int collect(struct hmfs_volume *volume)
{
	struct hmfs_log *log = volume->log;
	struct list_node *node;
	int error;

	log->used = 0;
	error = make_room(log, sizeof(struct hmfs_log_header));
	if (error)
		return error;
	memset(log->bytes, 0, sizeof(struct hmfs_log_header));
	log->used = sizeof(struct hmfs_log_header);
	log->dataset = 0;
	error = hmfs_map_take_unlogged(&volume->map, add_entry, log);
	for (node = volume->datasets.head.next; !error && node != &volume->datasets.head;
	     node = node->next)
		error = add_dataset(log, container_of(node, struct hmfs_dataset, node));
	if (!error)
		error = hmfs_space_take_unlogged(volume->space, add_run, log);
	return error;
}

/* Finds the place of a batch of so many blocks, and goes on behind it. */
static int find_place(struct hmfs_volume *volume, uint64_t blocks, uint64_t *address)
{
	struct hmfs_log *log = volume->log;

	for (; log->extent < HMFS_LOG_EXTENTS; log->extent++, log->block = 0) {
		const struct hmfs_extent *extent = &volume->root.log[log->extent];

		if (log->block > extent->blocks || blocks > extent->blocks - log->block)
			continue;
		*address = extent->address + log->block;
		log->block += blocks;
		return 0;
	}
	return -ENOSPC;
}

static void seal(struct hmfs_volume *volume)
{
	struct hmfs_log *log = volume->log;
	struct hmfs_log_header *header = (struct hmfs_log_header *)log->bytes;
	uint8_t sum[HMFS_SUM_MAX];

	*header = (struct hmfs_log_header){
		.magic = HMFS_LOG_MAGIC,
		.bytes = (uint32_t)log->used,
		.commit = volume->root.commit,
		.nonce = volume->root.log_nonce,
		.sequence = log->sequence,
	};
	hmfs_sum(volume->super.hash, log->bytes, log->used, sum);
	memcpy(header->sum, sum, sizeof(header->sum));
}

/* The lock is let go of. A flush that failed may have lost anything. */
static int write_batch(struct hmfs_volume *volume, uint64_t address, uint64_t blocks)
{
	struct hmfs_device *device = volume->device;
	int error;

	hmfs_unlock(volume);
	seal(volume);
	error = device->ops->write(device, address, blocks, volume->log->bytes);
	if (!error && device->ops->flush(device) != 0) {
		error = -EIO;
		hmfs_lock(volume);
		volume->failed = true;
		hmfs_tell(volume, HMFS_LOG_ERROR,
			  "the device lost what was written: read-only from now on");
		return error;
	}
	hmfs_lock(volume);
	return error;
}

int hmfs_log_write(struct hmfs_volume *volume)
{
	struct hmfs_log *log = volume->log;
	uint64_t address, blocks;
	size_t padded;
	int error;

	if (!volume->root.log[0].blocks) {
		log->wanted = true;
		return -ENOSPC;
	}
	error = collect(volume);
	if (error) {
		/* Some of it counts as logged already. */
		volume->must_commit = true;
		return error;
	}
	if (log->used == sizeof(struct hmfs_log_header))
		return 0;
	padded = align_up(log->used, HMFS_BLOCK_SIZE);
	blocks = padded / HMFS_BLOCK_SIZE;
	memset(log->bytes + log->used, 0, padded - log->used);
	error = find_place(volume, blocks, &address);
	if (!error)
		error = write_batch(volume, address, blocks);
	if (error) {
		volume->must_commit = true;
		return error;
	}
	log->sequence++;
	volume->log_batches++;
	return 0;
}

/* --- Syncing --- */

/* For all who wait: a batch, or where that cannot be, a commit. */
static int serve(struct hmfs_volume *volume)
{
	struct hmfs_log *log = volume->log;
	const uint64_t upto = log->requests;
	int error = -ENOSPC;

	volume->busy = true;
	if (!volume->must_commit)
		error = hmfs_log_write(volume);
	if (error && !volume->failed)
		error = hmfs_anything_changed(volume) ? hmfs_commit_once(volume) : 0;
	if (!error)
		log->served = max_u64(log->served, upto);
	hmfs_busy_end(volume);
	return error;
}

int hmfs_sync_locked(struct hmfs_volume *volume)
{
	struct hmfs_log *log = volume->log;
	const uint64_t request = ++log->requests;
	int error = 0;

	while (!error && log->served < request) {
		if (volume->busy)
			hmfs_wait(volume);
		else if (volume->failed)
			error = -EIO;
		else if (volume->read_only)
			break;
		else
			error = serve(volume);
	}
	return error;
}

int hmfs_sync(struct hmfs_volume *volume)
{
	int error;

	hmfs_lock(volume);
	error = hmfs_sync_locked(volume);
	hmfs_unlock(volume);
	return error;
}
