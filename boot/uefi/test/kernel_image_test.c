/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's ELF file: what is accepted and where it goes, and what is refused and why. */
#include "../kernel_image.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define LINK_BASE 0xffffffff80000000ull
#define LOAD_BASE 0x200000ull

/* A file of three segments: text, data with bss, and a table behind it. */
struct kernel_file {
	struct elf64_header header;
	struct elf64_program_header segments[3];
	uint8_t padding[0x1000 - sizeof(struct elf64_header) -
			3 * sizeof(struct elf64_program_header)];
	uint8_t text[0x1000];
	uint8_t data[0x1000];
	uint8_t table[0x1000];
};

_Static_assert(sizeof(struct kernel_file) == 0x4000, "pages");

static struct elf64_program_header segment(uint64_t offset, uint64_t vaddr, uint64_t filesz,
					   uint64_t memsz, uint32_t flags)
{
	return (struct elf64_program_header){
		.type = ELF_SEGMENT_LOAD,
		.flags = flags,
		.offset = offset,
		.vaddr = LINK_BASE + vaddr,
		.paddr = LOAD_BASE + vaddr,
		.filesz = filesz,
		.memsz = memsz,
		.align = 0x1000,
	};
}

static void make_file(struct kernel_file *file)
{
	memset(file, 0, sizeof(*file));
	memcpy(file->header.ident, ELF_MAGIC, 4);
	file->header.ident[ELF_IDENT_CLASS] = ELF_CLASS_64;
	file->header.ident[ELF_IDENT_DATA] = ELF_DATA_LITTLE;
	file->header.ident[ELF_IDENT_VERSION] = ELF_VERSION_CURRENT;
	file->header.type = ELF_TYPE_EXECUTABLE;
	file->header.machine = ELF_MACHINE_X86_64;
	file->header.version = ELF_VERSION_CURRENT;
	file->header.entry = LINK_BASE + 0x10;
	file->header.phoff = offsetof(struct kernel_file, segments);
	file->header.ehsize = sizeof(file->header);
	file->header.phentsize = sizeof(file->segments[0]);
	file->header.phnum = 3;
	file->segments[0] = segment(0x1000, 0, 0x1000, 0x1000, ELF_FLAG_READ | ELF_FLAG_EXECUTE);
	file->segments[1] = segment(0x2000, 0x1000, 0x800, 0x3000, ELF_FLAG_READ | ELF_FLAG_WRITE);
	file->segments[2] = segment(0x3000, 0x5000, 0x123, 0x123, ELF_FLAG_READ);
	memset(file->text, 't', sizeof(file->text));
	memset(file->data, 'd', sizeof(file->data));
	memset(file->table, 's', sizeof(file->table));
}

static const char *check(const struct kernel_file *file, struct kernel_image *image)
{
	return kernel_image_check(file, sizeof(*file), image);
}

UNIT_TEST(loader_kernel_image, placement)
{
	static struct kernel_file file;
	static struct kernel_image image;
	static uint8_t memory[0x6000], wanted[0x6000];

	make_file(&file);
	EXPECT(check(&file, &image) == NULL);
	EXPECT_EQUAL(image.link_base, LINK_BASE);
	EXPECT_EQUAL(image.size, sizeof(memory));
	EXPECT_EQUAL(image.entry, 0x10);
	kernel_image_copy(&image, &file, memory);
	memset(wanted, 't', 0x1000);
	memset(wanted + 0x1000, 'd', 0x800);
	memset(wanted + 0x5000, 's', 0x123);
	EXPECT_BYTES(memory, wanted, sizeof(memory));
}

/* A first segment in the middle of 2 MiB stays there. */
UNIT_TEST(loader_kernel_image, unaligned_base)
{
	static struct kernel_file file;
	static struct kernel_image image;

	make_file(&file);
	for (int i = 0; i < 3; i++) {
		file.segments[i].vaddr += 0x34000;
		file.segments[i].paddr += 0x34000;
	}
	file.header.entry += 0x34000;
	EXPECT(check(&file, &image) == NULL);
	EXPECT_EQUAL(image.link_base, LINK_BASE);
	EXPECT_EQUAL(image.size, 0x3a000);
	EXPECT_EQUAL(image.entry, 0x34010);
}

#define EXPECT_REFUSED(change, reason)                       \
	do {                                                 \
		static struct kernel_file file;              \
		static struct kernel_image image;            \
		make_file(&file);                            \
		change;                                      \
		EXPECT_STRING(check(&file, &image), reason); \
	} while (0)

UNIT_TEST(loader_kernel_image, refused_header)
{
	EXPECT_REFUSED(file.header.ident[0] = 0, "not an ELF file");
	EXPECT_REFUSED(file.header.machine = ELF_MACHINE_AARCH64, "for another machine");
	EXPECT_REFUSED(file.header.ident[ELF_IDENT_CLASS] = 1, "bad ELF header");
	EXPECT_REFUSED(file.header.type = ELF_TYPE_RELOCATABLE, "bad ELF header");
	EXPECT_REFUSED(file.header.phnum = 0, "bad ELF header");
	EXPECT_REFUSED(file.header.phnum = 65535, "bad ELF header");
	EXPECT_REFUSED(file.header.phentsize = 8, "bad ELF header");
	EXPECT_REFUSED(file.header.phoff = sizeof(file) - 8, "bad ELF header");
	EXPECT_REFUSED(file.header.phoff = UINT64_MAX - 8, "bad ELF header");
	EXPECT_REFUSED(file.header.phoff += 4, "misaligned program headers");
}

UNIT_TEST(loader_kernel_image, refused_segments)
{
	EXPECT_REFUSED(file.segments[1].filesz = 0x2801, "bad program headers");
	EXPECT_REFUSED(file.segments[1].memsz = 0x4001, "bad program headers");
	EXPECT_REFUSED(file.segments[2].vaddr = LINK_BASE, "bad program headers");
	EXPECT_REFUSED(file.segments[0].offset = UINT64_MAX - 0xfff, "bad program headers");
	EXPECT_REFUSED(file.segments[2].memsz = UINT64_MAX, "bad program headers");
	EXPECT_REFUSED(file.segments[2].memsz = 0x7fffffff, "bad program headers");
	EXPECT_REFUSED(file.segments[2].memsz = 0x50000000, "segments span more than 1 GiB");
	EXPECT_REFUSED(file.segments[2].align = 0x400000,
		       "segments need more than 2 MiB of alignment");
	EXPECT_REFUSED(file.segments[2].paddr += 0x1000,
		       "physical and virtual addresses differ in distance");
	EXPECT_REFUSED(file.header.entry = 0, "bad program headers");
	EXPECT_REFUSED(file.header.entry = LINK_BASE + 0x1000, "bad program headers");
	EXPECT_REFUSED(for (int i = 0; i < 3; i++) file.segments[i].type = ELF_SEGMENT_NOTE,
		       "bad program headers");
}

UNIT_TEST(loader_kernel_image, refused_program)
{
	EXPECT_REFUSED(file.segments[2].type = ELF_SEGMENT_INTERPRETER, "a program, not a kernel");
}

/* Whatever is cut off, or set to whatever in the headers, is refused or stays in bounds. */
UNIT_TEST(loader_kernel_image, damaged)
{
	static struct kernel_image image;
	struct kernel_file file;
	uint64_t state = 1;

	make_file(&file);
	for (size_t size = 0; size < sizeof(file); size += 56) {
		void *cut = malloc(size + 1);

		memcpy(cut, &file, size);
		EXPECT(size >= 0x3123 || kernel_image_check(cut, size, &image) != NULL);
		free(cut);
	}
	for (int round = 0; round < 20000; round++) {
		uint8_t *memory;

		make_file(&file);
		for (int i = 0; i < 3; i++)
			((uint8_t *)&file)[16 + unit_random_below(&state, 216)] =
				(uint8_t)unit_random(&state);
		if (check(&file, &image) != NULL || image.size > 1 << 24)
			continue;
		memory = malloc(image.size);
		kernel_image_copy(&image, &file, memory);
		EXPECT(image.entry < image.size);
		free(memory);
	}
}
