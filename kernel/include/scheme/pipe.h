/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pipes and FIFOs: 64 KiB of bytes between readers and writers. Writes of up to 4096 bytes
 * are atomic. Writing with no reader is -EPIPE (the ABI raises SIGPIPE). With FILE_DIRECT each
 * write of up to 4096 bytes is a packet: a read returns at most one, and drops what it had no
 * room for.
 */
#pragma once

#include <scheme/file.h>

/* An anonymous pipe: two descriptions with `flags` (FILE_NONBLOCK, FILE_DIRECT). */
int must_check pipe_create(unsigned flags, struct credentials *credentials, struct file **reader,
			   struct file **writer);
/* What opening a FIFO means: providers put it into the `open` of their FIFO nodes, whose
 * node->private is the pipe's. -ENXIO, -ERESTART, -ENOMEM. */
int fifo_open(struct node *node, struct file *file);
/* The capacity (F_GETPIPE_SZ), or -EBADF for what is not a pipe. */
int pipe_capacity(const struct file *file);
