/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second half of exec: what the new program needs, and giving up the old one. */
#include "exec_private.h"
#include "file_context.h"
#include "id_table.h"
#include "process_private.h"
#include "signal_private.h"

#include <arch/thread.h>
#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <proc/personality.h>
#include <proc/priority_futex.h>
#include <scheme/credentials.h>

/* The ids that the set-id bits of the file give. */
static void find_ids(const struct exec *exec, uint32_t *euid, uint32_t *egid)
{
	const struct node_attributes *attributes = &exec->program.attributes;
	const struct process *process = process_current();

	bool plain = exec->flags & EXEC_PLAIN_SET_ID;

	/* Who shares the directories with others could have them changed under its feet. */
	if (process->no_new_privileges ||
	    (!plain && refcount_read(&process->files->references) > 1))
		return;
	if (attributes->mode & MODE_SETUID)
		*euid = attributes->uid;
	/* Without the group's right to execute, the bit means mandatory locking. */
	if (attributes->mode & MODE_SETGID && (plain || attributes->mode & 010))
		*egid = attributes->gid;
}

static int prepare_credentials(struct exec *exec)
{
	const struct credentials *old = credentials_current();
	struct credentials *credentials = credentials_create(old);

	if (!credentials)
		return -ENOMEM;
	find_ids(exec, &credentials->euid, &credentials->egid);
	credentials->suid = credentials->fsuid = credentials->euid;
	credentials->sgid = credentials->fsgid = credentials->egid;
	credentials->bits_add_up = exec->personality->bits_add_up;
	exec->credentials = credentials;
	exec->image.secure =
		credentials->euid != credentials->uid || credentials->egid != credentials->gid;
	return 0;
}

static bool gets_other_ids(const struct exec *exec)
{
	const struct credentials *own = credentials_current();

	return exec->credentials->euid != own->euid || exec->credentials->egid != own->egid;
}

int exec_prepare(struct exec *exec)
{
	struct process *process = process_current();
	int error = prepare_credentials(exec);

	if (error)
		return error;
	if (exec->flags & EXEC_SCHEME_NAME) {
		exec->program_name = kstrdup(exec->path);
		if (!exec->program_name)
			return -ENOMEM;
	}
	if (refcount_read(&process->fd_table->references) > 1) {
		exec->fd_table = fd_table_copy(process->fd_table);
		if (!exec->fd_table)
			return -ENOMEM;
	}
	/* Who gets other ids goes nowhere because others do. */
	if (gets_other_ids(exec) && refcount_read(&process->files->references) > 1) {
		exec->files = file_context_copy(process->files);
		if (!exec->files)
			return -ENOMEM;
	}
	if (exec->flags & EXEC_RESET_IGNORED || refcount_read(&process->handlers->references) > 1) {
		exec->handlers = signal_handlers_create(
			exec->flags & EXEC_RESET_IGNORED ? NULL : process->handlers);
		if (!exec->handlers)
			return -ENOMEM;
	}
	return 0;
}

static bool claim_process(struct user_thread *self)
{
	struct process *process = self->process;
	irq_state_t state = spin_lock_irqsave(&process->lock);
	bool claimed = !user_thread_must_leave_locked(self);

	if (claimed) {
		process->exec_thread = self;
		signal_release_all_locked(process);
	}
	spin_unlock_irqrestore(&process->lock, state);
	return claimed;
}

static bool alone(struct process *process)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	bool is_alone = process->thread_count == 1;

	spin_unlock_irqrestore(&process->lock, state);
	return is_alone;
}

/* Ends all other threads. -EINTR: this one has to end too. */
static int end_other_threads(struct user_thread *self)
{
	struct process *process = self->process;
	struct waiter waiter;
	irq_state_t state;
	int error = 0;

	if (!claim_process(self))
		return -EINTR;
	wait_begin(&process->exit_wait, &waiter);
	while (!error && !alone(process))
		error = wait_killable(&waiter);
	wait_end(&waiter);
	state = spin_lock_irqsave(&process->lock);
	process->exec_thread = NULL;
	signal_recompute_locked(self);
	spin_unlock_irqrestore(&process->lock, state);
	return error;
}

/* The old program's part of the process goes; the thread moves to the new memory. */
static void replace_memory(struct exec *exec, struct user_thread *self)
{
	struct process *process = self->process;
	struct aspace *old;

	aspace_get(exec->image.aspace);
	old = process_swap_aspace(process, exec->image.aspace);
	thread_set_pmap(exec->image.aspace->pmap);
	if (old)
		aspace_put(old);
	process_release_vfork(process);
}

static void replace_parts(struct exec *exec, struct process *process)
{
	struct fd_table *fd_table = exec->fd_table;
	struct signal_handlers *handlers = exec->handlers;
	struct file_context *files = exec->files;
	struct dentry *executable = exec->program.file->dentry;
	struct dentry *old_executable;
	char *old_name;
	irq_state_t state = spin_lock_irqsave(&process->lock);

	if (fd_table) {
		exec->fd_table = process->fd_table;
		process->fd_table = fd_table;
	}
	if (handlers) {
		exec->handlers = process->handlers;
		process->handlers = handlers;
	}
	if (files) {
		exec->files = process->files;
		process->files = files;
	}
	old_executable = process->executable;
	process->executable = executable;
	if (executable)
		dentry_get(executable);
	old_name = process->program_name;
	process->program_name = exec->program_name;
	spin_unlock_irqrestore(&process->lock, state);
	exec->program_name = old_name;
	if (old_executable)
		dentry_put(old_executable);
	fd_table_exec(process->fd_table);
	signal_handlers_reset(process->handlers);
}

/* Before the memory is replaced, lest somebody who might look into the old program see the new one,
 * and whether the new one may be looked into. */
static bool replace_identity(struct exec *exec, struct process *process)
{
	bool readable = exec->flags & EXEC_PERMITTED ||
			node_permission(exec->program.file->node, credentials_current(), 4) == 0;
	bool dumpable = !exec->image.secure && readable;

	if (!dumpable)
		process->dumpable = false;
	process_set_credentials(exec->credentials);
	exec->credentials = NULL;
	mutex_lock(&process_tree_lock);
	process->execed = true;
	process->exit_signal = SIGCHLD;
	mutex_unlock(&process_tree_lock);
	return dumpable;
}

static void set_names(struct user_thread *self, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	process_set_name(self->process, name);
	user_thread_set_name(self, name);
}

static void reset_thread(struct user_thread *self)
{
	self->alternate_stack = 0;
	self->alternate_stack_size = 0;
	self->alternate_stack_flags = 0;
	self->in_syscall = false;
	self->stepping = false;
	kfree(self->abi_data);
	self->abi_data = NULL;
	arch_thread_reset(&self->thread);
}

int exec_commit(struct exec *exec)
{
	struct user_thread *self = user_thread_current();
	struct process *process = self->process;
	int error = end_other_threads(self);
	bool dumpable;

	if (error)
		return error;
	posix_timers_end(process);
	user_thread_end_watch(self);
	user_thread_leave_memory(self);
	priority_futex_leave(self, true);
	if (self->id != process->pid)
		id_take_over(self, process->pid);
	if (process->personality->leave)
		process->personality->leave(process);
	kfree(process->abi_data);
	process->abi_data = NULL;
	process_set_personality(process, exec->personality);
	dumpable = replace_identity(exec, process);
	replace_memory(exec, self);
	process->dumpable = dumpable;
	replace_parts(exec, process);
	set_names(self, exec->path);
	reset_thread(self);
	return 0;
}
