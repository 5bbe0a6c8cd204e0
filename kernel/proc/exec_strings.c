/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growing buffers of strings. */
#include <proc/exec.h>

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>

/* Up to here the bytes are kmalloc'ed: freeing what is mapped in the kernel window interrupts
 * all CPUs. */
#define CAPACITY_SMALL 4096

static void free_bytes(struct exec_strings *strings)
{
	if (strings->capacity > CAPACITY_SMALL)
		kernel_vfree(strings->bytes);
	else
		kfree(strings->bytes);
}

static int grow(struct exec_strings *strings, size_t wanted)
{
	size_t capacity = strings->capacity ? strings->capacity : CAPACITY_SMALL;
	char *bytes;

	while (capacity < wanted)
		capacity *= 2;
	bytes = capacity > CAPACITY_SMALL ? kernel_vmalloc(capacity) : kmalloc(capacity);
	if (!bytes)
		return -ENOMEM;
	if (strings->bytes) {
		memcpy(bytes, strings->bytes, strings->length);
		free_bytes(strings);
	}
	strings->bytes = bytes;
	strings->capacity = capacity;
	return 0;
}

int exec_strings_add(struct exec_strings *strings, const char *string, size_t length)
{
	if (length >= EXEC_STRING_MAX || length >= EXEC_STRINGS_MAX - strings->length)
		return -E2BIG;
	if (strings->length + length + 1 > strings->capacity) {
		int error = grow(strings, strings->length + length + 1);

		if (error)
			return error;
	}
	memcpy(strings->bytes + strings->length, string, length);
	strings->bytes[strings->length + length] = 0;
	strings->length += length + 1;
	strings->count++;
	return 0;
}

void exec_strings_free(struct exec_strings *strings)
{
	free_bytes(strings);
	*strings = (struct exec_strings){ 0 };
}

uint64_t *exec_strings_add_addresses(const struct exec_strings *strings, uintptr_t at,
				     uint64_t *words)
{
	const char *bytes = strings->bytes;

	for (size_t i = 0; i < strings->count; i++) {
		size_t size = strlen(bytes) + 1;

		*words++ = at;
		bytes += size;
		at += size;
	}
	*words++ = 0;
	return words;
}
