/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/fd: a link for each open file; and /proc/PID/fdinfo. */
#include "proc_fs.h"

#include <base/errno.h>
#include <base/format.h>
#include <mm/phys/slab.h>
#include <scheme/path.h>
#include <scheme/scheme.h>

/* The file behind a number, with a reference; NULL: it is not open. */
static struct file *find_file(struct process *process, int fd)
{
	struct fd_table *table = process_fd_table(process);
	struct file *file;

	if (!table)
		return NULL;
	file = fd_table_find(table, fd);
	fd_table_put(table);
	return file;
}

static ssize_t file_name(struct file *file, char *path, size_t size)
{
	const char *kind = "anon";

	if (file->ops->link_name)
		return file->ops->link_name(file, path, size);
	if (file->dentry)
		return dentry_path(file->dentry, NULL, path, size, true);
	if (node_is(file->node, MODE_FIFO))
		kind = "pipe";
	else if (node_is(file->node, MODE_SOCKET))
		kind = "socket";
	return snprintf(path, size, "%s:[%llu]", kind, (unsigned long long)file->node->number);
}

static ssize_t link_fd(struct proc_node *node, char *buffer, size_t size)
{
	struct file *file = find_file(node->process, node->fd);
	ssize_t length = -ENOMEM;
	char *path;

	if (!file)
		return -ENOENT;
	path = kmalloc(PATH_MAX_LENGTH);
	if (path)
		length = file_name(file, path, PATH_MAX_LENGTH);
	if (length >= 0)
		length = proc_put_link(path, (size_t)length, buffer, size);
	kfree(path);
	file_put(file);
	return length;
}

static int follow_fd(struct proc_node *node, struct dentry **target)
{
	struct file *file = find_file(node->process, node->fd);

	if (!file)
		return -ENOENT;
	if (file->dentry) {
		dentry_get(file->dentry);
		*target = file->dentry;
	} else {
		node_get(file->node);
		*target = dentry_create_root(file->node);
	}
	file_put(file);
	return *target ? 0 : -ENOMEM;
}

static int generate_fdinfo(struct proc_node *node, struct text *text)
{
	struct file *file = find_file(node->process, node->fd);
	unsigned flags;

	if (!file)
		return -ENOENT;
	flags = file->flags;
	text_print(text, "pos:\t%llu\nflags:\t0%o\nmnt_id:\t%llu\nino:\t%llu\n",
		   (unsigned long long)file->position, flags,
		   file->node->scheme ? (unsigned long long)file->node->scheme->id : 0,
		   (unsigned long long)file->node->number);
	file_put(file);
	return 0;
}

static const struct proc_entry fd_entry = {
	.name = "",
	.mode = MODE_SYMLINK | 0700,
	.private = true,
	.link = link_fd,
	.follow = follow_fd,
};

static const struct proc_entry fdinfo_entry = {
	.name = "",
	.mode = MODE_FILE | 0444,
	.private = true,
	.generate = generate_fdinfo,
};

static int lookup_in(struct node *directory, const char *name, size_t length,
		     const struct proc_entry *entry, struct node **found)
{
	struct proc_node *self = proc_node_of(directory), *created;
	struct file *file;
	uint32_t number;
	int error = proc_check(self);

	if (error)
		return error;
	error = proc_parse_number(name, length, &number);
	if (error || number >= FD_TABLE_MAX)
		return -ENOENT;
	file = find_file(self->process, (int)number);
	if (!file)
		return -ENOENT;
	file_put(file);
	error = proc_node_create(self, name, length, entry, NULL, &created);
	if (error)
		return error;
	created->fd = (int)number;
	*found = &created->node;
	return 0;
}

static int fd_lookup(struct node *directory, const char *name, size_t length, struct node **found)
{
	return lookup_in(directory, name, length, &fd_entry, found);
}

static int fdinfo_lookup(struct node *directory, const char *name, size_t length,
			 struct node **found)
{
	return lookup_in(directory, name, length, &fdinfo_entry, found);
}

/* The cookie is the number to go on from. */
static int read_numbers(struct file *file, uint64_t *cookie, struct directory_sink *sink,
			uint32_t type)
{
	struct proc_node *self = proc_node_of(file->node);
	struct fd_table *table;
	int error = proc_check(self);

	if (error)
		return error;
	table = process_fd_table(self->process);
	if (!table)
		return 0;
	while (*cookie < FD_TABLE_MAX) {
		int fd = fd_table_next(table, (int)*cookie);

		if (fd < 0 || !proc_list_number(self, (uint32_t)fd, type, (uint64_t)fd + 1, sink))
			break;
		*cookie = (uint64_t)fd + 1;
	}
	fd_table_put(table);
	return 0;
}

static int fd_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	return read_numbers(file, cookie, sink, MODE_SYMLINK);
}

static int fdinfo_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	return read_numbers(file, cookie, sink, MODE_FILE);
}

const struct node_ops proc_fd_ops = {
	.refresh = proc_refresh,
	.release = proc_release,
	.lookup = fd_lookup,
	.open = proc_open,
	.read_directory = fd_read,
};

const struct node_ops proc_fdinfo_ops = {
	.refresh = proc_refresh,
	.release = proc_release,
	.lookup = fdinfo_lookup,
	.open = proc_open,
	.read_directory = fdinfo_read,
};
