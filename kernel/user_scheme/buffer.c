/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The bytes of requests. Each provider has a window, a stretch of shared memory, of which a
 * request takes a few pages; a large one has memory of its own. The caller's thread copies
 * into these pages and out of them, through the kernel's map, so that nobody looks into another
 * address space; the provider finds them mapped. Bytes begin where they do in a page of the
 * caller's.
 */
#include "user_scheme_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/frame.h>
#include <mm/vm/aspace.h>

#define WINDOW_SIZE  (WINDOW_PAGES * PAGE_SIZE)
#define WINDOW_FLAGS (VM_READ | VM_WRITE | VM_SHARED | VM_MAY_WRITE | VM_NO_RESERVE)

void window_init(struct window *window)
{
	mutex_init(&window->lock, RANK_USER_WINDOW, "provider window");
}

void window_fini(struct window *window)
{
	if (window->object)
		vm_object_put(window->object);
}

static int window_prepare(struct window *window)
{
	int error = 0;

	if (__atomic_load_n(&window->object, __ATOMIC_ACQUIRE))
		return 0;
	mutex_lock(&window->lock);
	if (!window->object) {
		struct vm_object *object = vm_object_create_anonymous(WINDOW_SIZE);

		if (object)
			__atomic_store_n(&window->object, object, __ATOMIC_RELEASE);
		else
			error = -ENOMEM;
	}
	mutex_unlock(&window->lock);
	return error;
}

/* The first of `pages` free pages in a row, which are taken; WINDOW_PAGES: there are none. */
static size_t window_take(struct provider *provider, size_t pages)
{
	bool *used = provider->window.used;
	size_t first = 0, end = 0;

	spin_lock(&provider->lock);
	while (end < WINDOW_PAGES && end - first < pages) {
		if (used[end++])
			first = end;
	}
	if (end - first < pages)
		first = WINDOW_PAGES;
	else
		memset(&used[first], true, pages);
	spin_unlock(&provider->lock);
	return first;
}

static int reserve_own(struct buffer *buffer)
{
	buffer->object = vm_object_create_anonymous(buffer->pages * PAGE_SIZE);
	if (!buffer->object)
		return -ENOMEM;
	buffer->own = true;
	buffer->first = 0;
	return 0;
}

int buffer_reserve(struct provider *provider, struct buffer *buffer, size_t offset, size_t length)
{
	int error;

	buffer->length = length;
	if (!length)
		return 0;
	if (length > SIZE_MAX / 2)
		return -ENOMEM;
	buffer->offset = offset;
	buffer->pages = align_up(offset + length, PAGE_SIZE) / PAGE_SIZE;
	if (buffer->pages > WINDOW_SHARE_MAX)
		return reserve_own(buffer);
	error = window_prepare(&provider->window);
	if (error)
		return error;
	buffer->first = window_take(provider, buffer->pages);
	if (buffer->first == WINDOW_PAGES)
		return reserve_own(buffer);
	buffer->object = provider->window.object;
	return 0;
}

/* Takes its own memory away from the provider. */
static void hide_own(struct buffer *buffer)
{
	int error = aspace_unmap(buffer->aspace, buffer->address, buffer->pages * PAGE_SIZE);

	/* What the provider has done to the place meanwhile is its own affair. */
	(void)error;
	aspace_put(buffer->aspace);
	buffer->aspace = NULL;
	buffer->address = 0;
}

void buffer_release(struct provider *provider, struct buffer *buffer)
{
	if (!buffer->object)
		return;
	if (!buffer->own) {
		spin_lock(&provider->lock);
		memset(&provider->window.used[buffer->first], false, buffer->pages);
		spin_unlock(&provider->lock);
	} else {
		if (buffer->aspace)
			hide_own(buffer);
		vm_object_put(buffer->object);
	}
	*buffer = (struct buffer){ 0 };
}

/* Where page `index` of the buffer is. Both kinds of objects keep their pages as long as they are. */
static char *page_memory(struct provider *provider, struct buffer *buffer, size_t index)
{
	_Atomic(char *) *known =
		buffer->own ? NULL : &provider->window.pages[buffer->first + index];
	struct frame *frame;
	char *memory = known ? *known : NULL;

	if (memory)
		return memory;
	if (vm_object_page(buffer->object, buffer->first + index, &frame))
		return NULL;
	memory = frame_address(frame);
	frame_put(frame);
	if (known)
		*known = memory;
	return memory;
}

/* Copies `count` bytes of the buffer, page by page. */
static int copy(struct provider *provider, struct buffer *buffer, struct io *io, size_t count,
		bool fill)
{
	size_t done = 0;

	while (done < count) {
		size_t at = buffer->offset + done;
		size_t in_page = at % PAGE_SIZE;
		size_t chunk = min_size(count - done, PAGE_SIZE - in_page);
		ssize_t copied;
		char *memory = page_memory(provider, buffer, at / PAGE_SIZE);

		if (!memory)
			return -ENOMEM;
		memory += in_page;
		copied = fill ? io_take(io, memory, chunk) : io_put(io, memory, chunk);
		if (copied != (ssize_t)chunk)
			return -EFAULT;
		done += chunk;
	}
	return 0;
}

int buffer_fill(struct provider *provider, struct buffer *buffer, struct io *io)
{
	return copy(provider, buffer, io, buffer->length, true);
}

int buffer_drain(struct provider *provider, struct buffer *buffer, struct io *io, size_t count)
{
	return copy(provider, buffer, io, min_size(count, buffer->length), false);
}

/* Maps the window where it was before, if it is not there now; else anywhere. */
static int show_window(struct window *window)
{
	struct aspace *aspace = aspace_current();
	uintptr_t base = window->base;
	int error = -EEXIST;

	if (base && aspace_shows(aspace, base, WINDOW_SIZE, window->object))
		return 0;
	if (base)
		error = aspace_map(aspace, &base, WINDOW_SIZE, WINDOW_FLAGS | VM_FIXED_NOREPLACE,
				   window->object, 0, NULL);
	if (error) {
		base = 0;
		error = aspace_map(aspace, &base, WINDOW_SIZE, WINDOW_FLAGS, window->object, 0,
				   NULL);
	}
	if (!error)
		window->base = base;
	return error;
}

static int show_own(struct buffer *buffer)
{
	struct aspace *aspace = aspace_current();
	int error = aspace_map(aspace, &buffer->address, buffer->pages * PAGE_SIZE, WINDOW_FLAGS,
			       buffer->object, 0, NULL);

	if (error)
		return error;
	aspace_get(aspace);
	buffer->aspace = aspace;
	return 0;
}

int buffer_show(struct provider *provider, struct buffer *buffer, uintptr_t *address)
{
	struct window *window = &provider->window;
	int error;

	*address = USER_MIN;
	if (!buffer->object)
		return 0;
	if (buffer->own) {
		/* Another process of the provider's had it, and could not take the packet. */
		if (buffer->aspace && buffer->aspace != aspace_current())
			hide_own(buffer);
		error = buffer->aspace ? 0 : show_own(buffer);
		*address = buffer->address + buffer->offset;
		return error;
	}
	mutex_lock(&window->lock);
	error = show_window(window);
	*address = window->base + buffer->first * PAGE_SIZE + buffer->offset;
	mutex_unlock(&window->lock);
	return error;
}
