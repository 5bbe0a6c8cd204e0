/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory mappings. */
#include "linux.h"

#include <base/checked.h>
#include <fs/memory_file.h>
#include <mm/phys/slab.h>
#include <mm/vm/aspace.h>
#include <proc/fd_table.h>
#include <proc/process.h>
#include <scheme/file.h>
#include <sync/cpu.h>

#include <stdatomic.h>

enum map_flags {
	MAP_SHARED = 1,
	MAP_PRIVATE = 2,
	MAP_SHARED_VALIDATE = 3,
	MAP_TYPE = 0xf,
	MAP_FIXED = 0x10,
	MAP_ANONYMOUS = 0x20,
	MAP_32BIT = 0x40,
	MAP_GROWS_DOWN = 0x100,
	MAP_LOCKED = 0x2000,
	MAP_NO_RESERVE = 0x4000,
	MAP_POPULATE = 0x8000,
	MAP_FIXED_NOREPLACE = 0x100000,
};

#define PROTECTION_MASK  7 /* read 1, write 2, execute 4 */
#define PROTECTION_GROWS (3u << 24)

/* memfd_create. */
#define MEMFD_CLOSE_ON_EXEC 1
#define MEMFD_ALLOW_SEALING 2
#define MEMFD_NAME_MAX      249

static struct aspace *own_aspace(void)
{
	return process_current()->aspace;
}

static unsigned decode_protection(uint64_t protection)
{
	unsigned flags = 0;

	/* Reading cannot be withheld from what may be written or executed. */
	if (protection & PROTECTION_MASK)
		flags |= VM_READ;
	if (protection & 2)
		flags |= VM_WRITE;
	if (protection & 4)
		flags |= VM_EXECUTE;
	return flags;
}

static unsigned decode_flags(uint64_t flags)
{
	unsigned result = 0;

	if (flags & MAP_SHARED)
		result |= VM_SHARED;
	if (flags & MAP_FIXED_NOREPLACE)
		result |= VM_FIXED_NOREPLACE;
	else if (flags & MAP_FIXED)
		result |= VM_FIXED;
	if (flags & MAP_GROWS_DOWN)
		result |= VM_GROWS_DOWN;
	if (flags & MAP_LOCKED)
		result |= VM_LOCKED | VM_POPULATE;
	if (flags & MAP_POPULATE)
		result |= VM_POPULATE;
	if (flags & MAP_NO_RESERVE)
		result |= VM_NO_RESERVE;
	if (flags & MAP_32BIT)
		result |= VM_BELOW_4G;
	return result;
}

/* What of a file is mapped, and how it may be. The object comes with a reference. */
static int open_object(struct file *file, uint64_t offset, size_t length, unsigned *flags,
		       struct vm_object **object)
{
	int seals = memory_file_seals(file);

	if (!file->readable)
		return -EACCES;
	if ((*flags & VM_SHARED) && (*flags & VM_WRITE) && !file->writable)
		return -EACCES;
	if (!(*flags & VM_SHARED) || file->writable)
		*flags |= VM_MAY_WRITE;
	if ((*flags & VM_SHARED) && seals > 0 && (seals & (SEAL_WRITE | SEAL_FUTURE_WRITE))) {
		if (*flags & VM_WRITE)
			return -EPERM;
		*flags &= ~(unsigned)VM_MAY_WRITE;
	}
	if (file->ops->map)
		return file->ops->map(file, offset, length, *flags, object);
	if (!file->node->object)
		return -ENODEV;
	*object = file->node->object;
	vm_object_get(*object);
	return 0;
}

static int64_t map_file(const struct linux_call *call, unsigned flags)
{
	struct file *file = fd_get(linux_int(call, 4));
	uintptr_t address = call->argument[0];
	struct vm_object *object;
	int64_t result;

	if (!file)
		return -EBADF;
	result = open_object(file, call->argument[5], call->argument[1], &flags, &object);
	if (!result) {
		result = aspace_map(own_aspace(), &address, call->argument[1], flags, object,
				    call->argument[5], file->dentry);
		vm_object_put(object);
	}
	file_put(file);
	return result ? result : (int64_t)address;
}

static int64_t map_anonymous(const struct linux_call *call, unsigned flags)
{
	uintptr_t address = call->argument[0];
	struct vm_object *object = NULL;
	uint64_t length;
	int64_t result;

	if (!checked_align_up(call->argument[1], PAGE_SIZE, &length) || length > USER_MAX)
		return -ENOMEM;
	flags |= VM_MAY_WRITE;
	if (flags & VM_SHARED) {
		object = vm_object_create_anonymous(length);
		if (!object)
			return -ENOMEM;
	}
	result = aspace_map(own_aspace(), &address, length, flags, object, 0, NULL);
	if (object)
		vm_object_put(object);
	return result ? result : (int64_t)address;
}

int64_t linux_mmap(const struct linux_call *call)
{
	uint64_t type = call->argument[3] & MAP_TYPE;
	unsigned flags = decode_protection(call->argument[2]) | decode_flags(call->argument[3]);

	if (call->argument[1] == 0 || !is_aligned(call->argument[5], PAGE_SIZE))
		return -EINVAL;
	if (type != MAP_SHARED && type != MAP_PRIVATE && type != MAP_SHARED_VALIDATE)
		return -EINVAL;
	if (type == MAP_PRIVATE)
		flags &= ~(unsigned)VM_SHARED;
	if ((call->argument[3] & (MAP_FIXED | MAP_FIXED_NOREPLACE)) &&
	    !is_aligned(call->argument[0], PAGE_SIZE))
		return -EINVAL;
	if (call->argument[3] & MAP_ANONYMOUS)
		return map_anonymous(call, flags);
	return map_file(call, flags);
}

int64_t linux_munmap(const struct linux_call *call)
{
	if (call->argument[1] == 0)
		return -EINVAL;
	return aspace_unmap(own_aspace(), call->argument[0], call->argument[1]);
}

int64_t linux_mprotect(const struct linux_call *call)
{
	if (call->argument[2] & ~(uint64_t)(PROTECTION_MASK | 8 | PROTECTION_GROWS))
		return -EINVAL;
	if (call->argument[1] == 0)
		return is_aligned(call->argument[0], PAGE_SIZE) ? 0 : -EINVAL;
	return aspace_protect(own_aspace(), call->argument[0], call->argument[1],
			      decode_protection(call->argument[2]));
}

#define MREMAP_MAY_MOVE 1
#define MREMAP_FIXED    2

int64_t linux_mremap(const struct linux_call *call)
{
	uint64_t flags = call->argument[3];
	uintptr_t address = call->argument[4];
	int error;

	if ((flags & ~(uint64_t)(MREMAP_MAY_MOVE | MREMAP_FIXED)) || flags == MREMAP_FIXED)
		return -EINVAL;
	/* What rounding up to pages makes 0 is 0. */
	if (call->argument[2] > UINT64_MAX - PAGE_SIZE + 1)
		return -EINVAL;
	error = aspace_remap(own_aspace(), call->argument[0], call->argument[1], call->argument[2],
			     flags & MREMAP_MAY_MOVE, flags & MREMAP_FIXED, &address);
	return error ? error : (int64_t)address;
}

int64_t linux_brk(const struct linux_call *call)
{
	return (int64_t)aspace_set_heap_end(own_aspace(), call->argument[0]);
}

#define MINCORE_CHUNK 256

int64_t linux_mincore(const struct linux_call *call)
{
	uint64_t pages = (call->argument[1] + PAGE_SIZE - 1) / PAGE_SIZE;
	uint8_t resident[MINCORE_CHUNK];

	if (!is_aligned(call->argument[0], PAGE_SIZE))
		return -EINVAL;
	if (!user_range_valid(call->argument[0], call->argument[1]))
		return -ENOMEM;
	for (uint64_t done = 0; done < pages; done += MINCORE_CHUNK) {
		size_t count = min_u64(pages - done, MINCORE_CHUNK);
		int error = aspace_residency(own_aspace(), call->argument[0] + done * PAGE_SIZE,
					     count, resident);

		if (!error)
			error = linux_put(call->argument[2] + done, resident, count);
		if (error)
			return error;
	}
	return 0;
}

enum advice {
	ADVISE_NORMAL = 0,
	ADVISE_RANDOM = 1,
	ADVISE_SEQUENTIAL = 2,
	ADVISE_WILL_NEED = 3,
	ADVISE_DONT_NEED = 4,
	ADVISE_FREE = 8,
	ADVISE_DONT_FORK = 10,
	ADVISE_DO_FORK = 11,
	ADVISE_MERGEABLE = 12,
	ADVISE_DO_DUMP = 17,
	ADVISE_WIPE_ON_FORK = 18,
	ADVISE_KEEP_ON_FORK = 19,
	ADVISE_COLD = 20,
	ADVISE_PAGE_OUT = 21,
};

int64_t linux_madvise(const struct linux_call *call)
{
	uintptr_t address = call->argument[0];
	size_t length = call->argument[1];
	int advice = linux_int(call, 2);

	if (!is_aligned(address, PAGE_SIZE))
		return -EINVAL;
	switch (advice) {
	case ADVISE_DONT_NEED:
	case ADVISE_FREE:
		return length ? aspace_discard(own_aspace(), address, length) : 0;
	case ADVISE_DONT_FORK:
		return aspace_advise(own_aspace(), address, length, VM_DONT_FORK, 0);
	case ADVISE_DO_FORK:
		return aspace_advise(own_aspace(), address, length, 0, VM_DONT_FORK);
	case ADVISE_WIPE_ON_FORK:
		return aspace_advise(own_aspace(), address, length, VM_WIPE_ON_FORK, 0);
	case ADVISE_KEEP_ON_FORK:
		return aspace_advise(own_aspace(), address, length, 0, VM_WIPE_ON_FORK);
	case ADVISE_NORMAL:
	case ADVISE_RANDOM:
	case ADVISE_SEQUENTIAL:
	case ADVISE_WILL_NEED:
	case ADVISE_COLD:
	case ADVISE_PAGE_OUT:
		return user_range_valid(address, length) ? 0 : -ENOMEM;
	default:
		/* Hints about merging, huge pages and dumps change nothing that can be seen. */
		return advice >= ADVISE_MERGEABLE && advice <= ADVISE_DO_DUMP ? 0 : -EINVAL;
	}
}

int64_t linux_mlock(const struct linux_call *call)
{
	uint64_t start = align_down(call->argument[0], PAGE_SIZE);

	if (!user_range_valid(call->argument[0], call->argument[1]))
		return -ENOMEM;
	return aspace_advise(own_aspace(), start,
			     align_up(call->argument[0] + call->argument[1], PAGE_SIZE) - start,
			     VM_LOCKED, 0);
}

int64_t linux_munlock(const struct linux_call *call)
{
	uint64_t start = align_down(call->argument[0], PAGE_SIZE);

	if (!user_range_valid(call->argument[0], call->argument[1]))
		return -ENOMEM;
	return aspace_advise(own_aspace(), start,
			     align_up(call->argument[0] + call->argument[1], PAGE_SIZE) - start, 0,
			     VM_LOCKED);
}

#define MLOCK_ON_FAULT 1

int64_t linux_mlock2(const struct linux_call *call)
{
	/* Locking pages when they are touched is not offered. */
	return linux_unsigned(call, 2) ? -EINVAL : linux_mlock(call);
}

#define LOCK_CURRENT 1
#define LOCK_FUTURE  2

/* All ranges that are mapped, one after the other. */
struct range_search {
	uintptr_t from;
	uintptr_t start, end;
};

static bool next_range(const struct vm_area *area, void *argument)
{
	struct range_search *search = argument;

	if (area->end <= search->from)
		return true;
	search->start = max_u64(area->start, search->from);
	search->end = area->end;
	return false;
}

static int64_t lock_all(unsigned set, unsigned clear)
{
	struct range_search search = { 0 };

	for (;;) {
		int error;

		search.end = 0;
		aspace_visit(own_aspace(), next_range, &search);
		if (!search.end)
			return 0;
		error = aspace_advise(own_aspace(), search.start, search.end - search.start, set,
				      clear);
		/* What was unmapped meanwhile needs no lock. */
		if (error && error != -ENOMEM)
			return error;
		search.from = search.end;
	}
}

/* What will be mapped is not locked: there is no paging out, so nobody can tell. */
int64_t linux_mlockall(const struct linux_call *call)
{
	unsigned flags = linux_unsigned(call, 0);

	if (!flags || (flags & ~(unsigned)(LOCK_CURRENT | LOCK_FUTURE)))
		return -EINVAL;
	return flags & LOCK_CURRENT ? lock_all(VM_LOCKED, 0) : 0;
}

int64_t linux_munlockall(const struct linux_call *call)
{
	(void)call;
	return lock_all(0, VM_LOCKED);
}

enum membarrier_command {
	MEMBARRIER_QUERY = 0,
	MEMBARRIER_GLOBAL = 1,
	MEMBARRIER_GLOBAL_EXPEDITED = 2,
	MEMBARRIER_REGISTER_GLOBAL_EXPEDITED = 4,
	MEMBARRIER_PRIVATE_EXPEDITED = 8,
	MEMBARRIER_REGISTER_PRIVATE_EXPEDITED = 16,
	MEMBARRIER_ALL = 31,
};

static void barrier_here(void *argument)
{
	(void)argument;
	atomic_thread_fence(memory_order_seq_cst);
}

/* Every CPU passes a barrier; registering is not needed for that. */
int64_t linux_membarrier(const struct linux_call *call)
{
	if (linux_unsigned(call, 1))
		return -EINVAL;
	switch (linux_int(call, 0)) {
	case MEMBARRIER_QUERY:
		return MEMBARRIER_ALL;
	case MEMBARRIER_REGISTER_GLOBAL_EXPEDITED:
	case MEMBARRIER_REGISTER_PRIVATE_EXPEDITED:
		return 0;
	case MEMBARRIER_GLOBAL:
	case MEMBARRIER_GLOBAL_EXPEDITED:
	case MEMBARRIER_PRIVATE_EXPEDITED:
		atomic_thread_fence(memory_order_seq_cst);
		preempt_disable();
		arch_call_cpus(UINT64_MAX >> (CPU_MAX - cpu_count()), barrier_here, NULL);
		preempt_enable();
		return 0;
	default:
		return -EINVAL;
	}
}

int64_t linux_memfd_create(const struct linux_call *call)
{
	unsigned flags = linux_unsigned(call, 1);
	char name[MEMFD_NAME_MAX + 1];
	struct file *file;
	ssize_t length;
	int error;

	if (flags & ~(unsigned)(MEMFD_CLOSE_ON_EXEC | MEMFD_ALLOW_SEALING))
		return -EINVAL;
	length = copy_string_from_user(name, call->argument[0], sizeof(name));
	if (length < 0)
		return length == -ENAMETOOLONG ? -EINVAL : length;
	error = memory_file_create(credentials_current(), flags & MEMFD_ALLOW_SEALING, &file);
	return error ? error : fd_add(file, flags & MEMFD_CLOSE_ON_EXEC);
}
