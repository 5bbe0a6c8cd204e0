/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads cpio archives in the "newc" format (magic 070701, and 070702 with checksums) that
 * lie in memory, as an initramfs does. Several archives may follow each other, with zero
 * bytes between them and after the last.
 *
 * Interface
 *	struct cpio_reader reader;
 *	struct cpio_entry entry;
 *	int result;
 *
 *	cpio_open(&reader, bytes, size);
 *	while ((result = cpio_next(&reader, &entry)) > 0)
 *		use(&entry);
 *
 * Every length is checked against the memory given; names are passed on as they are, so the
 * caller decides what "/x", "../x" and "." mean. Nothing is allocated or copied: names and
 * data point into the archive.
 *
 * Hard links: entries of one archive with nlink > 1 and the same (archive, dev_major,
 * dev_minor, inode) are names of one file. Writers put the data into the last of them only
 * and give the others size 0, so the data of a file is that of the entry of size > 0.
 */
#pragma once

#include <base/types.h>

/* A name, with its terminating 0, is no longer than this. */
#define CPIO_NAME_MAX 4096

/* File types in cpio_entry.mode; the values are those of st_mode. */
#define CPIO_MODE_TYPE      0170000u
#define CPIO_MODE_SOCKET    0140000u
#define CPIO_MODE_LINK      0120000u
#define CPIO_MODE_REGULAR   0100000u
#define CPIO_MODE_BLOCK     0060000u
#define CPIO_MODE_DIRECTORY 0040000u
#define CPIO_MODE_CHARACTER 0020000u
#define CPIO_MODE_FIFO      0010000u

struct cpio_reader {
	const uint8_t *bytes;
	size_t size;
	size_t offset; /* of what is read next; after damage: of the damaged entry */
	size_t start;  /* where the current archive begins: entries are aligned to it */
	unsigned archive;
	bool inside; /* an archive has begun whose trailer was not yet seen */
};

struct cpio_entry {
	const char *name;   /* terminated, no 0 within, not empty */
	size_t name_length; /* without the terminator */
	unsigned archive;   /* which of the concatenated archives, from 0 */
	uint32_t inode;
	uint32_t mode; /* type and permissions */
	uint32_t uid;
	uint32_t gid;
	uint32_t nlink;
	uint32_t mtime;     /* seconds since 1970 */
	uint32_t dev_major; /* of the file system that it was on */
	uint32_t dev_minor;
	uint32_t rdev_major; /* of the device that a device node names */
	uint32_t rdev_minor;
	const void *data; /* contents of a file; target of a symbolic link, not terminated */
	size_t size;
};

/* Prepares to read the `size` bytes at `bytes`, which must stay while entries are used. */
void cpio_open(struct cpio_reader *reader, const void *bytes, size_t size);

/*
 * Stores the next entry. Returns 1, or 0 at the end of the last archive, or -EINVAL where
 * the archive is damaged or cut short: reader->offset then says where, and further calls
 * return the same. Trailers are not entries.
 */
int must_check cpio_next(struct cpio_reader *reader, struct cpio_entry *entry);
