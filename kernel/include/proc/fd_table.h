/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Descriptor tables: small numbers that name open file descriptions. A table is shared by the
 * threads of a process and by CLONE_FILES.
 */
#pragma once

#include <scheme/file.h>
#include <sync/spinlock.h>

#define FD_TABLE_MAX 65536

struct fd_entry {
	struct file *file; /* a reference, or NULL */
	bool close_on_exec;
	bool reserved; /* taken by fd_reserve(), not installed yet */
};

struct fd_table {
	struct refcount references; /* processes */
	struct spinlock lock;       /* RANK_PROCESS: entries, capacity */
	struct fd_entry *entries;
	size_t capacity;
	size_t lowest_free; /* no free number is below */
};

struct fd_table *fd_table_create(void);
/* A copy for fork: same descriptions. NULL: out of memory. */
struct fd_table *fd_table_copy(struct fd_table *from);
void fd_table_get(struct fd_table *table);
/* The last put closes everything. */
void fd_table_put(struct fd_table *table);

/* Of the current process. The file with a reference, or NULL (EBADF). FILE_PATH descriptions
 * are only found by fd_get_any(). */
struct file *fd_get(int fd);
struct file *fd_get_any(int fd);
/* fd_get_any() for the time of one system call, to be ended with fd_return(): a process with one
 * thread and a table of its own needs no reference. No descriptor is closed or replaced in
 * between. */
struct fd_loan {
	struct file *file; /* NULL: EBADF */
	bool counted;
};
struct fd_loan fd_borrow(int fd);
static inline void fd_return(struct fd_loan loan)
{
	if (loan.counted)
		file_put(loan.file);
}
/* Takes the lowest free number >= `from` (and below RLIMIT_NOFILE): it or -EMFILE, -ENOMEM. */
int must_check fd_reserve(int from);
/* Puts `file` (reference taken over) into a reserved number; cannot fail. */
void fd_install(int fd, struct file *file, bool close_on_exec);
/* Gives a reserved number back. */
void fd_cancel(int fd);
/* fd_reserve + fd_install; drops the reference on failure. */
int must_check fd_add(struct file *file, bool close_on_exec);
/* Puts `file` (taken over) at exactly `fd`, closing what was there. `fd` or an error. */
int must_check fd_replace(int fd, struct file *file, bool close_on_exec);
int fd_close(int fd);
/* Closes [first, last]; `only_mark`: sets close-on-exec instead. */
void fd_close_range(unsigned first, unsigned last, bool only_mark);
/* 0 or 1, or -EBADF; sets it. */
int fd_close_on_exec(int fd);
int fd_set_close_on_exec(int fd, bool value);
/* exec: closes the marked ones. */
void fd_table_exec(struct fd_table *table);
/* Looks into another process's table: a reference or NULL; and the next used number >= fd. */
struct file *fd_table_find(struct fd_table *table, int fd);
int fd_table_next(struct fd_table *table, int fd);
