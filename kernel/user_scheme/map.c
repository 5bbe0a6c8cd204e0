/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Maps of files whose scheme a process provides: pages of the provider's that the caller has, too.
 * A map keeps the file open. When the last part of it is gone, the provider hears of it.
 */
#include "user_scheme_priv.h"

#include <base/errno.h>
#include <mm/phys/slab.h>
#include <mm/vm/aspace.h>

struct user_map {
	struct file *file;         /* a reference */
	struct request *unmapping; /* for FUNMAP, made beforehand */
	uint64_t address, length;  /* the provider's */
};

static struct user_map *map_create(struct file *file, size_t length)
{
	struct user_map *map = kmalloc(sizeof(*map));

	if (!map)
		return NULL;
	map->unmapping = request_create(CALL_FUNMAP, 0, 0, 0);
	if (!map->unmapping) {
		kfree(map);
		return NULL;
	}
	map->file = file;
	map->length = length;
	file_get(file);
	return map;
}

static void map_destroy(struct user_map *map)
{
	struct file *file = map->file;

	if (map->unmapping)
		request_free(user_file_of(file)->provider, map->unmapping);
	kfree(map);
	file_put(file);
}

/* The last mapping has gone: tells the provider, and waits for it where that is possible. */
static void map_released(void *argument)
{
	struct user_map *map = argument;
	struct request *unmapping = map->unmapping;

	map->unmapping = NULL;
	request_begin(unmapping, CALL_FUNMAP, map->address, map->length, 0);
	request_finish(user_file_of(map->file)->provider, unmapping);
	map_destroy(map);
}

/* Asks the provider for pages; where they are in *aspace, which is a reference. */
static int ask(struct user_map *map, uint64_t offset, size_t length, unsigned vm_flags,
	       struct aspace **aspace)
{
	struct user_file *user = user_file_of(map->file);
	const struct redox_map asked = {
		.offset = offset,
		.size = length,
		.flags = (vm_flags & VM_READ ? REDOX_PROT_READ : 0) |
			 (vm_flags & VM_WRITE ? REDOX_PROT_WRITE : 0) |
			 (vm_flags & VM_EXECUTE ? REDOX_PROT_EXEC : 0) |
			 (vm_flags & VM_SHARED ? REDOX_MAP_SHARED : REDOX_MAP_PRIVATE),
	};
	struct request *request = request_create(CALL_FMAP, user->number, 0, sizeof(asked));
	struct io io;
	const struct request_data data = { .in = &io, .aspace = aspace };

	if (!request)
		return -ENOMEM;
	request->has_buffer = true;
	request->map_length = map->length;
	io_init_kernel(&io, &asked, sizeof(asked));
	return request_call(user->provider, request, &data, &map->address);
}

/* Makes an object of the provider's pages. */
static int show(struct user_map *map, struct aspace *aspace, uint64_t offset, unsigned vm_flags,
		struct vm_object **object)
{
	struct vm_window window = {
		.offset = offset,
		.length = map->length,
		.released = map_released,
		.argument = map,
	};
	struct vm_object *exported;
	int error = -EFAULT;

	if (!is_aligned(map->address, PAGE_SIZE))
		return -EINVAL;
	window.writable = (vm_flags & VM_SHARED) && (vm_flags & (VM_WRITE | VM_MAY_WRITE));
	if (window.writable)
		error = aspace_export(aspace, map->address, map->length, VM_READ | VM_WRITE,
				      &exported, &window.shown_offset);
	/* Pages that the provider only reads are good enough for readers. */
	if (error == -EFAULT && !((vm_flags & VM_SHARED) && (vm_flags & VM_WRITE))) {
		window.writable = false;
		error = aspace_export(aspace, map->address, map->length, VM_READ, &exported,
				      &window.shown_offset);
	}
	if (error)
		return error;
	*object = vm_object_create_window(exported, &window);
	vm_object_put(exported);
	return *object ? 0 : -ENOMEM;
}

int user_file_map(struct file *file, uint64_t offset, size_t length, unsigned vm_flags,
		  struct vm_object **object)
{
	struct aspace *aspace = NULL;
	struct user_map *map;
	int error;

	if (length > SIZE_MAX - PAGE_SIZE)
		return -ENOMEM;
	map = map_create(file, align_up(length, PAGE_SIZE));
	if (!map)
		return -ENOMEM;
	error = ask(map, offset, length, vm_flags, &aspace);
	if (error) {
		map_destroy(map);
		return error;
	}
	error = show(map, aspace, offset, vm_flags, object);
	aspace_put(aspace);
	if (error)
		map_released(map);
	return error;
}
