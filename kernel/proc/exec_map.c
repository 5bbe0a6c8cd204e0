/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maps the segments of ELF files, and the first part of the stack. */
#include "exec_private.h"

#include <arch/mmu.h>
#include <base/errno.h>
#include <mm/vm/aspace.h>
#include <scheme/file.h>

/* What a stack has beyond what the program starts with; more comes by page faults. */
#define STACK_INITIAL ((size_t)128 * 1024)

static unsigned segment_flags(const struct exec *exec, const struct elf_load_segment *segment)
{
	unsigned flags = VM_FIXED_NOREPLACE;

	if (exec->personality->strict_segments)
		flags |= VM_READ;
	if (segment->flags & ELF_FLAG_READ)
		flags |= VM_READ;
	if (segment->flags & ELF_FLAG_WRITE)
		flags |= VM_WRITE;
	if (segment->flags & ELF_FLAG_EXECUTE)
		flags |= VM_EXECUTE;
	if (exec->personality->strict_segments && flags & VM_EXECUTE)
		flags &= ~(unsigned)VM_WRITE;
	return flags;
}

/* Clears the rest of the page in which the file's part ends. */
static int clear_tail(struct aspace *aspace, uintptr_t from)
{
	static const char zeros[(size_t)1 << PAGE_SHIFT];
	size_t length = align_up(from, PAGE_SIZE) - from;

	if (length > 0 && aspace_write(aspace, from, zeros, length) != (ssize_t)length)
		return -ENOMEM;
	return 0;
}

static int map_file_part(const struct exec *exec, const struct exec_program *program,
			 const struct elf_load_segment *segment)
{
	struct aspace *aspace = exec->image.aspace;
	uintptr_t address = segment->vaddr + program->bias;
	uintptr_t start = align_down(address, PAGE_SIZE);
	uintptr_t end = align_up(address + segment->filesz, PAGE_SIZE);
	uint64_t offset = align_down(segment->offset, PAGE_SIZE);
	unsigned flags = segment_flags(exec, segment);
	struct vm_object *object;
	int error = file_map(program->file, offset, end - start, flags, &object);

	if (error)
		return error;
	error = aspace_map(aspace, &start, end - start, flags, object, offset,
			   program->file->dentry);
	vm_object_put(object);
	if (!error && segment->memsz > segment->filesz)
		error = clear_tail(aspace, address + segment->filesz);
	return error;
}

static int map_segment(const struct exec *exec, const struct exec_program *program,
		       const struct elf_load_segment *segment)
{
	uintptr_t address = segment->vaddr + program->bias;
	uintptr_t end = align_up(address + segment->memsz, PAGE_SIZE);
	uintptr_t rest = align_down(address, PAGE_SIZE);
	int error;

	if (segment->filesz > 0) {
		error = map_file_part(exec, program, segment);
		if (error)
			return error;
		rest = align_up(address + segment->filesz, PAGE_SIZE);
	}
	if (rest >= end)
		return 0;
	return aspace_map(exec->image.aspace, &rest, end - rest, segment_flags(exec, segment), NULL,
			  0, NULL);
}

int exec_map_program(const struct exec *exec, const struct exec_program *program)
{
	const struct elf_load_plan *plan = &program->plan;

	for (unsigned i = 0; i < plan->segment_count; i++) {
		int error = map_segment(exec, program, &plan->segments[i]);

		/* Where the file asks for addresses that nobody can have. */
		if (error == -EPERM || error == -EINVAL || error == -EEXIST || error == -ENODEV ||
		    error == -EOVERFLOW)
			return -ENOEXEC;
		if (error)
			return error;
	}
	return 0;
}

/* All of a stack that does not grow, and below it as much again that nobody may touch and nothing
 * else can be mapped over. What the program starts with leaves a quarter of the stack free. */
static int map_whole_stack(const struct exec *exec, size_t needed)
{
	size_t size = exec->personality->stack_size;
	uintptr_t start = exec->image.stack_top - size, guard = start - size;
	int error;

	if (needed > size / 4 * 3)
		return -E2BIG;
	error = aspace_map(exec->image.aspace, &guard, size, VM_FIXED_NOREPLACE, NULL, 0, NULL);
	if (error)
		return error;
	return aspace_map(exec->image.aspace, &start, size,
			  VM_READ | VM_WRITE | VM_STACK | VM_FIXED_NOREPLACE, NULL, 0, NULL);
}

int exec_map_stack(struct exec *exec)
{
	const struct exec_image *image = &exec->image;
	struct aspace *aspace = image->aspace;
	unsigned flags = VM_READ | VM_WRITE | VM_GROWS_DOWN | VM_STACK | VM_FIXED_NOREPLACE;
	size_t strings = image->arguments.length + image->environment.length;
	size_t pointers = (image->arguments.count + image->environment.count) * sizeof(uint64_t);
	size_t length = align_up(strings + pointers, PAGE_SIZE);
	uintptr_t start;

	if (exec->personality->stack_size)
		return map_whole_stack(exec, length);
	/* A quarter of the stack is for what the program starts with. */
	if (length > STACK_INITIAL && length > aspace->stack_limit / 4)
		return -E2BIG;
	if (exec->program.plan.stack_executable)
		flags |= VM_EXECUTE;
	length += STACK_INITIAL;
	start = image->stack_top - length;
	return aspace_map(aspace, &start, length, flags, NULL, 0, NULL);
}
