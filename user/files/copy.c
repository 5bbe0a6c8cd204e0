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
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "format.h"

#define FICLONE       _IOW(0x94, 9, int) /* a file shares all blocks of another; Linux's */
#define NO_REPLACE    1                  /* for renameat2(); Linux's */
#define CHUNK         (256 * 1024)
#define ATTRIBUTE_MAX 65536
#define DEPTH_MAX     256 /* folders within folders: each takes a descriptor */

static void fail(struct progress *progress, const char *path)
{
	progress->failures++;
	if (progress->error)
		return;
	progress->error = errno ? errno : EIO;
	snprintf(progress->failed, sizeof(progress->failed), "%s", path);
}

typedef void (*visitor)(int folder, const char *name, const char *path, void *argument);

/* Calls `visit` for each entry of the folder `name` in the folder `parent`, with its path for messages
 * and for what needs one. A link that has taken the folder's place is not followed. */
static void visit_folder(int parent, const char *name, const char *path, struct progress *progress,
			 visitor visit, void *argument)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	char below[PATH_MAX];

	if (!folder) {
		fail(progress, path);
		if (fd >= 0)
			close(fd);
		return;
	}
	while (!progress->cancelled) {
		struct dirent *entry;

		/* The end and an error differ by this only. */
		errno = 0;
		entry = readdir(folder);
		if (!entry && errno)
			fail(progress, path);
		if (!entry)
			break;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (join_path(below, path, entry->d_name)) {
			visit(fd, entry->d_name, below, argument);
		} else {
			errno = ENAMETOOLONG;
			fail(progress, path);
		}
	}
	closedir(folder);
}

/* --- Counting. --- */

struct walk {
	struct progress *progress;
	const char *to; /* of copies: the folder that is made */
	unsigned depth;
	dev_t device; /* of what is removed */
};

static void count_below(int folder, const char *name, const char *path, void *argument)
{
	struct walk *walk = argument;
	struct walk below = { .progress = walk->progress, .depth = walk->depth + 1 };
	struct stat status;

	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (S_ISREG(status.st_mode))
		walk->progress->total += (uint64_t)status.st_size;
	walk->progress->items++;
	if (S_ISDIR(status.st_mode) && walk->depth < DEPTH_MAX)
		visit_folder(folder, name, path, walk->progress, count_below, &below);
}

void count_tree(const char *path, struct progress *progress)
{
	struct walk walk = { .progress = progress };

	count_below(AT_FDCWD, path, path, &walk);
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
static bool copy_large_fork(const char *from, const char *to, const char *name)
{
	struct progress unseen = { 0 };
	char path[PATH_MAX], made[PATH_MAX];
	int source, target;
	bool whole = false;

	errno = ENAMETOOLONG;
	if (snprintf(path, PATH_MAX, "%s/..namedfork/%s", from, name) >= PATH_MAX ||
	    snprintf(made, PATH_MAX, "%s/..namedfork/%s", to, name) >= PATH_MAX)
		return false;
	source = open(path, O_RDONLY | O_CLOEXEC);
	target = source < 0 ? -1 : open(made, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (target >= 0) {
		whole = copy_bytes(source, target, &unseen);
		whole = close(target) == 0 && whole;
	}
	if (source >= 0)
		close(source);
	return whole;
}

static bool copy_fork(const char *from, const char *to, const char *name)
{
	static const char prefix[] = "user.";
	char *value;
	ssize_t length;
	bool whole = false;

	/* What is computed cannot be set, and need not be. */
	if (strncmp(name, prefix, strlen(prefix)) != 0 || strcmp(name, "user.checksum") == 0 ||
	    strcmp(name, "user.mime") == 0)
		return true;
	value = malloc(ATTRIBUTE_MAX);
	length = value ? lgetxattr(from, name, value, ATTRIBUTE_MAX) : -1;
	if (length >= 0)
		whole = lsetxattr(to, name, value, (size_t)length, 0) == 0;
	else if (value && (errno == ERANGE || errno == E2BIG))
		whole = copy_large_fork(from, to, name + strlen(prefix));
	free(value);
	return whole;
}

static bool copy_all_forks(const char *from, const char *to)
{
	char *names = malloc(ATTRIBUTE_MAX); /* too much for a stack that folders take too */
	ssize_t length = names ? llistxattr(from, names, ATTRIBUTE_MAX) : -1;
	bool whole = length >= 0 || (names && (errno == EOPNOTSUPP || errno == ENOSYS));

	for (ssize_t at = 0; whole && at < length; at += (ssize_t)strlen(names + at) + 1)
		whole = copy_fork(from, to, names + at);
	free(names);
	return whole;
}

/* Copies to where there are no forks do without; what is moved there would lose them. */
static void copy_forks(const char *from, const char *to, struct progress *progress)
{
	if (!copy_all_forks(from, to) && (progress->moves || errno != EOPNOTSUPP))
		fail(progress, from);
}

/* The rights of a copy. What is moved keeps its owner too, and with that all of its rights; other copies
 * belong to who makes them. */
static mode_t rights_of_copy(const char *to, const struct stat *status,
			     const struct progress *progress)
{
	bool kept = progress->moves && lchown(to, status->st_uid, status->st_gid) == 0;

	return status->st_mode & (kept ? 07777 : 0777);
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

		copy_forks(from, to, progress);
		fchmod(made, rights_of_copy(to, status, progress));
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

static void copy_below(int folder, const char *name, const char *path, void *argument)
{
	struct walk *walk = argument;
	char to[PATH_MAX];

	(void)folder;
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
	visit_folder(AT_FDCWD, from, from, progress, copy_below, &walk);
	copy_forks(from, to, progress);
	chmod(to, rights_of_copy(to, status, progress));
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

static void remove_one(int folder, const char *name, const char *path, void *argument)
{
	struct walk *walk = argument;
	struct walk below = *walk;
	struct stat status;
	bool is_folder = false;

	below.depth++;
	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
		is_folder = S_ISDIR(status.st_mode);
	/* A disk that is mounted there is not meant. */
	if (is_folder && status.st_dev != walk->device) {
		errno = EBUSY;
		fail(walk->progress, path);
		return;
	}
	if (is_folder && walk->depth < DEPTH_MAX)
		visit_folder(folder, name, path, walk->progress, remove_one, &below);
	if (!walk->progress->cancelled && unlinkat(folder, name, is_folder ? AT_REMOVEDIR : 0) < 0)
		fail(walk->progress, path);
	walk->progress->items++;
}

/* The device of the folder that `path` is in. */
static bool device_above(const char *path, dev_t *device)
{
	const char *slash = strrchr(path, '/');
	char above[PATH_MAX];
	struct stat status;

	snprintf(above, sizeof(above), "%.*s", slash ? (int)(slash - path) + 1 : 1,
		 slash ? path : ".");
	if (stat(above, &status) < 0)
		return false;
	*device = status.st_dev;
	return true;
}

void remove_tree(const char *path, struct progress *progress)
{
	struct walk walk = { .progress = progress };

	if (progress->cancelled)
		return;
	if (device_above(path, &walk.device))
		remove_one(AT_FDCWD, path, path, &walk);
	else
		fail(progress, path);
}

int rename_new(const char *from, const char *to)
{
	return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, NO_REPLACE);
}

void move_tree(const char *from, const char *to, struct progress *progress)
{
	unsigned failures = progress->failures;

	if (progress->cancelled)
		return;
	if (rename_new(from, to) == 0) {
		progress->items++;
		return;
	}
	if (errno != EXDEV) {
		fail(progress, from);
		return;
	}
	progress->moves = true;
	copy_tree(from, to, progress);
	progress->moves = false;
	/* What could not be copied, all or in part, stays; what others came to does not matter. */
	if (progress->failures == failures && !progress->cancelled)
		remove_tree(from, progress);
}
