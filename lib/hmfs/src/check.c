/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checking a volume: the order in which its parts are looked at, and what is said of them.
 */
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>

#include "check_priv.h"

#define LINE_SIZE 512u
#define PATH_SIZE 320u

/* --- What is said --- */

static bool problem(struct hmfs_check *check, bool can_repair, const char *line)
{
	const struct hmfs_report *report = check->report;

	/* What seems to belong to nothing may belong to what was lost. */
	can_repair = can_repair && !check->incomplete;
	check->result->problems++;
	if (can_repair && check->options->repair)
		check->result->repaired++;
	if (report && report->problem)
		report->problem(report->context, line, can_repair);
	return can_repair && check->options->repair;
}

printf_like(4, 0) static bool say(struct hmfs_check *check, const char *path, bool can_repair,
				  const char *format, va_list arguments)
{
	char *line = check->host->allocate(LINE_SIZE);
	size_t used = 0;
	bool repair;

	if (!line)
		return problem(check, can_repair, path[0] ? path : "damage");
	if (path[0]) {
		snprintf(line, LINE_SIZE, "%s: ", path);
		used = strlen(line);
	}
	vsnprintf(line + used, LINE_SIZE - used, format, arguments);
	repair = problem(check, can_repair, line);
	check->host->release(line);
	return repair;
}

bool hmfs_check_problem(struct hmfs_check *check, bool can_repair, const char *format, ...)
{
	va_list arguments;
	bool repair;

	va_start(arguments, format);
	repair = say(check, "", can_repair, format, arguments);
	va_end(arguments);
	return repair;
}

/* Where the object is, "/a/b", in a snapshot "daily:/a/b". */
static void describe(struct hmfs_check *check, uint64_t object, char *path, size_t size)
{
	const struct hmfs_id id = { check->dataset->number, object };
	size_t used = 0;

	path[0] = 0;
	if (check->dataset->number != HMFS_DATASET_LIVE) {
		const char *name = (const char *)check->dataset->record.name;

		if (name[0])
			snprintf(path, size, "%.200s:", name);
		else
			snprintf(path, size, "dataset %u:", check->dataset->number);
		used = strlen(path);
	}
	hmfs_describe_locked(check->volume, id, path + used, size - used);
}

bool hmfs_check_object_problem(struct hmfs_check *check, uint64_t object, bool can_repair,
			       const char *format, ...)
{
	char *path = check->host->allocate(PATH_SIZE);
	va_list arguments;
	bool repair;

	if (path)
		describe(check, object, path, PATH_SIZE);
	va_start(arguments, format);
	repair = say(check, path ? path : "", can_repair, format, arguments);
	va_end(arguments);
	check->host->release(path);
	return repair;
}

void hmfs_check_progress(struct hmfs_check *check, uint64_t blocks)
{
	const struct hmfs_report *report = check->report;

	check->done = min_u64(check->done + blocks, check->total);
	if (report && report->progress)
		report->progress(report->context, check->done, check->total);
}

/* --- Memory, walks, changes --- */

void *hmfs_check_allocate(struct hmfs_check *check, uint64_t count, size_t size)
{
	size_t bytes;
	void *memory;

	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	memory = check->host->allocate(bytes);
	if (memory)
		memset(memory, 0, bytes);
	return memory;
}

int hmfs_check_walk(struct hmfs_check *check, struct hmfs_map *map, const struct hmfs_key *from,
		    hmfs_check_visitor *visit, void *argument)
{
	struct hmfs_cursor cursor = { 0 };
	int error = hmfs_cursor_seek(&cursor, map, from);

	while (!error) {
		const struct hmfs_key key = cursor.key;

		error = visit(check, &key, &cursor.value, argument);
		if (error == HMFS_CHECK_AGAIN)
			error = hmfs_cursor_seek(&cursor, map, &key);
		else if (!error)
			error = hmfs_cursor_next(&cursor);
	}
	hmfs_cursor_close(&cursor);
	if (error == -EIO && !check->incomplete) {
		hmfs_check_problem(check, false, "metadata is lost: nothing else is repaired");
		check->incomplete = true;
	}
	return error == -ENOENT || error == HMFS_CHECK_END || error == -EIO ? 0 : error;
}

int hmfs_check_put(struct hmfs_check *check, struct hmfs_map *map, const struct hmfs_key *key,
		   const void *value, size_t length)
{
	check->changed = true;
	return hmfs_map_put(map, key, value, length);
}

int hmfs_check_remove(struct hmfs_check *check, struct hmfs_map *map, const struct hmfs_key *key)
{
	check->changed = true;
	return hmfs_map_remove(map, key);
}

/* --- The device --- */

static int below_read(struct hmfs_device *device, uint64_t block, uint64_t count, void *buffer)
{
	struct hmfs_device *below = container_of(device, struct hmfs_check_device, device)->below;

	return below->ops->read(below, block, count, buffer);
}

static int below_write(struct hmfs_device *device, uint64_t block, uint64_t count,
		       const void *buffer)
{
	struct hmfs_check_device *guard = container_of(device, struct hmfs_check_device, device);

	if (!guard->writable)
		return -EROFS;
	return guard->below->ops->write(guard->below, block, count, buffer);
}

static int below_flush(struct hmfs_device *device)
{
	struct hmfs_check_device *guard = container_of(device, struct hmfs_check_device, device);

	return guard->writable ? guard->below->ops->flush(guard->below) : 0;
}

static const struct hmfs_device_ops guard_ops = {
	.read = below_read,
	.write = below_write,
	.flush = below_flush,
};

/* --- The whole --- */

/* Everything in a dataset that the dataset alone can tell. */
static int check_contents(struct hmfs_check *check)
{
	int error = 0;

	for (size_t i = 0; !error && i < check->dataset_count; i++) {
		if (hmfs_check_is_dying(&check->datasets[i]))
			continue;
		error = hmfs_check_open(check, i);
		if (error == -EIO) {
			check->incomplete = true;
			error = 0;
			continue;
		}
		if (!error)
			error = hmfs_check_records(check);
		if (!error)
			error = hmfs_check_names(check);
		if (!error)
			error = hmfs_check_tree(check);
	}
	return error;
}

static int check_all(struct hmfs_check *check)
{
	int error = hmfs_check_rings(check);

	if (!error)
		error = hmfs_check_datasets(check);
	if (!error)
		error = hmfs_check_fixed(check);
	if (!error)
		error = hmfs_check_nodes(check);
	if (!error)
		error = check_contents(check);
	if (!error)
		error = hmfs_check_use(check);
	if (!error)
		error = hmfs_check_shared(check);
	if (!error)
		error = hmfs_check_space(check);
	return error;
}

static int repair(struct hmfs_check *check)
{
	if (!check->options->repair)
		return 0;
	if (check->changed && !check->incomplete) {
		check->device.writable = true;
		check->device.device.read_only = false;
		check->volume->read_only = false;
		return hmfs_commit_all(check->volume);
	}
	return check->device.below->ops->flush(check->device.below);
}

static int check_mounted(struct hmfs_check *check)
{
	int error = 0;

	hmfs_lock(check->volume);
	check->chunk = hmfs_check_allocate(check, 1, sizeof(*check->chunk));
	check->block = hmfs_check_allocate(check, 2, HMFS_NODE_SIZE);
	if (!check->chunk || !check->block)
		error = -ENOMEM;
	if (!error)
		error = hmfs_set_create(check, &check->used);
	if (!error)
		error = hmfs_set_create(check, &check->metadata);
	if (!error)
		error = hmfs_set_create(check, &check->twice);
	if (!error)
		error = hmfs_set_create(check, &check->settled);
	if (!error)
		error = check_all(check);
	if (error == -EIO) {
		/* What is free is not known: nothing can be written. */
		hmfs_check_problem(check, false,
				   "metadata cannot be read: nothing else is repaired");
		check->changed = false;
		error = 0;
	}
	if (!error)
		error = repair(check);
	hmfs_unlock(check->volume);
	return error;
}

static void check_end(struct hmfs_check *check)
{
	hmfs_check_shared_end(check);
	if (check->volume) {
		hmfs_set_destroy(check, &check->used);
		hmfs_set_destroy(check, &check->metadata);
		hmfs_set_destroy(check, &check->twice);
		hmfs_set_destroy(check, &check->settled);
		hmfs_abandon(check->volume);
	}
	check->host->release(check->datasets);
	check->host->release(check->table.objects);
	check->host->release(check->chunk);
	check->host->release(check->block);
}

static int check_volume(struct hmfs_check *check)
{
	const struct hmfs_mount_options options = { .read_only = true };
	int error;

	check->block = hmfs_check_allocate(check, 2, HMFS_NODE_SIZE);
	if (!check->block)
		return -ENOMEM;
	error = hmfs_check_supers(check);
	check->host->release(check->block);
	check->block = NULL;
	if (error == -EUCLEAN) {
		hmfs_check_problem(check, false, "both superblocks are damaged");
		return 0;
	}
	if (error)
		return error;
	error = hmfs_mount(&check->device.device, check->host, &options, &check->volume);
	if (error == -EUCLEAN || error == -EIO) {
		check->volume = NULL;
		hmfs_check_problem(check, false, "no root record leads to a volume that is whole");
		return 0;
	}
	if (error) {
		check->volume = NULL;
		return error;
	}
	check->total = check->volume->root.blocks;
	return check_mounted(check);
}

int hmfs_check(struct hmfs_device *device, const struct hmfs_host *host,
	       const struct hmfs_check_options *options, const struct hmfs_report *report,
	       struct hmfs_check_result *result)
{
	struct hmfs_check *check = host->allocate(sizeof(*check));
	int error;

	if (!check)
		return -ENOMEM;
	memset(check, 0, sizeof(*check));
	memset(result, 0, sizeof(*result));
	check->host = host;
	check->options = options;
	check->report = report;
	check->result = result;
	check->device.below = device;
	check->device.device = (struct hmfs_device){
		.ops = &guard_ops,
		.blocks = device->blocks,
		.read_only = true,
	};
	if (options->repair && device->read_only)
		error = -EROFS;
	else
		error = check_volume(check);
	check_end(check);
	host->release(check);
	return error;
}
