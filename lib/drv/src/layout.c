/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which sections are loaded, and where in the three segments. */
#include "drv_priv.h"

#include <base/bits.h>
#include <base/checked.h>
#include <base/errno.h>
#include <base/string.h>

/* Constants that hold addresses are marked as writable, for who relocates them. */
static bool is_constant_once_relocated(const char *name)
{
	return string_starts_with(name, ".data.rel.ro") || strcmp(name, ".ddk") == 0 ||
	       strcmp(name, ".drivers") == 0;
}

static bool is_passed_over(const struct drv_object *object,
			   const struct elf64_section_header *section)
{
	return !(section->flags & ELF_SECTION_ALLOCATED) || section->type == ELF_SECTION_NOTE ||
	       section->type == ELF_SECTION_NULL || section->type == ELF_SECTION_X86_64_UNWIND ||
	       strcmp(drv_section_name(object, section), ".eh_frame") == 0;
}

static int check_kind(const struct elf64_section_header *section, const char *name,
		      const char **reason)
{
	if (section->type != ELF_SECTION_PROGBITS && section->type != ELF_SECTION_NOBITS)
		return drv_refuse(reason, -EOPNOTSUPP,
				  "it has constructors, or sections of an unknown type");
	if (string_starts_with(name, ".ctors") || string_starts_with(name, ".dtors"))
		return drv_refuse(reason, -EOPNOTSUPP, "it has constructors");
	if (section->flags & ELF_SECTION_TLS)
		return drv_refuse(reason, -EOPNOTSUPP, "it has variables of threads");
	if (section->flags & ELF_SECTION_COMPRESSED)
		return drv_refuse(reason, -EOPNOTSUPP, "it has compressed sections");
	if ((section->flags & ELF_SECTION_WRITE) && (section->flags & ELF_SECTION_EXECUTE))
		return drv_refuse(reason, -EOPNOTSUPP, "a section is writable and executable");
	if (section->addralign > DRV_PAGE ||
	    (section->addralign != 0 && !is_power_of_two(section->addralign)))
		return drv_refuse(reason, -EINVAL, "a section's alignment makes no sense");
	return 0;
}

static enum drv_segment segment_for(const struct elf64_section_header *section, const char *name)
{
	if (section->flags & ELF_SECTION_EXECUTE)
		return DRV_CODE;
	if (!(section->flags & ELF_SECTION_WRITE) || is_constant_once_relocated(name))
		return DRV_CONSTANTS;
	return DRV_DATA;
}

/* Takes `size` bytes off the end of the segment; *offset is where. */
static int take(struct drv_object *object, enum drv_segment segment, uint64_t size,
		uint64_t alignment, uint64_t *offset, const char **reason)
{
	uint64_t begin = align_up(object->size[segment], alignment ? alignment : 1);

	if (size > DRV_SIZE_MAX || begin + size > DRV_SIZE_MAX)
		return drv_refuse(reason, -E2BIG, "it needs too much memory");
	object->size[segment] = begin + size;
	*offset = begin;
	return 0;
}

static int place(struct drv_object *object, unsigned index,
		 const struct elf64_section_header *section, const char **reason)
{
	const char *name = drv_section_name(object, section);
	enum drv_segment segment = segment_for(section, name);
	int error = check_kind(section, name, reason);
	uint64_t offset;

	if (!error)
		error = take(object, segment, section->size, section->addralign, &offset, reason);
	if (!error)
		object->placed[index] = (uint32_t)segment << 28 | (uint32_t)offset;
	return error;
}

int drv_lay_out(struct drv_object *object, const char **reason)
{
	for (unsigned i = 0; i < object->section_count; i++) {
		struct elf64_section_header section;
		int error;

		object->placed[i] = DRV_NOT_LOADED;
		drv_read_section(object, i, &section);
		if (is_passed_over(object, &section))
			continue;
		error = place(object, i, &section, reason);
		if (error)
			return error;
	}
	return 0;
}

int drv_add_slots(struct drv_object *object, uint64_t first, uint64_t count, const char **reason)
{
	int error;

	object->slots_first = first;
	object->slots_count = count;
	error = take(object, DRV_CODE, count * DRV_SLOT_SIZE, DRV_SLOT_SIZE, &object->stubs_offset,
		     reason);
	if (!error)
		error = take(object, DRV_CONSTANTS, count * DRV_SLOT_SIZE, DRV_SLOT_SIZE,
			     &object->slots_offset, reason);
	if (error)
		return error;
	for (unsigned i = 0; i < DRV_SEGMENTS; i++)
		object->size[i] = align_up(object->size[i], DRV_PAGE);
	return 0;
}
