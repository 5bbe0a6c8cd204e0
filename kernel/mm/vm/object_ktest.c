/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: objects, their private and shared mappings, truncation, transfers. */
#include "vm_ktest.h"

#include <arch/trap.h>
#include <base/errno.h>
#include <base/string.h>
#include <mm/vm/user.h>

#define FILE_PAGES 40

static void check_private(struct aspace *aspace, struct vm_object *file)
{
	uintptr_t address = test_map(aspace, FILE_PAGES, VM_RW, file);
	struct aspace *child;

	ktest_expect(test_word(aspace, address + 2 * PAGE_SIZE) == TEST_FILE_SEED + 2);
	ktest_expect(test_store(aspace, address + 2 * PAGE_SIZE, 1) == 0);
	ktest_expect(test_store(aspace, address + 3 * PAGE_SIZE, 2) == 0);
	ktest_expect(test_word(aspace, address + 2 * PAGE_SIZE) == 1);
	ktest_expect(file->page_count == 2 && test_file_writes() == 0);
	child = aspace_fork(aspace);
	ktest_expect(child != NULL);
	if (!child)
		return;
	ktest_expect(test_word(child, address + 2 * PAGE_SIZE) == 1);
	ktest_expect(test_store(child, address + 2 * PAGE_SIZE, 3) == 0);
	ktest_expect(test_word(aspace, address + 2 * PAGE_SIZE) == 1);
	aspace_put(child);
	ktest_expect(aspace_discard(aspace, address + 2 * PAGE_SIZE, PAGE_SIZE) == 0);
	ktest_expect(test_word(aspace, address + 2 * PAGE_SIZE) == TEST_FILE_SEED + 2);
	ktest_expect(test_word(aspace, address + 3 * PAGE_SIZE) == 2);
}

static void check_shared(struct aspace *aspace, struct vm_object *file)
{
	uintptr_t address = test_map(aspace, FILE_PAGES, VM_RW | VM_MAY_WRITE | VM_SHARED, file);
	uintptr_t other = test_map(aspace, FILE_PAGES, VM_READ | VM_SHARED, file);
	uintptr_t copy = 0;

	ktest_expect(test_word(aspace, address) == TEST_FILE_SEED);
	ktest_expect(test_file_writes() == 0);
	ktest_expect(test_store(aspace, address, 9) == 0);
	ktest_expect(test_store(aspace, address, 10) == 0);
	ktest_expect(test_file_writes() == 1);
	ktest_expect(test_word(aspace, other) == 10);
	ktest_expect(test_store(aspace, other, 1) == -EACCES);
	ktest_expect(aspace_protect(aspace, other, PAGE_SIZE, VM_RW) == -EACCES);
	ktest_expect(aspace_write(aspace, other, "x", 1) == -EIO);
	ktest_expect(aspace_remap(aspace, address, 0, 2 * PAGE_SIZE, true, false, &copy) == 0);
	ktest_expect(test_word(aspace, copy) == 10);
	ktest_expect(aspace_unmap(aspace, address, FILE_PAGES * PAGE_SIZE) == 0);
	ktest_expect(test_word(aspace, copy) == 10);
}

static void check_truncation(struct aspace *aspace, struct vm_object *file)
{
	uintptr_t shared = test_map(aspace, FILE_PAGES, VM_RW | VM_MAY_WRITE | VM_SHARED, file);
	uintptr_t private = test_map(aspace, FILE_PAGES, VM_RW, file);

	for (size_t page = 0; page < 4; page++) {
		ktest_expect(test_store(aspace, shared + page * PAGE_SIZE + 8, 20) == 0);
		ktest_expect(test_store(aspace, shared + page * PAGE_SIZE + 256, 21) == 0);
	}
	ktest_expect(test_store(aspace, private + PAGE_SIZE, 30) == 0);
	ktest_expect(test_store(aspace, private + 3 * PAGE_SIZE, 31) == 0);
	/* A hole leaves private copies alone. */
	vm_object_drop(file, 3, 4);
	ktest_expect(test_word(aspace, shared + 3 * PAGE_SIZE + 8) == 0);
	ktest_expect(test_word(aspace, private + 3 * PAGE_SIZE) == 31);
	/* A new end does not. */
	vm_object_resize(file, 2 * PAGE_SIZE + 100);
	ktest_expect(test_word(aspace, shared + 2 * PAGE_SIZE + 8) == 20);
	ktest_expect(test_word(aspace, shared + 2 * PAGE_SIZE + 256) == 0);
	ktest_expect(aspace_fault(aspace, shared + 3 * PAGE_SIZE, FAULT_READ) == -ENXIO);
	ktest_expect(aspace_fault(aspace, private + 3 * PAGE_SIZE, FAULT_READ) == -ENXIO);
	ktest_expect(test_word(aspace, private + PAGE_SIZE) == 30);
	ktest_expect(aspace_read(aspace, private + 3 * PAGE_SIZE, &(char){ 0 }, 1) == -EIO);
	vm_object_resize(file, 4 * PAGE_SIZE);
	ktest_expect(test_word(aspace, private + 3 * PAGE_SIZE) == TEST_FILE_SEED + 3);
}

static void check_moved_truncation(struct aspace *aspace, struct vm_object *file)
{
	uintptr_t address = test_map(aspace, 8, VM_RW | VM_MAY_WRITE | VM_SHARED, file);
	uintptr_t moved = 0;

	ktest_expect(test_store(aspace, address + 5 * PAGE_SIZE, 1) == 0);
	ktest_expect(aspace_unmap(aspace, address + 2 * PAGE_SIZE, PAGE_SIZE) == 0);
	ktest_expect(aspace_remap(aspace, address + 3 * PAGE_SIZE, 5 * PAGE_SIZE, 9 * PAGE_SIZE,
				  true, false, &moved) == 0);
	ktest_expect(test_word(aspace, moved + 2 * PAGE_SIZE) == 1);
	vm_object_resize(file, 5 * PAGE_SIZE);
	ktest_expect(aspace_fault(aspace, moved + 2 * PAGE_SIZE, FAULT_READ) == -ENXIO);
	ktest_expect(test_word(aspace, moved + PAGE_SIZE) == TEST_FILE_SEED + 4);
}

static void check_fault_around(struct aspace *aspace, struct vm_object *file)
{
	uintptr_t address = test_map(aspace, FILE_PAGES, VM_READ, file);
	struct aspace *other = aspace_create();
	uintptr_t same;
	uint8_t resident[2];

	ktest_expect(other != NULL);
	if (!other)
		return;
	for (size_t page = 0; page < FILE_PAGES; page++)
		ktest_expect(test_word(aspace, address + page * PAGE_SIZE) ==
			     TEST_FILE_SEED + page);
	same = test_map(other, FILE_PAGES, VM_READ, file);
	ktest_expect(aspace_residency(other, same, 2, resident) == 0 && resident[0] == 1);
	ktest_expect(aspace_fault(other, same + 8 * PAGE_SIZE, FAULT_READ) == 0);
	ktest_expect(aspace_resident(other) > 1 && aspace_resident(other) <= 16);
	aspace_put(other);
}

/* A device: two pages of registers and some, in frames that nobody counts. */
static int device_page(struct vm_object *object, uint64_t index, phys_t *physical,
		       unsigned *mmu_flags)
{
	*physical = frame_physical(object->provider) + (index << PAGE_SHIFT);
	*mmu_flags = MMU_UNCACHED;
	return 0;
}

static const struct vm_object_ops device_ops = {
	.device_page = device_page,
};

static void check_device(struct aspace *aspace, struct frame *registers)
{
	struct vm_object device, twin;
	struct futex_key key, other_key;
	struct aspace *child;
	uintptr_t private = 0;
	uintptr_t address, other;
	struct frame *pinned;
	char byte;

	vm_object_init(&device, &device_ops, 2 * PAGE_SIZE + 8, registers);
	vm_object_init(&twin, &device_ops, 2 * PAGE_SIZE + 8, registers);
	ktest_expect(aspace_map(aspace, &private, PAGE_SIZE, VM_READ, &device, 0, NULL) == -EINVAL);
	address = test_map(aspace, 4, VM_RW | VM_MAY_WRITE | VM_SHARED, &device);
	child = aspace_fork(aspace);
	ktest_expect(child != NULL);
	ktest_expect(test_store(aspace, address + PAGE_SIZE, 77) == 0);
	ktest_expect(*((uint32_t *)frame_address(registers) + PAGE_SIZE / 4) == 77);
	ktest_expect(child && test_word(child, address + PAGE_SIZE) == 77);
	ktest_expect(aspace_fault(aspace, address + 3 * PAGE_SIZE, FAULT_READ) == -ENXIO);
	ktest_expect(aspace_read(aspace, address, &byte, 1) == -EIO);
	ktest_expect(aspace_resident(aspace) == 0 && frame_references(registers) == 1);
	ktest_expect(aspace_protect(aspace, address, PAGE_SIZE, VM_READ) == 0);
	ktest_expect(test_store(aspace, address, 1) == -EACCES);
	ktest_expect(aspace_protect(aspace, address, PAGE_SIZE, VM_RW) == 0);
	ktest_expect(test_store(aspace, address, 1) == 0);
	/* It is there, but other devices cannot reach it. */
	ktest_expect(aspace_pin(aspace, address, 1, false, &pinned) == -EOPNOTSUPP);
	ktest_expect(aspace_pin(aspace, address, 1, true, &pinned) == -EOPNOTSUPP);
	ktest_expect(aspace_pin(aspace, USER_MIN, 1, false, &pinned) == -EFAULT);
	/* A futex in it is the same by whatever object it is reached. */
	other = test_map(aspace, 2, VM_RW | VM_MAY_WRITE | VM_SHARED, &twin);
	ktest_expect(aspace_futex_key(aspace, address + PAGE_SIZE + 4, false, &key) == 0);
	ktest_expect(aspace_futex_key(aspace, other + PAGE_SIZE + 4, false, &other_key) == 0);
	ktest_expect(key.object == other_key.object && key.offset == other_key.offset);
	if (child)
		aspace_put(child);
	ktest_expect(aspace_unmap(aspace, address, 4 * PAGE_SIZE) == 0);
	ktest_expect(aspace_unmap(aspace, other, 2 * PAGE_SIZE) == 0);
	ktest_expect(refcount_read(&device.references) == 1);
	vm_object_put(&twin);
	vm_object_put(&device);
}

static void run(void (*check)(struct aspace *aspace, struct vm_object *file))
{
	struct aspace *aspace = aspace_create();
	struct vm_object *file = test_file_create(FILE_PAGES * PAGE_SIZE);

	ktest_expect(aspace != NULL);
	if (aspace && file)
		check(aspace, file);
	if (aspace)
		aspace_put(aspace);
	if (file) {
		ktest_expect(list_empty(&file->mappings));
		ktest_expect(refcount_read(&file->references) == 1);
		vm_object_put(file);
	}
}

KTEST(vm, copies_private_file_pages)
{
	run(check_private);
}

KTEST(vm, shares_file_pages)
{
	run(check_shared);
}

KTEST(vm, truncates)
{
	run(check_truncation);
}

KTEST(vm, truncates_what_moved)
{
	run(check_moved_truncation);
}

KTEST(vm, maps_pages_around)
{
	run(check_fault_around);
}

KTEST(vm, maps_devices)
{
	struct aspace *aspace = aspace_create();
	struct frame *registers = frame_allocate(2, FRAME_ZERO);

	ktest_expect(aspace && registers);
	if (aspace && registers)
		check_device(aspace, registers);
	if (registers)
		frame_put(registers);
	if (aspace)
		aspace_put(aspace);
}

KTEST(vm, gives_file_frames_back)
{
	static void (*const checks[])(struct aspace * aspace, struct vm_object * file) = {
		check_private,          check_shared,       check_truncation,
		check_moved_truncation, check_fault_around,
	};
	uint64_t before = 0;

	for (unsigned round = 0; round < 3; round++) {
		if (round < 2)
			before = test_frames_in_use();
		for (size_t i = 0; i < array_length(checks); i++)
			run(checks[i]);
	}
	ktest_expect(test_frames_in_use() == before);
}

KTEST(vm, transfers_kernel_memory)
{
	char memory[8] = "";
	char taken[8] = "";
	struct io io;

	io_init_kernel(&io, memory, 6);
	ktest_expect(io_put(&io, "abcd", 4) == 4);
	ktest_expect(io_put_zeros(&io, 1) == 1);
	ktest_expect(io_put(&io, "xyz", 3) == 1 && io_remaining(&io) == 0);
	ktest_expect(memcmp(memory, "abcd\0x\0", 7) == 0);
	io_init_kernel(&io, memory, 3);
	ktest_expect(io_take(&io, taken, 2) == 2 && io_take(&io, taken + 2, 9) == 1);
	ktest_expect(strcmp(taken, "abc") == 0);
	ktest_expect(io_take(&io, taken, 1) == 0);
	io_init_user(&io, (uintptr_t)memory, 4);
	ktest_expect(io_put(&io, "a", 1) == -EFAULT && io_remaining(&io) == 4);
}
