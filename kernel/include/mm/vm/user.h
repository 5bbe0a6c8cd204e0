/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * User memory. A user pointer is not a C pointer: it travels as one of these types, by
 * value, and only mm/vm/usercopy.c opens them. Each byte is read or written once.
 *
 * All functions may sleep (page faults) and work on the current address space; they are not
 * called under a spinlock nor a mutex of rank >= RANK_ASPACE. They check the range first:
 * kernel, wrapping and non-canonical ranges are -EFAULT. Length 0 succeeds for any address.
 */
#pragma once

#include <base/types.h>

struct user_in { /* bytes that the kernel reads */
	uintptr_t address;
	size_t length;
};

struct user_out { /* bytes that the kernel writes */
	uintptr_t address;
	size_t length;
};

static inline struct user_in user_in(uintptr_t address, size_t length)
{
	return (struct user_in){ address, length };
}

static inline struct user_out user_out(uintptr_t address, size_t length)
{
	return (struct user_out){ address, length };
}

/* True if [address, address + length) is in the user's half (it need not be mapped). */
bool user_range_valid(uintptr_t address, size_t length);

/* Copy `from.length` or `to.length` bytes. 0 or -EFAULT. */
int must_check copy_from_user(void *to, struct user_in from);
int must_check copy_to_user(struct user_out to, const void *from);
int must_check clear_user(struct user_out to);

/* 0 if every byte of the range could be read, or with `write` written; -EFAULT. Says nothing about
 * the time after. Short ranges are touched, so that no fault is left for the copy; of long ones the
 * mappings are looked at. */
int must_check check_user(uintptr_t address, size_t length, bool write);

/* Fixed-size values. */
int must_check read_user_u32(uintptr_t address, uint32_t *value);
int must_check read_user_u64(uintptr_t address, uint64_t *value);
int must_check write_user_u32(uintptr_t address, uint32_t value);
int must_check write_user_u64(uintptr_t address, uint64_t value);

/* Aligned words that programs share with the kernel (futexes). Loads serve no page faults, so
 * that they work under a spinlock: -EFAULT where the page is not present. The exchange swaps
 * atomically if the word is `expected` and stores what was found. 0, -EFAULT, -EINVAL. */
int must_check load_user_u32_nofault(uintptr_t address, uint32_t *value);
int must_check load_user_u64_nofault(uintptr_t address, uint64_t *value);
int must_check exchange_user_u32(uintptr_t address, uint32_t expected, uint32_t wanted,
				 uint32_t *found);
/* The same under a spinlock: -EFAULT where the page is not present or not writable. */
int must_check exchange_user_u32_nofault(uintptr_t address, uint32_t expected, uint32_t wanted,
					 uint32_t *found);

/* Copies a terminated string into buffer[size]. Returns its length, -ENAMETOOLONG where it
 * does not fit, or -EFAULT. */
ssize_t must_check copy_string_from_user(char *buffer, uintptr_t from, size_t size);

/*
 * A transfer: the other side of a read or write, which is user memory (one range or an
 * array of them) or kernel memory. Providers of files use only io_put(), io_take() and
 * io_remaining() and so work for all callers.
 */
struct io_segment {
	uintptr_t address;
	size_t length;
};

struct io {
	bool user;
	const struct io_segment *segments; /* the caller's */
	size_t count;
	size_t index;     /* of the current segment */
	size_t offset;    /* in it */
	size_t remaining; /* bytes in all */
	struct io_segment single;
};

/* One range of user or kernel memory. `io` must not move (it points into itself). */
void io_init_user(struct io *io, uintptr_t address, size_t length);
void io_init_kernel(struct io *io, const void *memory, size_t length);
/* Several user ranges. -EINVAL where the lengths add up to more than SSIZE_MAX. */
int must_check io_init_segments(struct io *io, const struct io_segment *segments, size_t count);

static inline size_t io_remaining(const struct io *io)
{
	return io->remaining;
}

/* Copy up to min(length, remaining) bytes to (put) or from (take) the transfer and advance.
 * Return the number copied, less than asked where memory is bad; -EFAULT if none was. */
ssize_t must_check io_put(struct io *io, const void *from, size_t length);
ssize_t must_check io_take(struct io *io, void *to, size_t length);
ssize_t must_check io_put_zeros(struct io *io, size_t length);

/* For transfers without copying: the next bytes in memory, of user transfers only (-EOPNOTSUPP), as
 * far as they are in one piece, at most `length`. `frames` receives up to `count` frames with a
 * reference each, of which the first is used from *offset on. Bytes, or an error of aspace_pin().
 * Does not advance. */
struct frame;
ssize_t must_check io_pin(const struct io *io, size_t length, bool write, struct frame **frames,
			  size_t count, size_t *offset);
/* How many bytes are left in the present piece, and where it is: for checks of alignment. */
size_t io_piece(const struct io *io, uintptr_t *address);
/* Moves on by what was transferred so, at most that. */
void io_skip(struct io *io, size_t length);
