/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mremap, which later crates have: mappings that grow, shrink, move, or appear twice. */
#include "redox.h"

#include <base/checked.h>
#include <mm/vm/aspace.h>

enum remap_flags {
	REMAP_FIXED = 1,
	REMAP_REPLACE = 2, /* with FIXED: what is there goes */
	REMAP_KEEP_OLD = 4,
	REMAP_ALL = 7 | REDOX_PROT_READ | REDOX_PROT_WRITE | REDOX_PROT_EXEC,
};

struct remap {
	uintptr_t old_address, new_address;
	size_t old_size, new_size;
	uint64_t flags;
	unsigned protection; /* enum vm_flags */
};

static int decode(const struct redox_call *call, struct remap *remap)
{
	*remap = (struct remap){
		.old_address = call->argument[0],
		.old_size = call->argument[1],
		.new_address = call->argument[2],
		.new_size = call->argument[3],
		.flags = call->argument[4],
		.protection = VM_READ,
	};
	if ((remap->flags & ~(uint64_t)REMAP_ALL) || !remap->old_size || !remap->new_size)
		return -EINVAL;
	if (!is_aligned(remap->old_address | remap->old_size | remap->new_size, PAGE_SIZE))
		return -EINVAL;
	if ((remap->flags & REMAP_FIXED) && !is_aligned(remap->new_address, PAGE_SIZE))
		return -EINVAL;
	if (remap->flags & REDOX_PROT_WRITE)
		remap->protection |= VM_WRITE;
	if (remap->flags & REDOX_PROT_EXEC)
		remap->protection |= VM_EXECUTE;
	return 0;
}

/* Shows the memory at a second place as well. */
static int64_t duplicate(const struct remap *remap)
{
	struct aspace *aspace = aspace_current();
	unsigned flags = remap->protection | VM_SHARED | VM_MAY_WRITE | VM_SEPARATE;
	uintptr_t address = remap->flags & REMAP_FIXED ? remap->new_address : 0;
	struct vm_object *object;
	uint64_t offset;
	int error;

	if (remap->new_size > remap->old_size)
		return -EINVAL;
	if (remap->flags & REMAP_FIXED)
		flags |= remap->flags & REMAP_REPLACE ? VM_FIXED : VM_FIXED_NOREPLACE;
	error = aspace_export(aspace, remap->old_address, remap->new_size,
			      remap->protection & VM_WRITE, &object, &offset);
	if (error)
		return error;
	if (!(remap->protection & VM_WRITE))
		flags &= ~(unsigned)VM_MAY_WRITE;
	error = aspace_map(aspace, &address, remap->new_size, flags, object, offset, NULL);
	vm_object_put(object);
	return error ? error : (int64_t)address;
}

/* Makes sure that nothing else is where the mapping is to go; what stands there instead is
 * replaced by it. */
static int reserve(const struct remap *remap)
{
	uintptr_t address = remap->new_address;

	return aspace_map(aspace_current(), &address, remap->new_size, VM_FIXED_NOREPLACE, NULL, 0,
			  NULL);
}

static int64_t move(const struct remap *remap)
{
	struct aspace *aspace = aspace_current();
	bool fixed = remap->flags & REMAP_FIXED;
	bool reserved = fixed && !(remap->flags & REMAP_REPLACE);
	uintptr_t address = remap->new_address;
	int error = reserved ? reserve(remap) : 0;

	if (error)
		return error;
	error = aspace_remap(aspace, remap->old_address, remap->old_size, remap->new_size, true,
			     fixed, &address);
	if (error) {
		if (reserved && aspace_unmap(aspace, remap->new_address, remap->new_size))
			return -ENOMEM;
		return error;
	}
	error = aspace_reduce(aspace, address, remap->new_size, remap->protection);
	return error ? error : (int64_t)address;
}

int64_t redox_mremap(const struct redox_call *call)
{
	struct remap remap;
	int error = decode(call, &remap);
	int64_t result;

	if (error)
		return error;
	result = remap.flags & REMAP_KEEP_OLD ? duplicate(&remap) : move(&remap);
	/* Below what may be mapped. */
	return result == -EPERM ? -EINVAL : result;
}
