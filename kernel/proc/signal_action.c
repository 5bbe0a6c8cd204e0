/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of handlers, and sigaction. */
#include "signal_private.h"

#include <base/errno.h>
#include <mm/phys/slab.h>
#include <proc/process.h>

struct signal_handlers *signal_handlers_create(const struct signal_handlers *from)
{
	struct signal_handlers *handlers = kzalloc(sizeof(*handlers));

	if (!handlers)
		return NULL;
	refcount_init(&handlers->references, 1);
	spinlock_init(&handlers->lock, RANK_SIGNAL, "signal handlers");
	if (from) {
		struct spinlock *lock = (struct spinlock *)&from->lock;
		irq_state_t state = spin_lock_irqsave(lock);

		for (unsigned i = 0; i < SIGNAL_MAX; i++)
			handlers->actions[i] = from->actions[i];
		spin_unlock_irqrestore(lock, state);
	}
	return handlers;
}

void signal_handlers_get(struct signal_handlers *handlers)
{
	refcount_get(&handlers->references);
}

void signal_handlers_put(struct signal_handlers *handlers)
{
	if (refcount_put(&handlers->references))
		kfree(handlers);
}

void signal_handlers_reset(struct signal_handlers *handlers)
{
	irq_state_t state = spin_lock_irqsave(&handlers->lock);

	for (unsigned i = 0; i < SIGNAL_MAX; i++) {
		struct signal_action *action = &handlers->actions[i];
		uintptr_t handler =
			action->handler == SIGNAL_IGNORE ? SIGNAL_IGNORE : SIGNAL_DEFAULT;

		*action = (struct signal_action){ .handler = handler };
	}
	spin_unlock_irqrestore(&handlers->lock, state);
}

/* What has just become ignored is no longer pending, blocked or not. */
static void discard_ignored(struct process *process, int signal)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct list_node *node;

	signal_pending_discard(&process->pending, signal_bit(signal));
	list_for_each (node, &process->threads) {
		struct user_thread *thread = container_of(node, struct user_thread, process_node);

		signal_pending_discard(&thread->pending, signal_bit(signal));
	}
	spin_unlock_irqrestore(&process->lock, state);
}

int signal_set_action(int signal, const struct signal_action *action, struct signal_action *old)
{
	struct process *process = process_current();
	struct signal_handlers *handlers = process->handlers;
	irq_state_t state;

	if (signal < 1 || signal > SIGNAL_MAX)
		return -EINVAL;
	if (action && signal_bit(signal) & SIGNALS_UNBLOCKABLE)
		return -EINVAL;
	state = spin_lock_irqsave(&handlers->lock);
	if (old)
		*old = handlers->actions[signal - 1];
	if (action)
		handlers->actions[signal - 1] = *action;
	spin_unlock_irqrestore(&handlers->lock, state);
	if (action && (action->handler == SIGNAL_IGNORE ||
		       (action->handler == SIGNAL_DEFAULT &&
			signal_default_action(process, signal) == SIGNAL_DEFAULT_IGNORE)))
		discard_ignored(process, signal);
	return 0;
}

bool signal_is_discarded(int signal)
{
	struct user_thread *self = user_thread_current();
	struct signal_action action;

	if (self->blocked & signal_bit(signal))
		return true;
	signal_read_action(self->process, signal, &action);
	return action.handler == SIGNAL_IGNORE;
}
