/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptor tables by table instead of by current process, for proc and its tests. */
#pragma once

#include <proc/fd_table.h>

/* As the fd_ functions of proc/fd_table.h; `limit`: numbers stay below. */
int must_check fd_table_reserve(struct fd_table *table, int from, uint64_t limit);
void fd_table_install(struct fd_table *table, int fd, struct file *file, bool close_on_exec);
void fd_table_cancel(struct fd_table *table, int fd);
int must_check fd_table_replace(struct fd_table *table, int fd, struct file *file,
				bool close_on_exec, uint64_t limit);
int fd_table_close(struct fd_table *table, int fd);
/* FILE_PATH descriptions too; flags may be NULL. */
struct file *fd_table_get_file(struct fd_table *table, int fd, bool *close_on_exec);
