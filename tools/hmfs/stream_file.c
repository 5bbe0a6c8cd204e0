/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams through descriptors: files, pipes, sockets. */
#include <errno.h>
#include <unistd.h>

#include "program.h"
#include "stream_file.h"

int stream_file_write(void *context, const void *bytes, size_t length)
{
	struct stream_file *stream = context;
	const uint8_t *from = bytes;

	while (length > 0) {
		ssize_t put = write(stream->file, from, length);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0) {
			stream->failed = true;
			return -errno;
		}
		from += put;
		length -= (size_t)put;
	}
	return 0;
}

ssize_t stream_file_read(void *context, void *bytes, size_t length)
{
	struct stream_file *stream = context;
	ssize_t got;

	do
		got = read(stream->file, bytes, length);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		stream->failed = true;
		return -errno;
	}
	stream->done += (uint64_t)got;
	if (stream->total)
		progress("receiving", stream->done, stream->total);
	return got;
}
