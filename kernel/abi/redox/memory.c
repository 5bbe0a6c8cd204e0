/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mappings: fmap and its kin.
 *
 * Whatever is mapped can be read. Each fmap is a mapping of its own, which funmap_old() takes as a
 * whole (VM_SEPARATE). Files show zeros past their end.
 */
#include "redox.h"

#include <base/checked.h>
#include <mm/vm/aspace.h>
#include <scheme/file.h>

#define NO_FILE UINT64_MAX /* fmap's descriptor of anonymous memory */

/* The protection that PROT_ flags mean. */
static unsigned decode_protection(uint64_t flags)
{
	unsigned protection = VM_READ;

	if (flags & REDOX_PROT_WRITE)
		protection |= VM_WRITE;
	if (flags & REDOX_PROT_EXEC)
		protection |= VM_EXECUTE;
	return protection;
}

/* Where a mapping is asked for, and what is done if that place is taken. */
struct placement {
	uintptr_t address; /* 0: anywhere */
	size_t length;     /* in pages, not 0 */
	unsigned flags;    /* enum vm_flags */
	int taken;         /* the error */
};

static int place(const struct redox_map *map, struct placement *placement)
{
	bool fixed = map->flags & REDOX_MAP_FIXED;
	uint64_t length;

	if (!checked_align_up(map->size, PAGE_SIZE, &length) || length > USER_MAX - USER_MIN)
		return -ENOMEM;
	*placement = (struct placement){ .length = length, .flags = VM_SEPARATE };
	if (!map->address)
		return 0;
	/* What lies too low for anything counts as taken. */
	if (map->address < USER_MIN && !fixed)
		return 0;
	if (!user_range_valid(map->address, length) ||
	    (fixed && !is_aligned(map->address, PAGE_SIZE)))
		return -EINVAL;
	placement->address = map->address;
	if (fixed) {
		placement->flags |= VM_FIXED_NOREPLACE;
		placement->taken =
			(map->flags & REDOX_MAP_FIXED_NOREPLACE) == REDOX_MAP_FIXED_NOREPLACE
				? -EEXIST
				: -EOPNOTSUPP;
	}
	return 0;
}

/* Makes the mapping of `object` (NULL: anonymous memory): its address or an error. */
static int64_t make_mapping(struct placement *placement, unsigned flags, struct vm_object *object,
			    uint64_t offset, void *origin)
{
	int error = aspace_map(aspace_current(), &placement->address, placement->length,
			       placement->flags | flags, object, offset, origin);

	if (error == -EEXIST)
		return placement->taken;
	return error ? error : (int64_t)placement->address;
}

/* Clones get copies of anonymous memory, whatever flags it was asked for with. */
static int64_t map_anonymous(const struct redox_map *map)
{
	struct placement placement;
	int error;

	if (!map->size)
		return 0;
	error = place(map, &placement);
	return error ? error
		     : make_mapping(&placement, decode_protection(map->flags), NULL, 0, NULL);
}

/* What the descriptor must allow: reading, since whatever is mapped can be read. */
static int check_file(const struct file *file, const struct redox_map *map)
{
	if (!file->readable || ((map->flags & REDOX_PROT_WRITE) && !file->writable))
		return -EBADF;
	return is_aligned(map->offset, PAGE_SIZE) ? 0 : -EINVAL;
}

static int64_t map_file(struct file *file, const struct redox_map *map)
{
	unsigned flags = decode_protection(map->flags) | VM_ZEROS_PAST_END;
	struct placement placement;
	struct vm_object *object;
	int64_t result;

	if (redox_is_memory(file))
		return map_anonymous(map);
	if (!map->size)
		return 0;
	if (map->flags & REDOX_MAP_SHARED)
		flags |= VM_SHARED;
	if (!(flags & VM_SHARED) || file->writable)
		flags |= VM_MAY_WRITE;
	result = check_file(file, map);
	if (!result)
		result = place(map, &placement);
	if (!result)
		result = file_map(file, map->offset, map->size, flags, &object);
	if (result)
		return result == -ENODEV ? -EBADF : result;
	result = make_mapping(&placement, flags, object, map->offset, file->dentry);
	vm_object_put(object);
	return result;
}

/* Reads the structure, of which older programs' lack the address. */
static int get_map(const struct redox_call *call, size_t size, struct redox_map *map)
{
	int error;

	if (call->argument[2] != size)
		return -EINVAL;
	*map = (struct redox_map){ 0 };
	error = redox_check_user(call->argument[1], size, false);
	if (!error)
		error = redox_get(map, call->argument[1], size);
	/* Without an address there is no place to insist on. */
	if (!error && size < sizeof(*map) && (map->flags & REDOX_MAP_FIXED))
		error = -EINVAL;
	return error;
}

static int64_t map_call(const struct redox_call *call, size_t size)
{
	struct fd_loan loan;
	struct redox_map map;
	int64_t result;

	if (call->argument[0] == NO_FILE) {
		result = get_map(call, size, &map);
		return result ? result : map_anonymous(&map);
	}
	loan = fd_borrow(redox_fd(call, 0));
	if (!loan.file)
		return -EBADF;
	result = get_map(call, size, &map);
	if (!result)
		result = map_file(loan.file, &map);
	fd_return(loan);
	return result;
}

int64_t redox_fmap(const struct redox_call *call)
{
	return map_call(call, sizeof(struct redox_map));
}

int64_t redox_fmap_old(const struct redox_call *call)
{
	return map_call(call, sizeof(struct redox_old_map));
}

int64_t redox_funmap(const struct redox_call *call)
{
	uint64_t address = call->argument[0], length, end;

	if (!address || !call->argument[1])
		return 0;
	if (!is_aligned(address, PAGE_SIZE) ||
	    !checked_align_up(call->argument[1], PAGE_SIZE, &length) ||
	    !checked_add(address, length, &end))
		return -EINVAL;
	/* Nothing of ours lies outside of the user's part. */
	address = max_u64(address, USER_MIN);
	end = min_u64(end, USER_MAX);
	return address < end ? aspace_unmap(aspace_current(), address, end - address) : 0;
}

int64_t redox_funmap_old(const struct redox_call *call)
{
	return aspace_unmap_around(aspace_current(), call->argument[0]);
}

int64_t redox_mprotect(const struct redox_call *call)
{
	return aspace_reduce(aspace_current(), call->argument[0], call->argument[1],
			     decode_protection(call->argument[2]));
}
