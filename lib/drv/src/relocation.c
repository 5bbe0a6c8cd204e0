/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks relocations, and checks that each is one that can be carried out. */
#include "drv_priv.h"

#include <base/checked.h>
#include <base/errno.h>
#include <base/string.h>

unsigned drv_relocation_width(uint32_t type)
{
	switch (type) {
	case ELF_X86_64_64:
	case ELF_X86_64_PC64:
		return 8;
	case ELF_X86_64_PC32:
	case ELF_X86_64_PLT32:
	case ELF_X86_64_GOTPCREL:
	case ELF_X86_64_GOTPCRELX:
	case ELF_X86_64_REX_GOTPCRELX:
		return 4;
	default:
		return 0;
	}
}

bool drv_relocation_needs_slot(const struct drv_object *object,
			       const struct drv_relocation *relocation)
{
	struct elf64_symbol symbol;

	if (relocation->type == ELF_X86_64_GOTPCREL || relocation->type == ELF_X86_64_GOTPCRELX ||
	    relocation->type == ELF_X86_64_REX_GOTPCRELX)
		return true;
	if (relocation->type != ELF_X86_64_PLT32)
		return false;
	drv_read_symbol(object, relocation->symbol, &symbol);
	return symbol.shndx == ELF_SYMBOL_UNDEFINED;
}

/* Goes to the next table of relocations of a section that is loaded. */
static bool next_table(const struct drv_object *object, struct drv_relocation_walk *walk)
{
	while (++walk->section < object->section_count) {
		drv_read_section(object, walk->section, &walk->table);
		walk->next = 0;
		if (walk->table.type == ELF_SECTION_RELA && drv_is_loaded(object, walk->table.info))
			return true;
	}
	return false;
}

bool drv_next_relocation(const struct drv_object *object, struct drv_relocation_walk *walk,
			 struct drv_relocation *relocation)
{
	struct elf64_rela entry;

	for (;;) {
		while (walk->next >= walk->table.size / sizeof(entry))
			if (!next_table(object, walk))
				return false;
		memcpy(&entry, object->bytes + walk->table.offset + walk->next * sizeof(entry),
		       sizeof(entry));
		walk->next++;
		if ((uint32_t)entry.info != ELF_X86_64_NONE)
			break;
	}
	*relocation = (struct drv_relocation){
		.section = walk->table.info,
		.offset = entry.offset,
		.symbol = entry.info >> 32,
		.type = (uint32_t)entry.info,
		.addend = entry.addend,
	};
	return true;
}

static int check_tables(const struct drv_object *object, const char **reason)
{
	struct elf64_section_header table;
	uint64_t count = 0;

	for (unsigned i = 0; i < object->section_count; i++) {
		drv_read_section(object, i, &table);
		if ((table.type == ELF_SECTION_REL || table.type == ELF_SECTION_RELA) &&
		    table.info >= object->section_count)
			return drv_refuse(reason, -EINVAL,
					  "a table of relocations is for no section");
		if (table.type == ELF_SECTION_REL && drv_is_loaded(object, table.info))
			return drv_refuse(reason, -EOPNOTSUPP, "its relocations have no addends");
		if (table.type != ELF_SECTION_RELA || !drv_is_loaded(object, table.info))
			continue;
		if (table.entsize != sizeof(struct elf64_rela) ||
		    table.size % sizeof(struct elf64_rela) != 0 ||
		    table.link != object->symbol_section)
			return drv_refuse(reason, -EINVAL, "a table of relocations is damaged");
		count += table.size / sizeof(struct elf64_rela);
		if (count > DRV_RELOCATIONS_MAX)
			return drv_refuse(reason, -E2BIG, "it has too many relocations");
	}
	return 0;
}

static int check_symbol(const struct drv_object *object, const struct drv_relocation *relocation,
			const char **reason)
{
	struct elf64_section_header section;
	struct elf64_symbol symbol;

	if (relocation->symbol == 0 || relocation->symbol >= object->symbol_count)
		return drv_refuse(reason, -EINVAL, "a relocation names no symbol");
	drv_read_symbol(object, relocation->symbol, &symbol);
	if ((symbol.info & 0xf) == ELF_SYMBOL_TLS || (symbol.info & 0xf) == ELF_SYMBOL_IFUNC)
		return drv_refuse(reason, -EOPNOTSUPP,
				  "it has variables of threads, or indirect functions");
	if (symbol.shndx == ELF_SYMBOL_COMMON)
		return drv_refuse(reason, -EOPNOTSUPP,
				  "it has common symbols: compile with -fno-common");
	if (symbol.shndx == ELF_SYMBOL_UNDEFINED) {
		if (relocation->type == ELF_X86_64_PC32)
			return drv_refuse(reason, -EOPNOTSUPP,
					  "it is not position-independent: compile with -fPIC");
		if (drv_symbol_name(object, &symbol)[0] == '\0')
			return drv_refuse(reason, -EINVAL, "what it needs has no name");
		return 0;
	}
	if (!drv_is_loaded(object, symbol.shndx))
		return drv_refuse(reason, -EINVAL, "a relocation leads out of what is loaded");
	drv_read_section(object, symbol.shndx, &section);
	if (symbol.value > section.size)
		return drv_refuse(reason, -EINVAL, "a symbol lies outside of its section");
	return 0;
}

static int check_relocation(const struct drv_object *object,
			    const struct drv_relocation *relocation, const char **reason)
{
	unsigned width = drv_relocation_width(relocation->type);
	struct elf64_section_header section;

	drv_read_section(object, relocation->section, &section);
	if (width == 0)
		return drv_refuse(reason, -EOPNOTSUPP,
				  "it has relocations that are not position-independent: compile "
				  "with -fPIC");
	if (section.type == ELF_SECTION_NOBITS ||
	    !range_within(relocation->offset, width, section.size))
		return drv_refuse(reason, -EINVAL, "a relocation lies outside of its section");
	return check_symbol(object, relocation, reason);
}

int drv_check_relocations(struct drv_object *object, const char **reason)
{
	struct drv_relocation_walk walk = { .next = 0 };
	struct drv_relocation relocation;
	uint64_t first = UINT64_MAX, last = 0;
	int error = check_tables(object, reason);

	while (!error && drv_next_relocation(object, &walk, &relocation)) {
		error = check_relocation(object, &relocation, reason);
		if (error || !drv_relocation_needs_slot(object, &relocation))
			continue;
		first = min_u64(first, relocation.symbol);
		last = max_u64(last, relocation.symbol);
	}
	if (error)
		return error;
	return last == 0 ? drv_add_slots(object, 0, 0, reason)
			 : drv_add_slots(object, first, last - first + 1, reason);
}
