/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Objects with one field changed: each is refused, with the reason. And objects with bytes changed anywhere, cut
 * short, or put somewhere odd: whatever is accepted loads within its memory.
 */
#include "image.h"

#include <base/errno.h>
#include <elf/elf.h>
#include <unit.h>

#include <stdlib.h>
#include <string.h>

struct damaged {
	uint8_t *bytes;
	size_t length;
};

/* What a row of the table changes a field of. */
enum part {
	HEADER,
	SECTION,    /* its header */
	RELOCATION, /* of the section, at an offset */
	SYMBOL,
	CONTENT, /* of the section, from an offset */
	STRING,  /* that the field of the record at an offset leads to */
};

static struct elf64_section_header *section_at(struct damaged *file, unsigned index)
{
	struct elf64_header *header = (void *)file->bytes;

	return (struct elf64_section_header *)(file->bytes + header->shoff) + index;
}

static unsigned section_find(struct damaged *file, const char *name)
{
	struct elf64_header *header = (void *)file->bytes;
	const char *names = (char *)file->bytes + section_at(file, header->shstrndx)->offset;

	for (unsigned i = 1; i < header->shnum; i++)
		if (strcmp(names + section_at(file, i)->name, name) == 0)
			return i;
	unit_fail(__FILE__, __LINE__, "no section %s", name);
}

static uint8_t *relocation_find(struct damaged *file, const char *section, uint64_t offset)
{
	struct elf64_header *header = (void *)file->bytes;
	unsigned target = section_find(file, section);

	for (unsigned i = 1; i < header->shnum; i++) {
		struct elf64_section_header *table = section_at(file, i);
		struct elf64_rela *entries = (void *)(file->bytes + table->offset);

		if (table->type != ELF_SECTION_RELA || table->info != target)
			continue;
		for (uint64_t n = 0; n < table->size / sizeof(*entries); n++)
			if (entries[n].offset == offset)
				return (uint8_t *)&entries[n];
	}
	unit_fail(__FILE__, __LINE__, "no relocation of %s at %#lx", section, offset);
}

static uint8_t *symbol_find(struct damaged *file, const char *name)
{
	struct elf64_section_header *table = section_at(file, section_find(file, ".symtab"));
	struct elf64_section_header *strings = section_at(file, table->link);
	struct elf64_symbol *symbols = (void *)(file->bytes + table->offset);

	for (uint64_t i = 1; i < table->size / sizeof(*symbols); i++)
		if (strcmp((char *)file->bytes + strings->offset + symbols[i].name, name) == 0)
			return (uint8_t *)&symbols[i];
	unit_fail(__FILE__, __LINE__, "no symbol %s", name);
}

static uint8_t *part_find(struct damaged *file, enum part part, const char *name, uint64_t offset)
{
	struct elf64_rela relocation;

	switch (part) {
	case HEADER:
		return file->bytes;
	case SECTION:
		return (uint8_t *)section_at(file, section_find(file, name));
	case RELOCATION:
		return relocation_find(file, name, offset);
	case SYMBOL:
		return symbol_find(file, name);
	case CONTENT:
		return file->bytes + section_at(file, section_find(file, name))->offset + offset;
	case STRING:
		memcpy(&relocation, relocation_find(file, ".drivers", offset), sizeof(relocation));
		return file->bytes + section_at(file, section_find(file, ".rodata"))->offset +
		       relocation.addend;
	}
	return NULL;
}

static struct damaged copy_of(const char *name)
{
	const struct driver_image *image = image_find(name);
	struct damaged file = { malloc(image->length), image->length };

	memcpy(file.bytes, image->bytes, image->length);
	return file;
}

/* Where a field is, and how long. */
#define FIELD(type, field) offsetof(struct type, field), sizeof(((struct type *)0)->field)
/* Relocations of the records, by the field that they are for. */
#define DRIVER_AT(field) RELOCATION, ".drivers", offsetof(struct driver, field)
#define MATCH_AT(field)             \
	RELOCATION, ".data.rel.ro", \
		2 * sizeof(struct driver_match) + offsetof(struct driver_match, field)
/* Numbers in them. */
#define RECORD(field)        CONTENT, ".ddk", 0, FIELD(ddk_object_header, field)
#define DRIVER_NUMBER(field) CONTENT, ".drivers", 0, FIELD(driver, field)
#define INFO(symbol, type)   ((uint64_t)(symbol) << 32 | (type))

struct row {
	enum part part;
	const char *name;
	uint64_t at;
	size_t field, size;
	uint64_t value;
	int error;
	const char *reason;
};

static const struct row rows[] = {
	/* The file. */
	{ HEADER, "", 0, 0, 1, 0, -ENOEXEC, "it is no ELF file" },
	{ HEADER, "", 0, ELF_IDENT_CLASS, 1, 1, -ENOEXEC, "it is not for x86-64" },
	{ HEADER, "", 0, ELF_IDENT_DATA, 1, 2, -ENOEXEC, "it is not for x86-64" },
	{ HEADER, "", 0, FIELD(elf64_header, machine), ELF_MACHINE_AARCH64, -ENOEXEC,
	  "it is not for x86-64" },
	{ HEADER, "", 0, FIELD(elf64_header, type), ELF_TYPE_DYNAMIC, -ENOEXEC,
	  "it is not relocatable: link it with ld -r" },
	{ HEADER, "", 0, FIELD(elf64_header, shentsize), 63, -EINVAL,
	  "its table of sections is damaged" },
	{ HEADER, "", 0, FIELD(elf64_header, shnum), 0, -EINVAL,
	  "it has no sections, or too many" },
	{ HEADER, "", 0, FIELD(elf64_header, shnum), 257, -E2BIG,
	  "it has no sections, or too many" },
	{ HEADER, "", 0, FIELD(elf64_header, shnum), 255, -EINVAL,
	  "its table of sections lies outside of it" },
	{ HEADER, "", 0, FIELD(elf64_header, shoff), UINT64_MAX - 8, -EINVAL,
	  "its table of sections lies outside of it" },
	{ HEADER, "", 0, FIELD(elf64_header, shstrndx), 0xff00, -EINVAL,
	  "its sections have no names" },
	{ HEADER, "", 0, FIELD(elf64_header, shstrndx), 1, -EINVAL, "a table of names is damaged" },
	/* Its sections. */
	{ SECTION, ".text", 0, FIELD(elf64_section_header, offset), UINT64_MAX, -EINVAL,
	  "a section lies outside of the file" },
	{ SECTION, ".rodata", 0, FIELD(elf64_section_header, size), 1 << 20, -EINVAL,
	  "a section lies outside of the file" },
	{ SECTION, ".text", 0, FIELD(elf64_section_header, flags), 7, -EOPNOTSUPP,
	  "a section is writable and executable" },
	{ SECTION, ".data", 0, FIELD(elf64_section_header, flags), 0x403, -EOPNOTSUPP,
	  "it has variables of threads" },
	{ SECTION, ".data", 0, FIELD(elf64_section_header, flags), 0x803, -EOPNOTSUPP,
	  "it has compressed sections" },
	{ SECTION, ".data", 0, FIELD(elf64_section_header, type), 14, -EOPNOTSUPP,
	  "it has constructors, or sections of an unknown type" },
	{ SECTION, ".data", 0, FIELD(elf64_section_header, addralign), 3, -EINVAL,
	  "a section's alignment makes no sense" },
	{ SECTION, ".data", 0, FIELD(elf64_section_header, addralign), 8192, -EINVAL,
	  "a section's alignment makes no sense" },
	{ SECTION, ".bss", 0, FIELD(elf64_section_header, size), DRV_SIZE_MAX + 1, -E2BIG,
	  "it needs too much memory" },
	{ SECTION, ".bss", 0, FIELD(elf64_section_header, size), UINT64_MAX, -E2BIG,
	  "it needs too much memory" },
	{ SECTION, ".symtab", 0, FIELD(elf64_section_header, type), ELF_SECTION_PROGBITS, -EINVAL,
	  "it has no table of symbols" },
	{ SECTION, ".shstrtab", 0, FIELD(elf64_section_header, type), ELF_SECTION_SYMBOLS, -EINVAL,
	  "it has several tables of symbols" },
	{ SECTION, ".symtab", 0, FIELD(elf64_section_header, entsize), 16, -EINVAL,
	  "its table of symbols is damaged" },
	{ SECTION, ".symtab", 0, FIELD(elf64_section_header, size), 25, -EINVAL,
	  "its table of symbols is damaged" },
	{ SECTION, ".symtab", 0, FIELD(elf64_section_header, link), 1000, -EINVAL,
	  "its table of symbols is damaged" },
	{ SECTION, ".symtab", 0, FIELD(elf64_section_header, link), 1, -EINVAL,
	  "a table of names is damaged" },
	{ SECTION, ".strtab", 0, FIELD(elf64_section_header, size), 3, -EINVAL,
	  "a table of names is damaged" },
	/* Its relocations. */
	{ SECTION, ".rela.text", 0, FIELD(elf64_section_header, type), ELF_SECTION_REL, -EOPNOTSUPP,
	  "its relocations have no addends" },
	{ SECTION, ".rela.text", 0, FIELD(elf64_section_header, entsize), 0, -EINVAL,
	  "a table of relocations is damaged" },
	{ SECTION, ".rela.text", 0, FIELD(elf64_section_header, link), 1, -EINVAL,
	  "a table of relocations is damaged" },
	{ SECTION, ".rela.text", 0, FIELD(elf64_section_header, size), 30, -EINVAL,
	  "a table of relocations is damaged" },

	{ DRIVER_AT(probe), FIELD(elf64_rela, offset), 0x45, -EINVAL,
	  "a relocation lies outside of its section" },
	{ DRIVER_AT(probe), FIELD(elf64_rela, offset), UINT64_MAX - 3, -EINVAL,
	  "a relocation lies outside of its section" },
	{ DRIVER_AT(probe), FIELD(elf64_rela, info), INFO(1, 11), -EOPNOTSUPP,
	  "it has relocations that are not position-independent: compile with -fPIC" },
	{ DRIVER_AT(probe), FIELD(elf64_rela, info), INFO(1, 0x10001), -EOPNOTSUPP,
	  "it has relocations that are not position-independent: compile with -fPIC" },
	{ DRIVER_AT(probe), FIELD(elf64_rela, info), INFO(0, ELF_X86_64_64), -EINVAL,
	  "a relocation names no symbol" },
	{ DRIVER_AT(probe), FIELD(elf64_rela, info), INFO(0xffffffff, ELF_X86_64_64), -EINVAL,
	  "a relocation names no symbol" },
	{ SYMBOL, "strlen", 0, FIELD(elf64_symbol, shndx), ELF_SYMBOL_COMMON, -EOPNOTSUPP,
	  "it has common symbols: compile with -fno-common" },
	{ SYMBOL, "strlen", 0, FIELD(elf64_symbol, shndx), ELF_SYMBOL_ABSOLUTE, -EINVAL,
	  "a relocation leads out of what is loaded" },
	{ SYMBOL, "strlen", 0, FIELD(elf64_symbol, shndx), 0xffff, -EINVAL,
	  "a relocation leads out of what is loaded" },

	{ SYMBOL, "strlen", 0, FIELD(elf64_symbol, name), 0, -EINVAL, "what it needs has no name" },
	{ SYMBOL, "strlen", 0, FIELD(elf64_symbol, name), UINT32_MAX, -EINVAL,
	  "what it needs has no name" },
	{ SYMBOL, "strlen", 0, FIELD(elf64_symbol, info), 0x16, -EOPNOTSUPP,
	  "it has variables of threads, or indirect functions" },
	{ SYMBOL, "small_add", 0, FIELD(elf64_symbol, info), 0x1a, -EOPNOTSUPP,
	  "it has variables of threads, or indirect functions" },
	{ SYMBOL, "small_add", 0, FIELD(elf64_symbol, value), 1 << 20, -EINVAL,
	  "a symbol lies outside of its section" },
	{ SYMBOL, "small_counter", 0, FIELD(elf64_symbol, shndx), 0, -EOPNOTSUPP,
	  "it is not position-independent: compile with -fPIC" },
	/* Its record. */
	{ SECTION, ".ddk", 0, FIELD(elf64_section_header, flags), 0, -ENOEXEC,
	  "it has no record: DRIVER() is missing" },
	{ SECTION, ".ddk", 0, FIELD(elf64_section_header, name), 0, -ENOEXEC,
	  "it has no record: DRIVER() is missing" },
	{ SECTION, ".ddk", 0, FIELD(elf64_section_header, name), UINT32_MAX, -ENOEXEC,
	  "it has no record: DRIVER() is missing" },
	{ SECTION, ".ddk", 0, FIELD(elf64_section_header, size), 64, -EINVAL,
	  "it has several records" },
	{ RECORD(magic), 0, -EINVAL, "its record is damaged" },
	{ RECORD(version_major), 2, -EOPNOTSUPP, "it was built for another driver kit" },
	{ RECORD(version_major), 0, -EOPNOTSUPP, "it was built for another driver kit" },
	{ RECORD(version_minor), DDK_VERSION_MINOR + 1, -EOPNOTSUPP,
	  "it was built for a newer driver kit" },
	{ RECORD(header_size), 24, -EINVAL, "its record has no size that the kit had" },
	{ RECORD(header_size), 40, -EINVAL, "it has several records" },
	{ RECORD(driver_size), 64, -EINVAL, "its record has no size that the kit had" },
	{ RECORD(driver_size), sizeof(struct driver) + 8, -EINVAL,
	  "its record has no size that the kit had" },
	{ RECORD(flags), DDK_OBJECT_VECTOR, -EOPNOTSUPP,
	  "it may use vector registers: compile with -mgeneral-regs-only" },
	{ RECORD(flags), 0x8000, -EINVAL, "its record is damaged" },
	{ RECORD(match_size), 0, -EINVAL, "its record has no size that the kit had" },
	{ RECORD(match_size), sizeof(struct driver_match) + 8, -EINVAL,
	  "its record has no size that the kit had" },
	{ RELOCATION, ".ddk", 24, FIELD(elf64_rela, offset), 0, -EINVAL, "its record is damaged" },
	{ RELOCATION, ".ddk", 24, FIELD(elf64_rela, offset), 20, -EINVAL, "its record is damaged" },
	{ RELOCATION, ".ddk", 24, FIELD(elf64_rela, info), 0, -EINVAL, "its record is damaged" },
	{ RELOCATION, ".ddk", 24, FIELD(elf64_rela, addend), 8, -EINVAL, "its record is damaged" },
	{ RELOCATION, ".ddk", 24, FIELD(elf64_rela, addend), (uint64_t)-8, -EINVAL,
	  "its record is damaged" },
	{ CONTENT, ".ddk", 24, 0, 8, 1, 0, NULL }, /* relocations do not add to what is there */
	{ DRIVER_AT(name), FIELD(elf64_rela, info), 0, -EINVAL, "its record has no proper name" },
	{ DRIVER_AT(name), FIELD(elf64_rela, addend), 1 << 30, -EINVAL,
	  "its record has no proper name" },
	{ STRING, "", offsetof(struct driver, name), 0, 1, '/', -EINVAL,
	  "its record has no proper name" },
	{ STRING, "", offsetof(struct driver, name), 0, 1, 0, -EINVAL,
	  "its record has no proper name" },
	{ STRING, "", offsetof(struct driver, version), 0, 1, '\n', -EINVAL,
	  "its record has no proper version" },

	{ STRING, "", offsetof(struct driver, licence), 0, 1, 0x80, -EINVAL,
	  "its record has no proper licence" },
	{ DRIVER_AT(version), FIELD(elf64_rela, offset), offsetof(struct driver, licence), -EINVAL,
	  "its record has no proper licence" },
	{ DRIVER_AT(version), FIELD(elf64_rela, offset), offsetof(struct driver, licence) + 4,
	  -EINVAL, "its record has no proper licence" },
	{ DRIVER_AT(licence), FIELD(elf64_rela, info), INFO(1, ELF_X86_64_PC64), -EINVAL,
	  "its record has no proper licence" },
	{ DRIVER_AT(probe), FIELD(elf64_rela, info), 0, -EINVAL,
	  "its record names a function that it does not have" },

	{ DRIVER_AT(remove), FIELD(elf64_rela, addend), 1 << 20, -EINVAL,
	  "its record names a function that it does not have" },
	{ CONTENT, ".drivers", offsetof(struct driver, suspend), 0, 8, 0x1000, -EINVAL,
	  "its record names a function that it does not have" },

	{ DRIVER_AT(version), FIELD(elf64_rela, offset), offsetof(struct driver, match_count),
	  -EINVAL, "its record has no table of devices" },
	{ DRIVER_NUMBER(match_count), DRV_MATCHES_MAX + 1, -E2BIG,
	  "its table of devices is too long" },
	{ DRIVER_NUMBER(match_count), UINT64_MAX, -E2BIG, "its table of devices is too long" },
	{ DRIVER_NUMBER(match_count), 4, -EINVAL, "its table of devices is damaged" },
	{ DRIVER_AT(matches), FIELD(elf64_rela, addend), (uint64_t)-24, -EINVAL,
	  "its table of devices is damaged" },
	{ MATCH_AT(name), FIELD(elf64_rela, offset), 0, -EINVAL,
	  "its table of devices is damaged" },
	{ MATCH_AT(name), FIELD(elf64_rela, info), INFO(1, ELF_X86_64_PC64), -EINVAL,
	  "its table of devices is damaged" },
	{ MATCH_AT(name), FIELD(elf64_rela, addend), 1 << 20, -EINVAL,
	  "its table of devices makes no sense" },
	{ MATCH_AT(name), FIELD(elf64_rela, info), 0, -EINVAL,
	  "its table of devices makes no sense" },
	{ CONTENT, ".data.rel.ro", 0, FIELD(driver_match, bus), 3, -EINVAL,
	  "its table of devices makes no sense" },
};

/* The same, where the number of a section is added, or that of a symbol as relocations have it. */
static const struct reference {
	const char *refers;
	struct row row;
} references[] = {
	{ ".bss",
	  { SECTION, ".rela.text", 0, FIELD(elf64_section_header, info), 0, -EINVAL,
	    "a relocation lies outside of its section" } },
	{ ".symtab",
	  { SYMBOL, "strlen", 0, FIELD(elf64_symbol, shndx), 0, -EINVAL,
	    "a relocation leads out of what is loaded" } },
	{ "strlen",
	  { DRIVER_AT(version), FIELD(elf64_rela, info), ELF_X86_64_64, -EINVAL,
	    "its record has no proper version" } },
	{ "matches",
	  { DRIVER_AT(probe), FIELD(elf64_rela, info), ELF_X86_64_64, -EINVAL,
	    "its record names a function that it does not have" } },
	{ "strlen",
	  { DRIVER_AT(probe), FIELD(elf64_rela, info), ELF_X86_64_64, -EINVAL,
	    "its record names a function that it does not have" } },
	{ "strlen",
	  { DRIVER_AT(matches), FIELD(elf64_rela, info), ELF_X86_64_64, -EINVAL,
	    "its record has no table of devices" } },
};

/* The number of a section, or that of a symbol as relocations have it. */
static uint64_t number_of(struct damaged *file, const char *name)
{
	uint8_t *symbols;

	if (name[0] == '.')
		return section_find(file, name);
	symbols = file->bytes + section_at(file, section_find(file, ".symtab"))->offset;
	return (uint64_t)(symbol_find(file, name) - symbols) / sizeof(struct elf64_symbol) << 32;
}

static void check_refusal(const struct row *row, const char *refers)
{
	struct damaged file = copy_of("small-gcc");
	uint64_t value = row->value;
	const char *reason;
	struct drv_object object;
	int error;

	if (refers)
		value += number_of(&file, refers);
	memcpy(part_find(&file, row->part, row->name, row->at) + row->field, &value, row->size);
	error = drv_open(file.bytes, file.length, &object, &reason);
	if (error != row->error || (error && strcmp(reason, row->reason) != 0))
		unit_fail(__FILE__, __LINE__, "%s at %#lx + %#zx, \"%s\": %d, \"%s\"", row->name,
			  row->at, row->field, row->reason, error, error ? reason : "opened");
	free(file.bytes);
}

UNIT_TEST(drv, damaged_fields)
{
	for (size_t i = 0; i < array_length(rows); i++)
		check_refusal(&rows[i], NULL);
	for (size_t i = 0; i < array_length(references); i++)
		check_refusal(&references[i].row, references[i].refers);
}

/* Loads what was accepted into memory that ends where the object said: the sanitizer looks on. */
static void load_into_exact_memory(const struct drv_object *object)
{
	struct drv_load load = { .find = image_export };
	const char *reason, *missing;
	struct drv_record record;
	struct driver_match match;
	struct driver driver;
	size_t begin;

	drv_read_record(object, &record);
	EXPECT(strlen(record.name) < DRIVER_NAME_MAX && strlen(record.version) < DRV_STRING_MAX);
	for (size_t i = 0; i < record.match_count; i++) {
		drv_read_match(object, i, &match);
		EXPECT(!match.name || strlen(match.name) < DRV_STRING_MAX);
	}
	for (unsigned i = 0; i < DRV_SEGMENTS; i++) {
		EXPECT(object->size[i] <= DRV_SIZE_MAX + 4096);
		load.places[i].memory = calloc(1, object->size[i]);
		load.places[i].address = 0xffffffffa0000000ull + i * 0x1000000ull;
	}
	if (drv_load(object, &load, &driver, &reason, &missing) == 0)
		EXPECT((uintptr_t)driver.probe - load.places[DRV_CODE].address <
		       object->size[DRV_CODE]);
	else
		EXPECT(reason != NULL);
	(void)drv_find_function(object, object->size[DRV_CODE] / 2, &begin);
	for (unsigned i = 0; i < DRV_SEGMENTS; i++)
		free(load.places[i].memory);
}

static void try(const uint8_t *bytes, size_t length)
{
	const char *reason;
	struct drv_object object;

	if (drv_open(bytes, length, &object, &reason) == 0)
		load_into_exact_memory(&object);
	else
		EXPECT(reason != NULL);
}

UNIT_TEST(drv, damaged_bytes)
{
	static const uint8_t changes[] = { 0x01, 0x80, 0xff };
	struct damaged file = copy_of("small-gcc");

	for (size_t i = 0; i < file.length; i++)
		for (size_t n = 0; n < array_length(changes); n++) {
			file.bytes[i] ^= changes[n];
			try(file.bytes, file.length);
			file.bytes[i] ^= changes[n];
		}
	free(file.bytes);
}

UNIT_TEST(drv, damaged_at_random)
{
	uint64_t state = 2024;

	for (unsigned round = 0; round < 4000; round++) {
		struct damaged file = copy_of(round % 2 ? "small-clang" : "nvme");
		size_t changes = 1 + unit_random_below(&state, 8);

		for (size_t n = 0; n < changes; n++)
			file.bytes[unit_random_below(&state, file.length)] =
				(uint8_t)unit_random(&state);
		try(file.bytes, file.length);
		free(file.bytes);
	}
}

/* Every length, in memory that ends there; and the whole at an odd address. */
UNIT_TEST(drv, cut_short)
{
	const struct driver_image *image = image_find("small-gcc");
	uint8_t *odd = malloc(image->length + 1);
	struct drv_object object;
	const char *reason;

	for (size_t length = 0; length < image->length; length++) {
		uint8_t *bytes = malloc(length);

		memcpy(bytes, image->bytes, length);
		EXPECT(drv_open(bytes, length, &object, &reason) != 0);
		free(bytes);
	}
	memcpy(odd + 1, image->bytes, image->length);
	EXPECT_EQUAL(drv_open(odd + 1, image->length, &object, &reason), 0);
	load_into_exact_memory(&object);
	free(odd);
}

UNIT_TEST(drv, too_large)
{
	struct drv_object object;
	const char *reason;

	EXPECT_EQUAL(drv_open("", DRV_SIZE_MAX + 1, &object, &reason), -E2BIG);
	EXPECT_STRING(reason, "it is too large");
	EXPECT_EQUAL(drv_open("", 0, &object, &reason), -ENOEXEC);
}
