/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Work for a pool of threads that the kernel supplies (docs/pool.md): the program submits
 * functions, the kernel decides how many run at a time, by the cores that nobody else uses.
 *
 *	struct pool *pool = pool_open(0);
 *
 *	pool_parallel_for(pool, 0, rows, 1, draw_rows, &picture);
 *	pool_submit(pool, compress, &first);
 *	pool_submit(pool, compress, &second);
 *	pool_wait(pool);
 *	pool_close(pool);
 *
 * What a submitted function may do: anything but what the C library has locks for. The library
 * knows nothing of threads that it did not make, and takes no locks where it made none: no
 * malloc, no stdio, no pthread calls. Memory, mathematics, strings, `__thread` variables, errno
 * and system calls are its own. Its stack is 256 KiB, with a page behind it that faults. All
 * signals but those of its own faults are blocked.
 *
 * After fork the child has the descriptors, but neither workers nor a use for them: it opens a
 * pool of its own.
 *
 * Functions that return int return 0, or -1 with errno.
 */
#pragma once

#include <native/pool.h>

struct pool;

/* Starts a pool with at most `workers` workers; 0: as many as there are CPUs for the caller. The
 * kernel makes fewer where the user may not have as many threads. NULL with errno: ENOENT (no
 * such kernel), EAGAIN (not a single thread), ENOMEM, EMFILE. */
struct pool *pool_open(unsigned workers);

/* Has a worker call function(argument). Waits where the queue is full; a worker calls it itself
 * then. ESRCH: no worker is left. EPERM: the pool is the parent's. */
int pool_submit(struct pool *pool, void (*function)(void *argument), void *argument);

/* Waits until all that was submitted before has been done. EDEADLK in a worker, which would wait
 * for itself; ESRCH where workers ended (by the system call) that had work; EINTR. */
int pool_wait(struct pool *pool);

/* Calls function(first, end, argument) for pieces of [begin, end) of `grain` numbers at most (0 is
 * taken for 1), and returns when all has been done. Workers may call it, and then do their part.
 * ESRCH: workers ended before. */
int pool_parallel_for(struct pool *pool, uint64_t begin, uint64_t end, uint64_t grain,
		      void (*function)(uint64_t first, uint64_t end, void *argument),
		      void *argument);

/* How many workers the kernel made: the most that can run at a time. */
unsigned pool_workers(const struct pool *pool);

/* What the kernel knows of the pool. */
int pool_read_status(const struct pool *pool, struct pool_status *status);

/* Ends the workers when they are done with what they do, drops what is queued, waits for their
 * end and frees the pool. EDEADLK in one of its workers. */
int pool_close(struct pool *pool);
