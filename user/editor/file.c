/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading and writing files. See file.h. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <font/utf8.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static int64_t time_of(const struct stat *status)
{
	return (int64_t)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
}

/* The whole file, which may grow meanwhile, up to the limit. */
static int read_all(int fd, char **bytes, size_t *length)
{
	size_t room = 64 << 10;
	ssize_t count;

	*length = 0;
	*bytes = malloc(room);
	for (;;) {
		char *grown;

		if (!*bytes)
			return ENOMEM;
		count = read(fd, *bytes + *length, room - *length);
		if (count == 0)
			return 0;
		if (count < 0 && errno != EINTR)
			return errno;
		*length += count > 0 ? (size_t)count : 0;
		if (*length > FILE_BYTES_MAX)
			return EFBIG;
		if (*length < room)
			continue;
		room *= 2;
		grown = realloc(*bytes, room);
		if (!grown)
			return ENOMEM;
		*bytes = grown;
	}
}

static bool is_text(const char *bytes, size_t length)
{
	size_t at = 0;

	while (at < length) {
		uint32_t character;
		size_t count = utf8_decode(bytes + at, length - at, &character);

		if (character == 0 || (character == UTF8_REPLACEMENT && count < 3))
			return false;
		at += count;
	}
	return true;
}

/* If all lines end with CR LF, drops the CR. */
static bool drop_returns(char *bytes, size_t *length)
{
	size_t kept = 0;
	bool any = false;

	for (size_t i = 0; i < *length; i++)
		if (bytes[i] == '\n') {
			if (i == 0 || bytes[i - 1] != '\r')
				return false;
			any = true;
		}
	if (!any)
		return false;
	for (size_t i = 0; i < *length; i++)
		if (bytes[i] != '\r' || i + 1 == *length || bytes[i + 1] != '\n')
			bytes[kept++] = bytes[i];
	*length = kept;
	return true;
}

int file_load(const char *path, char **bytes, size_t *length, struct file_state *state)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error;
	struct stat status;

	*state = (struct file_state){ .is_text = true };
	*bytes = NULL;
	*length = 0;
	if (fd < 0)
		return errno == ENOENT ? 0 : errno;
	if (fstat(fd, &status))
		error = errno;
	else if (S_ISDIR(status.st_mode))
		error = EISDIR;
	else if (status.st_size > (off_t)FILE_BYTES_MAX)
		error = EFBIG;
	else
		error = read_all(fd, bytes, length);
	close(fd);
	if (error) {
		free(*bytes);
		*bytes = NULL;
		return error;
	}
	state->exists = true;
	state->changed_ns = time_of(&status);
	state->is_text = is_text(*bytes, *length);
	state->carriage_returns = drop_returns(*bytes, length);
	return 0;
}

/* --- Writing. --- */

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t count = write(fd, bytes, length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return errno;
		bytes += count;
		length -= (size_t)count;
	}
	return 0;
}

/* The text as it is on disk; the caller frees it. NULL: no memory. */
static char *make_bytes(const struct text *text, const struct file_state *state, size_t *length)
{
	size_t lines = text_line_count(text), at = 0;
	char *bytes = malloc(text_length(text) + lines + 1);

	if (!bytes)
		return NULL;
	if (!state->carriage_returns) {
		*length = text_length(text);
		text_copy(text, 0, *length, bytes);
		return bytes;
	}
	for (size_t line = 0; line < lines; line++) {
		size_t start = text_line_start(text, line);
		size_t count = text_line_end(text, line) - start;

		text_copy(text, start, count, bytes + at);
		at += count;
		if (line + 1 < lines) {
			bytes[at++] = '\r';
			bytes[at++] = '\n';
		}
	}
	*length = at;
	return bytes;
}

static int write_to(int fd, const struct text *text, const struct file_state *state)
{
	size_t length;
	char *bytes = make_bytes(text, state, &length);
	int error;

	if (!bytes)
		return ENOMEM;
	error = write_all(fd, bytes, length);
	free(bytes);
	if (!error && fsync(fd) && errno != EINVAL)
		error = errno;
	return error;
}

/* Over what is there: where no other file can be made beside it. */
static int save_in_place(const char *path, const struct text *text, const struct file_state *state)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), error;

	if (fd < 0)
		return errno;
	error = write_to(fd, text, state);
	if (close(fd) && !error)
		error = errno;
	return error;
}

/* What is computed from the contents is not the old file's to give. */
static bool is_computed(const char *attribute)
{
	return strcmp(attribute, "user.mime") == 0 || strcmp(attribute, "user.checksum") == 0;
}

static int copy_attribute(const char *from, int to, const char *attribute)
{
	ssize_t length = getxattr(from, attribute, NULL, 0);
	char *value = length < 0 ? NULL : malloc((size_t)length + 1);
	int error = 0;

	if (!value)
		return length < 0 ? errno : ENOMEM;
	length = getxattr(from, attribute, value, (size_t)length);
	if (length < 0 || fsetxattr(to, attribute, value, (size_t)length, 0))
		error = errno;
	free(value);
	return error;
}

/* Extended attributes, which are HMFS's forks as well. */
static int copy_attributes(const char *from, int to)
{
	ssize_t length = listxattr(from, NULL, 0);
	char *names = length > 0 ? malloc((size_t)length) : NULL;
	int error = 0;

	if (length == 0 || (length < 0 && (errno == EOPNOTSUPP || errno == ENOSYS)))
		return 0;
	if (!names)
		return length < 0 ? errno : ENOMEM;
	length = listxattr(from, names, (size_t)length);
	for (ssize_t at = 0; at < length && !error; at += (ssize_t)strlen(names + at) + 1)
		if (!is_computed(names + at))
			error = copy_attribute(from, to, names + at);
	free(names);
	return length < 0 ? errno : error;
}

static int copy_owner(const char *from, const struct stat *status, int to)
{
	/* Who may not give it away keeps it. */
	if (fchown(to, status->st_uid, status->st_gid) && errno != EPERM)
		return errno;
	if (fchmod(to, status->st_mode & 07777))
		return errno;
	return copy_attributes(from, to);
}

/* Makes the new file beside the old one, with all that belongs to it, and then puts it in its place. */
static int save_beside(const char *path, const struct text *text, const struct file_state *state,
		       bool *nothing_done)
{
	char other[PATH_MAX + 16];
	struct stat status;
	int fd, error = 0;

	snprintf(other, sizeof(other), "%s.XXXXXX", path);
	fd = mkstemp(other);
	*nothing_done = fd < 0;
	if (fd < 0)
		return errno;
	if (stat(path, &status) == 0)
		error = copy_owner(path, &status, fd);
	else if (fchmod(fd, 0644))
		error = errno;
	/* Forks that are too large for an attribute stay only with the old file. */
	*nothing_done = error != 0;
	if (!error)
		error = write_to(fd, text, state);
	if (close(fd) && !error)
		error = errno;
	if (!error && rename(other, path))
		error = errno;
	if (error)
		unlink(other);
	return error;
}

/* It says that there can be no file beside it, or none with all that belongs to it. With any other, such
 * as that of a full disk, the file could be lost if it was written over. */
static bool is_of_the_place(int error)
{
	return error == EACCES || error == EPERM || error == EROFS || error == ENAMETOOLONG ||
	       error == E2BIG || error == ERANGE || error == EOPNOTSUPP;
}

int file_save(const char *path, const struct text *text, struct file_state *state)
{
	char real[PATH_MAX];
	struct stat status;
	bool nothing_done;
	int error;

	/* A link stays one: what it leads to is written, or made. */
	if (!realpath(path, real))
		snprintf(real, sizeof(real), "%s", path);
	if (lstat(real, &status) == 0 && (!S_ISREG(status.st_mode) || status.st_nlink > 1)) {
		error = save_in_place(real, text, state);
	} else {
		error = save_beside(real, text, state, &nothing_done);
		if (error && nothing_done && is_of_the_place(error))
			error = save_in_place(real, text, state);
	}
	if (!error && stat(real, &status) == 0) {
		state->exists = true;
		state->changed_ns = time_of(&status);
	}
	return error;
}

bool file_has_changed(const char *path, const struct file_state *state)
{
	struct stat status;

	if (stat(path, &status))
		return false;
	return !state->exists || time_of(&status) != state->changed_ns;
}
