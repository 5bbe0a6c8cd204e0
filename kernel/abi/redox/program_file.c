/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Programs out of files that a process provides. They are read once, from beginning to end as that
 * process gives them, into a file in memory which nobody can change, and that one is run.
 */
#include "redox.h"

#include <fs/memory_file.h>
#include <mm/phys/kernel_map.h>
#include <scheme/credentials.h>

#define CHUNK    ((size_t)64 * 1024)
#define COPY_MAX ((uint64_t)1 << 28)

/* Sequential: the provider keeps the position. */
static int copy_bytes(struct file *from, struct file *to, uint64_t size)
{
	char *buffer = kernel_vmalloc(CHUNK);
	uint64_t offset = 0;
	int error = buffer ? 0 : -ENOMEM;

	while (!error && offset < size) {
		size_t wanted = (size_t)min_u64(size - offset, CHUNK);
		ssize_t count = file_read_kernel(from, buffer, wanted, offset);
		struct io io;

		if (count <= 0) {
			error = (int)count;
			break;
		}
		io_init_kernel(&io, buffer, (size_t)count);
		if (file_write(to, &io, &offset) != count)
			error = -ENOMEM;
		offset += (uint64_t)count;
	}
	if (buffer)
		kernel_vfree(buffer);
	return error;
}

/* Owner and mode, which decide what set-id bits mean. Writing would have cleared those. */
static int copy_attributes(struct file *to, const struct credentials *root,
			   const struct node_attributes *attributes)
{
	struct node_changes changes = {
		.which = CHANGE_UID | CHANGE_GID,
		.uid = attributes->uid,
		.gid = attributes->gid,
		.mode = attributes->mode & 07777,
	};
	int error = node_set_attributes(to->node, root, &changes);

	changes.which = CHANGE_MODE;
	return error ? error : node_set_attributes(to->node, root, &changes);
}

static int make_copy(struct file *file, const struct credentials *root, struct file *copy)
{
	struct node_attributes attributes;
	int error = file_read_attributes(file, &attributes);

	if (error)
		return error;
	if (attributes.size > COPY_MAX)
		return -ENOMEM;
	/* A stream that cannot go back is taken from where it is. */
	(void)file_seek(file, 0, 0);
	error = copy_bytes(file, copy, attributes.size);
	if (!error)
		error = copy_attributes(copy, root, &attributes);
	return error ? error : memory_file_add_seals(copy, SEAL_ALL & ~SEAL_FUTURE_WRITE);
}

int redox_program_file(struct file *file, struct file **program)
{
	const struct scheme *scheme = file->node->scheme;
	struct credentials *root;
	int error = -ENOMEM;

	if (!scheme || !scheme->ops->open) {
		file_get(file);
		*program = file;
		return 0;
	}
	root = credentials_create(NULL);
	if (!root)
		return error;
	error = memory_file_create(root, true, program);
	if (!error) {
		error = make_copy(file, root, *program);
		if (error)
			file_put(*program);
	}
	credentials_put(root);
	return error;
}
