/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changing attributes: modes, owners, times, sizes; access checks. */
#include "linux.h"

#include <proc/fd_table.h>
#include <proc/process.h>
#include <time/clock.h>

#define TIME_NOW  0x3fffffff
#define TIME_OMIT 0x3ffffffe

static int64_t change(struct dentry *dentry, const struct node_changes *changes)
{
	struct walker walker;
	int64_t result;

	walker_get(&walker);
	result = path_set_attributes(&walker, dentry, changes);
	walker_put(&walker);
	return result;
}

static int64_t change_at(int fd, uint64_t path, unsigned flags, const struct node_changes *changes)
{
	struct dentry *dentry;
	int64_t result = linux_at_walk(fd, path, flags, true, &dentry);

	if (result)
		return result;
	result = change(dentry, changes);
	dentry_put(dentry);
	return result;
}

static int64_t change_file(int fd, const struct node_changes *changes)
{
	struct file *file = fd_get(fd);
	int64_t result;

	if (!file)
		return -EBADF;
	result = file->dentry ? change(file->dentry, changes) : -EINVAL;
	file_put(file);
	return result;
}

static struct node_changes mode_change(uint32_t mode)
{
	return (struct node_changes){ .which = CHANGE_MODE, .mode = mode & MODE_PERMISSIONS };
}

int64_t linux_chmod(const struct linux_call *call)
{
	struct node_changes changes = mode_change(linux_unsigned(call, 1));

	return change_at(LINUX_AT_CWD, call->argument[0], 0, &changes);
}

int64_t linux_fchmod(const struct linux_call *call)
{
	struct node_changes changes = mode_change(linux_unsigned(call, 1));

	return change_file(linux_int(call, 0), &changes);
}

int64_t linux_fchmodat(const struct linux_call *call)
{
	struct node_changes changes = mode_change(linux_unsigned(call, 2));

	return change_at(linux_int(call, 0), call->argument[1], 0, &changes);
}

/* An id of -1 stays as it is. */
static struct node_changes owner_change(uint32_t uid, uint32_t gid)
{
	struct node_changes changes = { .uid = uid, .gid = gid };

	if (uid != UINT32_MAX)
		changes.which |= CHANGE_UID;
	if (gid != UINT32_MAX)
		changes.which |= CHANGE_GID;
	return changes;
}

int64_t linux_chown(const struct linux_call *call)
{
	struct node_changes changes =
		owner_change(linux_unsigned(call, 1), linux_unsigned(call, 2));

	return change_at(LINUX_AT_CWD, call->argument[0], 0, &changes);
}

int64_t linux_lchown(const struct linux_call *call)
{
	struct node_changes changes =
		owner_change(linux_unsigned(call, 1), linux_unsigned(call, 2));

	return change_at(LINUX_AT_CWD, call->argument[0], LINUX_AT_SYMLINK_NOFOLLOW, &changes);
}

int64_t linux_fchown(const struct linux_call *call)
{
	struct node_changes changes =
		owner_change(linux_unsigned(call, 1), linux_unsigned(call, 2));

	return change_file(linux_int(call, 0), &changes);
}

int64_t linux_fchownat(const struct linux_call *call)
{
	struct node_changes changes =
		owner_change(linux_unsigned(call, 2), linux_unsigned(call, 3));

	return change_at(linux_int(call, 0), call->argument[1], linux_unsigned(call, 4), &changes);
}

int64_t linux_truncate(const struct linux_call *call)
{
	struct linux_at at;
	struct file *file;
	int64_t result;

	if ((int64_t)call->argument[1] < 0)
		return -EINVAL;
	result = linux_at_begin(&at, LINUX_AT_CWD, call->argument[0]);
	if (result)
		return result;
	result = path_open(&at.walker, NULL, at.path, FILE_WRITE_ONLY, 0, &file);
	linux_at_end(&at);
	if (result)
		return result;
	result = node_is(file->node, MODE_FILE) ? 0 : -EINVAL;
	if (!result)
		result = linux_check_file_size(file, call->argument[1]);
	if (!result)
		result = file_truncate(file, call->argument[1]);
	file_put(file);
	return result;
}

/* Access and modification time; each may be left out. */
static int64_t set_times(int fd, uint64_t path, unsigned flags, const struct node_changes *changes)
{
	if (!path && fd != LINUX_AT_CWD)
		return change_file(fd, changes);
	return change_at(fd, path, flags, changes);
}

static struct node_changes times_now(void)
{
	uint64_t now = clock_realtime_ns();

	return (struct node_changes){ .which = CHANGE_ACCESS | CHANGE_MODIFY,
				      .access = now,
				      .modify = now };
}

/* One timespec with its two special values. */
static int decode_time(const struct linux_timespec *from, unsigned which, uint64_t *time,
		       struct node_changes *changes)
{
	if (from->nanoseconds == TIME_OMIT)
		return 0;
	changes->which |= which;
	if (from->nanoseconds == TIME_NOW) {
		*time = clock_realtime_ns();
		return 0;
	}
	if (from->nanoseconds < 0 || from->nanoseconds >= (int64_t)NS_PER_SECOND)
		return -EINVAL;
	*time = (uint64_t)from->seconds * NS_PER_SECOND + (uint64_t)from->nanoseconds;
	return 0;
}

int64_t linux_utimensat(const struct linux_call *call)
{
	struct node_changes changes = { 0 };
	struct linux_timespec times[2];
	int error;

	if (!call->argument[2]) {
		changes = times_now();
	} else {
		error = linux_get(times, call->argument[2], sizeof(times));
		if (!error)
			error = decode_time(&times[0], CHANGE_ACCESS, &changes.access, &changes);
		if (!error)
			error = decode_time(&times[1], CHANGE_MODIFY, &changes.modify, &changes);
		if (error)
			return error;
	}
	return set_times(linux_int(call, 0), call->argument[1], linux_unsigned(call, 3), &changes);
}

static int64_t set_timevals(int fd, uint64_t path, uint64_t from)
{
	struct node_changes changes = times_now();
	struct linux_timeval times[2];
	int error;

	if (from) {
		error = linux_get(times, from, sizeof(times));
		if (error)
			return error;
		for (unsigned i = 0; i < 2; i++) {
			if (times[i].microseconds < 0 || times[i].microseconds >= 1000000)
				return -EINVAL;
		}
		changes.access = (uint64_t)times[0].seconds * NS_PER_SECOND +
				 (uint64_t)times[0].microseconds * NS_PER_MICROSECOND;
		changes.modify = (uint64_t)times[1].seconds * NS_PER_SECOND +
				 (uint64_t)times[1].microseconds * NS_PER_MICROSECOND;
	}
	return set_times(fd, path, 0, &changes);
}

int64_t linux_utimes(const struct linux_call *call)
{
	return set_timevals(LINUX_AT_CWD, call->argument[0], call->argument[1]);
}

int64_t linux_futimesat(const struct linux_call *call)
{
	return set_timevals(linux_int(call, 0), call->argument[1], call->argument[2]);
}

int64_t linux_utime(const struct linux_call *call)
{
	struct node_changes changes = times_now();
	int64_t seconds[2];

	if (call->argument[1]) {
		int error = linux_get(seconds, call->argument[1], sizeof(seconds));

		if (error)
			return error;
		changes.access = (uint64_t)seconds[0] * NS_PER_SECOND;
		changes.modify = (uint64_t)seconds[1] * NS_PER_SECOND;
	}
	return set_times(LINUX_AT_CWD, call->argument[0], 0, &changes);
}

/* access() asks for the real ids: a copy of the credentials with those in effect. */
static struct credentials *real_credentials(void)
{
	struct credentials *real = credentials_create(credentials_current());

	if (real) {
		real->euid = real->fsuid = real->uid;
		real->egid = real->fsgid = real->gid;
	}
	return real;
}

static int64_t access_at(int fd, uint64_t path, unsigned want, unsigned flags)
{
	struct credentials *credentials;
	struct dentry *dentry;
	int64_t result;

	if ((want & ~7u) || (flags & ~(unsigned)(LINUX_AT_EACCESS | LINUX_AT_SYMLINK_NOFOLLOW |
						 LINUX_AT_EMPTY_PATH)))
		return -EINVAL;
	result = linux_at_walk(fd, path, flags & ~(unsigned)LINUX_AT_EACCESS, true, &dentry);
	if (result)
		return result;
	credentials = flags & LINUX_AT_EACCESS ? credentials_create(credentials_current())
					       : real_credentials();
	if (!credentials)
		result = -ENOMEM;
	else if (want)
		result = node_permission(dentry->node, credentials, want);
	if (credentials)
		credentials_put(credentials);
	dentry_put(dentry);
	return result;
}

int64_t linux_access(const struct linux_call *call)
{
	return access_at(LINUX_AT_CWD, call->argument[0], linux_unsigned(call, 1), 0);
}

int64_t linux_faccessat(const struct linux_call *call)
{
	return access_at(linux_int(call, 0), call->argument[1], linux_unsigned(call, 2), 0);
}

int64_t linux_faccessat2(const struct linux_call *call)
{
	return access_at(linux_int(call, 0), call->argument[1], linux_unsigned(call, 2),
			 linux_unsigned(call, 3));
}
