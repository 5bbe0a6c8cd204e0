/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random operations on address spaces, compared with the model after each step; once with
 * memory to spare, where every result must be as the model says, and once with next to none,
 * where -ENOMEM is a result too, after which nothing may have changed.
 */
#include "model.h"

#include <arch/trap.h>
#include <base/string.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>

#include "../vm_ktest.h"
#include "machine.h"
#include "sim_test.h"

#define MEMORY (8 * MIB)

static struct model model, changed; /* as it is; and with the operation applied */
static uint64_t random_state;
static bool scarce; /* memory is short */

static size_t below(size_t bound)
{
	return unit_random_below(&random_state, bound);
}

static bool one_in(size_t count)
{
	return below(count) == 0;
}

/* A random part of the window, small as a rule. */
static struct model_range random_range(void)
{
	size_t page = below(WINDOW_PAGES);
	size_t limit = WINDOW_PAGES - page;
	size_t count = 1 + below(one_in(4) ? limit : min_size(limit, 12));

	return (struct model_range){ page, count };
}

static unsigned random_protection(void)
{
	static const unsigned choices[] = {
		VM_RW, VM_RW, VM_RW, VM_READ, VM_READ | VM_EXECUTE, VM_RW | VM_EXECUTE, 0, VM_WRITE,
	};

	return choices[below(array_length(choices))];
}

/* One of the address spaces; it is opened if it is not in use. NULL: no memory. */
static struct model_space *random_space(void)
{
	unsigned slot = (unsigned)below(SPACES);

	if (!changed.spaces[slot].aspace && !model_open_space(&changed, slot)) {
		EXPECT(scarce);
		return NULL;
	}
	model = changed;
	return &changed.spaces[slot];
}

static uintptr_t page_address(size_t page)
{
	return WINDOW_START + page * PAGE_SIZE;
}

/* Compares the result with the model's; keeps the model's changes unless memory was short. */
static bool conclude(int result, int expected)
{
	if (scarce && result == -ENOMEM && expected != -ENOMEM) {
		changed = model;
		return false;
	}
	EXPECT_EQUAL(result, expected);
	return result == 0;
}

/* Populating copies private file pages, whose contents the model then has to keep. */
static void adopt_copies(struct model_space *space)
{
	for (size_t page = 0; page < WINDOW_PAGES; page++) {
		struct model_page *at = &space->pages[page];
		unsigned flags;
		phys_t physical;

		if (!at->mapped || at->object < 0 || at->own || (at->flags & VM_SHARED) ||
		    !arch_pmap_query(space->aspace->pmap, page_address(page), &physical, &flags))
			continue;
		if (radix_get(&changed.objects[at->object].object->pages, at->index) ==
		    frame_at(physical))
			continue;
		for (unsigned word = 0; word < WORDS; word++)
			at->words[word] = model_load(&changed, space, page, word);
		at->own = true;
	}
}

/* What is gone from the window although the operation failed is gone. */
static void adopt_unmapped(struct model_space *space)
{
	for (size_t page = 0; page < WINDOW_PAGES; page++) {
		if (!area_find(space->aspace, page_address(page)))
			space->pages[page] = (struct model_page){ 0 };
	}
}

static int map_expected(struct model_space *space, struct model_range *range, unsigned flags)
{
	long place;

	if (flags & VM_FIXED)
		return 0;
	if (flags & VM_FIXED_NOREPLACE)
		return model_range_free(space, *range) ? 0 : -EEXIST;
	if (model_range_free(space, *range))
		return 0; /* the hint is good */
	place = model_place(space, range->count);
	range->page = (size_t)place;
	return place < 0 ? -ENOMEM : 0;
}

static void step_map(struct model_space *space)
{
	static const unsigned places[] = { 0, 0, VM_FIXED, VM_FIXED_NOREPLACE };
	struct model_range range = random_range();
	unsigned flags = random_protection() | places[below(array_length(places))];
	uintptr_t address = page_address(range.page);
	struct vm_object *object = NULL;
	uint64_t index = 0;
	int slot = -1;
	int result, expected;

	if (one_in(2)) {
		slot = (int)below(FILES);
		object = changed.objects[slot].object;
		index = below(OBJECT_PAGES / 2);
		flags |= one_in(2) ? VM_SHARED | VM_MAY_WRITE : 0;
	} else if (one_in(3)) {
		slot = model_object_slot(&changed);
		if (slot < 0)
			return;
		flags |= VM_SHARED;
	}
	flags |= one_in(8) ? VM_POPULATE : one_in(12) ? VM_LOCKED : 0;
	expected = map_expected(space, &range, flags);
	result = aspace_map(space->aspace, &address, range.count * PAGE_SIZE, flags, object,
			    index * PAGE_SIZE, NULL);
	if (!conclude(result, expected))
		return;
	EXPECT_EQUAL(address, page_address(range.page));
	if (slot >= FILES) {
		changed.objects[slot].object = area_find(space->aspace, address)->object;
		changed.objects[slot].size = range.count * PAGE_SIZE;
	}
	for (size_t i = 0; i < range.count; i++)
		space->pages[range.page + i] = model_new_page(flags, slot, index + i);
	adopt_copies(space);
	model_sweep_objects(&changed);
}

static void step_unmap(struct model_space *space)
{
	struct model_range range = random_range();

	model_unmap(space, range);
	conclude(aspace_unmap(space->aspace, page_address(range.page), range.count * PAGE_SIZE), 0);
	model_sweep_objects(&changed);
}

static void step_protect(struct model_space *space)
{
	struct model_range range = random_range();
	unsigned protection = random_protection();
	int expected = model_protect(space, range, protection);

	conclude(aspace_protect(space->aspace, page_address(range.page), range.count * PAGE_SIZE,
				protection),
		 expected);
}

static void step_discard(struct model_space *space)
{
	struct model_range range = random_range();
	int expected = model_discard(space, range);

	EXPECT_EQUAL(
		aspace_discard(space->aspace, page_address(range.page), range.count * PAGE_SIZE),
		expected);
}

static bool range_locked(const struct model_space *space, struct model_range range)
{
	for (size_t i = 0; i < range.count; i++) {
		const struct vm_area *area = area_find(space->aspace, page_address(range.page + i));

		if (!(area->flags & VM_LOCKED))
			return false;
	}
	return true;
}

static void step_advise(struct model_space *space)
{
	static const unsigned advice[] = { VM_DONT_FORK, VM_WIPE_ON_FORK, VM_LOCKED };
	struct model_range range = random_range();
	unsigned which = advice[below(array_length(advice))];
	unsigned set = one_in(3) ? which : 0;
	unsigned clear = set ? 0 : which;
	struct model_space *before = &model.spaces[space - changed.spaces];
	int expected = model_advise(space, range, set, clear);
	int result = aspace_advise(space->aspace, page_address(range.page), range.count * PAGE_SIZE,
				   set, clear);

	/* Locking also fails where pages cannot be had, after the flags are set. */
	if (set == VM_LOCKED && result == -ENOMEM && expected == 0) {
		if (!range_locked(space, range))
			*space = *before;
	} else {
		conclude(result, expected);
	}
	adopt_copies(space);
}

static void step_fork(void)
{
	unsigned from = (unsigned)below(SPACES), to = (unsigned)below(SPACES);
	struct aspace *child;

	if (from == to || !changed.spaces[from].aspace)
		return;
	if (changed.spaces[to].aspace)
		model_close_space(&changed, to);
	model = changed;
	child = aspace_fork(changed.spaces[from].aspace);
	EXPECT(child || scarce);
	if (!child)
		return;
	model_fork(&changed.spaces[to], &changed.spaces[from]);
	changed.spaces[to].aspace = child;
}

/* A program's access, or another process's. */
static void step_access(struct model_space *space)
{
	size_t page = below(WINDOW_PAGES);
	unsigned word = (unsigned)below(WORDS);
	uintptr_t address = page_address(page) + WORD_OFFSET(word);
	uint32_t value = (uint32_t)unit_random(&random_state);
	bool write = one_in(2), forced = one_in(4);
	int expected = model_access(&changed, space, page, write, forced);
	uint32_t loaded = 0;
	int result;

	if (forced) {
		ssize_t length =
			write ? aspace_write(space->aspace, address, &value, sizeof(value))
			      : aspace_read(space->aspace, address, &loaded, sizeof(loaded));

		expected = expected ? -EIO : 0;
		result = length == sizeof(value) ? 0 : (int)length;
		if (scarce && result == -EIO)
			result = -ENOMEM;
	} else {
		result = write ? test_store(space->aspace, address, value)
			       : test_load(space->aspace, address, &loaded);
	}
	if (scarce && result == -ENOMEM)
		return;
	EXPECT_EQUAL(result, expected);
	if (result)
		return;
	if (write)
		model_store(&changed, space, page, word, value);
	else
		EXPECT_EQUAL(loaded, model_load(&changed, space, page, word));
}

static void step_object(void)
{
	unsigned object = (unsigned)below(FILES);
	uint64_t first = below(OBJECT_PAGES / 2);

	if (one_in(2)) {
		uint64_t size = first * PAGE_SIZE + (one_in(2) ? PAGE_SIZE - 8 : 0);

		model_resize(&changed, object, size);
		vm_object_resize(changed.objects[object].object, size);
	} else {
		model_drop(&changed, object, first, first + 8);
		vm_object_drop(changed.objects[object].object, first, first + 8);
	}
}

static void step_residency(struct model_space *space)
{
	struct model_range range = random_range();
	uint8_t resident[WINDOW_PAGES];
	bool mapped = model_range_mapped(space, range);

	EXPECT_EQUAL(
		aspace_residency(space->aspace, page_address(range.page), range.count, resident),
		mapped ? 0 : -ENOMEM);
	for (size_t i = 0; mapped && i < range.count; i++) {
		if (space->pages[range.page + i].own)
			EXPECT_EQUAL(resident[i], 1);
	}
}

static void step_remap(struct model_space *space)
{
	struct model_range target = random_range();
	struct model_remap request = {
		.old = random_range(),
		.new_count = target.count,
		.may_move = !one_in(3),
		.fixed = one_in(3),
		.new_page = target.page,
	};
	uintptr_t old_address = page_address(request.old.page);
	uintptr_t address = page_address(target.page);
	int expected, result;

	if (one_in(8))
		request.old.count = 0;
	expected = model_remap_apply(space, &request);
	result = aspace_remap(space->aspace, old_address, request.old.count * PAGE_SIZE,
			      request.new_count * PAGE_SIZE, request.may_move, request.fixed,
			      &address);
	if (conclude(result, expected))
		EXPECT_EQUAL(address, page_address(request.new_page));
	else if (scarce && request.fixed)
		adopt_unmapped(space);
	adopt_copies(space);
	model_sweep_objects(&changed);
}

static void random_step(void)
{
	static void (*const steps[])(struct model_space * space) = {
		step_map,     step_map,    step_unmap,  step_protect, step_protect,
		step_discard, step_advise, step_access, step_access,  step_access,
		step_access,  step_access, step_remap,  step_remap,   step_residency,
	};
	struct model_space *space = random_space();
	size_t which = below(array_length(steps) + 2);

	if (which == array_length(steps))
		step_object();
	else if (which == array_length(steps) + 1)
		step_fork();
	else if (space)
		steps[which](space);
}

/* Memory that nobody else shall have: frames, areas, and what nodes of radix trees are. */
static struct {
	struct list frames, areas;
	void *nodes; /* each points to the next */
} hoard = { LIST_INIT(hoard.frames), LIST_INIT(hoard.areas), NULL };

#define NODE_SIZE 520

/* Leaves next to nothing. */
static void hoard_all(void)
{
	static struct aspace nowhere;
	struct frame *frame;
	struct vm_area *area;
	void **node;

	while ((frame = frame_allocate(0, 0)))
		list_push_back(&hoard.frames, &frame->node);
	while ((area = area_create(&nowhere, 0, 0, 0, NULL, 0, NULL)))
		list_push_back(&hoard.areas, &area->object_node);
	while ((node = kmalloc(NODE_SIZE))) {
		*node = hoard.nodes;
		hoard.nodes = node;
	}
}

/* Gives back as many of each. */
static void hoard_release(size_t frames, size_t areas, size_t nodes)
{
	struct list_node *node;

	for (; nodes > 0 && hoard.nodes; nodes--) {
		void **first = hoard.nodes;

		hoard.nodes = *first;
		kfree(first);
	}
	for (; areas > 0 && (node = list_pop_front(&hoard.areas)); areas--) {
		struct list one = LIST_INIT(one);

		list_push_back(&one, node);
		areas_free(&one);
	}
	for (; frames > 0 && (node = list_pop_front(&hoard.frames)); frames--)
		frame_put(container_of(node, struct frame, node));
}

static void run(uint64_t seed, unsigned steps, bool short_of_memory)
{
	uint64_t before = test_frames_in_use();

	random_state = seed;
	model_start(&changed);
	for (unsigned i = 0; i < steps; i++) {
		if (short_of_memory && one_in(30))
			scarce = !scarce;
		if (scarce) {
			hoard_all();
			hoard_release(below(5), below(4), below(5));
		} else {
			hoard_release(SIZE_MAX, SIZE_MAX, SIZE_MAX);
		}
		random_step();
		model_check(&changed);
	}
	hoard_release(SIZE_MAX, SIZE_MAX, SIZE_MAX);
	scarce = false;
	model_stop(&changed);
	EXPECT_EQUAL(test_frames_in_use(), before);
}

UNIT_TEST(vm, random_operations)
{
	machine_start(1, MEMORY, 0);
	for (uint64_t seed = 1; seed <= 8; seed++)
		run(seed, 4000, false);
}

UNIT_TEST(vm, random_operations_short_of_memory)
{
	machine_start(1, MEMORY, 0);
	for (uint64_t seed = 101; seed <= 108; seed++)
		run(seed, 6000, true);
}
