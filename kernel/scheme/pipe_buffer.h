/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bytes in a pipe: a ring of pages that are allocated when they are written to and freed
 * when they were read, but for one.
 *
 * One reader and one writer may work at the same time, each on its part of the ring: the copying,
 * which may touch user memory, is done without the lock. The pipe sees to it that there is only
 * one of each.
 */
#pragma once

#include <arch/mmu.h>
#include <mm/vm/user.h>
#include <sync/spinlock.h>

#define PIPE_PAGES   16
#define PIPE_SIZE    (PIPE_PAGES * PAGE_SIZE)
#define PIPE_ATOMIC  ((size_t)4096) /* writes of up to this size are not mixed with others */
#define PIPE_PACKETS 16             /* that may wait in a pipe */

struct pipe_buffer {
	struct spinlock lock; /* RANK_DRIVER: all below */
	/* Bytes ever written and read; both go back to a start of a page when they are equal. */
	uint64_t head, tail;
	uint64_t reserved; /* up to where the writer under way may write; else equal to head */
	void *pages[PIPE_PAGES];
	void *spare; /* a page kept for the next write, or NULL */
	/* The ends of packets, as positions, oldest first; NULL: there never was one. */
	uint64_t *packets;
	unsigned packet_count;
};

void pipe_buffer_init(struct pipe_buffer *buffer);
/* Frees the pages. */
void pipe_buffer_fini(struct pipe_buffer *buffer);

size_t pipe_buffer_used(struct pipe_buffer *buffer);
/* True if a write of up to PIPE_ATOMIC bytes would not wait. */
bool pipe_buffer_writable(struct pipe_buffer *buffer);

/* Takes bytes, or one packet, of which what there is no room for is dropped. 0 where there is
 * nothing; -EFAULT. *made_writable: pipe_buffer_writable() was false before, and is true now. */
ssize_t must_check pipe_buffer_read(struct pipe_buffer *buffer, struct io *io, bool *made_writable);

/* Puts what there is room for: not less than `minimum` bytes, which is PIPE_ATOMIC at most;
 * -EAGAIN where that does not fit, -ENOMEM, -EFAULT. With `packet` puts up to PIPE_ATOMIC bytes,
 * all or none, as one packet. *was_empty: so it was, and is not any more. */
ssize_t must_check pipe_buffer_write(struct pipe_buffer *buffer, struct io *io, size_t minimum,
				     bool packet, bool *was_empty);
