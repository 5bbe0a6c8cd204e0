/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copies to and from user memory: the only place that opens user ranges. Each range is checked
 * against the user's half before the architecture touches it; everything else about it is found
 * out by the page faults on the way.
 */
#include <arch/mmu.h>
#include <arch/trap.h>
#include <arch/usercopy.h>
#include <core/panic.h>
#include <mm/vm/aspace.h>
#include <mm/vm/user.h>
#include <sync/cpu.h>

#include <base/errno.h>

#define EXCHANGE_ATTEMPTS 100
#define TOUCHED_PAGES     4 /* at most, by check_user() */

bool user_range_valid(uintptr_t address, size_t length)
{
	return address >= USER_MIN && address < USER_MAX && length <= USER_MAX - address;
}

int copy_from_user(void *to, struct user_in from)
{
	assert_may_sleep();
	if (from.length == 0)
		return 0;
	if (!user_range_valid(from.address, from.length))
		return -EFAULT;
	return arch_copy_from_user(to, from.address, from.length);
}

int copy_to_user(struct user_out to, const void *from)
{
	assert_may_sleep();
	if (to.length == 0)
		return 0;
	if (!user_range_valid(to.address, to.length))
		return -EFAULT;
	return arch_copy_to_user(to.address, from, to.length);
}

int clear_user(struct user_out to)
{
	assert_may_sleep();
	if (to.length == 0)
		return 0;
	if (!user_range_valid(to.address, to.length))
		return -EFAULT;
	return arch_clear_user(to.address, to.length);
}

int check_user(uintptr_t address, size_t length, bool write)
{
	uintptr_t at = align_down(address, sizeof(uint32_t)), end = address + length;

	assert_may_sleep();
	if (length == 0)
		return 0;
	if (!user_range_valid(address, length))
		return -EFAULT;
	if (length > (TOUCHED_PAGES - 1) * PAGE_SIZE)
		return aspace_check_access(aspace_current(), address, length,
					   write ? VM_WRITE : VM_READ);
	do {
		if (arch_probe_user(at, write))
			return -EFAULT;
		at = align_down(at, PAGE_SIZE) + PAGE_SIZE;
	} while (at < end);
	return 0;
}

int read_user_u32(uintptr_t address, uint32_t *value)
{
	return copy_from_user(value, user_in(address, sizeof(*value)));
}

int read_user_u64(uintptr_t address, uint64_t *value)
{
	return copy_from_user(value, user_in(address, sizeof(*value)));
}

int write_user_u32(uintptr_t address, uint32_t value)
{
	return copy_to_user(user_out(address, sizeof(value)), &value);
}

int write_user_u64(uintptr_t address, uint64_t value)
{
	return copy_to_user(user_out(address, sizeof(value)), &value);
}

int load_user_u32_nofault(uintptr_t address, uint32_t *value)
{
	if (address % sizeof(*value) != 0)
		return -EINVAL;
	if (!user_range_valid(address, sizeof(*value)))
		return -EFAULT;
	return arch_load_user_u32_nofault(address, value);
}

int load_user_u64_nofault(uintptr_t address, uint64_t *value)
{
	if (address % sizeof(*value) != 0)
		return -EINVAL;
	if (!user_range_valid(address, sizeof(*value)))
		return -EFAULT;
	return arch_load_user_u64_nofault(address, value);
}

int exchange_user_u32(uintptr_t address, uint32_t expected, uint32_t wanted, uint32_t *found)
{
	struct aspace *aspace = aspace_current();

	assert_may_sleep();
	if (address % sizeof(*found) != 0)
		return -EINVAL;
	if (!aspace || !user_range_valid(address, sizeof(*found)))
		return -EFAULT;
	/* Another thread may take the page away again, but hardly for ever. */
	for (unsigned i = 0; i < EXCHANGE_ATTEMPTS; i++) {
		if (arch_exchange_user_u32_nofault(address, expected, wanted, found) == 0)
			return 0;
		if (aspace_fault(aspace, address, FAULT_WRITE))
			return -EFAULT;
	}
	return -EFAULT;
}

int exchange_user_u32_nofault(uintptr_t address, uint32_t expected, uint32_t wanted,
			      uint32_t *found)
{
	if (address % sizeof(*found) != 0)
		return -EINVAL;
	if (!user_range_valid(address, sizeof(*found)))
		return -EFAULT;
	return arch_exchange_user_u32_nofault(address, expected, wanted, found);
}

ssize_t copy_string_from_user(char *buffer, uintptr_t from, size_t size)
{
	size_t limit = size;
	ssize_t length;

	assert_may_sleep();
	if (!user_range_valid(from, 1))
		return -EFAULT;
	if (limit > USER_MAX - from)
		limit = USER_MAX - from;
	if (limit == 0)
		return -ENAMETOOLONG;
	length = arch_copy_string_from_user(buffer, from, limit);
	if (length < 0 || (size_t)length < limit)
		return length;
	/* No end within the limit: the buffer's, or that of the user's half. */
	return limit == size ? -ENAMETOOLONG : -EFAULT;
}
