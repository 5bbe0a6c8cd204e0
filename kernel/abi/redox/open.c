/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening, and the flags of open files. */
#include "redox.h"

#include <base/string.h>
#include <mm/phys/slab.h>
#include <proc/process.h>

/* The flags that mean the same, bit by bit. */
static const struct {
	uint64_t redox;
	unsigned file;
} flag_pairs[] = {
	{ REDOX_O_NONBLOCK, FILE_NONBLOCK },     { REDOX_O_APPEND, FILE_APPEND },
	{ REDOX_O_ASYNC, FILE_ASYNC },           { REDOX_O_FSYNC, FILE_DSYNC },
	{ REDOX_O_CREAT, FILE_CREATE },          { REDOX_O_TRUNC, FILE_TRUNCATE },
	{ REDOX_O_EXCL, FILE_EXCLUSIVE },        { REDOX_O_DIRECTORY, FILE_DIRECTORY },
	{ REDOX_O_NOFOLLOW, FILE_NO_FOLLOW },    { REDOX_O_SYMLINK, FILE_NO_FOLLOW | FILE_LINK },
	{ REDOX_O_CLOEXEC, FILE_CLOSE_ON_EXEC },
};

static unsigned access_of(uint64_t flags)
{
	switch (flags & REDOX_O_ACCMODE) {
	case REDOX_O_RDONLY:
		return FILE_READ_ONLY;
	case REDOX_O_WRONLY:
		return FILE_WRITE_ONLY;
	case REDOX_O_RDWR:
		return FILE_READ_WRITE;
	default:
		return FILE_ACCESS;
	}
}

unsigned redox_file_flags(uint64_t flags)
{
	unsigned made = FILE_NO_TTY;

	/* A link that is made can be written to, and what is only looked at cannot be read. */
	if ((flags & REDOX_O_CREAT) && (flags & REDOX_O_SYMLINK))
		flags |= REDOX_O_WRONLY;
	else if (flags & REDOX_O_STAT)
		flags &= ~(uint64_t)REDOX_O_ACCMODE;
	made |= access_of(flags);
	if (!(flags & ~(uint64_t)(REDOX_O_ACCMODE | REDOX_O_PERMISSIONS)))
		return made;
	for (size_t i = 0; i < array_length(flag_pairs); i++) {
		if (flags & flag_pairs[i].redox)
			made |= flag_pairs[i].file;
	}
	return made;
}

/* Those that programs may switch while the file is open. The others are only remembered. */
#define LIVE_FLAGS (REDOX_O_NONBLOCK | REDOX_O_APPEND | REDOX_O_ASYNC | REDOX_O_FSYNC)
#define KEPT_FLAGS (~(uint32_t)(LIVE_FLAGS | REDOX_O_CLOEXEC))

static uint64_t access_of_file(const struct file *file)
{
	switch (file->flags & FILE_ACCESS) {
	case FILE_READ_ONLY:
		return file->flags & FILE_PATH ? 0 : REDOX_O_RDONLY;
	case FILE_WRITE_ONLY:
		return REDOX_O_WRONLY;
	case FILE_READ_WRITE:
		return REDOX_O_RDWR;
	default:
		return 0;
	}
}

uint64_t redox_flags_of_file(const struct file *file)
{
	unsigned flags = file->flags;
	uint64_t made = file->other_flags;

	/* None is kept of files that Linux programs opened, and of pipes. */
	if (!(made & REDOX_O_ACCMODE))
		made |= access_of_file(file);
	for (size_t i = 0; i < array_length(flag_pairs); i++) {
		if ((flag_pairs[i].redox & LIVE_FLAGS) && (flags & flag_pairs[i].file))
			made |= flag_pairs[i].redox;
	}
	return made;
}

void redox_set_flags_of_file(struct file *file, uint64_t flags)
{
	unsigned live = file->flags;

	for (size_t i = 0; i < array_length(flag_pairs); i++) {
		if (!(flag_pairs[i].redox & LIVE_FLAGS))
			continue;
		live &= ~flag_pairs[i].file;
		if (flags & flag_pairs[i].redox)
			live |= flag_pairs[i].file;
	}
	file->flags = live;
	file->other_flags = (file->other_flags & REDOX_O_ACCMODE) |
			    ((uint32_t)flags & KEPT_FLAGS & ~(uint32_t)REDOX_O_ACCMODE);
}

static int open_path(struct redox_path *path, uint64_t flags, struct file **file)
{
	const uint32_t mode = flags & REDOX_O_PERMISSIONS;
	const struct scheme_request request = {
		.path = path->rest,
		.length = path->rest_length,
		.credentials = path->walker.credentials,
		.flags = redox_file_flags(flags),
		.mode = mode,
		.redox_flags = flags,
	};

	if (path->scheme->ops->open)
		return path->scheme->ops->open(path->scheme, &request, file);
	return path_open(&path->walker, NULL, redox_path_in_tree(path), redox_file_flags(flags),
			 mode, file);
}

#define LINKS_MAX       32 /* from scheme to scheme, in one open */
#define LINK_TARGET_MAX 4096

/* Makes `path` what the link that it names leads to. */
static int follow_link(struct redox_path *path)
{
	const uint64_t flags = REDOX_O_CLOEXEC | REDOX_O_SYMLINK | REDOX_O_RDONLY;
	struct redox_path target;
	struct file *link;
	ssize_t length;
	struct io io;
	char *text;
	int error = open_path(path, flags, &link);

	if (error)
		return error;
	text = kmalloc(LINK_TARGET_MAX + 1);
	if (!text) {
		file_put(link);
		return -ENOMEM;
	}
	io_init_kernel(&io, text, LINK_TARGET_MAX);
	length = redox_transfer(link, &io, NULL, false);
	file_put(link);
	error = length < 0 ? (int)length : 0;
	if (!error) {
		text[length] = '\0';
		error = redox_text_is_valid(text, (size_t)length) ? 0 : -EINVAL;
	}
	if (!error)
		error = redox_path_begin_text(&target, text);
	kfree(text);
	if (error)
		return error;
	redox_path_end(path);
	*path = target;
	return 0;
}

/* Locks the whole file, as O_SHLOCK and O_EXLOCK ask for, until its last descriptor is closed. */
static int lock(struct file *file, uint64_t flags)
{
	const struct file_lock_range range = {
		.end = UINT64_MAX,
		.type = flags & REDOX_O_EXLOCK ? 1 : 0,
		.pid = process_current()->pid,
	};

	if (!(flags & (REDOX_O_SHLOCK | REDOX_O_EXLOCK)) || !node_is(file->node, MODE_FILE))
		return 0;
	return file_lock(file, file, &range, !(flags & REDOX_O_NONBLOCK));
}

int redox_open_path(struct redox_path *path, uint64_t flags, struct file **file)
{
	unsigned links = 0;
	int error;

	flags &= ~(uint64_t)file_context_umask();
	error = open_path(path, flags, file);
	while (error == -EXDEV) {
		error = ++links < LINKS_MAX ? follow_link(path) : -ELOOP;
		if (!error)
			error = open_path(path, flags, file);
	}
	if (error)
		return error;
	(*file)->other_flags = (uint32_t)flags & KEPT_FLAGS;
	if (!path->scheme->ops->open)
		error = lock(*file, flags);
	if (error)
		file_put(*file);
	return error;
}

/* A directory is read as it is now. */
static int take_names(struct file *file)
{
	if (!file->readable || !node_is(file->node, MODE_DIRECTORY) || file->ops->read)
		return 0;
	return file_take_names(file);
}

int redox_open_file(struct redox_path *path, uint64_t flags, struct file **file)
{
	int error = redox_open_path(path, flags, file);

	if (error)
		return error;
	error = take_names(*file);
	if (error)
		file_put(*file);
	return error;
}

int64_t redox_open(const struct redox_call *call)
{
	struct redox_path path;
	struct file *file;
	int error = redox_path_begin(&path, call->argument[0], call->argument[1]);

	if (error)
		return error;
	error = redox_open_file(&path, call->argument[2], &file);
	redox_path_end(&path);
	return error ? error : fd_add(file, call->argument[2] & REDOX_O_CLOEXEC);
}
