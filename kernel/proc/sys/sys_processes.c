/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sys:block, iostat and syscall: what threads wait for, which files are open, which calls are under
 * way.
 */
#include "sys_files.h"

#include <base/string.h>
#include <mm/phys/slab.h>
#include <proc/process.h>
#include <scheme/path.h>
#include <scheme/scheme.h>

struct visit {
	struct text *text;
	void (*print)(struct text *text, struct user_thread *thread);
};

static bool visit_process(struct process *process, void *argument)
{
	const struct visit *visit = argument;
	struct user_thread *thread;
	uint32_t id = 0;

	while ((thread = process_next_thread(process, id))) {
		id = thread->id + 1;
		visit->print(visit->text, thread);
		user_thread_put(thread);
	}
	return true;
}

static void print_threads(struct text *text,
			  void (*print)(struct text *text, struct user_thread *thread))
{
	struct visit visit = { text, print };

	process_visit(visit_process, &visit);
}

static void print_blocked(struct text *text, struct user_thread *thread)
{
	uint32_t state = thread->thread.state;
	const char *how = "waits";

	if (state == THREAD_STOPPED)
		how = "is stopped";
	else if (state == THREAD_SLEEPING)
		how = "waits for the kernel";
	else if (state != THREAD_SLEEPING_INTERRUPTIBLE)
		return;
	text_print(text, "%u: %s %s\n", thread->id, thread->thread.name, how);
}

int sys_generate_block(struct text *text)
{
	print_threads(text, print_blocked);
	return 0;
}

static void print_call(struct text *text, struct user_thread *thread)
{
	text_print(text, "%u: %s", thread->id, thread->thread.name);
	if (thread->in_syscall)
		text_print(text, " %#lx", thread->syscall_number);
	text_print(text, "\n");
}

int sys_generate_syscall(struct text *text)
{
	print_threads(text, print_call);
	return 0;
}

/* Nobody is asked: a process that provides the file may be the very one that reads this. */
static void print_file(struct text *text, int fd, const struct file *file)
{
	const struct scheme *scheme = file->node->scheme;
	char *name = NULL;

	if (file->dentry && dentry_scheme_name(file->dentry, &name))
		name = NULL;
	text_print(text, "  %4d: %c%c %s%s\n", fd, file->readable ? 'r' : '-',
		   file->writable ? 'w' : '-',
		   name     ? name
		   : scheme ? scheme->name
			    : "pipe",
		   name ? "" : ":");
	kfree(name);
}

/* Only of those that the caller may look into. */
static bool print_files(struct process *process, void *argument)
{
	struct fd_table *table;
	struct text *text = argument;

	if (!process_may_inspect(process))
		return true;
	table = process_fd_table(process);
	if (!table)
		return true;
	text_print(text, "%u: %s\n", process->pid, process->name);
	for (int fd = fd_table_next(table, 0); fd >= 0; fd = fd_table_next(table, fd + 1)) {
		struct file *file = fd_table_find(table, fd);

		if (!file)
			continue;
		print_file(text, fd, file);
		file_put(file);
	}
	fd_table_put(table);
	return true;
}

int sys_generate_iostat(struct text *text)
{
	process_visit(print_files, text);
	return 0;
}
