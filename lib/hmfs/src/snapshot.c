/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making snapshots and clones: a commit, and a record with the same list of segments.
 *
 * Datasets form a tree. A snapshot S takes the place of the dataset L that it is made of, which from
 * then on comes off S: what L has that was born up to that commit S has, too, and when L lets go of
 * it, it goes to L's list of the dead. What L had let go of before is dead for S: S takes L's list,
 * and L begins a new one. A clone comes off a snapshot like that; a clone of what can change comes
 * off a hidden snapshot that is made with it. So who can change has nobody below.
 */
#include <base/errno.h>
#include <base/string.h>

#include "volume_priv.h"

/* What the next commit makes. */
struct hmfs_snapshot_work {
	struct hmfs_dataset *of;
	struct hmfs_dataset *base;  /* the snapshot that takes the place of `of`, or NULL */
	struct hmfs_dataset *clone; /* what comes off it, or off `of`; or NULL */
	uint64_t list;              /* the dead of `of`, from then on */
	bool frozen;
};

static int check_name(const char *name)
{
	const size_t length = strlen(name);

	if (!length || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -EINVAL;
	return length > HMFS_NAME_MAX ? -ENAMETOOLONG : 0;
}

/* --- Within the commit --- */

/* A new dataset of what `of` is now; the list of segments comes later. */
static void fill_record(struct hmfs_volume *volume, struct hmfs_dataset *made,
			const struct hmfs_dataset *of)
{
	struct hmfs_dataset_record *record = &made->record;

	record->next_object = of->record.next_object;
	record->objects = of->record.objects;
	record->created = volume->host->now();
	record->changed = volume->commit;
	hmfs_dataset_changed(made);
}

void hmfs_snapshot_frozen(struct hmfs_volume *volume)
{
	struct hmfs_snapshot_work *work = volume->snapshot_work;
	struct hmfs_dataset *of, *base, *clone;

	if (!work)
		return;
	of = work->of;
	base = work->base;
	clone = work->clone;
	work->frozen = true;
	if (base) {
		fill_record(volume, base, of);
		base->record.parent = of->record.parent;
		base->record.parent_commit = of->record.parent_commit;
		base->record.dead = of->record.dead;
		of->record.parent = base->number;
		of->record.parent_commit = volume->commit;
		of->record.dead = work->list;
		hmfs_dataset_changed(of);
	}
	if (clone) {
		fill_record(volume, clone, of);
		clone->record.parent = base ? base->number : of->number;
		clone->record.parent_commit = base ? volume->commit : of->record.changed;
		clone->record.dead = clone->number;
	}
}

void hmfs_snapshot_written(struct hmfs_volume *volume)
{
	struct hmfs_snapshot_work *work = volume->snapshot_work;
	struct hmfs_dataset *made[2];

	if (!work)
		return;
	made[0] = work->base;
	made[1] = work->clone;
	for (unsigned i = 0; i < array_length(made); i++)
		if (made[i] && made[i]->frozen)
			hmfs_map_root(&work->of->map, &made[i]->frozen->map);
}

/* --- Around it --- */

static struct hmfs_dataset *add_pending(struct hmfs_volume *volume, uint32_t flags,
					const char *name)
{
	const size_t length = strlen(name);
	struct hmfs_dataset_record *record = volume->host->allocate(sizeof(*record));
	struct hmfs_dataset *made;

	if (!record)
		return NULL;
	memset(record, 0, sizeof(*record));
	record->flags = flags;
	record->name_length = (uint16_t)length;
	memcpy(record->name, name, length);
	made = hmfs_dataset_add(volume, (uint32_t)volume->next_dataset, record);
	volume->host->release(record);
	if (!made)
		return NULL;
	made->pending = true;
	volume->next_dataset++;
	return made;
}

/* What is to be made, in memory. On errors some of it may be. */
static int prepare(struct hmfs_volume *volume, struct hmfs_snapshot_work *work, const char *name,
		   bool writable)
{
	const bool fixed = work->of->record.flags & HMFS_DATASET_READ_ONLY;
	const uint32_t clone_flags = writable ? 0 : HMFS_DATASET_READ_ONLY;

	if (volume->next_dataset > UINT32_MAX - 4)
		return -ENOSPC;
	if (!fixed) {
		work->base = add_pending(
			volume, HMFS_DATASET_READ_ONLY | (writable ? HMFS_DATASET_HIDDEN : 0),
			writable ? "" : name);
		if (!work->base)
			return -ENOMEM;
		work->list = volume->next_dataset++;
	}
	if (fixed || writable) {
		work->clone = add_pending(volume, clone_flags, name);
		if (!work->clone)
			return -ENOMEM;
	}
	return 0;
}

static void forget(struct hmfs_volume *volume, struct hmfs_dataset *made)
{
	if (made)
		hmfs_dataset_forget(volume, made);
}

/* The commit failed after others went on with what it had changed: the new datasets exist, and are
 * on their way out. They have no contents. */
static void take_back(struct hmfs_volume *volume, struct hmfs_snapshot_work *work)
{
	struct hmfs_dataset *of = work->of, *base = work->base, *clone = work->clone;
	const uint32_t flags = HMFS_DATASET_READ_ONLY | HMFS_DATASET_HIDDEN | HMFS_DATASET_DYING;

	if (base) {
		of->record.parent = base->record.parent;
		of->record.parent_commit = base->record.parent_commit;
		hmfs_dataset_changed(of);
		base->record.flags = flags;
		base->record.heir = of->record.dead;
		base->pending = false;
		hmfs_dataset_changed(base);
	}
	if (clone) {
		clone->record.flags = flags;
		clone->pending = false;
		hmfs_dataset_changed(clone);
	}
	volume->reap_idle = false;
}

/* `volume` is busy. */
static int make(struct hmfs_volume *volume, uint32_t of, const char *name, bool writable,
		uint32_t *number)
{
	struct hmfs_snapshot_work work = { 0 };
	int error = hmfs_dataset_get(volume, of, &work.of);

	if (!error)
		error = prepare(volume, &work, name, writable);
	if (!error) {
		volume->snapshot_work = &work;
		error = hmfs_commit_once(volume);
		volume->snapshot_work = NULL;
	}
	if (error && work.frozen) {
		take_back(volume, &work);
		return error;
	}
	if (!error)
		*number = work.clone ? work.clone->number : work.base->number;
	/* On the disk, or nowhere: who wants them opens them. */
	forget(volume, work.base);
	forget(volume, work.clone);
	return error;
}

int hmfs_snapshot(struct hmfs_volume *volume, uint32_t of, const char *name, bool writable,
		  uint32_t *number)
{
	struct hmfs_dataset_info *info;
	int error = check_name(name);

	if (error)
		return error;
	info = volume->host->allocate(sizeof(*info));
	if (!info)
		return -ENOMEM;
	hmfs_lock(volume);
	hmfs_busy_begin(volume);
	if (volume->read_only)
		error = -EROFS;
	if (!error) {
		error = hmfs_dataset_find_locked(volume, name, info);
		error = !error ? -EEXIST : error == -ENOENT ? 0 : error;
	}
	if (!error)
		error = make(volume, of, name, writable, number);
	hmfs_busy_end(volume);
	hmfs_unlock(volume);
	volume->host->release(info);
	return error;
}

int hmfs_snapshot_delete(struct hmfs_volume *volume, uint32_t number)
{
	struct hmfs_dataset *dataset;
	int error;

	if (number == HMFS_DATASET_LIVE)
		return -EBUSY;
	hmfs_lock(volume);
	error = volume->failed ? -EIO : volume->read_only ? -EROFS : 0;
	if (!error)
		error = hmfs_dataset_get(volume, number, &dataset);
	if (!error) {
		dataset->record.flags |= HMFS_DATASET_HIDDEN;
		hmfs_dataset_changed(dataset);
		volume->reap_idle = false;
	}
	hmfs_unlock(volume);
	return error;
}
