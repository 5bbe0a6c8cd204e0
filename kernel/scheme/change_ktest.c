/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: making, removing and renaming; permissions; all of it at the same time. */
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/ktest.h>
#include <sched/thread.h>

#include <scheme/ktest_tree.h>

static uint32_t links_of(struct ktest_tree *tree, const char *path)
{
	struct node_attributes attributes;

	return ktest_attributes(tree, path, &attributes) ? attributes.links : 0;
}

KTEST(scheme, names_are_made_and_removed)
{
	const struct node_template file = { .mode = MODE_FILE | 0600 };
	const struct node_template nothing = { .mode = 0600 };
	struct ktest_tree tree;

	if (!ktest_tree_begin_tmp(&tree))
		return;
	ktest_expect(ktest_mkdir(&tree, "d") == 0);
	ktest_expect(ktest_mkdir(&tree, "d") == -EEXIST);
	ktest_expect(ktest_mkdir(&tree, "d/") == -EEXIST);
	ktest_expect(ktest_mkdir(&tree, "d/e/") == 0);
	ktest_expect(ktest_mkdir(&tree, "d/.") == -EEXIST);
	ktest_expect(ktest_mkdir(&tree, "d/..") == -EEXIST);
	ktest_expect(ktest_mkdir(&tree, "/") == -EEXIST);
	ktest_expect(ktest_mkdir(&tree, "x/y") == -ENOENT);
	ktest_expect(path_make(&tree.walker, NULL, "d/f/", &file) == -ENOENT);
	ktest_expect(path_make(&tree.walker, NULL, "d/e/", &file) == -EEXIST);
	ktest_expect(path_make(&tree.walker, NULL, "d/f", &nothing) == -EINVAL);
	ktest_expect(path_make(&tree.walker, NULL, "d/f", &file) == 0);
	ktest_expect(ktest_symlink(&tree, "", "d/l") == -ENOENT);
	ktest_expect(ktest_symlink(&tree, "nowhere", "d/l") == 0);
	ktest_expect(ktest_mkdir(&tree, "d/l") == -EEXIST);
	ktest_expect(links_of(&tree, "d") == 3);
	ktest_expect(ktest_unlink(&tree, "d") == -EISDIR);
	ktest_expect(ktest_unlink(&tree, "d/..") == -EISDIR);
	ktest_expect(ktest_unlink(&tree, "d/f/") == -ENOTDIR);
	ktest_expect(ktest_unlink(&tree, "d/e/") == -EISDIR);
	ktest_expect(ktest_unlink(&tree, "d/none/") == -ENOENT);
	ktest_expect(ktest_rmdir(&tree, "d") == -ENOTEMPTY);
	ktest_expect(ktest_rmdir(&tree, "d/.") == -EINVAL);
	ktest_expect(ktest_rmdir(&tree, "d/e/..") == -ENOTEMPTY);
	ktest_expect(ktest_rmdir(&tree, "/") == -EBUSY);
	ktest_expect(ktest_rmdir(&tree, "d/f") == -ENOTDIR);
	ktest_expect(ktest_rmdir(&tree, "d/l/") == -ENOTDIR);
	ktest_expect(ktest_rmdir(&tree, "d/e/") == 0);
	ktest_expect(links_of(&tree, "d") == 2);
	ktest_expect(ktest_unlink(&tree, "d/l") == 0);
	ktest_expect(ktest_unlink(&tree, "d/f") == 0);
	ktest_expect(ktest_rmdir(&tree, "d") == 0);
	ktest_tree_end(&tree);
}

KTEST(scheme, removed_directories_stay_empty)
{
	struct dentry *removed, *above;
	struct ktest_tree tree;
	struct file *file;
	const struct node_template like = { .mode = MODE_DIRECTORY | 0755 };

	if (!ktest_tree_begin_tmp(&tree))
		return;
	ktest_expect(ktest_mkdir(&tree, "gone") == 0);
	ktest_expect(path_walk(&tree.walker, NULL, "gone", 0, &removed) == 0);
	ktest_expect(ktest_rmdir(&tree, "gone") == 0);
	ktest_expect(path_make(&tree.walker, removed, "x", &like) == -ENOENT);
	ktest_expect(path_open(&tree.walker, removed, "x", FILE_CREATE, 0600, &file) == -ENOENT);
	ktest_expect(path_link(&tree.walker, removed, removed, "x") == -ENOENT);
	ktest_expect(path_walk(&tree.walker, removed, "..", 0, &above) == 0);
	ktest_expect(above == tree.walker.root);
	dentry_put(above);
	dentry_put(removed);
	ktest_tree_end(&tree);
}

KTEST(scheme, links_share_a_file)
{
	struct node_attributes first, second;
	struct ktest_tree tree;
	struct dentry *target, *directory;

	if (!ktest_tree_begin_tmp(&tree))
		return;
	ktest_expect(ktest_mkdir(&tree, "d") == 0);
	ktest_expect(ktest_write(&tree, "a", "text") == 0);
	ktest_expect(path_walk(&tree.walker, NULL, "a", 0, &target) == 0);
	ktest_expect(path_walk(&tree.walker, NULL, "d", 0, &directory) == 0);
	ktest_expect(path_link(&tree.walker, target, NULL, "d/b") == 0);
	ktest_expect(path_link(&tree.walker, target, NULL, "d/b") == -EEXIST);
	ktest_expect(path_link(&tree.walker, target, NULL, "d/c/") == -ENOENT);
	ktest_expect(path_link(&tree.walker, directory, NULL, "e") == -EPERM);
	ktest_expect(ktest_attributes(&tree, "a", &first) &&
		     ktest_attributes(&tree, "d/b", &second));
	ktest_expect(first.number == second.number && first.links == 2);
	/* A rename between two names of one file does nothing. */
	ktest_expect(ktest_rename(&tree, "a", "d/b", 0) == 0);
	ktest_expect(ktest_has(&tree, "a", "text") && ktest_has(&tree, "d/b", "text"));
	ktest_expect(ktest_unlink(&tree, "a") == 0);
	ktest_expect(ktest_has(&tree, "d/b", "text") && links_of(&tree, "d/b") == 1);
	ktest_expect(ktest_unlink(&tree, "d/b") == 0);
	ktest_expect(path_link(&tree.walker, target, NULL, "again") == -ENOENT);
	dentry_put(target);
	dentry_put(directory);
	ktest_expect(ktest_rmdir(&tree, "d") == 0);
	ktest_tree_end(&tree);
}

static void expect_rename(struct ktest_tree *tree, const char *from, const char *to, unsigned flags,
			  int expected)
{
	int error = ktest_rename(tree, from, to, flags);

	if (error != expected)
		ktest_fail(from, error, to);
}

KTEST(scheme, renames_follow_the_rules)
{
	struct ktest_tree tree;

	if (!ktest_tree_begin_tmp(&tree))
		return;
	ktest_expect(ktest_mkdir(&tree, "d") == 0 && ktest_mkdir(&tree, "d/e") == 0);
	ktest_expect(ktest_mkdir(&tree, "empty") == 0);
	ktest_expect(ktest_write(&tree, "f", "f") == 0 && ktest_write(&tree, "g", "g") == 0);
	expect_rename(&tree, "none", "x", 0, -ENOENT);
	expect_rename(&tree, "f", "none/x", 0, -ENOENT);
	expect_rename(&tree, ".", "x", 0, -EBUSY);
	expect_rename(&tree, "d/..", "x", 0, -EBUSY);
	expect_rename(&tree, "f", "/", 0, -EBUSY);
	expect_rename(&tree, "f", "d/.", 1, -EEXIST);
	expect_rename(&tree, "f", "g", 1, -EEXIST);
	expect_rename(&tree, "f", "x", 2, -ENOENT);
	expect_rename(&tree, "f", "g", 3, -EINVAL);
	expect_rename(&tree, "f", "g", 4, -EINVAL);
	expect_rename(&tree, "d", "d/e/x", 0, -EINVAL);
	expect_rename(&tree, "d", "d/x", 0, -EINVAL);
	expect_rename(&tree, "d/e", "d", 0, -ENOTEMPTY);
	expect_rename(&tree, "d/e", "d", 2, -EINVAL);
	expect_rename(&tree, "f", "d", 0, -EISDIR);
	expect_rename(&tree, "d", "f", 0, -ENOTDIR);
	expect_rename(&tree, "empty", "d", 0, -ENOTEMPTY);
	expect_rename(&tree, "f/", "x", 0, -ENOTDIR);
	expect_rename(&tree, "f", "x/", 0, -ENOTDIR);
	expect_rename(&tree, "f", "f", 0, 0);
	expect_rename(&tree, "f", "g", 0, 0);
	ktest_expect(ktest_has(&tree, "g", "f") && ktest_walk(&tree, "f") == -ENOENT);
	expect_rename(&tree, "g", "d/e/h", 0, 0);
	expect_rename(&tree, "d/e/", "e/", 0, 0);
	ktest_expect(ktest_has(&tree, "e/h", "f") && links_of(&tree, "d") == 2);
	expect_rename(&tree, "e", "empty", 0, 0);
	ktest_expect(ktest_has(&tree, "empty/h", "f"));
	expect_rename(&tree, "empty", "d/e", 0, 0);
	ktest_expect(links_of(&tree, "d") == 3);
	/* Exchanges: a directory and a file trade places. */
	expect_rename(&tree, "d/e/h", "h", 0, 0);
	expect_rename(&tree, "d/e", "h", 2, 0);
	ktest_expect(ktest_has(&tree, "d/e", "f") && links_of(&tree, "d") == 2);
	ktest_expect(links_of(&tree, "h") == 2 && ktest_walk(&tree, "h/../d/e") == 0);
	ktest_expect(ktest_unlink(&tree, "d/e") == 0);
	ktest_expect(ktest_rmdir(&tree, "h") == 0 && ktest_rmdir(&tree, "d") == 0);
	ktest_tree_end(&tree);
}

KTEST(scheme, permissions_are_asked)
{
	const struct node_template device = { .mode = MODE_CHARACTER | 0666, .raw_device = 0x103 };
	struct node_changes changes = { .which = CHANGE_MODE, .mode = 0700 };
	struct walker *visitor;
	struct ktest_tree tree;
	struct dentry *found;
	struct file *file;

	if (!ktest_tree_begin_tmp(&tree))
		return;
	visitor = &tree.visitor_walker;
	ktest_expect(ktest_mkdir(&tree, "d") == 0 && ktest_write(&tree, "d/f", "x") == 0);
	ktest_expect(path_open(visitor, NULL, "d/f", FILE_READ_ONLY, 0, &file) == 0);
	file_put(file);
	ktest_expect(path_open(visitor, NULL, "d/f", FILE_WRITE_ONLY, 0, &file) == -EACCES);
	ktest_expect(path_open(visitor, NULL, "d/f", FILE_TRUNCATE, 0, &file) == -EACCES);
	ktest_expect(path_open(visitor, NULL, "d/g", FILE_CREATE, 0, &file) == -EACCES);
	ktest_expect(path_open(visitor, NULL, "d/f", FILE_NO_ATIME, 0, &file) == -EPERM);
	ktest_expect(path_unlink(visitor, NULL, "d/f", false) == -EACCES);
	/* tmp: itself is open to all, but sticky. */
	ktest_expect(path_unlink(visitor, NULL, "d", true) == -EPERM);
	ktest_expect(path_rename(visitor, NULL, "d", NULL, "e", 0) == -EPERM);
	ktest_expect(path_make(visitor, NULL, "null", &device) == -EPERM);
	/* What one makes oneself is one's own, and open even if its mode forbids it. */
	ktest_expect(path_open(visitor, NULL, "own", FILE_CREATE | FILE_READ_WRITE, 0, &file) == 0);
	ktest_expect(ktest_file_write(file, "abc", 3) == 3);
	ktest_expect(file->node->uid == 1000 && file->node->gid == 1000);
	file_put(file);
	ktest_expect(path_open(visitor, NULL, "own", FILE_READ_ONLY, 0, &file) == -EACCES);
	ktest_expect(path_unlink(visitor, NULL, "own", false) == 0);
	/* Search permission. */
	ktest_expect(path_walk(&tree.walker, NULL, "d", 0, &found) == 0);
	ktest_expect(path_set_attributes(visitor, found, &changes) == -EPERM);
	ktest_expect(path_set_attributes(&tree.walker, found, &changes) == 0);
	ktest_expect(path_open(visitor, NULL, "d/f", FILE_READ_ONLY, 0, &file) == -EACCES);
	ktest_expect(path_open(visitor, NULL, "d/none", FILE_READ_ONLY, 0, &file) == -EACCES);
	ktest_expect(path_open(visitor, found, "f", FILE_READ_ONLY, 0, &file) == -EACCES);
	dentry_put(found);
	ktest_expect(ktest_unlink(&tree, "d/f") == 0 && ktest_rmdir(&tree, "d") == 0);
	ktest_tree_end(&tree);
}

KTEST(scheme, attributes_are_guarded)
{
	struct node_changes changes = { .which = CHANGE_MODE, .mode = 06755 };
	struct ktest_tree tree;
	struct dentry *found;
	struct file *file;
	struct node *node;

	if (!ktest_tree_begin_tmp(&tree))
		return;
	ktest_expect(path_open(&tree.visitor_walker, NULL, "own", FILE_CREATE | FILE_WRITE_ONLY,
			       0644, &file) == 0);
	found = file->dentry;
	node = file->node;
	ktest_expect(path_set_attributes(&tree.visitor_walker, found, &changes) == 0);
	ktest_expect((node->mode & MODE_PERMISSIONS) == 06755);
	/* Writing takes the set-id bits away; so does a change of the owner. */
	ktest_expect(ktest_file_write(file, "x", 1) == 1);
	ktest_expect((node->mode & MODE_PERMISSIONS) == 0755);
	ktest_expect(path_set_attributes(&tree.visitor_walker, found, &changes) == 0);
	changes = (struct node_changes){ .which = CHANGE_GID, .gid = 1000 };
	ktest_expect(path_set_attributes(&tree.visitor_walker, found, &changes) == 0);
	ktest_expect((node->mode & MODE_PERMISSIONS) == 0755);
	changes.gid = 7;
	ktest_expect(path_set_attributes(&tree.visitor_walker, found, &changes) == -EPERM);
	changes = (struct node_changes){ .which = CHANGE_UID, .uid = 7 };
	ktest_expect(path_set_attributes(&tree.visitor_walker, found, &changes) == -EPERM);
	ktest_expect(path_set_attributes(&tree.walker, found, &changes) == 0);
	/* Not the owner any more: times may only be set to now, by who may write. */
	changes = (struct node_changes){ .which = CHANGE_MODIFY, .modify = 1 };
	ktest_expect(path_set_attributes(&tree.visitor_walker, found, &changes) == -EPERM);
	changes.which = CHANGE_ACCESS_NOW | CHANGE_MODIFY_NOW;
	ktest_expect(path_set_attributes(&tree.visitor_walker, found, &changes) == -EACCES);
	node->mode |= 0020;
	ktest_expect(path_set_attributes(&tree.visitor_walker, found, &changes) == 0);
	ktest_expect(node->times.modify > 1);
	changes = (struct node_changes){ .which = CHANGE_SIZE, .size = 5 };
	ktest_expect(path_set_attributes(&tree.visitor_walker, found, &changes) == 0);
	ktest_expect(node->size == 5);
	changes.size = (uint64_t)INT64_MAX + 1;
	ktest_expect(path_set_attributes(&tree.walker, found, &changes) == -EINVAL);
	ktest_expect(path_set_attributes(&tree.walker, tree.walker.root, &changes) == -EISDIR);
	file_put(file);
	ktest_expect(ktest_unlink(&tree, "own") == 0);
	ktest_tree_end(&tree);
}

/* --- Many at once. --- */

#define STORM_THREADS 4
#define STORM_ROUNDS  1500

static struct ktest_tree storm_tree;
static _Atomic unsigned storm_running;
static struct wait_queue storm_end;

static uint32_t storm_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* One of a few paths in directories that come and go. */
static void storm_path(char *path, size_t size, uint32_t *state)
{
	uint32_t choice = storm_random(state);

	if (choice % 3 == 0)
		snprintf(path, size, "storm/%u", choice / 3 % 4);
	else if (choice % 3 == 1)
		snprintf(path, size, "storm/%u/%u", choice / 3 % 4, choice / 16 % 4);
	else
		snprintf(path, size, "storm/%u/%u/../%u", choice / 3 % 4, choice / 16 % 4,
			 choice / 64 % 4);
}

static void storm_step(uint32_t *state)
{
	struct ktest_tree *tree = &storm_tree;
	char path[32], other[32], place[64];
	struct dentry *found;

	storm_path(path, sizeof(path), state);
	storm_path(other, sizeof(other), state);
	switch (storm_random(state) % 9) {
	case 0:
		ktest_mkdir(tree, path);
		break;
	case 1:
		ktest_rmdir(tree, path);
		break;
	case 2:
		ktest_write(tree, path, other);
		break;
	case 3:
		ktest_unlink(tree, path);
		break;
	case 4:
		ktest_rename(tree, path, other, 0);
		break;
	case 5:
		ktest_rename(tree, path, other, 2);
		break;
	case 6:
		if (path_walk(&tree->walker, NULL, path, WALK_FOLLOW, &found) == 0) {
			(void)dentry_path(found, tree->walker.root, place, sizeof(place), true);
			path_link(&tree->walker, found, NULL, other);
			dentry_put(found);
		}
		break;
	case 7:
		ktest_symlink(tree, "../1/2", path);
		break;
	default:
		(void)ktest_has(tree, path, other);
		break;
	}
}

static void storm_thread(void *argument)
{
	uint32_t state = (uint32_t)(uintptr_t)argument;

	for (unsigned i = 0; i < STORM_ROUNDS; i++)
		storm_step(&state);
	storm_running--;
	wait_wake_all(&storm_end);
}

/* Removes a file in the directory at `path`, or else goes into a directory that is there. False:
 * it is empty. */
static bool storm_descend(char *path, size_t size)
{
	size_t length = strlen(path);
	struct node_attributes attributes;

	for (unsigned i = 0; i < 4; i++) {
		snprintf(path + length, size - length, "/%u", i);
		if (!ktest_attributes(&storm_tree, path, &attributes))
			continue;
		if ((attributes.mode & MODE_TYPE) == MODE_DIRECTORY)
			return true;
		ktest_expect(ktest_unlink(&storm_tree, path) == 0);
		path[length] = '\0';
		return true;
	}
	path[length] = '\0';
	return false;
}

/* Removes what the storm left. Directories have moved into each other, deeply. */
static void storm_remove(void)
{
	static char path[1024];

	string_copy(path, "storm", sizeof(path));
	while (path[0]) {
		char *slash;

		if (storm_descend(path, sizeof(path)))
			continue;
		if (ktest_rmdir(&storm_tree, path)) {
			ktest_expect(!"what is left can be removed");
			return;
		}
		slash = strrchr(path, '/');
		*(slash ? slash : path) = '\0';
	}
}

KTEST(scheme, names_survive_a_storm)
{
	struct scheme_statistics before, after;
	struct waiter waiter;

	if (!ktest_tree_begin_tmp(&storm_tree))
		return;
	storm_tree.scheme->ops->statistics(storm_tree.scheme, &before);
	ktest_expect(ktest_mkdir(&storm_tree, "storm") == 0);
	wait_queue_init(&storm_end, "storm");
	storm_running = STORM_THREADS;
	for (uintptr_t i = 0; i < STORM_THREADS; i++) {
		if (thread_spawn("storm", storm_thread, (void *)(i + 1)))
			storm_running--;
	}
	wait_begin(&storm_end, &waiter);
	while (storm_running)
		ktest_expect(wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, DEADLINE_NEVER) == 0);
	wait_end(&waiter);
	storm_remove();
	storm_tree.scheme->ops->statistics(storm_tree.scheme, &after);
	ktest_expect(before.free_files == after.free_files);
	ktest_expect(before.free_blocks == after.free_blocks);
	ktest_tree_end(&storm_tree);
}
