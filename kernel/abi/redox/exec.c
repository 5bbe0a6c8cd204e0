/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How programs begin: on the stack, from the stack pointer up, are argc, argv, 0, envp, 0 and the
 * auxiliary vector; a copy of the program headers and the strings are above. All is 8-aligned;
 * programs align the rest themselves.
 */
#include "redox.h"

#include <base/string.h>
#include <mm/phys/slab.h>
#include <mm/vm/aspace.h>
#include <proc/exec.h>

#define AUXILIARY_COUNT 5

static void add_auxiliary(uint64_t *words, const struct exec_image *image, uintptr_t headers)
{
	const uint64_t vector[AUXILIARY_COUNT][2] = {
		{ REDOX_AT_ENTRY, image->entry },
		{ REDOX_AT_PHDR, headers },
		{ REDOX_AT_PHENT, sizeof(*image->headers) },
		{ REDOX_AT_PHNUM, image->program_header_count },
		{ REDOX_AT_NULL, 0 },
	};

	memcpy(words, vector, sizeof(vector));
}

static int put_strings(const struct exec_strings *strings, uintptr_t at)
{
	return strings->length ? redox_put(at, strings->bytes, strings->length) : 0;
}

/* For /proc/PID/cmdline and environ. */
static void set_places(const struct exec_image *image, uintptr_t arguments, uintptr_t environment)
{
	struct aspace *aspace = image->aspace;

	aspace->arguments_start = arguments;
	aspace->arguments_end = arguments + image->arguments.length;
	aspace->environment_start = environment;
	aspace->environment_end = environment + image->environment.length;
}

int redox_build_stack(struct exec_image *image, uintptr_t *stack_pointer)
{
	size_t words = 3 + image->arguments.count + image->environment.count + 2 * AUXILIARY_COUNT;
	uintptr_t environment = image->stack_top - image->environment.length;
	uintptr_t arguments = environment - image->arguments.length;
	size_t headers_size = image->program_header_count * sizeof(*image->headers);
	uintptr_t headers = align_down(arguments - headers_size, sizeof(uint64_t));
	uintptr_t table = headers - words * sizeof(uint64_t);
	uint64_t *copy = kcalloc(words, sizeof(*copy)), *at = copy;
	int error;

	if (!copy)
		return -ENOMEM;
	*at++ = image->arguments.count;
	at = exec_strings_add_addresses(&image->arguments, arguments, at);
	at = exec_strings_add_addresses(&image->environment, environment, at);
	add_auxiliary(at, image, headers);
	error = put_strings(&image->environment, environment);
	if (!error)
		error = put_strings(&image->arguments, arguments);
	if (!error)
		error = redox_put(headers, image->headers, headers_size);
	if (!error)
		error = redox_put(table, copy, words * sizeof(*copy));
	kfree(copy);
	set_places(image, arguments, environment);
	*stack_pointer = table;
	return error;
}
