/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Datasets: the live file system, snapshots, clones. A record in the volume's own map each; those
 * that are in use are in memory as well, with their maps open, and what is there is newer.
 */
#include <base/errno.h>
#include <base/string.h>

#include "volume_priv.h"

void hmfs_dataset_key(uint32_t number, struct hmfs_key *key)
{
	*key = (struct hmfs_key){ .object = number, .place = HMFS_PLACE(HMFS_KIND_DATASET, 0) };
}

struct hmfs_dataset *hmfs_dataset_open_one(struct hmfs_volume *volume, uint32_t number)
{
	struct list_node *node;

	list_for_each (node, &volume->datasets) {
		struct hmfs_dataset *dataset = container_of(node, struct hmfs_dataset, node);

		if (dataset->number == number)
			return dataset;
	}
	return NULL;
}

struct hmfs_dataset *hmfs_dataset_add(struct hmfs_volume *volume, uint32_t number,
				      const struct hmfs_dataset_record *record)
{
	const struct hmfs_host *host = volume->host;
	struct hmfs_map_root *none = host->allocate(sizeof(*none));
	struct hmfs_dataset *dataset = host->allocate(sizeof(*dataset));
	bool good = none && dataset;

	if (good) {
		memset(none, 0, sizeof(*none));
		memset(dataset, 0, sizeof(*dataset));
		dataset->number = number;
		dataset->record = *record;
		good = hmfs_map_open(&dataset->map, &volume->context, none) == 0;
	}
	host->release(none);
	if (!good) {
		host->release(dataset);
		return NULL;
	}
	list_push_back(&volume->datasets, &dataset->node);
	return dataset;
}

void hmfs_dataset_forget(struct hmfs_volume *volume, struct hmfs_dataset *dataset)
{
	list_remove(&dataset->node);
	hmfs_map_close(&dataset->map);
	volume->host->release(dataset->frozen);
	volume->host->release(dataset);
}

/* What is in a record must make sense whatever its checksum says. */
static bool record_valid(const struct hmfs_dataset_record *record, ssize_t length)
{
	return length == sizeof(*record) && record->name_length < sizeof(record->name) &&
	       record->name[record->name_length] == 0 && record->map.count <= HMFS_LIST_MAX &&
	       record->next_object >= HMFS_FIRST_OBJECT;
}

static int load_record(struct hmfs_volume *volume, uint32_t number,
		       struct hmfs_dataset_record *record)
{
	struct hmfs_key key;
	ssize_t length;

	hmfs_dataset_key(number, &key);
	length = hmfs_map_get(&volume->map, &key, record, sizeof(*record));
	if (length < 0)
		return (int)length;
	if (!record_valid(record, length))
		return hmfs_complain(volume, NULL, "the record of dataset %u is nonsense", number);
	return 0;
}

static int open_dataset(struct hmfs_volume *volume, uint32_t number, struct hmfs_dataset **opened)
{
	struct hmfs_dataset *dataset = volume->host->allocate(sizeof(*dataset));
	int error;

	if (!dataset)
		return -ENOMEM;
	memset(dataset, 0, sizeof(*dataset));
	dataset->number = number;
	error = load_record(volume, number, &dataset->record);
	if (!error)
		error = hmfs_map_open(&dataset->map, &volume->context, &dataset->record.map);
	if (error) {
		volume->host->release(dataset);
		return error;
	}
	list_push_back(&volume->datasets, &dataset->node);
	*opened = dataset;
	return 0;
}

int hmfs_dataset_get_any(struct hmfs_volume *volume, uint32_t number, struct hmfs_dataset **dataset)
{
	*dataset = hmfs_dataset_open_one(volume, number);
	if (!*dataset)
		return open_dataset(volume, number, dataset);
	return (*dataset)->pending || (*dataset)->gone ? -ENOENT : 0;
}

int hmfs_dataset_get(struct hmfs_volume *volume, uint32_t number, struct hmfs_dataset **dataset)
{
	const int error = hmfs_dataset_get_any(volume, number, dataset);

	if (error)
		return error;
	return (*dataset)->record.flags & HMFS_DATASET_HIDDEN ? -ENOENT : 0;
}

/* Waits, or commits, while there is too much in memory. What there is no room for is no reason to
 * refuse a change here, which may well free some. */
static int keep_bounds(struct hmfs_volume *volume)
{
	bool is_short = hmfs_room_is_short(volume);
	int error = 0;

	while (!error && !volume->failed && !volume->read_only &&
	       (is_short || hmfs_newest_total(volume) > 2 * volume->host->newest_bytes)) {
		if (volume->busy) {
			hmfs_wait(volume);
			continue;
		}
		/* Nobody commits: then who changes has to. */
		error = is_short ? hmfs_make_room(volume) : hmfs_commit_all(volume);
		is_short = false;
	}
	return error == -ENOSPC ? 0 : error;
}

int hmfs_dataset_get_to_change(struct hmfs_volume *volume, uint32_t number,
			       struct hmfs_dataset **dataset)
{
	int error = keep_bounds(volume);

	if (error)
		return error;
	if (volume->failed)
		return -EIO;
	if (volume->read_only)
		return -EROFS;
	error = hmfs_dataset_get(volume, number, dataset);
	if (error)
		return error;
	return (*dataset)->record.flags & HMFS_DATASET_READ_ONLY ? -EROFS : 0;
}

void hmfs_dataset_changed(struct hmfs_dataset *dataset)
{
	dataset->record_changed = true;
	dataset->record_unlogged = true;
}

/* --- All of them --- */

/* The smallest number of at least `from` in memory, or UINT64_MAX. */
static uint64_t next_in_memory(const struct hmfs_volume *volume, uint32_t from)
{
	const struct list_node *node;
	uint64_t next = UINT64_MAX;

	list_for_each (node, &volume->datasets) {
		const struct hmfs_dataset *dataset = container_of(node, struct hmfs_dataset, node);

		if (dataset->number >= from && !dataset->pending && !dataset->gone)
			next = min_u64(next, dataset->number);
	}
	return next;
}

/* The same for records. Lists of the dead lie between them. */
static int next_in_map(struct hmfs_volume *volume, uint32_t from, uint64_t *next)
{
	struct hmfs_cursor cursor = { 0 };
	struct hmfs_key key;
	int error;

	*next = UINT64_MAX;
	hmfs_dataset_key(from, &key);
	for (;;) {
		error = hmfs_cursor_seek(&cursor, &volume->map, &key);
		if (error || cursor.key.object > UINT32_MAX)
			break;
		hmfs_dataset_key((uint32_t)cursor.key.object, &key);
		if (hmfs_key_compare(&cursor.key, &key) == 0) {
			*next = key.object;
			break;
		}
		/* Behind the place of this number's record, if it has one, or before it. */
		if (hmfs_key_compare(&cursor.key, &key) > 0)
			key.object++;
	}
	hmfs_cursor_close(&cursor);
	return error == -ENOENT ? 0 : error;
}

int hmfs_dataset_walk(struct hmfs_volume *volume, uint32_t *number,
		      struct hmfs_dataset_record *record)
{
	uint64_t memory, disk;
	const struct hmfs_dataset *dataset;
	int error;

	for (uint32_t from = *number;;) {
		error = next_in_map(volume, from, &disk);
		if (error)
			return error;
		memory = next_in_memory(volume, from);
		if (min_u64(memory, disk) > UINT32_MAX)
			return -ENOENT;
		*number = (uint32_t)min_u64(memory, disk);
		dataset = hmfs_dataset_open_one(volume, *number);
		if (!dataset)
			return load_record(volume, *number, record);
		if (!dataset->pending && !dataset->gone) {
			*record = dataset->record;
			return 0;
		}
		if (*number == UINT32_MAX)
			return -ENOENT;
		from = *number + 1;
	}
}

static void fill_info(uint32_t number, const struct hmfs_dataset_record *record,
		      struct hmfs_dataset_info *info)
{
	*info = (struct hmfs_dataset_info){
		.number = number,
		.flags = record->flags,
		.parent = (uint32_t)record->parent,
		.created = record->created,
		.objects = record->objects,
		.commit = record->changed,
	};
	memcpy(info->name, record->name, sizeof(info->name));
	info->name[sizeof(info->name) - 1] = 0;
}

/* The next one that is not hidden, and, with `name`, has it. */
static int next_shown(struct hmfs_volume *volume, uint32_t number, const char *name,
		      struct hmfs_dataset_info *info)
{
	struct hmfs_dataset_record *record = volume->host->allocate(sizeof(*record));
	int error;

	if (!record)
		return -ENOMEM;
	for (;; number++) {
		error = hmfs_dataset_walk(volume, &number, record);
		if (error)
			break;
		if (!(record->flags & HMFS_DATASET_HIDDEN) &&
		    (!name || strcmp((const char *)record->name, name) == 0)) {
			fill_info(number, record, info);
			break;
		}
		if (number == UINT32_MAX) {
			error = -ENOENT;
			break;
		}
	}
	volume->host->release(record);
	return error;
}

int hmfs_dataset_next(struct hmfs_volume *volume, uint32_t number, struct hmfs_dataset_info *info)
{
	int error;

	hmfs_lock(volume);
	error = next_shown(volume, number, NULL, info);
	hmfs_unlock(volume);
	return error;
}

int hmfs_dataset_find_locked(struct hmfs_volume *volume, const char *name,
			     struct hmfs_dataset_info *info)
{
	return next_shown(volume, HMFS_DATASET_LIVE, name, info);
}

int hmfs_dataset_find(struct hmfs_volume *volume, const char *name, struct hmfs_dataset_info *info)
{
	int error;

	hmfs_lock(volume);
	error = hmfs_dataset_find_locked(volume, name, info);
	hmfs_unlock(volume);
	return error;
}
