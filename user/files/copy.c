/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Trees of files, see copy.h. Links are copied as links. Where the file system shares blocks between
 * files (HMFS), copies share theirs. Forks, which are attributes named user.*, go along.
 */
#include "copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "format.h"

#define FICLONE       _IOW(0x94, 9, int) /* a file shares all blocks of another; Linux's */
#define CHUNK         (256 * 1024)
#define ATTRIBUTE_MAX 65536
#define DEPTH_MAX     256 /* folders within folders: each takes a descriptor */

static void fail(struct progress *progress, const char *path)
{
	if (progress->error)
		return;
	progress->error = errno ? errno : EIO;
	snprintf(progress->failed, sizeof(progress->failed), "%s", path);
}

/* Calls `visit` for each entry of the folder. */
static void visit_folder(const char *path, struct progress *progress,
			 void (*visit)(const char *path, const char *name, void *argument),
			 void *argument)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	char below[PATH_MAX];

	if (!folder) {
		fail(progress, path);
		return;
	}
	while (!progress->cancelled && (entry = readdir(folder))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (!join_path(below, path, entry->d_name)) {
			errno = ENAMETOOLONG;
			fail(progress, path);
			continue;
		}
		visit(below, entry->d_name, argument);
	}
	closedir(folder);
}

/* --- Counting. --- */

struct walk {
	struct progress *progress;
	const char *to; /* of copies: the folder that is made */
	unsigned depth;
};

static void count_below(const char *path, const char *name, void *argument)
{
	struct walk *walk = argument;
	struct walk below = { .progress = walk->progress, .depth = walk->depth + 1 };
	struct stat status;

	(void)name;
	if (lstat(path, &status) < 0)
		return;
	if (S_ISREG(status.st_mode))
		walk->progress->total += (uint64_t)status.st_size;
	walk->progress->items++;
	if (S_ISDIR(status.st_mode) && walk->depth < DEPTH_MAX)
		visit_folder(path, walk->progress, count_below, &below);
}

void count_tree(const char *path, struct progress *progress)
{
	struct walk walk = { .progress = progress };

	count_below(path, NULL, &walk);
}

/* --- Copying. --- */

static bool write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t count = write(fd, bytes, length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return false;
		bytes += count;
		length -= (size_t)count;
	}
	return true;
}

static bool copy_bytes(int from, int to, struct progress *progress)
{
	char *chunk = malloc(CHUNK);
	ssize_t count = chunk ? 1 : -1;

	while (count > 0 && !progress->cancelled) {
		count = read(from, chunk, CHUNK);
		if (count < 0 && errno == EINTR)
			count = 1;
		else if (count > 0 && !write_all(to, chunk, (size_t)count))
			count = -1;
		else if (count > 0)
			progress->bytes += (uint64_t)count;
	}
	free(chunk);
	return count >= 0;
}

/* A fork that is too large to be read as an attribute: by its path. */
static void copy_large_fork(const char *from, const char *to, const char *name)
{
	struct progress unseen = { 0 };
	char path[PATH_MAX], made[PATH_MAX];
	int source, target;

	if (snprintf(path, PATH_MAX, "%s/..namedfork/%s", from, name) >= PATH_MAX ||
	    snprintf(made, PATH_MAX, "%s/..namedfork/%s", to, name) >= PATH_MAX)
		return;
	source = open(path, O_RDONLY | O_CLOEXEC);
	target = source < 0 ? -1 : open(made, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (target >= 0) {
		copy_bytes(source, target, &unseen);
		close(target);
	}
	if (source >= 0)
		close(source);
}

static void copy_fork(const char *from, const char *to, const char *name)
{
	static const char prefix[] = "user.";
	char *value;
	ssize_t length;

	/* What is computed cannot be set, and need not be. */
	if (strncmp(name, prefix, strlen(prefix)) != 0 || strcmp(name, "user.checksum") == 0 ||
	    strcmp(name, "user.mime") == 0)
		return;
	value = malloc(ATTRIBUTE_MAX);
	length = value ? lgetxattr(from, name, value, ATTRIBUTE_MAX) : -1;
	if (length >= 0)
		(void)!lsetxattr(to, name, value, (size_t)length, 0);
	else if (value && (errno == ERANGE || errno == E2BIG))
		copy_large_fork(from, to, name + strlen(prefix));
	free(value);
}

static void copy_forks(const char *from, const char *to)
{
	char *names = malloc(ATTRIBUTE_MAX); /* too much for a stack that folders take too */
	ssize_t length = names ? llistxattr(from, names, ATTRIBUTE_MAX) : -1;

	for (ssize_t at = 0; at < length; at += (ssize_t)strlen(names + at) + 1)
		copy_fork(from, to, names + at);
	free(names);
}

static void copy_file(const char *from, const char *to, const struct stat *status,
		      struct progress *progress)
{
	int source = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int made = source < 0 ? -1
			      : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
				     (status->st_mode & 0777) | S_IWUSR);
	bool whole = false;

	if (made >= 0 && ioctl(made, FICLONE, source) == 0) {
		progress->bytes += (uint64_t)status->st_size;
		whole = true;
	} else if (made >= 0) {
		whole = copy_bytes(source, made, progress);
	}
	if (!whole)
		fail(progress, from);
	if (made >= 0) {
		const struct timespec times[2] = { status->st_atim, status->st_mtim };

		copy_forks(from, to);
		fchmod(made, status->st_mode & 0777);
		futimens(made, times);
		if (close(made) < 0)
			fail(progress, to);
	}
	/* Half a file is worse than none. */
	if (made >= 0 && (!whole || progress->cancelled))
		unlink(to);
	if (source >= 0)
		close(source);
}

static void copy_link(const char *from, const char *to, struct progress *progress)
{
	char target[PATH_MAX];
	ssize_t length = readlink(from, target, sizeof(target) - 1);

	if (length >= 0)
		target[length] = '\0';
	if (length < 0 || symlink(target, to) < 0)
		fail(progress, from);
}

static void copy_one(const char *from, const char *to, struct progress *progress, unsigned depth);

static void copy_below(const char *path, const char *name, void *argument)
{
	struct walk *walk = argument;
	char to[PATH_MAX];

	if (join_path(to, walk->to, name)) {
		copy_one(path, to, walk->progress, walk->depth + 1);
	} else {
		errno = ENAMETOOLONG;
		fail(walk->progress, path);
	}
}

static void copy_folder(const char *from, const char *to, const struct stat *status,
			struct progress *progress, unsigned depth)
{
	struct walk walk = { .progress = progress, .to = to, .depth = depth };
	const struct timespec times[2] = { status->st_atim, status->st_mtim };

	errno = ELOOP;
	if (depth >= DEPTH_MAX || mkdir(to, (status->st_mode & 0777) | S_IRWXU) < 0) {
		fail(progress, from);
		return;
	}
	visit_folder(from, progress, copy_below, &walk);
	copy_forks(from, to);
	chmod(to, status->st_mode & 0777);
	utimensat(AT_FDCWD, to, times, 0);
}

static void copy_one(const char *from, const char *to, struct progress *progress, unsigned depth)
{
	struct stat status;

	if (progress->cancelled)
		return;
	if (lstat(from, &status) < 0) {
		fail(progress, from);
		return;
	}
	if (S_ISDIR(status.st_mode)) {
		copy_folder(from, to, &status, progress, depth);
	} else if (S_ISREG(status.st_mode)) {
		copy_file(from, to, &status, progress);
	} else if (S_ISLNK(status.st_mode)) {
		copy_link(from, to, progress);
	} else {
		if (mknod(to, status.st_mode, status.st_rdev) < 0)
			fail(progress, from);
	}
	progress->items++;
}

void copy_tree(const char *from, const char *to, struct progress *progress)
{
	copy_one(from, to, progress, 0);
}

/* --- Removing and moving. --- */

static void remove_one(const char *path, const char *name, void *argument)
{
	struct walk *walk = argument;
	struct walk below = { .progress = walk->progress, .depth = walk->depth + 1 };
	struct stat status;

	(void)name;
	if (lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && walk->depth < DEPTH_MAX)
		visit_folder(path, walk->progress, remove_one, &below);
	if (!walk->progress->cancelled && remove(path) < 0)
		fail(walk->progress, path);
	walk->progress->items++;
}

void remove_tree(const char *path, struct progress *progress)
{
	struct walk walk = { .progress = progress };

	if (!progress->cancelled)
		remove_one(path, NULL, &walk);
}

void move_tree(const char *from, const char *to, struct progress *progress)
{
	if (progress->cancelled)
		return;
	if (rename(from, to) == 0) {
		progress->items++;
		return;
	}
	if (errno != EXDEV) {
		fail(progress, from);
		return;
	}
	copy_tree(from, to, progress);
	/* What could not be copied, all or in part, stays. */
	if (!progress->error && !progress->cancelled)
		remove_tree(from, progress);
}
