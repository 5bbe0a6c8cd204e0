/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decoding in another process, see decode.h. It sends a header and the pixels through a pipe. */
#include "decode.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image.h"

#define FILE_MAX        (256u << 20) /* bytes */
#define SECONDS_MAX     30
#define CHUNK           65536
#define HEADER_MAGIC    0x31474d49u
#define READS_AT_A_TIME 64

#ifndef DECODE_MEMORY_MAX
#define DECODE_MEMORY_MAX (1024ul << 20)
#endif

struct header {
	uint32_t magic, width, height, has_alpha;
};
_Static_assert(sizeof(struct header) == 16, "the header's size");

static void limit(int resource, rlim_t value)
{
	struct rlimit bounds = { value, value };

	setrlimit(resource, &bounds);
}

static bool write_all(int fd, const void *bytes, size_t length)
{
	while (length > 0) {
		ssize_t count = write(fd, bytes, length);

		if (count <= 0)
			return false;
		bytes = (const char *)bytes + count;
		length -= (size_t)count;
	}
	return true;
}

static uint8_t *read_file(int fd, size_t *size)
{
	off_t length = lseek(fd, 0, SEEK_END);
	uint8_t *bytes;
	size_t done = 0;

	if (length <= 0 || length > (off_t)FILE_MAX || lseek(fd, 0, SEEK_SET) < 0)
		return NULL;
	bytes = malloc((size_t)length);
	while (bytes && done < (size_t)length) {
		ssize_t count = read(fd, bytes + done, (size_t)length - done);

		if (count <= 0)
			break;
		done += (size_t)count;
	}
	*size = done;
	return bytes;
}

/* The other process: everything that looks into the file. */
static _Noreturn void decode_in_child(int file, int output)
{
	struct header header = { .magic = HEADER_MAGIC };
	struct image image;
	uint8_t *bytes;
	size_t size;

	limit(RLIMIT_AS, DECODE_MEMORY_MAX);
	limit(RLIMIT_CPU, SECONDS_MAX);
	limit(RLIMIT_CORE, 0);
	bytes = read_file(file, &size);
	if (!bytes || !image_decode(&image, bytes, size))
		_exit(1);
	header.width = (uint32_t)image.width;
	header.height = (uint32_t)image.height;
	header.has_alpha = image.has_alpha;
	if (!write_all(output, &header, sizeof(header)) ||
	    !write_all(output, image.pixels,
		       (size_t)image.width * (size_t)image.height * sizeof(*image.pixels)))
		_exit(1);
	_exit(0);
}

int decode_start(struct decode *decode, const char *path, int close_fd)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), ends[2];

	decode_stop(decode);
	if (file < 0)
		return -1;
	if (pipe2(ends, O_CLOEXEC) < 0) {
		close(file);
		return -1;
	}
	decode->process = fork();
	if (decode->process == 0) {
		if (close_fd >= 0)
			close(close_fd);
		close(ends[0]);
		decode_in_child(file, ends[1]);
	}
	close(file);
	close(ends[1]);
	if (decode->process < 0) {
		close(ends[0]);
		decode->process = 0;
		return -1;
	}
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	decode->fd = ends[0];
	return 0;
}

static bool take_header(struct decode *decode)
{
	struct header header;

	memcpy(&header, decode->header, sizeof(header));
	if (header.magic != HEADER_MAGIC || header.width - 1 >= DECODE_SIDE_MAX ||
	    header.height - 1 >= DECODE_SIDE_MAX ||
	    (uint64_t)header.width * header.height > DECODE_PIXELS_MAX)
		return false;
	decode->width = (int)header.width;
	decode->height = (int)header.height;
	decode->has_alpha = header.has_alpha;
	decode->pixels = malloc((size_t)header.width * header.height * sizeof(*decode->pixels));
	return decode->pixels != NULL;
}

/* Where the next bytes go, and how many there can be. */
static void *next_place(const struct decode *decode, size_t *room)
{
	size_t total = (size_t)decode->width * (size_t)decode->height * sizeof(*decode->pixels);
	size_t at = decode->received;

	if (at < sizeof(decode->header)) {
		*room = sizeof(decode->header) - at;
		return (uint8_t *)(uintptr_t)decode->header + at;
	}
	at -= sizeof(decode->header);
	*room = total - at < CHUNK ? total - at : CHUNK;
	return (uint8_t *)decode->pixels + at;
}

static void end_process(struct decode *decode)
{
	if (decode->process == 0)
		return;
	kill(decode->process, SIGKILL);
	while (waitpid(decode->process, NULL, 0) < 0 && errno == EINTR)
		;
	close(decode->fd);
	decode->process = 0;
}

static enum decode_state fail(struct decode *decode)
{
	decode_stop(decode);
	return DECODE_FAILED;
}

enum decode_state decode_continue(struct decode *decode)
{
	for (int i = 0; i < READS_AT_A_TIME; i++) {
		size_t room;
		void *place = next_place(decode, &room);
		ssize_t count = read(decode->fd, place, room);

		if (count < 0 && (errno == EAGAIN || errno == EINTR))
			return DECODE_RUNS;
		if (count <= 0)
			return fail(decode);
		decode->received += (size_t)count;
		if (decode->received == sizeof(decode->header) && !take_header(decode))
			return fail(decode);
		if (decode->received < sizeof(decode->header))
			continue;
		next_place(decode, &room);
		if (room == 0) {
			end_process(decode);
			return DECODE_DONE;
		}
	}
	return DECODE_RUNS;
}

void decode_stop(struct decode *decode)
{
	end_process(decode);
	free(decode->pixels);
	*decode = (struct decode){ 0 };
}
