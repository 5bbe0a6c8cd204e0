/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where things go in a new address space, from the top: the stack, room for it to grow, mappings
 * (downwards, the interpreter first); and from below the program with its heap after it. Each
 * is moved by a random number of pages, unless `norandmaps` is on the command line, or the
 * process or its ABI wants a fixed layout.
 */
#include "exec_private.h"

#include <arch/mmu.h>
#include <base/checked.h>
#include <base/errno.h>
#include <core/command_line.h>
#include <proc/process.h>
#include <scheme/random.h>

#define STACK_RANDOM_PAGES ((uint64_t)1 << 22)
#define MAP_RANDOM_PAGES   ((uint64_t)1 << 28)
#define HEAP_RANDOM_PAGES  ((uint64_t)1 << 13)
#define STACK_GAP_MIN      ((uint64_t)128 << 20)
#define STACK_GAP_MAX      (USER_MAX / 6 * 5)
#define STACK_GUARD        ((uint64_t)1 << 20)
/* Two thirds up: room for what programs without position place below, and for mappings above. */
#define PROGRAM_BASE align_down(USER_MAX / 3 * 2, PAGE_SIZE)

/* 0 .. pages - 1 pages, in bytes. */
static uint64_t random_pages(const struct exec *exec, uint64_t pages)
{
	uint64_t value;

	if (exec->personality->fixed_layout || process_current()->fixed_layout ||
	    command_line_has("norandmaps"))
		return 0;
	random_bytes(&value, sizeof(value));
	return value % pages * PAGE_SIZE;
}

static void lay_out_stack(struct exec *exec)
{
	struct aspace *aspace = exec->image.aspace;
	uint64_t gap = aspace->stack_limit;

	if (gap < STACK_GAP_MIN)
		gap = STACK_GAP_MIN;
	if (gap > STACK_GAP_MAX)
		gap = STACK_GAP_MAX;
	exec->image.stack_top = USER_MAX - random_pages(exec, STACK_RANDOM_PAGES);
	aspace->stack_top = exec->image.stack_top;
	aspace->map_top = align_down(exec->image.stack_top - gap - STACK_GUARD, PAGE_SIZE);
	aspace->map_top -= min_u64(random_pages(exec, MAP_RANDOM_PAGES), aspace->map_top / 4);
	aspace->map_top = align_down(aspace->map_top, PAGE_SIZE);
}

/* The bias that puts `plan` at `base` or, for alignment, a little below. */
static int choose_bias(const struct elf_load_plan *plan, uint64_t base, uintptr_t *bias)
{
	uint64_t end;

	if (!plan->position_independent) {
		*bias = 0;
		return 0;
	}
	base = align_down(base, plan->alignment);
	if (base < plan->lowest)
		return -ENOMEM;
	*bias = align_down(base - plan->lowest, plan->alignment);
	if (!checked_add(*bias, plan->highest, &end) || end > USER_MAX)
		return -ENOMEM;
	return 0;
}

static int lay_out_interpreter(struct exec *exec)
{
	struct aspace *aspace = exec->image.aspace;
	const struct elf_load_plan *plan = &exec->interpreter.plan;
	uint64_t span = plan->highest - plan->lowest;
	int error;

	if (!exec->interpreter.file)
		return 0;
	if (span >= aspace->map_top)
		return -ENOMEM;
	error = choose_bias(plan, aspace->map_top - span, &exec->interpreter.bias);
	if (!error)
		exec->image.base = exec->interpreter.bias + plan->lowest;
	return error;
}

/* Sets what /proc/PID/stat and brk know of the program. */
static void describe_program(struct exec *exec)
{
	const struct elf_load_plan *plan = &exec->program.plan;
	struct aspace *aspace = exec->image.aspace;
	uintptr_t bias = exec->program.bias;

	aspace->code_start = plan->lowest + bias;
	for (unsigned i = 0; i < plan->segment_count; i++) {
		const struct elf_load_segment *segment = &plan->segments[i];
		uintptr_t start = segment->vaddr + bias;

		if (segment->flags & ELF_FLAG_EXECUTE)
			aspace->code_end = start + segment->filesz;
		aspace->data_start = start;
		aspace->data_end = start + segment->filesz;
	}
	aspace->heap_start = plan->highest + bias + random_pages(exec, HEAP_RANDOM_PAGES);
	aspace->heap_end = aspace->heap_start;
}

int exec_lay_out(struct exec *exec)
{
	struct exec_image *image = &exec->image;
	const struct elf_load_plan *plan = &exec->program.plan;
	int error;

	lay_out_stack(exec);
	error = lay_out_interpreter(exec);
	if (!error)
		error = choose_bias(plan, PROGRAM_BASE + random_pages(exec, MAP_RANDOM_PAGES),
				    &exec->program.bias);
	if (error)
		return error;
	describe_program(exec);
	image->entry = plan->entry + exec->program.bias;
	image->start = image->entry;
	if (exec->interpreter.file)
		image->start = exec->interpreter.plan.entry + exec->interpreter.bias;
	if (plan->program_headers)
		image->program_headers = plan->program_headers + exec->program.bias;
	image->program_header_count = plan->program_header_count;
	image->headers = exec->program.headers;
	return 0;
}
