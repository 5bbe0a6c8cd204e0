/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Address spaces: trees of areas over VM objects, filled by page faults.
 *
 * An area is a range with one protection and one source: anonymous memory (private: frames
 * live in the page tables; shared: an anonymous object), a file's object (shared, or private
 * with copy on write), or device memory. Neighbouring alike areas are merged. fork copies the
 * areas and shares the frames copy-on-write.
 */
#pragma once

#include <base/rbtree.h>
#include <mm/vm/object.h>
#include <sched/futex.h>

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
	VM_LOCKED = 1 << 10,
	/* Flags of aspace_map() only: */
	VM_FIXED = 1 << 16,           /* at this address; unmaps what is there */
	VM_FIXED_NOREPLACE = 1 << 17, /* at this address; -EEXIST if something is there */
	VM_POPULATE = 1 << 18,        /* fault the pages in at once, as far as memory allows */
	VM_BELOW_4G = 1 << 19,        /* MAP_32BIT: in the first 2 GiB */
};

struct vm_area {
	struct rbtree_node node; /* by start; the aspace's lock */
	struct aspace *aspace;
	uintptr_t start, end; /* page-aligned */
	unsigned flags;
	struct vm_object *object;     /* NULL: private anonymous */
	uint64_t offset;              /* of `start` in the object, bytes */
	struct list_node object_node; /* in object->mappings, under object->lock */
	/* For /proc/PID/maps: what is mapped, owned by the area through these callbacks. */
	void *origin; /* a struct path of scheme, or NULL */
};

/* How areas keep what they were mapped from (set once by scheme). */
struct vm_origin_ops {
	void (*get)(void *origin);
	void (*put)(void *origin);
};
void vm_set_origin_ops(const struct vm_origin_ops *ops);

struct aspace {
	struct refcount references; /* threads' processes, and code that looks inside */
	struct mutex lock;          /* RANK_ASPACE: areas and everything below */
	struct rbtree areas;
	struct pmap *pmap;   /* immutable */
	size_t mapped_bytes; /* sum of the areas, against address_limit */
	size_t locked_bytes;
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

/* A new empty address space, one reference. NULL: out of memory. */
struct aspace *aspace_create(void);
/* A copy for fork. NULL: out of memory. */
struct aspace *aspace_fork(struct aspace *from);
void aspace_get(struct aspace *aspace);
void aspace_put(struct aspace *aspace);

/* Maps `length` bytes (rounded up to pages) of `object` from `offset` (page-aligned), or
 * anonymous memory for NULL. *address is a hint or, with VM_FIXED, the place; the result is
 * stored there. Takes its own references to `object` and `origin`. -EINVAL, -ENOMEM, -EEXIST,
 * -EPERM. */
int must_check aspace_map(struct aspace *aspace, uintptr_t *address, size_t length, unsigned flags,
			  struct vm_object *object, uint64_t offset, void *origin);
/* Unmaps every page in the range; nothing there is no error. -EINVAL, -ENOMEM (splitting). */
int must_check aspace_unmap(struct aspace *aspace, uintptr_t address, size_t length);
/* Sets the protection; every page must be mapped (-ENOMEM); -EACCES for write where
 * VM_MAY_WRITE is missing. */
int must_check aspace_protect(struct aspace *aspace, uintptr_t address, size_t length,
			      unsigned protection);
/* mremap: resizes or moves; `may_move`, or `fixed` to *new_address. -EFAULT, -ENOMEM, -EINVAL. */
int must_check aspace_remap(struct aspace *aspace, uintptr_t old_address, size_t old_length,
			    size_t new_length, bool may_move, bool fixed, uintptr_t *new_address);
/* MADV_DONTNEED: drops private pages; they read as zeros or as the file again. */
int must_check aspace_discard(struct aspace *aspace, uintptr_t address, size_t length);
/* Sets or clears flag bits out of DONT_FORK, WIPE_ON_FORK. */
int must_check aspace_advise(struct aspace *aspace, uintptr_t address, size_t length, unsigned set,
			     unsigned clear);
/* brk: moves the end of the heap; returns the end as it is afterwards. */
uintptr_t aspace_set_heap_end(struct aspace *aspace, uintptr_t end);
/* True per page in the range if it is resident (mincore). -ENOMEM where unmapped. */
int must_check aspace_residency(struct aspace *aspace, uintptr_t address, size_t pages,
				uint8_t *resident);

/* Serves a page fault at `address` (enum fault_access, arch/trap.h). 0, -EFAULT (nothing
 * mapped), -EACCES, -ENXIO, -EIO, -ENOMEM. */
int must_check aspace_fault(struct aspace *aspace, uintptr_t address, unsigned access);

/* The futex key of a 4-aligned word: private areas by address space, shared by object. */
int must_check aspace_futex_key(struct aspace *aspace, uintptr_t address, bool private,
				struct futex_key *key);

/* Reads or writes another process's memory (ptrace, /proc/PID/mem, cmdline). Returns the
 * number of bytes, or -EIO if none. */
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
void aspace_init(void);
