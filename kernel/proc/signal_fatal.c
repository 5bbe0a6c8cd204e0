/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which threads are as good as dead: for waits that only their end may cut short. */
#include "process_private.h"
#include "signal_private.h"

#include <proc/process.h>

static bool kills(struct process *process, int signal)
{
	struct signal_action action;

	if (process->protected ||
	    signal_default_action(process, signal) != SIGNAL_DEFAULT_TERMINATE)
		return false;
	signal_read_action(process, signal, &action);
	return action.handler == SIGNAL_DEFAULT;
}

bool signal_is_fatal(void)
{
	struct user_thread *self = user_thread_current();
	struct process *process = self->process;
	irq_state_t state = spin_lock_irqsave(&process->lock);
	signal_set_t set = (self->pending.set | process->pending.set) & ~self->blocked;
	bool fatal = self->exiting || user_thread_must_leave_locked(self);
	int signal;

	while (!fatal && (signal = signal_pick(set))) {
		fatal = kills(process, signal);
		set &= ~signal_bit(signal);
	}
	spin_unlock_irqrestore(&process->lock, state);
	return fatal;
}
