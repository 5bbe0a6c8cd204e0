/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sharing memory when there is next to none: whatever a call could not get, nothing may be lost
 * that programs had, and all frames must be free again in the end.
 */
#include "../vm_priv.h"

#include <mm/phys/frame.h>
#include <mm/phys/slab.h>
#include <mm/vm/physical.h>

#include "../vm_ktest.h"
#include "machine.h"
#include "sim_test.h"

#define PAGES       ((size_t)12)
#define STACK_START ((uintptr_t)0x30000000)
#define STACK_END   (STACK_START + PAGES * PAGE_SIZE)
#define MOST        40 /* frames left; with more, all succeeds */
#define NODE_SIZE   520

struct program {
	struct aspace *aspace;
	struct vm_object *file;
	uintptr_t memory, copy;
};

static struct list hoarded = LIST_INIT(hoarded), areas = LIST_INIT(areas);
static void *nodes; /* each points to the next */

/* Takes all memory but so many frames and areas, and what is left of the heap's. */
static void hoard(size_t count)
{
	static struct aspace nowhere;
	size_t frames = count;
	struct list_node *node;
	struct vm_area *area;
	struct frame *frame;
	void **taken;

	while ((frame = frame_allocate(0, 0)))
		list_push_back(&hoarded, &frame->node);
	while ((taken = kmalloc(NODE_SIZE))) {
		*taken = nodes;
		nodes = taken;
	}
	while ((area = area_create(&nowhere, 0, 0, 0, NULL, 0, NULL)))
		list_push_back(&areas, &area->object_node);
	for (; count > 0 && (node = list_pop_front(&areas)); count--) {
		struct list one = LIST_INIT(one);

		list_push_back(&one, node);
		areas_free(&one);
	}
	for (; frames > 0 && (node = list_pop_front(&hoarded)); frames--)
		frame_put(container_of(node, struct frame, node));
}

static void release(void)
{
	struct list_node *node;

	areas_free(&areas);
	while ((node = list_pop_front(&hoarded)))
		frame_put(container_of(node, struct frame, node));
	while (nodes) {
		void **first = nodes;

		nodes = *first;
		kfree(first);
	}
}

static struct program program_start(void)
{
	struct program program = { .aspace = aspace_create() };
	uintptr_t stack = STACK_START;

	EXPECT(program.aspace);
	program.file = test_file_create(PAGES * PAGE_SIZE);
	EXPECT_EQUAL(aspace_map(program.aspace, &stack, PAGES * PAGE_SIZE,
				VM_RW | VM_STACK | VM_FIXED, NULL, 0, NULL),
		     0);
	program.memory = test_map(program.aspace, PAGES, VM_RW, NULL);
	program.copy = test_map(program.aspace, PAGES, VM_RW, program.file);
	for (size_t page = 0; page < PAGES; page += 3) {
		uint32_t value = (uint32_t)page + 1;

		EXPECT_EQUAL(test_store(program.aspace, STACK_START + page * PAGE_SIZE, value), 0);
		EXPECT_EQUAL(test_store(program.aspace, program.memory + page * PAGE_SIZE, value),
			     0);
		EXPECT_EQUAL(test_store(program.aspace, program.copy + page * PAGE_SIZE, value), 0);
	}
	return program;
}

static void check(const struct program *program, struct aspace *aspace)
{
	for (size_t page = 0; page < PAGES; page++) {
		uint32_t value = page % 3 ? 0 : (uint32_t)page + 1;

		EXPECT_EQUAL(test_word(aspace, STACK_START + page * PAGE_SIZE), value);
		EXPECT_EQUAL(test_word(aspace, program->memory + page * PAGE_SIZE), value);
		if (page % 3)
			value = TEST_FILE_SEED + (uint32_t)page;
		EXPECT_EQUAL(test_word(aspace, program->copy + page * PAGE_SIZE), value);
	}
}

static void program_end(struct program *program)
{
	aspace_put(program->aspace);
	EXPECT(list_empty(&program->file->mappings));
	vm_object_put(program->file);
}

/* A fork relative makes each page one to be copied. */
static bool try_clone(size_t frames, bool forked)
{
	struct program program = program_start();
	struct aspace *fork = forked ? aspace_fork(program.aspace) : NULL;
	struct aspace *child;
	bool made;

	hoard(frames);
	child = aspace_clone_shared(program.aspace, STACK_START, STACK_END);
	release();
	made = child;
	check(&program, program.aspace);
	if (child) {
		check(&program, child);
		EXPECT_EQUAL(test_store(child, program.memory, 77), 0);
		EXPECT_EQUAL(test_word(program.aspace, program.memory), 77);
		aspace_put(child);
	}
	if (fork) {
		check(&program, fork);
		aspace_put(fork);
	}
	program_end(&program);
	return made;
}

/* Changes in a group: done in both members, or in none. */
static bool try_changes(size_t frames)
{
	struct program program = program_start();
	struct aspace *child = aspace_clone_shared(program.aspace, STACK_START, STACK_END);
	uintptr_t more = 0, middle = program.memory + PAGE_SIZE;
	int mapped, unmapped, reduced;

	EXPECT(child);
	hoard(frames);
	mapped = aspace_map(child, &more, PAGE_SIZE, VM_RW, NULL, 0, NULL);
	reduced = aspace_reduce(child, program.copy + PAGE_SIZE, PAGE_SIZE, VM_READ);
	unmapped = aspace_unmap(child, middle, PAGE_SIZE);
	release();
	if (!mapped) {
		EXPECT_EQUAL(test_store(child, more, 5), 0);
		EXPECT_EQUAL(test_word(program.aspace, more), 5);
	}
	EXPECT_EQUAL(test_store(program.aspace, program.copy + PAGE_SIZE, 1),
		     reduced ? 0 : -EACCES);
	EXPECT_EQUAL(test_store(child, program.copy + PAGE_SIZE, 1), reduced ? 0 : -EACCES);
	EXPECT_EQUAL(test_store(program.aspace, middle, 1), unmapped ? 0 : -EFAULT);
	EXPECT_EQUAL(test_store(child, middle, 1), unmapped ? 0 : -EFAULT);
	EXPECT_EQUAL(test_word(child, program.memory), 1);
	aspace_put(child);
	program_end(&program);
	return !mapped && !unmapped && !reduced;
}

static bool try_export(size_t frames)
{
	struct program program = program_start();
	struct vm_object *object = NULL, *whole = NULL;
	phys_t physical = 0;
	uint64_t offset;
	int exported, gathered, given;

	EXPECT_EQUAL(aspace_protect(program.aspace, program.copy, PAGE_SIZE, VM_RW | VM_EXECUTE),
		     0);
	hoard(frames);
	exported = aspace_export(program.aspace, program.memory, PAGES * PAGE_SIZE, VM_WRITE,
				 &object, &offset);
	gathered = aspace_export(program.aspace, program.copy, PAGES * PAGE_SIZE, VM_READ, &whole,
				 &offset);
	given = physical_allocate(program.aspace, 3, false, &physical);
	release();
	check(&program, program.aspace);
	if (!exported)
		vm_object_put(object);
	if (!gathered)
		vm_object_put(whole);
	program_end(&program);
	return !exported && !gathered && (!given || given == -ENOMEM);
}

UNIT_TEST(vm, sharing_when_short_of_memory)
{
	bool done[4] = { false };
	unsigned failures[4] = { 0 };
	uint64_t before = 0;

	machine_start(1, 16 * MIB, 0);
	for (size_t frames = 0; frames <= MOST; frames++) {
		if (frames == 1)
			before = test_frames_in_use();
		done[0] = try_clone(frames, false);
		done[1] = try_clone(frames, true);
		done[2] = try_changes(frames);
		done[3] = try_export(frames);
		for (unsigned i = 0; i < array_length(done); i++)
			failures[i] += !done[i];
		if (frames > 0)
			EXPECT_EQUAL(test_frames_in_use(), before);
	}
	for (unsigned i = 0; i < array_length(done); i++)
		EXPECT(done[i] && failures[i]);
}
