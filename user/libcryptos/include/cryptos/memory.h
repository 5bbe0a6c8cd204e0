/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Address space and a heap. */
#pragma once

#include <cryptos/syscall.h>

#define PAGE_SIZE    UINT64_C(4096)
#define FD_ANONYMOUS (-1) /* as `fd` below */

/* Maps `size` bytes of a file, from `offset`, or of zeros (FD_ANONYMOUS). `flags`: REDOX_PROT_* and
 * REDOX_MAP_*. `address` is where, or 0. Returns the address, or a negative errno. */
static inline int64_t memory_map(int64_t fd, uint64_t offset, uint64_t size, uint64_t flags,
				 uint64_t address)
{
	const struct redox_map map = { offset, size, flags, address };

	return syscall(fmap, fd, &map, sizeof(map));
}

static inline int64_t memory_unmap(uint64_t address, uint64_t size)
{
	return syscall(funmap, address, size);
}

/* `flags`: REDOX_PROT_*. */
static inline int64_t memory_protect(uint64_t address, uint64_t size, uint64_t flags)
{
	return syscall(mprotect, address, size, flags);
}

/* Waits until *word is not `value` any more and somebody wakes, or `relative` (may be NULL) has
 * passed. -EAGAIN if it is not `value` to begin with. */
static inline int64_t futex_wait(const uint32_t *word, uint32_t value,
				 const struct redox_timespec *relative)
{
	return syscall(futex, word, REDOX_FUTEX_WAIT, value, relative, 0);
}

/* Wakes up to `count` of the waiters; returns how many there were. */
static inline int64_t futex_wake(const uint32_t *word, uint64_t count)
{
	return syscall(futex, word, REDOX_FUTEX_WAKE, count, 0, 0);
}

/* The heap, for one thread at a time: 16-aligned memory, not zeroed; NULL if there is none. */
void *memory_allocate(size_t size);
/* The block grown or shrunk, moved where it must be; NULL leaves it as it is. `block` may be
 * NULL. */
void *memory_reallocate(void *block, size_t size);
/* NULL is fine. */
void memory_free(void *block);
