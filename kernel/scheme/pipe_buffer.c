/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes in a pipe. */
#include "pipe_buffer.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>

static unsigned slot_of(uint64_t position)
{
	return (unsigned)(position >> PAGE_SHIFT) % PIPE_PAGES;
}

void pipe_buffer_fini(struct pipe_buffer *buffer)
{
	for (unsigned i = 0; i < PIPE_PAGES; i++)
		kfree(buffer->pages[i]);
	kfree(buffer->spare);
	kfree(buffer->packets);
}

static int ensure_page(struct pipe_buffer *buffer, unsigned slot)
{
	if (buffer->pages[slot])
		return 0;
	buffer->pages[slot] = buffer->spare ? buffer->spare : kmalloc(PAGE_SIZE);
	buffer->spare = NULL;
	return buffer->pages[slot] ? 0 : -ENOMEM;
}

int pipe_buffer_reserve(struct pipe_buffer *buffer, size_t length)
{
	uint64_t position = align_down(buffer->head, PAGE_SIZE);
	int error = 0;

	for (; !error && position < buffer->head + length; position += PAGE_SIZE)
		error = ensure_page(buffer, slot_of(position));
	return error;
}

ssize_t pipe_buffer_write(struct pipe_buffer *buffer, struct io *io, size_t length)
{
	size_t done = 0;

	length = min_size(length, pipe_buffer_room(buffer));
	while (done < length) {
		unsigned slot = slot_of(buffer->head);
		size_t offset = buffer->head & (PAGE_SIZE - 1);
		size_t chunk = min_size(length - done, PAGE_SIZE - offset);
		ssize_t count = ensure_page(buffer, slot);

		if (!count)
			count = io_take(io, (char *)buffer->pages[slot] + offset, chunk);
		if (count < 0)
			return done ? (ssize_t)done : count;
		buffer->head += (size_t)count;
		done += (size_t)count;
		if ((size_t)count < chunk)
			break;
	}
	return (ssize_t)done;
}

/* The page was read to its end. It stays if what was written last has come round to it. */
static void release_page(struct pipe_buffer *buffer, uint64_t end)
{
	unsigned slot = slot_of(end - 1);

	if (buffer->head > end - PAGE_SIZE + PIPE_SIZE)
		return;
	if (!buffer->spare)
		buffer->spare = buffer->pages[slot];
	else
		kfree(buffer->pages[slot]);
	buffer->pages[slot] = NULL;
}

static void advance(struct pipe_buffer *buffer, size_t count)
{
	while (count) {
		uint64_t end = align_down(buffer->tail, PAGE_SIZE) + PAGE_SIZE;
		size_t step = min_size(count, (size_t)(end - buffer->tail));

		buffer->tail += step;
		count -= step;
		if (buffer->tail == end)
			release_page(buffer, end);
	}
	/* An empty pipe goes on at the start of its page, so that short messages, one at a time,
	 * never need another. */
	if (buffer->tail == buffer->head && buffer->packet_count == 0)
		buffer->head = buffer->tail = align_down(buffer->head, PAGE_SIZE);
}

ssize_t pipe_buffer_read(struct pipe_buffer *buffer, struct io *io, size_t length)
{
	size_t done = 0;

	length = min_size(length, pipe_buffer_used(buffer));
	while (done < length) {
		size_t offset = buffer->tail & (PAGE_SIZE - 1);
		size_t chunk = min_size(length - done, PAGE_SIZE - offset);
		const char *page = buffer->pages[slot_of(buffer->tail)];
		ssize_t count = io_put(io, page + offset, chunk);

		if (count < 0)
			return done ? (ssize_t)done : count;
		advance(buffer, (size_t)count);
		done += (size_t)count;
		if ((size_t)count < chunk)
			break;
	}
	return (ssize_t)done;
}

int pipe_buffer_prepare_packet(struct pipe_buffer *buffer)
{
	if (buffer->packet_count == PIPE_PACKETS)
		return -EAGAIN;
	if (!buffer->packets)
		buffer->packets = kcalloc(PIPE_PACKETS, sizeof(*buffer->packets));
	return buffer->packets ? 0 : -ENOMEM;
}

void pipe_buffer_end_packet(struct pipe_buffer *buffer)
{
	buffer->packets[buffer->packet_count++] = buffer->head;
}

size_t pipe_buffer_packet(const struct pipe_buffer *buffer)
{
	return buffer->packet_count ? (size_t)(buffer->packets[0] - buffer->tail) : 0;
}

void pipe_buffer_drop_packet(struct pipe_buffer *buffer, size_t length, size_t read)
{
	buffer->packet_count--;
	memmove(buffer->packets, buffer->packets + 1,
		buffer->packet_count * sizeof(*buffer->packets));
	advance(buffer, length - read);
}
