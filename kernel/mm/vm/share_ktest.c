/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: private memory that becomes an object's, and windows into objects. */
#include "vm_ktest.h"

#include <arch/trap.h>
#include <base/errno.h>
#include <base/string.h>

#define PAGES      8
#define FILE_PAGES 16

static struct vm_object *export_range(struct aspace *aspace, uintptr_t address, size_t pages,
				      unsigned wanted, uint64_t *offset)
{
	struct vm_object *object = NULL;
	int error = aspace_export(aspace, address, pages * PAGE_SIZE, wanted, &object, offset);

	ktest_expect(error == 0);
	return error ? NULL : object;
}

/* Maps what is exported in another address space; 0: failed. */
static uintptr_t map_export(struct aspace *to, struct aspace *from, uintptr_t address, size_t pages)
{
	uintptr_t there = 0;
	uint64_t offset;
	struct vm_object *object = export_range(from, address, pages, VM_WRITE, &offset);
	int error;

	if (!object)
		return 0;
	error = aspace_map(to, &there, pages * PAGE_SIZE, VM_RW | VM_SHARED | VM_MAY_WRITE, object,
			   offset, NULL);
	vm_object_put(object);
	ktest_expect(error == 0);
	return error ? 0 : there;
}

static void check_anonymous(struct aspace *from, struct aspace *to)
{
	uintptr_t own = test_map(from, PAGES, VM_RW, NULL);
	uintptr_t there, again;

	ktest_expect(test_store(from, own + PAGE_SIZE, 1) == 0);
	ktest_expect(test_word(from, own + 2 * PAGE_SIZE) == 0);
	there = map_export(to, from, own + PAGE_SIZE, 3);
	ktest_expect(test_word(to, there) == 1);
	ktest_expect(test_store(to, there + PAGE_SIZE, 2) == 0);
	ktest_expect(test_word(from, own + 2 * PAGE_SIZE) == 2);
	ktest_expect(test_store(from, own + 3 * PAGE_SIZE, 3) == 0);
	ktest_expect(test_word(to, there + 2 * PAGE_SIZE) == 3);
	ktest_expect(test_count_areas(from) == 1);
	again = map_export(to, from, own, PAGES);
	ktest_expect(test_word(to, again + PAGE_SIZE) == 1);
	ktest_expect(aspace_unmap(from, own, PAGES * PAGE_SIZE) == 0);
	ktest_expect(test_word(to, again + 3 * PAGE_SIZE) == 3);
}

/* What a fork relative has as well is not shared with it. */
static void check_forks(struct aspace *from, struct aspace *to)
{
	uintptr_t own = test_map(from, PAGES, VM_RW, NULL);
	struct aspace *before, *after;
	uintptr_t there;

	ktest_expect(test_store(from, own, 1) == 0);
	before = aspace_fork(from);
	ktest_expect(before != NULL);
	there = map_export(to, from, own, PAGES);
	ktest_expect(test_store(to, there, 2) == 0);
	ktest_expect(test_store(to, there + PAGE_SIZE, 3) == 0);
	after = aspace_fork(from);
	ktest_expect(after != NULL);
	if (before && after) {
		ktest_expect(test_word(before, own) == 1);
		ktest_expect(test_word(before, own + PAGE_SIZE) == 0);
		ktest_expect(test_word(after, own) == 2 && test_word(after, own + PAGE_SIZE) == 3);
		ktest_expect(test_store(after, own, 4) == 0);
		ktest_expect(test_store(to, there + PAGE_SIZE, 5) == 0);
		ktest_expect(test_word(after, own + PAGE_SIZE) == 3);
	}
	ktest_expect(test_word(from, own) == 2 && test_word(to, there) == 2);
	if (before)
		aspace_put(before);
	if (after)
		aspace_put(after);
}

static void expect_untouched(struct vm_object *file, uint64_t index)
{
	struct frame *frame = vm_object_find(file, index);

	ktest_expect(frame && *(uint32_t *)frame_address(frame) == TEST_FILE_SEED + index);
	if (frame)
		frame_put(frame);
}

/* A private mapping of a file becomes a copy of it, page by page. */
static void check_private_file(struct aspace *from, struct aspace *to)
{
	struct vm_object *file = test_file_create(FILE_PAGES * PAGE_SIZE);
	uintptr_t own = test_map(from, FILE_PAGES + 1, VM_RW | VM_ZEROS_PAST_END, file);
	struct aspace *child;
	uintptr_t there;

	ktest_expect(test_store(from, own, 1) == 0);
	ktest_expect(test_word(from, own + PAGE_SIZE) == TEST_FILE_SEED + 1);
	ktest_expect(test_store(from, own + FILE_PAGES * PAGE_SIZE, 7) == 0);
	there = map_export(to, from, own, FILE_PAGES + 1);
	ktest_expect(test_word(to, there) == 1);
	ktest_expect(test_word(to, there + FILE_PAGES * PAGE_SIZE) == 7);
	ktest_expect(test_store(to, there + PAGE_SIZE, 2) == 0);
	ktest_expect(test_word(from, own + PAGE_SIZE) == 2);
	ktest_expect(test_word(from, own + 2 * PAGE_SIZE) == TEST_FILE_SEED + 2);
	child = aspace_fork(from);
	ktest_expect(child != NULL);
	if (child) {
		ktest_expect(test_word(child, own + PAGE_SIZE) == 2);
		ktest_expect(test_store(child, own + 3 * PAGE_SIZE, 3) == 0);
		ktest_expect(test_word(from, own + 3 * PAGE_SIZE) == TEST_FILE_SEED + 3);
		aspace_put(child);
	}
	expect_untouched(file, 1);
	ktest_expect(test_file_writes() == 0);
	vm_object_put(file);
}

/* Ranges that cross areas, and what is shared already. */
static void check_several(struct aspace *from, struct aspace *to)
{
	uintptr_t own = test_map(from, PAGES, VM_RW, NULL);
	uintptr_t there;

	ktest_expect(aspace_protect(from, own + 2 * PAGE_SIZE, PAGE_SIZE, VM_RW | VM_EXECUTE) == 0);
	ktest_expect(test_store(from, own + PAGE_SIZE, 1) == 0);
	ktest_expect(test_store(from, own + 2 * PAGE_SIZE, 2) == 0);
	there = map_export(to, from, own + PAGE_SIZE, 4);
	ktest_expect(test_word(to, there) == 1 && test_word(to, there + PAGE_SIZE) == 2);
	ktest_expect(test_store(to, there + 2 * PAGE_SIZE, 3) == 0);
	ktest_expect(test_word(from, own + 3 * PAGE_SIZE) == 3);
	/* Its client passes it on. */
	own = map_export(from, to, there, 4);
	ktest_expect(test_store(from, own, 9) == 0 && test_word(to, there) == 9);
}

static void check_errors(struct aspace *from, struct aspace *to)
{
	uintptr_t own = test_map(from, PAGES, VM_READ, NULL);
	struct vm_object *object;
	uint64_t offset;

	(void)to;
	ktest_expect(aspace_export(from, own, PAGE_SIZE, VM_WRITE, &object, &offset) == -EFAULT);
	ktest_expect(aspace_export(from, own - PAGE_SIZE, 2 * PAGE_SIZE, VM_READ, &object,
				   &offset) == -EFAULT);
	ktest_expect(aspace_export(from, own + 1, PAGE_SIZE, VM_READ, &object, &offset) == -EINVAL);
	ktest_expect(aspace_export(from, own, 1, VM_READ, &object, &offset) == -EINVAL);
	ktest_expect(aspace_export(from, own, 0, VM_READ, &object, &offset) == -EINVAL);
	ktest_expect(aspace_export(from, UINTPTR_MAX - PAGE_SIZE + 1, PAGE_SIZE, VM_READ, &object,
				   &offset) == -EINVAL);
}

static unsigned released;

static void note_release(void *argument)
{
	ktest_expect(argument == &released);
	released++;
}

static void check_window(struct aspace *from, struct aspace *to)
{
	struct vm_object *file = test_file_create(FILE_PAGES * PAGE_SIZE);
	struct vm_window request = {
		.shown_offset = 4 * PAGE_SIZE,
		.offset = 2 * PAGE_SIZE,
		.length = 3 * PAGE_SIZE,
		.writable = true,
		.released = note_release,
		.argument = &released,
	};
	struct vm_object *window = vm_object_create_window(file, &request);
	struct vm_object *inner;
	uintptr_t address = 0, copy = 0;
	unsigned flags = VM_RW | VM_SHARED | VM_MAY_WRITE;

	released = 0;
	ktest_expect(window != NULL);
	if (!window)
		return;
	ktest_expect(aspace_map(to, &address, 4 * PAGE_SIZE, flags, window, 2 * PAGE_SIZE, NULL) ==
		     0);
	ktest_expect(test_word(to, address) == TEST_FILE_SEED + 4);
	ktest_expect(test_store(to, address + PAGE_SIZE, 1) == 0 && test_file_writes() == 1);
	ktest_expect(aspace_fault(to, address + 3 * PAGE_SIZE, FAULT_READ) == -ENXIO);
	/* A window into the window, not to be written. */
	request.shown_offset = 3 * PAGE_SIZE;
	request.offset = 0;
	request.writable = false;
	inner = vm_object_create_window(window, &request);
	vm_object_put(window);
	ktest_expect(inner != NULL);
	if (!inner)
		return;
	ktest_expect(aspace_map(from, &copy, PAGE_SIZE, flags, inner, 0, NULL) == 0);
	vm_object_put(inner);
	ktest_expect(test_word(from, copy) == 1);
	ktest_expect(test_store(from, copy, 2) == -EACCES);
	ktest_expect(aspace_unmap(to, address, 4 * PAGE_SIZE) == 0);
	ktest_expect(released == 0);
	ktest_expect(aspace_unmap(from, copy, PAGE_SIZE) == 0);
	ktest_expect(released == 2);
	vm_object_put(file);
}

static void run(void (*check)(struct aspace *from, struct aspace *to))
{
	struct aspace *from = aspace_create(), *to = aspace_create();

	ktest_expect(from && to);
	if (from && to)
		check(from, to);
	if (from)
		aspace_put(from);
	if (to)
		aspace_put(to);
}

KTEST(vm, exports_memory)
{
	run(check_anonymous);
	run(check_several);
	run(check_errors);
}

KTEST(vm, exports_copies_to_forks)
{
	run(check_forks);
}

KTEST(vm, exports_private_files)
{
	run(check_private_file);
}

KTEST(vm, shows_windows)
{
	run(check_window);
}

KTEST(vm, exports_give_all_frames_back)
{
	uint64_t before = 0;

	for (unsigned round = 0; round < 3; round++) {
		if (round < 2)
			before = test_frames_in_use();
		run(check_anonymous);
		run(check_forks);
		run(check_private_file);
		run(check_several);
		run(check_window);
	}
	ktest_expect(test_frames_in_use() == before);
}
