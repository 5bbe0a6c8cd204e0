/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Masks of blocked signals, temporary ones too, and waiting for signals. */
#include "signal_private.h"

#include <base/errno.h>
#include <proc/process.h>
#include <time/clock.h>

void signal_set_mask(signal_set_t mask)
{
	struct user_thread *self = user_thread_current();
	irq_state_t state = spin_lock_irqsave(&self->process->lock);
	signal_set_t newly_blocked = mask & ~self->blocked;

	self->blocked = mask & ~SIGNALS_UNBLOCKABLE;
	signal_retarget_locked(self, newly_blocked);
	signal_recompute_locked(self);
	spin_unlock_irqrestore(&self->process->lock, state);
}

void signal_set_temporary_mask(signal_set_t mask)
{
	struct user_thread *self = user_thread_current();

	/* One within another keeps the outermost mask. */
	if (!self->restore_mask)
		self->saved_mask = self->blocked;
	self->restore_mask = true;
	signal_set_mask(mask);
}

void signal_restore_temporary_mask(void)
{
	struct user_thread *self = user_thread_current();

	if (!self->restore_mask)
		return;
	self->restore_mask = false;
	signal_set_mask(self->saved_mask);
}

signal_set_t signal_pending_set(struct user_thread *thread)
{
	struct process *process = thread->process;
	irq_state_t state = spin_lock_irqsave(&process->lock);
	signal_set_t set = thread->pending.set | process->pending.set;

	spin_unlock_irqrestore(&process->lock, state);
	return set;
}

/* One look: the signal taken, 0: go on waiting, -EINTR: others are to be handled first. */
static int wait_look(struct user_thread *self, signal_set_t set, struct signal_info *info)
{
	irq_state_t state = spin_lock_irqsave(&self->process->lock);
	int signal = signal_take_locked(self, set, info);

	self->waited = signal ? 0 : set;
	signal_recompute_locked(self);
	if (!signal && thread_interrupted(&self->thread)) {
		self->waited = 0;
		signal = -EINTR;
	}
	spin_unlock_irqrestore(&self->process->lock, state);
	return signal;
}

static void wait_end_waiting(struct user_thread *self)
{
	irq_state_t state = spin_lock_irqsave(&self->process->lock);

	self->waited = 0;
	spin_unlock_irqrestore(&self->process->lock, state);
}

int signal_wait(signal_set_t set, uint64_t deadline, struct signal_info *info)
{
	struct user_thread *self = user_thread_current();

	set &= ~SIGNALS_UNBLOCKABLE;
	for (;;) {
		int signal = wait_look(self, set, info);

		if (signal)
			return signal;
		if (deadline != DEADLINE_NEVER && clock_monotonic_ns() >= deadline) {
			wait_end_waiting(self);
			return -EAGAIN;
		}
		/* Senders of what is waited for interrupt this sleep like any other. */
		thread_set_state(THREAD_SLEEPING_INTERRUPTIBLE);
		(void)thread_block(deadline); /* the clock tells below */
	}
}

int signal_suspend(signal_set_t mask)
{
	struct user_thread *self = user_thread_current();

	signal_set_temporary_mask(mask);
	while (!thread_interrupted(&self->thread)) {
		thread_set_state(THREAD_SLEEPING_INTERRUPTIBLE);
		(void)thread_block(DEADLINE_NEVER);
	}
	return -ERESTARTNOHAND;
}
