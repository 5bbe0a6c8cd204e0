/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `proc:PID/trace`: a debugger's session with one process. Writing flags (enum redox_trace_flags)
 * says what it is to stop for and has it go on; reading gives what happened, one event for each
 * stop, and waits for it. At a stop the process is held, so that the other files of `proc:` find
 * it as it is.
 *
 * A child that a traced process clones, where the debugger wants to hear of that, is held until
 * the debugger has read of it and goes on; if it traces the child by then, until it lets that
 * go on.
 */
#include "proc_scheme.h"
#include "redox.h"

#include <arch/thread.h>
#include <mm/phys/slab.h>
#include <proc/debugger.h>
#include <proc/hold.h>
#include <scheme/poll.h>

#define FLAGS_KNOWN                                                                        \
	(REDOX_STOP_PRE_SYSCALL | REDOX_STOP_POST_SYSCALL | REDOX_STOP_SINGLE_STEP |       \
	 REDOX_STOP_SIGNAL | REDOX_STOP_BREAKPOINT | REDOX_STOP_EXIT | REDOX_EVENT_CLONE | \
	 REDOX_FLAG_IGNORE)

struct trace {
	struct debugger debugger;
	struct wait_queue wait; /* events, the end */
	bool kills;             /* closing it ends the process; immutable */
	struct spinlock lock;   /* RANK_DEBUGGER: all below */
	uint64_t flags;         /* written last */
	bool stopped;           /* at a stop, and was not told to go on */
	bool holding;           /* the process is held for this session, stopped or not */
	bool ended, closed;
	struct list events; /* struct trace_event, not read */
	struct list clones; /* the same, read, of children that are held */
};

struct trace_event {
	struct list_node node;
	struct redox_trace_event event;
	struct process *child; /* a reference, held; or NULL */
};

static struct trace *trace_of(struct debugger *debugger)
{
	return container_of(debugger, struct trace, debugger);
}

/* --- In the traced process. --- */

static struct trace_event *event_create(uint64_t cause, uint64_t a, uint64_t b)
{
	struct trace_event *event = kzalloc(sizeof(*event));

	if (!event)
		return NULL;
	list_node_init(&event->node);
	event->event.cause = cause;
	event->event.a = a;
	event->event.b = b;
	return event;
}

/* Adds `event`, which may be NULL (no memory, so nothing happens), and is freed if the session
 * does not want it. True: it was added. */
static bool add_event(struct trace *trace, struct trace_event *event, bool stop)
{
	irq_state_t state = spin_lock_irqsave(&trace->lock);
	bool wanted = event && !trace->closed && trace->flags & event->event.cause;

	if (wanted) {
		list_push_back(&trace->events, &event->node);
		if (stop) {
			trace->stopped = true;
			if (!trace->holding)
				process_hold_soon(process_current());
			trace->holding = true;
		}
	}
	spin_unlock_irqrestore(&trace->lock, state);
	if (wanted)
		wait_wake_all(&trace->wait);
	else
		kfree(event);
	return wanted;
}

static uint64_t flags_of(struct trace *trace)
{
	irq_state_t state = spin_lock_irqsave(&trace->lock);
	uint64_t flags = trace->flags;

	spin_unlock_irqrestore(&trace->lock, state);
	return flags;
}

/* Stops for `cause`, if that is wanted, until the debugger has it go on. True: it wants that not
 * to happen for which the stop was. */
static bool stop(struct debugger *debugger, uint64_t cause, uint64_t a, uint64_t b)
{
	struct trace *trace = trace_of(debugger);

	if (!(flags_of(trace) & cause) || !add_event(trace, event_create(cause, a, b), true))
		return false;
	process_hold_here(user_thread_current());
	return flags_of(trace) & REDOX_FLAG_IGNORE;
}

static bool trace_call_begins(struct debugger *debugger)
{
	return !stop(debugger, REDOX_STOP_PRE_SYSCALL, 0, 0);
}

static void trace_call_ends(struct debugger *debugger)
{
	stop(debugger, REDOX_STOP_POST_SYSCALL, 0, 0);
}

static bool trace_exception(struct debugger *debugger, enum trap_kind kind)
{
	uint64_t wanted = flags_of(trace_of(debugger));

	if (kind == TRAP_STEP && wanted & REDOX_STOP_SINGLE_STEP) {
		stop(debugger, REDOX_STOP_SINGLE_STEP, 0, 0);
		return true;
	}
	if (kind == TRAP_BREAKPOINT && wanted & REDOX_STOP_BREAKPOINT) {
		arch_undo_breakpoint(arch_user_registers(thread_current()));
		stop(debugger, REDOX_STOP_BREAKPOINT, 0, 0);
		return true;
	}
	return false;
}

static bool trace_signal(struct debugger *debugger, int signal, uintptr_t handler)
{
	return stop(debugger, REDOX_STOP_SIGNAL, (uint64_t)signal, handler);
}

static void trace_ends(struct debugger *debugger, int wait_status)
{
	stop(debugger, REDOX_STOP_EXIT, (uint64_t)wait_status, 0);
}

static void trace_cloned(struct debugger *debugger, struct process *child)
{
	struct trace *trace = trace_of(debugger);
	struct trace_event *event;

	if (!(flags_of(trace) & REDOX_EVENT_CLONE))
		return;
	event = event_create(REDOX_EVENT_CLONE, child->pid, 0);
	if (!event)
		return;
	process_get(child);
	event->child = child;
	process_hold_soon(child);
	if (!add_event(trace, event, false)) {
		process_release(child);
		process_put(child);
	}
}

static void trace_ended(struct debugger *debugger)
{
	struct trace *trace = trace_of(debugger);
	irq_state_t state = spin_lock_irqsave(&trace->lock);

	trace->ended = true;
	spin_unlock_irqrestore(&trace->lock, state);
	wait_wake_all(&trace->wait);
}

static void trace_release(struct debugger *debugger)
{
	kfree(trace_of(debugger));
}

static const struct debugger_ops trace_ops = {
	.call_begins = trace_call_begins,
	.call_ends = trace_call_ends,
	.exception = trace_exception,
	.signal = trace_signal,
	.ends = trace_ends,
	.cloned = trace_cloned,
	.ended = trace_ended,
	.release = trace_release,
};

/* --- In the debugger. --- */

/* The hold of a child that was cloned becomes that of its own session, if it has one; else the
 * child begins. */
static void release_clone(struct trace_event *event)
{
	struct debugger *debugger = process_debugger(event->child);
	bool passed_on = false;

	if (debugger && debugger->ops == &trace_ops) {
		struct trace *trace = trace_of(debugger);
		irq_state_t state = spin_lock_irqsave(&trace->lock);

		passed_on = !trace->holding && !trace->closed;
		if (passed_on)
			trace->holding = true;
		spin_unlock_irqrestore(&trace->lock, state);
	}
	if (debugger)
		debugger_put(debugger);
	if (!passed_on)
		process_release(event->child);
	process_put(event->child);
	kfree(event);
}

/* Empties a list of events; those of children that are held begin to run. */
static void release_events(struct trace *trace, struct list *events)
{
	for (;;) {
		irq_state_t state = spin_lock_irqsave(&trace->lock);
		struct list_node *node = list_empty(events) ? NULL : list_first(events);
		struct trace_event *event;

		if (node)
			list_remove(node);
		spin_unlock_irqrestore(&trace->lock, state);
		if (!node)
			return;
		event = container_of(node, struct trace_event, node);
		if (event->child)
			release_clone(event);
		else
			kfree(event);
	}
}

/* The process goes on, to stop for `flags`; false: it has ended. */
static bool go_on(struct trace *trace, struct process *process, uint64_t flags, bool close)
{
	irq_state_t state = spin_lock_irqsave(&trace->lock);
	bool release = trace->holding, ended = trace->ended;

	trace->flags = flags;
	trace->stopped = false;
	trace->holding = false;
	trace->closed = close;
	spin_unlock_irqrestore(&trace->lock, state);
	if (release)
		process_release(process);
	return !ended;
}

static int trace_open(struct proc_file *file, unsigned flags)
{
	struct trace *trace = kzalloc(sizeof(*trace));
	int error;

	if (!trace)
		return -ENOMEM;
	trace->debugger.ops = &trace_ops;
	refcount_init(&trace->debugger.references, 1);
	wait_queue_init(&trace->wait, "debugger");
	spinlock_init(&trace->lock, RANK_DEBUGGER, "debugger");
	list_init(&trace->events);
	list_init(&trace->clones);
	trace->kills = flags & FILE_EXCLUSIVE;
	/* Nobody could have the process itself go on. */
	trace->holding = flags & FILE_TRUNCATE && file->process != process_current();
	if (trace->holding)
		process_hold_soon(file->process);
	error = process_attach_debugger(file->process, &trace->debugger);
	if (error) {
		if (trace->holding)
			process_release(file->process);
		kfree(trace);
		return error;
	}
	file->trace = trace;
	return 0;
}

static void trace_close(struct proc_file *file)
{
	struct trace *trace = file->trace;

	process_detach_debugger(file->process, &trace->debugger);
	(void)go_on(trace, file->process, 0, true);
	release_events(trace, &trace->events);
	release_events(trace, &trace->clones);
	if (trace->kills)
		signal_send_kernel(file->process, SIGKILL);
	debugger_put(&trace->debugger);
}

/* Takes the next event: true. *result: what there is to say if there is none. */
static bool take_event(struct trace *trace, struct redox_trace_event *to, int *result)
{
	irq_state_t state = spin_lock_irqsave(&trace->lock);
	struct trace_event *event = NULL, *used_up = NULL;

	if (!list_empty(&trace->events)) {
		event = container_of(list_first(&trace->events), struct trace_event, node);
		*to = event->event;
		list_remove(&event->node);
		/* Among the clones, others may free it as soon as the lock is gone. */
		if (event->child)
			list_push_back(&trace->clones, &event->node);
		else
			used_up = event;
	}
	*result = trace->ended ? -ESRCH : trace->stopped ? 0 : -EAGAIN;
	spin_unlock_irqrestore(&trace->lock, state);
	kfree(used_up);
	return event;
}

/* As many events as fit, or why there is none. */
static ssize_t take_events(struct trace *trace, struct io *io)
{
	struct redox_trace_event event;
	ssize_t done = 0;
	int result = 0;

	while (io_remaining(io) >= sizeof(event) && take_event(trace, &event, &result)) {
		if (io_put(io, &event, sizeof(event)) != (ssize_t)sizeof(event))
			return done ? done : -EFAULT;
		done += (ssize_t)sizeof(event);
	}
	return done ? done : result;
}

static ssize_t trace_read(struct proc_file *file, struct io *io, uint64_t offset)
{
	struct trace *trace = file->trace;
	struct waiter waiter;
	ssize_t result;
	int error = 0;

	(void)offset;
	if (io_remaining(io) < sizeof(struct redox_trace_event))
		return -EINVAL;
	wait_begin(&trace->wait, &waiter);
	for (;;) {
		result = take_events(trace, io);
		if (result != -EAGAIN || file->nonblocking)
			break;
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
		if (error)
			break;
	}
	wait_end(&waiter);
	return error ? error : result;
}

static int set_step(struct user_thread *thread, void *argument)
{
	thread->stepping = true;
	arch_set_single_step(arch_user_registers(&thread->thread), true);
	(void)argument;
	return 0;
}

/* Has it trap after one instruction. */
static int step(struct process *process)
{
	int error = process_hold(process);

	if (error)
		return error;
	error = proc_check_access(&proc_kind_trace, process);
	if (!error)
		error = process_visit_held(process, set_step, NULL);
	process_release(process);
	return error;
}

static ssize_t trace_write(struct proc_file *file, struct io *io, uint64_t offset)
{
	uint64_t flags;
	int error;

	(void)offset;
	if (io_remaining(io) < sizeof(flags))
		return 0;
	if (io_take(io, &flags, sizeof(flags)) != (ssize_t)sizeof(flags))
		return -EFAULT;
	if (flags & ~(uint64_t)FLAGS_KNOWN)
		return -EINVAL;
	if (flags & REDOX_STOP_SINGLE_STEP) {
		if (file->process == process_current())
			return -EBADF;
		error = step(file->process);
		if (error)
			return error;
	}
	if (!go_on(file->trace, file->process, flags, false))
		return -ESRCH;
	release_events(file->trace, &file->trace->clones);
	return sizeof(flags);
}

static unsigned trace_poll(struct proc_file *file, struct poller *poller)
{
	struct trace *trace = file->trace;
	irq_state_t state;
	bool ready;

	poller_add(poller, &trace->wait);
	state = spin_lock_irqsave(&trace->lock);
	ready = trace->ended || !list_empty(&trace->events);
	spin_unlock_irqrestore(&trace->lock, state);
	return POLL_OUT | (ready ? POLL_IN | POLL_READ_NORMAL : 0);
}

const struct proc_kind proc_kind_trace = {
	.name = "trace",
	.size = sizeof(struct redox_trace_event),
	.after_end = true,
	.open = trace_open,
	.close = trace_close,
	.read = trace_read,
	.write = trace_write,
	.poll = trace_poll,
};
