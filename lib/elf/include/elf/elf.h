/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ELF64, little-endian: the structures, and the checks that loading a program needs.
 *
 * Interface
 *   1. Read the first sizeof(struct elf64_header) bytes of the file and give them to
 *      elf_check_header().
 *   2. Read header->phnum program headers (at most ELF_PROGRAM_HEADERS_MAX) from
 *      header->phoff and give them to elf_plan_load(), which fills a struct elf_load_plan.
 *   3. Map plan->segments; where plan->position_independent, add one multiple of
 *      plan->alignment to every address of the plan.
 *
 * The caller does the reading and the mapping; nothing here allocates, reads files or
 * trusts a byte. The structures must be read into memory aligned for them. A file may
 * change between two reads: use the bytes that were checked.
 */
#pragma once

#include <base/types.h>

/* Values of struct elf64_header; those of the fields are named as in the specification. */
#define ELF_MAGIC            "\177ELF"
#define ELF_CLASS_64         2
#define ELF_DATA_LITTLE      1
#define ELF_VERSION_CURRENT  1
#define ELF_OSABI_NONE       0
#define ELF_OSABI_LINUX      3
#define ELF_TYPE_RELOCATABLE 1
#define ELF_TYPE_EXECUTABLE  2
#define ELF_TYPE_DYNAMIC     3
#define ELF_MACHINE_X86_64   62
#define ELF_MACHINE_AARCH64  183
#define ELF_MACHINE_RISCV    243

/* Indices of struct elf64_header.ident. */
enum {
	ELF_IDENT_CLASS = 4,
	ELF_IDENT_DATA = 5,
	ELF_IDENT_VERSION = 6,
	ELF_IDENT_OSABI = 7,
	ELF_IDENT_SIZE = 16,
};

struct elf64_header {
	/* 0x00 */ uint8_t ident[ELF_IDENT_SIZE];
	/* 0x10 */ uint16_t type;
	/* 0x12 */ uint16_t machine;
	/* 0x14 */ uint32_t version;
	/* 0x18 */ uint64_t entry;
	/* 0x20 */ uint64_t phoff;
	/* 0x28 */ uint64_t shoff;
	/* 0x30 */ uint32_t flags;
	/* 0x34 */ uint16_t ehsize;
	/* 0x36 */ uint16_t phentsize;
	/* 0x38 */ uint16_t phnum;
	/* 0x3a */ uint16_t shentsize;
	/* 0x3c */ uint16_t shnum;
	/* 0x3e */ uint16_t shstrndx;
};

enum elf_segment_type {
	ELF_SEGMENT_LOAD = 1,
	ELF_SEGMENT_DYNAMIC = 2,
	ELF_SEGMENT_INTERPRETER = 3,
	ELF_SEGMENT_NOTE = 4,
	ELF_SEGMENT_PROGRAM_HEADERS = 6,
	ELF_SEGMENT_TLS = 7,
	ELF_SEGMENT_GNU_STACK = 0x6474e551,
	ELF_SEGMENT_GNU_RELRO = 0x6474e552,
};

/* Bits of struct elf64_program_header.flags and struct elf_load_segment.flags. */
#define ELF_FLAG_EXECUTE 1u
#define ELF_FLAG_WRITE   2u
#define ELF_FLAG_READ    4u

struct elf64_program_header {
	/* 0x00 */ uint32_t type;
	/* 0x04 */ uint32_t flags;
	/* 0x08 */ uint64_t offset;
	/* 0x10 */ uint64_t vaddr;
	/* 0x18 */ uint64_t paddr;
	/* 0x20 */ uint64_t filesz;
	/* 0x28 */ uint64_t memsz;
	/* 0x30 */ uint64_t align;
};

struct elf64_section_header {
	/* 0x00 */ uint32_t name;
	/* 0x04 */ uint32_t type;
	/* 0x08 */ uint64_t flags;
	/* 0x10 */ uint64_t addr;
	/* 0x18 */ uint64_t offset;
	/* 0x20 */ uint64_t size;
	/* 0x28 */ uint32_t link;
	/* 0x2c */ uint32_t info;
	/* 0x30 */ uint64_t addralign;
	/* 0x38 */ uint64_t entsize;
};

struct elf64_symbol {
	/* 0x00 */ uint32_t name;
	/* 0x04 */ uint8_t info;
	/* 0x05 */ uint8_t other;
	/* 0x06 */ uint16_t shndx;
	/* 0x08 */ uint64_t value;
	/* 0x10 */ uint64_t size;
};

/* A relocation with addend; info is symbol << 32 | type. */
struct elf64_rela {
	/* 0x00 */ uint64_t offset;
	/* 0x08 */ uint64_t info;
	/* 0x10 */ int64_t addend;
};

struct elf64_dynamic {
	/* 0x00 */ int64_t tag;
	/* 0x08 */ uint64_t value;
};

enum elf_dynamic_tag {
	ELF_DYNAMIC_NULL = 0,
	ELF_DYNAMIC_RELA = 7,
	ELF_DYNAMIC_RELASZ = 8,
	ELF_DYNAMIC_RELAENT = 9,
};

#define ELF_RELOCATION_X86_64_RELATIVE 8

/* Of relocatable files. */
enum elf_section_type {
	ELF_SECTION_NULL = 0,
	ELF_SECTION_PROGBITS = 1,
	ELF_SECTION_SYMBOLS = 2,
	ELF_SECTION_STRINGS = 3,
	ELF_SECTION_RELA = 4,
	ELF_SECTION_NOTE = 7,
	ELF_SECTION_NOBITS = 8,
	ELF_SECTION_REL = 9,
	ELF_SECTION_X86_64_UNWIND = 0x70000001,
};

/* Bits of struct elf64_section_header.flags. */
#define ELF_SECTION_WRITE      0x1u
#define ELF_SECTION_ALLOCATED  0x2u
#define ELF_SECTION_EXECUTE    0x4u
#define ELF_SECTION_TLS        0x400u
#define ELF_SECTION_COMPRESSED 0x800u

/* Values of struct elf64_symbol.shndx that are no index of a section. */
enum elf_symbol_section {
	ELF_SYMBOL_UNDEFINED = 0,
	ELF_SYMBOL_RESERVED = 0xff00, /* and all above */
	ELF_SYMBOL_ABSOLUTE = 0xfff1,
	ELF_SYMBOL_COMMON = 0xfff2,
};

/* struct elf64_symbol.info is a binding << 4 | a type. */
enum elf_symbol_binding { ELF_SYMBOL_LOCAL = 0, ELF_SYMBOL_GLOBAL = 1, ELF_SYMBOL_WEAK = 2 };
enum elf_symbol_type {
	ELF_SYMBOL_FUNCTION = 2,
	ELF_SYMBOL_TLS = 6,
	ELF_SYMBOL_IFUNC = 10,
};

enum elf_relocation_x86_64 {
	ELF_X86_64_NONE = 0,
	ELF_X86_64_64 = 1,
	ELF_X86_64_PC32 = 2,
	ELF_X86_64_PLT32 = 4,
	ELF_X86_64_GOTPCREL = 9,
	ELF_X86_64_PC64 = 24,
	ELF_X86_64_GOTPCRELX = 41,
	ELF_X86_64_REX_GOTPCRELX = 42,
};

/* The head of a note; the name and the descriptor follow, each padded to 4 bytes. */
struct elf64_note {
	/* 0x00 */ uint32_t namesz;
	/* 0x04 */ uint32_t descsz;
	/* 0x08 */ uint32_t type;
};

#define ELF_NOTE_GNU_ABI_TAG 1 /* of name "GNU": 4 words, OS (0 = Linux) and version */

/* Limits that programs from real linkers stay well below. */
#define ELF_PROGRAM_HEADERS_MAX 128
#define ELF_LOAD_SEGMENTS_MAX   32
#define ELF_NOTE_SEGMENTS_MAX   4
#define ELF_INTERPRETER_MAX     4096 /* bytes of its path, with the terminating 0 */

struct elf_load_segment {
	uint64_t vaddr;  /* congruent to offset modulo the page size where filesz > 0 */
	uint64_t memsz;  /* not 0; what lies beyond filesz is zero */
	uint64_t offset; /* in the file */
	uint64_t filesz; /* <= memsz, within the file */
	uint32_t flags;  /* ELF_FLAG_* */
};

struct elf_file_range {
	uint64_t offset;
	uint64_t size;
};

struct elf_load_plan {
	/* The pages that the segments need: [lowest, highest), page-aligned, not empty. */
	uint64_t lowest;
	uint64_t highest;
	uint64_t alignment; /* what a load bias must be a multiple of; at least a page */
	uint64_t entry;     /* within an executable segment */
	/* Where the program headers are in memory, or 0 if no segment holds them. */
	uint64_t program_headers;
	uint16_t program_header_count;
	bool position_independent; /* type DYNAMIC: any bias; otherwise the bias is 0 */
	bool stack_executable;     /* PT_GNU_STACK asks for it */
	bool has_interpreter;
	/* The interpreter's path with its terminator: 2 .. ELF_INTERPRETER_MAX bytes within
	 * the file. The caller checks that the last byte it read is 0. */
	struct elf_file_range interpreter;
	/* The first PT_NOTE segments that lie within the file. */
	struct elf_file_range notes[ELF_NOTE_SEGMENTS_MAX];
	unsigned note_count;
	/* In ascending order; no two touch the same page. */
	struct elf_load_segment segments[ELF_LOAD_SEGMENTS_MAX];
	unsigned segment_count;
};

/*
 * Checks the header of a program for `machine` (ELF_MACHINE_*) in a file of `file_size`
 * bytes: identification, type EXECUTABLE or DYNAMIC, and 1 .. ELF_PROGRAM_HEADERS_MAX
 * program headers that lie within the file. Returns 0 or -ENOEXEC.
 */
int must_check elf_check_header(const struct elf64_header *header, uint64_t file_size,
				uint16_t machine);

/*
 * Checks the `count` program headers at `headers` and plans how to load them below
 * `address_limit` with pages of `page_size` bytes (a power of two). `header` has passed
 * elf_check_header(). Returns 0, -ENOEXEC where they are malformed, or -ENOMEM where they
 * do not fit below the limit; the plan is then unspecified.
 */
int must_check elf_plan_load(const struct elf64_header *header,
			     const struct elf64_program_header *headers, unsigned count,
			     uint64_t file_size, uint64_t page_size, uint64_t address_limit,
			     struct elf_load_plan *plan);

/*
 * Looks in the `size` bytes of notes at `notes` for the first of `name` and `type`; its
 * descriptor is stored (it points into `notes`, and may be unaligned). Returns 0, -ENOENT,
 * or -ENOEXEC where a note before it is malformed.
 */
int must_check elf_find_note(const void *notes, size_t size, const char *name, uint32_t type,
			     const void **desc, size_t *desc_size);

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "fields are read as they stand");
_Static_assert(sizeof(struct elf64_header) == 0x40, "ELF header");
_Static_assert(offsetof(struct elf64_header, entry) == 0x18, "ELF header");
_Static_assert(offsetof(struct elf64_header, phoff) == 0x20, "ELF header");
_Static_assert(offsetof(struct elf64_header, phentsize) == 0x36, "ELF header");
_Static_assert(offsetof(struct elf64_header, shstrndx) == 0x3e, "ELF header");
_Static_assert(sizeof(struct elf64_program_header) == 0x38, "ELF program header");
_Static_assert(offsetof(struct elf64_program_header, offset) == 0x08, "ELF program header");
_Static_assert(offsetof(struct elf64_program_header, filesz) == 0x20, "ELF program header");
_Static_assert(offsetof(struct elf64_program_header, align) == 0x30, "ELF program header");
_Static_assert(sizeof(struct elf64_section_header) == 0x40, "ELF section header");
_Static_assert(offsetof(struct elf64_section_header, size) == 0x20, "ELF section header");
_Static_assert(sizeof(struct elf64_symbol) == 0x18, "ELF symbol");
_Static_assert(sizeof(struct elf64_rela) == 0x18, "ELF relocation");
_Static_assert(sizeof(struct elf64_dynamic) == 0x10, "ELF dynamic entry");
_Static_assert(sizeof(struct elf64_note) == 0x0c, "ELF note");
