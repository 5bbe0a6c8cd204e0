/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Views: objects that show the pages of another one.
 *
 * A window has the very pages, and tells when the last mapping of it is gone. A copy has pages of
 * its own, which look like the other's when they are first touched; what is past the other's end
 * is zeros.
 *
 * A view's lock is held when that of what it shows is taken. What is shown was there before, so
 * there are no circles; and windows show what is behind other windows directly, so that chains stay
 * short.
 */
#include <base/checked.h>
#include <core/panic.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>

#include "vm_priv.h"

struct view {
	struct vm_object object; /* object.behind: what the view was made of */
	/* Immutable. */
	struct vm_object *shown; /* where pages come from; kept by object.behind */
	uint64_t first;          /* the first page of the view that there is */
	uint64_t shown_first;    /* and the page that it shows */
	unsigned depth;          /* views one behind the other, this one included */
	void (*released)(void *argument);
	void *argument;
};

static struct view *view_of(struct vm_object *object)
{
	return container_of(object, struct view, object);
}

static uint64_t shown_index(const struct view *view, uint64_t index)
{
	return index - view->first + view->shown_first;
}

/* The page that is shown as page `index` of the view, with a reference. */
static int shown_page(const struct view *view, uint64_t index, struct frame **frame)
{
	int error;

	if (index < view->first)
		return -ENXIO;
	mutex_lock_nested(&view->shown->lock);
	error = object_page_locked(view->shown, shown_index(view, index), frame);
	if (!error)
		frame_get(*frame);
	mutex_unlock(&view->shown->lock);
	return error;
}

static int window_fill(struct vm_object *object, uint64_t index, struct frame **frame)
{
	return shown_page(view_of(object), index, frame);
}

static int window_make_writable(struct vm_object *object, uint64_t index)
{
	struct view *view = view_of(object);
	struct vm_object *shown = view->shown;
	struct frame *frame;
	int error;

	mutex_lock_nested(&shown->lock);
	error = shown->ops->make_writable(shown, shown_index(view, index));
	frame = error || !shown->ops->fills_later
			? NULL
			: radix_get(&shown->pages, shown_index(view, index));
	if (frame)
		__atomic_fetch_or(&frame->flags, VM_PAGE_SHOWN, __ATOMIC_RELAXED);
	mutex_unlock(&shown->lock);
	return error;
}

static int window_refuse_writing(struct vm_object *object, uint64_t index)
{
	(void)object;
	(void)index;
	return -EACCES;
}

static int window_device_page(struct vm_object *object, uint64_t index, phys_t *physical,
			      unsigned *mmu_flags)
{
	struct view *view = view_of(object);
	uint64_t shown = shown_index(view, index);
	int error = -ENXIO;

	if (index < view->first)
		return -ENXIO;
	mutex_lock_nested(&view->shown->lock);
	if (shown < object_page_limit(view->shown))
		error = view->shown->ops->device_page(view->shown, shown, physical, mmu_flags);
	mutex_unlock(&view->shown->lock);
	return error;
}

/* Of what was not shown yet because it would have been waited for. */
static int view_prepare(struct vm_object *object, uint64_t index, bool write)
{
	struct view *view = view_of(object);
	struct vm_object *shown = view->shown;

	/* A copy is written to without asking. */
	write = write && object->ops->fill == window_fill;
	return shown->ops->prepare ? shown->ops->prepare(shown, shown_index(view, index), write)
				   : -EAGAIN;
}

static int copy_fill(struct vm_object *object, uint64_t index, struct frame **frame)
{
	struct frame *original = NULL;
	int error = shown_page(view_of(object), index, &original);

	if (error && error != -ENXIO)
		return error;
	*frame = frame_allocate(0, original ? 0 : FRAME_ZERO);
	if (original) {
		if (*frame)
			arch_copy_page(frame_address(*frame), frame_address(original));
		frame_put(original);
	}
	return *frame ? 0 : -ENOMEM;
}

static void view_release(struct vm_object *object)
{
	struct view *view = view_of(object);

	if (view->released)
		view->released(view->argument);
	kfree(view);
}

static const struct vm_object_ops window_ops = {
	.fill = window_fill,
	.prepare = view_prepare,
	.release = view_release,
};

static const struct vm_object_ops asking_window_ops = {
	.fill = window_fill,
	.prepare = view_prepare,
	.make_writable = window_make_writable,
	.release = view_release,
};

static const struct vm_object_ops read_only_window_ops = {
	.fill = window_fill,
	.prepare = view_prepare,
	.make_writable = window_refuse_writing,
	.release = view_release,
};

static const struct vm_object_ops device_window_ops = {
	.device_page = window_device_page,
	.release = view_release,
};

static const struct vm_object_ops read_only_device_window_ops = {
	.device_page = window_device_page,
	.make_writable = window_refuse_writing,
	.release = view_release,
};

static const struct vm_object_ops copy_ops = {
	.fill = copy_fill,
	.prepare = view_prepare,
	.release = view_release,
};

static bool is_window(const struct vm_object *object)
{
	return object->ops->fill == window_fill || object->ops->device_page == window_device_page;
}

static bool is_view(const struct vm_object *object)
{
	return is_window(object) || object->ops == &copy_ops;
}

struct vm_object *object_resolve(struct vm_object *object, uint64_t *index)
{
	const struct view *view;

	if (!is_window(object))
		return object;
	view = view_of(object);
	*index = shown_index(view, *index);
	return view->shown;
}

struct vm_object *object_copied(struct vm_object *object)
{
	return object->ops == &copy_ops ? view_of(object)->shown : NULL;
}

bool object_is_window(const struct vm_object *object)
{
	return is_window(object);
}

/* NULL: out of memory, or too deep. */
static struct view *view_create(struct vm_object *behind, const struct vm_object_ops *ops,
				struct vm_object *shown, uint64_t size)
{
	unsigned depth = is_view(shown) ? view_of(shown)->depth + 1 : 1;
	struct view *view = depth > VIEW_DEPTH_MAX ? NULL : kzalloc(sizeof(*view));

	if (!view)
		return NULL;
	vm_object_init(&view->object, ops, size, NULL);
	view->object.behind = behind;
	vm_object_get(behind);
	view->shown = shown;
	view->depth = depth;
	return view;
}

static const struct vm_object_ops *choose_window_ops(const struct vm_object *shown, bool writable)
{
	bool refused = !writable || shown->ops->make_writable == window_refuse_writing;

	if (shown->ops->device_page)
		return refused ? &read_only_device_window_ops : &device_window_ops;
	if (refused)
		return &read_only_window_ops;
	return shown->ops->make_writable ? &asking_window_ops : &window_ops;
}

struct vm_object *vm_object_create_window(struct vm_object *shown, const struct vm_window *window)
{
	uint64_t shown_first = window->shown_offset >> PAGE_SHIFT;
	struct vm_object *resolved = object_resolve(shown, &shown_first);
	struct view *view;
	uint64_t end;

	if (!checked_add(window->offset, window->length, &end))
		return NULL;
	view = view_create(shown, choose_window_ops(shown, window->writable), resolved, end);
	if (!view)
		return NULL;
	view->first = window->offset >> PAGE_SHIFT;
	view->shown_first = shown_first;
	view->released = window->released;
	view->argument = window->argument;
	return &view->object;
}

struct vm_object *object_create_copy(struct vm_object *of, uint64_t size)
{
	struct view *view = view_create(of, &copy_ops, of, size);

	return view ? &view->object : NULL;
}
