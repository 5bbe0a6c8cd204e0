/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A host's own memory: private and anonymous, within a limit. What it has once been made read-only or executable is
 * never writable again, and after HOST_SEAL nothing becomes executable. What it shares with its device or the
 * kernel is not for these calls.
 */
#include "calls.h"

#include <base/errno.h>
#include <core/log.h>
#include <mm/vm/aspace.h>
#include <mm/vm/user.h>
#include <proc/process.h>

/* Adds up the private memory, or looks whether there is other in a range. */
struct look {
	uintptr_t start, end;
	size_t own; /* bytes of private memory, everywhere */
	size_t areas;
	bool foreign; /* other memory lies in the range */
};

static bool look_at(const struct vm_area *area, void *argument)
{
	struct look *look = argument;

	look->areas++;
	if (!area->object)
		look->own += area->end - area->start;
	else if (area->start < look->end && area->end > look->start)
		look->foreign = true;
	return true;
}

/* True if the range is whole pages without memory that is shared. Where it is not mapped at all is found by who
 * uses it. */
static bool is_own(struct aspace *aspace, uint64_t address, uint64_t length)
{
	struct look look = { .start = address, .end = address + length };

	if (!is_aligned(address, PAGE_SIZE) || !is_aligned(length, PAGE_SIZE) || !length ||
	    !user_range_valid(address, length))
		return false;
	aspace_visit(aspace, look_at, &look);
	return !look.foreign;
}

long host_call_memory_map(struct host *host, const uint64_t arguments[6])
{
	struct aspace *aspace = process_current()->aspace;
	struct look look = { 0 };
	uintptr_t address = 0;
	uint64_t length;
	int error;

	(void)host;
	if (!arguments[0] || arguments[0] > HOST_MEMORY_MAX)
		return -EINVAL;
	length = align_up(arguments[0], PAGE_SIZE);
	aspace_visit(aspace, look_at, &look);
	if (look.own + length > HOST_MEMORY_MAX || look.areas > HOST_PIECES_MAX)
		return -ENOMEM;
	error = aspace_map(aspace, &address, length, VM_READ | VM_WRITE, NULL, 0, NULL);
	return error ? error : (long)address;
}

static void condemn_for_memory(struct host *host, const char *what, uint64_t address)
{
	host_condemn(host, "wanted to %s memory at %#lx that is not its own", what, address);
}

long host_call_memory_unmap(struct host *host, const uint64_t arguments[6])
{
	struct aspace *aspace = process_current()->aspace;

	if (!is_own(aspace, arguments[0], arguments[1])) {
		condemn_for_memory(host, "unmap", arguments[0]);
		return -EPERM;
	}
	return aspace_unmap(aspace, arguments[0], arguments[1]);
}

long host_call_memory_protect(struct host *host, const uint64_t arguments[6])
{
	static const unsigned protections[] = {
		[HOST_READ_ONLY] = VM_READ,
		[HOST_EXECUTABLE] = VM_READ | VM_EXECUTE,
		[HOST_NOTHING] = 0,
	};
	struct aspace *aspace = process_current()->aspace;

	if (arguments[2] >= array_length(protections) ||
	    !is_own(aspace, arguments[0], arguments[1])) {
		condemn_for_memory(host, "protect", arguments[0]);
		return -EPERM;
	}
	if (arguments[2] == HOST_EXECUTABLE && host->sealed) {
		host_condemn(host, "wanted more code after it had begun");
		return -EPERM;
	}
	return aspace_protect(aspace, arguments[0], arguments[1], protections[arguments[2]]);
}

long host_call_seal(struct host *host, const uint64_t arguments[6])
{
	(void)arguments;
	host->sealed = true;
	return 0;
}
