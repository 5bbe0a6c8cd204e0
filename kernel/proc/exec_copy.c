/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Programs out of files that a process provides: they are read, once, and what the provider does
 * with its pages afterwards, or its end, is no matter to who runs them.
 */
#include "exec_private.h"

#include <base/errno.h>
#include <mm/phys/kernel_map.h>
#include <mm/vm/aspace.h>
#include <scheme/file.h>
#include <scheme/scheme.h>

#define CHUNK ((size_t)64 * 1024)

bool exec_must_copy(const struct file *file)
{
	const struct scheme *scheme = file->node->scheme;

	return scheme && scheme->ops->open;
}

int exec_copy_file(struct aspace *aspace, struct file *file, uint64_t offset, size_t length,
		   uintptr_t address)
{
	char *buffer = kernel_vmalloc(CHUNK);
	int error = buffer ? 0 : -ENOMEM;

	while (!error && length > 0) {
		size_t size = min_size(length, CHUNK);
		ssize_t count = file_read_kernel(file, buffer, size, offset);

		if (count < 0)
			error = (int)count;
		else if ((size_t)count < size)
			error = -ENOEXEC;
		else if (aspace_write(aspace, address, buffer, size) != count)
			error = -ENOMEM;
		offset += size;
		address += size;
		length -= size;
	}
	if (buffer)
		kernel_vfree(buffer);
	return error;
}
