/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How large a volume a tree wants; and a number that stands for the tree. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "program.h"
#include "tree.h"
#include "walk.h"

struct measure {
	struct tree_size *size;
	struct link_table links;
	size_t prefix; /* of paths, that is not part of the tree */
	uint64_t skip_device, skip_inode;
};

static uint64_t mix(uint64_t digest, const void *bytes, size_t length)
{
	const uint8_t *from = bytes;
	size_t i;

	/* FNV-1a */
	for (i = 0; i < length; i++)
		digest = (digest ^ from[i]) * 0x100000001b3;
	return digest;
}

static int measure_entry(void *context, const struct walk_entry *entry, uint64_t *made)
{
	struct measure *measure = context;
	struct tree_size *size = measure->size;
	const struct stat *status = &entry->status;
	uint64_t numbers[4] = { status->st_mode, status->st_uid, status->st_gid, 0 };
	bool regular = S_ISREG(status->st_mode);
	struct link_entry *known;
	ssize_t attributes;

	if (status->st_dev == measure->skip_device && status->st_ino == measure->skip_inode)
		return 0;
	if (regular)
		numbers[3] = (uint64_t)status->st_size;
	size->digest = mix(size->digest, numbers, sizeof(numbers));
	size->digest = mix(size->digest, entry->path + measure->prefix,
			   strlen(entry->path + measure->prefix) + 1);
	*made = 1;
	size->names += strlen(entry->name);
	if (!S_ISDIR(status->st_mode) && status->st_nlink > 1) {
		known = link_table_find(&measure->links, status->st_dev, status->st_ino);
		if (known->inode)
			return 0;
		known->device = status->st_dev;
		known->inode = status->st_ino;
		link_table_added(&measure->links);
	}
	size->objects++;
	attributes = llistxattr(entry->path, NULL, 0);
	if (attributes > 0)
		size->objects += (uint64_t)attributes / 8 + 1;
	if (regular && status->st_size <= (off_t)HMFS_INLINE_MAX)
		size->names += (uint64_t)status->st_size;
	else if (regular) /* holes take no space here either */
		size->bytes +=
			min_u64(align_up((uint64_t)status->st_size, HMFS_BLOCK_SIZE),
				align_up((uint64_t)status->st_blocks * 512, HMFS_BLOCK_SIZE));
	return 0;
}

int tree_measure(const char *source, uint64_t skip_device, uint64_t skip_inode,
		 struct tree_size *size)
{
	struct measure measure = { .size = size,
				   .prefix = strlen(source),
				   .skip_device = skip_device,
				   .skip_inode = skip_inode };
	struct stat status;
	uint64_t failures = 0;
	int error;

	*size = (struct tree_size){ .digest = 0xcbf29ce484222325 };
	if (stat(source, &status) < 0)
		return complain_of(-errno, "%s", printable(source));
	if (!S_ISDIR(status.st_mode))
		return complain_of(-ENOTDIR, "%s", printable(source));
	error = walk_tree(source, 1, measure_entry, &measure, &failures);
	link_table_free(&measure.links);
	return error;
}
