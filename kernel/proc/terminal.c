/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The controlling terminals of processes. */
#include "id_table.h"
#include "process_private.h"

#include <base/errno.h>
#include <core/panic.h>
#include <proc/terminal.h>

/* Set once at start-up. */
static const struct terminal_ops *operations;

void process_set_terminal_ops(const struct terminal_ops *ops)
{
	operations = ops;
}

const struct terminal_ops *terminal_ops(void)
{
	assert(operations != NULL); /* somebody made a terminal */
	return operations;
}

struct tty *process_terminal(struct process *process)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct tty *tty = process->tty;

	if (tty)
		terminal_ops()->get(tty);
	spin_unlock_irqrestore(&process->lock, state);
	return tty;
}

static struct tty *take_terminal(struct process *process)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct tty *tty = process->tty;

	process->tty = NULL;
	spin_unlock_irqrestore(&process->lock, state);
	return tty;
}

void terminal_forget(struct process *process)
{
	struct tty *tty = take_terminal(process);

	if (tty)
		terminal_ops()->put(tty);
}

int process_set_terminal(struct tty *tty)
{
	struct process *self = process_current();
	irq_state_t state = spin_lock_irqsave(&self->lock);
	bool allowed = self->session == self->pid && !self->tty;

	if (allowed) {
		terminal_ops()->get(tty);
		self->tty = tty;
	}
	spin_unlock_irqrestore(&self->lock, state);
	return allowed ? 0 : -EPERM;
}

static bool clear_member(struct process *process, void *argument)
{
	if (process->session == *(const uint32_t *)argument)
		terminal_forget(process);
	return true;
}

void session_clear_terminal(uint32_t session)
{
	process_visit(clear_member, &session);
}

void terminal_process_left(struct process *process, bool ended)
{
	struct tty *tty = take_terminal(process);

	if (!tty)
		return;
	if (process->session == process->pid) {
		session_clear_terminal(process->session);
		terminal_ops()->leader_left(tty, process->session, ended);
	}
	terminal_ops()->put(tty);
}

int process_leave_terminal(void)
{
	struct process *self = process_current();

	if (!self->tty)
		return -ENOTTY;
	terminal_process_left(self, false);
	return 0;
}

void terminal_inherit(struct process *child, struct process *parent)
{
	child->tty = process_terminal(parent);
}
