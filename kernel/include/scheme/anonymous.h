/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open files that have no name: what descriptors of events, timers and sockets are. */
#pragma once

#include <scheme/file.h>

/* A description of a new stream node with `mode` (type and permissions) and `ops`, open for
 * reading and writing; `private` is the caller's until this succeeds. `flags`: FILE_NONBLOCK and
 * the like. -ENOMEM. */
int must_check anonymous_file_create(const struct node_ops *ops, uint32_t mode, unsigned flags,
				     const struct credentials *credentials, void *private,
				     struct file **file);
