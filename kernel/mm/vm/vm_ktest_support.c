/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Helpers of the self tests of mm/vm. */
#include <arch/trap.h>
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>

#include "vm_ktest.h"

static unsigned file_writes;

/* One access by the translation; false if it does not allow that. */
static bool access_translated(struct aspace *aspace, uintptr_t address, uint32_t *value, bool write)
{
	unsigned wanted = write ? MMU_WRITE : MMU_READ;
	unsigned flags;
	phys_t physical;
	char *memory;

	if (!arch_pmap_query(aspace->pmap, align_down(address, PAGE_SIZE), &physical, &flags) ||
	    !(flags & wanted))
		return false;
	memory = (char *)phys_to_virt(physical) + (address & (PAGE_SIZE - 1));
	if (write)
		memcpy(memory, value, sizeof(*value));
	else
		memcpy(value, memory, sizeof(*value));
	return true;
}

static int test_access(struct aspace *aspace, uintptr_t address, uint32_t *value, bool write)
{
	for (unsigned tries = 0; tries < 4; tries++) {
		int error;

		if (access_translated(aspace, address, value, write))
			return 0;
		error = aspace_fault(aspace, address,
				     (write ? FAULT_WRITE : FAULT_READ) | FAULT_USER);
		if (error)
			return error;
	}
	return -EAGAIN;
}

int test_load(struct aspace *aspace, uintptr_t address, uint32_t *value)
{
	return test_access(aspace, address, value, false);
}

int test_store(struct aspace *aspace, uintptr_t address, uint32_t value)
{
	return test_access(aspace, address, &value, true);
}

uint32_t test_word(struct aspace *aspace, uintptr_t address)
{
	uint32_t value = 0;

	ktest_expect(test_load(aspace, address, &value) == 0);
	return value;
}

uintptr_t test_map(struct aspace *aspace, size_t pages, unsigned flags, struct vm_object *object)
{
	uintptr_t address = 0;
	int error = aspace_map(aspace, &address, pages * PAGE_SIZE, flags, object, 0, NULL);

	ktest_expect(error == 0);
	return error ? 0 : address;
}

static bool count_area(const struct vm_area *area, void *argument)
{
	size_t *count = argument;

	(void)area;
	++*count;
	return true;
}

size_t test_count_areas(struct aspace *aspace)
{
	size_t count = 0;

	aspace_visit(aspace, count_area, &count);
	return count;
}

uint64_t test_frames_in_use(void)
{
	struct frame_statistics statistics;

	frame_read_statistics(&statistics);
	return statistics.total - statistics.free - statistics.slabs;
}

static int file_fill(struct vm_object *object, uint64_t index, struct frame **frame)
{
	(void)object;
	*frame = frame_allocate(0, FRAME_ZERO);
	if (!*frame)
		return -ENOMEM;
	*(uint32_t *)frame_address(*frame) = TEST_FILE_SEED + (uint32_t)index;
	return 0;
}

static int file_make_writable(struct vm_object *object, uint64_t index)
{
	(void)object;
	(void)index;
	file_writes++;
	return 0;
}

static void file_release(struct vm_object *object)
{
	kfree(object);
}

static const struct vm_object_ops file_ops = {
	.fill = file_fill,
	.make_writable = file_make_writable,
	.release = file_release,
};

struct vm_object *test_file_create(uint64_t size)
{
	struct vm_object *object = kmalloc(sizeof(*object));

	ktest_expect(object != NULL);
	if (object)
		vm_object_init(object, &file_ops, size, NULL);
	file_writes = 0;
	return object;
}

unsigned test_file_writes(void)
{
	return file_writes;
}
