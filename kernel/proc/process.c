/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes and their threads as objects: making, finding, looking inside, freeing. */
#include "id_table.h"
#include "process_private.h"
#include "signal_private.h"
#include "user_account.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/panic.h>
#include <mm/phys/slab.h>
#include <proc/priority_futex.h>
#include <proc/uname.h>
#include <scheme/scheme.h>
#include <time/clock.h>
#include <trace/trace.h>

struct mutex process_tree_lock;
struct process *first_process;

struct process *process_allocate(void)
{
	struct process *process = kzalloc(sizeof(*process));

	if (!process)
		return NULL;
	process->start_time = clock_boottime_ns();
	refcount_init(&process->references, 1);
	spinlock_init(&process->lock, RANK_PROCESS, "process");
	list_node_init(&process->group_node);
	list_node_init(&process->sibling_node);
	list_init(&process->children);
	list_init(&process->threads);
	signal_pending_init(&process->pending);
	wait_queue_init(&process->child_wait, "children");
	wait_queue_init(&process->signal_wait, "signals");
	wait_queue_init(&process->vfork_wait, "vfork");
	wait_queue_init(&process->exit_wait, "thread exit");
	process->exit_signal = SIGCHLD;
	process->own_umask = -1;
	process->dumpable = true;
	interval_timers_init(process);
	return process;
}

static void process_free(struct process *process)
{
	assert(process->thread_count == 0 && !process->aspace && !process->fd_table);
	/* They would write to it when they leave. */
	assert(list_empty(&process->children));
	signal_pending_discard(&process->pending, SIGNALS_ALL);
	if (process->credentials)
		credentials_put(process->credentials);
	if (process->account)
		user_account_put(process->account);
	if (process->handlers)
		signal_handlers_put(process->handlers);
	kfree(process->abi_data);
	kfree(process);
}

void process_get(struct process *process)
{
	refcount_get(&process->references);
}

void process_put(struct process *process)
{
	/* One after the other: generations may have inherited from each other. */
	while (process && refcount_put(&process->references)) {
		struct process *heir = process->heir;

		process_free(process);
		process = heir;
	}
}

/* The scheduler's last word on a thread. Nobody can find it any more. */
static void user_thread_release(struct thread *thread)
{
	struct user_thread *self = container_of(thread, struct user_thread, thread);

	signal_pending_discard(&self->pending, SIGNALS_ALL);
	if (self->credentials)
		credentials_put(self->credentials);
	kfree(self->abi_data);
	process_put(self->process);
	kfree(self);
}

int user_thread_create(struct process *process, uint32_t id, void (*entry)(void *),
		       struct user_thread **thread)
{
	struct user_thread *created = kzalloc(sizeof(*created));
	int error;

	if (!created)
		return -ENOMEM;
	error = id ? id_allocate_at(id) : id_allocate(&id);
	if (error)
		goto err_free;
	error = thread_init(&created->thread, process->name, entry, created, true);
	if (error)
		goto err_id;
	created->thread.release = user_thread_release;
	created->id = id;
	created->process = process;
	process_get(process);
	list_node_init(&created->process_node);
	signal_pending_init(&created->pending);
	priority_futex_init_thread(created);
	*thread = created;
	return 0;

err_id:
	id_release(id);
err_free:
	kfree(created);
	return error;
}

void user_thread_destroy(struct user_thread *thread)
{
	thread_fini(&thread->thread);
	id_release(thread->id);
	if (thread->credentials)
		credentials_put(thread->credentials);
	kfree(thread->abi_data);
	process_put(thread->process);
	kfree(thread);
}

void process_add_thread_locked(struct process *process, struct user_thread *thread)
{
	list_push_back(&process->threads, &thread->process_node);
	process->thread_count++;
	/* The creator's reference becomes the id table's. */
	id_bind_thread_locked(thread->id, thread);
}

void process_link_locked(struct process *child, struct process *parent, uint32_t pid,
			 uint32_t group, uint32_t session)
{
	child->pid = pid;
	child->parent = parent;
	if (parent)
		list_push_back(&parent->children, &child->sibling_node);
	id_bind_process_locked(pid, child);
	id_join_group_locked(child, group);
	id_join_session_locked(child, session, false);
	process_count_created();
}

struct aspace *process_swap_aspace(struct process *process, struct aspace *aspace)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct aspace *old = process->aspace;

	process->aspace = aspace;
	spin_unlock_irqrestore(&process->lock, state);
	return old;
}

void process_drop_contents(struct process *process)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct fd_table *fd_table = process->fd_table;
	struct file_context *files = process->files;
	struct dentry *executable = process->executable;
	char *program_name = process->program_name;
	struct namespace *space = process->namespace, *real_space = process->real_namespace;
	struct namespace_keeper *keeper = process->keeper;

	process->fd_table = NULL;
	process->files = NULL;
	process->executable = NULL;
	process->program_name = NULL;
	process->namespace = NULL;
	process->real_namespace = NULL;
	process->keeper = NULL;
	spin_unlock_irqrestore(&process->lock, state);
	if (fd_table)
		fd_table_put(fd_table);
	if (files)
		file_context_put(files);
	if (executable)
		dentry_put(executable);
	kfree(program_name);
	if (space)
		namespace_put(space);
	if (real_space)
		namespace_put(real_space);
	if (keeper)
		namespace_keeper_put(keeper);
}

struct process *process_find(uint32_t pid)
{
	irq_state_t state = id_table_lock();
	struct process *process = pid ? id_process_locked(pid) : NULL;

	if (process)
		process_get(process);
	id_table_unlock(state);
	return process;
}

struct process *process_find_next(uint32_t pid)
{
	irq_state_t state = id_table_lock();
	struct process *process = id_next_process_locked(pid);

	if (process)
		process_get(process);
	id_table_unlock(state);
	return process;
}

struct user_thread *user_thread_find(uint32_t id)
{
	irq_state_t state = id_table_lock();
	struct user_thread *thread = id ? id_thread_locked(id) : NULL;

	if (thread)
		thread_get(&thread->thread);
	id_table_unlock(state);
	return thread;
}

void user_thread_put(struct user_thread *thread)
{
	thread_put(&thread->thread);
}

struct user_thread *process_next_thread(struct process *process, uint32_t id)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct user_thread *found = NULL;
	struct list_node *node;

	list_for_each (node, &process->threads) {
		struct user_thread *thread = container_of(node, struct user_thread, process_node);

		if (thread->id >= id && (!found || thread->id < found->id))
			found = thread;
	}
	if (found)
		thread_get(&found->thread);
	spin_unlock_irqrestore(&process->lock, state);
	return found;
}

void process_visit(bool (*visit)(struct process *process, void *argument), void *argument)
{
	struct process *process = process_find_next(ID_FIRST);

	while (process) {
		uint32_t next = process->pid + 1;
		bool more = visit(process, argument);

		process_put(process);
		process = more ? process_find_next(next) : NULL;
	}
}

uint32_t process_count(void)
{
	return id_process_count();
}

uint32_t process_parent_pid(struct process *process)
{
	irq_state_t state = id_table_lock();
	uint32_t pid = process->parent ? process->parent->pid : 0;

	id_table_unlock(state);
	return pid;
}

struct aspace *process_aspace(struct process *process)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct aspace *aspace = process->aspace;

	if (aspace)
		aspace_get(aspace);
	spin_unlock_irqrestore(&process->lock, state);
	return aspace;
}

struct fd_table *process_fd_table(struct process *process)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct fd_table *table = process->fd_table;

	if (table)
		fd_table_get(table);
	spin_unlock_irqrestore(&process->lock, state);
	return table;
}

struct file_context *process_file_context(struct process *process)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct file_context *files = process->files;

	if (files)
		refcount_get(&files->references);
	spin_unlock_irqrestore(&process->lock, state);
	return files;
}

struct dentry *process_executable(struct process *process)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct dentry *executable = process->executable;

	if (executable)
		dentry_get(executable);
	spin_unlock_irqrestore(&process->lock, state);
	return executable;
}

/* A copy of process->program_name, or NULL in *name if there is none. */
static int copy_program_name(struct process *process, char **name)
{
	char *copy = kmalloc(PATH_MAX_LENGTH);
	irq_state_t state;

	*name = NULL;
	if (!copy)
		return -ENOMEM;
	state = spin_lock_irqsave(&process->lock);
	if (process->program_name) {
		string_copy(copy, process->program_name, PATH_MAX_LENGTH);
		*name = copy;
	}
	spin_unlock_irqrestore(&process->lock, state);
	if (!*name)
		kfree(copy);
	return 0;
}

int process_program_name(struct process *process, char **name)
{
	int error = copy_program_name(process, name);
	struct dentry *executable;

	if (error || *name)
		return error;
	executable = process_executable(process);
	if (!executable)
		return -ENOENT;
	error = dentry_scheme_name(executable, name);
	dentry_put(executable);
	return error;
}

void process_set_name(struct process *process, const char *name)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);

	string_copy(process->name, name, sizeof(process->name));
	spin_unlock_irqrestore(&process->lock, state);
}

void user_thread_set_name(struct user_thread *thread, const char *name)
{
	struct process *process = thread->process;
	irq_state_t state = spin_lock_irqsave(&process->lock);

	string_copy(thread->thread.name, name, sizeof(process->name));
	trace_name(&thread->thread, thread->thread.name);
	spin_unlock_irqrestore(&process->lock, state);
	if (thread->id == process->pid)
		process_set_name(process, name);
}

/* For the page faults of user copies. */
static struct aspace *current_aspace(void)
{
	struct thread *thread = thread_current();

	/* A thread on its last steps has left its address space. */
	if (!thread->user || !thread->pmap)
		return NULL;
	return process_current()->aspace;
}

/* The name space of a program; NULL, and thus the first one, for a process on its last steps. */
static struct namespace *current_namespace(void)
{
	return thread_current()->user ? process_current()->namespace : NULL;
}

void process_init(void)
{
	priority_futex_init();
	mutex_init(&process_tree_lock, RANK_PROCESS_TREE, "process tree");
	id_table_init();
	user_account_init();
	aspace_set_current_hook(current_aspace);
	namespace_set_current_hook(current_namespace);
	uname_init();
}
