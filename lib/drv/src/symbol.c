/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of symbols: what an object needs, and which functions it has. */
#include "drv_priv.h"

#include <base/string.h>

void drv_read_symbol(const struct drv_object *object, uint64_t index, struct elf64_symbol *symbol)
{
	memcpy(symbol, object->bytes + object->symbols + index * sizeof(*symbol), sizeof(*symbol));
}

const char *drv_symbol_name(const struct drv_object *object, const struct elf64_symbol *symbol)
{
	if (symbol->name >= object->strings_size)
		return "";
	return (const char *)object->bytes + object->strings + symbol->name;
}

bool drv_symbol_is_needed(const struct drv_object *object, const struct elf64_symbol *symbol)
{
	/* Assemblers ask for the table's own name whether or not the code does. */
	return symbol->shndx == ELF_SYMBOL_UNDEFINED && symbol->info >> 4 == ELF_SYMBOL_GLOBAL &&
	       strcmp(drv_symbol_name(object, symbol), "_GLOBAL_OFFSET_TABLE_") != 0;
}

const char *drv_next_needed(const struct drv_object *object, size_t *position)
{
	struct elf64_symbol symbol;

	while (++*position < object->symbol_count) {
		drv_read_symbol(object, *position, &symbol);
		if (drv_symbol_is_needed(object, &symbol))
			return drv_symbol_name(object, &symbol);
	}
	*position = object->symbol_count;
	return NULL;
}

const char *drv_find_function(const struct drv_object *object, size_t offset, size_t *begin)
{
	struct elf64_symbol symbol, best = { .size = 0 };
	bool found = false;

	for (uint64_t i = 1; i < object->symbol_count; i++) {
		size_t at;

		drv_read_symbol(object, i, &symbol);
		if ((symbol.info & 0xf) != ELF_SYMBOL_FUNCTION ||
		    !drv_is_loaded(object, symbol.shndx) ||
		    drv_segment_of(object, symbol.shndx) != DRV_CODE)
			continue;
		at = drv_offset_of(object, symbol.shndx) + symbol.value;
		if (offset < at || offset - at >= symbol.size || (found && at < *begin))
			continue;
		found = true;
		best = symbol;
		*begin = at;
	}
	return found ? drv_symbol_name(object, &best) : NULL;
}
