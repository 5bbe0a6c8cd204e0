/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files of every scheme: paths are "scheme:rest" or relative to the working directory, flags are
 * REDOX_O_*. All functions return 0 or more, or a negative errno.
 */
#pragma once

#include <base/string.h>
#include <cryptos/syscall.h>

/* Opens a path; the low bits of `flags` are the permissions of a file that is made. Returns a
 * descriptor, to be closed. */
static inline int64_t file_open(const char *path, uint64_t flags)
{
	return syscall(open, path, strlen(path), flags);
}

static inline int64_t file_close(int64_t fd)
{
	return syscall(close, fd);
}

/* At most `size` bytes; returns how many, 0 at the end. */
static inline int64_t file_read(int64_t fd, void *buffer, size_t size)
{
	return syscall(read, fd, buffer, size);
}

/* Returns how many of the bytes were written. */
static inline int64_t file_write(int64_t fd, const void *bytes, size_t size)
{
	return syscall(write, fd, bytes, size);
}

/* Reads until `size` bytes are there or the file ends; returns how many. */
int64_t file_read_whole(int64_t fd, void *buffer, size_t size);
/* Writes all; returns 0 or the first error. */
int64_t file_write_whole(int64_t fd, const void *bytes, size_t size);

/* `whence` is REDOX_SEEK_*; returns the new place. */
static inline int64_t file_seek(int64_t fd, int64_t offset, unsigned whence)
{
	return syscall(lseek, fd, offset, whence);
}

/* A second descriptor of the same open file, or with a name what the scheme makes of that. */
static inline int64_t file_duplicate(int64_t fd, const char *name)
{
	return syscall(dup, fd, name, name ? strlen(name) : 0);
}

/* The same as descriptor `to`, which is closed first. */
static inline int64_t file_duplicate_to(int64_t fd, int64_t to, const char *name)
{
	return syscall(dup2, fd, to, name, name ? strlen(name) : 0);
}

/* REDOX_F_*. */
static inline int64_t file_control(int64_t fd, uint64_t command, uint64_t argument)
{
	return syscall(fcntl, fd, command, argument);
}

static inline int64_t file_status(int64_t fd, struct redox_stat *status)
{
	return syscall(fstat, fd, status, sizeof(*status));
}

static inline int64_t file_system_status(int64_t fd, struct redox_statvfs *status)
{
	return syscall(fstatvfs, fd, status, sizeof(*status));
}

/* The file's canonical name, cut to `size`, without a terminator; returns its length. */
static inline int64_t file_path(int64_t fd, char *buffer, size_t size)
{
	return syscall(fpath, fd, buffer, size);
}

static inline int64_t file_rename(int64_t fd, const char *path)
{
	return syscall(frename, fd, path, strlen(path));
}

static inline int64_t file_truncate(int64_t fd, uint64_t size)
{
	return syscall(ftruncate, fd, size);
}

static inline int64_t file_synchronise(int64_t fd)
{
	return syscall(fsync, fd);
}

static inline int64_t file_change_mode(int64_t fd, unsigned mode)
{
	return syscall(fchmod, fd, mode);
}

/* UINT32_MAX keeps the id. */
static inline int64_t file_change_owner(int64_t fd, uint32_t uid, uint32_t gid)
{
	return syscall(fchown, fd, uid, gid);
}

/* Of last access and of last modification. */
static inline int64_t file_change_times(int64_t fd, const struct redox_timespec times[2])
{
	return syscall(futimens, fd, times, 2 * sizeof(*times));
}

static inline int64_t path_unlink(const char *path)
{
	return syscall(unlink, path, strlen(path));
}

static inline int64_t path_remove_directory(const char *path)
{
	return syscall(rmdir, path, strlen(path));
}

static inline int64_t path_change_mode(const char *path, unsigned mode)
{
	return syscall(chmod, path, strlen(path), mode);
}

static inline int64_t working_directory_change(const char *path)
{
	return syscall(chdir, path, strlen(path));
}

/* Its name, cut to `size`, without a terminator; returns the length. */
static inline int64_t working_directory_get(char *buffer, size_t size)
{
	return syscall(getcwd, buffer, size);
}

/* ends[0] is read, ends[1] written. `flags`: REDOX_O_CLOEXEC, REDOX_O_NONBLOCK. */
static inline int64_t pipe_create(uint64_t ends[2], uint64_t flags)
{
	return syscall(pipe2, ends, flags);
}
