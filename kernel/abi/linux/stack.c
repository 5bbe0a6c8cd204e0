/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The stack of a new program (System V ABI, AMD64 supplement, 3.4.1): from the stack pointer
 * up argc, argv, 0, envp, 0, the auxiliary vector; the strings and 16 random bytes above.
 */
#include "linux.h"

#include <arch/mmu.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <mm/vm/aspace.h>
#include <proc/exec.h>
#include <proc/process.h>
#include <scheme/random.h>

#include "hardware.h"

enum auxiliary_type {
	AUX_NULL = 0,
	AUX_PROGRAM_HEADERS = 3,
	AUX_PROGRAM_HEADER_SIZE = 4,
	AUX_PROGRAM_HEADER_COUNT = 5,
	AUX_PAGE_SIZE = 6,
	AUX_BASE = 7,
	AUX_FLAGS = 8,
	AUX_ENTRY = 9,
	AUX_UID = 11,
	AUX_EUID = 12,
	AUX_GID = 13,
	AUX_EGID = 14,
	AUX_PLATFORM = 15,
	AUX_HARDWARE = 16,
	AUX_CLOCK_TICKS = 17,
	AUX_SECURE = 23,
	AUX_RANDOM = 25,
	AUX_HARDWARE_2 = 26,
	AUX_EXECUTABLE_NAME = 31,
};

#define AUX_COUNT       19
#define RANDOM_SIZE     16
#define CLOCK_TICKS     100
#define PROGRAM_HEADER  56
#define STACK_ALIGNMENT 16

/* Where things lie, found before anything is written. */
struct layout {
	uintptr_t arguments, environment, name, platform, random;
	uintptr_t table; /* argc */
	size_t words;    /* of the table */
};

static void plan(const struct exec_image *image, struct layout *layout)
{
	uintptr_t at = image->stack_top - sizeof(uint64_t);

	layout->name = at -= strlen(image->path) + 1;
	layout->environment = at -= image->environment.length;
	layout->arguments = at -= image->arguments.length;
	layout->platform = at -= strlen(linux_platform) + 1;
	layout->random = at = align_down(at - RANDOM_SIZE, STACK_ALIGNMENT);
	layout->words =
		1 + image->arguments.count + 1 + image->environment.count + 1 + 2 * AUX_COUNT;
	layout->table = align_down(at - layout->words * sizeof(uint64_t), STACK_ALIGNMENT);
}

static int write_strings(const struct exec_image *image, const struct layout *layout)
{
	uint8_t random[RANDOM_SIZE];
	int error;

	random_bytes(random, sizeof(random));
	error = linux_put(layout->random, random, sizeof(random));
	if (!error)
		error = linux_put(layout->platform, linux_platform, strlen(linux_platform) + 1);
	if (!error && image->arguments.length)
		error = linux_put(layout->arguments, image->arguments.bytes,
				  image->arguments.length);
	if (!error && image->environment.length)
		error = linux_put(layout->environment, image->environment.bytes,
				  image->environment.length);
	if (!error)
		error = linux_put(layout->name, image->path, strlen(image->path) + 1);
	return error;
}

static uint64_t *add_auxiliary(uint64_t *words, const struct exec_image *image,
			       const struct layout *layout)
{
	const struct credentials *credentials = credentials_current();
	const uint64_t vector[AUX_COUNT][2] = {
		{ AUX_HARDWARE, linux_hardware_capabilities() },
		{ AUX_PAGE_SIZE, PAGE_SIZE },
		{ AUX_CLOCK_TICKS, CLOCK_TICKS },
		{ AUX_PROGRAM_HEADERS, image->program_headers },
		{ AUX_PROGRAM_HEADER_SIZE, PROGRAM_HEADER },
		{ AUX_PROGRAM_HEADER_COUNT, image->program_header_count },
		{ AUX_BASE, image->base },
		{ AUX_FLAGS, 0 },
		{ AUX_ENTRY, image->entry },
		{ AUX_UID, credentials->uid },
		{ AUX_EUID, credentials->euid },
		{ AUX_GID, credentials->gid },
		{ AUX_EGID, credentials->egid },
		{ AUX_SECURE, image->secure },
		{ AUX_RANDOM, layout->random },
		{ AUX_HARDWARE_2, linux_hardware_capabilities_2() },
		{ AUX_EXECUTABLE_NAME, layout->name },
		{ AUX_PLATFORM, layout->platform },
		{ AUX_NULL, 0 },
	};

	memcpy(words, vector, sizeof(vector));
	return words + 2 * AUX_COUNT;
}

int linux_build_stack(struct exec_image *image, uintptr_t *stack_pointer)
{
	struct aspace *aspace = image->aspace;
	struct layout layout;
	uint64_t *table, *words;
	int error;

	plan(image, &layout);
	table = kcalloc(layout.words, sizeof(*table));
	if (!table)
		return -ENOMEM;
	words = table;
	*words++ = image->arguments.count;
	words = exec_strings_add_addresses(&image->arguments, layout.arguments, words);
	words = exec_strings_add_addresses(&image->environment, layout.environment, words);
	aspace->auxiliary_vector = layout.table + (uintptr_t)((char *)words - (char *)table);
	aspace->auxiliary_vector_size = 2 * AUX_COUNT * sizeof(uint64_t);
	words = add_auxiliary(words, image, &layout);

	error = write_strings(image, &layout);
	if (!error)
		error = linux_put(layout.table, table, layout.words * sizeof(*table));
	kfree(table);
	aspace->arguments_start = layout.arguments;
	aspace->arguments_end = layout.arguments + image->arguments.length;
	aspace->environment_start = layout.environment;
	aspace->environment_end = layout.environment + image->environment.length;
	*stack_pointer = layout.table;
	return error;
}
