/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Collects what several files of /proc/PID tell. */
#include "proc_view.h"
#include "../process_private.h"
#include "../user_account.h"

#include <base/errno.h>
#include <base/string.h>

/* Linux's SCHED_ numbers. */
#define POLICY_OTHER 0
#define POLICY_FIFO  1
#define POLICY_RR    2
#define POLICY_BATCH 3
#define POLICY_IDLE  5

static char thread_state_letter(const struct thread *thread)
{
	uint32_t state = thread->state;

	switch (state) {
	case THREAD_NEW:
	case THREAD_RUNNABLE:
		return 'R';
	case THREAD_SLEEPING_INTERRUPTIBLE:
		return 'S';
	case THREAD_SLEEPING:
		return 'D';
	case THREAD_STOPPED:
		return 'T';
	default:
		return 'X';
	}
}

/* As Linux numbers them. */
static unsigned policy_number(enum thread_policy policy)
{
	switch (policy) {
	case THREAD_POLICY_FIFO:
		return POLICY_FIFO;
	case THREAD_POLICY_ROUND_ROBIN:
		return POLICY_RR;
	case THREAD_POLICY_BATCH:
		return POLICY_BATCH;
	case THREAD_POLICY_IDLE:
		return POLICY_IDLE;
	default:
		return POLICY_OTHER;
	}
}

static void read_thread(struct user_thread *thread, struct proc_view *view)
{
	const struct thread *core = &thread->thread;

	view->state = thread_state_letter(core);
	view->nice = core->nice;
	view->policy = policy_number(core->policy);
	view->realtime_priority = core->realtime_priority;
	view->priority =
		view->realtime_priority ? -1 - (int)view->realtime_priority : 20 + view->nice;
	view->cpu = core->cpu;
	view->affinity = core->affinity;
	view->switches_voluntary = core->switches_voluntary;
	view->switches_involuntary = core->switches_involuntary;
}

static void read_actions(struct process *process, struct proc_view *view)
{
	struct signal_handlers *handlers = process->handlers;
	irq_state_t state = spin_lock_irqsave(&handlers->lock);

	for (int signal = 1; signal <= SIGNAL_MAX; signal++) {
		uintptr_t handler = handlers->actions[signal - 1].handler;

		if (handler == SIGNAL_IGNORE)
			view->ignored |= signal_bit(signal);
		else if (handler != SIGNAL_DEFAULT)
			view->caught |= signal_bit(signal);
	}
	spin_unlock_irqrestore(&handlers->lock, state);
}

static void read_process(struct process *process, struct user_thread *thread,
			 struct proc_view *view)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);

	string_copy(view->name, process->name, sizeof(view->name));
	view->thread_count = process->thread_count;
	view->process_pending = process->pending.set;
	view->queued_signals = user_account_signals(process->account);
	read_actions(process, view);
	if (thread) {
		view->thread_pending = thread->pending.set;
		view->blocked = thread->blocked;
	}
	spin_unlock_irqrestore(&process->lock, state);
}

int proc_view_read(struct proc_node *node, struct proc_view *view)
{
	struct process *process = node->process;
	struct user_thread *thread = proc_thread(node);

	if (!thread && node->thread_id)
		return -ESRCH;
	*view = (struct proc_view){ .id = process->pid, .state = 'Z', .policy = POLICY_OTHER };
	read_process(process, thread, view);
	process_read_times(process, &view->times);
	if (thread) {
		read_thread(thread, view);
		if (node->thread_id) {
			view->id = node->thread_id;
			string_copy(view->name, thread->thread.name, sizeof(view->name));
			user_thread_read_times(thread, &view->times);
		}
		user_thread_put(thread);
	}
	return 0;
}
