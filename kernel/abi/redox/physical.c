/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Physical memory, for drivers: all of it is root's alone. */
#include "redox.h"

#include <mm/vm/physical.h>

/* `size` in whole pages, with what lies before in the first one. False: no memory is so large. */
static bool pages_of(uint64_t size, uint64_t offset, size_t *pages)
{
	if (size > UINT64_MAX - 2 * PAGE_SIZE)
		return false;
	*pages = (size + offset + PAGE_SIZE - 1) / PAGE_SIZE;
	return true;
}

static int64_t allocate(uint64_t size, bool low, phys_t *physical)
{
	size_t pages;

	if (!pages_of(size, 0, &pages))
		return -ENOMEM;
	return physical_allocate(aspace_current(), pages, low, physical);
}

int64_t redox_physalloc(const struct redox_call *call)
{
	phys_t physical;
	int64_t result;

	if (!redox_is_root())
		return -EPERM;
	result = allocate(call->argument[0], false, &physical);
	return result ? result : (int64_t)physical;
}

static int check_allocation_flags(uint64_t flags)
{
	const uint64_t known =
		REDOX_SPACE_32 | REDOX_SPACE_64 | REDOX_PARTIAL_ALLOC | REDOX_PARTIAL_STRATEGY;

	if ((flags & ~known) ||
	    (flags & (REDOX_SPACE_32 | REDOX_SPACE_64)) == (REDOX_SPACE_32 | REDOX_SPACE_64))
		return -EINVAL;
	if ((flags & REDOX_PARTIAL_ALLOC) && !(flags & REDOX_PARTIAL_STRATEGY))
		return -EINVAL;
	return 0;
}

/* Less than `size` where there is no more, down to `least`. */
static int64_t allocate_some(uint64_t *size, uint64_t least, bool low, phys_t *physical)
{
	int64_t result = allocate(*size, low, physical);

	least = max_u64(least, 1);
	while (result == -ENOMEM && *size > least) {
		*size = max_u64(*size / 2, least);
		result = allocate(*size, low, physical);
	}
	return result;
}

int64_t redox_physalloc3(const struct redox_call *call)
{
	uint64_t size = call->argument[0], flags = call->argument[1], least;
	phys_t physical;
	int64_t result;

	if (!redox_is_root())
		return -EPERM;
	if (redox_check_user(call->argument[2], sizeof(least), true) ||
	    redox_get(&least, call->argument[2], sizeof(least)))
		return -EFAULT;
	result = check_allocation_flags(flags);
	if (result)
		return result;
	if (!(flags & REDOX_PARTIAL_ALLOC))
		least = size;
	result = allocate_some(&size, least, flags & REDOX_SPACE_32, &physical);
	if (result)
		return result;
	size = align_up(size, PAGE_SIZE);
	if (redox_put(call->argument[2], &size, sizeof(size))) {
		result = physical_free(physical, size / PAGE_SIZE);
		return -EFAULT;
	}
	return (int64_t)physical;
}

int64_t redox_physfree(const struct redox_call *call)
{
	size_t pages;

	if (!redox_is_root())
		return -EPERM;
	if (!pages_of(call->argument[1], 0, &pages))
		return -EINVAL;
	return physical_free(call->argument[0], pages);
}

int64_t redox_physmap(const struct redox_call *call)
{
	uint64_t offset = call->argument[0] % PAGE_SIZE, flags = call->argument[2];
	unsigned rights = VM_READ, kind = 0;
	uintptr_t address;
	size_t pages;
	int error;

	if (!redox_is_root())
		return -EPERM;
	if (!call->argument[1])
		return 0;
	if (!pages_of(call->argument[1], offset, &pages))
		return -EINVAL;
	if (flags & REDOX_PHYSMAP_WRITE)
		rights |= VM_WRITE;
	if (flags & REDOX_PHYSMAP_NO_CACHE)
		kind = MMU_UNCACHED;
	else if (flags & REDOX_PHYSMAP_WRITE_COMBINE)
		kind = MMU_WRITE_COMBINING;
	error = physical_map(aspace_current(), call->argument[0] - offset, pages, rights, kind,
			     &address);
	return error ? error : (int64_t)(address + offset);
}

int64_t redox_physunmap(const struct redox_call *call)
{
	if (!redox_is_root())
		return -EPERM;
	return call->argument[0] ? aspace_unmap_around(aspace_current(), call->argument[0]) : 0;
}

int64_t redox_virttophys(const struct redox_call *call)
{
	phys_t physical;

	if (!redox_is_root())
		return -EPERM;
	if (!user_range_valid(call->argument[0], 1) ||
	    aspace_physical(aspace_current(), call->argument[0], &physical))
		return -EFAULT;
	return (int64_t)physical;
}
