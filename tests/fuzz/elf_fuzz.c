/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes the input for a program, as exec does: what is accepted must be safe to load. */
#include <base/string.h>
#include <elf/elf.h>

#include "fuzz.h"

#define PAGE  4096ull
#define LIMIT 0x800000000000ull

static void plan_check(const struct elf_load_plan *plan, uint64_t file_size)
{
	uint64_t end = plan->lowest;

	FUZZ_CHECK(plan->lowest % PAGE == 0 && plan->highest % PAGE == 0);
	FUZZ_CHECK(plan->lowest < plan->highest && plan->highest <= LIMIT);
	for (unsigned i = 0; i < plan->segment_count; i++) {
		const struct elf_load_segment *segment = &plan->segments[i];

		FUZZ_CHECK(segment->vaddr >= end && segment->memsz > 0);
		FUZZ_CHECK(segment->memsz <= plan->highest - segment->vaddr);
		FUZZ_CHECK(segment->filesz <= segment->memsz);
		FUZZ_CHECK(segment->filesz == 0 ||
			   (segment->offset <= file_size &&
			    segment->filesz <= file_size - segment->offset));
		end = segment->vaddr + segment->memsz;
		end = (end + PAGE - 1) & ~(PAGE - 1);
	}
	FUZZ_CHECK(end == plan->highest);
	FUZZ_CHECK(plan->entry >= plan->lowest && plan->entry < plan->highest);
}

static void notes_check(const uint8_t *notes, size_t size)
{
	const void *desc;
	size_t desc_size;

	if (elf_find_note(notes, size, "GNU", ELF_NOTE_GNU_ABI_TAG, &desc, &desc_size) != 0)
		return;
	FUZZ_CHECK((const uint8_t *)desc >= notes);
	FUZZ_CHECK(desc_size <= size - (size_t)((const uint8_t *)desc - notes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf64_program_header headers[ELF_PROGRAM_HEADERS_MAX];
	struct elf64_header header;
	struct elf_load_plan plan;

	notes_check(data, size);
	if (size < sizeof(header))
		return 0;
	memcpy(&header, data, sizeof(header));
	if (elf_check_header(&header, size, ELF_MACHINE_X86_64) != 0)
		return 0;
	memcpy(headers, data + header.phoff, header.phnum * sizeof(headers[0]));
	if (elf_plan_load(&header, headers, header.phnum, size, PAGE, LIMIT, &plan) != 0)
		return 0;
	plan_check(&plan, size);
	for (unsigned i = 0; i < plan.note_count; i++)
		notes_check(data + plan.notes[i].offset, plan.notes[i].size);
	return 0;
}
