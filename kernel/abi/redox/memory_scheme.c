/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scheme `memory:`: its files have nothing to read, but mapping one gives anonymous memory, and
 * fstatvfs tells how much memory there is.
 */
#include "redox.h"

#include <arch/mmu.h>
#include <mm/phys/frame.h>
#include <scheme/file.h>
#include <scheme/scheme_file.h>

static const struct node_ops memory_ops = {
	.name = scheme_file_name,
};

static int memory_open(struct scheme *scheme, const struct scheme_request *request,
		       struct file **file)
{
	int error =
		scheme_file_create(scheme, request, &memory_ops, MODE_CHARACTER | 0666, NULL, file);

	if (!error)
		(*file)->readable = (*file)->writable = false;
	return error;
}

static void memory_statistics(struct scheme *scheme, struct scheme_statistics *statistics)
{
	struct frame_statistics frames;

	(void)scheme;
	frame_read_statistics(&frames);
	*statistics = (struct scheme_statistics){
		.block_size = PAGE_SIZE,
		.blocks = frames.total,
		.free_blocks = frames.free,
		.available_blocks = frames.free,
	};
}

bool redox_is_memory(const struct file *file)
{
	return file->ops == &memory_ops;
}

static int memory_start(void)
{
	static const struct scheme_ops ops = {
		.open = memory_open,
		.statistics = memory_statistics,
	};

	return scheme_start_opaque("memory", &ops, SCHEME_IN_NULL | SCHEME_IN_MADE);
}

SCHEME(memory) = { .name = "memory", .level = 20, .start = memory_start };
