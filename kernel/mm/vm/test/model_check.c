/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparing address spaces with the model, and looking for broken invariants inside. */
#include "model.h"

#include <mm/phys/frame.h>

#include "unit.h"

#define FRAMES_MAX 8192

/* Expected references of each frame, by page number. */
static uint32_t references[FRAMES_MAX];

static uint32_t frame_word(phys_t physical, unsigned word)
{
	return *(uint32_t *)((char *)phys_to_virt(physical) + WORD_OFFSET(word));
}

static void count_reference(phys_t physical)
{
	EXPECT(physical >> PAGE_SHIFT < FRAMES_MAX);
	references[physical >> PAGE_SHIFT]++;
}

static void check_object(const struct model_object *object)
{
	uint64_t index = 0, count = 0;
	struct frame *frame;

	EXPECT_EQUAL(object->object->size, object->size);
	while ((frame = radix_next(&object->object->pages, &index))) {
		EXPECT(index < model_page_limit(object));
		for (unsigned word = 0; word < WORDS; word++)
			EXPECT_EQUAL(frame_word(frame_physical(frame), word),
				     object->words[index][word]);
		count_reference(frame_physical(frame));
		count++;
		index++;
	}
	EXPECT_EQUAL(object->object->page_count, count);
}

static void check_area(const struct model *model, const struct model_space *space, size_t page)
{
	const struct model_page *at = &space->pages[page];
	uintptr_t address = WINDOW_START + page * PAGE_SIZE;
	const struct vm_area *area = area_find(space->aspace, address);
	struct vm_object *object = at->object < 0 ? NULL : model->objects[at->object].object;

	EXPECT_EQUAL(area != NULL, at->mapped);
	if (!area)
		return;
	EXPECT_EQUAL(area->flags & ~(unsigned)VM_OWN_PAGES, at->flags);
	EXPECT(area->object == object && area->aspace == space->aspace);
	if (object)
		EXPECT_EQUAL(area_page_index(area, address), at->index);
	if (object && at->own)
		EXPECT(area->flags & VM_OWN_PAGES);
	/* As few areas as there can be. */
	if (page + 1 < WINDOW_PAGES)
		EXPECT_EQUAL(area_find(space->aspace, address + PAGE_SIZE) == area,
			     model_alike(space, page));
}

/* What the machine would let the program do with the page, and what it would see. */
static void check_translation(const struct model *model, const struct model_space *space,
			      size_t page)
{
	const struct model_page *at = &space->pages[page];
	unsigned flags;
	phys_t physical;

	if (!arch_pmap_query(space->aspace->pmap, WINDOW_START + page * PAGE_SIZE, &physical,
			     &flags))
		return;
	EXPECT(at->mapped);
	EXPECT_EQUAL(model_access(model, space, page, false, true), 0);
	EXPECT(!(flags & MMU_READ) || (at->flags & VM_PROTECTION));
	EXPECT(!(flags & MMU_WRITE) || (at->flags & VM_WRITE));
	EXPECT(!(flags & MMU_EXECUTE) || (at->flags & VM_EXECUTE));
	for (unsigned word = 0; word < WORDS; word++)
		EXPECT_EQUAL(frame_word(physical, word), model_load(model, space, page, word));
	if (!(flags & MMU_COUNTED)) {
		EXPECT(fault_is_zero_page(physical) && !(flags & MMU_WRITE));
		return;
	}
	count_reference(physical);
	if (at->flags & VM_SHARED)
		EXPECT(radix_get(&model->objects[at->object].object->pages, at->index) ==
		       frame_at(physical));
	else if (flags & MMU_WRITE)
		EXPECT_EQUAL(frame_references(frame_at(physical)), 1);
}

static void check_sums(const struct model_space *space)
{
	const struct vm_area *area = area_find_from(space->aspace, 0);
	size_t mapped = 0, locked = 0, count = 0, resident = 0;
	uintptr_t end = USER_MIN;

	for (; area; area = area_next(area)) {
		EXPECT(area->start >= end && area->end > area->start && area->end <= USER_MAX);
		EXPECT(is_aligned(area->start | area->end, PAGE_SIZE));
		end = area->end;
		count++;
		mapped += area_size(area);
		if (area->flags & VM_LOCKED)
			locked += area_size(area);
	}
	for (size_t page = 0; page < WINDOW_PAGES; page++) {
		unsigned flags = 0;
		phys_t physical;

		if (arch_pmap_query(space->aspace->pmap, WINDOW_START + page * PAGE_SIZE, &physical,
				    &flags) &&
		    (flags & MMU_COUNTED))
			resident++;
	}
	EXPECT_EQUAL(space->aspace->mapped_bytes, mapped);
	EXPECT_EQUAL(space->aspace->locked_bytes, locked);
	EXPECT_EQUAL(space->aspace->area_count, count);
	EXPECT_EQUAL(aspace_resident(space->aspace), resident);
}

/* Every frame that is seen has the references that are seen. */
static void check_references(void)
{
	for (phys_t page = 0; page < FRAMES_MAX; page++) {
		if (references[page] != 0)
			EXPECT_EQUAL(frame_references(frame_at(page << PAGE_SHIFT)),
				     references[page]);
		references[page] = 0;
	}
}

void model_check(const struct model *model)
{
	for (unsigned object = 0; object < OBJECTS; object++) {
		if (model->objects[object].object)
			check_object(&model->objects[object]);
	}
	for (unsigned slot = 0; slot < SPACES; slot++) {
		const struct model_space *space = &model->spaces[slot];

		if (!space->aspace)
			continue;
		for (size_t page = 0; page < WINDOW_PAGES; page++) {
			check_area(model, space, page);
			check_translation(model, space, page);
		}
		check_sums(space);
	}
	check_references();
}
