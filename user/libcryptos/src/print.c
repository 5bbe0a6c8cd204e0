/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formatted output: collected, so that a short text is one write. */
#include <base/string.h>
#include <cryptos/file.h>
#include <cryptos/print.h>

struct print_sink {
	struct format_sink sink;
	int64_t fd;
	size_t length;
	char text[512];
};

static void flush(struct print_sink *print)
{
	file_write_whole(print->fd, print->text, print->length);
	print->length = 0;
}

static void collect(struct format_sink *sink, const char *text, size_t length)
{
	struct print_sink *print = container_of(sink, struct print_sink, sink);

	while (length > 0) {
		size_t part = min_size(length, sizeof(print->text) - print->length);

		memcpy(print->text + print->length, text, part);
		print->length += part;
		text += part;
		length -= part;
		if (print->length == sizeof(print->text))
			flush(print);
	}
}

size_t print_to_list(int64_t fd, const char *format, va_list arguments)
{
	struct print_sink print = { .sink.write = collect, .fd = fd };
	size_t length = format_to_sink(&print.sink, format, arguments);

	flush(&print);
	return length;
}

size_t print_to(int64_t fd, const char *format, ...)
{
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	length = print_to_list(fd, format, arguments);
	va_end(arguments);
	return length;
}

size_t print(const char *format, ...)
{
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	length = print_to_list(FD_OUTPUT, format, arguments);
	va_end(arguments);
	return length;
}

const char *error_name(int64_t error)
{
	static const char *const names[] = {
		[EPERM] = "EPERM",
		[ENOENT] = "ENOENT",
		[ESRCH] = "ESRCH",
		[EINTR] = "EINTR",
		[EIO] = "EIO",
		[ENXIO] = "ENXIO",
		[E2BIG] = "E2BIG",
		[ENOEXEC] = "ENOEXEC",
		[EBADF] = "EBADF",
		[ECHILD] = "ECHILD",
		[EAGAIN] = "EAGAIN",
		[ENOMEM] = "ENOMEM",
		[EACCES] = "EACCES",
		[EFAULT] = "EFAULT",
		[EBUSY] = "EBUSY",
		[EEXIST] = "EEXIST",
		[EXDEV] = "EXDEV",
		[ENODEV] = "ENODEV",
		[ENOTDIR] = "ENOTDIR",
		[EISDIR] = "EISDIR",
		[EINVAL] = "EINVAL",
		[ENFILE] = "ENFILE",
		[EMFILE] = "EMFILE",
		[ENOTTY] = "ENOTTY",
		[EFBIG] = "EFBIG",
		[ENOSPC] = "ENOSPC",
		[ESPIPE] = "ESPIPE",
		[EROFS] = "EROFS",
		[EPIPE] = "EPIPE",
		[ERANGE] = "ERANGE",
		[ENAMETOOLONG] = "ENAMETOOLONG",
		[ENOSYS] = "ENOSYS",
		[ENOTEMPTY] = "ENOTEMPTY",
		[ELOOP] = "ELOOP",
		[EOVERFLOW] = "EOVERFLOW",
		[EOPNOTSUPP] = "EOPNOTSUPP",
		[ETIMEDOUT] = "ETIMEDOUT",
	};

	if (error < 0)
		error = -error;
	if (error >= (int64_t)array_length(names) || !names[error])
		return "no error of ours";
	return names[error];
}
