/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The schemes `proc:PID/WHAT`, with which a process looks into those that descend from it, and
 * `thisproc:current/WHAT`, with which it looks into itself, and which alone sandboxes have.
 */
#include "proc_scheme.h"
#include "redox.h"

#include <base/format.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <proc/process.h>
#include <scheme/credentials.h>

#define CURRENT "current"

static const struct proc_kind *const kinds[] = {
	&proc_kind_environment, &proc_kind_integer,    &proc_kind_float,
	&proc_kind_memory,      &proc_kind_executable, &proc_kind_trace,
};

/* --- Who may. --- */

static bool descends(struct process *process, uint32_t ancestor)
{
	uint32_t pid = process_parent_pid(process);

	while (pid && pid != ancestor) {
		struct process *parent = process_find(pid);

		pid = parent ? process_parent_pid(parent) : 0;
		if (parent)
			process_put(parent);
	}
	return pid && pid == ancestor;
}

/* Children may come from a child that ran something else and has ended. */
static bool runs_same_program(struct process *self, struct process *process)
{
	struct dentry *own = process_executable(self), *other = process_executable(process);
	bool same = own == other;

	if (own)
		dentry_put(own);
	if (other)
		dentry_put(other);
	return same;
}

/* What may be kept from its user (process->dumpable) is no secret to the process that cloned it, as
 * long as it runs the same program. */
static bool is_own_copy(struct process *process)
{
	struct process *self = process_current();

	return !self->dumpable && !process->execed && process_parent_pid(process) == self->pid &&
	       runs_same_program(self, process);
}

static bool has_same_user(struct process *process)
{
	const struct credentials *own = credentials_current();
	struct credentials *other = process_credentials(process);
	bool same = own->euid == other->uid && own->euid == other->euid &&
		    own->euid == other->suid && own->egid == other->gid &&
		    own->egid == other->egid && own->egid == other->sgid;

	credentials_put(other);
	return same;
}

/* The process itself, root, and whoever it descends from with the same user. */
int proc_check_access(const struct proc_kind *kind, struct process *process)
{
	struct process *self = process_current();

	if (process == self || kind->for_anybody || redox_is_root())
		return 0;
	if (!has_same_user(process) || !descends(process, self->pid))
		return -EPERM;
	return process->dumpable || is_own_copy(process) ? 0 : -EPERM;
}

/* --- Open files. --- */

static bool has_ended(const struct process *process)
{
	return process->state == PROCESS_ZOMBIE || process->state == PROCESS_DEAD;
}

static int check_open(struct file *file)
{
	struct proc_file *own = file->private;

	own->nonblocking = file->flags & FILE_NONBLOCK;
	if (!own->kind->after_end && has_ended(own->process))
		return -ESRCH;
	return proc_check_access(own->kind, own->process);
}

static ssize_t proc_op_read(struct file *file, struct io *io, uint64_t offset)
{
	struct proc_file *own = file->private;
	int error = check_open(file);

	return error ? error : own->kind->read(own, io, offset);
}

static ssize_t proc_op_write(struct file *file, struct io *io, uint64_t *offset)
{
	struct proc_file *own = file->private;
	int error = own->kind->write ? check_open(file) : -EBADF;

	return error ? error : own->kind->write(own, io, *offset);
}

static void proc_op_close(struct file *file)
{
	struct proc_file *own = file->private;

	if (own->opened && own->kind->close)
		own->kind->close(own);
	process_put(own->process);
	kfree(own);
}

static ssize_t proc_op_name(struct file *file, char *buffer, size_t size)
{
	const struct proc_file *own = file->private;
	char name[64];
	int length;

	if (own->by_name)
		length = snprintf(name, sizeof(name), "%s:" CURRENT "/%s", file->node->scheme->name,
				  own->kind->name);
	else
		length = snprintf(name, sizeof(name), "%s:%u/%s", file->node->scheme->name,
				  own->process->pid, own->kind->name);
	memcpy(buffer, name, min_size((size_t)length, size));
	return (ssize_t)min_size((size_t)length, size);
}

static int make_file(struct scheme *scheme, const struct proc_file *like, unsigned flags,
		     const struct credentials *credentials, struct file **file);

/* dup with a name: another file of the same process. */
static int proc_op_duplicate(struct file *file, const char *name, size_t length,
			     struct file **made);

static unsigned proc_op_poll(struct file *file, struct poller *poller)
{
	struct proc_file *own = file->private;

	return own->kind->poll(own, poller);
}

static const struct node_ops proc_poll_ops = {
	.read = proc_op_read,
	.write = proc_op_write,
	.close = proc_op_close,
	.name = proc_op_name,
	.duplicate = proc_op_duplicate,
	.poll = proc_op_poll,
};

static const struct node_ops proc_ops = {
	.read = proc_op_read,
	.write = proc_op_write,
	.close = proc_op_close,
	.name = proc_op_name,
	.duplicate = proc_op_duplicate,
};

static const struct proc_kind *find_kind(const char *name, size_t length)
{
	for (size_t i = 0; i < array_length(kinds); i++) {
		if (strlen(kinds[i]->name) == length && memcmp(kinds[i]->name, name, length) == 0)
			return kinds[i];
	}
	return NULL;
}

static struct node *make_node(struct scheme *scheme, const struct proc_kind *kind,
			      const struct credentials *credentials)
{
	struct node *node = kmalloc(sizeof(*node));

	if (!node)
		return NULL;
	node_init(node, kind->poll ? &proc_poll_ops : &proc_ops, scheme, scheme_next_number(scheme),
		  MODE_FILE | 0600);
	node->flags = kind->size ? NODE_STREAM : 0;
	node->size = kind->size;
	node->uid = credentials->fsuid;
	node->gid = credentials->fsgid;
	return node;
}

/* Takes a reference to like->process. */
static int make_file(struct scheme *scheme, const struct proc_file *like, unsigned flags,
		     const struct credentials *credentials, struct file **file)
{
	struct proc_file *own = kmalloc(sizeof(*own));
	struct node *node = make_node(scheme, like->kind, credentials);
	int error = own && node ? 0 : -ENOMEM;

	if (!error) {
		*own = *like;
		own->opened = false;
		error = file_create(node, NULL, flags, (struct credentials *)credentials, file);
	}
	if (node)
		node_put(node);
	if (error) {
		kfree(own);
		return error;
	}
	(*file)->private = own;
	/* The access mode means nothing here. */
	(*file)->readable = (*file)->writable = true;
	process_get(own->process);
	error = own->kind->open ? own->kind->open(own, flags) : 0;
	own->opened = !error;
	if (error)
		file_put(*file);
	return error;
}

static int proc_op_duplicate(struct file *file, const char *name, size_t length, struct file **made)
{
	const struct proc_file *own = file->private;
	struct proc_file like = *own;

	like.kind = find_kind(name, length);
	if (!like.kind)
		return -EINVAL;
	if (proc_check_access(like.kind, like.process))
		return -EPERM;
	return make_file(file->node->scheme, &like, file->flags, credentials_current(), made);
}

/* --- Names. --- */

/* A decimal number that is a process's: with a reference; NULL. */
static struct process *find_by_digits(const char *digits, size_t length)
{
	uint32_t pid = 0;

	if (!length || length > 9)
		return NULL;
	for (size_t i = 0; i < length; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return NULL;
		pid = pid * 10 + (uint32_t)(digits[i] - '0');
	}
	return process_find(pid);
}

static int proc_scheme_open(struct scheme *scheme, const struct scheme_request *request,
			    struct file **file)
{
	const char *slash = memchr(request->path, '/', request->length);
	size_t length = slash ? (size_t)(slash - request->path) : request->length;
	struct proc_file like = { 0 };
	int error;

	like.by_name = length == sizeof(CURRENT) - 1 && memcmp(request->path, CURRENT, length) == 0;
	if (scheme->flags & SCHEME_IN_NULL && !like.by_name)
		return -EACCES;
	if (slash)
		like.kind = find_kind(slash + 1, request->length - length - 1);
	if (!like.kind)
		return -EINVAL;
	if (like.by_name) {
		like.process = process_current();
		process_get(like.process);
	} else {
		like.process = find_by_digits(request->path, length);
	}
	if (!like.process)
		return -ESRCH;
	error = has_ended(like.process) ? -ESRCH : proc_check_access(like.kind, like.process);
	if (!error)
		error = make_file(scheme, &like, request->flags, request->credentials, file);
	process_put(like.process);
	return error;
}

static const struct scheme_ops scheme_ops = {
	.open = proc_scheme_open,
};

static int proc_start(void)
{
	return scheme_start_opaque("proc", &scheme_ops, 0);
}

/* The one that sandboxes have serves nothing but the caller. */
static int this_process_start(void)
{
	return scheme_start_opaque("thisproc", &scheme_ops, SCHEME_IN_NULL);
}

SCHEME(redox_proc) = { .name = "proc", .level = 30, .start = proc_start };
SCHEME(redox_thisproc) = { .name = "thisproc", .level = 30, .start = this_process_start };
