/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attributes of open files whose scheme a process provides: it has them all. */
#include "user_scheme_priv.h"

#include <base/errno.h>
#include <time/clock.h>

/* A call that fills a structure or takes one. */
static int structure_call(struct user_file *user, uint64_t call, void *structure, size_t size,
			  bool out)
{
	struct request *request = request_create(call, user->number, 0, size);
	struct io in_io = { 0 }, out_io = { 0 };
	/* The provider may set some fields only. */
	const struct request_data data = { .in = &in_io, .out = out ? &out_io : NULL };
	uint64_t value;
	int error;

	if (!request)
		return -ENOMEM;
	request->has_buffer = true;
	io_init_kernel(&in_io, structure, size);
	io_init_kernel(&out_io, structure, size);
	error = request_call(user->provider, request, &data, &value);
	if (error)
		return error;
	return value <= INT32_MAX ? (int)value : -EIO;
}

static uint64_t from_time(uint64_t seconds, uint32_t nanoseconds)
{
	if (seconds >= INT64_MAX / NS_PER_SECOND)
		return INT64_MAX;
	return seconds * NS_PER_SECOND + min_u64(nanoseconds, NS_PER_SECOND - 1);
}

static int read_attributes(struct user_file *user, struct node_attributes *attributes)
{
	struct redox_stat stat = { .device = user->scheme->id };
	int result = structure_call(user, CALL_FSTAT, &stat, sizeof(stat), true);

	if (result < 0)
		return result;
	*attributes = (struct node_attributes){
		.device = stat.device,
		.number = stat.number,
		.mode = stat.mode,
		.links = stat.links,
		.uid = stat.uid,
		.gid = stat.gid,
		.size = stat.size,
		.blocks = stat.blocks,
		.block_size = stat.block_size,
		.times = {
			.access = from_time(stat.access_seconds, stat.access_nanoseconds),
			.modify = from_time(stat.modify_seconds, stat.modify_nanoseconds),
			.change = from_time(stat.change_seconds, stat.change_nanoseconds),
		},
	};
	attributes->times.birth = attributes->times.change;
	return result;
}

int user_file_read_attributes(struct file *file, struct node_attributes *attributes)
{
	return read_attributes(user_file_of(file), attributes);
}

void user_file_refresh(struct node *node)
{
	struct node_attributes attributes;

	if (read_attributes(container_of(node, struct user_file, node), &attributes) < 0)
		return;
	mutex_lock(&node->lock);
	/* A file that is read as a directory stays one. */
	if (!node_is(node, MODE_DIRECTORY) && (attributes.mode & MODE_TYPE))
		node->mode = attributes.mode;
	else
		node->mode = (node->mode & MODE_TYPE) | (attributes.mode & MODE_PERMISSIONS);
	node->links = attributes.links;
	node->uid = attributes.uid;
	node->gid = attributes.gid;
	node->size = attributes.size;
	node->blocks = attributes.blocks;
	node->times = attributes.times;
	mutex_unlock(&node->lock);
}

int user_file_statistics(struct file *file, struct scheme_statistics *statistics)
{
	struct redox_statvfs found = { 0 };
	int result = structure_call(user_file_of(file), CALL_FSTATVFS, &found, sizeof(found), true);

	if (result < 0)
		return result;
	*statistics = (struct scheme_statistics){
		.block_size = found.block_size,
		.blocks = found.blocks,
		.free_blocks = found.free_blocks,
		.available_blocks = found.available_blocks,
	};
	return result;
}

static struct redox_timespec to_time(uint64_t time)
{
	return (struct redox_timespec){
		.seconds = (int64_t)(time / NS_PER_SECOND),
		.nanoseconds = (int32_t)(time % NS_PER_SECOND),
	};
}

static int change_times(struct user_file *user, const struct node_changes *changes)
{
	struct redox_timespec times[2];
	struct node_attributes now;
	uint64_t clock = clock_realtime_ns();
	uint64_t access = changes->access, modify = changes->modify;
	int error = 0;

	/* One of the two is to stay: both have to be told. */
	if (!(changes->which & CHANGE_ACCESS) || !(changes->which & CHANGE_MODIFY))
		error = read_attributes(user, &now);
	if (error < 0)
		return error;
	if (!(changes->which & CHANGE_ACCESS))
		access = now.times.access;
	else if (changes->which & CHANGE_ACCESS_NOW)
		access = clock;
	if (!(changes->which & CHANGE_MODIFY))
		modify = now.times.modify;
	else if (changes->which & CHANGE_MODIFY_NOW)
		modify = clock;
	times[0] = to_time(access);
	times[1] = to_time(modify);
	return structure_call(user, CALL_FUTIMENS, times, sizeof(times), false);
}

static int change_attributes(struct user_file *user, const struct node_changes *changes)
{
	const uint32_t keep = UINT32_MAX;
	int result = 0;

	if (changes->which & CHANGE_SIZE)
		result = request_simple(user->provider, CALL_FTRUNCATE, user->number, changes->size,
					0);
	if (result >= 0 && (changes->which & CHANGE_MODE))
		result =
			request_simple(user->provider, CALL_FCHMOD, user->number, changes->mode, 0);
	if (result >= 0 && (changes->which & (CHANGE_UID | CHANGE_GID)))
		result = request_simple(user->provider, CALL_FCHOWN, user->number,
					changes->which & CHANGE_UID ? changes->uid : keep,
					changes->which & CHANGE_GID ? changes->gid : keep);
	if (result >= 0 && (changes->which & (CHANGE_ACCESS | CHANGE_MODIFY)))
		result = change_times(user, changes);
	return result;
}

int user_file_change_attributes(struct file *file, const struct node_changes *changes)
{
	return change_attributes(user_file_of(file), changes);
}

int user_file_change(struct node *node, const struct node_changes *changes)
{
	int result = change_attributes(container_of(node, struct user_file, node), changes);

	return result < 0 ? result : 0;
}
