/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Access to the memory of other processes. */
#include "linux.h"

#include <mm/phys/slab.h>
#include <mm/vm/aspace.h>
#include <proc/process.h>

#define PROCESS_CHUNK 16384

struct process_copy {
	struct aspace *aspace;
	const struct io_segment *segments; /* of the other process */
	uint64_t count;
	struct io *io; /* of this one */
	bool write;
};

/* Moves one segment through a buffer: bytes, less where memory is bad. */
static ssize_t copy_segment(const struct process_copy *copy, const struct io_segment *segment,
			    uint8_t *buffer)
{
	size_t done = 0;

	while (done < segment->length && io_remaining(copy->io)) {
		size_t length = min_size(min_size(segment->length - done, PROCESS_CHUNK),
					 io_remaining(copy->io));
		ssize_t count, moved;

		if (copy->write) {
			count = io_take(copy->io, buffer, length);
			moved = count > 0 ? aspace_write(copy->aspace, segment->address + done,
							 buffer, (size_t)count)
					  : count;
		} else {
			count = aspace_read(copy->aspace, segment->address + done, buffer, length);
			moved = count > 0 ? io_put(copy->io, buffer, (size_t)count) : count;
		}
		if (moved > 0)
			done += (size_t)moved;
		if (moved != (ssize_t)length)
			return done ? (ssize_t)done : -EFAULT;
	}
	return (ssize_t)done;
}

static int64_t copy_segments(const struct process_copy *copy)
{
	uint8_t *buffer = kmalloc(PROCESS_CHUNK);
	ssize_t count = 0;
	int64_t done = 0;

	if (!buffer)
		return -ENOMEM;
	for (uint64_t i = 0; i < copy->count; i++) {
		count = copy_segment(copy, &copy->segments[i], buffer);
		if (count > 0)
			done += count;
		if (count != (ssize_t)copy->segments[i].length)
			break;
	}
	kfree(buffer);
	return done || count >= 0 ? done : count;
}

static int find_aspace(uint32_t pid, struct aspace **aspace)
{
	struct process *process = process_find(pid);
	int error = 0;

	if (!process)
		return -ESRCH;
	/* Exec changes the ids first and then the memory: what is allowed now is so for this. */
	*aspace = process_aspace(process);
	if (!process_may_inspect(process))
		error = -EPERM;
	else if (!*aspace)
		error = -ESRCH;
	if (error && *aspace)
		aspace_put(*aspace);
	process_put(process);
	return error;
}

static int64_t access_process(const struct linux_call *call, bool write)
{
	struct io_segment *own, *other;
	struct process_copy copy = { .count = call->argument[4], .write = write };
	struct io io;
	int64_t result;

	if (call->argument[5])
		return -EINVAL;
	result = linux_get_vector(call->argument[1], call->argument[2], &own);
	if (result)
		return result;
	result = linux_get_vector(call->argument[3], call->argument[4], &other);
	if (result)
		goto out_own;
	result = io_init_segments(&io, own, call->argument[2]);
	if (!result)
		result = find_aspace(linux_unsigned(call, 0), &copy.aspace);
	if (!result) {
		copy.segments = other;
		copy.io = &io;
		result = copy_segments(&copy);
		aspace_put(copy.aspace);
	}
	kfree(other);
out_own:
	kfree(own);
	return result;
}

int64_t linux_process_vm_readv(const struct linux_call *call)
{
	return access_process(call, false);
}

int64_t linux_process_vm_writev(const struct linux_call *call)
{
	return access_process(call, true);
}
