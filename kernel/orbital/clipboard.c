/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The clipboard as a file of bytes. Who reads or writes it needs a window that has the focus: the one
 * that dup("clipboard") was called on, or, for Linux programs, that cannot call that, any window of
 * the process. What is written replaces all from there on.
 */
#include <base/errno.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>
#include <proc/charge.h>

#include "orbital_priv.h"

#define CHUNK 4096

/* Bytes of the clipboard from `offset` on, and where they go; or all that it is to be. */
struct transfer {
	void *bytes;
	size_t length;
	uint64_t offset;
};

static ssize_t read_as(struct orbital_window *window, void *argument)
{
	struct transfer *transfer = argument;

	return clipboard_read(window->window, transfer->bytes, transfer->length, transfer->offset);
}

static ssize_t set_as(struct orbital_window *window, void *argument)
{
	struct transfer *transfer = argument;

	return clipboard_set(window->window, transfer->bytes, transfer->length);
}

/* Calls `visit` for the window of the file, or those of the process. */
static ssize_t with_window(struct file *file,
			   ssize_t (*visit)(struct orbital_window *window, void *argument),
			   struct transfer *transfer)
{
	struct file *window = file->private;

	return window ? visit(window->private, transfer) : orbital_visit_own(visit, transfer);
}

static ssize_t clipboard_file_read(struct file *file, struct io *io, uint64_t offset)
{
	char *chunk = kmalloc(CHUNK);
	size_t done = 0;
	ssize_t count;

	if (!chunk)
		return -ENOMEM;
	do {
		struct transfer transfer = { chunk, min_size(io_remaining(io), CHUNK),
					     offset + done };

		count = with_window(file, read_as, &transfer);
		if (count > 0)
			count = io_put(io, chunk, (size_t)count);
		if (count > 0)
			done += (size_t)count;
	} while (count > 0 && io_remaining(io));
	kfree(chunk);
	return done ? (ssize_t)done : count;
}

/* What is to be in it: as much of the old as lies before `offset`, and what is in `io`. */
static ssize_t gather(struct file *file, struct io *io, uint64_t offset, struct transfer *whole)
{
	size_t length = io_remaining(io);
	ssize_t kept = 0, taken;

	if (!offset && !length)
		return 0;
	whole->bytes = kernel_vmalloc(offset + length);
	if (!whole->bytes)
		return -ENOMEM;
	whole->length = offset;
	if (offset)
		kept = with_window(file, read_as, whole);
	if (kept < 0)
		return kept;
	taken = io_take(io, (char *)whole->bytes + kept, length);
	whole->length = (size_t)kept + (taken > 0 ? (size_t)taken : 0);
	return taken;
}

static ssize_t replace(struct file *file, struct io *io, uint64_t offset)
{
	struct transfer whole = { 0 };
	ssize_t taken = gather(file, io, offset, &whole), error = taken;

	if (taken >= 0)
		error = with_window(file, set_as, &whole);
	if (error < 0) {
		kernel_vfree(whole.bytes);
		return error;
	}
	return taken;
}

/* Who may not write gets no memory, and who may pays for it until it is the clipboard's: many threads
 * may be here at a time, and stay while a page of theirs is brought. */
static ssize_t clipboard_file_write(struct file *file, struct io *io, uint64_t *offset)
{
	size_t length = io_remaining(io), pages;
	struct transfer nothing = { 0 };
	struct process *payer;
	ssize_t result;

	if (*offset > CLIPBOARD_MAX || length > CLIPBOARD_MAX - *offset)
		return -EFBIG;
	result = with_window(file, read_as, &nothing);
	if (result < 0)
		return result;
	pages = align_up(*offset + length, PAGE_SIZE) / PAGE_SIZE;
	result = process_charge(pages, &payer);
	if (result < 0)
		return result;
	result = replace(file, io, *offset);
	process_uncharge(payer, pages);
	return result;
}

static void clipboard_file_close(struct file *file)
{
	if (file->private)
		file_put(file->private);
}

static const struct node_ops clipboard_ops = {
	.close = clipboard_file_close,
	.read = clipboard_file_read,
	.write = clipboard_file_write,
	.name = scheme_file_name,
};

int orbital_open_clipboard(struct scheme *scheme, const struct scheme_request *request,
			   struct file *window, struct file **file)
{
	int error = scheme_file_create(scheme, request, &clipboard_ops, MODE_CHARACTER | 0666,
				       window, file);

	if (error)
		return error;
	/* It has positions: what is written in pieces adds up. */
	(*file)->node->flags &= ~(unsigned)NODE_STREAM;
	if (window)
		file_get(window);
	return 0;
}
