/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Transfers: the other side of a read or write, one range or several, of the user's memory or
 * the kernel's.
 */
#include <arch/mmu.h>
#include <base/errno.h>
#include <base/string.h>
#include <mm/vm/aspace.h>
#include <mm/vm/user.h>

enum io_direction {
	IO_PUT,
	IO_TAKE,
	IO_PUT_ZEROS,
};

static void io_init_single(struct io *io, bool user, uintptr_t address, size_t length)
{
	*io = (struct io){
		.user = user,
		.segments = &io->single,
		.count = 1,
		.remaining = length,
		.single = { address, length },
	};
}

void io_init_user(struct io *io, uintptr_t address, size_t length)
{
	io_init_single(io, true, address, length);
}

void io_init_kernel(struct io *io, const void *memory, size_t length)
{
	io_init_single(io, false, (uintptr_t)memory, length);
}

int io_init_segments(struct io *io, const struct io_segment *segments, size_t count)
{
	size_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		if (segments[i].length > PTRDIFF_MAX - sum)
			return -EINVAL;
		sum += segments[i].length;
	}
	*io = (struct io){
		.user = true,
		.segments = segments,
		.count = count,
		.remaining = sum,
	};
	return 0;
}

static int copy_user(enum io_direction direction, uintptr_t address, void *memory, size_t length)
{
	switch (direction) {
	case IO_PUT:
		return copy_to_user(user_out(address, length), memory);
	case IO_TAKE:
		return copy_from_user(memory, user_in(address, length));
	case IO_PUT_ZEROS:
		return clear_user(user_out(address, length));
	}
	return -EFAULT;
}

static void copy_kernel(enum io_direction direction, uintptr_t address, void *memory, size_t length)
{
	switch (direction) {
	case IO_PUT:
		memcpy((void *)address, memory, length);
		break;
	case IO_TAKE:
		memcpy(memory, (const void *)address, length);
		break;
	case IO_PUT_ZEROS:
		memset((void *)address, 0, length);
		break;
	}
}

/* `memory` and some bytes, or NULL where there is none. */
static void *memory_at(void *memory, size_t offset)
{
	return memory ? (char *)memory + offset : NULL;
}

/* Copies within one segment; returns how much could be. After a failure it is done over page by
 * page, to find out. */
static size_t segment_copy(const struct io *io, enum io_direction direction, uintptr_t address,
			   void *memory, size_t length)
{
	size_t done = 0;

	if (!io->user) {
		copy_kernel(direction, address, memory, length);
		return length;
	}
	if (copy_user(direction, address, memory, length) == 0)
		return length;
	while (done < length) {
		uintptr_t at = address + done;
		size_t chunk = min_size(length - done, PAGE_SIZE - (at & (PAGE_SIZE - 1)));

		if (copy_user(direction, at, memory_at(memory, done), chunk))
			break;
		done += chunk;
	}
	return done;
}

static void io_advance(struct io *io, size_t length)
{
	io->offset += length;
	io->remaining -= length;
	if (io->offset == io->segments[io->index].length) {
		io->index++;
		io->offset = 0;
	}
}

size_t io_piece(const struct io *io, uintptr_t *address)
{
	size_t index = io->index, offset = io->offset;

	if (io->remaining == 0)
		return 0;
	while (io->segments[index].length == offset) {
		index++;
		offset = 0;
	}
	*address = io->segments[index].address + offset;
	return io->segments[index].length - offset;
}

ssize_t io_pin(const struct io *io, size_t length, bool write, struct frame **frames, size_t count,
	       size_t *offset)
{
	uintptr_t address = 0;
	size_t piece = min_size(io_piece(io, &address), length);
	ssize_t pinned;

	if (!io->user || !aspace_current())
		return -EOPNOTSUPP;
	if (piece == 0)
		return 0;
	if (!user_range_valid(address, piece))
		return -EFAULT;
	*offset = address % PAGE_SIZE;
	count = min_size(count, (*offset + piece + PAGE_SIZE - 1) / PAGE_SIZE);
	pinned = aspace_pin(aspace_current(), address - *offset, count, write, frames);
	if (pinned <= 0)
		return pinned;
	return (ssize_t)min_size(piece, (size_t)pinned * PAGE_SIZE - *offset);
}

void io_skip(struct io *io, size_t length)
{
	while (length > 0) {
		size_t left = io->segments[io->index].length - io->offset;
		size_t part = min_size(length, left);

		io_advance(io, part);
		length -= part;
	}
}

/* The usual case: all of it in one piece of good user memory. */
static bool copy_simple(struct io *io, enum io_direction direction, void *memory, size_t length)
{
	const struct io_segment *segment = &io->segments[io->index];

	if (!io->user || length > io->remaining || length > segment->length - io->offset ||
	    copy_user(direction, segment->address + io->offset, memory, length))
		return false;
	io_advance(io, length);
	return true;
}

/* Apart from the usual case, which needs no registers to be kept. */
static __attribute__((noinline)) ssize_t copy_pieces(struct io *io, enum io_direction direction,
						     void *memory, size_t wanted)
{
	size_t done = 0;

	while (done < wanted) {
		const struct io_segment *segment = &io->segments[io->index];
		size_t chunk = min_size(wanted - done, segment->length - io->offset);
		size_t copied = segment_copy(io, direction, segment->address + io->offset,
					     memory_at(memory, done), chunk);

		io_advance(io, copied);
		done += copied;
		if (copied < chunk)
			return done ? (ssize_t)done : -EFAULT;
	}
	return (ssize_t)done;
}

static ssize_t io_copy(struct io *io, enum io_direction direction, void *memory, size_t length)
{
	size_t wanted = min_size(length, io->remaining);

	if (wanted && copy_simple(io, direction, memory, wanted))
		return (ssize_t)wanted;
	return copy_pieces(io, direction, memory, wanted);
}

ssize_t io_put(struct io *io, const void *from, size_t length)
{
	return io_copy(io, IO_PUT, (void *)(uintptr_t)from, length);
}

ssize_t io_take(struct io *io, void *to, size_t length)
{
	return io_copy(io, IO_TAKE, to, length);
}

ssize_t io_put_zeros(struct io *io, size_t length)
{
	return io_copy(io, IO_PUT_ZEROS, NULL, length);
}
