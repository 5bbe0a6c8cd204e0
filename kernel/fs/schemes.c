/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schemes that are ramfs: file:, initfs:, tmp:, shm: and dev:. */
#include <base/errno.h>
#include <scheme/device.h>

#include "initramfs_priv.h"
#include "ramfs_priv.h"

static struct mutex initfs_lock; /* RANK_NAMESPACE: filling initfs: */
static bool initfs_filled;       /* initfs_lock */

static int add(int error, struct scheme *scheme)
{
	return error ? error : namespace_add(namespace_first(), scheme);
}

static int file_start(void)
{
	const struct ramfs_options options = { .mode = 0755 };
	struct scheme *scheme;
	int error = ramfs_create("file", "tmpfs", 0, &options, &scheme);

	if (error)
		return error;
	initramfs_unpack(scheme, true);
	return add(0, scheme);
}

/* Most systems never look at initfs:, so it is filled when it is first found. */
static void initfs_prepare(struct scheme *scheme)
{
	mutex_lock(&initfs_lock);
	if (!initfs_filled) {
		initramfs_unpack(scheme, false);
		scheme->flags |= SCHEME_READ_ONLY;
		initfs_filled = true;
	}
	mutex_unlock(&initfs_lock);
}

static const struct scheme_ops initfs_ops = {
	.statistics = ramfs_statistics,
	.prepare = initfs_prepare,
};

static int initfs_start(void)
{
	const struct ramfs_options options = { .mode = 0755 };
	struct scheme *scheme;
	int error = ramfs_create_with("initfs", "initfs", &initfs_ops, &options, &scheme);

	mutex_init(&initfs_lock, RANK_NAMESPACE, "initfs");
	return add(error, scheme);
}

static int shared_start(const char *name)
{
	const struct ramfs_options options = { .mode = 01777 };
	struct scheme *scheme;
	int error = ramfs_create(name, "tmpfs", SCHEME_WITH_TREE, &options, &scheme);

	return add(error, scheme);
}

static int tmp_start(void)
{
	return shared_start("tmp");
}

static int shm_start(void)
{
	return shared_start("shm");
}

static int dev_start(void)
{
	const struct ramfs_options options = { .mode = 0755 };
	struct scheme *scheme;
	int error = ramfs_create("dev", "devtmpfs", 0, &options, &scheme);

	if (!error)
		error = device_tree_set(scheme->root);
	if (!error)
		error = device_directory_add("shm", 01777);
	return add(error, scheme);
}

SCHEME(file) = { .name = "file", .level = 0, .start = file_start };
SCHEME(initfs) = { .name = "initfs", .level = 0, .start = initfs_start };
SCHEME(tmp) = { .name = "tmp", .level = 0, .start = tmp_start };
SCHEME(shm) = { .name = "shm", .level = 0, .start = shm_start };
SCHEME(dev) = { .name = "dev", .level = 0, .start = dev_start };
