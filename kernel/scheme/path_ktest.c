/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: walking and opening paths. */
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/ktest.h>
#include <mm/phys/slab.h>

#include <scheme/ktest_tree.h>

/* A directory "paths" with dir/sub, file, and links of all sorts. */
static bool make_sample(struct ktest_tree *tree)
{
	if (!ktest_tree_begin_tmp(tree))
		return false;
	ktest_expect(ktest_mkdir(tree, "paths") == 0);
	ktest_expect(ktest_mkdir(tree, "paths/dir") == 0);
	ktest_expect(ktest_mkdir(tree, "/paths/dir/sub") == 0);
	ktest_expect(ktest_write(tree, "paths/file", "hello") == 0);
	ktest_expect(ktest_write(tree, "paths/dir/inner", "inner") == 0);
	ktest_expect(ktest_symlink(tree, "file", "paths/to-file") == 0);
	ktest_expect(ktest_symlink(tree, "dir/", "paths/to-dir") == 0);
	ktest_expect(ktest_symlink(tree, "/paths/to-dir", "paths/to-to-dir") == 0);
	ktest_expect(ktest_symlink(tree, "../..//paths/./dir", "paths/dir/round") == 0);
	ktest_expect(ktest_symlink(tree, "loop", "paths/loop") == 0);
	ktest_expect(ktest_symlink(tree, "fresh", "paths/dangling") == 0);
	return true;
}

static void remove_sample(struct ktest_tree *tree)
{
	static const char *const names[] = {
		"paths/dir/inner", "paths/dir/round", "paths/file", "paths/to-file",
		"paths/to-dir",    "paths/to-to-dir", "paths/loop", "paths/dangling",
	};

	for (size_t i = 0; i < array_length(names); i++)
		ktest_expect(ktest_unlink(tree, names[i]) == 0);
	ktest_expect(ktest_rmdir(tree, "paths/dir/sub") == 0);
	ktest_expect(ktest_rmdir(tree, "paths/dir") == 0);
	ktest_expect(ktest_rmdir(tree, "paths") == 0);
	ktest_tree_end(tree);
}

static void expect_walk(struct ktest_tree *tree, const char *path, int expected)
{
	int error = ktest_walk(tree, path);

	if (error != expected)
		ktest_fail(path, error, "result of a walk");
}

KTEST(scheme, paths_are_walked)
{
	struct ktest_tree tree;

	if (!make_sample(&tree))
		return;
	expect_walk(&tree, "", -ENOENT);
	expect_walk(&tree, "/", 0);
	expect_walk(&tree, "////", 0);
	expect_walk(&tree, ".", 0);
	expect_walk(&tree, "../../..", 0);
	expect_walk(&tree, "paths//dir///sub/", 0);
	expect_walk(&tree, "paths/./dir/../file", 0);
	expect_walk(&tree, "paths/none", -ENOENT);
	expect_walk(&tree, "paths/none/x", -ENOENT);
	expect_walk(&tree, "paths/none/..", -ENOENT);
	expect_walk(&tree, "paths/file/", -ENOTDIR);
	expect_walk(&tree, "paths/file/.", -ENOTDIR);
	expect_walk(&tree, "paths/file/..", -ENOTDIR);
	expect_walk(&tree, "paths/file/x", -ENOTDIR);
	remove_sample(&tree);
}

KTEST(scheme, links_are_followed)
{
	struct ktest_tree tree;
	struct dentry *found;

	if (!make_sample(&tree))
		return;
	expect_walk(&tree, "paths/to-file", 0);
	expect_walk(&tree, "paths/to-file/", -ENOTDIR);
	expect_walk(&tree, "paths/to-dir", 0);
	expect_walk(&tree, "paths/to-dir/inner", 0);
	expect_walk(&tree, "paths/to-to-dir", 0);
	expect_walk(&tree, "paths/to-to-dir/", 0);
	expect_walk(&tree, "paths/to-to-dir/sub/../inner", 0);
	expect_walk(&tree, "paths/to-to-dir/round/round/round/inner", 0);
	expect_walk(&tree, "paths/to-to-dir/round/round/nothing", -ENOENT);
	expect_walk(&tree, "paths/loop", -ELOOP);
	expect_walk(&tree, "paths/loop/x", -ELOOP);
	expect_walk(&tree, "paths/dangling", -ENOENT);
	expect_walk(&tree, "paths/dangling/", -ENOENT);
	ktest_expect(path_walk(&tree.walker, NULL, "paths/loop", 0, &found) == 0);
	ktest_expect(node_is(found->node, MODE_SYMLINK));
	dentry_put(found);
	/* A slash at the end follows, even where following was not asked for. */
	ktest_expect(path_walk(&tree.walker, NULL, "paths/to-dir/", 0, &found) == 0);
	ktest_expect(node_is(found->node, MODE_DIRECTORY));
	dentry_put(found);
	ktest_expect(path_walk(&tree.walker, NULL, "paths/to-file", WALK_DIRECTORY, &found) ==
		     -ENOTDIR);
	ktest_expect(path_walk(&tree.walker, NULL, "", WALK_EMPTY, &found) == 0);
	ktest_expect(found == tree.walker.working_directory);
	dentry_put(found);
	remove_sample(&tree);
}

KTEST(scheme, forty_links_are_the_limit)
{
	struct ktest_tree tree;
	char name[16], target[16];

	if (!ktest_tree_begin_tmp(&tree))
		return;
	ktest_expect(ktest_write(&tree, "chain0", "end") == 0);
	for (unsigned i = 1; i <= 41; i++) {
		snprintf(name, sizeof(name), "chain%u", i);
		snprintf(target, sizeof(target), "chain%u", i - 1);
		ktest_expect(ktest_symlink(&tree, target, name) == 0);
	}
	ktest_expect(ktest_has(&tree, "chain40", "end"));
	expect_walk(&tree, "chain41", -ELOOP);
	for (unsigned i = 0; i <= 41; i++) {
		snprintf(name, sizeof(name), "chain%u", i);
		ktest_expect(ktest_unlink(&tree, name) == 0);
	}
	ktest_tree_end(&tree);
}

KTEST(scheme, names_may_be_too_long)
{
	char *path = kmalloc(PATH_MAX_LENGTH + 2);
	struct ktest_tree tree;

	ktest_expect(path);
	if (!path || !ktest_tree_begin_tmp(&tree))
		return;
	memset(path, 'x', NAME_MAX_LENGTH + 1);
	path[NAME_MAX_LENGTH] = '\0';
	ktest_expect(ktest_write(&tree, path, "") == 0);
	expect_walk(&tree, path, 0);
	ktest_expect(ktest_unlink(&tree, path) == 0);
	path[NAME_MAX_LENGTH] = 'x';
	path[NAME_MAX_LENGTH + 1] = '\0';
	expect_walk(&tree, path, -ENAMETOOLONG);
	ktest_expect(ktest_write(&tree, path, "") == -ENAMETOOLONG);
	ktest_expect(ktest_mkdir(&tree, path) == -ENAMETOOLONG);
	for (size_t i = 0; i < PATH_MAX_LENGTH; i++)
		path[i] = i % 2 ? '/' : '.';
	path[PATH_MAX_LENGTH - 1] = '\0';
	expect_walk(&tree, path, 0);
	path[PATH_MAX_LENGTH - 1] = '/';
	path[PATH_MAX_LENGTH] = '\0';
	expect_walk(&tree, path, -ENAMETOOLONG);
	ktest_tree_end(&tree);
	kfree(path);
}

static void expect_open(struct ktest_tree *tree, const char *path, unsigned flags, int expected)
{
	int error = ktest_try_open(tree, path, flags);

	if (error != expected)
		ktest_fail(path, error, "result of an open");
}

KTEST(scheme, open_flags_follow_the_rules)
{
	const unsigned create = FILE_CREATE, exclusive = FILE_CREATE | FILE_EXCLUSIVE;
	struct ktest_tree tree;

	if (!make_sample(&tree))
		return;
	expect_open(&tree, "paths", FILE_READ_ONLY, 0);
	expect_open(&tree, "paths", FILE_WRITE_ONLY, -EISDIR);
	expect_open(&tree, "paths", FILE_READ_ONLY | FILE_TRUNCATE, -EISDIR);
	expect_open(&tree, "paths", create, -EISDIR);
	expect_open(&tree, "paths/", create, -EISDIR);
	expect_open(&tree, "/", create, -EISDIR);
	expect_open(&tree, "paths/.", exclusive, -EEXIST);
	expect_open(&tree, "paths/new/", create, -EISDIR);
	expect_open(&tree, "paths/new", create | FILE_DIRECTORY, -EINVAL);
	expect_open(&tree, "paths/none/new", create, -ENOENT);
	expect_open(&tree, "paths/file/new", create, -ENOTDIR);
	expect_open(&tree, "paths/file", exclusive, -EEXIST);
	expect_open(&tree, "paths/dangling", exclusive, -EEXIST);
	expect_open(&tree, "paths/file", FILE_DIRECTORY, -ENOTDIR);
	expect_open(&tree, "paths/to-dir", FILE_DIRECTORY, 0);
	expect_open(&tree, "paths/to-dir", FILE_NO_FOLLOW, -ELOOP);
	expect_open(&tree, "paths/to-dir", FILE_NO_FOLLOW | FILE_DIRECTORY, -ENOTDIR);
	expect_open(&tree, "paths/to-dir/", FILE_NO_FOLLOW, 0);
	expect_open(&tree, "paths/to-dir", FILE_NO_FOLLOW | FILE_PATH, 0);
	expect_open(&tree, "paths/to-file/", FILE_READ_ONLY, -ENOTDIR);
	expect_open(&tree, "paths/loop", create, -ELOOP);
	expect_open(&tree, "paths", FILE_TEMPORARY | FILE_WRITE_ONLY, -EINVAL);
	expect_open(&tree, "paths", FILE_TEMPORARY | FILE_DIRECTORY, -EINVAL);
	expect_open(&tree, "paths/file", FILE_TEMPORARY | FILE_DIRECTORY | FILE_WRITE_ONLY,
		    -ENOTDIR);
	/* Creating through a dangling link makes what it leads to. */
	expect_open(&tree, "paths/dangling", create, 0);
	expect_open(&tree, "paths/fresh", FILE_READ_ONLY, 0);
	ktest_expect(ktest_unlink(&tree, "paths/fresh") == 0);
	remove_sample(&tree);
}

KTEST(scheme, path_descriptions_only_name)
{
	struct ktest_tree tree;
	struct file *file;
	char byte;

	if (!make_sample(&tree))
		return;
	ktest_expect(ktest_open(&tree, "paths/file", FILE_PATH | FILE_READ_WRITE, &file) == 0);
	ktest_expect(ktest_file_read(file, &byte, 1) == -EBADF);
	ktest_expect(ktest_file_write(file, "x", 1) == -EBADF);
	ktest_expect(file_seek(file, 0, 0) == -EBADF);
	ktest_expect(file_truncate(file, 0) == -EBADF);
	ktest_expect(file_sync(file, false) == -EBADF);
	file_put(file);
	remove_sample(&tree);
}

KTEST(scheme, dentries_know_their_paths)
{
	struct ktest_tree tree;
	struct dentry *found, *above;
	char path[64];

	if (!make_sample(&tree))
		return;
	ktest_expect(path_walk(&tree.walker, NULL, "paths/to-dir/inner", 0, &found) == 0);
	ktest_expect(path_walk(&tree.walker, NULL, "paths/dir/sub", 0, &above) == 0);
	ktest_expect(dentry_path(found, tree.walker.root, path, sizeof(path), false) == 16);
	ktest_expect(strcmp(path, "/paths/dir/inner") == 0);
	ktest_expect(dentry_path(found, tree.walker.root, path, 17, false) == 16);
	ktest_expect(dentry_path(found, tree.walker.root, path, 16, false) == -ERANGE);
	ktest_expect(dentry_path(tree.walker.root, tree.walker.root, path, 64, false) == 1);
	ktest_expect(strcmp(path, "/") == 0);
	ktest_expect(dentry_path(found, above, path, sizeof(path), false) > 0);
	ktest_expect(string_starts_with(path, "(unreachable)/"));
	ktest_expect(dentry_path(found, NULL, path, sizeof(path), false) == 20);
	ktest_expect(strcmp(path, "/tmp/paths/dir/inner") == 0);
	ktest_expect(ktest_rename(&tree, "paths/dir/inner", "paths/moved", 0) == 0);
	ktest_expect(dentry_path(found, tree.walker.root, path, sizeof(path), false) == 12);
	ktest_expect(strcmp(path, "/paths/moved") == 0);
	ktest_expect(ktest_unlink(&tree, "paths/moved") == 0);
	ktest_expect(dentry_path(found, tree.walker.root, path, 64, false) == -ENOENT);
	ktest_expect(dentry_path(found, tree.walker.root, path, 64, true) == 22);
	ktest_expect(strcmp(path, "/paths/moved (deleted)") == 0);
	dentry_put(found);
	dentry_put(above);
	ktest_expect(ktest_write(&tree, "paths/dir/inner", "") == 0);
	remove_sample(&tree);
}

KTEST(scheme, mounts_are_crossed)
{
	struct scheme *initfs = namespace_find(namespace_first(), "initfs", 6);
	struct dentry *at, *root, *found;
	struct ktest_tree tree;
	char path[32];

	ktest_expect(initfs);
	if (!initfs || !make_sample(&tree))
		return;
	ktest_expect(path_walk(&tree.walker, NULL, "paths/dir/sub", 0, &at) == 0);
	ktest_expect(path_mount(at, initfs->root) == 0);
	ktest_expect(path_mount(at, initfs->root) == -EBUSY);
	ktest_expect(ktest_rmdir(&tree, "paths/dir/sub") == -EBUSY);
	ktest_expect(ktest_rename(&tree, "paths/dir/sub", "paths/x", 0) == -EBUSY);
	ktest_expect(path_walk(&tree.walker, NULL, "paths/dir/sub/..//sub", 0, &root) == 0);
	ktest_expect(root == initfs->root);
	ktest_expect(dentry_path(root, tree.walker.root, path, sizeof(path), false) == 14);
	ktest_expect(strcmp(path, "/paths/dir/sub") == 0);
	expect_walk(&tree, "paths/dir/sub/../inner", 0);
	ktest_expect(ktest_write(&tree, "paths/dir/sub/new", "x") == -EROFS);
	ktest_expect(ktest_unlink(&tree, "paths/dir/sub/none") == -EROFS);
	ktest_expect(ktest_rename(&tree, "paths/file", "paths/dir/sub/new", 0) == -EXDEV);
	/* In use twice: by this and by the walk. */
	ktest_expect(path_walk(&tree.walker, NULL, "paths/dir/sub", 0, &found) == 0);
	ktest_expect(path_unmount(root) == -EBUSY);
	dentry_put(found);
	ktest_expect(path_unmount(root) == 0);
	ktest_expect(path_unmount(root) == -EINVAL);
	dentry_put(root);
	dentry_put(at);
	scheme_put(initfs);
	remove_sample(&tree);
}
