/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of the library share. A file's structures are copied before they are looked at: they may
 * lie anywhere.
 *
 * drv_open() goes through the parts in this order: object.c (header, sections' table), layout.c (which sections
 * are loaded, and where), relocation.c (what each relocation needs), record.c.
 */
#pragma once

#include <drv/object.h>
#include <elf/elf.h>

#define DRV_PAGE       4096u
#define DRV_NOT_LOADED UINT32_MAX
#define DRV_SLOT_SIZE  8u /* an address; and a stub, a jump to what it holds */

/* Why the file is refused. */
static inline int must_check drv_refuse(const char **reason, int error, const char *words)
{
	*reason = words;
	return error;
}

/* `index` < section_count. */
void drv_read_section(const struct drv_object *object, unsigned index,
		      struct elf64_section_header *section);
/* `index` < symbol_count. */
void drv_read_symbol(const struct drv_object *object, uint64_t index, struct elf64_symbol *symbol);
/* The symbol's name, or "" where it lies outside of the strings. */
const char *drv_symbol_name(const struct drv_object *object, const struct elf64_symbol *symbol);
const char *drv_section_name(const struct drv_object *object,
			     const struct elf64_section_header *section);
/* It needs a definition from outside. */
bool drv_symbol_is_needed(const struct drv_object *object, const struct elf64_symbol *symbol);

static inline bool drv_is_loaded(const struct drv_object *object, unsigned section)
{
	return section < object->section_count && object->placed[section] != DRV_NOT_LOADED;
}

static inline enum drv_segment drv_segment_of(const struct drv_object *object, unsigned section)
{
	return (enum drv_segment)(object->placed[section] >> 28);
}

static inline size_t drv_offset_of(const struct drv_object *object, unsigned section)
{
	return object->placed[section] & 0xfffffff;
}

/* A relocation of a section that is loaded, of a type that is accepted if drv_check_relocations() was content. */
struct drv_relocation {
	unsigned section; /* that it changes */
	uint64_t offset, symbol;
	uint32_t type;
	int64_t addend;
};

struct drv_relocation_walk {
	struct elf64_section_header table;
	unsigned section; /* of the table */
	uint64_t next;    /* entry of it */
};

/* The next of all relocations, or false. *walk is zero at first. */
bool drv_next_relocation(const struct drv_object *object, struct drv_relocation_walk *walk,
			 struct drv_relocation *relocation);
/* How many bytes it changes; 0: the type is not accepted. */
unsigned drv_relocation_width(uint32_t type);
bool drv_relocation_needs_slot(const struct drv_object *object,
			       const struct drv_relocation *relocation);

/* Decides what is loaded, and where; slots and stubs come last, by drv_add_slots(). */
int must_check drv_lay_out(struct drv_object *object, const char **reason);
int must_check drv_check_relocations(struct drv_object *object, const char **reason);
int must_check drv_add_slots(struct drv_object *object, uint64_t first, uint64_t count,
			     const char **reason);
int must_check drv_check_record(struct drv_object *object, const char **reason);
