/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes an object that was opened to its places. */
#include "drv_priv.h"

#include <base/errno.h>
#include <base/string.h>

struct loading {
	const struct drv_object *object;
	const struct drv_load *load;
	const char **reason, **missing;
};

static uint8_t *memory_at(const struct loading *loading, enum drv_segment segment, size_t offset)
{
	return (uint8_t *)loading->load->places[segment].memory + offset;
}

static uint64_t address_at(const struct loading *loading, enum drv_segment segment, size_t offset)
{
	return loading->load->places[segment].address + offset;
}

static uint64_t address_of_section(const struct loading *loading, unsigned section)
{
	const struct drv_object *object = loading->object;

	return address_at(loading, drv_segment_of(object, section), drv_offset_of(object, section));
}

static uint8_t *memory_of_section(const struct loading *loading, unsigned section)
{
	const struct drv_object *object = loading->object;

	return memory_at(loading, drv_segment_of(object, section), drv_offset_of(object, section));
}

static void copy_sections(const struct loading *loading)
{
	const struct drv_object *object = loading->object;

	for (unsigned i = 0; i < object->section_count; i++) {
		struct elf64_section_header section;

		if (!drv_is_loaded(object, i))
			continue;
		drv_read_section(object, i, &section);
		if (section.type != ELF_SECTION_NOBITS && section.size > 0)
			memcpy(memory_of_section(loading, i), object->bytes + section.offset,
			       section.size);
	}
}

static int find_outside(const struct loading *loading, const struct elf64_symbol *symbol,
			uint64_t *address)
{
	const char *name = drv_symbol_name(loading->object, symbol);

	*address = loading->load->find(loading->load->context, name);
	if (*address == 0 && drv_symbol_is_needed(loading->object, symbol)) {
		*loading->missing = name;
		return drv_refuse(loading->reason, -ENOENT, "it needs what nobody supplies");
	}
	return 0;
}

static int find_symbol(const struct loading *loading, uint64_t index, uint64_t *address)
{
	struct elf64_symbol symbol;

	*address = 0;
	drv_read_symbol(loading->object, index, &symbol);
	if (symbol.shndx == ELF_SYMBOL_UNDEFINED)
		return find_outside(loading, &symbol, address);
	if (drv_is_loaded(loading->object, symbol.shndx))
		*address = address_of_section(loading, symbol.shndx) + symbol.value;
	return 0;
}

/* The distance from `place` to `target`, where it fits into 32 bits. */
static int must_check distance(const struct loading *loading, uint64_t target, uint64_t place,
			       int32_t *result)
{
	int64_t difference = (int64_t)(target - place);

	*result = (int32_t)difference;
	if (difference != *result)
		return drv_refuse(loading->reason, -ERANGE, "its parts lie too far apart");
	return 0;
}

/* A stub is `jmp *slot(%rip)`, and two bytes that trap. */
static int write_stub(const struct loading *loading, uint64_t index, uint64_t slot)
{
	size_t offset = loading->object->stubs_offset + index * DRV_SLOT_SIZE;
	uint8_t *stub = memory_at(loading, DRV_CODE, offset);
	int32_t to_slot;
	int error = distance(loading, slot, address_at(loading, DRV_CODE, offset) + 6, &to_slot);

	if (error)
		return error;
	stub[0] = 0xff;
	stub[1] = 0x25;
	memcpy(stub + 2, &to_slot, sizeof(to_slot));
	stub[6] = 0xcc;
	stub[7] = 0xcc;
	return 0;
}

static int write_slots(const struct loading *loading)
{
	const struct drv_object *object = loading->object;

	for (uint64_t i = 0; i < object->slots_count; i++) {
		size_t offset = object->slots_offset + i * DRV_SLOT_SIZE;
		uint64_t address;
		int error = find_symbol(loading, object->slots_first + i, &address);

		if (!error)
			error = write_stub(loading, i, address_at(loading, DRV_CONSTANTS, offset));
		if (error)
			return error;
		memcpy(memory_at(loading, DRV_CONSTANTS, offset), &address, sizeof(address));
	}
	return 0;
}

/* What the relocation refers to: the symbol, its slot or its stub. */
static int find_target(const struct loading *loading, const struct drv_relocation *relocation,
		       uint64_t *target)
{
	const struct drv_object *object = loading->object;
	size_t slot = (relocation->symbol - object->slots_first) * DRV_SLOT_SIZE;

	if (!drv_relocation_needs_slot(object, relocation))
		return find_symbol(loading, relocation->symbol, target);
	if (relocation->type == ELF_X86_64_PLT32)
		*target = address_at(loading, DRV_CODE, object->stubs_offset + slot);
	else
		*target = address_at(loading, DRV_CONSTANTS, object->slots_offset + slot);
	return 0;
}

static int relocate(const struct loading *loading, const struct drv_relocation *relocation)
{
	uint8_t *memory = memory_of_section(loading, relocation->section) + relocation->offset;
	uint64_t place = address_of_section(loading, relocation->section) + relocation->offset;
	uint64_t target;
	int32_t near;
	int error = find_target(loading, relocation, &target);

	if (error)
		return error;
	target += (uint64_t)relocation->addend;
	if (drv_relocation_width(relocation->type) == sizeof(target)) {
		if (relocation->type == ELF_X86_64_PC64)
			target -= place;
		memcpy(memory, &target, sizeof(target));
		return 0;
	}
	error = distance(loading, target, place, &near);
	if (!error)
		memcpy(memory, &near, sizeof(near));
	return error;
}

/* Also what is needed and no relocation refers to is to be there. */
static int check_needed(const struct loading *loading)
{
	const struct drv_load *load = loading->load;
	const char *name;
	size_t position = 0;

	while ((name = drv_next_needed(loading->object, &position)) != NULL) {
		if (load->find(load->context, name) != 0)
			continue;
		*loading->missing = name;
		return drv_refuse(loading->reason, -ENOENT, "it needs what nobody supplies");
	}
	return 0;
}

int drv_load(const struct drv_object *object, const struct drv_load *load, struct driver *driver,
	     const char **reason, const char **missing)
{
	struct loading loading = { object, load, reason, missing };
	struct drv_relocation_walk walk = { .next = 0 };
	struct drv_relocation relocation;
	int error;

	*reason = NULL;
	*missing = NULL;
	copy_sections(&loading);
	error = check_needed(&loading);
	if (!error)
		error = write_slots(&loading);
	while (!error && drv_next_relocation(object, &walk, &relocation))
		error = relocate(&loading, &relocation);
	if (error)
		return error;
	memset(driver, 0, sizeof(*driver));
	memcpy(driver, memory_of_section(&loading, object->driver.section) + object->driver.offset,
	       object->driver_size);
	return 0;
}
