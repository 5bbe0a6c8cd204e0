/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checking the records of datasets: the tree that they form, and their lists of the dead. */
#include <base/errno.h>
#include <base/string.h>

#include "check_priv.h"

#define UNREADABLE_MAX 16u

static struct hmfs_check_dataset *find(const struct hmfs_check *check, uint64_t number)
{
	size_t low = 0, high = check->dataset_count;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (check->datasets[middle].number == number)
			return &check->datasets[middle];
		if (check->datasets[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct hmfs_check_dataset *hmfs_check_dead_owner(struct hmfs_check *check, uint64_t list)
{
	/* Lists are walked one after the other. */
	if (check->dead_owner && check->dead_owner->dead == list)
		return check->dead_owner;
	check->dead_owner = NULL;
	for (size_t i = 0; i < check->dataset_count; i++) {
		if (check->datasets[i].dead == list)
			check->dead_owner = &check->datasets[i];
	}
	return check->dead_owner;
}

static int add(struct hmfs_check *check, uint32_t number, const struct hmfs_dataset_record *record)
{
	/* Twice as many at each power of two. */
	if ((check->dataset_count & (check->dataset_count - 1)) == 0) {
		const size_t room = check->dataset_count ? 2 * check->dataset_count : 1;
		struct hmfs_check_dataset *datasets =
			hmfs_check_allocate(check, room, sizeof(*datasets));

		if (!datasets)
			return -ENOMEM;
		if (check->dataset_count > 0)
			memcpy(datasets, check->datasets, check->dataset_count * sizeof(*datasets));
		check->host->release(check->datasets);
		check->datasets = datasets;
	}
	check->datasets[check->dataset_count++] = (struct hmfs_check_dataset){
		.number = number,
		.flags = record->flags,
		.parent = record->parent,
		.parent_commit = record->parent_commit,
		.dead = record->dead,
		.heir = record->heir,
		.reaped = record->reaped,
	};
	return 0;
}

static int gather(struct hmfs_check *check)
{
	struct hmfs_dataset_record *record = hmfs_check_allocate(check, 1, sizeof(*record));
	unsigned unreadable = 0;
	int error = record ? 0 : -ENOMEM;

	for (uint32_t number = 0; !error; number++) {
		error = hmfs_dataset_walk(check->volume, &number, record);
		if (error == -EIO) {
			check->incomplete = true;
			hmfs_check_problem(check, false, "the record of dataset %u cannot be read",
					   number);
			/* One of them, or what leads to all that follow. */
			error = ++unreadable < UNREADABLE_MAX ? 0 : -ENOENT;
		} else if (!error) {
			error = add(check, number, record);
		}
		if (number == UINT32_MAX)
			break;
	}
	check->host->release(record);
	return error == -ENOENT ? 0 : error;
}

int hmfs_check_open(struct hmfs_check *check, size_t index)
{
	check->dataset_info = &check->datasets[index];
	return hmfs_dataset_get_any(check->volume, check->dataset_info->number, &check->dataset);
}

/* --- The tree --- */

static bool parent_right(const struct hmfs_check *check, const struct hmfs_check_dataset *dataset)
{
	const struct hmfs_check_dataset *up = dataset;

	if (dataset->parent_commit > check->volume->commit)
		return false;
	for (size_t steps = 0; up->parent != 0; steps++) {
		up = find(check, up->parent);
		/* What was deleted, or a ring of parents. */
		if (!up || up->flags & HMFS_DATASET_DYING || steps > check->dataset_count)
			return false;
	}
	return true;
}

/* Without a parent it owns all that it refers to, which others may do as well: they share it. */
static int cut_off(struct hmfs_check *check, size_t index)
{
	const struct hmfs_check_dataset *dataset = &check->datasets[index];
	int error = hmfs_check_open(check, index);

	if (error)
		return error == -EIO ? 0 : error;
	if (!hmfs_check_problem(check, true, "dataset %u comes from %llu, which is not one",
				dataset->number, (unsigned long long)dataset->parent))
		return 0;
	check->datasets[index].parent = 0;
	check->datasets[index].parent_commit = 0;
	check->dataset->record.parent = 0;
	check->dataset->record.parent_commit = 0;
	hmfs_dataset_changed(check->dataset);
	check->changed = true;
	return 0;
}

int hmfs_check_datasets(struct hmfs_check *check)
{
	int error = gather(check);

	for (size_t i = 0; !error && i < check->dataset_count; i++) {
		struct hmfs_check_dataset *dataset = &check->datasets[i];

		if (dataset->number != HMFS_DATASET_LIVE &&
		    !(dataset->flags & (HMFS_DATASET_HIDDEN | HMFS_DATASET_DYING)))
			check->result->snapshots++;
		if (!(dataset->flags & HMFS_DATASET_DYING) && !parent_right(check, dataset))
			error = cut_off(check, i);
	}
	for (size_t i = 0; !error && i < check->dataset_count; i++) {
		struct hmfs_check_dataset *parent = find(check, check->datasets[i].parent);

		if (parent && !(check->datasets[i].flags & HMFS_DATASET_DYING))
			parent->has_children = true;
	}
	if (!error && !find(check, HMFS_DATASET_LIVE)) {
		check->incomplete = true;
		hmfs_check_problem(check, false, "there is no live file system");
	}
	return error;
}
