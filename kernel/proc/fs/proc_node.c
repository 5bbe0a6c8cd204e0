/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nodes of /proc, and the operations of those that tables describe. */
#include "proc_fs.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/hash.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/credentials.h>
#include <scheme/scheme.h>

#define NUMBER_DIGITS 10 /* of 32 bits */

int proc_check(struct proc_node *node)
{
	if (!node->process)
		return 0;
	if (node->process->state == PROCESS_DEAD)
		return -ESRCH;
	return node->entry->private && !process_may_inspect(node->process) ? -EACCES : 0;
}

/* Files of a process belong to its user, unless others of this user must not look inside. */
void proc_refresh(struct node *node)
{
	struct process *process = proc_node_of(node)->process;
	struct credentials *credentials;
	bool dumpable;

	if (!process)
		return;
	dumpable = process->dumpable || node_is(node, MODE_DIRECTORY);
	credentials = process_credentials(process);
	mutex_lock(&node->lock);
	node->uid = dumpable ? credentials->euid : 0;
	node->gid = dumpable ? credentials->egid : 0;
	mutex_unlock(&node->lock);
	credentials_put(credentials);
}

void proc_release(struct node *node)
{
	struct proc_node *self = proc_node_of(node);

	if (self->process)
		process_put(self->process);
	kfree(self);
}

int proc_open(struct node *node, struct file *file)
{
	(void)file;
	return proc_check(proc_node_of(node));
}

/* --- Text files. --- */

static int text_generate(struct node *node, struct text *text)
{
	struct proc_node *self = proc_node_of(node);
	int error = proc_check(self);

	return error ? error : self->entry->generate(self, text);
}

static ssize_t text_store(struct node *node, const char *bytes, size_t length)
{
	struct proc_node *self = proc_node_of(node);
	int error = proc_check(self);

	if (!self->entry->store)
		return -EACCES;
	return error ? error : self->entry->store(self, bytes, length);
}

static const struct text_file_ops text_ops = {
	.generate = text_generate,
	.store = text_store,
};

static ssize_t text_read(struct file *file, struct io *io, uint64_t offset)
{
	return text_file_read(file, io, offset, &text_ops);
}

static ssize_t text_write(struct file *file, struct io *io, uint64_t *offset)
{
	(void)offset;
	return text_file_write(file, io, &text_ops);
}

/* O_TRUNC means nothing here, but shells ask for it. */
static int text_set_attributes(struct node *node, const struct node_changes *changes)
{
	struct node_changes kept = *changes;

	if (changes->which & (CHANGE_MODE | CHANGE_UID | CHANGE_GID))
		return -EPERM;
	kept.which &= ~(unsigned)CHANGE_SIZE;
	node_store_changes(node, &kept);
	return 0;
}

static const struct node_ops text_node_ops = {
	.refresh = proc_refresh,
	.release = proc_release,
	.set_attributes = text_set_attributes,
	.open = proc_open,
	.close = text_file_close,
	.read = text_read,
	.write = text_write,
};

/* --- Links. --- */

ssize_t proc_put_link(const char *text, size_t length, char *buffer, size_t size)
{
	memcpy(buffer, text, min_size(length, size));
	return (ssize_t)length;
}

static ssize_t link_read(struct node *node, char *buffer, size_t size)
{
	struct proc_node *self = proc_node_of(node);
	int error = proc_check(self);

	return error ? error : self->entry->link(self, buffer, size);
}

static int link_follow(struct node *node, struct dentry **target)
{
	struct proc_node *self = proc_node_of(node);
	int error = proc_check(self);

	return error ? error : self->entry->follow(self, target);
}

static const struct node_ops link_node_ops = {
	.refresh = proc_refresh,
	.release = proc_release,
	.read_link = link_read,
};

static const struct node_ops magic_node_ops = {
	.refresh = proc_refresh,
	.release = proc_release,
	.read_link = link_read,
	.follow = link_follow,
};

/* --- Directories. --- */

static int table_lookup(struct node *directory, const char *name, size_t length,
			struct node **found)
{
	struct proc_node *self = proc_node_of(directory);

	return proc_lookup_table(self, self->entry->children, name, length, found);
}

static int table_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	struct proc_node *self = proc_node_of(file->node);
	int error = proc_check(self);

	if (!error)
		(void)proc_list_table(self, self->entry->children, cookie, sink);
	return error;
}

static const struct node_ops table_node_ops = {
	.refresh = proc_refresh,
	.release = proc_release,
	.lookup = table_lookup,
	.open = proc_open,
	.read_directory = table_read,
};

int proc_lookup_table(struct proc_node *parent, const struct proc_entry *table, const char *name,
		      size_t length, struct node **found)
{
	int error = proc_check(parent);

	if (error)
		return error == -ESRCH ? -ENOENT : error;
	for (; table->name; table++) {
		struct proc_node *created;

		if (strlen(table->name) != length || memcmp(table->name, name, length) != 0)
			continue;
		error = proc_node_create(parent, name, length, table, NULL, &created);
		if (!error)
			*found = &created->node;
		return error;
	}
	return -ENOENT;
}

bool proc_list_table(struct proc_node *parent, const struct proc_entry *table, uint64_t *cookie,
		     struct directory_sink *sink)
{
	for (uint64_t i = 0; table[i].name; i++) {
		const char *name = table[i].name;
		size_t length = strlen(name);

		if (i < *cookie)
			continue;
		if (!sink->entry(sink, name, length, proc_child_number(parent, name, length),
				 table[i].mode & MODE_TYPE, i + 1))
			return false;
		*cookie = i + 1;
	}
	return true;
}

bool proc_list_number(struct proc_node *parent, uint32_t number, uint32_t mode_type,
		      uint64_t next_cookie, struct directory_sink *sink)
{
	char name[NUMBER_DIGITS + 1];
	size_t length = (size_t)snprintf(name, sizeof(name), "%u", number);

	return sink->entry(sink, name, length, proc_child_number(parent, name, length), mode_type,
			   next_cookie);
}

int proc_parse_number(const char *name, size_t length, uint32_t *number)
{
	uint64_t value = 0;

	if (length == 0 || length > NUMBER_DIGITS || (name[0] == '0' && length > 1))
		return -ENOENT;
	for (size_t i = 0; i < length; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -ENOENT;
		value = value * 10 + (uint64_t)(name[i] - '0');
	}
	if (value > UINT32_MAX)
		return -ENOENT;
	*number = (uint32_t)value;
	return 0;
}

/* --- Making nodes. --- */

uint64_t proc_child_number(const struct proc_node *parent, const char *name, size_t length)
{
	return hash_bytes(parent->node.number, name, length);
}

static const struct node_ops *entry_ops(const struct proc_entry *entry)
{
	if (entry->ops)
		return entry->ops;
	if (entry->children)
		return &table_node_ops;
	if (entry->follow)
		return &magic_node_ops;
	return entry->link ? &link_node_ops : &text_node_ops;
}

struct proc_node *proc_node_allocate(const struct proc_entry *entry, struct scheme *scheme,
				     uint64_t number)
{
	struct proc_node *node = kzalloc(sizeof(*node));

	if (!node)
		return NULL;
	node_init(&node->node, entry_ops(entry), scheme, number, entry->mode);
	if (node_is(&node->node, MODE_DIRECTORY))
		node->node.flags |= NODE_NO_CACHE;
	node->entry = entry;
	return node;
}

int proc_node_create(struct proc_node *parent, const char *name, size_t length,
		     const struct proc_entry *entry, struct process *process,
		     struct proc_node **created)
{
	struct proc_node *node = proc_node_allocate(entry, parent->node.scheme,
						    proc_child_number(parent, name, length));

	if (!node)
		return -ENOMEM;
	node->process = process ? process : parent->process;
	if (node->process)
		process_get(node->process);
	node->thread_id = parent->thread_id;
	node->fd = parent->fd;
	proc_refresh(&node->node);
	*created = node;
	return 0;
}

struct user_thread *proc_thread(struct proc_node *node)
{
	uint32_t id = node->thread_id ? node->thread_id : node->process->pid;
	struct user_thread *thread = process_next_thread(node->process, id);

	if (thread && thread->id == id)
		return thread;
	if (thread)
		user_thread_put(thread);
	/* The first thread may have ended before the others. */
	return node->thread_id ? NULL : process_next_thread(node->process, 0);
}
