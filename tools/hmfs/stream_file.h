/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stream of hmfs_send() or hmfs_receive() over a descriptor. */
#pragma once

#include <base/types.h>

struct stream_file {
	int file;
	bool failed; /* it was this one, not the volume */
	uint64_t done, total;
};
/* Contexts are struct stream_file. */
int stream_file_write(void *context, const void *bytes, size_t length);
ssize_t stream_file_read(void *context, void *bytes, size_t length);
