/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What clone and /proc need of file contexts besides proc/process.h. Private to proc. */
#pragma once

struct dentry;
struct file_context;

/* A copy for fork. NULL: out of memory. */
struct file_context *file_context_copy(struct file_context *from);
/* Both directories, with references. */
void file_context_directories(struct file_context *context, struct dentry **root,
			      struct dentry **working_directory);
