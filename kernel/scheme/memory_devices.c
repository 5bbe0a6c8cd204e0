/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /dev/null, /dev/zero, /dev/full; schemes `null:` and `zero:`. */
#include <base/checked.h>
#include <base/errno.h>
#include <mm/phys/slab.h>
#include <mm/vm/object.h>
#include <mm/vm/user.h>
#include <sched/thread.h>
#include <scheme/device.h>
#include <scheme/scheme.h>

#define ZERO_CHUNK 65536 /* bytes between looks for signals */

static ssize_t null_read(struct file *file, struct io *io, uint64_t offset)
{
	(void)file;
	(void)io;
	(void)offset;
	return 0;
}

static ssize_t null_write(struct file *file, struct io *io, uint64_t *offset)
{
	(void)file;
	(void)offset;
	return (ssize_t)io_remaining(io);
}

static ssize_t zero_read(struct file *file, struct io *io, uint64_t offset)
{
	size_t done = 0;

	(void)file;
	(void)offset;
	while (io_remaining(io)) {
		ssize_t count = io_put_zeros(io, ZERO_CHUNK);

		if (count < 0)
			return done ? (ssize_t)done : count;
		done += (size_t)count;
		if (thread_interrupted(thread_current()))
			break;
	}
	return (ssize_t)done;
}

static ssize_t full_write(struct file *file, struct io *io, uint64_t *offset)
{
	(void)file;
	(void)offset;
	return io_remaining(io) ? -ENOSPC : 0;
}

/* A mapping is fresh anonymous memory, shared with nobody but forks. */
static int zero_map(struct file *file, uint64_t offset, size_t length, unsigned vm_flags,
		    struct vm_object **object)
{
	uint64_t size;

	(void)file;
	(void)vm_flags;
	if (!checked_add(offset, length, &size))
		return -EOVERFLOW;
	*object = vm_object_create_anonymous(size);
	return *object ? 0 : -ENOMEM;
}

static const struct node_ops null_ops = {
	.read = null_read,
	.write = null_write,
};

static const struct node_ops zero_ops = {
	.read = zero_read,
	.write = null_write,
	.map = zero_map,
};

static const struct node_ops full_ops = {
	.read = zero_read,
	.write = full_write,
};

static const struct device_node memory_devices[] = {
	{ "null", MODE_CHARACTER, 1, 3, 0666, &null_ops, NULL, 0 },
	{ "zero", MODE_CHARACTER, 1, 5, 0666, &zero_ops, NULL, 0 },
	{ "full", MODE_CHARACTER, 1, 7, 0666, &full_ops, NULL, 0 },
};

/* What programs expect in /dev besides devices. */
static const struct {
	const char *name;
	const char *target;
} links[] = {
	{ "fd", "/proc/self/fd" },
	{ "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" },
};

static int memory_devices_start(void)
{
	int error = 0;

	for (size_t i = 0; !error && i < array_length(memory_devices); i++)
		error = device_node_add(&memory_devices[i]);
	for (size_t i = 0; !error && i < array_length(links); i++)
		error = device_link_add(links[i].name, links[i].target);
	if (!error)
		error = device_scheme_create("null", &null_ops, 0666, 0);
	return error ? error : device_scheme_create("zero", &zero_ops, 0666, 0);
}

SCHEME(memory_devices) = { .name = "null", .level = 10, .start = memory_devices_start };
