/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads that the kernel makes inside a program. */
#include <proc/supply.h>

#include "id_table.h"
#include "out_of_memory.h"
#include "process_private.h"
#include "signal_private.h"

#include <base/errno.h>
#include <base/string.h>
#include <scheme/credentials.h>

int process_create_thread(const struct supplied_thread *like, struct user_thread **thread)
{
	struct user_thread *self = user_thread_current(), *child;
	struct process *process = self->process;
	struct arch_registers *registers;
	int error = -ENOMEM;

	if (!out_of_memory_for_fork())
		error = user_thread_create(process, 0, user_thread_begin, &child);
	if (error)
		return error;
	registers = arch_user_registers(&child->thread);
	arch_registers_reset(registers, like->entry, like->stack_pointer);
	for (unsigned i = 0; i < array_length(like->arguments); i++)
		arch_set_argument(registers, i, like->arguments[i]);
	if (like->thread_pointer)
		error = arch_set_thread_pointer(&child->thread, like->thread_pointer);
	if (error) {
		user_thread_destroy(child);
		return error;
	}
	child->thread.pmap = process->aspace->pmap;
	memcpy(child->thread.name, self->thread.name, sizeof(child->thread.name));
	child->credentials = self->credentials;
	credentials_get(child->credentials);
	child->blocked = like->blocked & ~SIGNALS_UNBLOCKABLE;
	child->watch = like->watch;
	*thread = child;
	return 0;
}

int process_publish_threads(struct user_thread **threads, unsigned count)
{
	struct user_thread *self = user_thread_current();
	struct process *process = self->process;
	irq_state_t table = id_table_lock();
	irq_state_t state = spin_lock_irqsave(&process->lock);
	int error = user_thread_has_work_locked(self) ? -ERESTARTNOINTR : 0;
	unsigned added = 0;

	while (!error && added < count) {
		error = process_count_and_add_thread_locked(process, threads[added]);
		if (!error)
			added++;
	}
	spin_unlock_irqrestore(&process->lock, state);
	id_table_unlock(table);
	for (unsigned i = added; i < count; i++)
		user_thread_destroy(threads[i]);
	return added ? (int)added : error;
}

void user_thread_end_watch(struct user_thread *self)
{
	struct thread_watch *watch = self->watch;

	self->watch = NULL;
	if (watch)
		watch->left(watch);
}
