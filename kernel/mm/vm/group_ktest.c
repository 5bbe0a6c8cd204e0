/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: address spaces that show the same memory but for the stack. */
#include "vm_ktest.h"

#include <arch/trap.h>
#include <base/errno.h>

#define STACK_START ((uintptr_t)0x40000000)
#define STACK_PAGES 16
#define STACK_END   (STACK_START + STACK_PAGES * PAGE_SIZE)
#define PAGES       8
#define FILE_PAGES  16

struct family {
	struct aspace *parent, *child;
	struct vm_object *file;
	uintptr_t memory, copy, shared, text; /* anonymous, and three mappings of the file */
};

static bool family_start(struct family *family)
{
	uintptr_t stack = STACK_START;

	*family = (struct family){ .parent = aspace_create() };
	ktest_expect(family->parent != NULL);
	if (!family->parent)
		return false;
	family->file = test_file_create(FILE_PAGES * PAGE_SIZE);
	ktest_expect(aspace_map(family->parent, &stack, STACK_PAGES * PAGE_SIZE,
				VM_RW | VM_STACK | VM_FIXED, NULL, 0, NULL) == 0);
	family->memory = test_map(family->parent, PAGES, VM_RW, NULL);
	family->copy = test_map(family->parent, PAGES, VM_RW, family->file);
	family->shared =
		test_map(family->parent, PAGES, VM_RW | VM_SHARED | VM_MAY_WRITE, family->file);
	family->text = test_map(family->parent, PAGES, VM_READ | VM_EXECUTE, family->file);
	ktest_expect(test_store(family->parent, STACK_END - PAGE_SIZE, 1) == 0);
	ktest_expect(test_store(family->parent, family->memory, 2) == 0);
	ktest_expect(test_store(family->parent, family->copy, 3) == 0);
	family->child = aspace_clone_shared(family->parent, STACK_START, STACK_END);
	ktest_expect(family->child != NULL);
	return family->child;
}

static void family_end(struct family *family)
{
	if (family->child)
		aspace_put(family->child);
	if (family->parent)
		aspace_put(family->parent);
	if (family->file)
		vm_object_put(family->file);
}

/* What one writes, both see, but for the stack. */
static void check_sharing(struct family *family)
{
	struct aspace *parent = family->parent, *child = family->child;

	ktest_expect(test_word(child, STACK_END - PAGE_SIZE) == 1);
	ktest_expect(test_store(child, STACK_END - PAGE_SIZE, 10) == 0);
	ktest_expect(test_store(parent, STACK_START, 11) == 0);
	ktest_expect(test_word(parent, STACK_END - PAGE_SIZE) == 1);
	ktest_expect(test_word(child, STACK_START) == 0);
	ktest_expect(test_word(child, family->memory) == 2);
	ktest_expect(test_store(child, family->memory, 12) == 0);
	ktest_expect(test_store(child, family->memory + PAGE_SIZE, 13) == 0);
	ktest_expect(test_word(parent, family->memory) == 12);
	ktest_expect(test_word(parent, family->memory + PAGE_SIZE) == 13);
	ktest_expect(test_word(child, family->copy) == 3);
	ktest_expect(test_store(parent, family->copy + PAGE_SIZE, 14) == 0);
	ktest_expect(test_word(child, family->copy + PAGE_SIZE) == 14);
	ktest_expect(test_word(child, family->text + PAGE_SIZE) == TEST_FILE_SEED + 1);
	ktest_expect(test_store(child, family->shared + 2 * PAGE_SIZE, 15) == 0);
	ktest_expect(test_word(parent, family->text + 2 * PAGE_SIZE) == 15);
}

/* What one maps, unmaps or protects, so do both. */
static void check_changes(struct family *family)
{
	struct aspace *parent = family->parent, *child = family->child;
	uintptr_t more = test_map(child, PAGES, VM_RW, NULL);
	uintptr_t copy = test_map(parent, PAGES, VM_RW | VM_ZEROS_PAST_END, family->file);
	uintptr_t stack = STACK_START;

	ktest_expect(test_store(parent, more, 1) == 0 && test_word(child, more) == 1);
	ktest_expect(test_store(child, copy, 2) == 0 && test_word(parent, copy) == 2);
	ktest_expect(aspace_reduce(parent, more, PAGE_SIZE, VM_READ) == 0);
	ktest_expect(test_store(child, more, 3) == -EACCES);
	ktest_expect(test_store(child, more + PAGE_SIZE, 3) == 0);
	ktest_expect(aspace_unmap(child, more + PAGE_SIZE, PAGE_SIZE) == 0);
	ktest_expect(aspace_fault(parent, more + PAGE_SIZE, FAULT_READ) == -EFAULT);
	ktest_expect(test_word(parent, more) == 1);
	/* The stack is each one's own. */
	ktest_expect(aspace_map(parent, &stack, PAGE_SIZE, VM_RW | VM_FIXED_NOREPLACE, NULL, 0,
				NULL) == -EEXIST);
	ktest_expect(aspace_reduce(parent, STACK_START, PAGE_SIZE, VM_READ) == 0);
	ktest_expect(test_store(child, STACK_START, 4) == 0);
	ktest_expect(aspace_unmap(child, USER_MIN, USER_MAX - USER_MIN) == 0);
	ktest_expect(test_count_areas(child) == 0);
	ktest_expect(aspace_fault(parent, more, FAULT_READ) == -EFAULT);
	ktest_expect(test_word(parent, STACK_END - PAGE_SIZE) == 1);
	ktest_expect(test_count_areas(parent) == 2);
}

/* A plain fork is a copy. */
static void check_fork(struct family *family)
{
	struct aspace *fork;

	ktest_expect(test_store(family->child, family->copy + PAGE_SIZE, 5) == 0);
	fork = aspace_fork(family->child);
	ktest_expect(fork != NULL);
	if (!fork)
		return;
	ktest_expect(test_word(fork, family->memory) == 2);
	ktest_expect(test_word(fork, family->copy) == 3);
	ktest_expect(test_word(fork, family->copy + PAGE_SIZE) == 5);
	ktest_expect(test_word(fork, family->copy + 2 * PAGE_SIZE) == TEST_FILE_SEED + 2);
	ktest_expect(test_store(fork, family->memory, 6) == 0);
	ktest_expect(test_store(fork, family->copy + 2 * PAGE_SIZE, 7) == 0);
	ktest_expect(test_store(family->parent, family->memory + PAGE_SIZE, 8) == 0);
	ktest_expect(test_word(family->child, family->memory) == 2);
	ktest_expect(test_word(family->child, family->copy + 2 * PAGE_SIZE) == TEST_FILE_SEED + 2);
	ktest_expect(test_word(fork, family->memory + PAGE_SIZE) == 0);
	ktest_expect(test_store(fork, family->shared, 9) == 0);
	ktest_expect(test_word(family->parent, family->shared) == 9);
	ktest_expect(aspace_unmap(fork, family->memory, PAGE_SIZE) == 0);
	ktest_expect(test_word(family->child, family->memory) == 2);
	aspace_put(fork);
}

/* Three of them; one leaves. */
static void check_generations(struct family *family)
{
	struct aspace *third = aspace_clone_shared(family->child, STACK_START, STACK_END);
	uintptr_t more;

	ktest_expect(third != NULL);
	if (!third)
		return;
	aspace_put(family->child);
	family->child = NULL;
	more = test_map(third, PAGES, VM_RW, NULL);
	ktest_expect(test_store(third, more, 1) == 0);
	ktest_expect(test_word(family->parent, more) == 1);
	ktest_expect(test_store(third, STACK_START, 2) == 0);
	ktest_expect(test_word(family->parent, STACK_START) == 0);
	aspace_put(third);
	ktest_expect(test_word(family->parent, more) == 1);
	ktest_expect(aspace_unmap(family->parent, more, PAGE_SIZE) == 0);
	/* Alone, it has new memory for itself, until there is another member. */
	more = test_map(family->parent, PAGES, VM_RW, NULL);
	ktest_expect(test_store(family->parent, more, 3) == 0);
	third = aspace_clone_shared(family->parent, STACK_START, STACK_END);
	ktest_expect(third != NULL);
	if (!third)
		return;
	ktest_expect(test_store(third, more, 4) == 0 && test_word(family->parent, more) == 4);
	aspace_put(third);
}

static void run(void (*check)(struct family *family))
{
	struct family family;

	if (family_start(&family))
		check(&family);
	family_end(&family);
}

KTEST(vm, shares_all_but_the_stack)
{
	run(check_sharing);
}

KTEST(vm, changes_all_of_a_group)
{
	run(check_changes);
}

KTEST(vm, forks_members_of_groups)
{
	run(check_fork);
}

KTEST(vm, groups_come_and_go)
{
	run(check_generations);
}

KTEST(vm, groups_give_all_frames_back)
{
	uint64_t before = 0;

	for (unsigned round = 0; round < 3; round++) {
		if (round < 2)
			before = test_frames_in_use();
		run(check_sharing);
		run(check_changes);
		run(check_fork);
		run(check_generations);
	}
	ktest_expect(test_frames_in_use() == before);
}
