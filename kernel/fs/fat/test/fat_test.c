/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FAT in the simulation, on images that the host's tools make, read and check. */
#include "image.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <mm/phys/slab.h>

#include "../fat_priv.h"

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

/* --- What FAT can do, and what not. --- */

static struct image image;
static struct ktest_tree tree;

static void begin(uint64_t size, const char *arguments, const char *options)
{
	image_start_kernel(1);
	image_make(&image, size, arguments);
	EXPECT_EQUAL(image_mount(&image, &tree, options, false), 0);
}

static void end(void)
{
	ktest_tree_end(&tree);
	image_expect_clean(&image, "at the end");
	image_remove(&image);
}

static uint64_t free_blocks(void)
{
	struct scheme_statistics statistics;

	tree.scheme->ops->statistics(tree.scheme, &statistics);
	return statistics.free_blocks;
}

UNIT_TEST(fat, refuses_what_it_cannot_keep)
{
	struct node_template like = { .mode = MODE_FIFO | 0644 };
	struct node_changes changes = { .which = CHANGE_UID, .uid = 7 };
	struct dentry *dentry;
	struct file *file;
	char name[300];

	begin(8 * MIB, "-F 16 -s 1", "uid=5,umask=027");
	EXPECT_EQUAL(ktest_write(&tree, "file", "text"), 0);
	EXPECT_EQUAL(-ktest_symlink(&tree, "file", "link"), EPERM);
	EXPECT_EQUAL(-path_make(&tree.walker, NULL, "fifo", &like), EPERM);
	EXPECT_EQUAL(path_walk(&tree.walker, NULL, "file", 0, &dentry), 0);
	EXPECT_EQUAL(-path_link(&tree.walker, dentry, NULL, "other"), EPERM);
	EXPECT_EQUAL(dentry->node->mode & 07777, 0750);
	EXPECT_EQUAL(dentry->node->uid, 5);
	EXPECT_EQUAL(-path_set_attributes(&tree.walker, dentry, &changes), EPERM);
	changes = (struct node_changes){ .which = CHANGE_MODE, .mode = 0700 };
	EXPECT_EQUAL(-path_set_attributes(&tree.walker, dentry, &changes), EPERM);
	changes.mode = 0550;
	EXPECT_EQUAL(-path_set_attributes(&tree.walker, dentry, &changes), 0);
	EXPECT_EQUAL(dentry->node->mode & 07777, 0550);
	dentry_put(dentry);
	EXPECT_EQUAL(ktest_write(&tree, "b", ""), 0);
	EXPECT_EQUAL(-ktest_rename(&tree, "file", "b", 2), EINVAL);
	EXPECT_EQUAL(-ktest_write(&tree, "a:b", ""), EINVAL);
	EXPECT_EQUAL(-ktest_write(&tree, "ends with a dot.", ""), EINVAL);
	EXPECT_EQUAL(-ktest_write(&tree, "ends with a blank ", ""), EINVAL);
	EXPECT_EQUAL(-ktest_write(&tree, "no UTF-8 \xff", ""), EINVAL);
	memset(name, 'n', 255);
	name[255] = '\0';
	EXPECT_EQUAL(-ktest_write(&tree, name, ""), 0);
	EXPECT_EQUAL(ktest_open(&tree, "b", FILE_READ_WRITE, &file), 0);
	EXPECT_EQUAL(-ktest_file_write_at(file, "x", 1, FAT_FILE_MAX), EFBIG);
	EXPECT_EQUAL(-file_truncate(file, FAT_FILE_MAX + 1), EFBIG);
	EXPECT_EQUAL(file->node->size, 0);
	file_put(file);
	end();
}

UNIT_TEST(fat, options_are_checked)
{
	image_start_kernel(1);
	image_make(&image, 8 * MIB, "-F 16 -s 1");
	EXPECT_EQUAL(-image_mount(&image, &tree, "nonsense", false), EINVAL);
	EXPECT_EQUAL(-image_mount(&image, &tree, "umask=9", false), EINVAL);
	EXPECT_EQUAL(-image_mount(&image, &tree, "uid=99999999999", false), EINVAL);
	EXPECT_EQUAL(image_mount(&image, &tree, "utf8,codepage=437,time_offset=-60,quiet", false),
		     0);
	end();
}

UNIT_TEST(fat, a_full_disk_is_whole)
{
	struct file *file;
	uint64_t before, used = 0;
	static char bytes[65536];
	ssize_t count;

	begin(4 * MIB, "-F 12 -s 2", "");
	before = free_blocks();
	EXPECT_EQUAL(ktest_open(&tree, "big", FILE_CREATE | FILE_READ_WRITE, &file), 0);
	while ((count = ktest_file_write(file, bytes, sizeof(bytes))) > 0)
		used += (uint64_t)count;
	EXPECT_EQUAL(-count, ENOSPC);
	EXPECT_EQUAL(file->node->size, used);
	EXPECT_EQUAL(free_blocks(), 0);
	EXPECT_EQUAL(-file_truncate(file, 8 * MIB), ENOSPC);
	EXPECT_EQUAL(file->node->size, used);
	EXPECT_EQUAL(-ktest_mkdir(&tree, "d"), ENOSPC);
	EXPECT_EQUAL(-ktest_write(&tree, "other", "x"), ENOSPC);
	/* Gone, but open: then all of it can be had again. */
	EXPECT_EQUAL(ktest_unlink(&tree, "big"), 0);
	EXPECT_EQUAL(free_blocks(), 0);
	EXPECT_EQUAL(-ktest_write(&tree, "other", "x"), ENOSPC);
	file_put(file);
	EXPECT_EQUAL(ktest_write(&tree, "other", "x"), 0);
	EXPECT_EQUAL(ktest_unlink(&tree, "other"), 0);
	EXPECT_EQUAL(free_blocks(), before);
	end();
}

UNIT_TEST(fat, a_root_may_be_full)
{
	char name[16];
	unsigned made = 0;
	int error;

	begin(1440 * 1024, "-F 12 -s 1 -r 32", "");
	do {
		snprintf(name, sizeof(name), "FILE%u", made);
		error = ktest_write(&tree, name, "");
	} while (!error && made++ < 100);
	EXPECT_EQUAL(-error, ENOSPC);
	EXPECT_EQUAL(made, 32);
	EXPECT_EQUAL(-ktest_rename(&tree, "FILE3", "a name that needs more slots", 0), ENOSPC);
	EXPECT_EQUAL(ktest_unlink(&tree, "FILE7"), 0);
	EXPECT_EQUAL(ktest_write(&tree, "again", "text"), 0);
	EXPECT(ktest_has(&tree, "AGAIN", "text"));
	end();
}

UNIT_TEST(fat, directories_grow)
{
	char name[64];

	begin(40 * MIB, "-F 32 -s 1", "");
	EXPECT_EQUAL(ktest_mkdir(&tree, "d"), 0);
	for (unsigned i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "d/Some longer name of file %u.text", i);
		EXPECT_EQUAL(ktest_write(&tree, name, i % 2 ? "odd" : ""), 0);
	}
	for (unsigned i = 0; i < 300; i += 3) {
		snprintf(name, sizeof(name), "d/SOME longer NAME of file %u.TEXT", i);
		EXPECT_EQUAL(ktest_unlink(&tree, name), 0);
	}
	ktest_tree_end(&tree);
	image_expect_clean(&image, "between");
	EXPECT_EQUAL(image_mount(&image, &tree, "", false), 0);
	for (unsigned i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "d/Some longer name of file %u.text", i);
		EXPECT_EQUAL(ktest_has(&tree, name, i % 2 ? "odd" : ""), i % 3 != 0);
		if (i % 3)
			EXPECT_EQUAL(ktest_unlink(&tree, name), 0);
	}
	EXPECT_EQUAL(ktest_rmdir(&tree, "d"), 0);
	end();
}

UNIT_TEST(fat, spellings_are_one_name)
{
	struct dentry *one, *other;
	char names[256];

	begin(8 * MIB, "-F 16 -s 1", "");
	EXPECT_EQUAL(ktest_write(&tree, "\xc3\x84rger \xd0\x96 \xce\xa9.txt", "text"), 0);
	EXPECT(ktest_has(&tree, "\xc3\xa4RGER \xd0\xb6 \xcf\x89.TXT", "text"));
	EXPECT_EQUAL(path_walk(&tree.walker, NULL, "\xc3\xa4RGER \xd0\xb6 \xcf\x89.TXT", 0, &one),
		     0);
	EXPECT_EQUAL(path_walk(&tree.walker, NULL, "\xc3\x84rger \xd0\x96 \xce\xa9.txt", 0, &other),
		     0);
	EXPECT(one == other);
	dentry_put(one);
	dentry_put(other);
	EXPECT_EQUAL(ktest_mkdir(&tree, "D"), 0);
	EXPECT_EQUAL(-ktest_rename(&tree, "D", "d/below itself", 0), EINVAL);
	EXPECT_EQUAL(-ktest_mkdir(&tree, "d"), EEXIST);
	EXPECT_EQUAL(ktest_rename(&tree, "d", "Dd", 0), 0);
	EXPECT_EQUAL(ktest_rename(&tree, "DD", "dd", 0), 0);
	EXPECT_EQUAL(ktest_write(&tree, "Upper", "1"), 0);
	EXPECT_EQUAL(ktest_write(&tree, "new", "2"), 0);
	EXPECT_EQUAL(ktest_rename(&tree, "new", "UPPER", 0), 0);
	EXPECT(ktest_has(&tree, "upper", "2"));
	EXPECT_STRING(ktest_list(&tree, "/", names, sizeof(names)),
		      "\xc3\x84rger \xd0\x96 \xce\xa9.txt dd Upper ");
	end();
}

UNIT_TEST(fat, times_are_rounded_as_on_disk)
{
	struct node_changes changes = { .which = CHANGE_MODIFY | CHANGE_ACCESS,
					.modify = 1709208001999999999, /* 2024-02-29 12:00:01 */
					.access = 1709208001999999999 };
	struct node_attributes before, after;
	struct dentry *dentry;

	begin(8 * MIB, "-F 16 -s 1", "time_offset=90");
	EXPECT_EQUAL(ktest_write(&tree, "f", "x"), 0);
	EXPECT_EQUAL(path_walk(&tree.walker, NULL, "f", 0, &dentry), 0);
	EXPECT_EQUAL(path_set_attributes(&tree.walker, dentry, &changes), 0);
	dentry_put(dentry);
	EXPECT(ktest_attributes(&tree, "f", &before));
	EXPECT_EQUAL(before.times.modify, 1709208000000000000);
	EXPECT_EQUAL(before.times.access, 1709164800000000000 - 90 * 60 * 1000000000ll);
	ktest_tree_end(&tree);
	EXPECT_EQUAL(image_shell("TZ=UTC mdir -i %s ::F | grep -q '2024-02-29  13:30'", image.path),
		     0);
	EXPECT_EQUAL(image_mount(&image, &tree, "time_offset=90", false), 0);
	EXPECT(ktest_attributes(&tree, "f", &after));
	EXPECT_EQUAL(before.times.modify, after.times.modify);
	EXPECT_EQUAL(before.times.access, after.times.access);
	end();
}

UNIT_TEST(fat, reads_what_others_wrote)
{
	char names[256];

	image_start_kernel(1);
	image_make(&image, 8 * MIB, "-F 16 -s 1");
	EXPECT_EQUAL(image_shell("cd /tmp && printf hello >%s.t && mmd -i %s '::A Directory' && "
				 "mcopy -i %s %s.t '::A Directory/lower' && "
				 "mcopy -i %s %s.t '::A Directory/Mixed Case name.t' && "
				 "mattrib +r -i %s '::A Directory/lower'; rm %s.t",
				 image.path, image.path, image.path, image.path, image.path,
				 image.path, image.path, image.path),
		     0);
	EXPECT_EQUAL(image_mount(&image, &tree, "", false), 0);
	EXPECT_STRING(ktest_list(&tree, "a directory", names, sizeof(names)),
		      "lower Mixed Case name.t ");
	EXPECT(ktest_has(&tree, "A Directory/lower", "hello"));
	EXPECT(ktest_has(&tree, "A Directory/mixed case name.t", "hello"));
	end();
}

/* Between the two commits of a rename the file has no name on disk. */
UNIT_TEST(fat, renaming_leaves_no_file_without_a_name_for_long)
{
	begin(8 * MIB, "-F 16 -s 1", "");
	EXPECT_EQUAL(ktest_mkdir(&tree, "d"), 0);
	EXPECT_EQUAL(ktest_write(&tree, "f", "text"), 0);
	EXPECT_EQUAL(tree.scheme->ops->sync(tree.scheme), 0);
	EXPECT_EQUAL(ktest_rename(&tree, "f", "d/g", 0), 0);
	EXPECT_EQUAL(image_shell("grep -aq 'G          ' %s", image.path), 0);
	end();
}

UNIT_TEST(fat, the_backup_boot_sector_serves)
{
	image_start_kernel(1);
	image_make(&image, 40 * MIB, "-F 32 -s 1");
	memset(image.bytes, 0, 512);
	EXPECT_EQUAL(-image_mount(&image, &tree, "", false), EROFS);
	EXPECT_EQUAL(image_mount(&image, &tree, "", true), 0);
	ktest_tree_end(&tree);
	/* As a file system leaves it that took the volume over. */
	memset(image.bytes + 32 * 512, 0, 512);
	EXPECT_EQUAL(-image_mount(&image, &tree, "", true), EINVAL);
	image_remove(&image);
}

UNIT_TEST(fat, is_dirty_while_it_is_written)
{
	begin(40 * MIB, "-F 32 -s 1", "");
	EXPECT_EQUAL(image.bytes[0x41] & 1, 1);
	EXPECT_EQUAL(image.bytes[32 * 512 + 7] & 8, 0);
	ktest_tree_end(&tree);
	EXPECT_EQUAL(image.bytes[0x41] & 1, 0);
	EXPECT_EQUAL(image.bytes[32 * 512 + 7] & 8, 8);
	EXPECT_EQUAL(image_mount(&image, &tree, "", true), 0);
	EXPECT_EQUAL(image.bytes[0x41] & 1, 0);
	end();
}

UNIT_TEST(fat, errors_of_the_disk_are_told)
{
	struct file *file;

	begin(8 * MIB, "-F 16 -s 1", "");
	EXPECT_EQUAL(ktest_open(&tree, "f", FILE_CREATE | FILE_READ_WRITE, &file), 0);
	EXPECT_EQUAL(ktest_file_write(file, "text", 4), 4);
	image.fail_writes = true;
	EXPECT_EQUAL(-file_sync(file, false), EIO);
	image.fail_writes = false;
	EXPECT_EQUAL(file_sync(file, false), 0);
	file_put(file);
	EXPECT(ktest_has(&tree, "f", "text"));
	end();
}

UNIT_TEST(fat, a_disk_that_refuses_writes_can_be_read)
{
	begin(8 * MIB, "-F 16 -s 1", "");
	ktest_tree_end(&tree);
	image.fail_writes = true;
	EXPECT_EQUAL(-image_mount(&image, &tree, "", false), EROFS);
	EXPECT_EQUAL(image_mount(&image, &tree, "", true), 0);
	image.fail_writes = false;
	end();
}

UNIT_TEST(fat, what_is_not_on_the_device_is_not_used)
{
	static uint8_t bytes[6 * MIB];
	struct file *file;
	ssize_t count;

	begin(8 * MIB, "-F 16 -s 1", "");
	EXPECT_EQUAL(ktest_write(&tree, "small", "text"), 0);
	ktest_tree_end(&tree);
	memcpy(bytes, image.bytes, sizeof(bytes));
	image_remove(&image);
	image_make_of(&image, bytes, sizeof(bytes));
	EXPECT_EQUAL(image_mount(&image, &tree, "", false), 0);
	EXPECT(ktest_has(&tree, "small", "text"));
	EXPECT(free_blocks() * 512 < sizeof(bytes));
	EXPECT_EQUAL(ktest_open(&tree, "big", FILE_CREATE | FILE_READ_WRITE, &file), 0);
	while ((count = ktest_file_write(file, bytes, 65536)) > 0)
		;
	EXPECT_EQUAL(-count, ENOSPC);
	while (ktest_file_write(file, bytes, 512) > 0)
		;
	EXPECT_EQUAL(free_blocks(), 0);
	EXPECT_EQUAL(file_sync(file, false), 0);
	file_put(file);
	ktest_tree_end(&tree);
	image_remove(&image);
	/* Nothing of it is left when not even the root directory is there. */
	image_make_of(&image, bytes, 16 * 512);
	EXPECT_EQUAL(-image_mount(&image, &tree, "", true), EUCLEAN);
	image_remove(&image);
}

UNIT_TEST(fat, probing_tells_what_it_is)
{
	struct file_system_identity identity;

	image_start_kernel(1);
	image_make(&image, 8 * MIB, "-F 16 -s 1");
	EXPECT_EQUAL(fat_probe(image.device, &identity), 0);
	EXPECT_STRING(identity.label, "");
	EXPECT_STRING(identity.uuid, "1234-ABCD");
	EXPECT_STRING(identity.version, "FAT16");
	EXPECT_EQUAL(image_shell("mlabel -i %s ::STICK", image.path), 0);
	EXPECT_EQUAL(fat_probe(image.device, &identity), 0);
	EXPECT_STRING(identity.label, "STICK");
	image.bytes[510] = 0;
	EXPECT_EQUAL(-fat_probe(image.device, &identity), EINVAL);
	image_remove(&image);
	image_make(&image, 40 * MIB, "-F 32 -s 1 -n LARGE");
	EXPECT_EQUAL(fat_probe(image.device, &identity), 0);
	EXPECT_STRING(identity.label, "LARGE");
	EXPECT_STRING(identity.version, "FAT32");
	image_remove(&image);
}
