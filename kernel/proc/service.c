/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes that the kernel makes for itself. */
#include <proc/service.h>

#include "id_table.h"
#include "process_private.h"
#include "user_account.h"

#include <arch/thread.h>
#include <base/errno.h>
#include <base/string.h>
#include <core/panic.h>
#include <scheme/credentials.h>

/* What cannot fail comes last: the address space is the process's only then. */
static int fill(struct process *process, const struct service_start *start)
{
	process->service = true;
	process->dumpable = false;
	process->own_umask = 0;
	process_set_personality(process, start->personality);
	string_copy(process->name, start->name, sizeof(process->name));
	limits_set_defaults(process->limits);
	process->credentials = credentials_create(NULL);
	process->account = user_account_find(0);
	process->handlers = signal_handlers_create(NULL);
	if (!process->credentials || !process->account || !process->handlers)
		return -ENOMEM;
	return 0;
}

static int create_thread(struct process *process, const struct service_start *start,
			 struct user_thread **thread)
{
	int error = user_thread_create(process, 0, user_thread_begin, thread);

	if (error)
		return error;
	if (!user_account_add_thread(process->account, UINT64_MAX)) {
		user_thread_destroy(*thread);
		return -EAGAIN;
	}
	arch_registers_reset(arch_user_registers(&(*thread)->thread), start->entry,
			     start->stack_pointer);
	(*thread)->credentials = process->credentials;
	credentials_get(process->credentials);
	return 0;
}

static void publish(struct process *process, struct user_thread *thread)
{
	irq_state_t table, state;

	mutex_lock(&process_tree_lock);
	table = id_table_lock();
	process_link_locked(process, NULL, thread->id, thread->id, thread->id);
	state = spin_lock_irqsave(&process->lock);
	process_add_thread_locked(process, thread);
	spin_unlock_irqrestore(&process->lock, state);
	id_table_unlock(table);
	mutex_unlock(&process_tree_lock);
}

int service_create(const struct service_start *start, struct process **process)
{
	struct process *made = process_allocate();
	struct user_thread *thread;
	int error;

	if (!made)
		return -ENOMEM;
	error = fill(made, start);
	if (!error)
		error = create_thread(made, start, &thread);
	if (error) {
		process_drop_contents(made);
		process_put(made);
		return error;
	}
	made->aspace = start->aspace;
	made->abi_data = start->abi_data;
	thread->thread.pmap = start->aspace->pmap;
	process_get(made);
	publish(made, thread);
	*process = made;
	return 0;
}

void service_run(struct process *process)
{
	struct user_thread *thread = process_next_thread(process, process->pid);

	/* Who is killed before it runs, ends when it does. */
	assert(thread != NULL);
	thread_start(&thread->thread);
	user_thread_put(thread);
}
