/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A model of address spaces, page by page, to compare mm/vm with.
 *
 * It knows a window of pages in each of a few address spaces, and the objects mapped there.
 * Each page has two words of content, at the start and in the middle. The functions model_*()
 * apply an operation to the model and return what the operation must return; model_check()
 * compares all that can be seen, and the invariants inside.
 */
#pragma once

#include "../vm_priv.h"

#define WINDOW_PAGES      ((size_t)96)
#define WINDOW_START      ((uintptr_t)0x10000000)
#define WINDOW_END        (WINDOW_START + WINDOW_PAGES * PAGE_SIZE)
#define SPACES            3
#define OBJECTS           32
#define FILES             2 /* the first of the objects; the second one is asked before writes */
#define OBJECT_PAGES      192
#define WORDS             2
#define WORD_OFFSET(word) ((word) * (PAGE_SIZE / 2))

struct model_page {
	bool mapped;
	unsigned flags; /* enum vm_flags, without those that are vm's own */
	int object;     /* index, or -1: private anonymous */
	uint64_t index; /* in the object */
	bool own;       /* private, and written: has the words below */
	uint32_t words[WORDS];
};

struct model_space {
	struct aspace *aspace; /* NULL: not in use */
	struct model_page pages[WINDOW_PAGES];
};

struct model_object {
	struct vm_object *object; /* NULL: not in use */
	uint64_t size;
	uint32_t words[OBJECT_PAGES][WORDS];
};

/* The changes that an operation makes are only kept if it succeeded. */
struct model {
	struct model_space spaces[SPACES];
	struct model_object objects[OBJECTS];
};

struct model_range {
	size_t page, count; /* of the window */
};

void model_start(struct model *model);
/* Frees everything. */
void model_stop(struct model *model);
/* Makes an address space with nothing in its window. */
bool model_open_space(struct model *model, unsigned slot);
void model_close_space(struct model *model, unsigned slot);
/* Forgets shared anonymous objects that are mapped nowhere. */
void model_sweep_objects(struct model *model);
/* A free entry for an object. */
int model_object_slot(const struct model *model);

uint64_t model_page_limit(const struct model_object *object);
/* A page as mapping puts it there. */
struct model_page model_new_page(unsigned flags, int object, uint64_t index);
/* Where a mapping of `count` pages goes that has no place: a page of the window or -1. */
long model_place(const struct model_space *space, size_t count);
bool model_range_free(const struct model_space *space, struct model_range range);
bool model_range_mapped(const struct model_space *space, struct model_range range);
/* Whether `page` and the one after it belong to one area. */
bool model_alike(const struct model_space *space, size_t page);
/* What an access to a page must return. */
int model_access(const struct model *model, const struct model_space *space, size_t page,
		 bool write, bool forced);
uint32_t model_load(const struct model *model, const struct model_space *space, size_t page,
		    unsigned word);
void model_store(struct model *model, struct model_space *space, size_t page, unsigned word,
		 uint32_t value);
void model_unmap(struct model_space *space, struct model_range range);
int model_protect(struct model_space *space, struct model_range range, unsigned protection);
int model_discard(struct model_space *space, struct model_range range);
int model_advise(struct model_space *space, struct model_range range, unsigned set, unsigned clear);
void model_fork(struct model_space *to, const struct model_space *from);
void model_resize(struct model *model, unsigned object, uint64_t size);
void model_drop(struct model *model, unsigned object, uint64_t first, uint64_t end);

/* A remapping that is asked for; model_remap_apply() stores the result in new_page. */
struct model_remap {
	struct model_range old; /* count 0: duplicate */
	size_t new_count, new_page;
	bool may_move, fixed;
};
int model_remap_apply(struct model_space *space, struct model_remap *request);

/* Compares; a difference fails the test. */
void model_check(const struct model *model);
