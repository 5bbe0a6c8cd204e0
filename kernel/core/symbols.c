/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looks addresses up in the symbol table that build/symbols.sh writes; the format stands there.
 */
#include <core/symbols.h>

#include <base/string.h>

#include <stdatomic.h>

struct symbol_entry {
	/* 0x00 */ uint32_t address; /* offset from kernel_image_start */
	/* 0x04 */ uint32_t name;    /* offset from the end of the entries */
};

struct symbol_table {
	/* 0x00 */ uint32_t count;
	/* 0x04 */ uint32_t end; /* offset of the first byte after the last function */
	/* 0x08 */ struct symbol_entry entries[];
};

_Static_assert(sizeof(struct symbol_entry) == 8, "symbol entry");
_Static_assert(offsetof(struct symbol_table, entries) == 8, "symbol table");

extern const struct symbol_table kernel_symbols_start; /* from build/symbols.sh */
extern const char kernel_image_start[];                /* from the linker script */

bool symbol_lookup(uintptr_t address, const char **name, size_t *offset)
{
	const struct symbol_table *table = &kernel_symbols_start;
	uintptr_t wanted = address - (uintptr_t)kernel_image_start;
	size_t low = 0, high = table->count;

	/* An address below the image wraps to a large offset, so this refuses it as well. */
	if (high == 0 || wanted >= table->end || wanted < table->entries[0].address)
		return false;
	/* entries[low] is at or below `wanted`, entries[high] above it or past the end. */
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (table->entries[middle].address <= wanted)
			low = middle;
		else
			high = middle;
	}
	*name = (const char *)&table->entries[table->count] + table->entries[low].name;
	*offset = wanted - table->entries[low].address;
	return true;
}

static bool (*_Atomic finder)(uintptr_t address, char *name, size_t size, size_t *offset);

void symbol_set_finder(bool (*find)(uintptr_t address, char *name, size_t size, size_t *offset))
{
	finder = find;
}

bool symbol_name(uintptr_t address, char *name, size_t size, size_t *offset)
{
	bool (*find)(uintptr_t, char *, size_t, size_t *) = finder;
	const char *own;

	if (!symbol_lookup(address, &own, offset))
		return find && find(address, name, size, offset);
	string_copy(name, own, size);
	return true;
}
