/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors of the current process. */
#include "fd_table_private.h"
#include "process_private.h"

#include <base/errno.h>
#include <proc/personality.h>
#include <proc/process.h>

static struct fd_table *current_table(void)
{
	return process_current()->fd_table;
}

/* Numbers stay below. */
static uint64_t limit(void)
{
	return process_current()->personality->many_descriptors ? FD_TABLE_MAX
								: process_limit(RESOURCE_FILES);
}

struct file *fd_get_any(int fd)
{
	return fd_table_find(current_table(), fd);
}

struct file *fd_get(int fd)
{
	struct file *file = fd_get_any(fd);

	if (file && file->flags & FILE_PATH) {
		file_put(file);
		return NULL;
	}
	return file;
}

struct fd_loan fd_borrow(int fd)
{
	struct process *process = process_current();
	struct fd_table *table = process->fd_table;
	struct fd_loan loan = { NULL, false };

	if (!process_is_single(process) || refcount_read(&table->references) > 1) {
		loan.file = fd_table_find(table, fd);
		loan.counted = loan.file != NULL;
	} else if (fd >= 0 && (size_t)fd < table->capacity) {
		loan.file = table->entries[fd].file;
	}
	return loan;
}

int fd_reserve(int from)
{
	return fd_table_reserve(current_table(), from, limit());
}

void fd_install(int fd, struct file *file, bool close_on_exec)
{
	fd_table_install(current_table(), fd, file, close_on_exec);
}

void fd_cancel(int fd)
{
	fd_table_cancel(current_table(), fd);
}

int fd_add(struct file *file, bool close_on_exec)
{
	int fd = fd_reserve(0);

	if (fd < 0)
		file_put(file);
	else
		fd_install(fd, file, close_on_exec);
	return fd;
}

int fd_replace(int fd, struct file *file, bool close_on_exec)
{
	return fd_table_replace(current_table(), fd, file, close_on_exec, limit());
}

int fd_close(int fd)
{
	return fd_table_close(current_table(), fd);
}

int fd_set_close_on_exec(int fd, bool value)
{
	struct fd_table *table = current_table();
	int error = -EBADF;

	spin_lock(&table->lock);
	if (fd >= 0 && (size_t)fd < table->capacity && table->entries[fd].file) {
		table->entries[fd].close_on_exec = value;
		error = 0;
	}
	spin_unlock(&table->lock);
	return error;
}

int fd_close_on_exec(int fd)
{
	bool close_on_exec;
	struct file *file = fd_table_get_file(current_table(), fd, &close_on_exec);

	if (!file)
		return -EBADF;
	file_put(file);
	return close_on_exec;
}

void fd_close_range(unsigned first, unsigned last, bool only_mark)
{
	struct fd_table *table = current_table();
	int fd = first < FD_TABLE_MAX ? fd_table_next(table, (int)first) : -EBADF;

	while (fd >= 0 && (unsigned)fd <= last) {
		/* Another thread may close it first, which is as good. */
		if (only_mark)
			(void)fd_set_close_on_exec(fd, true);
		else
			(void)fd_table_close(table, fd);
		fd = fd_table_next(table, fd + 1);
	}
}
