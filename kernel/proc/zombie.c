/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What becomes of a process after its last thread: its children get a new parent, stopped
 * groups that nobody could continue are told, and the parent hears of the end.
 */
#include "id_table.h"
#include "process_private.h"
#include "signal_private.h"

#include <core/panic.h>
#include <proc/personality.h>
#include <scheme/credentials.h>
#include <time/clock.h>

#define CLOCK_TICKS_PER_SECOND 100 /* the unit of times in siginfo and /proc */

static uint64_t clock_ticks(uint64_t ns)
{
	return ns / (NS_PER_SECOND / CLOCK_TICKS_PER_SECOND);
}

/* False for parents whose ABI knows no signals from children. */
static bool wants_signals(const struct process *parent)
{
	return !parent->personality->no_child_signals;
}

/* The parent's wish for SIGCHLD. */
static void read_child_action(struct process *parent, struct signal_action *action)
{
	irq_state_t state = spin_lock_irqsave(&parent->lock);

	signal_read_action(parent, SIGCHLD, action);
	spin_unlock_irqrestore(&parent->lock, state);
}

static void fill_child_info(struct process *process, int code, int status, struct signal_info *info)
{
	struct credentials *credentials = process_credentials(process);
	struct process_times times;

	process_read_times(process, &times);
	*info = (struct signal_info){
		.signal = SIGCHLD,
		.code = code,
		.pid = process->pid,
		.uid = credentials->uid,
		.status = status,
		.user_time = clock_ticks(times.user_ns),
		.system_time = clock_ticks(times.system_ns),
	};
	credentials_put(credentials);
}

void process_notify_parent(struct process *process, int code, int status)
{
	struct process *parent = process->parent;
	struct signal_action action;
	struct signal_info info;

	if (!parent)
		return;
	read_child_action(parent, &action);
	fill_child_info(process, code, status, &info);
	if (wants_signals(parent) && action.handler != SIGNAL_IGNORE &&
	    !(action.flags & ACTION_NO_CHILD_STOP))
		(void)signal_send_process(parent, &info);
	wait_wake_all(&parent->child_wait);
}

/* Tells the parent that the process has ended. True: it does not want to wait for it. */
static bool notify_exit(struct process *zombie)
{
	struct process *parent = zombie->parent;
	int killed_by = zombie->exit_status & 0x7f;
	struct signal_action action;
	struct signal_info info;
	bool unwanted = false;

	if (!parent)
		return true;
	if (!wants_signals(parent))
		return false;
	fill_child_info(zombie, killed_by ? SIGNAL_CHILD_KILLED : SIGNAL_CHILD_EXITED,
			killed_by ? killed_by : zombie->exit_status >> 8 & 0xff, &info);
	info.signal = zombie->exit_signal;
	read_child_action(parent, &action);
	if (info.signal == SIGCHLD)
		unwanted = action.handler == SIGNAL_IGNORE || action.flags & ACTION_NO_CHILD_WAIT;
	if (info.signal && !(unwanted && action.handler == SIGNAL_IGNORE))
		(void)signal_send_process(parent, &info); /* a full queue is no reason to stay */
	return unwanted;
}

/* Who takes the children of `process`: the next ancestor that asked for it, or the first. */
static struct process *find_reaper(struct process *process)
{
	struct process *ancestor = process->parent;

	if (ancestor && process->personality->children_to_parent)
		return ancestor;
	while (ancestor && !ancestor->subreaper)
		ancestor = ancestor->parent;
	return ancestor ? ancestor : first_process;
}

static bool has_stopped_member(uint32_t group)
{
	irq_state_t state = id_table_lock();
	const struct list *members = id_members_locked(group);
	struct list_node *node;
	bool stopped = false;

	if (members) {
		list_for_each (node, members) {
			if (container_of(node, struct process, group_node)->state ==
			    PROCESS_STOPPED)
				stopped = true;
		}
	}
	id_table_unlock(state);
	return stopped;
}

/* POSIX: a group that becomes orphaned with stopped members gets SIGHUP and SIGCONT. `link`
 * connected `member` to the rest of the session until now. */
static void check_newly_orphaned(struct process *member, const struct process *link,
				 const struct process *ignored)
{
	struct signal_info info = { .signal = SIGHUP, .code = SIGNAL_KERNEL };

	if (!link || link->group == member->group || link->session != member->session)
		return;
	if (!process_group_orphaned_without(member->group, ignored) ||
	    !has_stopped_member(member->group))
		return;
	(void)signal_send_group(member->group, &info);
	info.signal = SIGCONT;
	(void)signal_send_group(member->group, &info);
}

static void adopt(struct process *child, struct process *reaper)
{
	irq_state_t state = id_table_lock();

	child->parent = reaper;
	id_table_unlock(state);
	list_remove(&child->sibling_node);
	list_push_back(&reaper->children, &child->sibling_node);
	child->exit_signal = SIGCHLD;
}

static void give_away_children(struct process *process)
{
	struct process *reaper = find_reaper(process);
	struct list_node *node, *following;

	if (list_empty(&process->children))
		return;
	list_for_each_safe (node, following, &process->children) {
		struct process *child = container_of(node, struct process, sibling_node);

		adopt(child, reaper);
		if (child->state == PROCESS_ZOMBIE && notify_exit(child))
			process_reap(child);
		else
			check_newly_orphaned(child, process, NULL);
	}
	wait_wake_all(&reaper->child_wait);
}

void process_become_zombie(struct process *process, int wait_status)
{
	struct process *parent;

	mutex_lock(&process_tree_lock);
	parent = process->parent;
	if (parent)
		process_get(parent);
	give_away_children(process);
	check_newly_orphaned(process, parent, process);
	/* Descriptors that it passed on may hold what it paid for. */
	if (parent && parent != first_process)
		process_pass_charges(process, parent);
	process->exit_status = wait_status;
	process->state = PROCESS_ZOMBIE;
	if (notify_exit(process))
		process_reap(process);
	wait_wake_all(&process->exit_wait);
	if (parent)
		wait_wake_all(&parent->child_wait);
	mutex_unlock(&process_tree_lock);
	if (parent)
		process_put(parent);
}

void process_reap(struct process *zombie)
{
	irq_state_t state;

	debug_assert(mutex_is_held(&process_tree_lock));
	debug_assert(zombie->state == PROCESS_ZOMBIE);
	process_count_ended(zombie);
	zombie->state = PROCESS_DEAD;
	list_remove(&zombie->sibling_node);
	state = id_table_lock();
	id_leave_all_locked(zombie);
	id_unbind_process_locked(zombie->pid);
	zombie->parent = NULL;
	id_table_unlock(state);
	process_put(zombie);
}
