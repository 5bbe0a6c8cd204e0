/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Windows as open files. A window is there as long as its description is; the pixels that a program
 * maps stay longer, but show nothing then.
 */
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <mm/vm/aspace.h>
#include <mm/vm/object.h>
#include <proc/process.h>
#include <scheme/credentials.h>
#include <scheme/poll.h>

#include "orbital_priv.h"

#define EVENTS_AT_ONCE 16
#define COMMAND_SHORT  256   /* bytes: most are */
#define COMMAND_MAX    65536 /* a list of areas that changed may be long */

static struct mutex list_lock; /* RANK_ORBITAL: the list, and whether they have a window yet */
static struct list windows = LIST_INIT(windows); /* of all programs */

/* --- Reading events. --- */

static bool has_events(struct orbital_window *window)
{
	return window_has_events(window->window);
}

static int wait_for_events(struct orbital_window *window)
{
	struct waiter waiter;
	int error = 0;

	wait_begin(window_event_queue(window->window), &waiter);
	while (!error && !has_events(window) && !window->async)
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
	wait_end(&waiter);
	return error;
}

/* Takes what is there. An event whose place in memory is bad is lost. */
static ssize_t take_events(struct orbital_window *window, struct io *io)
{
	struct orbital_event events[EVENTS_AT_ONCE];
	size_t done = 0;

	for (;;) {
		size_t room = min_size(io_remaining(io) / sizeof(events[0]), EVENTS_AT_ONCE);
		size_t count = room ? window_take_events(window->window, events, room) : 0;
		ssize_t put;

		if (!count)
			return (ssize_t)done;
		put = io_put(io, events, count * sizeof(events[0]));
		if (put != (ssize_t)(count * sizeof(events[0])))
			return done ? (ssize_t)done : -EFAULT;
		done += (size_t)put;
	}
}

static ssize_t window_file_read(struct file *file, struct io *io, uint64_t offset)
{
	struct orbital_window *window = file->private;
	ssize_t taken;
	int error;

	(void)offset;
	/* Less than an event is nothing, as of the other streams of Redox. */
	if (io_remaining(io) < sizeof(struct orbital_event))
		return 0;
	while ((taken = take_events(window, io)) == 0) {
		if (window->async)
			return 0;
		if (file->flags & FILE_NONBLOCK)
			return -EAGAIN;
		error = wait_for_events(window);
		if (error)
			return error;
	}
	return taken;
}

static unsigned window_file_poll(struct file *file, struct poller *poller)
{
	struct orbital_window *window = file->private;
	unsigned ready = POLL_OUT | POLL_WRITE_NORMAL;

	poller_add_event(poller, window_event_queue(window->window), POLL_IN);
	return has_events(window) ? ready | POLL_IN | POLL_READ_NORMAL : ready;
}

/* --- Writing commands. --- */

static ssize_t window_file_write(struct file *file, struct io *io, uint64_t *offset)
{
	size_t length = io_remaining(io);
	char store[COMMAND_SHORT], *text = store;
	ssize_t result;

	(void)offset;
	if (length > COMMAND_MAX)
		return -EINVAL;
	if (length > sizeof(store))
		text = kmalloc(length);
	if (!text)
		return -ENOMEM;
	result = io_take(io, text, length);
	if (result >= 0 && result < (ssize_t)length)
		result = -EFAULT;
	if (result >= 0) {
		int error = orbital_command(file->private, text, length);

		result = error ? error : (ssize_t)length;
	}
	if (text != store)
		kfree(text);
	return result;
}

static int window_file_sync(struct file *file, bool data_only)
{
	struct orbital_window *window = file->private;

	(void)data_only;
	window_sync(window->window, NULL, 0);
	return 0;
}

/* --- The pixels. --- */

static int window_file_map(struct file *file, uint64_t offset, size_t length, unsigned vm_flags,
			   struct vm_object **object)
{
	struct orbital_window *window = file->private;
	struct vm_object *pixels;
	uint64_t size;

	/* What is written there is data. */
	if (vm_flags & VM_EXECUTE)
		return -EPERM;
	pixels = window_pixels(window->window);
	size = align_up(pixels->size, PAGE_SIZE);
	if (offset > size || align_up(length, PAGE_SIZE) > size - offset) {
		vm_object_put(pixels);
		return -EINVAL;
	}
	*object = pixels;
	return 0;
}

/* --- What it is called. --- */

static void read_properties(struct orbital_window *window, struct window_properties *properties)
{
	window_read_properties(window->window, properties);
	properties->flags &= ~(unsigned)ORBITAL_ASYNC;
	if (window->async)
		properties->flags |= ORBITAL_ASYNC;
}

static ssize_t window_file_name(struct file *file, char *buffer, size_t size)
{
	struct window_properties properties;

	read_properties(file->private, &properties);
	return (ssize_t)orbital_print_name(&properties, buffer, size);
}

static ssize_t window_file_link(struct file *file, char *buffer, size_t size)
{
	size_t length = (size_t)snprintf(buffer, size, "/scheme/%s/", file->node->scheme->name);

	return (ssize_t)length + window_file_name(file, buffer + length, size - length);
}

/* --- Life. --- */

static int window_file_duplicate(struct file *file, const char *name, size_t length,
				 struct file **made)
{
	static const char clipboard[] = "clipboard";
	const struct scheme_request request = {
		.path = clipboard,
		.length = strlen(clipboard),
		.credentials = file->credentials,
		.flags = FILE_READ_WRITE,
	};

	if (length != request.length || memcmp(name, clipboard, length) != 0)
		return -EINVAL;
	return orbital_open_clipboard(file->node->scheme, &request, file, made);
}

static struct process *current_process(void)
{
	return thread_current()->user ? process_current() : NULL;
}

/* Adds the window to the list, unless its process has enough of them. */
static int list_add(struct orbital_window *window)
{
	struct list_node *node;
	unsigned count = 0;

	mutex_lock(&list_lock);
	list_for_each (node, &windows)
		count += container_of(node, struct orbital_window, node)->owner == window->owner;
	if (count < ORBITAL_WINDOWS_PER_PROCESS)
		list_push_back(&windows, &window->node);
	mutex_unlock(&list_lock);
	return count < ORBITAL_WINDOWS_PER_PROCESS ? 0 : -EMFILE;
}

/* Takes it out and frees it. */
static void remove_window(struct orbital_window *window)
{
	mutex_lock(&list_lock);
	list_remove(&window->node);
	mutex_unlock(&list_lock);
	if (window->window)
		window_destroy(window->window);
	if (window->owner)
		process_put(window->owner);
	kfree(window);
}

static int create_window(const struct window_properties *properties, struct orbital_window **made)
{
	struct orbital_window *window = kzalloc(sizeof(*window));
	struct window *shown;
	int error;

	if (!window)
		return -ENOMEM;
	list_node_init(&window->node);
	window->async = properties->flags & ORBITAL_ASYNC;
	window->owner = current_process();
	if (window->owner)
		process_get(window->owner);
	error = list_add(window);
	if (!error)
		error = window_create(properties, &shown);
	if (error) {
		remove_window(window);
		return error;
	}
	mutex_lock(&list_lock);
	window->window = shown;
	mutex_unlock(&list_lock);
	*made = window;
	return 0;
}

static void window_file_close(struct file *file)
{
	if (file->private)
		remove_window(file->private);
}

static const struct node_ops window_ops = {
	.close = window_file_close,
	.read = window_file_read,
	.write = window_file_write,
	.poll = window_file_poll,
	.map = window_file_map,
	.sync = window_file_sync,
	.duplicate = window_file_duplicate,
	.name = window_file_name,
	.link_name = window_file_link,
};

int orbital_open_window(struct scheme *scheme, const struct scheme_request *request,
			struct file **file)
{
	struct window_properties properties;
	struct orbital_window *window;
	int error = orbital_parse_name(request->path, request->length, &properties);

	/* The description comes first, as nobody sees it yet; a window would be on the screen. */
	if (!error)
		error = scheme_file_create(scheme, request, &window_ops, MODE_CHARACTER | 0600,
					   NULL, file);
	if (error)
		return error;
	error = create_window(&properties, &window);
	if (error)
		file_put(*file);
	else
		(*file)->private = window;
	return error;
}

ssize_t orbital_visit_own(ssize_t (*visit)(struct orbital_window *window, void *argument),
			  void *argument)
{
	struct process *owner = current_process();
	struct list_node *node;
	ssize_t result = -EACCES;

	mutex_lock(&list_lock);
	list_for_each (node, &windows) {
		struct orbital_window *window = container_of(node, struct orbital_window, node);

		if (window->owner == owner && window->window)
			result = visit(window, argument);
		if (result != -EACCES)
			break;
	}
	mutex_unlock(&list_lock);
	return result;
}

void orbital_windows_init(void)
{
	mutex_init(&list_lock, RANK_ORBITAL, "windows of programs");
}
