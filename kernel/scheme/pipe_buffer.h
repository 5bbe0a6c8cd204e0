/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bytes in a pipe: a ring of pages that are allocated when they are written to and freed
 * when they were read, but for one. Not locked: the pipe's mutex serialises.
 */
#pragma once

#include <arch/mmu.h>
#include <mm/vm/user.h>

#define PIPE_PAGES   16
#define PIPE_SIZE    (PIPE_PAGES * PAGE_SIZE)
#define PIPE_ATOMIC  4096 /* writes of up to this size are not mixed with others */
#define PIPE_PACKETS 16   /* that may wait in a pipe */

struct pipe_buffer {
	uint64_t head, tail; /* bytes ever written and read, but both start over when equal */
	void *pages[PIPE_PAGES];
	void *spare; /* a page kept for the next write, or NULL */
	/* The ends of packets, as positions, oldest first; NULL: there never was one. */
	uint64_t *packets;
	unsigned packet_count;
};

static inline size_t pipe_buffer_used(const struct pipe_buffer *buffer)
{
	return (size_t)(buffer->head - buffer->tail);
}

static inline size_t pipe_buffer_room(const struct pipe_buffer *buffer)
{
	return PIPE_SIZE - pipe_buffer_used(buffer);
}

/* Frees the pages. */
void pipe_buffer_fini(struct pipe_buffer *buffer);
/* Makes sure that the next `length` bytes can be written without allocating. -ENOMEM. */
int must_check pipe_buffer_reserve(struct pipe_buffer *buffer, size_t length);
/* Moves up to `length` bytes, no more than there is room for or are there. Returns how many,
 * or -EFAULT, or -ENOMEM where none were. */
ssize_t must_check pipe_buffer_write(struct pipe_buffer *buffer, struct io *io, size_t length);
ssize_t must_check pipe_buffer_read(struct pipe_buffer *buffer, struct io *io, size_t length);

/* Packets: prepares for one (-ENOMEM, -EAGAIN: too many wait), notes that one ends at the head;
 * the length of the first one, 0 where the next bytes are none; drops what is left of the first
 * `length` bytes after `read` of them, and the note. */
int must_check pipe_buffer_prepare_packet(struct pipe_buffer *buffer);
void pipe_buffer_end_packet(struct pipe_buffer *buffer);
size_t pipe_buffer_packet(const struct pipe_buffer *buffer);
void pipe_buffer_drop_packet(struct pipe_buffer *buffer, size_t length, size_t read);
