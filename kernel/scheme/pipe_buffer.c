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

/* From `position` to the end of its page. */
static size_t left_in_page(uint64_t position)
{
	return PAGE_SIZE - (position & (PAGE_SIZE - 1));
}

void pipe_buffer_init(struct pipe_buffer *buffer)
{
	memset(buffer, 0, sizeof(*buffer));
	spinlock_init(&buffer->lock, RANK_DRIVER, "pipe buffer");
}

void pipe_buffer_fini(struct pipe_buffer *buffer)
{
	for (unsigned i = 0; i < PIPE_PAGES; i++)
		kfree(buffer->pages[i]);
	kfree(buffer->spare);
	kfree(buffer->packets);
}

static size_t used_locked(const struct pipe_buffer *buffer)
{
	return (size_t)(buffer->head - buffer->tail);
}

static bool writable_locked(const struct pipe_buffer *buffer)
{
	return PIPE_SIZE - used_locked(buffer) >= PIPE_ATOMIC &&
	       buffer->packet_count < PIPE_PACKETS;
}

size_t pipe_buffer_used(struct pipe_buffer *buffer)
{
	size_t used;

	spin_lock(&buffer->lock);
	used = used_locked(buffer);
	spin_unlock(&buffer->lock);
	return used;
}

bool pipe_buffer_writable(struct pipe_buffer *buffer)
{
	bool writable;

	spin_lock(&buffer->lock);
	writable = writable_locked(buffer);
	spin_unlock(&buffer->lock);
	return writable;
}

/* --- Reading. --- */

/* The page was read to its end. It stays if the writer has come round to it. */
static void release_page(struct pipe_buffer *buffer, uint64_t end)
{
	unsigned slot = slot_of(end - 1);

	if (buffer->reserved > end - PAGE_SIZE + PIPE_SIZE)
		return;
	if (!buffer->spare)
		buffer->spare = buffer->pages[slot];
	else
		kfree(buffer->pages[slot]);
	buffer->pages[slot] = NULL;
}

static void advance_tail(struct pipe_buffer *buffer, size_t count)
{
	while (count) {
		size_t step = min_size(count, left_in_page(buffer->tail));

		buffer->tail += step;
		count -= step;
		if (buffer->tail % PAGE_SIZE == 0)
			release_page(buffer, buffer->tail);
	}
	/* An empty pipe goes on at the start of its page, so that short messages, one at a time,
	 * never need another. */
	if (buffer->tail == buffer->reserved && buffer->packet_count == 0)
		buffer->head = buffer->tail = buffer->reserved =
			align_down(buffer->tail, PAGE_SIZE);
}

static void drop_first_packet(struct pipe_buffer *buffer)
{
	buffer->packet_count--;
	memmove(buffer->packets, buffer->packets + 1,
		buffer->packet_count * sizeof(*buffer->packets));
}

/* What can be read now, a packet or all; *start is where. */
static size_t find_readable(struct pipe_buffer *buffer, uint64_t *start, bool *packet)
{
	size_t length;

	spin_lock(&buffer->lock);
	*start = buffer->tail;
	*packet = buffer->packet_count != 0;
	length = *packet ? (size_t)(buffer->packets[0] - buffer->tail) : used_locked(buffer);
	spin_unlock(&buffer->lock);
	return length;
}

/* Copies out what lies at `position`, up to `length` bytes. The reader alone frees pages, so
 * those that hold bytes stay. */
static ssize_t copy_out(const struct pipe_buffer *buffer, struct io *io, uint64_t position,
			size_t length)
{
	size_t done = 0;

	while (done < length) {
		const char *page = buffer->pages[slot_of(position)];
		size_t chunk = min_size(length - done, left_in_page(position));
		ssize_t count = io_put(io, page + (position & (PAGE_SIZE - 1)), chunk);

		if (count < 0)
			return done ? (ssize_t)done : count;
		done += (size_t)count;
		position += (size_t)count;
		if ((size_t)count < chunk)
			break;
	}
	return (ssize_t)done;
}

ssize_t pipe_buffer_read(struct pipe_buffer *buffer, struct io *io, bool *made_writable)
{
	bool packet, was_writable;
	uint64_t start;
	size_t length = find_readable(buffer, &start, &packet);
	ssize_t count = copy_out(buffer, io, start, min_size(length, io_remaining(io)));

	*made_writable = false;
	if (count < 0 || length == 0)
		return count;
	spin_lock(&buffer->lock);
	was_writable = writable_locked(buffer);
	if (packet)
		drop_first_packet(buffer);
	advance_tail(buffer, packet ? length : (size_t)count);
	*made_writable = !was_writable && writable_locked(buffer);
	spin_unlock(&buffer->lock);
	return count;
}

/* --- Writing. --- */

/* Sets aside room for `length` bytes, or what there is; *start is where. 0: not `minimum`. */
static size_t reserve(struct pipe_buffer *buffer, size_t length, size_t minimum, uint64_t *start)
{
	spin_lock(&buffer->lock);
	length = min_size(length, PIPE_SIZE - used_locked(buffer));
	if (length < minimum)
		length = 0;
	*start = buffer->head;
	buffer->reserved = buffer->head + length;
	spin_unlock(&buffer->lock);
	return length;
}

/* The page that `position` is in, allocated if need be. NULL: out of memory. What is reserved
 * the reader does not free. */
static char *page_at(struct pipe_buffer *buffer, uint64_t position)
{
	void **slot = &buffer->pages[slot_of(position)];
	void *page;

	spin_lock(&buffer->lock);
	if (!*slot) {
		*slot = buffer->spare;
		buffer->spare = NULL;
	}
	page = *slot;
	spin_unlock(&buffer->lock);
	if (page)
		return page;
	page = kmalloc(PAGE_SIZE);
	spin_lock(&buffer->lock);
	*slot = page;
	spin_unlock(&buffer->lock);
	return page;
}

/* Copies in up to `length` bytes, which are reserved, to `position`. */
static ssize_t copy_in(struct pipe_buffer *buffer, struct io *io, uint64_t position, size_t length)
{
	size_t done = 0;

	while (done < length) {
		size_t chunk = min_size(length - done, left_in_page(position));
		char *page = page_at(buffer, position);
		ssize_t count = -ENOMEM;

		if (page)
			count = io_take(io, page + (position & (PAGE_SIZE - 1)), chunk);
		if (count < 0)
			return done ? (ssize_t)done : count;
		done += (size_t)count;
		position += (size_t)count;
		if ((size_t)count < chunk)
			break;
	}
	return (ssize_t)done;
}

/* What is all or nothing must not run out of memory half way. */
static int allocate_ahead(struct pipe_buffer *buffer, uint64_t start, size_t length)
{
	if (length > PIPE_ATOMIC)
		return 0;
	if (!page_at(buffer, start) || !page_at(buffer, start + length - 1))
		return -ENOMEM;
	return 0;
}

/* Ends a write: what was copied can be read now. */
static void publish(struct pipe_buffer *buffer, size_t count, bool packet, bool *was_empty)
{
	spin_lock(&buffer->lock);
	*was_empty = count && used_locked(buffer) == 0;
	buffer->head += count;
	buffer->reserved = buffer->head;
	if (packet && count)
		buffer->packets[buffer->packet_count++] = buffer->head;
	spin_unlock(&buffer->lock);
}

/* -ENOMEM, or -EAGAIN where too many packets wait. */
static int prepare_packet(struct pipe_buffer *buffer)
{
	int error;

	if (!buffer->packets)
		buffer->packets = kcalloc(PIPE_PACKETS, sizeof(*buffer->packets));
	if (!buffer->packets)
		return -ENOMEM;
	spin_lock(&buffer->lock);
	error = buffer->packet_count == PIPE_PACKETS ? -EAGAIN : 0;
	spin_unlock(&buffer->lock);
	return error;
}

ssize_t pipe_buffer_write(struct pipe_buffer *buffer, struct io *io, size_t minimum, bool packet,
			  bool *was_empty)
{
	size_t length = io_remaining(io);
	uint64_t start;
	ssize_t count;

	*was_empty = false;
	if (packet) {
		minimum = length = min_size(length, PIPE_ATOMIC);
		count = prepare_packet(buffer);
		if (count)
			return count;
	}
	length = reserve(buffer, length, minimum, &start);
	if (length == 0)
		return -EAGAIN;
	count = allocate_ahead(buffer, start, length);
	if (!count)
		count = copy_in(buffer, io, start, length);
	publish(buffer, count > 0 ? (size_t)count : 0, packet, was_empty);
	return count;
}
