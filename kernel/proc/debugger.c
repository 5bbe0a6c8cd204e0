/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Debuggers of processes (proc/debugger.h): coming, going, and being told. */
#include "debugger.h"

#include "process_private.h"
#include "signal_private.h"
#include "trap.h"

#include <arch/thread.h>
#include <base/errno.h>
#include <proc/personality.h>

static bool call_begins(struct process *process)
{
	struct debugger *debugger = process_debugger(process);
	bool wanted = true;

	if (debugger) {
		wanted = debugger->ops->call_begins(debugger);
		debugger_put(debugger);
	}
	return wanted;
}

static void call_ends(struct process *process)
{
	struct debugger *debugger = process_debugger(process);

	if (!debugger)
		return;
	debugger->ops->call_ends(debugger);
	debugger_put(debugger);
}

/* The debugger may have changed the registers, or want no call to be made. */
static void serve_debugged(struct arch_registers *registers)
{
	struct user_thread *self = user_thread_current();
	bool wanted = call_begins(self->process);

	self->in_syscall = wanted;
	self->syscall_number = arch_syscall_number(registers);
	if (wanted)
		self->process->personality->syscall(registers);
	/* One that is to run again begins again. */
	if (!self->in_syscall || !signal_is_restart(arch_get_result(registers)))
		call_ends(self->process);
}

static void choose_serve_locked(struct process *process)
{
	void (*serve)(struct arch_registers * registers) =
		process->debugger ? serve_debugged : process->personality->syscall;

	__atomic_store_n(&process->serve, serve, __ATOMIC_RELAXED);
}

void process_set_personality(struct process *process, const struct personality *personality)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);

	process->personality = personality;
	choose_serve_locked(process);
	spin_unlock_irqrestore(&process->lock, state);
}

int process_attach_debugger(struct process *process, struct debugger *debugger)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	int error = 0;

	if (process->debugger)
		error = -EBUSY;
	else if (!process->thread_count)
		error = -ESRCH;
	if (!error) {
		process->debugger = debugger;
		choose_serve_locked(process);
	}
	spin_unlock_irqrestore(&process->lock, state);
	if (!error)
		refcount_get(&debugger->references);
	return error;
}

/* Takes it away, if it is `wanted` or that is NULL: its reference is the caller's. */
static struct debugger *take(struct process *process, struct debugger *wanted)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct debugger *debugger = process->debugger;

	if (wanted && debugger != wanted)
		debugger = NULL;
	if (debugger) {
		process->debugger = NULL;
		choose_serve_locked(process);
	}
	spin_unlock_irqrestore(&process->lock, state);
	return debugger;
}

void process_detach_debugger(struct process *process, struct debugger *debugger)
{
	struct debugger *taken = take(process, debugger);

	if (taken)
		debugger_put(taken);
}

struct debugger *process_debugger(struct process *process)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct debugger *debugger = process->debugger;

	if (debugger)
		refcount_get(&debugger->references);
	spin_unlock_irqrestore(&process->lock, state);
	return debugger;
}

void debugger_put(struct debugger *debugger)
{
	if (refcount_put(&debugger->references))
		debugger->ops->release(debugger);
}

bool debugger_exception(struct user_thread *self, enum trap_kind kind)
{
	struct debugger *debugger = process_debugger(self->process);
	bool taken = false;

	if (debugger) {
		taken = debugger->ops->exception(debugger, kind);
		debugger_put(debugger);
	}
	return taken;
}

bool debugger_signal(struct user_thread *self, int signal, uintptr_t handler)
{
	struct debugger *debugger = process_debugger(self->process);
	bool dropped = false;

	if (debugger) {
		dropped = debugger->ops->signal(debugger, signal, handler);
		debugger_put(debugger);
	}
	return dropped;
}

void debugger_ends(struct process *process, int wait_status)
{
	struct debugger *debugger = process_debugger(process);

	if (!debugger)
		return;
	debugger->ops->ends(debugger, wait_status);
	debugger_put(debugger);
}

void debugger_cloned(struct process *parent, struct process *child)
{
	struct debugger *debugger = process_debugger(parent);

	if (!debugger)
		return;
	debugger->ops->cloned(debugger, child);
	debugger_put(debugger);
}

void debugger_ended(struct process *process)
{
	struct debugger *debugger = take(process, NULL);

	if (!debugger)
		return;
	debugger->ops->ended(debugger);
	debugger_put(debugger);
}
