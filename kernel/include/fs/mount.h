/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * File systems on devices that are mounted: how they come, change and go. mount(2) and its like
 * decode their arguments and call these; permissions are theirs to check.
 *
 * While it is mounted the scheme has the device's name, so that Redox programs find the files of
 * sda1 as "sda1:/...", and its number, which is st_dev of its files. The device is claimed until
 * nothing of the file system is in use.
 *
 * All functions: thread context, no lock held.
 */
#pragma once

#include <scheme/scheme.h>

struct block_device;
struct file_system;

struct file_system_request {
	const char *source; /* as the user named the device, for /proc/mounts */
	struct block_device *device;
	const char *type; /* a file system's name; NULL: whatever is there */
	const struct file_system
		*system;     /* the file system itself, whatever `type` says; or NULL */
	const char *options; /* the file system's own, "uid=1000,umask=022"; "" for none */
	unsigned flags;      /* of SCHEME_MOUNT_FLAGS */
	const char *name;    /* of the scheme; NULL: the device's */
};

/* Mounts on `at`, a directory. -ENODEV (no such type), -EINVAL (nothing that is known is there, or
 * an option that is not), -EBUSY (the device is in use, or something is mounted there), -EACCES (it
 * cannot be written, and the flags do not say that it need not be), -ENXIO (gone), -EIO, -EUCLEAN,
 * -ENOMEM, -ENOENT, -ENOTDIR. */
int must_check file_system_mount(const struct file_system_request *request, struct dentry *at);

/* The same, but it becomes the root of the Linux tree, and the scheme `file:`. Before the first process
 * starts. Nothing changes on errors. */
int must_check file_system_mount_root(const struct file_system_request *request);

/* Unmounts `root`, which the caller holds one reference to, the result of a walk, and gives up with
 * this. What was written is on the device afterwards: errors of that are returned although it is
 * unmounted then; those of a device that is gone are not. With `lazily` it leaves the tree at
 * once, and the device when it is not in use any more: at once, too, if it is not. -EINVAL: not mounted, -EBUSY: in use. Other
 * schemes than those on devices are just taken from the tree. */
int file_system_unmount(struct dentry *root, bool lazily);

/* Syncs those that were unmounted lazily and are still in use: no namespace finds them. Whoever
 * syncs everything calls this, too; returns when those that were ending have ended. */
void file_system_sync_detached(void);

/* The machine goes down: all write what they have, the last mounted first, and are read-only from then on,
 * though files are open. What goes wrong is logged. */
void file_systems_end(void);

/* Changes the flags of SCHEME_MOUNT_FLAGS. -EBUSY: files are open for writing and it should be
 * read-only; -EACCES: the device cannot be written; -EINVAL: `root` is none, or an option is not
 * known; -EOPNOTSUPP; errors of writing. */
int must_check file_system_remount(struct dentry *root, unsigned flags, const char *options);

/* What /proc/mounts says of it; borrowed, as long as the scheme is held. NULL: not on a device. */
const char *file_system_source(const struct scheme *scheme);
const char *file_system_options(const struct scheme *scheme);

/* What `root=` on the command line names is mounted as the root of the Linux tree, as soon as it is
 * there: "/dev/NAME", "UUID=...", "LABEL=..."; with `ro` read-only, with the options of `rootflags=`.
 * It is waited for as many seconds as `rootwait=` says, or 30. False: there is no such option, or it
 * failed, which is logged: the tree stays that of the initramfs. Before the first process starts. */
bool root_mount(void);
