/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checks of ELF headers: a program that is right, and everything that can be wrong. */
#include <base/errno.h>
#include <base/string.h>
#include <elf/elf.h>

#include "unit.h"

#include <stdlib.h>

#define PAGE      4096ull
#define LIMIT     0x800000000000ull
#define FILE_SIZE 0x6000

/* Indices of the headers of a program as linkers make them. */
enum { PHDR, INTERP, TEXT, RODATA, DATA, NOTE, STACK, COUNT };

struct program {
	struct elf64_header header;
	struct elf64_program_header headers[COUNT];
	uint64_t limit;
	struct elf_load_plan plan;
};

static void header_set(struct elf64_program_header *header, uint32_t type, uint32_t flags,
		       uint64_t offset, uint64_t filesz, uint64_t memsz)
{
	*header = (struct elf64_program_header){
		.type = type,
		.flags = flags,
		.offset = offset,
		.vaddr = 0x400000 + offset,
		.paddr = 0x400000 + offset,
		.filesz = filesz,
		.memsz = memsz,
		.align = type == ELF_SEGMENT_LOAD ? PAGE : 8,
	};
}

static void program_make(struct program *program)
{
	struct elf64_program_header *headers = program->headers;

	*program = (struct program){ .limit = LIMIT };
	program->header = (struct elf64_header){
		.ident = { 0x7f, 'E', 'L', 'F', ELF_CLASS_64, ELF_DATA_LITTLE, 1 },
		.type = ELF_TYPE_EXECUTABLE,
		.machine = ELF_MACHINE_X86_64,
		.version = 1,
		.entry = 0x400500,
		.phoff = sizeof(struct elf64_header),
		.ehsize = sizeof(struct elf64_header),
		.phentsize = sizeof(struct elf64_program_header),
		.phnum = COUNT,
	};
	header_set(&headers[PHDR], ELF_SEGMENT_PROGRAM_HEADERS, ELF_FLAG_READ, 0x40,
		   COUNT * sizeof(*headers), COUNT * sizeof(*headers));
	header_set(&headers[INTERP], ELF_SEGMENT_INTERPRETER, ELF_FLAG_READ, 0x300, 28, 28);
	header_set(&headers[TEXT], ELF_SEGMENT_LOAD, ELF_FLAG_READ | ELF_FLAG_EXECUTE, 0, 0x1234,
		   0x1234);
	header_set(&headers[RODATA], ELF_SEGMENT_LOAD, ELF_FLAG_READ, 0x2000, 0x800, 0x800);
	header_set(&headers[DATA], ELF_SEGMENT_LOAD, ELF_FLAG_READ | ELF_FLAG_WRITE, 0x3f00, 0x700,
		   0x2200);
	header_set(&headers[NOTE], ELF_SEGMENT_NOTE, ELF_FLAG_READ, 0x320, 0x20, 0x20);
	header_set(&headers[STACK], ELF_SEGMENT_GNU_STACK, ELF_FLAG_READ | ELF_FLAG_WRITE, 0, 0, 0);
	headers[STACK].vaddr = 0;
}

static int check(struct program *program)
{
	return elf_check_header(&program->header, FILE_SIZE, ELF_MACHINE_X86_64);
}

static int plan(struct program *program)
{
	return elf_plan_load(&program->header, program->headers, COUNT, FILE_SIZE, PAGE,
			     program->limit, &program->plan);
}

UNIT_TEST(elf, plan_of_a_program)
{
	struct program program;
	const struct elf_load_plan *made = &program.plan;

	program_make(&program);
	EXPECT_EQUAL(check(&program), 0);
	EXPECT_EQUAL(plan(&program), 0);
	EXPECT_EQUAL(made->lowest, 0x400000);
	EXPECT_EQUAL(made->highest, 0x407000);
	EXPECT_EQUAL(made->alignment, PAGE);
	EXPECT_EQUAL(made->entry, 0x400500);
	EXPECT_EQUAL(made->program_headers, 0x400040);
	EXPECT_EQUAL(made->program_header_count, COUNT);
	EXPECT(!made->position_independent && !made->stack_executable);
	EXPECT(made->has_interpreter);
	EXPECT_EQUAL(made->interpreter.offset, 0x300);
	EXPECT_EQUAL(made->interpreter.size, 28);
	EXPECT_EQUAL(made->note_count, 1);
	EXPECT_EQUAL(made->notes[0].offset, 0x320);
	EXPECT_EQUAL(made->segment_count, 3);
	EXPECT_EQUAL(made->segments[2].vaddr, 0x403f00);
	EXPECT_EQUAL(made->segments[2].offset, 0x3f00);
	EXPECT_EQUAL(made->segments[2].filesz, 0x700);
	EXPECT_EQUAL(made->segments[2].memsz, 0x2200);
	EXPECT_EQUAL(made->segments[2].flags, ELF_FLAG_READ | ELF_FLAG_WRITE);
}

UNIT_TEST(elf, plan_of_position_independent)
{
	struct program program;

	program_make(&program);
	program.header.type = ELF_TYPE_DYNAMIC;
	program.header.entry -= 0x400000;
	for (unsigned i = 0; i < COUNT; i++)
		program.headers[i].vaddr -= 0x400000;
	program.headers[STACK].flags |= ELF_FLAG_EXECUTE;
	program.headers[DATA].align = 0x200000;
	EXPECT_EQUAL(check(&program), 0);
	EXPECT_EQUAL(plan(&program), 0);
	EXPECT_EQUAL(program.plan.lowest, 0);
	EXPECT_EQUAL(program.plan.highest, 0x7000);
	EXPECT_EQUAL(program.plan.alignment, 0x200000);
	EXPECT(program.plan.position_independent && program.plan.stack_executable);
}

UNIT_TEST(elf, program_headers_without_phdr)
{
	struct program program;

	program_make(&program);
	program.headers[PHDR].type = ELF_SEGMENT_DYNAMIC;
	EXPECT_EQUAL(plan(&program), 0);
	EXPECT_EQUAL(program.plan.program_headers, 0x400040);
	program.header.phoff = 0x5000; /* in the file, but in no segment */
	EXPECT_EQUAL(plan(&program), 0);
	EXPECT_EQUAL(program.plan.program_headers, 0);
	/* A PT_PHDR that points nowhere is not believed. */
	program.headers[PHDR].type = ELF_SEGMENT_PROGRAM_HEADERS;
	program.headers[PHDR].vaddr = UINT64_MAX - 8;
	EXPECT_EQUAL(plan(&program), 0);
	EXPECT_EQUAL(program.plan.program_headers, 0);
}

#define EXPECT_CHECK_REFUSED(change)                     \
	do {                                             \
		struct program program;                  \
                                                         \
		program_make(&program);                  \
		change;                                  \
		EXPECT_EQUAL(check(&program), -ENOEXEC); \
	} while (0)

UNIT_TEST(elf, header_refused)
{
	EXPECT_CHECK_REFUSED(program.header.ident[0] = 0x7e);
	EXPECT_CHECK_REFUSED(program.header.ident[3] = 'f');
	EXPECT_CHECK_REFUSED(program.header.ident[ELF_IDENT_CLASS] = 1);
	EXPECT_CHECK_REFUSED(program.header.ident[ELF_IDENT_DATA] = 2);
	EXPECT_CHECK_REFUSED(program.header.ident[ELF_IDENT_VERSION] = 0);
	EXPECT_CHECK_REFUSED(program.header.type = ELF_TYPE_RELOCATABLE);
	EXPECT_CHECK_REFUSED(program.header.type = 4);
	EXPECT_CHECK_REFUSED(program.header.machine = ELF_MACHINE_AARCH64);
	EXPECT_CHECK_REFUSED(program.header.version = 2);
	EXPECT_CHECK_REFUSED(program.header.phentsize = 55);
	EXPECT_CHECK_REFUSED(program.header.phnum = 0);
	EXPECT_CHECK_REFUSED(program.header.phnum = ELF_PROGRAM_HEADERS_MAX + 1);
	EXPECT_CHECK_REFUSED(program.header.phnum = 0xffff);
	EXPECT_CHECK_REFUSED(program.header.phoff = FILE_SIZE);
	EXPECT_CHECK_REFUSED(program.header.phoff = FILE_SIZE - COUNT * 56 + 1);
	EXPECT_CHECK_REFUSED(program.header.phoff = UINT64_MAX);
}

UNIT_TEST(elf, header_table_at_the_end)
{
	struct program program;

	program_make(&program);
	program.header.phoff = FILE_SIZE - COUNT * 56;
	EXPECT_EQUAL(check(&program), 0);
	EXPECT_EQUAL(elf_check_header(&program.header, 0x40, ELF_MACHINE_X86_64), -ENOEXEC);
}

#define EXPECT_PLAN(result, change)                   \
	do {                                          \
		struct program program;               \
                                                      \
		program_make(&program);               \
		change;                               \
		EXPECT_EQUAL(plan(&program), result); \
	} while (0)

UNIT_TEST(elf, segments_refused)
{
	/* More in the file than in memory. */
	EXPECT_PLAN(-ENOEXEC, program.headers[DATA].memsz = 0x6ff);
	/* Beyond the end of the file. */
	EXPECT_PLAN(-ENOEXEC, program.headers[DATA].filesz = 0x2101);
	EXPECT_PLAN(-ENOEXEC, program.headers[DATA].offset = 0xfffffffffffffff0;
		    program.headers[DATA].vaddr = 0x403ff0);
	EXPECT_PLAN(-ENOEXEC, program.headers[DATA].filesz = UINT64_MAX;
		    program.headers[DATA].memsz = UINT64_MAX);
	/* Wraps around the address space. */
	EXPECT_PLAN(-ENOEXEC, program.headers[DATA].memsz = UINT64_MAX);
	EXPECT_PLAN(-ENOEXEC, program.headers[DATA].vaddr = UINT64_MAX - 0xff;
		    program.headers[DATA].memsz = 0x1000);
	/* Not congruent. */
	EXPECT_PLAN(-ENOEXEC, program.headers[DATA].vaddr += 8);
	EXPECT_PLAN(-ENOEXEC, program.headers[DATA].offset += 0x800);
	/* Not ascending; on the same page. */
	EXPECT_PLAN(-ENOEXEC, program.headers[DATA].vaddr = 0x3fff00);
	EXPECT_PLAN(-ENOEXEC, program.headers[DATA].vaddr = 0x402f00);
	EXPECT_PLAN(-ENOEXEC, program.headers[RODATA].memsz = 0x1001);
	/* Alignment. */
	EXPECT_PLAN(-ENOEXEC, program.headers[DATA].align = 3 * PAGE);
	/* No segment at all, or none that is executable where the entry is. */
	EXPECT_PLAN(-ENOEXEC, program.headers[TEXT].flags = ELF_FLAG_READ);
	EXPECT_PLAN(-ENOEXEC, program.header.entry = 0x402010);
	EXPECT_PLAN(-ENOEXEC, program.header.entry = 0x401234);
	EXPECT_PLAN(-ENOEXEC, program.header.entry = 0x3fffff);
	EXPECT_PLAN(-ENOEXEC, program.header.entry = 0);
	EXPECT_PLAN(-ENOEXEC, for (unsigned i = TEXT; i <= DATA; i++) program.headers[i].type =
				      ELF_SEGMENT_DYNAMIC);
}

UNIT_TEST(elf, segments_out_of_range)
{
	EXPECT_PLAN(-ENOMEM, program.limit = 0x406fff);
	EXPECT_PLAN(0, program.limit = 0x407000);
	EXPECT_PLAN(-ENOMEM, program.headers[DATA].memsz = LIMIT);
	EXPECT_PLAN(-ENOMEM, program.headers[DATA].vaddr = 0xffffffff80000f00);
	EXPECT_PLAN(-ENOMEM, program.headers[DATA].vaddr = 0xffffffffffffef00;
		    program.headers[DATA].filesz = 0x80; program.headers[DATA].memsz = 0x80);
	EXPECT_PLAN(-ENOMEM, program.headers[DATA].align = 1ull << 63);
	EXPECT_PLAN(0, program.headers[DATA].align = 0);
	EXPECT_PLAN(0, program.headers[DATA].align = 1);
}

UNIT_TEST(elf, segments_allowed)
{
	/* Only zeros: where they would stand in the file does not matter. */
	EXPECT_PLAN(0, program.headers[DATA].filesz = 0; program.headers[DATA].offset = UINT64_MAX);
	/* Empty ones are skipped. */
	EXPECT_PLAN(0, program.headers[DATA].filesz = 0; program.headers[DATA].memsz = 0;
		    program.headers[DATA].vaddr = 0; EXPECT_EQUAL(plan(&program), 0);
		    EXPECT_EQUAL(program.plan.segment_count, 2));
	/* Types that nobody knows. */
	EXPECT_PLAN(0, program.headers[NOTE].type = 0x6fffffff; program.headers[NOTE].memsz = 1);
}

UNIT_TEST(elf, interpreter_refused)
{
	EXPECT_PLAN(0, program.headers[INTERP].filesz = ELF_INTERPRETER_MAX);
	EXPECT_PLAN(-ENOEXEC, program.headers[INTERP].filesz = ELF_INTERPRETER_MAX + 1);
	EXPECT_PLAN(-ENOEXEC, program.headers[INTERP].filesz = 1);
	EXPECT_PLAN(-ENOEXEC, program.headers[INTERP].filesz = 0);
	EXPECT_PLAN(-ENOEXEC, program.headers[INTERP].offset = FILE_SIZE - 27);
	EXPECT_PLAN(-ENOEXEC, program.headers[INTERP].offset = UINT64_MAX - 3);
	EXPECT_PLAN(-ENOEXEC, program.headers[NOTE] = program.headers[INTERP]);
}

UNIT_TEST(elf, notes_out_of_reach_are_ignored)
{
	struct program program;

	program_make(&program);
	program.headers[NOTE].offset = FILE_SIZE - 4;
	EXPECT_EQUAL(plan(&program), 0);
	EXPECT_EQUAL(program.plan.note_count, 0);
}

UNIT_TEST(elf, too_many_segments)
{
	static struct elf64_program_header headers[ELF_LOAD_SEGMENTS_MAX + 1];
	static struct elf_load_plan made;
	struct program program;

	program_make(&program);
	for (unsigned i = 0; i < array_length(headers); i++) {
		headers[i] = program.headers[TEXT];
		headers[i].vaddr += i * 0x2000;
	}
	EXPECT_EQUAL(elf_plan_load(&program.header, headers, ELF_LOAD_SEGMENTS_MAX, FILE_SIZE, PAGE,
				   LIMIT, &made),
		     0);
	EXPECT_EQUAL(made.segment_count, ELF_LOAD_SEGMENTS_MAX);
	EXPECT_EQUAL(made.highest - made.lowest, ELF_LOAD_SEGMENTS_MAX * 0x2000);
	EXPECT_EQUAL(elf_plan_load(&program.header, headers, ELF_LOAD_SEGMENTS_MAX + 1, FILE_SIZE,
				   PAGE, LIMIT, &made),
		     -ENOEXEC);
}

/* What a loader relies on in a plan that was made without an error. */
static void plan_check(const struct elf_load_plan *made, uint64_t file_size)
{
	uint64_t end = made->lowest;
	bool entry = false;

	EXPECT(made->segment_count >= 1 && made->segment_count <= ELF_LOAD_SEGMENTS_MAX);
	EXPECT(made->lowest % PAGE == 0 && made->highest % PAGE == 0);
	EXPECT(made->lowest < made->highest && made->highest <= LIMIT);
	EXPECT(made->alignment >= PAGE && (made->alignment & (made->alignment - 1)) == 0);
	for (unsigned i = 0; i < made->segment_count; i++) {
		const struct elf_load_segment *segment = &made->segments[i];

		EXPECT(segment->vaddr >= end && segment->memsz > 0);
		EXPECT(segment->filesz <= segment->memsz);
		EXPECT(segment->filesz == 0 || (segment->offset <= file_size &&
						segment->filesz <= file_size - segment->offset));
		EXPECT(segment->filesz == 0 || segment->vaddr % PAGE == segment->offset % PAGE);
		end = segment->vaddr + segment->memsz;
		EXPECT(end > segment->vaddr);
		end = (end + PAGE - 1) & ~(PAGE - 1);
		entry |= made->entry >= segment->vaddr &&
			 made->entry - segment->vaddr < segment->memsz &&
			 (segment->flags & ELF_FLAG_EXECUTE);
	}
	EXPECT(entry);
	EXPECT_EQUAL(end, made->highest);
	if (made->has_interpreter)
		EXPECT(made->interpreter.size >= 2 &&
		       made->interpreter.size <= ELF_INTERPRETER_MAX &&
		       made->interpreter.offset <= file_size - made->interpreter.size);
}

/* Bytes and words of the headers are replaced at random: whatever is accepted is sound. */
UNIT_TEST(elf, random_mutations)
{
	static const uint64_t words[] = { 0,          1,         0x1000,     FILE_SIZE,
					  LIMIT,      LIMIT - 1, UINT64_MAX, UINT64_MAX - 0xfff,
					  1ull << 63, 0x400000,  0x3000,     0xffffffff };
	uint64_t seed = 1;
	unsigned accepted = 0;

	for (unsigned round = 0; round < 300000; round++) {
		struct program program;
		uint8_t *bytes = (uint8_t *)&program;
		size_t size = offsetof(struct program, limit);

		program_make(&program);
		if (round % 2)
			program.header.type = ELF_TYPE_DYNAMIC;
		for (unsigned i = 0; i <= round % 3; i++) {
			uint64_t word = words[unit_random_below(&seed, array_length(words))];

			if (unit_random_below(&seed, 2))
				bytes[unit_random_below(&seed, size)] ^=
					(uint8_t)unit_random(&seed);
			else
				memcpy(bytes + unit_random_below(&seed, size / 8) * 8, &word, 8);
		}
		if (check(&program) == 0 && plan(&program) == 0) {
			plan_check(&program.plan, FILE_SIZE);
			accepted++;
		}
	}
	EXPECT(accepted > 10000 && accepted < 290000);
}

static void plan_of_file(const char *path, bool interpreter)
{
	size_t size;
	uint8_t *bytes = unit_read_file(path, &size);
	const struct elf64_header *header = (const struct elf64_header *)bytes;
	struct elf_load_plan made;
	const void *desc;
	size_t desc_size;
	bool tagged = false;

	EXPECT(size > sizeof(*header));
	EXPECT_EQUAL(elf_check_header(header, size, ELF_MACHINE_X86_64), 0);
	EXPECT_EQUAL(elf_plan_load(header, (const void *)(bytes + header->phoff), header->phnum,
				   size, PAGE, LIMIT, &made),
		     0);
	plan_check(&made, size);
	EXPECT_EQUAL(made.has_interpreter, interpreter);
	EXPECT(made.program_headers == made.lowest + header->phoff);
	if (interpreter)
		EXPECT_EQUAL(bytes[made.interpreter.offset + made.interpreter.size - 1], 0);
	for (unsigned i = 0; i < made.note_count; i++) {
		if (elf_find_note(bytes + made.notes[i].offset, made.notes[i].size, "GNU",
				  ELF_NOTE_GNU_ABI_TAG, &desc, &desc_size) == 0)
			tagged = desc_size == 16 && memcmp(desc, "\0\0\0\0", 4) == 0;
	}
	EXPECT(tagged);
	free(bytes);
}

UNIT_TEST(elf, busybox)
{
	plan_of_file("/bin/busybox", false);
}

UNIT_TEST(elf, dynamic_program)
{
	plan_of_file("/bin/true", true);
}

static int find(const void *notes, size_t size, const char *name, uint32_t type, size_t *offset,
		size_t *desc_size)
{
	uint8_t *copy = malloc(size); /* of exact size, for the sanitizer */
	const void *desc = NULL;
	int result;

	memcpy(copy, notes, size);
	result = elf_find_note(copy, size, name, type, &desc, desc_size);
	*offset = result == 0 ? (size_t)((const uint8_t *)desc - copy) : 0;
	free(copy);
	return result;
}

UNIT_TEST(elf, notes)
{
	static const char notes[] = "\4\0\0\0\3\0\0\0\1\0\0\0GNU\0abc\0"
				    "\6\0\0\0\0\0\0\0\2\0\0\0Other\0\0\0"
				    "\4\0\0\0\2\0\0\0\2\0\0\0GNU\0xy";
	size_t size = sizeof(notes) - 1;
	size_t offset;
	size_t length;

	EXPECT_EQUAL(find(notes, size, "GNU", 1, &offset, &length), 0);
	EXPECT(offset == 16 && length == 3);
	EXPECT_EQUAL(find(notes, size, "Other", 2, &offset, &length), 0);
	EXPECT(offset == 40 && length == 0);
	EXPECT_EQUAL(find(notes, size, "GNU", 2, &offset, &length), 0);
	EXPECT(offset == 56 && length == 2);
	EXPECT_EQUAL(find(notes, size, "GNU", 3, &offset, &length), -ENOENT);
	EXPECT_EQUAL(find(notes, size, "GN", 1, &offset, &length), -ENOENT);
	EXPECT_EQUAL(find(notes, 0, "GNU", 1, &offset, &length), -ENOENT);
	/* Cut anywhere, the last note is not found. */
	for (size_t cut = 41; cut < size; cut++)
		EXPECT_EQUAL(find(notes, cut, "GNU", 2, &offset, &length), -ENOEXEC);
}

UNIT_TEST(elf, notes_with_hostile_sizes)
{
	size_t offset;
	size_t length;

	EXPECT_EQUAL(find("\xff\xff\xff\xff\0\0\0\0\1\0\0\0GNU", 16, "GNU", 1, &offset, &length),
		     -ENOEXEC);
	EXPECT_EQUAL(find("\4\0\0\0\xff\xff\xff\xff\1\0\0\0GNU", 16, "GNU", 1, &offset, &length),
		     -ENOEXEC);
	EXPECT_EQUAL(
		find("\xfd\xff\xff\xff\xfd\xff\xff\xff\1\0\0\0GNU", 16, "GNU", 1, &offset, &length),
		-ENOEXEC);
}
