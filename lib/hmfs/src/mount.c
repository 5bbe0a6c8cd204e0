/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Volumes come and go. Mounting reads the superblock, the two rings and the log, and of the maps no
 * more than it takes to find the dataset's record: what else there is is read when it is wanted.
 */
#include <base/errno.h>
#include <base/string.h>

#include "volume_priv.h"

/* --- In memory --- */

static int open_own(struct hmfs_volume *volume)
{
	const struct hmfs_root *root = &volume->root;
	int error = hmfs_node_cache_create(&volume->context, volume->host->cache_bytes);

	if (error)
		return error;
	error = hmfs_map_open(&volume->map, &volume->context, &root->map);
	if (error)
		goto err_cache;
	error = hmfs_space_create(&volume->context, &volume->map, root->blocks, root->free_blocks,
				  &volume->space);
	if (error)
		goto err_map;
	volume->context.space = volume->space;
	error = hmfs_log_create(volume);
	if (!error)
		return 0;
	hmfs_space_destroy(volume->space);
err_map:
	hmfs_map_close(&volume->map);
err_cache:
	hmfs_node_cache_destroy(&volume->context);
	return error;
}

int hmfs_volume_open(struct hmfs_volume *volume)
{
	const struct hmfs_root *root = &volume->root;
	int error;

	list_init(&volume->datasets);
	volume->context = (struct hmfs_context){
		.device = volume->device,
		.host = volume->host,
		.hash = volume->super.hash,
		.damage = hmfs_node_damage,
		.volume = volume,
		.no_healing = volume->read_only,
	};
	volume->commit = root->commit + 1;
	volume->blocks = root->blocks;
	volume->next_dataset = root->next_dataset;
	volume->last_commit_time = volume->last_sync_time = volume->host->now();
	error = open_own(volume);
	if (error)
		volume->host->release(volume);
	return error;
}

void hmfs_volume_free(struct hmfs_volume *volume)
{
	const struct hmfs_host *host = volume->host;
	struct list_node *node;

	hmfs_lock(volume);
	hmfs_held_end(volume);
	hmfs_contents_end(volume);
	hmfs_log_destroy(volume);
	while ((node = list_first(&volume->datasets)))
		hmfs_dataset_forget(volume, container_of(node, struct hmfs_dataset, node));
	hmfs_map_close(&volume->map);
	hmfs_space_destroy(volume->space);
	hmfs_node_cache_destroy(&volume->context);
	hmfs_unlock(volume);
	host->release(volume);
}

/* --- Mounting --- */

/* What the last commit took when its records were written already. */
static int claim_late(struct hmfs_volume *volume)
{
	const struct hmfs_root *root = &volume->root;

	for (unsigned i = 0; i < HMFS_LATE_EXTENTS; i++) {
		const struct hmfs_extent *late = &root->late[i];
		int error;

		if (!late->blocks)
			continue;
		if (late->address >= root->blocks || late->blocks > root->blocks - late->address)
			return hmfs_complain(volume, NULL, "the root record has nonsense");
		error = hmfs_space_claim(volume->space, late->address, late->blocks);
		if (error == -EUCLEAN)
			return hmfs_complain(volume, NULL,
					     "blocks of the newest commit are in use twice");
		if (error)
			return error;
	}
	return 0;
}

/* With the lock held. */
static int start(struct hmfs_volume *volume, const struct hmfs_mount_options *options)
{
	const uint32_t number = options->dataset ? options->dataset : HMFS_DATASET_LIVE;
	struct hmfs_dataset *dataset;
	bool replayed = false;
	int error = claim_late(volume);

	if (!error)
		error = hmfs_dataset_get(volume, number, &dataset);
	if (error == -ENOENT && number == HMFS_DATASET_LIVE)
		error = hmfs_complain(volume, NULL, "there is no file system in it");
	if (!error)
		error = hmfs_log_replay(volume, !options->read_only, &replayed);
	if (error)
		return error;
	hmfs_count_metadata(volume);
	/* What the log had is only in memory now: it is logged no further, but committed. */
	volume->must_commit = replayed;
	return options->read_only ? 0 : hmfs_start_writing(volume);
}

int hmfs_start_writing(struct hmfs_volume *volume)
{
	int error = 0;

	if (volume->device->read_only || volume->super.read_only & ~(uint64_t)HMFS_READ_ONLY_KNOWN)
		return -EROFS;
	if (volume->one_ring)
		error = hmfs_root_write(volume, &volume->root);
	if (error)
		return error;
	volume->one_ring = false;
	volume->read_only = false;
	volume->context.no_healing = false;
	if (volume->blocks < volume->super.blocks)
		error = hmfs_grow_finish(volume);
	if (!error && volume->must_commit)
		error = hmfs_commit_all(volume);
	return error;
}

static int load(struct hmfs_device *device, const struct hmfs_host *host,
		struct hmfs_volume **loaded)
{
	bool both = false;
	struct hmfs_volume *volume = host->allocate(sizeof(*volume));
	int error;

	if (!volume)
		return -ENOMEM;
	memset(volume, 0, sizeof(*volume));
	volume->device = device;
	volume->host = host;
	error = hmfs_probe(device, host, &volume->super);
	if (!error)
		error = hmfs_root_find(device, host, &volume->super, &volume->root, &both);
	if (error) {
		host->release(volume);
		return error;
	}
	volume->one_ring = !both;
	*loaded = volume;
	return 0;
}

int hmfs_mount(struct hmfs_device *device, const struct hmfs_host *host,
	       const struct hmfs_mount_options *options, struct hmfs_volume **mounted)
{
	struct hmfs_volume *volume;
	int error = load(device, host, &volume);

	if (error)
		return error;
	volume->read_only = true;
	error = hmfs_volume_open(volume);
	if (error)
		return error;
	host->random(&volume->nonce, sizeof(volume->nonce));
	hmfs_lock(volume);
	error = start(volume, options);
	hmfs_unlock(volume);
	if (error) {
		hmfs_volume_free(volume);
		return error;
	}
	*mounted = volume;
	return 0;
}

int hmfs_unmount(struct hmfs_volume *volume)
{
	const int error = volume->read_only ? 0 : hmfs_commit(volume);

	hmfs_volume_free(volume);
	return error;
}

void hmfs_abandon(struct hmfs_volume *volume)
{
	hmfs_volume_free(volume);
}
