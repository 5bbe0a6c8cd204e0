/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * User memory in the simulation: found through the thread's pmap, a page at a time, with page
 * faults served by trap_page_fault().
 */
#include "pmap.h"

#include <arch/trap.h>
#include <arch/usercopy.h>
#include <base/errno.h>
#include <base/string.h>
#include <core/panic.h>
#include <sched/thread.h>

/* The byte at `address`, pinned, after the faults it takes; NULL: -EFAULT. */
static char *user_pin(uintptr_t address, bool write)
{
	struct pmap *pmap = thread_current()->pmap;
	char *memory;

	assert(address >= USER_MIN && address < USER_MAX);
	if (!pmap)
		return NULL;
	while (!(memory = sim_pmap_pin(pmap, address, write ? MMU_WRITE : MMU_READ))) {
		if (trap_page_fault(address, write ? FAULT_WRITE : FAULT_READ))
			return NULL;
	}
	return memory;
}

static void user_unpin(void)
{
	sim_pmap_unpin(thread_current()->pmap);
}

/* How much of `length` bytes lies in the page of `address`. */
static size_t page_part(uintptr_t address, size_t length)
{
	return min_size(length, PAGE_SIZE - (address & (PAGE_SIZE - 1)));
}

int arch_copy_from_user(void *to, uintptr_t from, size_t length)
{
	char *bytes = to;

	while (length > 0) {
		size_t part = page_part(from, length);
		const char *memory = user_pin(from, false);

		if (!memory)
			return -EFAULT;
		memcpy(bytes, memory, part);
		user_unpin();
		bytes += part;
		from += part;
		length -= part;
	}
	return 0;
}

/* Writes `from`, or zeros for NULL. */
static int user_write(uintptr_t to, const char *from, size_t length)
{
	while (length > 0) {
		size_t part = page_part(to, length);
		char *memory = user_pin(to, true);

		if (!memory)
			return -EFAULT;
		if (from) {
			memcpy(memory, from, part);
			from += part;
		} else {
			memset(memory, 0, part);
		}
		user_unpin();
		to += part;
		length -= part;
	}
	return 0;
}

int arch_copy_to_user(uintptr_t to, const void *from, size_t length)
{
	return user_write(to, from, length);
}

int arch_clear_user(uintptr_t to, size_t length)
{
	return user_write(to, NULL, length);
}

ssize_t arch_copy_string_from_user(char *to, uintptr_t from, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t part = page_part(from + done, size - done);
		const char *memory = user_pin(from + done, false);
		size_t length;

		if (!memory)
			return -EFAULT;
		length = strnlen(memory, part);
		memcpy(to + done, memory, length < part ? length + 1 : part);
		user_unpin();
		done += length;
		if (length < part)
			return (ssize_t)done;
	}
	return (ssize_t)size;
}

int arch_probe_user(uintptr_t at, bool write)
{
	if (!user_pin(at, write))
		return -EFAULT;
	user_unpin();
	return 0;
}

static int load_nofault(uintptr_t from, void *value, size_t size)
{
	struct pmap *pmap = thread_current()->pmap;
	const char *memory = pmap ? sim_pmap_pin(pmap, from, MMU_READ) : NULL;

	assert(is_aligned(from, size));
	if (!memory)
		return -EFAULT;
	memcpy(value, memory, size);
	sim_pmap_unpin(pmap);
	return 0;
}

int arch_load_user_u32_nofault(uintptr_t from, uint32_t *value)
{
	return load_nofault(from, value, sizeof(*value));
}

int arch_load_user_u64_nofault(uintptr_t from, uint64_t *value)
{
	return load_nofault(from, value, sizeof(*value));
}

int arch_exchange_user_u32_nofault(uintptr_t at, uint32_t expected, uint32_t wanted,
				   uint32_t *found)
{
	struct pmap *pmap = thread_current()->pmap;
	char *memory = pmap ? sim_pmap_pin(pmap, at, MMU_WRITE) : NULL;

	assert(is_aligned(at, sizeof(wanted)));
	if (!memory)
		return -EFAULT;
	memcpy(found, memory, sizeof(*found));
	if (*found == expected)
		memcpy(memory, &wanted, sizeof(wanted));
	sim_pmap_unpin(pmap);
	return 0;
}
