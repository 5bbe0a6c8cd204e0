/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sending: whether a signal is kept, where it waits, and who is woken for it. */
#include "id_table.h"
#include "process_private.h"
#include "signal_private.h"

#include <base/errno.h>
#include <proc/process.h>

void signal_read_action(struct process *process, int signal, struct signal_action *action)
{
	struct signal_handlers *handlers = process->handlers;
	irq_state_t state = spin_lock_irqsave(&handlers->lock);

	*action = handlers->actions[signal - 1];
	spin_unlock_irqrestore(&handlers->lock, state);
}

/* True if the action of `signal` is to do nothing, so that it need not be kept. */
static bool action_ignores(struct process *process, int signal)
{
	struct signal_action action;

	signal_read_action(process, signal, &action);
	if (action.handler == SIGNAL_IGNORE)
		return true;
	if (action.handler != SIGNAL_DEFAULT)
		return false;
	return process->protected ||
	       signal_default_action(process, signal) == SIGNAL_DEFAULT_IGNORE;
}

/* Blocked signals are kept though ignored: the action may change before they are unblocked,
 * or somebody waits for them. */
static bool must_keep(struct process *process, struct user_thread *target, signal_set_t bit)
{
	struct list_node *node;
	bool blocked_by_all = true;

	if (target)
		return (target->blocked | target->waited) & bit;
	list_for_each (node, &process->threads) {
		struct user_thread *thread = container_of(node, struct user_thread, process_node);

		if (thread->waited & bit)
			return true;
		if (!(thread->blocked & bit))
			blocked_by_all = false;
	}
	return blocked_by_all;
}

bool signal_is_heeded(struct process *process, int signal)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	bool heeded =
		process->thread_count > 0 && !process->exiting &&
		(!action_ignores(process, signal) || must_keep(process, NULL, signal_bit(signal)));

	spin_unlock_irqrestore(&process->lock, state);
	return heeded;
}

static bool wants(const struct user_thread *thread, int signal)
{
	signal_set_t bit = signal_bit(signal);

	if (thread->exiting)
		return false;
	return !(thread->blocked & bit) || thread->waited & bit;
}

/* Tells a thread that can take the signal. None: it stays pending until one unblocks it. */
static void wake_for(struct process *process, struct user_thread *target, int signal)
{
	struct list_node *node;

	wait_wake_all(&process->signal_wait);
	if (target) {
		if (wants(target, signal))
			thread_interrupt(&target->thread);
		return;
	}
	list_for_each (node, &process->threads) {
		struct user_thread *thread = container_of(node, struct user_thread, process_node);

		if (wants(thread, signal)) {
			thread_interrupt(&thread->thread);
			return;
		}
	}
}

int signal_send_locked(struct process *process, struct user_thread *target,
		       const struct signal_info *info)
{
	struct signal_pending *pending = target ? &target->pending : &process->pending;
	int signal = info->signal;
	bool realtime = signal >= SIGNAL_REALTIME;
	/* The kernel's own ordinary signals and kill's go beyond the limit. */
	uint64_t limit = !realtime && info->code >= 0 ? UINT64_MAX
						      : process->limits[RESOURCE_SIGNALS].current;
	int error;

	if (process->thread_count == 0 || process->exiting || (target && target->exiting))
		return 0;
	signal_prepare_locked(process, signal);
	if (action_ignores(process, signal) && !must_keep(process, target, signal_bit(signal)))
		return 0;
	if (signal == SIGKILL) {
		process_begin_exit_locked(process, wait_status_killed(SIGKILL, false));
		return 0;
	}
	error = signal_pending_add(pending, info, process->account, limit,
				   realtime && info->code != SIGNAL_USER);
	if (!error)
		wake_for(process, target, signal);
	return error;
}

int signal_send_process(struct process *process, const struct signal_info *info)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	int error = signal_send_locked(process, NULL, info);

	spin_unlock_irqrestore(&process->lock, state);
	return error;
}

int signal_send_thread(struct user_thread *thread, const struct signal_info *info)
{
	struct process *process = thread->process;
	irq_state_t state = spin_lock_irqsave(&process->lock);
	int error = signal_send_locked(process, thread, info);

	spin_unlock_irqrestore(&process->lock, state);
	return error;
}

void signal_send_kernel(struct process *process, int signal)
{
	struct signal_info info = { .signal = signal, .code = SIGNAL_KERNEL };

	(void)signal_send_process(process, &info); /* fails for real-time signals only */
}

int signal_send_group(uint32_t group, const struct signal_info *info)
{
	irq_state_t state = id_table_lock();
	const struct list *members = id_members_locked(group);
	int result = members ? 0 : -ESRCH;
	struct list_node *node;

	if (members) {
		list_for_each (node, members) {
			struct process *process = container_of(node, struct process, group_node);
			int error = signal_send_process(process, info);

			if (error)
				result = error;
		}
	}
	id_table_unlock(state);
	return result;
}

void signal_force(const struct signal_info *info)
{
	struct user_thread *self = user_thread_current();
	struct process *process = self->process;
	struct signal_handlers *handlers = process->handlers;
	struct signal_action *action = &handlers->actions[info->signal - 1];
	irq_state_t state = spin_lock_irqsave(&process->lock);

	spin_lock(&handlers->lock);
	if (self->blocked & signal_bit(info->signal) || action->handler == SIGNAL_IGNORE) {
		action->handler = SIGNAL_DEFAULT;
		self->blocked &= ~signal_bit(info->signal);
	}
	if (action->handler == SIGNAL_DEFAULT)
		process->protected = false;
	spin_unlock(&handlers->lock);
	(void)signal_send_locked(process, self, info); /* kept: neither ignored nor counted */
	spin_unlock_irqrestore(&process->lock, state);
}

int signal_take_locked(struct user_thread *self, signal_set_t set, struct signal_info *info)
{
	struct process *process = self->process;
	int signal = signal_pick(self->pending.set & set);

	if (signal) {
		signal_pending_take(&self->pending, signal, info);
	} else {
		signal = signal_pick(process->pending.set & set);
		if (signal)
			signal_pending_take(&process->pending, signal, info);
	}
	if (signal && info->code == SIGNAL_TIMER)
		posix_timers_taken_locked(process, info);
	return signal;
}

void signal_retarget_locked(struct user_thread *self, signal_set_t set)
{
	struct process *process = self->process;
	signal_set_t left = process->pending.set & set;
	struct list_node *node;

	if (!left)
		return;
	list_for_each (node, &process->threads) {
		struct user_thread *thread = container_of(node, struct user_thread, process_node);

		if (thread != self && !thread->exiting &&
		    left & (~thread->blocked | thread->waited))
			thread_interrupt(&thread->thread);
	}
}

bool user_thread_has_work_locked(const struct user_thread *thread)
{
	const struct process *process = thread->process;

	return user_thread_must_leave_locked(thread) || process->stopping || process->holds ||
	       (thread->pending.set | process->pending.set) & ~thread->blocked;
}

void signal_recompute_locked(struct user_thread *self)
{
	if (user_thread_has_work_locked(self))
		thread_interrupt(&self->thread);
	else
		self->thread.interrupted = false;
}
