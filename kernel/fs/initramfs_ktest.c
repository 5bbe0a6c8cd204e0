/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: unpacking archives, sound and hostile. */
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/ktest.h>

#include "initramfs_priv.h"
#include "ramfs_priv.h"
#include <scheme/ktest_tree.h>

#define ARCHIVE_SIZE 8192

struct archive {
	char bytes[ARCHIVE_SIZE];
	size_t size;
	unsigned inode;
};

static void add_padding(struct archive *archive)
{
	while (archive->size % 4)
		archive->bytes[archive->size++] = '\0';
}

static void add_entry(struct archive *archive, const char *name, uint32_t mode, unsigned inode,
		      unsigned nlink, const char *data)
{
	size_t length = strlen(data), name_size = strlen(name) + 1;
	char *to = archive->bytes + archive->size;

	ktest_expect(archive->size + 128 + length + name_size <= sizeof(archive->bytes));
	snprintf(to, 111, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", inode, mode,
		 7u, 8u, nlink, 1000u, (unsigned)length, 0u, 1u, 5u, 1u, (unsigned)name_size, 0u);
	memcpy(to + 110, name, name_size);
	archive->size += 110 + name_size;
	add_padding(archive);
	memcpy(archive->bytes + archive->size, data, length);
	archive->size += length;
	add_padding(archive);
}

static void add(struct archive *archive, const char *name, uint32_t mode, const char *data)
{
	add_entry(archive, name, mode, ++archive->inode, 1, data);
}

static bool begin(struct ktest_tree *tree)
{
	const struct ramfs_options options = { .mode = 0755 };
	struct scheme *scheme;
	int error = ramfs_create("ktest", "tmpfs", 0, &options, &scheme);

	ktest_expect(error == 0);
	return error == 0 && ktest_tree_begin(tree, scheme);
}

static uint32_t mode_of(struct ktest_tree *tree, const char *path)
{
	struct node_attributes attributes;

	return ktest_attributes(tree, path, &attributes) ? attributes.mode : 0;
}

/* The archives stay in use as long as the trees. */
static struct archive archive;

static void start_archive(void)
{
	memset(&archive, 0, sizeof(archive));
}

static int unpack(struct ktest_tree *tree)
{
	return initramfs_unpack_archive(tree->scheme, archive.bytes, archive.size, false);
}

KTEST(fs, archives_are_unpacked)
{
	struct node_attributes attributes;
	struct ktest_tree tree;

	if (!begin(&tree))
		return;
	start_archive();
	add(&archive, ".", MODE_DIRECTORY | 0750, "");
	add(&archive, "bin", MODE_DIRECTORY | 0755, "");
	add(&archive, "bin/tool", MODE_FILE | 04755, "the tool");
	add(&archive, "bin/link", MODE_SYMLINK | 0777, "tool");
	add(&archive, "null", MODE_CHARACTER | 0600, "");
	add(&archive, "pipe", MODE_FIFO | 0644, "");
	/* Two names, of which the second brings the contents. */
	add_entry(&archive, "one", MODE_FILE | 0644, 99, 2, "");
	add_entry(&archive, "two", MODE_FILE | 0644, 99, 2, "shared");
	add(&archive, "TRAILER!!!", 0, "");
	ktest_expect(unpack(&tree) == 0);
	ktest_expect(mode_of(&tree, "/") == (MODE_DIRECTORY | 0750));
	ktest_expect(mode_of(&tree, "bin/tool") == (MODE_FILE | 04755));
	ktest_expect(ktest_has(&tree, "bin/link", "the tool"));
	ktest_expect(ktest_has(&tree, "one", "shared") && ktest_has(&tree, "two", "shared"));
	ktest_expect(ktest_attributes(&tree, "one", &attributes) && attributes.links == 2);
	ktest_expect(ktest_attributes(&tree, "null", &attributes));
	ktest_expect(attributes.raw_device == node_device(5, 1));
	ktest_expect(ktest_attributes(&tree, "bin", &attributes));
	ktest_expect(attributes.uid == 7 && attributes.gid == 8);
	ktest_expect(attributes.times.modify == 1000000000000);
	ktest_expect(ktest_attributes(&tree, "bin/link", &attributes) && attributes.uid == 7);
	/* What is written is the file's own, and the archive stays what it was. */
	ktest_expect(ktest_write(&tree, "two", "changed") == 0);
	ktest_expect(ktest_has(&tree, "one", "changed"));
	ktest_expect(unpack(&tree) == 0 && ktest_has(&tree, "one", "shared"));
	ktest_tree_end(&tree);
}

KTEST(fs, hostile_names_are_just_names)
{
	struct ktest_tree tree;
	char names[64];

	if (!begin(&tree))
		return;
	start_archive();
	add(&archive, "../../out", MODE_FILE | 0600, "1");
	add(&archive, "/absolute", MODE_FILE | 0600, "2");
	add(&archive, "a//b/./c/../d", MODE_FILE | 0600, "3");
	add(&archive, "new//parent///file", MODE_FILE | 0600, "4");
	add(&archive, "dup", MODE_FILE | 0600, "old");
	add(&archive, "dup", MODE_FILE | 0640, "new");
	add(&archive, "turn", MODE_FILE | 0600, "file");
	add(&archive, "turn", MODE_DIRECTORY | 0700, "");
	add(&archive, "turn/in", MODE_FILE | 0600, "5");
	add(&archive, "turn", MODE_SYMLINK | 0777, "dup");
	add(&archive, "dup", MODE_SYMLINK | 0777, "dup");
	add(&archive, "dup/x", MODE_FILE | 0600, "6");
	add(&archive, "lib", MODE_SYMLINK | 0777, "/new/../new/parent");
	add(&archive, "lib/other", MODE_FILE | 0600, "7");
	add(&archive, "/", MODE_FILE | 0600, "8");
	add(&archive, "..", MODE_SYMLINK | 0777, "9");
	add(&archive, "what", 0130000 | 0600, "a");
	add(&archive, "empty-link", MODE_SYMLINK | 0777, "");
	add(&archive, "TRAILER!!!", 0, "");
	ktest_expect(unpack(&tree) == 0);
	ktest_expect(ktest_has(&tree, "out", "1") && ktest_has(&tree, "absolute", "2"));
	ktest_expect(ktest_has(&tree, "new/parent/file", "4"));
	ktest_expect(ktest_has(&tree, "turn/in", "5"));
	ktest_expect(mode_of(&tree, "dup") == (MODE_SYMLINK | 0777));
	ktest_expect(ktest_walk(&tree, "dup/x") == -ELOOP);
	ktest_expect(ktest_has(&tree, "new/parent/other", "7"));
	ktest_list(&tree, "/", names, sizeof(names));
	ktest_expect(strcmp(names, "out absolute a new turn dup lib ") == 0);
	ktest_tree_end(&tree);
}

KTEST(fs, damaged_archives_give_what_they_have)
{
	struct ktest_tree tree;

	if (!begin(&tree))
		return;
	start_archive();
	add(&archive, "first", MODE_FILE | 0600, "sound");
	add(&archive, "second", MODE_FILE | 0600, "cut short");
	archive.size -= 8;
	ktest_expect(unpack(&tree) == -EINVAL);
	ktest_expect(ktest_has(&tree, "first", "sound"));
	ktest_expect(ktest_walk(&tree, "second") == -ENOENT);
	archive.bytes[0] = 'x';
	ktest_expect(unpack(&tree) == -EINVAL);
	archive.size = 0;
	ktest_expect(unpack(&tree) == 0);
	ktest_tree_end(&tree);
}
