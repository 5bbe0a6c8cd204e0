/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: areas, faults, protection, fork, remapping, user ranges. */
#include "vm_ktest.h"

#include <arch/trap.h>
#include <base/errno.h>
#include <base/string.h>
#include <mm/vm/user.h>

static void check_map_and_unmap(struct aspace *aspace)
{
	uintptr_t address = test_map(aspace, 16, VM_RW, NULL);
	uintptr_t second = address;

	ktest_expect(test_word(aspace, address) == 0);
	ktest_expect(aspace_resident(aspace) == 0); /* the page of zeros is not counted */
	ktest_expect(test_store(aspace, address, 7) == 0);
	ktest_expect(test_store(aspace, address + 15 * PAGE_SIZE, 8) == 0);
	ktest_expect(aspace_resident(aspace) == 2);
	ktest_expect(test_word(aspace, address) == 7);
	ktest_expect(aspace_fault(aspace, address, FAULT_EXECUTE) == -EACCES);
	ktest_expect(aspace_map(aspace, &second, PAGE_SIZE, VM_READ | VM_FIXED_NOREPLACE, NULL, 0,
				NULL) == -EEXIST);
	ktest_expect(aspace_unmap(aspace, address, 16 * PAGE_SIZE) == 0);
	ktest_expect(aspace_fault(aspace, address, FAULT_READ) == -EFAULT);
	ktest_expect(aspace_resident(aspace) == 0 && aspace->mapped_bytes == 0);
}

static void check_bad_arguments(struct aspace *aspace)
{
	uintptr_t address = 0;

	ktest_expect(aspace_map(aspace, &address, 0, VM_READ, NULL, 0, NULL) == -EINVAL);
	ktest_expect(aspace_map(aspace, &address, SIZE_MAX, VM_READ, NULL, 0, NULL) == -ENOMEM);
	ktest_expect(aspace_map(aspace, &address, USER_MAX, VM_READ, NULL, 0, NULL) == -ENOMEM);
	ktest_expect(aspace_map(aspace, &address, PAGE_SIZE, VM_FIXED, NULL, 0, NULL) == -EPERM);
	address = 0x100001;
	ktest_expect(aspace_map(aspace, &address, PAGE_SIZE, VM_FIXED, NULL, 0, NULL) == -EINVAL);
	address = USER_MAX;
	ktest_expect(aspace_map(aspace, &address, PAGE_SIZE, VM_FIXED, NULL, 0, NULL) == -ENOMEM);
	ktest_expect(aspace_unmap(aspace, 0x100001, PAGE_SIZE) == -EINVAL);
	ktest_expect(aspace_unmap(aspace, 0x100000, SIZE_MAX) == -EINVAL);
	ktest_expect(aspace_protect(aspace, 0x100000, PAGE_SIZE, VM_READ) == -ENOMEM);
	ktest_expect(aspace_fault(aspace, USER_MAX, FAULT_READ) == -EFAULT);
	ktest_expect(aspace_fault(aspace, UINTPTR_MAX, FAULT_READ) == -EFAULT);
	ktest_expect(test_count_areas(aspace) == 0);
}

static void check_split_and_merge(struct aspace *aspace)
{
	uintptr_t address = test_map(aspace, 10, VM_RW, NULL);
	uintptr_t middle = address + 4 * PAGE_SIZE;

	ktest_expect(test_store(aspace, middle, 1) == 0);
	ktest_expect(aspace_protect(aspace, middle, 2 * PAGE_SIZE, VM_READ) == 0);
	ktest_expect(test_count_areas(aspace) == 3);
	ktest_expect(aspace_protect(aspace, middle, 2 * PAGE_SIZE, VM_RW) == 0);
	ktest_expect(test_count_areas(aspace) == 1);
	ktest_expect(aspace_unmap(aspace, middle, PAGE_SIZE) == 0);
	ktest_expect(test_count_areas(aspace) == 2 && aspace->mapped_bytes == 9 * PAGE_SIZE);
	/* The gap is where the next page goes. */
	ktest_expect(test_map(aspace, 1, VM_RW, NULL) == middle);
	ktest_expect(test_count_areas(aspace) == 1);
	ktest_expect(test_word(aspace, middle) == 0);
	ktest_expect(aspace_advise(aspace, middle, PAGE_SIZE, VM_LOCKED, 0) == 0);
	ktest_expect(test_count_areas(aspace) == 3 && aspace->locked_bytes == PAGE_SIZE);
	ktest_expect(aspace_discard(aspace, address, 10 * PAGE_SIZE) == -EINVAL);
	ktest_expect(aspace_unmap(aspace, address, 10 * PAGE_SIZE) == 0);
	ktest_expect(aspace->locked_bytes == 0);
}

static void check_protection(struct aspace *aspace)
{
	uintptr_t address = test_map(aspace, 2, VM_RW, NULL);

	ktest_expect(test_store(aspace, address, 5) == 0);
	ktest_expect(aspace_protect(aspace, address, PAGE_SIZE, VM_READ) == 0);
	ktest_expect(test_store(aspace, address, 6) == -EACCES);
	ktest_expect(test_word(aspace, address) == 5);
	ktest_expect(aspace_protect(aspace, address, PAGE_SIZE, 0) == 0);
	ktest_expect(aspace_fault(aspace, address, FAULT_READ) == -EACCES);
	ktest_expect(aspace_protect(aspace, address, PAGE_SIZE, VM_RW) == 0);
	ktest_expect(test_word(aspace, address) == 5);
	ktest_expect(test_store(aspace, address, 6) == 0);
	ktest_expect(aspace_resident(aspace) == 1);
	ktest_expect(aspace_protect(aspace, address, PAGE_SIZE, VM_READ | VM_EXECUTE) == 0);
	ktest_expect(aspace_fault(aspace, address, FAULT_EXECUTE) == 0);
	ktest_expect(test_word(aspace, address) == 6);
	ktest_expect(aspace_unmap(aspace, address, 2 * PAGE_SIZE) == 0);
}

static void check_fork(struct aspace *aspace)
{
	uintptr_t address = test_map(aspace, 4, VM_RW, NULL);
	uintptr_t shared = test_map(aspace, 1, VM_RW | VM_SHARED, NULL);
	struct aspace *child;

	ktest_expect(test_store(aspace, address, 1) == 0);
	ktest_expect(test_store(aspace, address + PAGE_SIZE, 2) == 0);
	ktest_expect(test_store(aspace, shared, 3) == 0);
	ktest_expect(aspace_advise(aspace, address + PAGE_SIZE, PAGE_SIZE, VM_WIPE_ON_FORK, 0) ==
		     0);
	ktest_expect(aspace_advise(aspace, address + 3 * PAGE_SIZE, PAGE_SIZE, VM_DONT_FORK, 0) ==
		     0);
	child = aspace_fork(aspace);
	ktest_expect(child != NULL);
	if (!child)
		return;
	ktest_expect(test_store(aspace, address, 10) == 0);
	ktest_expect(test_word(child, address) == 1);
	ktest_expect(test_store(child, address, 11) == 0);
	ktest_expect(test_word(aspace, address) == 10);
	ktest_expect(test_word(child, address) == 11);
	ktest_expect(test_word(child, address + PAGE_SIZE) == 0);
	ktest_expect(aspace_fault(child, address + 3 * PAGE_SIZE, FAULT_READ) == -EFAULT);
	ktest_expect(test_store(child, shared, 12) == 0);
	ktest_expect(test_word(aspace, shared) == 12);
	aspace_put(child);
	ktest_expect(test_word(aspace, address) == 10);
	ktest_expect(aspace_unmap(aspace, USER_MIN, USER_MAX - USER_MIN) == 0);
}

static void check_remap(struct aspace *aspace)
{
	uintptr_t address = test_map(aspace, 4, VM_RW, NULL);
	uintptr_t result = 0;

	ktest_expect(test_store(aspace, address, 1) == 0);
	ktest_expect(test_store(aspace, address + PAGE_SIZE, 2) == 0);
	ktest_expect(aspace_remap(aspace, address, 4 * PAGE_SIZE, 2 * PAGE_SIZE, false, false,
				  &result) == 0);
	ktest_expect(result == address && aspace->mapped_bytes == 2 * PAGE_SIZE);
	ktest_expect(aspace_remap(aspace, address, 2 * PAGE_SIZE, 4 * PAGE_SIZE, false, false,
				  &result) == 0);
	ktest_expect(result == address);
	/* Nothing is free above: the next one has to move. */
	ktest_expect(aspace_remap(aspace, address, 4 * PAGE_SIZE, 8 * PAGE_SIZE, false, false,
				  &result) == -ENOMEM);
	ktest_expect(aspace_remap(aspace, address, 4 * PAGE_SIZE, 8 * PAGE_SIZE, true, false,
				  &result) == 0);
	ktest_expect(result != address && aspace->mapped_bytes == 8 * PAGE_SIZE);
	ktest_expect(test_word(aspace, result) == 1);
	ktest_expect(test_word(aspace, result + PAGE_SIZE) == 2);
	ktest_expect(aspace_fault(aspace, address, FAULT_READ) == -EFAULT);
	ktest_expect(aspace_remap(aspace, result, 8 * PAGE_SIZE, SIZE_MAX, true, false, &address) ==
		     -EINVAL);
	/* The second page alone, to a given place. */
	ktest_expect(aspace_remap(aspace, result + PAGE_SIZE, PAGE_SIZE, PAGE_SIZE, true, true,
				  &address) == 0);
	ktest_expect(test_word(aspace, address) == 2);
	ktest_expect(test_store(aspace, address, 3) == 0);
	ktest_expect(aspace_fault(aspace, result + PAGE_SIZE, FAULT_READ) == -EFAULT);
	ktest_expect(aspace_remap(aspace, result, 8 * PAGE_SIZE, 9 * PAGE_SIZE, true, false,
				  &result) == -EFAULT);
	ktest_expect(aspace_unmap(aspace, USER_MIN, USER_MAX - USER_MIN) == 0);
}

static void check_stack(struct aspace *aspace)
{
	uintptr_t top = 0x40000000;
	uintptr_t start = top - 4 * PAGE_SIZE;
	uintptr_t below = top - 1024 * PAGE_SIZE;

	ktest_expect(aspace_map(aspace, &start, 4 * PAGE_SIZE,
				VM_RW | VM_GROWS_DOWN | VM_STACK | VM_FIXED, NULL, 0, NULL) == 0);
	aspace->stack_limit = 2048 * PAGE_SIZE;
	ktest_expect(test_store(aspace, top - 100 * PAGE_SIZE, 1) == 0);
	ktest_expect(aspace->mapped_bytes == 100 * PAGE_SIZE && test_count_areas(aspace) == 1);
	ktest_expect(test_store(aspace, top - 2049 * PAGE_SIZE, 1) == -EFAULT);
	ktest_expect(aspace_map(aspace, &below, PAGE_SIZE, VM_RW | VM_FIXED, NULL, 0, NULL) == 0);
	ktest_expect(test_store(aspace, below + 256 * PAGE_SIZE, 1) == -EFAULT);
	ktest_expect(test_store(aspace, below + 257 * PAGE_SIZE, 1) == 0);
	aspace->address_limit = aspace->mapped_bytes;
	ktest_expect(aspace_unmap(aspace, below, PAGE_SIZE) == 0);
	ktest_expect(test_store(aspace, below + 255 * PAGE_SIZE, 1) == -EFAULT);
	aspace->address_limit = UINT64_MAX;
	ktest_expect(aspace_unmap(aspace, USER_MIN, USER_MAX - USER_MIN) == 0);
}

static void check_heap(struct aspace *aspace)
{
	uintptr_t start = 0x20000123;
	uintptr_t obstacle = 0x20010000;

	aspace->heap_start = aspace->heap_end = start;
	ktest_expect(aspace_map(aspace, &obstacle, PAGE_SIZE, VM_READ | VM_FIXED, NULL, 0, NULL) ==
		     0);
	ktest_expect(aspace_set_heap_end(aspace, 0) == start);
	ktest_expect(aspace_set_heap_end(aspace, start + 0x5000) == start + 0x5000);
	ktest_expect(test_store(aspace, 0x20001000, 1) == 0);
	ktest_expect(test_store(aspace, 0x20005000, 1) == 0);
	ktest_expect(test_store(aspace, 0x20006000, 1) == -EFAULT);
	ktest_expect(aspace_set_heap_end(aspace, 0x20010000) == start + 0x5000);
	ktest_expect(aspace_set_heap_end(aspace, start + 0x1000) == start + 0x1000);
	ktest_expect(test_store(aspace, 0x20005000, 1) == -EFAULT);
	aspace->data_limit = 0x3000;
	ktest_expect(aspace_set_heap_end(aspace, start + 0x4000) == start + 0x1000);
	aspace->data_limit = UINT64_MAX;
	ktest_expect(aspace_unmap(aspace, USER_MIN, USER_MAX - USER_MIN) == 0);
}

static void check_limits(struct aspace *aspace)
{
	uintptr_t address = test_map(aspace, 4, VM_RW, NULL);
	struct frame_statistics statistics;
	uintptr_t huge = 0, low = 0, moved = 0;
	size_t length;

	frame_read_statistics(&statistics);
	length = (statistics.total + 1) << PAGE_SHIFT;
	ktest_expect(aspace_map(aspace, &huge, length, VM_RW, NULL, 0, NULL) == -ENOMEM);
	ktest_expect(aspace_map(aspace, &huge, length, VM_READ, NULL, 0, NULL) == 0);
	ktest_expect(aspace_protect(aspace, huge, length, VM_RW) == -ENOMEM);
	ktest_expect(aspace_unmap(aspace, huge, length) == 0);
	ktest_expect(aspace_map(aspace, &huge, length, VM_RW | VM_NO_RESERVE, NULL, 0, NULL) == 0);
	ktest_expect(aspace_unmap(aspace, huge, length) == 0);
	ktest_expect(aspace_map(aspace, &low, PAGE_SIZE, VM_RW | VM_BELOW_4G, NULL, 0, NULL) == 0);
	ktest_expect(low != 0 && low < 0x80000000);
	aspace->data_limit = 6 * PAGE_SIZE;
	ktest_expect(aspace_remap(aspace, address, 4 * PAGE_SIZE, 6 * PAGE_SIZE, true, false,
				  &moved) == -ENOMEM);
	aspace->data_limit = UINT64_MAX;
	aspace->address_limit = 6 * PAGE_SIZE;
	ktest_expect(aspace_remap(aspace, address, 4 * PAGE_SIZE, 6 * PAGE_SIZE, true, false,
				  &moved) == -ENOMEM);
	address -= PAGE_SIZE;
	ktest_expect(aspace_map(aspace, &address, 5 * PAGE_SIZE, VM_READ | VM_FIXED, NULL, 0,
				NULL) == 0);
	ktest_expect(aspace_map(aspace, &huge, PAGE_SIZE, VM_READ, NULL, 0, NULL) == -ENOMEM);
	aspace->address_limit = UINT64_MAX;
	ktest_expect(aspace_unmap(aspace, USER_MIN, USER_MAX - USER_MIN) == 0);
}

static void check_foreign_access(struct aspace *aspace)
{
	uintptr_t address = test_map(aspace, 2, VM_READ, NULL);
	char text[] = "across a page";
	char back[sizeof(text)] = "";
	uintptr_t at = address + PAGE_SIZE - 4;

	ktest_expect(aspace_write(aspace, at, text, sizeof(text)) == (ssize_t)sizeof(text));
	ktest_expect(aspace_read(aspace, at, back, sizeof(back)) == (ssize_t)sizeof(back));
	ktest_expect(strcmp(text, back) == 0);
	ktest_expect(test_store(aspace, address, 1) == -EACCES);
	ktest_expect(aspace_read(aspace, address + 2 * PAGE_SIZE - 3, back, 8) == 3);
	ktest_expect(aspace_read(aspace, address + 2 * PAGE_SIZE, back, 8) == -EIO);
	ktest_expect(aspace_read(aspace, USER_MAX, back, 8) == -EIO);
	ktest_expect(aspace_unmap(aspace, address, 2 * PAGE_SIZE) == 0);
}

static void check_futex_keys(struct aspace *aspace)
{
	uintptr_t address = test_map(aspace, 1, VM_RW, NULL);
	uintptr_t shared = test_map(aspace, 1, VM_RW | VM_SHARED, NULL);
	struct aspace *child = aspace_fork(aspace);
	struct futex_key mine, other;

	ktest_expect(child != NULL);
	if (!child)
		return;
	ktest_expect(aspace_futex_key(aspace, address + 2, true, &mine) == -EINVAL);
	ktest_expect(aspace_futex_key(aspace, address - PAGE_SIZE * 16, false, &mine) == -EFAULT);
	ktest_expect(aspace_futex_key(aspace, address + 4, false, &mine) == 0);
	ktest_expect(aspace_futex_key(child, address + 4, false, &other) == 0);
	ktest_expect(mine.object != other.object);
	ktest_expect(aspace_futex_key(aspace, shared + 8, false, &mine) == 0);
	ktest_expect(aspace_futex_key(child, shared + 8, false, &other) == 0);
	ktest_expect(mine.object == other.object && mine.offset == other.offset);
	aspace_put(child);
	ktest_expect(aspace_unmap(aspace, USER_MIN, USER_MAX - USER_MIN) == 0);
}

static void run(void (*check)(struct aspace *aspace))
{
	struct aspace *aspace = aspace_create();

	ktest_expect(aspace != NULL);
	if (!aspace)
		return;
	check(aspace);
	aspace_put(aspace);
}

KTEST(vm, maps_and_unmaps)
{
	run(check_map_and_unmap);
}

KTEST(vm, refuses_bad_arguments)
{
	run(check_bad_arguments);
}

KTEST(vm, splits_and_merges)
{
	run(check_split_and_merge);
}

KTEST(vm, protects)
{
	run(check_protection);
}

KTEST(vm, forks)
{
	run(check_fork);
}

KTEST(vm, remaps)
{
	run(check_remap);
}

KTEST(vm, grows_stacks)
{
	run(check_stack);
}

KTEST(vm, moves_the_heap_end)
{
	run(check_heap);
}

KTEST(vm, keeps_limits)
{
	run(check_limits);
}

KTEST(vm, accesses_foreign_memory)
{
	run(check_foreign_access);
}

KTEST(vm, makes_futex_keys)
{
	run(check_futex_keys);
}

KTEST(vm, checks_user_ranges)
{
	uint32_t value = 0;
	char text[4];

	ktest_expect(user_range_valid(USER_MIN, 1) && user_range_valid(USER_MAX - 1, 1));
	ktest_expect(!user_range_valid(USER_MAX - 1, 2) && !user_range_valid(USER_MAX, 0));
	ktest_expect(!user_range_valid(0, 1) && !user_range_valid(USER_MIN, SIZE_MAX));
	ktest_expect(copy_from_user(&value, user_in((uintptr_t)&value, sizeof(value))) == -EFAULT);
	ktest_expect(copy_to_user(user_out((uintptr_t)&value, sizeof(value)), &value) == -EFAULT);
	ktest_expect(copy_from_user(&value, user_in(UINTPTR_MAX, 0)) == 0);
	ktest_expect(copy_string_from_user(text, USER_MAX, sizeof(text)) == -EFAULT);
}

/* All of it once more: the frames that were free before are free again. */
KTEST(vm, gives_all_frames_back)
{
	static void (*const checks[])(struct aspace * aspace) = {
		check_map_and_unmap, check_split_and_merge, check_protection, check_fork,
		check_remap,         check_stack,           check_heap,       check_foreign_access,
	};
	uint64_t before = 0;

	/* The first round fills the heap's caches. */
	for (unsigned round = 0; round < 3; round++) {
		if (round < 2)
			before = test_frames_in_use();
		for (size_t i = 0; i < array_length(checks); i++)
			run(checks[i]);
	}
	ktest_expect(test_frames_in_use() == before);
}
