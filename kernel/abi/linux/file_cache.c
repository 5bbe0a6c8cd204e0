/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What programs tell of their files' pages: advice, read-ahead, write-back of ranges and mappings. */
#include "linux.h"

#include <cache/page_cache.h>
#include <mm/vm/aspace.h>
#include <proc/fd_table.h>
#include <scheme/file.h>

#define ADVICE_LAST      5
#define ADVICE_WILL_NEED 3
#define SYNC_RANGE_FLAGS 7

/* Where a range of Linux's calls ends: of length 0 or beyond all bounds, with the file. */
static uint64_t range_end(int64_t start, int64_t length)
{
	int64_t end;

	if (length == 0 || __builtin_add_overflow(start, length, &end))
		return UINT64_MAX;
	return (uint64_t)end;
}

int64_t linux_fadvise64(const struct linux_call *call)
{
	int64_t start = (int64_t)call->argument[1], length = (int64_t)call->argument[2];
	unsigned advice = linux_unsigned(call, 3);
	struct file *file = fd_get(linux_int(call, 0));
	int64_t result = 0;

	if (!file)
		return -EBADF;
	if (file->node->flags & NODE_STREAM)
		result = -ESPIPE;
	else if (advice > ADVICE_LAST || length < 0)
		result = -EINVAL;
	else if (cache_has_file(file))
		result = cache_file_advise(file, start < 0 ? 0 : (uint64_t)start,
					   range_end(start, length), (int)advice);
	file_put(file);
	return result;
}

int64_t linux_readahead(const struct linux_call *call)
{
	int64_t start = (int64_t)call->argument[1], length = (int64_t)call->argument[2];
	struct file *file = fd_get(linux_int(call, 0));
	int64_t result = 0;

	if (!file)
		return -EBADF;
	if (!file->readable)
		result = -EBADF;
	else if (!node_is(file->node, MODE_FILE) && !node_is(file->node, MODE_BLOCK))
		result = -EINVAL;
	else if (cache_has_file(file) && start >= 0 && length > 0)
		result = cache_file_advise(file, (uint64_t)start, range_end(start, length),
					   ADVICE_WILL_NEED);
	file_put(file);
	return result;
}

int64_t linux_sync_file_range(const struct linux_call *call)
{
	int64_t start = (int64_t)call->argument[1], length = (int64_t)call->argument[2], end;
	struct file *file = fd_get(linux_int(call, 0));
	unsigned flags = linux_unsigned(call, 3);
	int64_t result = 0;

	if (!file)
		return -EBADF;
	if ((flags & ~(unsigned)SYNC_RANGE_FLAGS) || start < 0 || length < 0 ||
	    __builtin_add_overflow(start, length, &end))
		result = -EINVAL;
	else if (!node_is(file->node, MODE_FILE) && !node_is(file->node, MODE_DIRECTORY) &&
		 !node_is(file->node, MODE_BLOCK))
		result = -ESPIPE;
	else if (cache_has_file(file))
		result = cache_file_sync_range(file, (uint64_t)start,
					       length ? (uint64_t)end : UINT64_MAX, flags);
	file_put(file);
	return result;
}

/* --- msync. --- */

/* The next part of a range that is mapped. */
struct mapped_part {
	uintptr_t from, limit;    /* looked for */
	uintptr_t start, end;     /* found; start == end: nothing */
	bool gap;                 /* something before it is not mapped */
	struct vm_object *object; /* mapped shared there, with a reference, or NULL */
	uint64_t offset;          /* of `start` in it */
};

static bool find_part(const struct vm_area *area, void *argument)
{
	struct mapped_part *part = argument;

	if (area->end <= part->from)
		return true;
	if (area->start >= part->limit)
		return false;
	part->start = max_u64(area->start, part->from);
	part->gap = part->start > part->from;
	part->end = min_u64(area->end, part->limit);
	if (area->object && (area->flags & VM_SHARED)) {
		part->object = area->object;
		vm_object_get(part->object);
		part->offset = area->offset + (part->start - area->start);
	}
	return false;
}

#define MSYNC_ASYNC 1
#define MSYNC_SYNC  4
#define MSYNC_FLAGS 7

/* Syncs the first part of [*address, end) that is mapped, and moves on behind it. -ENOMEM: none is. */
static int sync_part(uintptr_t *address, uintptr_t end, bool wait)
{
	struct mapped_part part = { .from = *address, .limit = end };
	int error = 0;

	aspace_visit(aspace_current(), find_part, &part);
	if (part.start == part.end)
		return -ENOMEM;
	if (part.object) {
		error = cache_sync_object(part.object, part.offset,
					  part.offset + (part.end - part.start), wait);
		vm_object_put(part.object);
	}
	*address = part.end;
	return error || !part.gap ? error : -ENOMEM;
}

int64_t linux_msync(const struct linux_call *call)
{
	uintptr_t address = call->argument[0], end;
	uint64_t flags = call->argument[2];
	int error = 0;

	if ((flags & ~(uint64_t)MSYNC_FLAGS) ||
	    (flags & (MSYNC_ASYNC | MSYNC_SYNC)) == (MSYNC_ASYNC | MSYNC_SYNC) ||
	    !is_aligned(address, PAGE_SIZE))
		return -EINVAL;
	if (!user_range_valid(address, call->argument[1]))
		return call->argument[1] ? -ENOMEM : 0;
	end = align_up(address + call->argument[1], PAGE_SIZE);
	while (address < end && !error)
		error = sync_part(&address, end, flags & MSYNC_SYNC);
	return error;
}
