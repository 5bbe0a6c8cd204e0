/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: physical memory that programs are given. */
#include "vm_ktest.h"

#include <base/errno.h>
#include <mm/phys/frame.h>
#include <mm/vm/physical.h>

#define PAGES 5

static void check_giving(struct aspace *aspace, struct aspace *other)
{
	phys_t block = 0, next = 0;

	(void)other;
	ktest_expect(physical_allocate(aspace, PAGES, false, &block) == 0);
	ktest_expect(physical_allocate(aspace, 1, true, &next) == 0);
	ktest_expect(block && next - block >= PAGES * PAGE_SIZE && next < (phys_t)1 << 32);
	ktest_expect(physical_allocate(aspace, 0, false, &next) == -EINVAL);
	ktest_expect(physical_allocate(aspace, SIZE_MAX, false, &next) == -ENOMEM);
	ktest_expect(physical_free(block + PAGE_SIZE, 2) == 0);
	ktest_expect(physical_free(block, PAGES) == -EINVAL);
	ktest_expect(physical_free(block + 3 * PAGE_SIZE, 2) == 0);
	ktest_expect(physical_free(UINT64_MAX - PAGE_SIZE + 1, 2) == -EINVAL);
	/* The rest goes with the address space. */
}

static void check_mapping(struct aspace *aspace, struct aspace *other)
{
	uintptr_t here = 0, there = 0;
	struct futex_key key, other_key;
	struct aspace *child;
	phys_t block = 0, found = 0;

	ktest_expect(physical_allocate(aspace, PAGES, false, &block) == 0);
	ktest_expect(physical_map(aspace, block, PAGES, VM_RW, 0, &here) == 0);
	ktest_expect(physical_map(other, block + PAGE_SIZE, 1, VM_READ, 0, &there) == 0);
	ktest_expect(test_word(aspace, here) == 0);
	ktest_expect(test_store(aspace, here + PAGE_SIZE, 1) == 0);
	ktest_expect(test_word(other, there) == 1);
	ktest_expect(test_store(other, there, 2) == -EACCES);
	ktest_expect(aspace_physical(other, there + 5, &found) == 0);
	ktest_expect(found == block + PAGE_SIZE + 5);
	/* A futex there is the same by whatever mapping it is reached. */
	ktest_expect(aspace_futex_key(aspace, here + PAGE_SIZE + 4, false, &key) == 0);
	ktest_expect(aspace_futex_key(other, there + 4, false, &other_key) == 0);
	ktest_expect(key.object == other_key.object && key.offset == other_key.offset);
	child = aspace_fork(aspace);
	ktest_expect(child != NULL);
	if (child) {
		ktest_expect(test_store(child, here, 3) == 0);
		aspace_put(child);
	}
	ktest_expect(test_word(aspace, here) == 3);
	ktest_expect(physical_free(block, PAGES) == 0);
	ktest_expect(physical_map(other, block, 1, VM_READ, 0, &there) == -EPERM);
	ktest_expect(test_store(aspace, here + PAGE_SIZE, 4) == 0);
	ktest_expect(aspace_unmap(aspace, here, PAGES * PAGE_SIZE) == 0);
	ktest_expect(test_word(other, there) == 4);
}

/* All memory is somebody's: what was not given is not to be mapped. */
static void check_refusals(struct aspace *aspace, struct aspace *other)
{
	uintptr_t private = test_map(aspace, 1, VM_RW, NULL), address = 0;
	phys_t physical = 0;

	(void)other;
	ktest_expect(aspace_physical(aspace, private - PAGE_SIZE, &physical) == -EFAULT);
	ktest_expect(aspace_physical(aspace, private, &physical) == 0);
	ktest_expect(aspace_resident(aspace) == 1);
	ktest_expect(physical_map(aspace, physical, 1, VM_RW, 0, &address) == -EPERM);
	ktest_expect(physical_free(physical, 1) == -EINVAL);
	ktest_expect(physical_map(aspace, PAGE_SIZE / 2, 1, VM_RW, 0, &address) == -EINVAL);
	ktest_expect(physical_map(aspace, (phys_t)1 << 60, 1, VM_RW, 0, &address) == -EINVAL);
	ktest_expect(physical_map(aspace, 0, SIZE_MAX, VM_RW, 0, &address) == -EINVAL);
	ktest_expect(physical_map(aspace, physical, 0, VM_RW, 0, &address) == -EINVAL);
}

static void run(void (*check)(struct aspace *aspace, struct aspace *other))
{
	struct aspace *aspace = aspace_create(), *other = aspace_create();

	ktest_expect(aspace && other);
	if (aspace && other)
		check(aspace, other);
	if (aspace)
		aspace_put(aspace);
	if (other)
		aspace_put(other);
}

KTEST(vm, gives_physical_memory)
{
	uint64_t before = 0;

	for (unsigned round = 0; round < 3; round++) {
		if (round < 2)
			before = test_frames_in_use();
		run(check_giving);
		run(check_mapping);
		run(check_refusals);
	}
	ktest_expect(test_frames_in_use() == before);
}
