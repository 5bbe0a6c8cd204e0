/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Maps what a host begins with: the program, out of the kernel's image, a stack, and the driver's object. All of it
 * is a copy of its own: what it does to that is its own affair.
 */
#include "program.h"
#include "host_priv.h"

#include <arch/thread.h>
#include <base/errno.h>
#include <core/log.h>
#include <core/panic.h>
#include <elf/elf.h>
#include <mm/vm/aspace.h>
#include <scheme/random.h>

#define STACK_LENGTH    ((size_t)64 << 10)
#define STACK_ALIGNMENT 16
#define MAP_RANDOM      ((uint64_t)1 << 20) /* pages by which all but the program is moved down */

static int plan_program(struct elf_load_plan *plan)
{
	const struct elf64_header *header = (const void *)host_program_start;
	size_t size = (size_t)(host_program_end - host_program_start);
	int error;

	if (size < sizeof(*header))
		return -ENOEXEC;
	error = elf_check_header(header, size, ARCH_ELF_MACHINE);
	if (error)
		return error;
	return elf_plan_load(header, (const void *)(host_program_start + header->phoff),
			     header->phnum, size, PAGE_SIZE, USER_MAX, plan);
}

/* Writing goes through whatever the protection is: these are private pages. */
static int write_memory(struct aspace *aspace, uintptr_t address, const void *from, size_t length)
{
	return aspace_write(aspace, address, from, length) == (ssize_t)length ? 0 : -ENOMEM;
}

static int map_segment(struct aspace *aspace, const struct elf_load_segment *segment)
{
	uintptr_t start = align_down(segment->vaddr, PAGE_SIZE);
	uintptr_t end = align_up(segment->vaddr + segment->memsz, PAGE_SIZE);
	unsigned flags = VM_READ | VM_FIXED_NOREPLACE;
	int error;

	if (segment->flags & ELF_FLAG_EXECUTE)
		flags |= VM_EXECUTE;
	else if (segment->flags & ELF_FLAG_WRITE)
		flags |= VM_WRITE;
	error = aspace_map(aspace, &start, end - start, flags, NULL, 0, NULL);
	if (error || !segment->filesz)
		return error;
	return write_memory(aspace, segment->vaddr, host_program_start + segment->offset,
			    segment->filesz);
}

static int map_program(struct aspace *aspace, uintptr_t *entry)
{
	struct elf_load_plan plan;
	int error = plan_program(&plan);

	if (!error && plan.position_independent)
		error = -ENOEXEC;
	for (unsigned i = 0; !error && i < plan.segment_count; i++)
		error = map_segment(aspace, &plan.segments[i]);
	*entry = plan.entry;
	return error;
}

static int map_stack(struct aspace *aspace, uintptr_t *stack_pointer)
{
	uintptr_t start = 0;
	int error = aspace_map(aspace, &start, STACK_LENGTH, VM_READ | VM_WRITE | VM_STACK, NULL, 0,
			       NULL);

	*stack_pointer = align_down(start + STACK_LENGTH, STACK_ALIGNMENT);
	return error;
}

static int map_object(struct aspace *aspace, const struct driver_object *object, uintptr_t *address)
{
	int error;

	*address = 0;
	error = aspace_map(aspace, address, object->length, VM_READ | VM_SEPARATE, NULL, 0, NULL);
	if (error)
		return error;
	return write_memory(aspace, *address, object->bytes, object->length);
}

int host_map_program(const struct driver_object *object, struct host_image *image)
{
	struct aspace *aspace = aspace_create();
	uint64_t random;
	int error;

	if (!aspace)
		return -ENOMEM;
	random_bytes(&random, sizeof(random));
	aspace->map_top = USER_MAX - (random % MAP_RANDOM + 1) * PAGE_SIZE;
	error = map_program(aspace, &image->entry);
	if (!error)
		error = map_stack(aspace, &image->stack_pointer);
	if (!error)
		error = map_object(aspace, object, &image->object);
	if (error) {
		aspace_put(aspace);
		return error;
	}
	image->aspace = aspace;
	return 0;
}
