/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests by ioctl (abi/native/hmfs.h), and FITRIM. */
#include <errno.h>
#include <hmfs/check.h>
#include <hmfs/stream.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "info.h"
#include "mount.h"
#include "stream_file.h"

/* A request: its structure is `argument`, in and out. */
struct call {
	fuse_req_t request;
	struct node *node;
	void *argument;
};

static bool is_text(const char *text, size_t size)
{
	return memchr(text, 0, size) != NULL;
}

static int call_info(struct call *call)
{
	volume_info(mount_state.hmfs, call->node->id.dataset, call->argument);
	return 0;
}

static int call_dataset_next(struct call *call)
{
	struct hmfs_ioctl_dataset *dataset = call->argument;
	struct hmfs_dataset_info info;
	int error = hmfs_dataset_next(mount_state.hmfs, dataset->number, &info);

	if (error)
		return error;
	*dataset = (struct hmfs_ioctl_dataset){
		.number = info.number,
		.flags = info.flags & HMFS_DATASET_READ_ONLY ? 1 : 0,
		.parent = info.parent,
		.created = info.created,
		.objects = info.objects,
		.commit = info.commit,
	};
	memcpy(dataset->name, info.name, sizeof(dataset->name));
	return 0;
}

static int call_snapshot(struct call *call)
{
	struct hmfs_ioctl_snapshot *snapshot = call->argument;
	uint32_t of = snapshot->of ? snapshot->of : call->node->id.dataset;

	if (!is_text(snapshot->name, sizeof(snapshot->name)))
		return -EINVAL;
	return hmfs_snapshot(mount_state.hmfs, of, snapshot->name, snapshot->writable,
			     &snapshot->number);
}

static int call_snapshot_delete(struct call *call)
{
	const struct hmfs_ioctl_name *name = call->argument;
	struct hmfs_dataset_info info;
	int error;

	if (!is_text(name->name, sizeof(name->name)) || !*name->name)
		return -EINVAL;
	error = hmfs_dataset_find(mount_state.hmfs, name->name, &info);
	return error ? error : hmfs_snapshot_delete(mount_state.hmfs, info.number);
}

static int call_set_label(struct call *call)
{
	const struct hmfs_ioctl_name *name = call->argument;

	if (!is_text(name->name, sizeof(name->name)))
		return -EINVAL;
	if (strlen(name->name) >= sizeof(((struct hmfs_super *)0)->label))
		return -ENAMETOOLONG;
	return hmfs_set_label(mount_state.hmfs, name->name);
}

static int call_grow(struct call *call)
{
	struct file_device *device = &mount_state.volume.device;
	off_t end = lseek(device->file, 0, SEEK_END);
	int error;

	if (end < 0)
		return -errno;
	if ((uint64_t)end / HMFS_BLOCK_SIZE > device->device.blocks)
		device->device.blocks = (uint64_t)end / HMFS_BLOCK_SIZE;
	error = hmfs_grow(mount_state.hmfs);
	return error ? error : call_info(call);
}

static void note_problem(void *context, const char *line, bool repaired)
{
	struct hmfs_ioctl_scrub *scrub = context;
	size_t left = sizeof(scrub->text) - scrub->text_length;
	int length = snprintf(scrub->text + scrub->text_length, left, "%s%s\n", line,
			      repaired ? " (healed)" : "");

	scrub->problems++;
	scrub->healed += repaired;
	if (length > 0 && (size_t)length < left)
		scrub->text_length += (uint32_t)length;
}

static int call_scrub(struct call *call)
{
	struct hmfs_ioctl_scrub *scrub = call->argument;
	struct hmfs_report report = { .problem = note_problem, .context = scrub };
	struct hmfs_scrub_position position;
	int result;

	_Static_assert(sizeof(position) == sizeof(scrub->position), "as the header says");
	memcpy(&position, scrub->position, sizeof(position));
	*scrub = (struct hmfs_ioctl_scrub){ .more = 0 };
	result = hmfs_scrub_step(mount_state.hmfs, &position, &report);
	if (result < 0)
		return result;
	memcpy(scrub->position, &position, sizeof(position));
	scrub->more = (uint32_t)result;
	scrub->done = position.done;
	scrub->total = position.total;
	return 0;
}

/* Paths that were found. */
struct finding {
	struct hmfs_ioctl_find *find;
	uint64_t skip;
	size_t used;
};

static bool note_found(void *context, struct hmfs_id id)
{
	struct finding *finding = context;
	struct hmfs_ioctl_find *find = finding->find;
	char path[4096];
	size_t size;

	if (finding->skip) {
		finding->skip--;
		return true;
	}
	hmfs_describe(mount_state.hmfs, id, path, sizeof(path));
	size = strlen(path) + 1;
	if (finding->used + size > sizeof(find->paths)) {
		find->more = 1;
		return false;
	}
	memcpy(find->paths + finding->used, path, size);
	finding->used += size;
	find->count++;
	return true;
}

static int call_find(struct call *call)
{
	struct hmfs_ioctl_find *find = call->argument;
	struct finding finding = { .find = find, .skip = find->skip };

	if (!is_text(find->name, sizeof(find->name)) || find->value_length > sizeof(find->value))
		return -EINVAL;
	find->count = find->more = 0;
	memset(find->paths, 0, sizeof(find->paths));
	return hmfs_find(mount_state.hmfs, call->node->id.dataset, find->name, strlen(find->name),
			 find->any ? NULL : find->value, find->value_length, note_found, &finding);
}

/* The descriptor of the process that asks, as one of ours. */
static int take_descriptor(fuse_req_t request, int descriptor)
{
	long process = syscall(SYS_pidfd_open, fuse_req_ctx(request)->pid, 0), file;

	if (process < 0)
		return -errno;
	file = syscall(SYS_pidfd_getfd, (int)process, descriptor, 0);
	if (file < 0)
		file = -errno;
	close((int)process);
	return (int)file;
}

static int call_send(struct call *call)
{
	const struct hmfs_ioctl_stream *request = call->argument;
	struct stream_file stream = { .file = take_descriptor(call->request, request->file) };
	int error;

	if (stream.file < 0)
		return stream.file;
	error = hmfs_send(mount_state.hmfs, request->base, request->dataset, stream_file_write,
			  &stream);
	close(stream.file);
	return error;
}

static int call_receive(struct call *call)
{
	const struct hmfs_ioctl_stream *request = call->argument;
	struct stream_file stream = { .file = -1 };
	int error;

	if (!is_text(request->name, sizeof(request->name)))
		return -EINVAL;
	stream.file = take_descriptor(call->request, request->file);
	if (stream.file < 0)
		return stream.file;
	error = hmfs_receive(mount_state.hmfs, *request->name ? request->name : NULL,
			     stream_file_read, &stream);
	close(stream.file);
	return error;
}

static int call_trim(struct call *call)
{
	struct fstrim_range *range = call->argument;
	uint64_t trimmed = 0;
	int error =
		hmfs_trim(mount_state.hmfs, max_u64(range->minlen / HMFS_BLOCK_SIZE, 1), &trimmed);

	range->len = trimmed * HMFS_BLOCK_SIZE;
	return error;
}

static const struct request_kind {
	uint32_t command;
	bool is_open; /* for everybody */
	int (*run)(struct call *call);
} kinds[] = {
	{ HMFS_IOCTL_INFO, true, call_info },
	{ HMFS_IOCTL_DATASET_NEXT, true, call_dataset_next },
	{ HMFS_IOCTL_SNAPSHOT, false, call_snapshot },
	{ HMFS_IOCTL_SNAPSHOT_DELETE, false, call_snapshot_delete },
	{ HMFS_IOCTL_SET_LABEL, false, call_set_label },
	{ HMFS_IOCTL_GROW, false, call_grow },
	{ HMFS_IOCTL_SCRUB, false, call_scrub },
	{ HMFS_IOCTL_FIND, false, call_find },
	{ HMFS_IOCTL_SEND, false, call_send },
	{ HMFS_IOCTL_RECEIVE, false, call_receive },
	{ (uint32_t)FITRIM, false, call_trim },
};

/* Who mounted it, and root. */
static bool is_privileged(fuse_req_t request)
{
	uid_t user = fuse_req_ctx(request)->uid;

	return user == 0 || user == geteuid();
}

static const struct request_kind *find_kind(unsigned command)
{
	unsigned i;

	for (i = 0; i < array_length(kinds); i++)
		if (kinds[i].command == command)
			return &kinds[i];
	return NULL;
}

void op_ioctl(fuse_req_t request, fuse_ino_t number, unsigned command, void *argument,
	      struct fuse_file_info *file, unsigned flags, const void *in, size_t in_size,
	      size_t out_size)
{
	const struct request_kind *kind = find_kind(command);
	size_t size = command >> 16 & 0x3fff;
	struct call call = { .request = request, .node = node_of(number) };
	int error;

	(void)argument;
	(void)file;
	if (!kind || flags & FUSE_IOCTL_COMPAT || in_size > size || out_size > size) {
		reply_result(request, -ENOTTY);
		return;
	}
	if (!kind->is_open && !is_privileged(request)) {
		reply_result(request, -EPERM);
		return;
	}
	call.argument = calloc(1, size);
	if (!call.argument) {
		reply_result(request, -ENOMEM);
		return;
	}
	if (in_size)
		memcpy(call.argument, in, in_size);
	error = kind->run(&call);
	if (error)
		reply_result(request, error);
	else
		fuse_reply_ioctl(request, 0, call.argument, out_size);
	free(call.argument);
}
