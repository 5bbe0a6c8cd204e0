/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's ELF file (kernel_image.h). */
#include "kernel_image.h"

#include <base/errno.h>
#include <base/string.h>

#define PAGE_SIZE 4096

/* The kernel relocates itself by one difference, so its physical addresses (which the boot
 * contract names) and its virtual ones (which lib/elf plans with) must run in step. */
static bool addresses_in_step(const struct elf64_program_header *headers, unsigned count)
{
	bool first = true;
	uint64_t difference = 0;

	for (unsigned i = 0; i < count; i++) {
		if (headers[i].type != ELF_SEGMENT_LOAD || headers[i].memsz == 0)
			continue;
		if (first)
			difference = headers[i].vaddr - headers[i].paddr;
		else if (headers[i].vaddr - headers[i].paddr != difference)
			return false;
		first = false;
	}
	return true;
}

const char *kernel_image_check(const void *file, uint64_t size, struct kernel_image *image)
{
	const struct elf64_header *header = file;
	const struct elf64_program_header *headers;
	struct elf_load_plan *plan = &image->plan;

	if (size < sizeof(*header))
		return "too short for an ELF file";
	if (memcmp(header->ident, ELF_MAGIC, strlen(ELF_MAGIC)) != 0)
		return "not an ELF file";
	if (header->machine != ELF_MACHINE_X86_64)
		return "for another machine";
	if (elf_check_header(header, size, ELF_MACHINE_X86_64) != 0)
		return "bad ELF header";
	if (!is_aligned(header->phoff, sizeof(uint64_t)))
		return "misaligned program headers";
	headers = (const void *)((const uint8_t *)file + header->phoff);
	if (elf_plan_load(header, headers, header->phnum, size, PAGE_SIZE, UINT64_MAX, plan) != 0)
		return "bad program headers";
	if (plan->has_interpreter)
		return "a program, not a kernel";
	if (plan->alignment > KERNEL_ALIGNMENT)
		return "segments need more than 2 MiB of alignment";
	if (!addresses_in_step(headers, header->phnum))
		return "physical and virtual addresses differ in distance";

	image->link_base = align_down(plan->lowest, KERNEL_ALIGNMENT);
	image->size = plan->highest - image->link_base;
	image->entry = plan->entry - image->link_base;
	if (image->size > KERNEL_SPAN_MAX)
		return "segments span more than 1 GiB";
	return NULL;
}

void kernel_image_copy(const struct kernel_image *image, const void *file, void *to)
{
	for (unsigned i = 0; i < image->plan.segment_count; i++) {
		const struct elf_load_segment *segment = &image->plan.segments[i];

		memcpy((uint8_t *)to + (segment->vaddr - image->link_base),
		       (const uint8_t *)file + segment->offset, segment->filesz);
	}
}
