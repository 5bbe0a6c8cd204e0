/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clone: new threads and processes.
 *
 * Everything that can fail is done first, on objects that nobody else can see; publishing them
 * then needs only that no signal is to be handled before, as with Linux, so that a signal to a
 * group reaches either the parent before the fork or both.
 */
#include "debugger.h"
#include "file_context.h"
#include "id_table.h"
#include "out_of_memory.h"
#include "process_private.h"
#include "signal_private.h"
#include "trap.h"
#include "user_account.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <mm/vm/user.h>
#include <proc/personality.h>
#include <scheme/credentials.h>
#include <scheme/scheme.h>

static int check_request(const struct clone_request *request)
{
	const struct process *self = process_current();

	if (request->share_handlers && !request->share_aspace && !request->handlers_alone)
		return -EINVAL;
	if (request->thread && (!request->share_handlers || request->vfork))
		return -EINVAL;
	if (request->share_handlers && request->reset_handlers)
		return -EINVAL;
	if (request->same_parent && self->first)
		return -EINVAL;
	return request->exit_signal < 0 || request->exit_signal > SIGNAL_MAX ? -EINVAL : 0;
}

/* The first thing that a new thread does. */
void user_thread_begin(void *argument)
{
	struct user_thread *self = argument;

	if (self->set_child_tid)
		user_store_u32(self->set_child_tid, self->id);
	arch_enter_user(arch_user_registers(&self->thread));
}

static int clone_aspace(struct process *child, struct process *parent,
			const struct clone_request *request)
{
	size_t stack_size = parent->personality->stack_size;
	uintptr_t stack_top = parent->aspace->stack_top;

	if (request->share_aspace && request->own_stack && stack_size) {
		child->aspace =
			aspace_clone_shared(parent->aspace, stack_top - stack_size, stack_top);
	} else if (request->share_aspace) {
		aspace_get(parent->aspace);
		child->aspace = parent->aspace;
	} else {
		child->aspace = aspace_fork(parent->aspace);
	}
	return child->aspace ? 0 : -ENOMEM;
}

static int clone_files(struct process *child, struct process *parent, bool share)
{
	if (share) {
		fd_table_get(parent->fd_table);
		child->fd_table = parent->fd_table;
	} else {
		child->fd_table = fd_table_copy(parent->fd_table);
	}
	return child->fd_table ? 0 : -ENOMEM;
}

static int clone_context(struct process *child, struct process *parent, bool share)
{
	if (share) {
		refcount_get(&parent->files->references);
		child->files = parent->files;
	} else {
		child->files = file_context_copy(parent->files);
	}
	return child->files ? 0 : -ENOMEM;
}

static int clone_handlers(struct process *child, struct process *parent,
			  const struct clone_request *request)
{
	if (request->share_handlers) {
		signal_handlers_get(parent->handlers);
		child->handlers = parent->handlers;
	} else {
		child->handlers = signal_handlers_create(parent->handlers);
	}
	if (!child->handlers)
		return -ENOMEM;
	if (request->reset_handlers)
		signal_handlers_reset(child->handlers);
	return 0;
}

static int clone_program_name(struct process *child, struct process *parent)
{
	if (!parent->program_name)
		return 0;
	child->program_name = kstrdup(parent->program_name);
	return child->program_name ? 0 : -ENOMEM;
}

/* What can be copied without failing. */
static void clone_properties(struct process *child, struct process *parent)
{
	irq_state_t state = spin_lock_irqsave(&parent->lock);

	memcpy(child->limits, parent->limits, sizeof(child->limits));
	memcpy(child->name, parent->name, sizeof(child->name));
	child->dumpable = parent->dumpable;
	child->no_new_privileges = parent->no_new_privileges;
	child->fixed_layout = parent->fixed_layout;
	child->credentials = parent->credentials;
	credentials_get(child->credentials);
	child->account = parent->account;
	user_account_get(child->account);
	child->executable = parent->executable;
	if (child->executable)
		dentry_get(child->executable);
	child->namespace = parent->namespace;
	if (child->namespace)
		namespace_get(child->namespace);
	child->real_namespace = parent->real_namespace;
	if (child->real_namespace)
		namespace_get(child->real_namespace);
	child->keeper = parent->keeper;
	if (child->keeper)
		namespace_keeper_get(child->keeper);
	spin_unlock_irqrestore(&parent->lock, state);
	process_set_personality(child, parent->personality);
	terminal_inherit(child, parent);
}

/* Undoes clone_process(), whole or in part. */
static void abandon_process(struct process *child)
{
	struct aspace *aspace = process_swap_aspace(child, NULL);

	if (aspace)
		aspace_put(aspace);
	process_drop_contents(child);
	terminal_forget(child);
	process_put(child);
}

static struct process *clone_process(const struct clone_request *request, int *error)
{
	struct process *parent = process_current();
	struct process *child = process_allocate();

	*error = -ENOMEM;
	if (!child)
		return NULL;
	clone_properties(child, parent);
	child->own_umask = request->own_umask ? (int32_t)file_context_umask() : parent->own_umask;
	child->exit_signal = request->same_parent ? parent->exit_signal : request->exit_signal;
	*error = clone_aspace(child, parent, request);
	if (!*error)
		*error = clone_files(child, parent, request->share_files);
	if (!*error)
		*error = clone_context(child, parent, request->share_context);
	if (!*error)
		*error = clone_program_name(child, parent);
	if (!*error)
		*error = clone_handlers(child, parent, request);
	if (!*error && parent->personality->fork)
		*error = parent->personality->fork(child, parent);
	if (!*error)
		return child;
	abandon_process(child);
	return NULL;
}

/* Makes the thread, ready to run but for being published. */
static int clone_thread(const struct clone_request *request, struct process *process,
			struct user_thread **thread)
{
	struct user_thread *self = user_thread_current(), *child;
	int error = user_thread_create(process, 0, user_thread_begin, &child);

	if (error)
		return error;
	arch_thread_fork(&child->thread, request->registers,
			 request->set_stack_pointer ? request->stack_pointer
						    : arch_stack_pointer(request->registers));
	if (request->set_thread_pointer) {
		error = arch_set_thread_pointer(&child->thread, request->thread_pointer);
		if (error) {
			user_thread_destroy(child);
			return error;
		}
	}
	if (self->stepping)
		arch_set_single_step(arch_user_registers(&child->thread), false);
	child->thread.pmap = process->aspace->pmap;
	memcpy(child->thread.name, self->thread.name, sizeof(child->thread.name));
	child->credentials = self->credentials;
	credentials_get(child->credentials);
	child->blocked = self->restore_mask ? self->saved_mask : self->blocked;
	child->set_child_tid = request->child_tid;
	child->clear_child_tid = request->clear_child_tid;
	/* The handlers' stack is only good for a thread that has the memory for itself. */
	if (!request->share_aspace || request->vfork) {
		child->alternate_stack = self->alternate_stack;
		child->alternate_stack_size = self->alternate_stack_size;
		child->alternate_stack_flags = self->alternate_stack_flags;
	}
	if (self->process->personality->fork_thread)
		error = self->process->personality->fork_thread(child, self, request);
	if (error) {
		user_thread_destroy(child);
		return error;
	}
	*thread = child;
	return 0;
}

int process_count_and_add_thread_locked(struct process *process, struct user_thread *child)
{
	uint64_t limit = process->limits[RESOURCE_PROCESSES].current;

	if (credentials_privileged(credentials_current()))
		limit = UINT64_MAX;
	if (!user_account_add_thread(process->account, limit))
		return -EAGAIN;
	process_add_thread_locked(process, child);
	return 0;
}

/* Adds a thread to the current process. */
static int publish_thread(struct user_thread *child)
{
	struct user_thread *self = user_thread_current();
	struct process *process = self->process;
	irq_state_t table = id_table_lock();
	irq_state_t state = spin_lock_irqsave(&process->lock);
	int error = -ERESTARTNOINTR;

	if (!user_thread_has_work_locked(self))
		error = process_count_and_add_thread_locked(process, child);
	spin_unlock_irqrestore(&process->lock, state);
	id_table_unlock(table);
	return error;
}

static bool signal_is_due(struct user_thread *self)
{
	irq_state_t state = spin_lock_irqsave(&self->process->lock);
	bool due = user_thread_has_work_locked(self);

	spin_unlock_irqrestore(&self->process->lock, state);
	return due;
}

/* Adds a process to the tree, and to the group and the session of the current one. */
static int publish_process(struct user_thread *thread, bool same_parent)
{
	struct user_thread *self = user_thread_current();
	struct process *child = thread->process;
	irq_state_t table, state;
	int error = -ERESTARTNOINTR;

	mutex_lock(&process_tree_lock);
	/* Signals to the group come under the table's lock: before this, or to the child too. */
	table = id_table_lock();
	if (!signal_is_due(self)) {
		state = spin_lock_irqsave(&child->lock);
		error = process_count_and_add_thread_locked(child, thread);
		spin_unlock_irqrestore(&child->lock, state);
	}
	if (!error)
		process_link_locked(child, same_parent ? self->process->parent : self->process,
				    thread->id, self->process->group, self->process->session);
	id_table_unlock(table);
	mutex_unlock(&process_tree_lock);
	return error;
}

/* Waits until the child has let go of the memory, or the parent itself has to end. */
static void wait_for_vfork(struct process *child)
{
	struct waiter waiter;

	wait_begin(&child->vfork_wait, &waiter);
	while (!child->vfork_done) {
		if (wait_killable(&waiter))
			break;
	}
	wait_end(&waiter);
}

/* Everything that may fail. On success the thread runs as soon as it is started. */
static int clone_all(const struct clone_request *request, struct user_thread **thread)
{
	struct process *process = process_current();
	int error;

	if (!request->thread) {
		process = clone_process(request, &error);
		if (!process)
			return error;
	}
	error = clone_thread(request, process, thread);
	if (error)
		goto err_process;
	error = request->thread ? publish_thread(*thread)
				: publish_process(*thread, request->same_parent);
	if (error)
		goto err_thread;
	return 0;

err_thread:
	user_thread_destroy(*thread);
err_process:
	if (!request->thread)
		abandon_process(process);
	return error;
}

int process_clone(const struct clone_request *request)
{
	struct user_thread *thread = NULL;
	struct process *child;
	int error = check_request(request);
	uint32_t id;

	if (!error && out_of_memory_for_fork())
		error = -ENOMEM;
	if (!error)
		error = clone_all(request, &thread);
	if (error)
		return error;
	/* Once it runs it may end at once, and be reaped. */
	id = thread->id;
	child = thread->process;
	process_get(child);
	if (request->parent_tid)
		user_store_u32(request->parent_tid, id);
	if (!request->thread)
		interval_timers_set_cpu_limit(child);
	if (!request->thread && process_is_debugged(process_current()))
		debugger_cloned(process_current(), child);
	if (program_is_frozen())
		thread_set_user_work(&thread->thread);
	thread_start(&thread->thread);
	if (request->vfork)
		wait_for_vfork(child);
	process_put(child);
	return (int)id;
}

int process_unshare(bool files, bool context)
{
	struct process *self = process_current();
	struct fd_table *fd_table = NULL, *old_table = NULL;
	struct file_context *own_context = NULL, *old_context = NULL;
	irq_state_t state;

	files = files && refcount_read(&self->fd_table->references) > 1;
	context = context && refcount_read(&self->files->references) > 1;
	if ((files || context) && self->thread_count > 1)
		return -EINVAL;
	if (files && !(fd_table = fd_table_copy(self->fd_table)))
		return -ENOMEM;
	if (context && !(own_context = file_context_copy(self->files))) {
		if (fd_table)
			fd_table_put(fd_table);
		return -ENOMEM;
	}
	state = spin_lock_irqsave(&self->lock);
	if (fd_table) {
		old_table = self->fd_table;
		self->fd_table = fd_table;
	}
	if (own_context) {
		old_context = self->files;
		self->files = own_context;
	}
	spin_unlock_irqrestore(&self->lock, state);
	if (old_table)
		fd_table_put(old_table);
	if (old_context)
		file_context_put(old_context);
	return 0;
}
