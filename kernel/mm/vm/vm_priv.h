/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of mm/vm share: areas and their tree, the search for room, faults.
 *
 * Functions named area_ and areas_ work on the tree with aspace->lock held. They never drop
 * references of objects and origins, whose release may take locks of any rank: areas that go
 * are gathered in a `dead` list, which areas_free() empties after the unlock.
 */
#pragma once

#include <base/errno.h>
#include <mm/phys/frame.h>
#include <mm/vm/aspace.h>

#define AREA_COUNT_MAX   65536             /* per address space */
#define STACK_GUARD_GAP  (256 * PAGE_SIZE) /* kept free below a stack that grows */
#define FAULT_AROUND     (16 * PAGE_SIZE)  /* mapped at once where the pages are at hand */
#define STACK_LIMIT_INIT (8 * 1024 * 1024)
#define VIEW_DEPTH_MAX   4 /* views of views: their locks are held one inside the other */

/* --- area.c: areas --- */

/* Makes the caches of areas and address spaces. */
void area_init(void);
/* A new area in no tree, with references of its own; NULL: out of memory. */
struct vm_area *area_create(struct aspace *aspace, uintptr_t start, uintptr_t end, unsigned flags,
			    struct vm_object *object, uint64_t offset, void *origin);
/* Frees areas that are in no tree and no object's list, linked by object_node. No locks held. */
void areas_free(struct list *dead);

/* The area that holds `address`, or NULL. */
struct vm_area *area_find(const struct aspace *aspace, uintptr_t address);
/* The lowest area that ends above `address`, or NULL. */
struct vm_area *area_find_from(const struct aspace *aspace, uintptr_t address);
/* The highest area that starts below `address`, or NULL. */
struct vm_area *area_find_below(const struct aspace *aspace, uintptr_t address);
struct vm_area *area_next(const struct vm_area *area);
struct vm_area *area_previous(const struct vm_area *area);
/* True if every page of the range, which is not empty, is mapped. */
bool areas_cover(const struct aspace *aspace, uintptr_t start, uintptr_t end);

/* The same with all rights of `wanted`. */
bool areas_allow(const struct aspace *aspace, uintptr_t start, uintptr_t end, unsigned wanted);

static inline size_t area_size(const struct vm_area *area)
{
	return area->end - area->start;
}

/* Where the free room below an area ends. */
static inline uintptr_t area_gap_end(const struct vm_area *area)
{
	if (!(area->flags & VM_GROWS_DOWN))
		return area->start;
	return area->start < STACK_GUARD_GAP ? 0 : area->start - STACK_GUARD_GAP;
}

/* How the object's pages are indexed. */
static inline uint64_t area_page_index(const struct vm_area *area, uintptr_t address)
{
	return (area->offset + (address - area->start)) >> PAGE_SHIFT;
}

/* Puts an area into the tree and its object's list, and into the sums. */
void area_insert(struct vm_area *area);
/* The reverse; the area goes to the end of `dead` (NULL: it stays the caller's). */
void area_remove(struct vm_area *area, struct list *dead);
/* Sets bounds within or beyond the old ones that keep the order of the tree, moving the offset
 * along with the start. */
void area_set_bounds(struct vm_area *area, uintptr_t start, uintptr_t end);
/* Moves an area with its pages to a free place, where it has `length` bytes, not less than
 * now. -ENOMEM, with nothing changed. */
int must_check area_move(struct vm_area *area, uintptr_t start, size_t length);
/* Sets the flags and updates the sums. */
void area_set_flags(struct vm_area *area, unsigned flags);

/* Makes area bounds of `start` and `end`. -ENOMEM, with nothing changed. */
int must_check areas_split(struct aspace *aspace, uintptr_t start, uintptr_t end,
			   struct list *dead);
/* Merges alike neighbours among the areas that touch [start, end]. */
void areas_merge(struct aspace *aspace, uintptr_t start, uintptr_t end, struct list *dead);
/* Unmaps [start, end). -ENOMEM, with nothing changed. */
int must_check areas_unmap(struct aspace *aspace, uintptr_t start, uintptr_t end,
			   struct list *dead);

/* --- search.c: room and limits --- */

/* Finds `length` free bytes: at `hint` (0: none) where that is free, else near map_top.
 * Returns the address, or 0. `low`: in the first 2 GiB. */
uintptr_t search_room(struct aspace *aspace, uintptr_t hint, size_t length, bool low);
/* True if [start, end) is free and not in a stack's guard gap. */
bool search_is_free(const struct aspace *aspace, uintptr_t start, uintptr_t end);
/* [start, end) has become free. */
void search_note_free(struct aspace *aspace, uintptr_t start, uintptr_t end);
/* Whether there may be `length` more bytes of memory with these flags, in place of `replaced`
 * bytes that are mapped now. 0 or -ENOMEM. */
int must_check limits_check(struct aspace *aspace, unsigned flags, size_t length, size_t replaced);

/* Rounds a range of a program up to pages: start aligned, length not 0, within the user's
 * half. False: -EINVAL. */
bool must_check range_decode(uintptr_t address, size_t length, uintptr_t *end);

/* --- aspace.c --- */

/* Makes the area in `to`, whose page tables are used by nobody yet, as fork does. The caller calls
 * arch_pmap_flush() for that of the area. -ENOMEM. */
int must_check fork_area(struct aspace *to, struct vm_area *area);
void aspace_copy_settings(struct aspace *to, const struct aspace *from);

/* --- map.c --- */

/* The flags of aspace_map() that areas keep. */
#define AREA_FLAGS                                                                       \
	(VM_PROTECTION | VM_SHARED | VM_GROWS_DOWN | VM_MAY_WRITE | VM_STACK | VM_HEAP | \
	 VM_DONT_FORK | VM_WIPE_ON_FORK | VM_LOCKED | VM_NO_RESERVE | VM_SEPARATE |      \
	 VM_ZEROS_PAST_END | VM_COPY_ON_FORK)

/* A mapping that is to be made, its flags checked. */
struct map_request {
	uintptr_t address; /* page-aligned hint or place; the result */
	size_t length;     /* page-aligned */
	unsigned flags;
	struct vm_object *object;
	uint64_t offset;
	void *origin;
};

/* Decides where: sets `address`. Nothing is changed yet. */
int must_check map_place(struct aspace *aspace, struct map_request *request);
/* The areas around `address` that belong to one mapping. -EFAULT. */
int must_check mapping_find(struct aspace *aspace, uintptr_t address, uintptr_t *start,
			    uintptr_t *end);
/* Makes the mapping. Errors as of aspace_map(). */
int must_check map_make(struct aspace *aspace, struct map_request *request, struct list *dead);
/* Faults the pages of the range in, until one cannot be had: its error. Takes the lock. */
int map_populate(struct aspace *aspace, uintptr_t start, uintptr_t end);

/* --- protect.c --- */

/* Whether all areas of the range may take the protection, or may be reduced to one. */
int must_check protect_check(struct aspace *aspace, uintptr_t start, uintptr_t end,
			     unsigned protection);
int must_check reduce_check(struct aspace *aspace, uintptr_t start, uintptr_t end);
/* Sets the protection; with `reduce`, write only where it was. -ENOMEM (splitting), with nothing
 * changed. */
int must_check areas_protect(struct aspace *aspace, uintptr_t start, uintptr_t end,
			     unsigned protection, bool reduce, struct list *dead);

/* --- group.c: of an address space with a group, without its lock --- */

void group_leave(struct aspace *aspace);
/* The calls of the same names. Unmapping and protecting what is partly private may be done in part
 * when memory runs out. */
int must_check group_map(struct aspace *aspace, struct map_request *request);
int must_check group_unmap(struct aspace *aspace, uintptr_t start, uintptr_t end,
			   struct list *dead);
int must_check group_unmap_around(struct aspace *aspace, uintptr_t address, struct list *dead);
int must_check group_protect(struct aspace *aspace, uintptr_t start, uintptr_t end,
			     unsigned protection, bool reduce, struct list *dead);

/* --- fault.c --- */

void fault_init(void);
/* What a fault has to wait for. */
struct fault_wait {
	struct vm_object *object; /* a reference */
	uint64_t index;
	bool write;
};
/* aspace_fault() with the lock held. `forced`: whatever the protection, and leaving the
 * translation unwritable where that forbids writing; stacks do not grow. -EAGAIN: to be tried again
 * after fault_wait(), for which the lock is let go of. */
int must_check fault_serve(struct aspace *aspace, uintptr_t address, unsigned access, bool forced,
			   struct fault_wait *wait);
/* Waits, without any lock of vm. 0: try again. Else the error of the fault. */
int must_check fault_wait(struct fault_wait *wait);
/* True for the page of zeros that private memory shows before it is written. */
bool fault_is_zero_page(phys_t physical);
/* The mmu_flags of the pages of an area. */
unsigned area_mmu_flags(const struct vm_area *area, bool writable);

/* --- object.c --- */

/* The number of pages of the object, the last one perhaps in part. */
uint64_t object_page_limit(const struct vm_object *object);
/* Whether a page of the tree may be shown. */
static inline bool object_page_is_ready(const struct vm_object *object, const struct frame *frame)
{
	return !object->ops->fills_later ||
	       (__atomic_load_n(&frame->flags, __ATOMIC_ACQUIRE) & VM_PAGE_READY);
}
/* The page of the tree, if there is one that may; the lock is held. */
struct frame *object_ready_page(const struct vm_object *object, uint64_t index);
/* vm_object_page() with the lock held and no reference for the caller; does not wait: -EAGAIN. */
int must_check object_page_locked(struct vm_object *object, uint64_t index, struct frame **frame);
/* vm_object_page() where nothing may be waited for: -EAGAIN. */
int must_check object_page_at_hand(struct vm_object *object, uint64_t index, struct frame **frame);
/* Puts a page, of which the caller has a reference that is used up, where there is none. The
 * object is not mapped anywhere yet, so that no lock is needed. -ENOMEM. */
int must_check object_adopt(struct vm_object *object, uint64_t index, struct frame *frame);

/* --- view.c --- */

/* An object of `size` bytes whose pages begin as copies of those of `of`, or zeros where that
 * has none. NULL: out of memory. */
struct vm_object *object_create_copy(struct vm_object *of, uint64_t size);
/* What such an object copies; NULL for all others. */
struct vm_object *object_copied(struct vm_object *object);
/* The object whose page is seen as page *index of this one, and its number there. */
struct vm_object *object_resolve(struct vm_object *object, uint64_t *index);
bool object_is_window(const struct vm_object *object);

/* --- share.c --- */

/* Whether the area shows memory that only its program sees, or may come to. */
bool area_is_private(const struct vm_area *area);
/* Makes such an area a mapping of an object that can be shared, with VM_COPY_ON_FORK; it is
 * replaced by *shared. -ENOMEM, with nothing changed. */
int must_check area_share(struct vm_area *area, struct vm_area **shared, struct list *dead);
/* What the area is in a forked child. */
unsigned area_fork_flags(const struct vm_area *area);
struct vm_object *area_fork_object(const struct vm_area *area);
/* Copies the pages of an area with VM_COPY_ON_FORK to `to`, which is private and empty. -ENOMEM
 * leaves a part copied. */
int must_check area_copy_pages(const struct vm_area *area, struct vm_area *to);

/* --- physical.c --- */

void physical_init(void);
/* Whether the object's pages are frames that programs were given, which may be in several. */
bool object_is_given(const struct vm_object *object);
/* Gives back all frames that the address space was given. */
void physical_leave(struct aspace *owner);
