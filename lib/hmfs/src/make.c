/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making volumes. There is little to write: superblocks, empty rings, and what the first commit of
 * a volume with an empty folder takes; free space has no records until some of it is used.
 */
#include <base/errno.h>
#include <base/string.h>

#include "volume_priv.h"

#define FOLDER_MODE 0040755u

static bool all_zeros(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i])
			return false;
	return true;
}

/* A random one, version 4 (RFC 9562). */
static void choose_uuid(const struct hmfs_host *host, uint8_t uuid[16])
{
	host->random(uuid, 16);
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

static int fill_super(struct hmfs_super *super, const struct hmfs_device *device,
		      const struct hmfs_host *host, const struct hmfs_make_options *options)
{
	const size_t label = options->label ? strlen(options->label) : 0;
	uint8_t sum[HMFS_SUM_MAX];

	if (device->blocks < HMFS_MIN_BLOCKS)
		return -ENOSPC;
	if (label >= sizeof(super->label) || options->hash > HMFS_HASH_SHA3_512)
		return -EINVAL;
	memset(super, 0, sizeof(*super));
	super->magic = HMFS_SUPER_MAGIC;
	super->version = HMFS_VERSION;
	super->blocks = device->blocks;
	super->created = options->time ? options->time : host->now();
	super->hash = options->hash ? options->hash : HMFS_HASH_XXH3;
	super->block_size = HMFS_BLOCK_SIZE;
	super->name_seed = options->name_seed;
	if (label)
		memcpy(super->label, options->label, label);
	memcpy(super->uuid, options->uuid, sizeof(super->uuid));
	if (all_zeros(super->uuid, sizeof(super->uuid))) {
		choose_uuid(host, super->uuid);
		if (!super->name_seed)
			host->random(&super->name_seed, sizeof(super->name_seed));
	} else if (!super->name_seed) {
		hmfs_sum(HMFS_HASH_XXH3, super->uuid, sizeof(super->uuid), sum);
		memcpy(&super->name_seed, sum, sizeof(super->name_seed));
	}
	hmfs_super_seal(super);
	return 0;
}

/* What was in the rings before is gone before there is a superblock that could make sense of it. */
static int write_fixed(struct hmfs_volume *volume)
{
	struct hmfs_device *device = volume->device;
	const size_t size = (size_t)HMFS_RING_SLOTS * HMFS_BLOCK_SIZE;
	uint8_t *zeros = volume->host->allocate(size);
	int error;

	if (!zeros)
		return -ENOMEM;
	memset(zeros, 0, size);
	error = device->ops->write(device, HMFS_RING_START, HMFS_RING_SLOTS, zeros);
	if (!error)
		error = device->ops->write(device, hmfs_second_ring(volume->super.blocks),
					   HMFS_RING_SLOTS, zeros);
	if (!error)
		error = device->ops->flush(device);
	if (!error)
		error = hmfs_super_write(volume, &volume->super);
	volume->host->release(zeros);
	return error;
}

static int make_live(struct hmfs_volume *volume)
{
	const struct hmfs_host *host = volume->host;
	struct hmfs_dataset_record *record = host->allocate(sizeof(*record));
	struct hmfs_dataset *live;

	if (!record)
		return -ENOMEM;
	memset(record, 0, sizeof(*record));
	record->dead = HMFS_DATASET_LIVE;
	record->next_object = HMFS_FIRST_OBJECT;
	record->objects = 1;
	record->created = volume->super.created;
	live = hmfs_dataset_add(volume, HMFS_DATASET_LIVE, record);
	host->release(record);
	if (!live)
		return -ENOMEM;
	hmfs_dataset_changed(live);
	volume->next_dataset = HMFS_DATASET_LIVE + 1;
	return 0;
}

static int make_root_folder(struct hmfs_volume *volume)
{
	struct hmfs_dataset *live = hmfs_dataset_open_one(volume, HMFS_DATASET_LIVE);
	const uint64_t time = volume->super.created;
	const struct hmfs_object_record record = {
		.mode = FOLDER_MODE,
		.links = 2,
		.access = time,
		.modify = time,
		.change = time,
		.birth = time,
		.parent = HMFS_ROOT_OBJECT,
	};
	const struct hmfs_key key = {
		.object = HMFS_ROOT_OBJECT,
		.place = HMFS_PLACE(HMFS_KIND_OBJECT, 0),
	};

	return hmfs_map_put(&live->map, &key, &record, sizeof(record));
}

static int first_commit(struct hmfs_volume *volume)
{
	int error = hmfs_space_claim(volume->space, 0, HMFS_RING_START + HMFS_RING_SLOTS);

	if (!error)
		error = hmfs_space_claim(volume->space, hmfs_second_super(volume->blocks),
					 HMFS_END_BLOCKS);
	if (!error)
		error = make_live(volume);
	if (!error)
		error = make_root_folder(volume);
	if (!error)
		error = write_fixed(volume);
	return error ? error : hmfs_commit_all(volume);
}

int hmfs_make(struct hmfs_device *device, const struct hmfs_host *host,
	      const struct hmfs_make_options *options)
{
	struct hmfs_volume *volume = host->allocate(sizeof(*volume));
	struct hmfs_root *root;
	int error;

	if (!volume)
		return -ENOMEM;
	memset(volume, 0, sizeof(*volume));
	volume->device = device;
	volume->host = host;
	error = fill_super(&volume->super, device, host, options);
	if (error) {
		host->release(volume);
		return error;
	}
	root = &volume->root;
	root->magic = HMFS_ROOT_MAGIC;
	memcpy(root->uuid, volume->super.uuid, sizeof(root->uuid));
	root->blocks = root->free_blocks = volume->super.blocks;
	root->flags = options->data_twice ? HMFS_ROOT_DATA_TWICE : 0;
	error = hmfs_volume_open(volume);
	if (error)
		return error;
	hmfs_lock(volume);
	error = first_commit(volume);
	hmfs_unlock(volume);
	hmfs_volume_free(volume);
	return error;
}
