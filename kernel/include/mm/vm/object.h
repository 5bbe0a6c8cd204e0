/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * VM objects: what can be mapped. An object is an array of pages that its provider fills on
 * demand: shared anonymous memory, the contents of a file (its page cache), device memory.
 * Private anonymous memory needs no object: the page tables hold its frames.
 */
#pragma once

#include <arch/mmu.h>
#include <base/radix.h>
#include <sched/mutex.h>
#include <sync/refcount.h>

struct frame;
struct vm_object;

/* In frame->flags of the pages of objects whose ops say `fills_later`: without it, a page is on its
 * way, and is neither mapped nor shown. The other bits are the provider's. */
#define VM_PAGE_READY 1
/* And this one: it was made writable through a window, which cannot be taken back as long as others
 * than the object hold the page. */
#define VM_PAGE_SHOWN (1 << 7)

struct vm_object_ops {
	/* Supplies page `index` when the tree has none: allocates a frame (with one reference,
	 * which becomes the tree's) and fills it. 0, -ENOMEM, -EIO, -ENXIO past the end; -EAGAIN:
	 * not without waiting (see `prepare`). Called with the object's lock held, by page faults
	 * also with an aspace's. NULL: zero-filled pages. */
	int (*fill)(struct vm_object *object, uint64_t index, struct frame **frame);
	/* Device objects: the physical address of page `index`, and MMU_UNCACHED or
	 * MMU_WRITE_COMBINING or 0; replaces the tree. 0 or an error. The object's lock is held. */
	int (*device_page)(struct vm_object *object, uint64_t index, phys_t *physical,
			   unsigned *mmu_flags);
	/* A page is about to become writable in a shared mapping: 0 to allow, -EAGAIN as above.
	 * NULL: allowed, always. Called with the object's lock held. */
	int (*make_writable)(struct vm_object *object, uint64_t index);
	/* What fill, or with `write` make_writable, did not do because it would have waited for a
	 * device: does it, so that it can be tried again. Called without any lock of vm, with a
	 * reference to the object. 0, or the error of the fault. */
	int (*prepare)(struct vm_object *object, uint64_t index, bool write);
	/* Pages are in the tree before they are filled: see VM_PAGE_READY. */
	bool fills_later;
	/* A page is about to leave the tree and lose its reference. Called with the object's lock
	 * held, or by the last put. NULL: nobody wants to know. */
	void (*leave)(struct vm_object *object, uint64_t index, struct frame *frame);
	/* The last reference went; pages are freed already. Frees the storage. NULL: the object is
	 * embedded in something that is freed otherwise. No lock is held by vm. */
	void (*release)(struct vm_object *object);
};

struct vm_object {
	const struct vm_object_ops *ops;
	/* Who holds: the node or whoever created it, each mapping. */
	struct refcount references;
	struct mutex lock;    /* RANK_OBJECT: pages, size, mappings */
	struct radix pages;   /* index -> struct frame, one reference each */
	uint64_t size;        /* bytes; pages past it cannot be faulted */
	uint64_t page_count;  /* in the tree */
	struct list mappings; /* struct vm_area.object_node, to unmap on truncation */
	void *provider;       /* immutable */
	/* How often something that was written did not get to where it belongs: open files compare
	 * it with what they have seen. */
	_Atomic uint32_t errors;
	/* Of views (kernel/mm/vm/view.c): what they show; immutable, a reference. Or NULL. */
	struct vm_object *behind;
};

void vm_object_init(struct vm_object *object, const struct vm_object_ops *ops, uint64_t size,
		    void *provider);
/* Shared anonymous memory of `size` bytes, with one reference; NULL: out of memory. */
struct vm_object *vm_object_create_anonymous(uint64_t size);
void vm_object_get(struct vm_object *object);
void vm_object_put(struct vm_object *object);

/* A part of another object under other offsets: the very same pages, wherever they are mapped. */
struct vm_window {
	uint64_t shown_offset;   /* of its first byte in the other object, page-aligned */
	uint64_t offset, length; /* where that byte is in the window, and how many there are */
	bool writable;           /* false: shared mappings are never written, whatever they ask */
	/* The last mapping, and whoever else had a reference, let go of it. No lock is held by vm.
	 * NULL: nobody wants to know. */
	void (*released)(void *argument);
	void *argument;
};
/* With one reference; takes its own to `shown`. NULL: out of memory (`released` is not called).
 * A file that is truncated while it is shown keeps its old pages there. */
struct vm_object *vm_object_create_window(struct vm_object *shown, const struct vm_window *window);

/* The page at `index`, filled if need be, with a reference for the caller. -ENXIO past the
 * end of the object and for device objects; else what `fill` said. Takes the lock, and waits where
 * the provider does. */
int must_check vm_object_page(struct vm_object *object, uint64_t index, struct frame **frame);
/* The same only if it is in the tree, and ready: NULL if not. */
struct frame *vm_object_find(struct vm_object *object, uint64_t index);
/* Changes the size; pages past the new end are unmapped everywhere and freed, and the rest
 * of the last page is cleared. */
void vm_object_resize(struct vm_object *object, uint64_t size);
/* Drops whole pages in [start, end) (hole punching), unmapping them; private copies stay. */
void vm_object_drop(struct vm_object *object, uint64_t start_index, uint64_t end_index);

/* The same with the object's lock held, for providers that have more to do under it. */
void vm_object_resize_locked(struct vm_object *object, uint64_t size);
void vm_object_drop_locked(struct vm_object *object, uint64_t start_index, uint64_t end_index);
/* Takes one page out of the tree that is mapped nowhere. */
void vm_object_remove_locked(struct vm_object *object, uint64_t index);
/* Unmaps the pages in [start, end), which stay in the tree. */
void vm_object_unmap_locked(struct vm_object *object, uint64_t start_index, uint64_t end_index);
/* Whether the page lies in a mapping that mlock() keeps in memory. */
bool vm_object_page_is_kept_locked(const struct vm_object *object, uint64_t index);
/* Makes the pages in [start, end) read-only wherever they are shared, so that the next write asks
 * (make_writable). All CPUs know when this returns. */
void vm_object_protect_locked(struct vm_object *object, uint64_t start_index, uint64_t end_index);
/* Puts a page where there is none, ready or not; the caller's reference becomes the tree's. -ENOMEM:
 * it stays the caller's. */
int must_check vm_object_insert_locked(struct vm_object *object, uint64_t index,
				       struct frame *frame);
