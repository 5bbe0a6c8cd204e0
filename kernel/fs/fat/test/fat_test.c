/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FAT in the simulation, on images that the host's tools make, read and check. */
#include "image.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <mm/phys/slab.h>

struct kind {
	const char *arguments;
	uint64_t size;
};

static const struct kind kinds[] = {
	{ "-F 12 -s 1", 1440 * 1024 },      { "-F 12 -s 8 -r 64", 8 * MIB },
	{ "-F 16 -s 1", 8 * MIB },          { "-F 16 -s 4", 16 * MIB },
	{ "-F 16 -s 64", 256 * MIB },       { "-F 32 -s 1", 40 * MIB },
	{ "-F 32 -s 8", 300 * MIB },        { "-F 32 -S 4096 -s 1", 300 * MIB },
	{ "-F 16 -S 2048 -s 2", 32 * MIB }, { "-F 32 -s 1 -f 1", 40 * MIB },
};

static char pattern(uint64_t seed, uint64_t at)
{
	return (char)(((at >> 9) * 31 + at * 7 + seed) % 251);
}

static void write_pattern(struct ktest_tree *tree, const char *path, uint64_t seed, size_t size)
{
	char *bytes = kmalloc(size);
	struct file *file;

	EXPECT(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = pattern(seed, i);
	EXPECT_EQUAL(ktest_open(tree, path, FILE_CREATE | FILE_READ_WRITE, &file), 0);
	EXPECT_EQUAL(ktest_file_write(file, bytes, size), size);
	file_put(file);
	kfree(bytes);
}

static void expect_pattern(struct ktest_tree *tree, const char *path, uint64_t seed, size_t size)
{
	char *bytes = kmalloc(size + 1);
	struct file *file;

	EXPECT(bytes);
	EXPECT_EQUAL(ktest_open(tree, path, FILE_READ_ONLY, &file), 0);
	EXPECT_EQUAL(ktest_file_read(file, bytes, size + 1), size);
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != pattern(seed, i))
			unit_fail(__FILE__, __LINE__, "%s differs at %zu", path, i);
	file_put(file);
	kfree(bytes);
}

/* What was made here, seen by the others' tools. */
static void check_on_host(struct image *image, const char *path, size_t size, const char *md5)
{
	(void)md5;
	EXPECT_EQUAL(image_shell("test $(mcopy -n -i %s '::%s' - 2>/dev/null | wc -c) = %zu",
				 image->path, path, size),
		     0);
}

static void basic(const struct kind *kind)
{
	struct ktest_tree tree;
	struct image image;
	char names[512];

	image_make(&image, kind->size, kind->arguments);
	EXPECT_EQUAL(image_mount(&image, &tree, "", false), 0);
	EXPECT_STRING(ktest_list(&tree, "/", names, sizeof(names)), "");
	EXPECT_EQUAL(ktest_mkdir(&tree, "directory"), 0);
	write_pattern(&tree, "directory/A long name, with blanks.text", 1, 100000);
	write_pattern(&tree, "SHORT.TXT", 2, 3);
	write_pattern(&tree, "lower.txt", 3, 513);
	EXPECT_EQUAL(ktest_write(&tree, "empty", ""), 0);
	EXPECT_EQUAL(ktest_rename(&tree, "lower.txt", "directory/moved to another place", 0), 0);
	EXPECT_STRING(ktest_list(&tree, "/", names, sizeof(names)), "directory SHORT.TXT empty ");
	EXPECT_EQUAL(ktest_walk(&tree, "DIRECTORY/a LONG name, WITH blanks.TEXT"), 0);
	EXPECT_EQUAL(ktest_walk(&tree, "directory/ALONGN~1.TEX"), 0);
	EXPECT_EQUAL(ktest_rename(&tree, "short.txt", "Short.Txt", 0), 0);
	EXPECT_STRING(ktest_list(&tree, "/", names, sizeof(names)), "directory Short.Txt empty ");
	ktest_tree_end(&tree);
	image_expect_clean(&image, kind->arguments);
	check_on_host(&image, "/directory/A long name, with blanks.text", 100000, NULL);
	EXPECT_EQUAL(image_mount(&image, &tree, "", true), 0);
	expect_pattern(&tree, "directory/A long name, with blanks.text", 1, 100000);
	expect_pattern(&tree, "Short.Txt", 2, 3);
	expect_pattern(&tree, "directory/moved to another place", 3, 513);
	EXPECT_EQUAL(ktest_write(&tree, "no", "x"), -EROFS);
	ktest_tree_end(&tree);
	EXPECT_EQUAL(image_mount(&image, &tree, "", false), 0);
	EXPECT_EQUAL(ktest_rmdir(&tree, "directory"), -ENOTEMPTY);
	EXPECT_EQUAL(ktest_unlink(&tree, "directory/A long name, with blanks.text"), 0);
	EXPECT_EQUAL(ktest_unlink(&tree, "directory/moved to another place"), 0);
	EXPECT_EQUAL(ktest_rmdir(&tree, "directory"), 0);
	EXPECT_STRING(ktest_list(&tree, "/", names, sizeof(names)), "Short.Txt empty ");
	ktest_tree_end(&tree);
	image_expect_clean(&image, kind->arguments);
	image_remove(&image);
}

#define BASIC(number)                  \
	UNIT_TEST(fat, basic_##number) \
	{                              \
		image_start_kernel(1); \
		basic(&kinds[number]); \
	}

BASIC(0)
BASIC(1)
BASIC(2)
BASIC(3)
BASIC(4)
BASIC(5)
BASIC(6)
BASIC(7)
BASIC(8)
BASIC(9)
