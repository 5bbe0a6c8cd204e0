/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Archives that the host's cpio writes, archives made by hand, and damaged ones. */
#include <base/errno.h>
#include <base/string.h>
#include <cpio/cpio.h>

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* An archive that is put together by hand. */
struct archive {
	char bytes[8192];
	size_t size;
	size_t start; /* of the current one of several */
};

static void archive_pad(struct archive *archive)
{
	while ((archive->size - archive->start) % 4)
		archive->bytes[archive->size++] = '\0';
}

static void archive_add(struct archive *archive, const char *name, unsigned mode, unsigned inode,
			unsigned nlink, const char *data)
{
	size_t size = strlen(data);

	archive->size += (size_t)sprintf(
		archive->bytes + archive->size,
		"070701%08x%08x%08X%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x%s", inode, mode,
		0xabcd, 1001, nlink, 1234567890, size, 8, 1, 4, 64, strlen(name) + 1, 0, name);
	archive->bytes[archive->size++] = '\0';
	archive_pad(archive);
	memcpy(archive->bytes + archive->size, data, size);
	archive->size += size;
	archive_pad(archive);
}

static void archive_end(struct archive *archive)
{
	archive_add(archive, "TRAILER!!!", 0, 0, 1, "");
}

static void archive_begin(struct archive *archive)
{
	archive->start = archive->size;
}

UNIT_TEST(cpio, fields)
{
	struct archive archive = { .size = 0 };
	struct cpio_reader reader;
	struct cpio_entry entry;

	archive_add(&archive, "dir/file", CPIO_MODE_REGULAR | 0644, 77, 2, "hello");
	archive_add(&archive, "link", CPIO_MODE_LINK | 0777, 78, 1, "dir/file");
	archive_end(&archive);
	cpio_open(&reader, archive.bytes, archive.size);
	EXPECT_EQUAL(cpio_next(&reader, &entry), 1);
	EXPECT_STRING(entry.name, "dir/file");
	EXPECT_EQUAL(entry.name_length, 8);
	EXPECT_EQUAL(entry.mode, 0100644);
	EXPECT_EQUAL(entry.inode, 77);
	EXPECT_EQUAL(entry.uid, 0xabcd);
	EXPECT_EQUAL(entry.gid, 1001);
	EXPECT_EQUAL(entry.nlink, 2);
	EXPECT_EQUAL(entry.mtime, 1234567890);
	EXPECT(entry.dev_major == 8 && entry.dev_minor == 1);
	EXPECT(entry.rdev_major == 4 && entry.rdev_minor == 64);
	EXPECT_EQUAL(entry.size, 5);
	EXPECT_BYTES(entry.data, "hello", 5);
	EXPECT_EQUAL(cpio_next(&reader, &entry), 1);
	EXPECT_STRING(entry.name, "link");
	EXPECT_BYTES(entry.data, "dir/file", 8);
	EXPECT_EQUAL(cpio_next(&reader, &entry), 0);
	EXPECT_EQUAL(cpio_next(&reader, &entry), 0);
}

UNIT_TEST(cpio, nothing)
{
	static const char zeros[700];
	struct cpio_reader reader;
	struct cpio_entry entry;

	cpio_open(&reader, NULL, 0);
	EXPECT_EQUAL(cpio_next(&reader, &entry), 0);
	cpio_open(&reader, zeros, sizeof(zeros));
	EXPECT_EQUAL(cpio_next(&reader, &entry), 0);
}

/* Archives follow each other at any distance, even where the second is not aligned. */
UNIT_TEST(cpio, concatenated)
{
	for (unsigned distance = 0; distance < 16; distance++) {
		struct archive archive = { .size = 0 };
		struct cpio_reader reader;
		struct cpio_entry entry;

		archive_add(&archive, "a", CPIO_MODE_REGULAR, 1, 1, "first");
		archive_end(&archive);
		archive.size += distance;
		archive_begin(&archive);
		archive_add(&archive, "b", CPIO_MODE_REGULAR, 1, 1, "second");
		archive_end(&archive);
		archive.size += 512;
		cpio_open(&reader, archive.bytes, archive.size);
		EXPECT_EQUAL(cpio_next(&reader, &entry), 1);
		EXPECT_STRING(entry.name, "a");
		EXPECT_EQUAL(entry.archive, 0);
		EXPECT_EQUAL(cpio_next(&reader, &entry), 1);
		EXPECT_STRING(entry.name, "b");
		EXPECT_BYTES(entry.data, "second", 6);
		EXPECT_EQUAL(entry.archive, 1);
		EXPECT_EQUAL(cpio_next(&reader, &entry), 0);
	}
}

/* Reads a copy of exact size; returns the last result. */
static int read_all(const char *bytes, size_t size, unsigned *entries, size_t *offset)
{
	char *copy = malloc(size);
	struct cpio_reader reader;
	struct cpio_entry entry;
	int result;

	memcpy(copy, bytes, size);
	cpio_open(&reader, copy, size);
	*entries = 0;
	while ((result = cpio_next(&reader, &entry)) > 0) {
		volatile uint8_t last;

		/* Touch all that is promised. */
		EXPECT_EQUAL(strlen(entry.name), entry.name_length);
		if (entry.size > 0)
			last = ((const uint8_t *)entry.data)[entry.size - 1];
		(void)last;
		++*entries;
	}
	*offset = reader.offset;
	if (result < 0)
		EXPECT_EQUAL(cpio_next(&reader, &entry), result);
	free(copy);
	return result;
}

UNIT_TEST(cpio, cut_short)
{
	struct archive archive = { .size = 0 };
	unsigned entries;
	size_t offset;
	size_t second;

	archive_add(&archive, "one", CPIO_MODE_REGULAR, 1, 1, "data of one");
	second = archive.size;
	archive_add(&archive, "two", CPIO_MODE_REGULAR, 2, 1, "data of two");
	for (size_t size = 1; size <= archive.size; size++) {
		EXPECT_EQUAL(read_all(archive.bytes, size, &entries, &offset), -EINVAL);
		if (entries == 1)
			EXPECT_EQUAL(offset, min_size(second, size));
	}
	archive_end(&archive);
	EXPECT_EQUAL(read_all(archive.bytes, archive.size, &entries, &offset), 0);
	EXPECT_EQUAL(entries, 2);
	/* The trailer's own padding may be missing. */
	EXPECT_EQUAL(read_all(archive.bytes, archive.size - 3, &entries, &offset), 0);
}

/* Writes `value` into field `field` (0: the inode) of the first header. */
static int with_field(unsigned field, const char *value)
{
	struct archive archive = { .size = 0 };
	unsigned entries;
	size_t offset;
	int result;

	archive_add(&archive, "one", CPIO_MODE_REGULAR, 1, 1, "data of one");
	archive_end(&archive);
	memcpy(archive.bytes + 6 + 8 * field, value, 8);
	result = read_all(archive.bytes, archive.size, &entries, &offset);
	if (result < 0)
		EXPECT_EQUAL(offset, 0);
	return result;
}

UNIT_TEST(cpio, hostile_fields)
{
	enum { INODE = 0, FILE_SIZE = 6, NAME_SIZE = 11 };

	EXPECT_EQUAL(with_field(INODE, "abcdEF12"), 0);
	EXPECT_EQUAL(with_field(INODE, "0000000g"), -EINVAL);
	EXPECT_EQUAL(with_field(INODE, " 0000001"), -EINVAL);
	EXPECT_EQUAL(with_field(INODE, "0x000001"), -EINVAL);
	EXPECT_EQUAL(with_field(FILE_SIZE, "ffffffff"), -EINVAL);
	EXPECT_EQUAL(with_field(FILE_SIZE, "7fffffff"), -EINVAL);
	EXPECT_EQUAL(with_field(FILE_SIZE, "fffffffd"), -EINVAL);
	EXPECT_EQUAL(with_field(NAME_SIZE, "ffffffff"), -EINVAL);
	EXPECT_EQUAL(with_field(NAME_SIZE, "ffffff8e"), -EINVAL);
	EXPECT_EQUAL(with_field(NAME_SIZE, "00000000"), -EINVAL);
	EXPECT_EQUAL(with_field(NAME_SIZE, "00000001"), -EINVAL);
	EXPECT_EQUAL(with_field(NAME_SIZE, "00000003"), -EINVAL); /* ends within the name */
	EXPECT_EQUAL(with_field(NAME_SIZE, "00000005"), -EINVAL); /* a 0 within */
}

UNIT_TEST(cpio, empty_name)
{
	struct archive archive = { .size = 0 };
	unsigned entries;
	size_t offset;

	archive_add(&archive, "", CPIO_MODE_REGULAR, 1, 1, "data");
	archive_end(&archive);
	EXPECT_EQUAL(read_all(archive.bytes, archive.size, &entries, &offset), -EINVAL);
}

UNIT_TEST(cpio, wrong_magic)
{
	struct archive archive = { .size = 0 };
	unsigned entries;
	size_t offset;

	archive_add(&archive, "one", CPIO_MODE_REGULAR, 1, 1, "");
	archive_end(&archive);
	archive.bytes[5] = '7'; /* the old portable format */
	EXPECT_EQUAL(read_all(archive.bytes, archive.size, &entries, &offset), -EINVAL);
	EXPECT_EQUAL(read_all("\x1f\x8b\x08\0garbage", 11, &entries, &offset), -EINVAL);
}

UNIT_TEST(cpio, random_mutations)
{
	struct archive archive = { .size = 0 };
	uint64_t seed = 1;
	unsigned entries;
	size_t offset;

	archive_add(&archive, "one", CPIO_MODE_REGULAR, 1, 1, "data");
	archive_add(&archive, "two", CPIO_MODE_REGULAR, 1, 1, "more data");
	archive_end(&archive);
	for (unsigned round = 0; round < 50000; round++) {
		struct archive mutant = archive;

		for (unsigned i = 0; i <= round % 4; i++)
			mutant.bytes[unit_random_below(&seed, archive.size)] =
				"0123456789abcdef\0\xff"[unit_random_below(&seed, 18)];
		(void)read_all(mutant.bytes, archive.size, &entries, &offset);
		EXPECT(entries <= 3 && offset <= archive.size);
	}
}

/* Makes a tree in a directory of its own, archives it with `options`, and reads the file. */
static uint8_t *make_archive(const char *options, size_t *size)
{
	char directory[] = "/tmp/cpio_test.XXXXXX";
	char command[1024];
	uint8_t *bytes;
	int status;

	if (system("cpio --version >/dev/null 2>&1") != 0)
		unit_skip("cpio is not installed");
	EXPECT(mkdtemp(directory) != NULL);
	snprintf(command, sizeof(command),
		 "set -e; cd %s; mkdir tree out; cd tree; mkdir -p etc/deep; printf abc > etc/a;"
		 "printf '%%0100000d' 7 > big; ln etc/a etc/b; ln etc/a c; ln -s ../big etc/l;"
		 ": > empty; mkfifo fifo; chmod 4751 big; touch -d @1000000000 empty;"
		 "find . | LC_ALL=C sort | cpio %s --quiet -o > ../out/archive; cd ..; rm -r tree",
		 directory, options);
	status = system(command);
	EXPECT_EQUAL(status, 0);
	snprintf(command, sizeof(command), "%s/out/archive", directory);
	bytes = unit_read_file(command, size);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	status = system(command);
	EXPECT_EQUAL(status, 0);
	return bytes;
}

static void expect_data(const struct cpio_entry *entry, unsigned *links)
{
	if (strcmp(entry->name, "big") == 0) {
		EXPECT_EQUAL(entry->mode, CPIO_MODE_REGULAR | 04751);
		EXPECT_EQUAL(entry->size, 100000);
		EXPECT_EQUAL(((const char *)entry->data)[99999], '7');
	} else if (strcmp(entry->name, "etc/l") == 0) {
		EXPECT_EQUAL(entry->mode & CPIO_MODE_TYPE, CPIO_MODE_LINK);
		EXPECT(entry->size == 6 && memcmp(entry->data, "../big", 6) == 0);
	} else if (strcmp(entry->name, "empty") == 0) {
		EXPECT(entry->size == 0 && entry->mtime == 1000000000);
	} else if (strcmp(entry->name, "fifo") == 0) {
		EXPECT_EQUAL(entry->mode & CPIO_MODE_TYPE, CPIO_MODE_FIFO);
	} else if (entry->nlink == 3 && (entry->mode & CPIO_MODE_TYPE) == CPIO_MODE_REGULAR) {
		/* c, etc/a and etc/b are one file; its data comes with the last. */
		EXPECT_EQUAL(entry->size, ++*links == 3 ? 3 : 0);
		if (entry->size > 0)
			EXPECT_BYTES(entry->data, "abc", 3);
	}
}

static void read_archive(const char *options)
{
	size_t size;
	uint8_t *bytes = make_archive(options, &size);
	struct cpio_reader reader;
	struct cpio_entry entry;
	unsigned entries = 0;
	unsigned links = 0;
	int result;

	cpio_open(&reader, bytes, size);
	while ((result = cpio_next(&reader, &entry)) > 0) {
		expect_data(&entry, &links);
		entries++;
	}
	EXPECT_EQUAL(result, 0);
	EXPECT_EQUAL(entries, 10);
	EXPECT_EQUAL(links, 3);
	free(bytes);
}

UNIT_TEST(cpio, host_archive_newc)
{
	read_archive("-H newc");
}

UNIT_TEST(cpio, host_archive_crc)
{
	read_archive("-H crc");
}

UNIT_TEST(cpio, host_archive_crc_damaged)
{
	size_t size;
	uint8_t *bytes = make_archive("-H crc", &size);
	struct cpio_reader reader;
	struct cpio_entry entry;
	int result;

	bytes[size / 2] ^= 1; /* in the data of "big" */
	cpio_open(&reader, bytes, size);
	while ((result = cpio_next(&reader, &entry)) > 0)
		EXPECT(strcmp(entry.name, "big") != 0);
	EXPECT_EQUAL(result, -EINVAL);
	free(bytes);
}
