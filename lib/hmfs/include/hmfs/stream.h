/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams: a dataset, or what changed between two, as bytes that another volume makes the same
 * dataset of. docs/formats/hmfs-stream.md has the format. Each record and the whole have
 * checksums. */
#pragma once

#include <hmfs/volume.h>

/* Writes `dataset` (a snapshot), or, with `base` not 0, what changed since that snapshot, by
 * `write`, which returns 0 or an error. */
int must_check hmfs_send(struct hmfs_volume *volume, uint32_t base, uint32_t dataset,
			 int (*write)(void *context, const void *bytes, size_t length),
			 void *context);
/* Makes dataset `name` (NULL: the stream's name) of the stream that `read` gives; `read`
 * returns bytes read, 0 at the end. An incremental stream needs the base here, found by the
 * identity that it came with. -EBADMSG (damaged), -ENOENT (no base), -EEXIST. What was begun is
 * deleted on errors. */
int must_check hmfs_receive(struct hmfs_volume *volume, const char *name,
			    ssize_t (*read)(void *context, void *bytes, size_t length),
			    void *context);
