/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/task: a directory for each thread. */
#include "proc_fs.h"

#include <base/errno.h>

static int task_lookup(struct node *directory, const char *name, size_t length, struct node **found)
{
	struct proc_node *self = proc_node_of(directory), *created;
	struct user_thread *thread;
	uint32_t id;
	int error = proc_parse_number(name, length, &id);

	if (error)
		return error;
	thread = user_thread_find(id);
	if (!thread)
		return -ENOENT;
	error = thread->process == self->process ? 0 : -ENOENT;
	user_thread_put(thread);
	if (!error)
		error = proc_node_create(self, name, length, &proc_thread_entry, NULL, &created);
	if (error)
		return error;
	created->thread_id = id;
	*found = &created->node;
	return 0;
}

/* The cookie is the id to go on from. */
static int task_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	struct proc_node *self = proc_node_of(file->node);
	struct user_thread *thread;
	int error = proc_check(self);

	if (error)
		return error;
	while (*cookie < UINT32_MAX &&
	       (thread = process_next_thread(self->process, (uint32_t)*cookie))) {
		uint64_t next = (uint64_t)thread->id + 1;
		bool taken = proc_list_number(self, thread->id, MODE_DIRECTORY, next, sink);

		user_thread_put(thread);
		if (!taken)
			break;
		*cookie = next;
	}
	return 0;
}

const struct node_ops proc_task_ops = {
	.refresh = proc_refresh,
	.release = proc_release,
	.lookup = task_lookup,
	.open = proc_open,
	.read_directory = task_read,
};
