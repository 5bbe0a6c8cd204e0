/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For dump.c and dump_record.c. */
#pragma once

#include <hmfs/dump.h>

#include "map.h"

struct hmfs_dump {
	hmfs_dump_line *line;
	void *context;
	bool records;
	char text[1024];
};
void hmfs_dump_print(struct hmfs_dump *dump, const char *format, ...) printf_like(2, 3);
/* A line for the entry of a map, and more for the runs of a chunk. */
void hmfs_dump_record(struct hmfs_dump *dump, uint32_t hash, const struct hmfs_key *key,
		      const struct hmfs_value *value);
