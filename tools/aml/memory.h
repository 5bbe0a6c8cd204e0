/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What operation regions of a machine that is not there hold: zeros, until something is written. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct memory;

struct memory *memory_create(void);
void memory_destroy(struct memory *memory);

/* Reads or writes `bytes` (1 to 8) in little endian order; each space has addresses of its own. False: more
 * was written than is kept. */
bool memory_access(struct memory *memory, unsigned space, uint64_t address, unsigned bytes,
		   bool write, uint64_t *value);
