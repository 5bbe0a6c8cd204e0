/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model of address spaces: its objects, and what operations do. */
#include "model.h"

#include <base/string.h>
#include <mm/phys/frame.h>

#include "unit.h"

static uint32_t fill_word(uint64_t index, unsigned word)
{
	return 0x5eed0000 + (uint32_t)index * WORDS + word;
}

static int file_fill(struct vm_object *object, uint64_t index, struct frame **frame)
{
	(void)object;
	*frame = frame_allocate(0, FRAME_ZERO);
	if (!*frame)
		return -ENOMEM;
	for (unsigned word = 0; word < WORDS; word++) {
		uint32_t *memory = (uint32_t *)((char *)frame_address(*frame) + WORD_OFFSET(word));

		*memory = fill_word(index, word);
	}
	return 0;
}

static int file_make_writable(struct vm_object *object, uint64_t index)
{
	EXPECT(index < object_page_limit(object));
	return 0;
}

static const struct vm_object_ops plain_file_ops = {
	.fill = file_fill,
};

static const struct vm_object_ops asking_file_ops = {
	.fill = file_fill,
	.make_writable = file_make_writable,
};

static void object_fill_words(struct model_object *object, uint64_t first, uint64_t end)
{
	for (uint64_t index = first; index < end && index < OBJECT_PAGES; index++) {
		for (unsigned word = 0; word < WORDS; word++)
			object->words[index][word] = fill_word(index, word);
	}
}

void model_start(struct model *model)
{
	static struct vm_object files[FILES];

	memset(model, 0, sizeof(*model));
	for (unsigned i = 0; i < FILES; i++) {
		struct model_object *object = &model->objects[i];

		object->object = &files[i];
		object->size = 40 * PAGE_SIZE;
		vm_object_init(&files[i], i ? &asking_file_ops : &plain_file_ops, object->size,
			       NULL);
		object_fill_words(object, 0, OBJECT_PAGES);
	}
}

void model_stop(struct model *model)
{
	for (unsigned slot = 0; slot < SPACES; slot++) {
		if (model->spaces[slot].aspace)
			model_close_space(model, slot);
	}
	for (unsigned i = 0; i < FILES; i++) {
		EXPECT_EQUAL(refcount_read(&model->objects[i].object->references), 1);
		EXPECT(list_empty(&model->objects[i].object->mappings));
		vm_object_put(model->objects[i].object);
	}
}

/* All but the window is taken by memory that nobody may access. */
bool model_open_space(struct model *model, unsigned slot)
{
	struct model_space *space = &model->spaces[slot];
	unsigned flags = VM_FIXED | VM_NO_RESERVE;
	uintptr_t below = USER_MIN, above = WINDOW_END;

	memset(space, 0, sizeof(*space));
	space->aspace = aspace_create();
	if (!space->aspace)
		return false;
	if (aspace_map(space->aspace, &below, WINDOW_START - below, flags, NULL, 0, NULL) ||
	    aspace_map(space->aspace, &above, USER_MAX - above, flags, NULL, 0, NULL)) {
		aspace_put(space->aspace);
		space->aspace = NULL;
		return false;
	}
	space->aspace->map_top = WINDOW_END;
	return true;
}

void model_close_space(struct model *model, unsigned slot)
{
	aspace_put(model->spaces[slot].aspace);
	memset(&model->spaces[slot], 0, sizeof(model->spaces[slot]));
	model_sweep_objects(model);
}

static bool object_mapped(const struct model *model, int object)
{
	for (unsigned slot = 0; slot < SPACES; slot++) {
		for (size_t page = 0; page < WINDOW_PAGES; page++) {
			const struct model_page *at = &model->spaces[slot].pages[page];

			if (at->mapped && at->object == object)
				return true;
		}
	}
	return false;
}

void model_sweep_objects(struct model *model)
{
	for (int object = FILES; object < OBJECTS; object++) {
		if (model->objects[object].object && !object_mapped(model, object))
			memset(&model->objects[object], 0, sizeof(model->objects[object]));
	}
}

int model_object_slot(const struct model *model)
{
	for (int object = FILES; object < OBJECTS; object++) {
		if (!model->objects[object].object)
			return object;
	}
	return -1;
}

uint64_t model_page_limit(const struct model_object *object)
{
	return (object->size + PAGE_SIZE - 1) / PAGE_SIZE;
}

struct model_page model_new_page(unsigned flags, int object, uint64_t index)
{
	unsigned kept = VM_PROTECTION | VM_SHARED | VM_MAY_WRITE | VM_LOCKED;

	flags &= kept;
	if (!(flags & VM_SHARED) || object >= FILES)
		flags |= VM_MAY_WRITE;
	return (struct model_page){
		.mapped = true,
		.flags = flags,
		.object = object,
		.index = object < 0 ? 0 : index,
	};
}

bool model_range_free(const struct model_space *space, struct model_range range)
{
	for (size_t i = 0; i < range.count; i++) {
		if (space->pages[range.page + i].mapped)
			return false;
	}
	return true;
}

bool model_range_mapped(const struct model_space *space, struct model_range range)
{
	for (size_t i = 0; i < range.count; i++) {
		if (!space->pages[range.page + i].mapped)
			return false;
	}
	return true;
}

long model_place(const struct model_space *space, size_t count)
{
	if (count > WINDOW_PAGES)
		return -1;
	for (size_t page = WINDOW_PAGES - count;; page--) {
		if (model_range_free(space, (struct model_range){ page, count }))
			return (long)page;
		if (page == 0)
			return -1;
	}
}

bool model_alike(const struct model_space *space, size_t page)
{
	const struct model_page *a = &space->pages[page];
	const struct model_page *b = a + 1;

	return page + 1 < WINDOW_PAGES && a->mapped && b->mapped && a->flags == b->flags &&
	       a->object == b->object && (a->object < 0 || a->index + 1 == b->index);
}

int model_access(const struct model *model, const struct model_space *space, size_t page,
		 bool write, bool forced)
{
	const struct model_page *at = &space->pages[page];
	const struct model_object *object;

	if (!at->mapped)
		return -EFAULT;
	if (forced) {
		if (write && (at->flags & VM_SHARED) && !(at->flags & VM_WRITE))
			return -EACCES;
	} else if (!(at->flags & (write ? VM_WRITE : VM_PROTECTION))) {
		return -EACCES;
	}
	if (at->object < 0 || at->own)
		return 0;
	object = &model->objects[at->object];
	return at->index < model_page_limit(object) ? 0 : -ENXIO;
}

uint32_t model_load(const struct model *model, const struct model_space *space, size_t page,
		    unsigned word)
{
	const struct model_page *at = &space->pages[page];

	if (at->object < 0 || at->own)
		return at->own ? at->words[word] : 0;
	return model->objects[at->object].words[at->index][word];
}

void model_store(struct model *model, struct model_space *space, size_t page, unsigned word,
		 uint32_t value)
{
	struct model_page *at = &space->pages[page];

	if (at->flags & VM_SHARED) {
		model->objects[at->object].words[at->index][word] = value;
		return;
	}
	for (unsigned i = 0; i < WORDS; i++)
		at->words[i] = model_load(model, space, page, i);
	at->own = true;
	at->words[word] = value;
}

void model_unmap(struct model_space *space, struct model_range range)
{
	memset(&space->pages[range.page], 0, range.count * sizeof(space->pages[0]));
}

int model_protect(struct model_space *space, struct model_range range, unsigned protection)
{
	if (!model_range_mapped(space, range))
		return -ENOMEM;
	for (size_t i = 0; i < range.count; i++) {
		if ((protection & VM_WRITE) && !(space->pages[range.page + i].flags & VM_MAY_WRITE))
			return -EACCES;
	}
	for (size_t i = 0; i < range.count; i++) {
		struct model_page *at = &space->pages[range.page + i];

		at->flags = (at->flags & ~VM_PROTECTION) | protection;
	}
	return 0;
}

int model_discard(struct model_space *space, struct model_range range)
{
	int error = 0;

	for (size_t i = 0; i < range.count; i++) {
		struct model_page *at = &space->pages[range.page + i];

		if (!at->mapped)
			error = -ENOMEM;
		else if (at->flags & VM_LOCKED)
			return -EINVAL;
		else
			at->own = false;
	}
	return error;
}

int model_advise(struct model_space *space, struct model_range range, unsigned set, unsigned clear)
{
	if (!model_range_mapped(space, range))
		return -ENOMEM;
	for (size_t i = 0; i < range.count; i++) {
		if ((set & VM_WIPE_ON_FORK) && space->pages[range.page + i].object >= 0)
			return -EINVAL;
	}
	for (size_t i = 0; i < range.count; i++) {
		struct model_page *at = &space->pages[range.page + i];

		at->flags = (at->flags & ~clear) | set;
	}
	return 0;
}

void model_fork(struct model_space *to, const struct model_space *from)
{
	for (size_t page = 0; page < WINDOW_PAGES; page++) {
		struct model_page *at = &to->pages[page];

		*at = from->pages[page];
		at->flags &= ~VM_LOCKED;
		if (at->flags & VM_WIPE_ON_FORK)
			at->own = false;
		if (at->flags & VM_DONT_FORK)
			*at = (struct model_page){ 0 };
	}
}

void model_resize(struct model *model, unsigned object, uint64_t size)
{
	struct model_object *at = &model->objects[object];
	bool shrinks = size < at->size;

	at->size = size;
	if (!shrinks)
		return;
	for (unsigned slot = 0; slot < SPACES; slot++) {
		for (size_t page = 0; page < WINDOW_PAGES; page++) {
			struct model_page *mapped = &model->spaces[slot].pages[page];

			if (mapped->mapped && mapped->object == (int)object &&
			    mapped->index >= model_page_limit(at))
				mapped->own = false;
		}
	}
	object_fill_words(at, model_page_limit(at), OBJECT_PAGES);
}

void model_drop(struct model *model, unsigned object, uint64_t first, uint64_t end)
{
	object_fill_words(&model->objects[object], first, end);
}
