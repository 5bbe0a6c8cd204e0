/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pipes and FIFOs: 64 KiB of bytes between readers and writers. Writes of up to 4096 bytes
 * are atomic. Writing with no reader is -EPIPE (the ABI raises SIGPIPE).
 */
#pragma once

#include <scheme/file.h>

/* An anonymous pipe: two descriptions with `flags` (FILE_NONBLOCK, FILE_DIRECT). */
int must_check pipe_create(unsigned flags, struct credentials *credentials, struct file **reader,
			   struct file **writer);
/* What opening a FIFO node means: providers put these into their node's operations. */
extern const struct node_ops fifo_ops;
