/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams in memory, and datasets compared. */
#pragma once

#include <hmfs/stream.h>

#include "memory_volume.h"

struct stream_bytes {
	uint8_t *bytes; /* free() it */
	size_t length, room, read;
};
int stream_write(void *stream, const void *bytes, size_t length);
ssize_t stream_read(void *stream, void *bytes, size_t length);

/* All that one can see of the two datasets is the same, but numbers of commits and the like. */
void stream_compare(struct memory_volume *a, uint32_t a_dataset, struct memory_volume *b,
		    uint32_t b_dataset);

/* A second volume beside the one of memory_volume_make(), with another identity. */
void stream_make_other(struct memory_volume *volume);
void stream_end_other(struct memory_volume *volume);
