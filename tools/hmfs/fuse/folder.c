/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading folders. Offsets that the kernel sees: 1 is behind ".", 2 behind "..", and larger ones are
 * the volume's cookies plus 2. The folder of snapshots is not listed, so that copies of a volume do
 * not copy them all.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mount.h"

#define BATCH 256u /* names gathered at a time */

struct gathered {
	uint64_t object, next;
	uint32_t dataset;
	uint8_t type;
	char name[HMFS_NAME_MAX + 1];
};

struct reader {
	fuse_req_t request;
	struct node *folder;
	bool plus;
	char *buffer;
	size_t used, size;
	struct gathered *names;
	unsigned count;
	bool full;
};

static void add(struct reader *reader, const char *name, const struct fuse_entry_param *entry,
		uint64_t next)
{
	char *to = reader->buffer + reader->used;
	size_t left = reader->size - reader->used, length;

	if (reader->plus)
		length =
			fuse_add_direntry_plus(reader->request, to, left, name, entry, (off_t)next);
	else
		length = fuse_add_direntry(reader->request, to, left, name, &entry->attr,
					   (off_t)next);
	reader->full = length > left;
	if (!reader->full)
		reader->used += length;
}

/* Called with the volume's lock held. */
static bool gather(void *context, const char *name, size_t length, uint64_t object, uint8_t type,
		   uint64_t next_cookie)
{
	struct reader *reader = context;
	struct gathered *gathered;

	if (reader->count == BATCH || length > HMFS_NAME_MAX)
		return false;
	gathered = &reader->names[reader->count++];
	gathered->object = object;
	gathered->next = next_cookie;
	gathered->dataset = reader->folder->id.dataset;
	gathered->type = reader->folder->kind == NODE_FORKS ? TYPE_FILE : type;
	memcpy(gathered->name, name, length);
	gathered->name[length] = 0;
	return true;
}

static int gather_snapshots(struct reader *reader, uint64_t cookie)
{
	struct hmfs_dataset_info info = { .number = (uint32_t)cookie };
	int error = 0;

	while (reader->count < BATCH) {
		struct gathered *gathered = &reader->names[reader->count];

		error = hmfs_dataset_next(mount_state.hmfs, info.number + 1, &info);
		if (error)
			break;
		if (info.number == HMFS_DATASET_LIVE)
			continue;
		*gathered = (struct gathered){ .object = HMFS_ROOT_OBJECT,
					       .next = info.number,
					       .dataset = info.number,
					       .type = TYPE_FOLDER };
		memcpy(gathered->name, info.name, sizeof(gathered->name));
		reader->count++;
	}
	return error == -ENOENT ? 0 : error;
}

static int gather_batch(struct reader *reader, uint64_t cookie)
{
	reader->count = 0;
	switch (reader->folder->kind) {
	case NODE_SNAPSHOTS:
		return gather_snapshots(reader, cookie);
	case NODE_FORKS:
		return hmfs_fork_list(mount_state.hmfs, reader->folder->id, &cookie, gather,
				      reader);
	default:
		return hmfs_list(mount_state.hmfs, reader->folder->id, &cookie, gather, reader);
	}
}

/* One name; with `plus` it is looked up, which the kernel forgets one day. */
static void add_gathered(struct reader *reader, const struct gathered *name)
{
	struct hmfs_id id = { name->dataset, name->object };
	struct fuse_entry_param entry;
	struct node *node = NULL;
	int error;

	memset(&entry, 0, sizeof(entry));
	entry.attr.st_ino = inode_number(NODE_OBJECT, id);
	entry.attr.st_mode = (mode_t)name->type << 12;
	if (reader->plus && reader->folder->kind == NODE_OBJECT) {
		node = node_get(NODE_OBJECT, id, false, &error);
		if (node && fill_entry(node, &entry))
			node = NULL;
	}
	add(reader, name->name, &entry, name->next + 2);
	if (node && reader->full)
		node_forget(node, 1);
}

static void add_dots(struct reader *reader, off_t offset)
{
	struct fuse_entry_param entry;

	memset(&entry, 0, sizeof(entry));
	entry.attr.st_ino = inode_number(reader->folder->kind, reader->folder->id);
	entry.attr.st_mode = S_IFDIR;
	if (offset < 1 && !reader->full)
		add(reader, ".", &entry, 1);
	if (offset < 2 && !reader->full)
		add(reader, "..", &entry, 2);
}

static int read_names(struct reader *reader, off_t offset)
{
	uint64_t cookie = offset > 2 ? (uint64_t)offset - 2 : 0;
	unsigned i;
	int error;

	add_dots(reader, offset);
	while (!reader->full) {
		error = gather_batch(reader, cookie);
		if (error)
			return reader->used ? 0 : error;
		for (i = 0; i < reader->count && !reader->full; i++)
			add_gathered(reader, &reader->names[i]);
		if (reader->count < BATCH)
			break;
		cookie = reader->names[reader->count - 1].next;
	}
	return 0;
}

static void read_folder(fuse_req_t request, fuse_ino_t number, size_t size, off_t offset, bool plus)
{
	struct reader reader = {
		.request = request, .folder = node_of(number), .plus = plus, .size = size
	};
	int error = -ENOMEM;

	reader.buffer = malloc(size);
	reader.names = malloc(BATCH * sizeof(*reader.names));
	if (reader.buffer && reader.names)
		error = read_names(&reader, offset);
	if (!error && offset == 0)
		touch_access(reader.folder);
	if (error)
		reply_result(request, error);
	else
		fuse_reply_buf(request, reader.buffer, reader.used);
	free(reader.names);
	free(reader.buffer);
}

void op_opendir(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file)
{
	(void)number;
	fuse_reply_open(request, file);
}

void op_readdir(fuse_req_t request, fuse_ino_t number, size_t size, off_t offset,
		struct fuse_file_info *file)
{
	(void)file;
	read_folder(request, number, size, offset, false);
}

void op_readdirplus(fuse_req_t request, fuse_ino_t number, size_t size, off_t offset,
		    struct fuse_file_info *file)
{
	(void)file;
	read_folder(request, number, size, offset, true);
}
