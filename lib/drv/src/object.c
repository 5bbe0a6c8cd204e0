/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens objects: the file's header and the table of its sections. */
#include "drv_priv.h"

#include <base/checked.h>
#include <base/errno.h>
#include <base/string.h>

static int check_header(struct drv_object *object, const char **reason)
{
	struct elf64_header header;

	if (object->length > DRV_SIZE_MAX)
		return drv_refuse(reason, -E2BIG, "it is too large");
	if (object->length < sizeof(header) ||
	    memcmp(object->bytes, ELF_MAGIC, sizeof(ELF_MAGIC) - 1) != 0)
		return drv_refuse(reason, -ENOEXEC, "it is no ELF file");
	memcpy(&header, object->bytes, sizeof(header));
	if (header.ident[ELF_IDENT_CLASS] != ELF_CLASS_64 ||
	    header.ident[ELF_IDENT_DATA] != ELF_DATA_LITTLE ||
	    header.ident[ELF_IDENT_VERSION] != ELF_VERSION_CURRENT ||
	    header.version != ELF_VERSION_CURRENT || header.machine != ELF_MACHINE_X86_64)
		return drv_refuse(reason, -ENOEXEC, "it is not for x86-64");
	if (header.type != ELF_TYPE_RELOCATABLE)
		return drv_refuse(reason, -ENOEXEC, "it is not relocatable: link it with ld -r");
	if (header.shentsize != sizeof(struct elf64_section_header))
		return drv_refuse(reason, -EINVAL, "its table of sections is damaged");
	if (header.shnum == 0 || header.shnum > DRV_SECTIONS_MAX)
		return drv_refuse(reason, header.shnum ? -E2BIG : -EINVAL,
				  "it has no sections, or too many");
	if (!range_within(header.shoff, (uint64_t)header.shnum * header.shentsize, object->length))
		return drv_refuse(reason, -EINVAL, "its table of sections lies outside of it");
	if (header.shstrndx >= header.shnum)
		return drv_refuse(reason, -EINVAL, "its sections have no names");
	object->section_table = header.shoff;
	object->section_count = header.shnum;
	return 0;
}

/* A table of strings that ends with one's end. */
static int find_strings(const struct drv_object *object, unsigned index, uint64_t *strings,
			uint64_t *size, const char **reason)
{
	struct elf64_section_header section;

	drv_read_section(object, index, &section);
	if (section.type != ELF_SECTION_STRINGS || section.size == 0 ||
	    object->bytes[section.offset + section.size - 1] != '\0')
		return drv_refuse(reason, -EINVAL, "a table of names is damaged");
	*strings = section.offset;
	*size = section.size;
	return 0;
}

static int check_symbols(struct drv_object *object, unsigned index, const char **reason)
{
	struct elf64_section_header section;

	drv_read_section(object, index, &section);
	if (object->symbol_section != 0)
		return drv_refuse(reason, -EINVAL, "it has several tables of symbols");
	if (section.entsize != sizeof(struct elf64_symbol) ||
	    section.size % sizeof(struct elf64_symbol) != 0 || section.size == 0 ||
	    section.link >= object->section_count)
		return drv_refuse(reason, -EINVAL, "its table of symbols is damaged");
	object->symbol_section = index;
	object->symbols = section.offset;
	object->symbol_count = section.size / sizeof(struct elf64_symbol);
	return find_strings(object, section.link, &object->strings, &object->strings_size, reason);
}

static int check_sections(struct drv_object *object, const char **reason)
{
	struct elf64_section_header section;
	struct elf64_header header;

	for (unsigned i = 0; i < object->section_count; i++) {
		drv_read_section(object, i, &section);
		if (section.type != ELF_SECTION_NULL && section.type != ELF_SECTION_NOBITS &&
		    !range_within(section.offset, section.size, object->length))
			return drv_refuse(reason, -EINVAL, "a section lies outside of the file");
	}
	memcpy(&header, object->bytes, sizeof(header));
	for (unsigned i = 0; i < object->section_count; i++) {
		int error;

		drv_read_section(object, i, &section);
		if (section.type != ELF_SECTION_SYMBOLS)
			continue;
		error = check_symbols(object, i, reason);
		if (error)
			return error;
	}
	if (object->symbol_section == 0)
		return drv_refuse(reason, -EINVAL, "it has no table of symbols");
	return find_strings(object, header.shstrndx, &object->names, &object->names_size, reason);
}

int drv_open(const void *bytes, size_t length, struct drv_object *object, const char **reason)
{
	int error;

	memset(object, 0, sizeof(*object));
	object->bytes = bytes;
	object->length = length;
	*reason = NULL;
	error = check_header(object, reason);
	if (!error)
		error = check_sections(object, reason);
	if (!error)
		error = drv_lay_out(object, reason);
	if (!error)
		error = drv_check_relocations(object, reason);
	if (!error)
		error = drv_check_record(object, reason);
	return error;
}

void drv_read_section(const struct drv_object *object, unsigned index,
		      struct elf64_section_header *section)
{
	memcpy(section, object->bytes + object->section_table + index * sizeof(*section),
	       sizeof(*section));
}

const char *drv_section_name(const struct drv_object *object,
			     const struct elf64_section_header *section)
{
	if (section->name >= object->names_size)
		return "";
	return (const char *)object->bytes + object->names + section->name;
}
