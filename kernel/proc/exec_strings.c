/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growing buffers of strings. */
#include <proc/exec.h>

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/kernel_map.h>

#define CAPACITY_FIRST 4096

static int grow(struct exec_strings *strings, size_t wanted)
{
	size_t capacity = strings->capacity ? strings->capacity : CAPACITY_FIRST;
	char *bytes;

	while (capacity < wanted)
		capacity *= 2;
	bytes = kernel_vmalloc(capacity);
	if (!bytes)
		return -ENOMEM;
	if (strings->bytes) {
		memcpy(bytes, strings->bytes, strings->length);
		kernel_vfree(strings->bytes);
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
	if (strings->bytes)
		kernel_vfree(strings->bytes);
	*strings = (struct exec_strings){ 0 };
}
