/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Self tests of mounting, with a file system that is made for them: a ramfs for each device that
 * begins with a magic word, where syncing leaves a mark in the second sector.
 */
#include <base/errno.h>
#include <base/string.h>
#include <block/block.h>
#include <block/ram_disk.h>
#include <core/ktest.h>
#include <fs/file_system.h>
#include <fs/mount.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <scheme/ktest_tree.h>
#include <time/clock.h>

#include "ramfs_priv.h"

#define MAGIC   "KTESTFS"
#define SECTORS 2048

static struct block_device *test_device;
static _Atomic unsigned released;
static int sync_error;

static int test_probe(struct block_device *device, struct file_system_identity *identity)
{
	char sector[SECTOR_SIZE];
	int error = block_read(device, 0, sector, sizeof(sector));

	if (error)
		return error;
	if (memcmp(sector, MAGIC, sizeof(MAGIC)) != 0)
		return -EINVAL;
	string_copy(identity->label, "test", sizeof(identity->label));
	return 0;
}

static int test_sync(struct scheme *scheme)
{
	char sector[SECTOR_SIZE] = "synced";

	(void)scheme;
	return sync_error ? sync_error : block_write(test_device, 1, sector, sizeof(sector), 0);
}

static void test_release(struct scheme *scheme)
{
	(void)scheme;
	released++;
}

static const struct scheme_ops test_ops = {
	.statistics = ramfs_statistics,
	.sync = test_sync,
	.release = test_release,
};

static int test_mount(struct block_device *device, const struct file_system_options *options,
		      struct scheme **scheme)
{
	const struct ramfs_options ramfs = { .mode = 0755 };
	struct file_system_identity identity;
	int error = test_probe(device, &identity);

	if (error)
		return error;
	if (*options->text && strcmp(options->text, "fine") != 0)
		return -EINVAL;
	return ramfs_create_with("x", "x", &test_ops, &ramfs, scheme);
}

static int test_remount(struct scheme *scheme, const struct file_system_options *options)
{
	(void)scheme;
	(void)options;
	return 0;
}

static const struct file_system test_system = {
	.name = "ktestfs",
	.probe = test_probe,
	.mount = test_mount,
	.remount = test_remount,
};

/* A disk with the file system, a directory to mount it on, and the request for that. */
static bool set_up(struct ktest_tree *tree, struct file_system_request *request)
{
	char sector[SECTOR_SIZE] = MAGIC;
	int error = block_ram_disk_create("ktest0", SECTORS, &test_device);

	ktest_expect(!error);
	if (error || !ktest_tree_begin_tmp(tree))
		return false;
	ktest_expect(!block_write(test_device, 0, sector, sizeof(sector), 0));
	ktest_expect(!ktest_mkdir(tree, "mnt"));
	released = 0;
	sync_error = 0;
	*request = (struct file_system_request){
		.source = "/dev/ktest0",
		.device = test_device,
		.system = &test_system,
		.options = "",
	};
	return true;
}

static void tear_down(struct ktest_tree *tree)
{
	ktest_expect(!ktest_rmdir(tree, "mnt"));
	ktest_tree_end(tree);
	block_ram_disk_destroy(test_device);
	test_device = NULL;
}

static int mount(struct ktest_tree *tree, const struct file_system_request *request)
{
	struct dentry *at;
	int error = path_walk(&tree->walker, NULL, "mnt", WALK_FOLLOW, &at);

	if (error)
		return error;
	error = file_system_mount(request, at);
	dentry_put(at);
	return error;
}

static int unmount(struct ktest_tree *tree, bool lazily)
{
	struct dentry *root;
	int error = path_walk(&tree->walker, NULL, "mnt", WALK_FOLLOW, &root);

	return error ? error : file_system_unmount(root, lazily);
}

static int remount(struct ktest_tree *tree, unsigned flags)
{
	struct dentry *root;
	int error = path_walk(&tree->walker, NULL, "mnt", WALK_FOLLOW, &root);

	if (error)
		return error;
	error = file_system_remount(root, flags, "");
	dentry_put(root);
	return error;
}

static bool has_name(const char *name)
{
	struct scheme *scheme = namespace_find(namespace_first(), name, strlen(name));

	if (scheme)
		scheme_put(scheme);
	return scheme != NULL;
}

static bool is_free(void)
{
	int error = block_device_claim(test_device);

	if (!error)
		block_device_release(test_device);
	return !error;
}

/* What a lazy unmount leaves to a thread. */
static bool ends_soon(void)
{
	const uint64_t deadline = clock_monotonic_ns() + 10 * NS_PER_SECOND;

	while (!(released && is_free()) && clock_monotonic_ns() < deadline)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	return released == 1 && is_free();
}

KTEST(fs, mounts_and_unmounts)
{
	struct ktest_tree tree;
	struct file_system_request request;
	struct node_attributes attributes;
	char sector[SECTOR_SIZE];
	struct file *file;

	if (!set_up(&tree, &request))
		return;
	ktest_expect(!mount(&tree, &request));
	ktest_expect(has_name("ktest0") && !is_free());
	ktest_expect(mount(&tree, &request) == -EBUSY);
	ktest_expect(!ktest_write(&tree, "mnt/file", "text"));
	ktest_expect(ktest_attributes(&tree, "mnt/file", &attributes));
	ktest_expect(attributes.device == node_device(test_device->major, test_device->minor));

	/* In use, and then not. */
	ktest_expect(!ktest_open(&tree, "mnt/file", FILE_READ_ONLY, &file));
	ktest_expect(unmount(&tree, false) == -EBUSY && has_name("ktest0"));
	file_put(file);
	ktest_expect(!unmount(&tree, false));
	ktest_expect(released == 1 && is_free() && !has_name("ktest0"));
	ktest_expect(!block_read(test_device, 1, sector, sizeof(sector)));
	ktest_expect(strcmp(sector, "synced") == 0);
	ktest_expect(ktest_try_open(&tree, "mnt/file", FILE_READ_ONLY) == -ENOENT);
	ktest_expect(unmount(&tree, false) == -EINVAL);
	tear_down(&tree);
}

KTEST(fs, mounting_that_fails)
{
	struct ktest_tree tree;
	struct file_system_request request;
	char zeros[SECTOR_SIZE] = "";

	if (!set_up(&tree, &request))
		return;
	request.options = "no such option";
	ktest_expect(mount(&tree, &request) == -EINVAL && is_free());
	request.options = "fine";
	request.system = NULL;
	request.type = "no such file system";
	ktest_expect(mount(&tree, &request) == -ENODEV && is_free());
	request.type = NULL;
	ktest_expect(mount(&tree, &request) == -EINVAL && is_free());
	request.system = &test_system;
	test_device->read_only = true;
	ktest_expect(mount(&tree, &request) == -EACCES && is_free());
	test_device->read_only = false;
	ktest_expect(!block_write(test_device, 0, zeros, sizeof(zeros), 0));
	ktest_expect(mount(&tree, &request) == -EINVAL && is_free());
	ktest_expect(released == 0);
	tear_down(&tree);
}

KTEST(fs, write_errors_come_out_when_unmounting)
{
	struct ktest_tree tree;
	struct file_system_request request;

	if (!set_up(&tree, &request))
		return;
	ktest_expect(!mount(&tree, &request));
	sync_error = -EIO;
	ktest_expect(unmount(&tree, false) == -EIO);
	ktest_expect(released == 1 && is_free());
	tear_down(&tree);
}

KTEST(fs, lazy_unmounting)
{
	struct ktest_tree tree;
	struct file_system_request request;
	struct file *file;
	char text[8], sector[SECTOR_SIZE] = "";

	if (!set_up(&tree, &request))
		return;
	ktest_expect(!mount(&tree, &request));
	ktest_expect(!ktest_write(&tree, "mnt/file", "text"));
	ktest_expect(!ktest_open(&tree, "mnt/file", FILE_READ_ONLY, &file));
	ktest_expect(!unmount(&tree, true));
	ktest_expect(!has_name("ktest0") && !is_free() && released == 0);
	ktest_expect(ktest_try_open(&tree, "mnt/file", FILE_READ_ONLY) == -ENOENT);
	ktest_expect(ktest_file_read(file, text, sizeof(text)) == 4);
	/* No namespace finds it, but sync does. */
	ktest_expect(!block_write(test_device, 1, sector, sizeof(sector), 0));
	file_system_sync_detached();
	ktest_expect(!block_read(test_device, 1, sector, sizeof(sector)));
	ktest_expect(strcmp(sector, "synced") == 0);
	file_put(file);
	ktest_expect(ends_soon());
	file_system_sync_detached();
	tear_down(&tree);
}

KTEST(fs, remounting)
{
	struct ktest_tree tree;
	struct file_system_request request;
	struct file *file;

	if (!set_up(&tree, &request))
		return;
	ktest_expect(remount(&tree, SCHEME_READ_ONLY) == -EINVAL);
	ktest_expect(!mount(&tree, &request));
	ktest_expect(test_device->writers == 1);
	ktest_expect(!ktest_open(&tree, "mnt/file", FILE_WRITE_ONLY | FILE_CREATE, &file));
	ktest_expect(remount(&tree, SCHEME_READ_ONLY) == -EBUSY);
	file_put(file);
	ktest_expect(!remount(&tree, SCHEME_READ_ONLY | SCHEME_NO_EXECUTE));
	ktest_expect(test_device->writers == 0);
	ktest_expect(ktest_try_open(&tree, "mnt/file", FILE_WRITE_ONLY) == -EROFS);
	ktest_expect(ktest_try_open(&tree, "mnt/file", FILE_READ_ONLY) == 0);
	ktest_expect(ktest_unlink(&tree, "mnt/file") == -EROFS);
	test_device->read_only = true;
	ktest_expect(remount(&tree, 0) == -EACCES);
	test_device->read_only = false;
	ktest_expect(!remount(&tree, 0));
	ktest_expect(!ktest_unlink(&tree, "mnt/file"));
	ktest_expect(!unmount(&tree, false));
	tear_down(&tree);
}

KTEST(fs, a_device_that_is_pulled_out_while_mounted)
{
	struct ktest_tree tree;
	struct file_system_request request;

	if (!set_up(&tree, &request))
		return;
	ktest_expect(!mount(&tree, &request));
	ktest_expect(!ktest_write(&tree, "mnt/file", "text"));
	block_ram_disk_destroy(test_device);
	ktest_expect(!unmount(&tree, false));
	ktest_expect(released == 1 && !has_name("ktest0"));
	/* Another one comes in its place. */
	ktest_expect(!block_ram_disk_create("ktest0", SECTORS, &test_device));
	ktest_expect(is_free());
	tear_down(&tree);
}
