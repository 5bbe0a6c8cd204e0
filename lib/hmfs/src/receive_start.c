/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dataset that a stream becomes: made under a name of its own, so that what is left of it after
 * a crash is known for what it is; in the end it gets the right one. */
#include "stream_priv.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>

/* Chunks of what is deleted, between which others get the lock. */
#define ORPHAN_BUDGET 256u

/* --- Beginning. --- */

/* The dataset that the stream is a change of. */
static int find_base(struct hmfs_volume *volume, const struct hmfs_identity *wanted,
		     uint32_t *number)
{
	struct hmfs_dataset_record *record = volume->host->allocate(sizeof(*record));
	struct hmfs_identity identity;
	int error;

	if (!record)
		return -ENOMEM;
	hmfs_lock(volume);
	for (*number = HMFS_DATASET_LIVE;; ++*number) {
		error = hmfs_dataset_walk(volume, number, record);
		if (error)
			break;
		hmfs_identity_of(volume, *number, record, &identity);
		if (!(record->flags & HMFS_DATASET_HIDDEN) &&
		    record->flags & HMFS_DATASET_READ_ONLY &&
		    memcmp(&identity, wanted, sizeof(identity)) == 0)
			break;
	}
	hmfs_unlock(volume);
	volume->host->release(record);
	return error;
}

static int put_root_directory(struct hmfs_dataset *dataset, uint64_t now)
{
	struct hmfs_object *root = hmfs_volume_of(dataset)->host->allocate(sizeof(*root));
	int error;

	if (!root)
		return -ENOMEM;
	hmfs_object_init(root, HMFS_MODE_DIRECTORY | 0755, now);
	root->record.links = 2;
	root->record.parent = HMFS_ROOT_OBJECT;
	error = hmfs_object_store(dataset, HMFS_ROOT_OBJECT, root);
	hmfs_volume_of(dataset)->host->release(root);
	return error;
}

/* The lock is held. The record is zeros. */
static int add_dataset(struct hmfs_volume *volume, struct hmfs_dataset_record *record,
		       const char *name, uint32_t *number)
{
	struct hmfs_dataset *dataset;
	int error;

	if (volume->read_only || volume->failed)
		return volume->failed ? -EIO : -EROFS;
	if (volume->next_dataset > UINT32_MAX - 4)
		return -ENOSPC;
	record->dead = volume->next_dataset;
	record->next_object = HMFS_FIRST_OBJECT;
	record->objects = 1;
	record->created = volume->host->now();
	record->name_length = (uint16_t)strlen(name);
	memcpy(record->name, name, record->name_length);
	dataset = hmfs_dataset_add(volume, (uint32_t)volume->next_dataset, record);
	if (!dataset)
		return -ENOMEM;
	error = put_root_directory(dataset, record->created);
	if (error) {
		hmfs_dataset_forget(volume, dataset);
		return error;
	}
	*number = dataset->number;
	volume->next_dataset++;
	/* The root record counts datasets, and the log has none. */
	volume->must_commit = true;
	hmfs_dataset_changed(dataset);
	return 0;
}

static int make_empty(struct hmfs_volume *volume, const char *name, uint32_t *number)
{
	struct hmfs_dataset_record *record = volume->host->allocate(sizeof(*record));
	int error;

	if (!record)
		return -ENOMEM;
	memset(record, 0, sizeof(*record));
	hmfs_lock(volume);
	error = add_dataset(volume, record, name, number);
	hmfs_unlock(volume);
	volume->host->release(record);
	return error ? error : hmfs_commit(volume);
}

/* A directory that gets the first number that the stream does not use. */
static int make_staging(struct hmfs_receiving *receiving)
{
	const struct hmfs_template like = { .mode = HMFS_MODE_DIRECTORY | 0700 };
	const struct hmfs_id root = { receiving->number, HMFS_ROOT_OBJECT };
	struct hmfs_volume *volume = receiving->volume;
	struct hmfs_dataset *dataset;
	int error;

	hmfs_lock(volume);
	error = hmfs_dataset_get_to_change(volume, receiving->number, &dataset);
	if (!error) {
		dataset->record.next_object =
			max_u64(dataset->record.next_object, receiving->begin.next_object);
		hmfs_dataset_changed(dataset);
	}
	hmfs_unlock(volume);
	if (!error)
		error = hmfs_read_attributes(volume, root, &receiving->root);
	if (!error)
		error = hmfs_create(volume, root, receiving->staging_name,
				    strlen(receiving->staging_name), &like, &receiving->staging);
	if (!error)
		hmfs_object_let_go(volume, receiving->staging);
	return error;
}

int hmfs_receive_start(struct hmfs_receiving *receiving)
{
	struct hmfs_volume *volume = receiving->volume;
	uint32_t base = 0;
	uint64_t random;
	int error = 0;

	volume->host->random(&random, sizeof(random));
	snprintf(receiving->staging_name, sizeof(receiving->staging_name), "receiving-%016llx",
		 (unsigned long long)random);
	if (hmfs_identity_is_none(&receiving->begin.base)) {
		error = make_empty(volume, receiving->staging_name, &receiving->number);
	} else {
		error = find_base(volume, &receiving->begin.base, &base);
		if (!error)
			error = hmfs_snapshot(volume, base, receiving->staging_name, true,
					      &receiving->number);
	}
	return error ? error : make_staging(receiving);
}

/* --- The end. --- */

struct leftover {
	char name[HMFS_NAME_MAX + 1];
	size_t length; /* 0: there is none */
};

static bool take_name(void *context, const char *name, size_t length, uint64_t object, uint8_t type,
		      uint64_t next_cookie)
{
	struct leftover *leftover = context;

	(void)object, (void)type, (void)next_cookie;
	memcpy(leftover->name, name, length);
	leftover->length = length;
	return false;
}

/* What has no name in the end was deleted. Nothing can be in directories among that. */
static int empty_staging(struct hmfs_receiving *receiving)
{
	struct leftover leftover;
	int error;

	for (;;) {
		uint64_t cookie = 0;

		leftover.length = 0;
		error = hmfs_list(receiving->volume, receiving->staging, &cookie, take_name,
				  &leftover);
		if (error || leftover.length == 0)
			return error;
		error = hmfs_unlink(receiving->volume, receiving->staging, leftover.name,
				    leftover.length);
		if (error)
			return error == -ENOTEMPTY ? -EBADMSG : error;
	}
}

/* What was unlinked goes before nobody can change anything any more. */
static int reap_orphans(struct hmfs_volume *volume)
{
	int result;

	do {
		hmfs_lock(volume);
		result = hmfs_orphans_reap(volume, ORPHAN_BUDGET);
		hmfs_unlock(volume);
	} while (result == 1);
	return result;
}

static int finish_record(struct hmfs_receiving *receiving, const char *name)
{
	struct hmfs_dataset_record *record;
	struct hmfs_dataset *dataset;
	int error;

	hmfs_lock(receiving->volume);
	error = hmfs_dataset_get_to_change(receiving->volume, receiving->number, &dataset);
	if (!error) {
		record = &dataset->record;
		record->origin = receiving->begin.dataset;
		record->flags |= HMFS_DATASET_READ_ONLY;
		/* What it has was born with this commit at the latest: clones of it know by that
		 * what is not theirs alone. */
		record->changed = receiving->volume->commit;
		memset(record->name, 0, sizeof(record->name));
		record->name_length = (uint16_t)strlen(name);
		memcpy(record->name, name, record->name_length);
		hmfs_dataset_changed(dataset);
		/* The log has neither names nor origins. */
		receiving->volume->must_commit = true;
	}
	hmfs_unlock(receiving->volume);
	return error;
}

int hmfs_receive_finish(struct hmfs_receiving *receiving, const char *name)
{
	const struct hmfs_id root = { receiving->number, HMFS_ROOT_OBJECT };
	int error = empty_staging(receiving);

	if (!error)
		error = reap_orphans(receiving->volume);
	if (!error)
		error = hmfs_unlink(receiving->volume, root, receiving->staging_name,
				    strlen(receiving->staging_name));
	if (!error)
		error = hmfs_set_attributes(receiving->volume, root, HMFS_SET_ALL,
					    &receiving->root);
	if (!error)
		error = finish_record(receiving, name);
	return error ? error : hmfs_commit(receiving->volume);
}
