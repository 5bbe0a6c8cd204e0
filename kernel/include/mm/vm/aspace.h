/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Address spaces: trees of areas over VM objects, filled by page faults.
 *
 * An area is a range with one protection and one source: anonymous memory (private: frames
 * live in the page tables; shared: an anonymous object), a file's object (shared, or private
 * with copy on write), or device memory. Neighbouring alike areas are merged. fork copies the
 * areas and shares the frames copy-on-write. docs/address-spaces.md explains it.
 *
 * Rules
 * - Everything here may sleep. The callers hold no mutex of rank >= RANK_ASPACE.
 * - Locks: aspace->lock, then object->lock. start, end and offset of an area with an object
 *   change only with both held, so either is enough to read them.
 * - Addresses and lengths come from programs and are checked here.
 * - A call that fails for lack of memory has changed nothing, except where noted.
 */
#pragma once

#include <base/rbtree.h>
#include <mm/vm/object.h>
#include <sched/futex.h>

struct aspace_group;
struct pmap;

enum vm_flags {
	VM_READ = 1 << 0,
	VM_WRITE = 1 << 1,
	VM_EXECUTE = 1 << 2,
	VM_PROTECTION = VM_READ | VM_WRITE | VM_EXECUTE,
	VM_SHARED = 1 << 3,     /* writes go to the object; fork shares */
	VM_GROWS_DOWN = 1 << 4, /* a stack: faults below extend it, down to its limit */
	VM_MAY_WRITE = 1 << 5,  /* mprotect may add write (file opened for writing or private) */
	VM_STACK = 1 << 6,      /* named [stack] in maps */
	VM_HEAP = 1 << 7,       /* named [heap] */
	VM_DONT_FORK = 1 << 8,
	VM_WIPE_ON_FORK = 1 << 9,
	VM_LOCKED = 1 << 10,     /* mlock: counted; there is no paging out */
	VM_OWN_PAGES = 1 << 11,  /* vm's own: a private file area that has copied pages */
	VM_NO_RESERVE = 1 << 12, /* MAP_NORESERVE: may be larger than memory */
	VM_SEPARATE = 1 << 13,   /* a mapping begins here that is not merged with the one below */
	VM_ZEROS_PAST_END = 1 << 14, /* of a file: zeros, private, where its pages end */
	VM_COPY_ON_FORK = 1 << 15,   /* vm's own: shared where aspace_export() or a group made it
				      * so; otherwise the program's own, which fork copies */
	/* Flags of aspace_map() only: */
	VM_FIXED = 1 << 16,           /* at this address; unmaps what is there */
	VM_FIXED_NOREPLACE = 1 << 17, /* at this address; -EEXIST if something is there */
	VM_POPULATE = 1 << 18,        /* fault the pages in at once, as far as memory allows */
	VM_BELOW_4G = 1 << 19,        /* MAP_32BIT: in the first 2 GiB */
};

struct vm_area {
	struct rbtree_node node; /* by start; the aspace's lock */
	struct aspace *aspace;
	uintptr_t start, end;         /* page-aligned */
	unsigned flags;               /* enum vm_flags; the aspace's lock */
	struct vm_object *object;     /* NULL: private anonymous; immutable, one reference */
	uint64_t offset;              /* of `start` in the object, bytes */
	struct list_node object_node; /* in object->mappings, under object->lock */
	/* For /proc/PID/maps: what is mapped, owned by the area through these callbacks. */
	void *origin; /* immutable; scheme's, or NULL */
};

/* How areas keep what they were mapped from (set once by scheme). `get` is called with an
 * aspace's lock held and takes no sleeping lock; `put` is called with no lock held. */
struct vm_origin_ops {
	void (*get)(void *origin);
	void (*put)(void *origin);
};
void vm_set_origin_ops(const struct vm_origin_ops *ops);

struct aspace {
	struct refcount references; /* threads' processes, and code that looks inside */
	struct mutex lock;          /* RANK_ASPACE: areas and everything below */
	struct rbtree areas;
	struct pmap *pmap; /* immutable; not NULL */
	size_t area_count;
	size_t mapped_bytes; /* sum of the areas, against address_limit */
	size_t locked_bytes; /* of those with VM_LOCKED */
	/* How often private memory became an object's, and with it the keys of its futexes. Grows
	 * with the lock held, before waiters are moved; see aspace_futex_keys_changed(). */
	_Atomic uint64_t key_changes;
	/* Who shows the same memory: see aspace_clone_shared(). NULL or set once, with the lock
	 * held; the node is under the group's lock. */
	struct aspace_group *group;
	struct list_node group_node;
	/* The search for room (kernel/mm/vm/search.c): no gap below search_base whose upper end
	 * is above search_hint is larger than search_hole. */
	uintptr_t search_base, search_hint;
	size_t search_hole;
	struct list physical; /* frames that it was given (physical.h), under a lock there */
	bool has_physical;    /* it was ever given some; the same */
	/* Settings; set by exec and setrlimit, with the lock or before there are threads.
	 * UINT64_MAX: no limit. */
	uintptr_t map_top;      /* mmap searches downwards from here */
	uint64_t address_limit; /* RLIMIT_AS, bytes */
	uint64_t stack_limit;   /* RLIMIT_STACK, bytes */
	uint64_t data_limit;    /* RLIMIT_DATA */
	/* Layout of the program, set by exec. */
	uintptr_t heap_start, heap_end; /* brk */
	uintptr_t code_start, code_end, data_start, data_end, stack_top;
	uintptr_t arguments_start, arguments_end, environment_start, environment_end;
	uintptr_t auxiliary_vector;
	size_t auxiliary_vector_size;
};

/* A new empty address space, one reference; without limits but for a stack of 8 MiB. NULL: out
 * of memory. */
struct aspace *aspace_create(void);
/* A copy for fork, settings included; locked memory is not locked in it. NULL: out of memory. */
struct aspace *aspace_fork(struct aspace *from);
/* An address space that shows the same memory as `from`, of which a copy is only what lies in the
 * private range, page-aligned: that of the first such call counts for all that descend from it.
 * All of them make a group: what is mapped, unmapped or protected outside of the private range in
 * one of them, is in all. Their memory is a program's own nevertheless: aspace_fork() copies it.
 * aspace_remap() is not for them (-ENOMEM). NULL: out of memory. */
struct aspace *aspace_clone_shared(struct aspace *from, uintptr_t private_start,
				   uintptr_t private_end);
void aspace_get(struct aspace *aspace);
/* The last put unmaps everything. No CPU may use the pmap then but through the scheduler's
 * laziness (arch_pmap_destroy() sees to that). */
void aspace_put(struct aspace *aspace);

/* Maps `length` bytes (rounded up to pages) of `object` from `offset` (page-aligned), or
 * anonymous memory for NULL. *address is a hint or, with VM_FIXED, the place; the result is
 * stored there. Takes its own references to `object` and `origin`. Private mappings may always
 * be made writable; shared ones of an object need VM_MAY_WRITE for that. Device objects are
 * only mapped shared.
 * -EINVAL (length 0, alignment), -ENOMEM (no memory, no room, a limit), -EEXIST, -EPERM (below
 * USER_MIN), -EACCES (VM_WRITE shared without VM_MAY_WRITE), -EOVERFLOW (offset). Pages that
 * VM_POPULATE or VM_LOCKED cannot get are no error. */
int must_check aspace_map(struct aspace *aspace, uintptr_t *address, size_t length, unsigned flags,
			  struct vm_object *object, uint64_t offset, void *origin);
/* Unmaps every page in the range; nothing there is no error. -EINVAL, -ENOMEM (splitting). */
int must_check aspace_unmap(struct aspace *aspace, uintptr_t address, size_t length);
/* Sets the protection; every page must be mapped (-ENOMEM); -EACCES for write where
 * VM_MAY_WRITE is missing; -EINVAL. */
int must_check aspace_protect(struct aspace *aspace, uintptr_t address, size_t length,
			      unsigned protection);
/* The same for Redox's mprotect: gives and takes execute, but write only stays where it was and
 * is wanted. Rounded out to whole pages. -EFAULT (not all mapped), -ENOMEM. */
int must_check aspace_reduce(struct aspace *aspace, uintptr_t address, size_t length,
			     unsigned protection);
/* Unmaps what one call of aspace_map() with VM_SEPARATE mapped, from any address in it. -EFAULT
 * (nothing there), -ENOMEM. */
int must_check aspace_unmap_around(struct aspace *aspace, uintptr_t address);
/* mremap: resizes or moves; `may_move`, or `fixed` (with may_move) to *new_address, which
 * receives the result. old_length 0 maps the pages of a shared area a second time. -EFAULT (the
 * old range is not in one area), -ENOMEM, -EINVAL. With `fixed`, what was at the new place is
 * gone even where moving then fails. */
int must_check aspace_remap(struct aspace *aspace, uintptr_t old_address, size_t old_length,
			    size_t new_length, bool may_move, bool fixed, uintptr_t *new_address);
/* MADV_DONTNEED: drops private pages; they read as zeros or as the file again. -ENOMEM where
 * a page is not mapped (the others are dropped), -EINVAL where one is locked. */
int must_check aspace_discard(struct aspace *aspace, uintptr_t address, size_t length);
/* Sets or clears flag bits out of DONT_FORK, WIPE_ON_FORK (private anonymous memory only) and
 * LOCKED. Setting that faults the pages in; where one cannot be had, -ENOMEM comes with the
 * memory marked. -EINVAL, -ENOMEM (unmapped, memory). */
int must_check aspace_advise(struct aspace *aspace, uintptr_t address, size_t length, unsigned set,
			     unsigned clear);
/* brk: moves the end of the heap; returns the end as it is afterwards. */
uintptr_t aspace_set_heap_end(struct aspace *aspace, uintptr_t end);
/* True per page in the range if it is resident (mincore). -ENOMEM where unmapped, -EINVAL. */
int must_check aspace_residency(struct aspace *aspace, uintptr_t address, size_t pages,
				uint8_t *resident);

/* Serves a page fault at `address` (enum fault_access, arch/trap.h). 0, -EFAULT (nothing
 * mapped), -EACCES, -ENXIO (past the end of the object), -EIO, -ENOMEM. */
int must_check aspace_fault(struct aspace *aspace, uintptr_t address, unsigned access);

/* 0 if every page of the range is mapped with all of `wanted` (VM_READ, VM_WRITE, VM_EXECUTE);
 * -EFAULT. It says nothing about memory that is still to be had, nor about the time after. */
int must_check aspace_check_access(struct aspace *aspace, uintptr_t address, size_t length,
				   unsigned wanted);

/* True if the range, and nothing beyond its start, shows `object` from its beginning, readable and
 * writable; for who mapped it there and wants to know whether the program left it so. */
bool aspace_shows(struct aspace *aspace, uintptr_t address, size_t length,
		  const struct vm_object *object);

/* The futex key of a 4-aligned word: private areas by address space, shared by object.
 * `private` promises the former. -EINVAL (alignment), -EFAULT (not the user's, not mapped). */
int must_check aspace_futex_key(struct aspace *aspace, uintptr_t address, bool private,
				struct futex_key *key);

/* Turns a range of pages into an object that others can map too, without a copy: the object
 * that is mapped there, or one that the private memory is moved into, which stays the program's
 * as before (fork copies it). Stored with a reference, and where the range begins in it. All pages
 * must allow reading and `wanted`; who maps the object writes to it only if that had VM_WRITE.
 * Windows (object.h) are for that. Not for programs that drop pages of private memory
 * (aspace_discard()), as those of Linux do. -EFAULT (not mapped so), -EINVAL (not whole pages,
 * device memory together with other), -ENOMEM. */
int must_check aspace_export(struct aspace *from, uintptr_t address, size_t length, unsigned wanted,
			     struct vm_object **object, uint64_t *offset);

/* The physical address of the byte at `address`, which is made present, and the program's own where
 * it may write. -EFAULT, or what a page fault says. */
int must_check aspace_physical(struct aspace *aspace, uintptr_t address, phys_t *physical);

/* The frames of up to `count` pages from `address` (page-aligned) on, with a reference each, for a
 * device that reads or, with `write`, writes them: as if the program had done so. They stay what the
 * program has there until it unmaps them. How many could be had; if none, -EFAULT or -ENOMEM.
 * -EOPNOTSUPP: pages of a file that is mapped shared, which a device may not write behind the file's
 * back, or memory of a device. */
ssize_t must_check aspace_pin(struct aspace *aspace, uintptr_t address, size_t count, bool write,
			      struct frame **frames);

/* Reads or writes another process's memory (ptrace, /proc/PID/mem, cmdline), whatever its
 * protection; writes to private areas never reach the file. Returns the number of bytes, or
 * -EIO if none. The buffer is kernel memory. */
ssize_t aspace_read(struct aspace *aspace, uintptr_t address, void *to, size_t length);
ssize_t aspace_write(struct aspace *aspace, uintptr_t address, const void *from, size_t length);

/* Calls `visit` for each area in order, under the lock; stops when it returns false. */
void aspace_visit(struct aspace *aspace, bool (*visit)(const struct vm_area *area, void *argument),
		  void *argument);
/* Pages resident. */
size_t aspace_resident(const struct aspace *aspace);
/* The current thread's address space, through a hook that proc sets, for the page faults of
 * user copies; NULL in kernel threads. */
struct aspace *aspace_current(void);
void aspace_set_current_hook(struct aspace *(*current)(void));
/* Called once at boot, after slab_init(). */
void aspace_init(void);
