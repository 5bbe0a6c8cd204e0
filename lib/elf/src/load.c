/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks the headers of a program and plans how to load it. */
#include <base/bits.h>
#include <base/checked.h>
#include <base/errno.h>
#include <base/string.h>
#include <elf/elf.h>

int elf_check_header(const struct elf64_header *header, uint64_t file_size, uint16_t machine)
{
	uint64_t table_size;

	if (memcmp(header->ident, ELF_MAGIC, sizeof(ELF_MAGIC) - 1) != 0 ||
	    header->ident[ELF_IDENT_CLASS] != ELF_CLASS_64 ||
	    header->ident[ELF_IDENT_DATA] != ELF_DATA_LITTLE ||
	    header->ident[ELF_IDENT_VERSION] != ELF_VERSION_CURRENT)
		return -ENOEXEC;
	if (header->type != ELF_TYPE_EXECUTABLE && header->type != ELF_TYPE_DYNAMIC)
		return -ENOEXEC;
	if (header->machine != machine || header->version != ELF_VERSION_CURRENT)
		return -ENOEXEC;
	if (header->phentsize != sizeof(struct elf64_program_header) || header->phnum == 0 ||
	    header->phnum > ELF_PROGRAM_HEADERS_MAX)
		return -ENOEXEC;
	table_size = (uint64_t)header->phnum * header->phentsize;
	if (!range_within(header->phoff, table_size, file_size))
		return -ENOEXEC;
	return 0;
}

/* What the checks of all headers of one file share. */
struct planner {
	struct elf_load_plan *plan;
	uint64_t file_size;
	uint64_t page_size;
	uint64_t address_limit;
};

/* Adds a PT_LOAD to the plan. */
static int plan_add_load(struct planner *planner, const struct elf64_program_header *header)
{
	struct elf_load_plan *plan = planner->plan;
	uint64_t end;

	if (header->memsz == 0 && header->filesz == 0)
		return 0;
	if (header->filesz > header->memsz || plan->segment_count == ELF_LOAD_SEGMENTS_MAX)
		return -ENOEXEC;
	if (header->align > 1 && !is_power_of_two(header->align))
		return -ENOEXEC;
	if (header->filesz > 0 &&
	    (!range_within(header->offset, header->filesz, planner->file_size) ||
	     !is_aligned(header->offset - header->vaddr, planner->page_size)))
		return -ENOEXEC;
	if (!checked_add(header->vaddr, header->memsz, &end))
		return -ENOEXEC;
	if (!checked_align_up(end, planner->page_size, &end) || end > planner->address_limit ||
	    header->align > planner->address_limit)
		return -ENOMEM;
	/* Ascending, and not even sharing a page, which could have but one protection. */
	if (plan->segment_count == 0)
		plan->lowest = align_down(header->vaddr, planner->page_size);
	else if (header->vaddr < plan->highest)
		return -ENOEXEC;
	plan->highest = end;
	plan->alignment = max_u64(plan->alignment, header->align);
	plan->segments[plan->segment_count++] = (struct elf_load_segment){
		.vaddr = header->vaddr,
		.memsz = header->memsz,
		.offset = header->offset,
		.filesz = header->filesz,
		.flags = header->flags & (ELF_FLAG_READ | ELF_FLAG_WRITE | ELF_FLAG_EXECUTE),
	};
	return 0;
}

static int plan_add_interpreter(struct planner *planner, const struct elf64_program_header *header)
{
	struct elf_load_plan *plan = planner->plan;

	/* A path of one character at least, and its terminator. */
	if (plan->has_interpreter || header->filesz < 2 || header->filesz > ELF_INTERPRETER_MAX ||
	    !range_within(header->offset, header->filesz, planner->file_size))
		return -ENOEXEC;
	plan->has_interpreter = true;
	plan->interpreter.offset = header->offset;
	plan->interpreter.size = header->filesz;
	return 0;
}

static void plan_add_note(struct planner *planner, const struct elf64_program_header *header)
{
	struct elf_load_plan *plan = planner->plan;

	/* Notes are hints: those that are out of reach are no reason to refuse a program. */
	if (plan->note_count == ELF_NOTE_SEGMENTS_MAX || header->filesz == 0 ||
	    !range_within(header->offset, header->filesz, planner->file_size))
		return;
	plan->notes[plan->note_count++] = (struct elf_file_range){
		.offset = header->offset,
		.size = header->filesz,
	};
}

static int plan_add(struct planner *planner, const struct elf64_program_header *header)
{
	switch (header->type) {
	case ELF_SEGMENT_LOAD:
		return plan_add_load(planner, header);
	case ELF_SEGMENT_INTERPRETER:
		return plan_add_interpreter(planner, header);
	case ELF_SEGMENT_NOTE:
		plan_add_note(planner, header);
		return 0;
	case ELF_SEGMENT_GNU_STACK:
		planner->plan->stack_executable = header->flags & ELF_FLAG_EXECUTE;
		return 0;
	default:
		return 0;
	}
}

/* Finds where the program headers, `size` bytes at `offset` of the file, are in memory. */
static uint64_t plan_find_headers(const struct elf_load_plan *plan, uint64_t offset, uint64_t size)
{
	for (unsigned i = 0; i < plan->segment_count; i++) {
		const struct elf_load_segment *segment = &plan->segments[i];

		if (offset >= segment->offset &&
		    range_within(offset - segment->offset, size, segment->filesz))
			return segment->vaddr + (offset - segment->offset);
	}
	return 0;
}

/* True if a segment with all of `flags` holds the `size` bytes at `vaddr`. */
static bool plan_covers(const struct elf_load_plan *plan, uint64_t vaddr, uint64_t size,
			uint32_t flags)
{
	for (unsigned i = 0; i < plan->segment_count; i++) {
		const struct elf_load_segment *segment = &plan->segments[i];

		if (vaddr >= segment->vaddr && (segment->flags & flags) == flags &&
		    range_within(vaddr - segment->vaddr, size, segment->memsz))
			return true;
	}
	return false;
}

int elf_plan_load(const struct elf64_header *header, const struct elf64_program_header *headers,
		  unsigned count, uint64_t file_size, uint64_t page_size, uint64_t address_limit,
		  struct elf_load_plan *plan)
{
	uint64_t headers_size = (uint64_t)count * sizeof(*headers);
	struct planner planner = {
		.plan = plan,
		.file_size = file_size,
		.page_size = page_size,
		.address_limit = address_limit,
	};

	memset(plan, 0, sizeof(*plan));
	plan->alignment = page_size;
	plan->entry = header->entry;
	plan->position_independent = header->type == ELF_TYPE_DYNAMIC;
	plan->program_header_count = (uint16_t)count;
	for (unsigned i = 0; i < count; i++) {
		int result = plan_add(&planner, &headers[i]);

		if (result < 0)
			return result;
	}
	if (!plan_covers(plan, plan->entry, 1, ELF_FLAG_EXECUTE))
		return -ENOEXEC;
	plan->program_headers = plan_find_headers(plan, header->phoff, headers_size);
	for (unsigned i = 0; i < count; i++) {
		if (headers[i].type == ELF_SEGMENT_PROGRAM_HEADERS &&
		    plan_covers(plan, headers[i].vaddr, headers_size, 0))
			plan->program_headers = headers[i].vaddr;
	}
	return 0;
}
