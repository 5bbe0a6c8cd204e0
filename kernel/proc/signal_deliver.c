/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Delivery: what a thread does about its signals on the way to user mode, and what becomes of
 * the system call that they interrupted.
 */
#include "debugger.h"
#include "process_private.h"
#include "signal_private.h"
#include "trap.h"

#include <arch/thread.h>
#include <base/errno.h>
#include <core/log.h>
#include <proc/hold.h>
#include <proc/personality.h>
#include <proc/process.h>

struct delivery {
	struct signal_info info;
	struct signal_action action;
};

bool signal_is_restart(int64_t result)
{
	return result <= -ERESTART && result >= -ERESTART_LAST;
}

/* Has an interrupted call run again or fail; `action`: of the handler that runs first, or
 * NULL. Does nothing the second time, nor where no call was interrupted. */
static void prepare_restart(struct user_thread *self, struct arch_registers *registers,
			    const struct signal_action *action)
{
	int64_t result = arch_get_result(registers);
	bool again;

	if (!self->in_syscall)
		return;
	self->in_syscall = false;
	switch (-result) {
	case ERESTART:
		again = !action || (action->flags & ACTION_RESTART);
		break;
	case ERESTARTNOINTR:
		again = true;
		break;
	case ERESTARTNOHAND:
		again = !action;
		break;
	default:
		if (signal_is_restart(result) && self->process->personality->restart)
			self->process->personality->restart(registers, action);
		return;
	}
	if (again)
		arch_restart_syscall(registers, self->syscall_number);
	else
		arch_set_result(registers, -EINTR);
}

static bool is_fault(const struct signal_info *info)
{
	switch (info->signal) {
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGTRAP:
		return info->code > 0;
	default:
		return false;
	}
}

static _Noreturn void terminate(struct user_thread *self, const struct signal_info *info,
				const struct arch_registers *registers)
{
	struct process *process = self->process;

	if (is_fault(info))
		log_debug("proc", "%s[%u]: signal %d, address %lx, pc %lx, sp %lx", process->name,
			  self->id, info->signal, info->address, arch_program_counter(registers),
			  arch_stack_pointer(registers));
	process_exit(wait_status_killed(info->signal, false));
}

static void take_default(struct user_thread *self, const struct signal_info *info,
			 const struct arch_registers *registers)
{
	if (self->process->protected)
		return;
	switch (signal_default_action(self->process, info->signal)) {
	case SIGNAL_DEFAULT_IGNORE:
		return;
	case SIGNAL_DEFAULT_STOP:
		signal_stop_process(self, info->signal);
		return;
	case SIGNAL_DEFAULT_TERMINATE:
		terminate(self, info, registers);
	}
}

/* Reads the action for delivery; one that is good for one time only is used up. */
static void use_action(struct process *process, int signal, struct signal_action *action)
{
	struct signal_handlers *handlers = process->handlers;
	struct signal_action *kept = &handlers->actions[signal - 1];

	spin_lock(&handlers->lock);
	*action = *kept;
	if (action->flags & ACTION_RESET && action->handler != SIGNAL_IGNORE)
		kept->handler = SIGNAL_DEFAULT;
	spin_unlock(&handlers->lock);
}

enum step {
	STEP_DONE,    /* nothing is left */
	STEP_LEAVE,   /* the thread must end */
	STEP_STOP,    /* the process is stopped */
	STEP_HOLD,    /* debuggers hold it */
	STEP_IGNORE,  /* a signal was taken that does nothing */
	STEP_DEFAULT, /* a signal was taken for its default action */
	STEP_HANDLE,  /* a signal was taken for its handler */
};

static enum step next_step_locked(struct user_thread *self, struct delivery *delivery)
{
	struct process *process = self->process;
	int signal;

	if (user_thread_must_leave_locked(self))
		return STEP_LEAVE;
	if (process->stopping)
		return STEP_STOP;
	if (process->holds)
		return STEP_HOLD;
	signal = signal_take_locked(self, ~self->blocked, &delivery->info);
	if (!signal) {
		self->thread.interrupted = false;
		return STEP_DONE;
	}
	use_action(process, signal, &delivery->action);
	if (delivery->action.handler == SIGNAL_IGNORE)
		return STEP_IGNORE;
	if (delivery->action.handler != SIGNAL_DEFAULT)
		return STEP_HANDLE;
	if (signal_bit(signal) & SIGNALS_STOP)
		process->stop_taken = true;
	return STEP_DEFAULT;
}

/* True: a debugger does not want the signal to be handled. */
static bool is_dropped(struct user_thread *self, const struct delivery *delivery)
{
	return process_is_debugged(self->process) &&
	       debugger_signal(self, delivery->info.signal, delivery->action.handler);
}

/* Takes signals until one has a handler: true; false where none is left. */
static bool next_handled(struct user_thread *self, const struct arch_registers *registers,
			 struct delivery *delivery)
{
	for (;;) {
		irq_state_t state = spin_lock_irqsave(&self->process->lock);
		enum step step = next_step_locked(self, delivery);

		spin_unlock_irqrestore(&self->process->lock, state);
		switch (step) {
		case STEP_DONE:
			return false;
		case STEP_HANDLE:
			if (!is_dropped(self, delivery))
				return true;
			break;
		case STEP_LEAVE:
			user_thread_leave(0);
		case STEP_STOP:
			signal_stop_here(self);
			break;
		case STEP_HOLD:
			process_hold_here(self);
			break;
		case STEP_DEFAULT:
			if (!is_dropped(self, delivery))
				take_default(self, &delivery->info, registers);
			break;
		case STEP_IGNORE:
			break;
		}
	}
}

/* No room for the handler's frame: SIGSEGV, whose handler is given up if it is the one. */
static void delivery_failed(struct user_thread *self, int signal)
{
	struct signal_info info = { .signal = SIGSEGV, .code = SIGNAL_KERNEL };
	struct signal_handlers *handlers = self->process->handlers;

	if (signal == SIGSEGV) {
		irq_state_t state = spin_lock_irqsave(&handlers->lock);

		handlers->actions[SIGSEGV - 1].handler = SIGNAL_DEFAULT;
		spin_unlock_irqrestore(&handlers->lock, state);
	}
	signal_force(&info);
}

static void run_handler(struct user_thread *self, struct arch_registers *registers,
			const struct delivery *delivery)
{
	const struct signal_action *action = &delivery->action;
	const struct personality *personality = self->process->personality;
	int signal = delivery->info.signal;
	signal_set_t old_mask = self->restore_mask ? self->saved_mask : self->blocked;
	signal_set_t mask = self->blocked | action->mask;

	prepare_restart(self, registers, action);
	if (personality->deliver(registers, &delivery->info, action, old_mask)) {
		delivery_failed(self, signal);
		return;
	}
	self->restore_mask = false;
	if (personality->one_handler)
		mask = SIGNALS_ALL;
	else if (!(action->flags & ACTION_NO_DEFER))
		mask |= signal_bit(signal);
	signal_set_mask(mask);
}

void signal_deliver(struct arch_registers *registers)
{
	struct user_thread *self = user_thread_current();
	struct delivery delivery;

	for (;;) {
		while (next_handled(self, registers, &delivery))
			run_handler(self, registers, &delivery);
		prepare_restart(self, registers, NULL);
		if (!self->restore_mask)
			return;
		/* The mask from before may let others through. */
		signal_restore_temporary_mask();
	}
}
