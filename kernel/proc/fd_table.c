/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Descriptor tables: growing arrays. Files are put and advisory locks dropped after the table's
 * lock was left, since both may sleep.
 */
#include "fd_table_private.h"

#include <base/errno.h>
#include <core/panic.h>
#include <mm/phys/slab.h>
#include <proc/process.h>

#define CAPACITY_FIRST 64

struct fd_table *fd_table_create(void)
{
	struct fd_table *table = kzalloc(sizeof(*table));

	if (!table)
		return NULL;
	refcount_init(&table->references, 1);
	spinlock_init(&table->lock, RANK_PROCESS, "fd table");
	return table;
}

void fd_table_get(struct fd_table *table)
{
	refcount_get(&table->references);
}

/* POSIX: closing any descriptor of a file drops the process's locks on it. */
static void close_file(struct fd_table *table, struct file *file)
{
	if (!(file->flags & FILE_PATH))
		file_unlock_all(file, table);
	file_put(file);
}

void fd_table_put(struct fd_table *table)
{
	if (!refcount_put(&table->references))
		return;
	for (size_t i = 0; i < table->capacity; i++) {
		if (table->entries[i].file)
			close_file(table, table->entries[i].file);
	}
	kfree(table->entries);
	kfree(table);
}

static bool is_free(const struct fd_entry *entry)
{
	return !entry->file && !entry->reserved;
}

/* Makes room for number `fd`. */
static int grow(struct fd_table *table, size_t fd)
{
	size_t capacity = CAPACITY_FIRST;
	struct fd_entry *entries, *old;

	while (capacity <= fd)
		capacity *= 2;
	entries = kcalloc(capacity, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	spin_lock(&table->lock);
	old = entries;
	if (capacity > table->capacity) {
		for (size_t i = 0; i < table->capacity; i++)
			entries[i] = table->entries[i];
		old = table->entries;
		table->entries = entries;
		table->capacity = capacity;
	}
	spin_unlock(&table->lock);
	kfree(old);
	return 0;
}

/* The lowest free number >= `from`, which may lie beyond the capacity. */
static size_t find_free(const struct fd_table *table, size_t from)
{
	size_t fd = from > table->lowest_free ? from : table->lowest_free;

	while (fd < table->capacity && !is_free(&table->entries[fd]))
		fd++;
	return fd;
}

int fd_table_reserve(struct fd_table *table, int from, uint64_t limit)
{
	size_t start = from > 0 ? (size_t)from : 0;

	limit = min_u64(limit, FD_TABLE_MAX);
	for (;;) {
		size_t fd;
		int error;

		spin_lock(&table->lock);
		fd = find_free(table, start);
		if (fd < limit && fd < table->capacity) {
			table->entries[fd].reserved = true;
			if (start <= table->lowest_free)
				table->lowest_free = fd + 1;
			spin_unlock(&table->lock);
			return (int)fd;
		}
		spin_unlock(&table->lock);
		if (fd >= limit)
			return -EMFILE;
		error = grow(table, fd);
		if (error)
			return error;
	}
}

void fd_table_install(struct fd_table *table, int fd, struct file *file, bool close_on_exec)
{
	struct fd_entry *entry;

	spin_lock(&table->lock);
	entry = &table->entries[fd];
	assert(entry->reserved);
	*entry = (struct fd_entry){ .file = file, .close_on_exec = close_on_exec };
	spin_unlock(&table->lock);
}

static void mark_free(struct fd_table *table, size_t fd)
{
	table->entries[fd] = (struct fd_entry){ 0 };
	if (fd < table->lowest_free)
		table->lowest_free = fd;
}

void fd_table_cancel(struct fd_table *table, int fd)
{
	spin_lock(&table->lock);
	assert(table->entries[fd].reserved);
	mark_free(table, (size_t)fd);
	spin_unlock(&table->lock);
}

int fd_table_replace(struct fd_table *table, int fd, struct file *file, bool close_on_exec,
		     uint64_t limit)
{
	struct fd_entry *entry;
	struct file *old;
	int error = -EBADF;

	if (fd < 0 || (uint64_t)fd >= min_u64(limit, FD_TABLE_MAX))
		goto err_put;
	error = (size_t)fd >= table->capacity ? grow(table, (size_t)fd) : 0;
	if (error)
		goto err_put;
	spin_lock(&table->lock);
	entry = &table->entries[fd];
	if (entry->reserved) {
		/* Another thread is opening something that will have this number. */
		spin_unlock(&table->lock);
		error = -EBUSY;
		goto err_put;
	}
	old = entry->file;
	*entry = (struct fd_entry){ .file = file, .close_on_exec = close_on_exec };
	spin_unlock(&table->lock);
	if (old)
		close_file(table, old);
	return fd;

err_put:
	file_put(file);
	return error;
}

int fd_table_close(struct fd_table *table, int fd)
{
	struct file *file = NULL;

	spin_lock(&table->lock);
	if (fd >= 0 && (size_t)fd < table->capacity) {
		file = table->entries[fd].file;
		if (file)
			mark_free(table, (size_t)fd);
	}
	spin_unlock(&table->lock);
	if (!file)
		return -EBADF;
	close_file(table, file);
	return 0;
}

struct file *fd_table_get_file(struct fd_table *table, int fd, bool *close_on_exec)
{
	struct file *file = NULL;

	spin_lock(&table->lock);
	if (fd >= 0 && (size_t)fd < table->capacity) {
		file = table->entries[fd].file;
		if (file)
			file_get(file);
		if (close_on_exec)
			*close_on_exec = table->entries[fd].close_on_exec;
	}
	spin_unlock(&table->lock);
	return file;
}

struct file *fd_table_find(struct fd_table *table, int fd)
{
	return fd_table_get_file(table, fd, NULL);
}

int fd_table_next(struct fd_table *table, int fd)
{
	size_t next = fd > 0 ? (size_t)fd : 0;

	spin_lock(&table->lock);
	while (next < table->capacity && !table->entries[next].file)
		next++;
	if (next >= table->capacity)
		next = SIZE_MAX;
	spin_unlock(&table->lock);
	return next == SIZE_MAX ? -EBADF : (int)next;
}

/* Copies what `from` holds into `to`, which has at least its capacity. */
static void copy_entries(struct fd_table *to, const struct fd_table *from)
{
	for (size_t i = 0; i < from->capacity; i++) {
		const struct fd_entry *entry = &from->entries[i];

		if (!entry->file)
			continue;
		file_get(entry->file);
		to->entries[i] = *entry;
	}
}

struct fd_table *fd_table_copy(struct fd_table *from)
{
	struct fd_table *table = fd_table_create();

	if (!table)
		return NULL;
	for (;;) {
		size_t capacity;

		spin_lock(&from->lock);
		capacity = from->capacity;
		if (capacity <= table->capacity) {
			copy_entries(table, from);
			spin_unlock(&from->lock);
			return table;
		}
		spin_unlock(&from->lock);
		if (grow(table, capacity - 1)) {
			fd_table_put(table);
			return NULL;
		}
	}
}

static bool is_marked(struct fd_table *table, size_t fd)
{
	bool marked;

	spin_lock(&table->lock);
	marked =
		fd < table->capacity && table->entries[fd].file && table->entries[fd].close_on_exec;
	spin_unlock(&table->lock);
	return marked;
}

void fd_table_exec(struct fd_table *table)
{
	for (size_t fd = 0; fd < table->capacity; fd++) {
		if (is_marked(table, fd))
			(void)fd_table_close(table, (int)fd); /* it is open: nobody else is */
	}
}
