/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of threads, and of processes with their last one. */
#include "debugger.h"
#include "id_table.h"
#include "process_private.h"
#include "signal_private.h"
#include "user_account.h"

#include <core/panic.h>
#include <mm/phys/slab.h>
#include <proc/personality.h>
#include <proc/priority_futex.h>

void process_begin_exit_locked(struct process *process, int wait_status)
{
	if (process->exiting)
		return;
	process->exiting = true;
	process->group_status = wait_status;
	signal_release_all_locked(process);
}

void process_release_vfork(struct process *process)
{
	process->vfork_done = true;
	wait_wake_all(&process->vfork_wait);
}

static _Noreturn void panic_without_init(int wait_status)
{
	if (wait_status & 0x7f)
		panic("init was killed by signal %d", wait_status & 0x7f);
	panic("init exited with status %d", wait_status >> 8 & 0xff);
}

/* The current thread was the last one. */
static void process_finish(struct process *process)
{
	int wait_status = process->exiting ? process->group_status : process->leader_status;
	struct aspace *aspace;

	if (process == first_process)
		panic_without_init(wait_status);
	debugger_ended(process);
	interval_timers_stop(process);
	if (process->personality && process->personality->leave)
		process->personality->leave(process);
	aspace = process_swap_aspace(process, NULL);
	if (aspace)
		aspace_put(aspace);
	process_release_vfork(process);
	process_drop_contents(process);
	terminal_process_left(process, true);
	process_become_zombie(process, wait_status);
}

/* Takes the current thread out of its process; true if it was the last. */
static bool detach(struct user_thread *self, int wait_status)
{
	struct process *process = self->process;
	irq_state_t state = spin_lock_irqsave(&process->lock);
	bool last, stop_complete;

	list_remove(&self->process_node);
	process->thread_count--;
	process_add_dead_times_locked(process, self);
	user_account_drop_threads(process->account, 1);
	if (self->id == process->pid)
		process->leader_status = wait_status;
	if (self->stopped)
		process->stopped_count--;
	last = process->thread_count == 0;
	stop_complete = signal_stop_complete_locked(process);
	wait_wake_all(&process->exit_wait);
	spin_unlock_irqrestore(&process->lock, state);
	if (stop_complete)
		signal_report_stop(process);
	return last;
}

/* From now on others take the signals of the process. */
static void stop_taking_signals(struct user_thread *self)
{
	irq_state_t state = spin_lock_irqsave(&self->process->lock);

	self->exiting = true;
	signal_retarget_locked(self, ~self->blocked);
	spin_unlock_irqrestore(&self->process->lock, state);
}

_Noreturn void user_thread_leave(int wait_status)
{
	struct user_thread *self = user_thread_current();
	struct process *process = self->process;

	stop_taking_signals(self);
	user_thread_end_watch(self);
	user_thread_leave_memory(self);
	priority_futex_leave(self, false);
	/* Before the last thread gives the address space back: nobody uses it any more. */
	thread_set_pmap(NULL);
	id_unbind_thread(self->id, self);
	if (detach(self, wait_status))
		process_finish(process);
	/* The id table's reference; the scheduler has one until the thread is off its CPU. */
	user_thread_put(self);
	thread_exit();
}

_Noreturn void user_thread_exit(int exit_code)
{
	user_thread_leave(wait_status_exited(exit_code));
}

_Noreturn void process_exit(int wait_status)
{
	struct user_thread *self = user_thread_current();
	struct process *process = self->process;
	irq_state_t state;

	if (process_is_debugged(process))
		debugger_ends(process, wait_status);
	state = spin_lock_irqsave(&process->lock);
	/* If another thread is in exec, it is that one's program that goes on. */
	if (!process->exec_thread || process->exec_thread == self)
		process_begin_exit_locked(process, wait_status);
	spin_unlock_irqrestore(&process->lock, state);
	user_thread_leave(wait_status);
}
