/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files beside plain bytes in memory that must be the same. */
#pragma once

#include <base/types.h>

#include <hmfs/file.h>

#include "memory_volume.h"

#define MODEL_SIZE_MAX (1u << 20)

struct model_file {
	struct hmfs_id id;
	uint8_t *bytes; /* MODEL_SIZE_MAX, zeros behind the size */
	uint64_t size;
};

/* An empty file, in no directory, which is held. */
void model_create(struct memory_volume *volume, struct model_file *file);
/* Forgets the bytes, and lets go of the file. */
void model_destroy(struct memory_volume *volume, struct model_file *file);

/* Do the same to the file and to the bytes. Results are those of the file; with an error the bytes
 * stay, but see model_write(). */
int model_write(struct memory_volume *volume, struct model_file *file, uint64_t offset,
		const void *bytes, size_t size);
int model_resize(struct memory_volume *volume, struct model_file *file, uint64_t size);
int model_punch(struct memory_volume *volume, struct model_file *file, uint64_t offset,
		uint64_t length);
int model_allocate(struct memory_volume *volume, struct model_file *file, uint64_t offset,
		   uint64_t length, bool keep_size);
int model_clone(struct memory_volume *volume, struct model_file *from, uint64_t from_offset,
		struct model_file *to, uint64_t to_offset, uint64_t length);

/* The file has the size and all the bytes; what the seeks say fits. */
void model_compare(struct memory_volume *volume, const struct model_file *file);
/* Something, anywhere; then compares. Errors but `allowed` (0: none) fail the test. With an error
 * of a write the bytes become what the file has, which may be a mixture. */
void model_do_something(struct memory_volume *volume, struct model_file *files, unsigned count,
			uint64_t *state, int allowed);

/* Unmounts it, has it checked, contents too, and mounts it: nothing may be wrong. */
void model_check(struct memory_volume *volume);
