/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * redox-echo: serves the scheme echo. A file "echo:NAME" holds the line "NAME" until something is
 * written to it, and then that; "echo:" is the directory of those that were written. An unlinked one
 * is as it was at first. Each open file reads at one place and writes at another, both from the
 * start, so that it gives back what it was given. A descriptor duplicated with a name is one of that
 * file.
 *
 * An example of a scheme that processes serve; init starts it.
 */
#include <cryptos/memory.h>
#include <cryptos/print.h>
#include <cryptos/scheme.h>

#define FILES        32   /* with something written */
#define FILE_SIZE    4096 /* at most */
#define NAME_SIZE    64
#define OPENED       256
#define MODE_DIR     0x4000
#define MODE_FILE    0x8000
#define DEFAULT_MODE (MODE_FILE | 0666)

/* What was written under a name. */
struct content {
	char name[NAME_SIZE]; /* empty: the place is free */
	size_t size;
	char bytes[FILE_SIZE];
};

/* An open file; numbers are places in `opened`. */
struct opened {
	bool used;
	bool directory;
	uint64_t flags;
	uint64_t read_offset;
	uint64_t write_offset;
	char name[NAME_SIZE];
};

static struct content *contents[FILES];
static struct opened opened[OPENED];

/* What was written under the name, or NULL. */
static struct content *find_content(const char *name)
{
	for (size_t i = 0; i < FILES; i++)
		if (contents[i] && strcmp(contents[i]->name, name) == 0)
			return contents[i];
	return NULL;
}

/* The text of a file that was never written: its name and a newline. */
static size_t default_text(const char *name, char *text, size_t size)
{
	return (size_t)snprintf(text, size, "%s\n", name);
}

/* Found, or made empty. */
static struct content *need_content(const char *name)
{
	struct content *content = find_content(name);

	for (size_t i = 0; !content && i < FILES; i++) {
		if (contents[i])
			continue;
		content = memory_allocate(sizeof(*content));
		if (!content)
			return NULL;
		string_copy(content->name, name, sizeof(content->name));
		content->size = 0;
		contents[i] = content;
	}
	return content;
}

/* The names of all that was written, joined by newlines. */
static size_t list_names(char *text, size_t size)
{
	size_t length = 0;

	for (size_t i = 0; i < FILES; i++)
		if (contents[i])
			length += (size_t)snprintf(text + length, size - length, "%s%s",
						   length ? "\n" : "", contents[i]->name);
	return length;
}

static int64_t open_name(const char *name, size_t length, uint64_t flags)
{
	uint64_t access = flags & REDOX_O_ACCMODE;
	size_t number = 0;
	struct opened *file;

	if (length >= NAME_SIZE)
		return -ENAMETOOLONG;
	if (memchr(name, '/', length))
		return -ENOENT;
	if (length == 0 && access != REDOX_O_RDONLY && access != 0)
		return -EISDIR;
	if (length > 0 && flags & REDOX_O_DIRECTORY)
		return -ENOTDIR;
	while (number < OPENED && opened[number].used)
		number++;
	if (number == OPENED)
		return -ENFILE;
	file = &opened[number];
	*file = (struct opened){ .used = true, .directory = length == 0, .flags = flags };
	memcpy(file->name, name, length);
	if (flags & REDOX_O_TRUNC && access & REDOX_O_WRONLY) {
		struct content *content = need_content(file->name);

		if (!content) {
			file->used = false;
			return -ENOSPC;
		}
		content->size = 0;
	}
	return (int64_t)number;
}

static int64_t echo_open(const struct scheme_request *request, const char *path, size_t length,
			 uint64_t flags)
{
	(void)request;
	while (length > 0 && *path == '/') {
		path++;
		length--;
	}
	return open_name(path, length, flags);
}

static int64_t echo_unlink(const struct scheme_request *request, const char *path, size_t length)
{
	(void)request;
	for (size_t i = 0; i < FILES; i++) {
		if (!contents[i] || strlen(contents[i]->name) != length ||
		    memcmp(contents[i]->name, path, length) != 0)
			continue;
		memory_free(contents[i]);
		contents[i] = NULL;
		return 0;
	}
	return -ENOENT;
}

static struct opened *find_opened(uint64_t number)
{
	return number < OPENED && opened[number].used ? &opened[number] : NULL;
}

static int64_t echo_duplicate(const struct scheme_request *request, uint64_t number,
			      const char *name, size_t length)
{
	const struct opened *file = find_opened(number);

	(void)request;
	return file ? open_name(name, length, file->flags & ~(uint64_t)REDOX_O_TRUNC) : -EBADF;
}

/* All that the file holds; `text` is room for what is made up. */
static const char *file_text(const struct opened *file, char text[static FILE_SIZE], size_t *size)
{
	const struct content *content = find_content(file->name);

	if (file->directory) {
		*size = list_names(text, FILE_SIZE);
		return text;
	}
	if (content) {
		*size = content->size;
		return content->bytes;
	}
	*size = default_text(file->name, text, FILE_SIZE);
	return text;
}

static int64_t echo_read(const struct scheme_request *request, uint64_t number, void *buffer,
			 size_t size)
{
	struct opened *file = find_opened(number);
	char room[FILE_SIZE];
	const char *text;
	size_t length;

	(void)request;
	if (!file || !(file->flags & REDOX_O_RDONLY))
		return -EBADF;
	text = file_text(file, room, &length);
	if (file->read_offset >= length)
		return 0;
	size = min_size(size, length - file->read_offset);
	memcpy(buffer, text + file->read_offset, size);
	file->read_offset += size;
	return (int64_t)size;
}

static int64_t echo_write(const struct scheme_request *request, uint64_t number, const void *bytes,
			  size_t size)
{
	struct opened *file = find_opened(number);
	struct content *content;

	(void)request;
	if (!file || !(file->flags & REDOX_O_WRONLY))
		return -EBADF;
	content = need_content(file->name);
	if (!content)
		return -ENOSPC;
	if (file->flags & REDOX_O_APPEND)
		file->write_offset = content->size;
	if (size == 0)
		return 0;
	if (file->write_offset >= FILE_SIZE)
		return -EFBIG;
	size = min_size(size, FILE_SIZE - file->write_offset);
	if (file->write_offset > content->size)
		memset(content->bytes + content->size, 0, file->write_offset - content->size);
	memcpy(content->bytes + file->write_offset, bytes, size);
	file->write_offset += size;
	content->size = max_u64(content->size, file->write_offset);
	return (int64_t)size;
}

static int64_t echo_seek(const struct scheme_request *request, uint64_t number, int64_t offset,
			 unsigned whence)
{
	struct opened *file = find_opened(number);
	char room[FILE_SIZE];
	size_t length;
	int64_t from = 0;

	(void)request;
	if (!file)
		return -EBADF;
	file_text(file, room, &length);
	if (whence == REDOX_SEEK_CUR)
		from = (int64_t)file->read_offset;
	else if (whence == REDOX_SEEK_END)
		from = (int64_t)length;
	else if (whence != REDOX_SEEK_SET)
		return -EINVAL;
	if (__builtin_add_overflow(from, offset, &from) || from < 0)
		return -EINVAL;
	file->read_offset = file->write_offset = (uint64_t)from;
	return from;
}

static int64_t echo_status(const struct scheme_request *request, uint64_t number,
			   struct redox_stat *status)
{
	const struct opened *file = find_opened(number);
	char room[FILE_SIZE];
	size_t length;

	(void)request;
	if (!file)
		return -EBADF;
	file_text(file, room, &length);
	status->mode = file->directory ? MODE_DIR | 0777 : DEFAULT_MODE;
	status->number = file->directory ? 1 : number + 2;
	status->links = 1;
	status->size = length;
	status->block_size = FILE_SIZE;
	status->blocks = align_up(length, 512) / 512;
	return 0;
}

static int64_t echo_path(const struct scheme_request *request, uint64_t number, char *buffer,
			 size_t size)
{
	const struct opened *file = find_opened(number);
	char path[NAME_SIZE + 8];
	size_t length;

	(void)request;
	if (!file)
		return -EBADF;
	length = min_size(size, (size_t)snprintf(path, sizeof(path), "echo:%s", file->name));
	memcpy(buffer, path, length);
	return (int64_t)length;
}

static int64_t echo_truncate(const struct scheme_request *request, uint64_t number, uint64_t size)
{
	const struct opened *file = find_opened(number);
	struct content *content;

	(void)request;
	if (!file || !(file->flags & REDOX_O_WRONLY))
		return -EBADF;
	if (size > FILE_SIZE)
		return -EFBIG;
	content = need_content(file->name);
	if (!content)
		return -ENOSPC;
	if (size > content->size)
		memset(content->bytes + content->size, 0, size - content->size);
	content->size = size;
	return 0;
}

static int64_t echo_close(const struct scheme_request *request, uint64_t number)
{
	struct opened *file = find_opened(number);

	(void)request;
	if (!file)
		return -EBADF;
	file->used = false;
	return 0;
}

static const struct scheme_handlers handlers = {
	.open = echo_open,
	.unlink = echo_unlink,
	.duplicate = echo_duplicate,
	.read = echo_read,
	.write = echo_write,
	.seek = echo_seek,
	.status = echo_status,
	.path = echo_path,
	.truncate = echo_truncate,
	.close = echo_close,
};

int main(int count, char **arguments)
{
	struct scheme_server server;
	int64_t service = service_begin();
	int64_t error = service < 0 ? service : scheme_create(&server, "echo", &handlers, NULL);

	(void)count;
	if (error < 0) {
		print_to(FD_ERROR, "%s: cannot serve echo: %s\n", arguments[0], error_name(error));
		return 1;
	}
	service_ready(service);
	return scheme_serve(&server) < 0;
}
