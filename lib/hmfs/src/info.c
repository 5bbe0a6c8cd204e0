/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a volume is: figures, its label, whether it is written. */
#include <base/errno.h>
#include <base/string.h>

#include "volume_priv.h"

void hmfs_read_statistics(struct hmfs_volume *volume, struct hmfs_statistics *statistics)
{
	const struct hmfs_dataset *live;

	hmfs_lock(volume);
	live = hmfs_dataset_open_one(volume, HMFS_DATASET_LIVE);
	*statistics = (struct hmfs_statistics){
		.blocks = volume->blocks,
		.free_blocks = hmfs_space_free_blocks(volume->space),
		.available_blocks = hmfs_space_available(volume->space),
		.objects = live ? live->record.objects : 0,
		.commits = volume->commits,
		.log_batches = volume->log_batches,
		.merges = volume->context.merges,
		.node_reads = volume->context.node_reads,
		.node_writes = volume->context.node_writes,
		.healed = volume->healed,
		.damaged = volume->damaged,
		.data_twice = volume->root.flags & HMFS_ROOT_DATA_TWICE,
	};
	hmfs_unlock(volume);
}

const struct hmfs_super *hmfs_super_of(const struct hmfs_volume *volume)
{
	return &volume->super;
}

bool hmfs_is_read_only(const struct hmfs_volume *volume)
{
	return volume->read_only || volume->failed;
}

int hmfs_set_read_only(struct hmfs_volume *volume, bool read_only)
{
	int error = 0;

	hmfs_lock(volume);
	if (!read_only && volume->failed)
		error = -EROFS;
	else if (!read_only && volume->read_only)
		error = hmfs_start_writing(volume);
	else if (read_only && !volume->read_only) {
		error = hmfs_commit_all(volume);
		while (volume->busy)
			hmfs_wait(volume);
		if (!error)
			volume->read_only = volume->context.no_healing = true;
	}
	hmfs_unlock(volume);
	return error;
}

static int write_label(struct hmfs_volume *volume, const char *label, size_t length)
{
	struct hmfs_super *super = volume->host->allocate(sizeof(*super));
	int error;

	if (!super)
		return -ENOMEM;
	*super = volume->super;
	memset(super->label, 0, sizeof(super->label));
	memcpy(super->label, label, length);
	hmfs_super_seal(super);
	error = hmfs_super_write(volume, super);
	if (!error)
		volume->super = *super;
	volume->host->release(super);
	return error;
}

int hmfs_set_label(struct hmfs_volume *volume, const char *label)
{
	const size_t length = strlen(label);
	int error;

	if (length >= sizeof(volume->super.label))
		return -ENAMETOOLONG;
	hmfs_lock(volume);
	hmfs_busy_begin(volume);
	error = volume->failed ? -EIO : volume->read_only ? -EROFS : 0;
	if (!error)
		error = write_label(volume, label, length);
	hmfs_busy_end(volume);
	hmfs_unlock(volume);
	return error;
}

size_t hmfs_shrink(struct hmfs_volume *volume, size_t bytes)
{
	size_t freed;

	hmfs_lock(volume);
	freed = hmfs_node_cache_shrink(&volume->context, bytes);
	hmfs_unlock(volume);
	return freed;
}
