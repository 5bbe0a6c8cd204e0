/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Process groups and sessions, and kill(2), which addresses them. Members change under
 * process_tree_lock and the id table's lock together.
 */
#include "id_table.h"
#include "process_private.h"

#include <base/errno.h>
#include <limits.h>
#include <proc/terminal.h>

static bool group_orphaned_locked(uint32_t group, const struct process *ignored)
{
	const struct list *members = id_members_locked(group);
	struct list_node *node;

	if (!members)
		return true;
	list_for_each (node, members) {
		struct process *process = container_of(node, struct process, group_node);
		struct process *parent = process->parent;

		if (process == ignored || process->state == PROCESS_ZOMBIE)
			continue;
		/* The first process does not count as somebody who would care. */
		if (parent && !parent->first && parent->group != group &&
		    parent->session == process->session)
			return false;
	}
	return true;
}

bool process_group_orphaned_without(uint32_t group, const struct process *ignored)
{
	irq_state_t state = id_table_lock();
	bool orphaned = group_orphaned_locked(group, ignored);

	id_table_unlock(state);
	return orphaned;
}

bool process_group_orphaned(uint32_t group)
{
	return process_group_orphaned_without(group, NULL);
}

/* The session of the group's members, or -ESRCH. */
static int group_session_locked(uint32_t group)
{
	const struct list *members = id_members_locked(group);

	if (!members)
		return -ESRCH;
	return (int)container_of(list_first(members), struct process, group_node)->session;
}

int process_group_session(uint32_t group)
{
	irq_state_t state = id_table_lock();
	int session = group_session_locked(group);

	id_table_unlock(state);
	return session;
}

/* A process to work on: 0 means the current one. With a reference. */
static struct process *find_or_self(uint32_t pid)
{
	struct process *self = process_current();

	if (pid != 0)
		return process_find(pid);
	process_get(self);
	return self;
}

/* May the current process put `process` into `group`? Under process_tree_lock. */
static int check_set_group(struct process *process, uint32_t group)
{
	struct process *self = process_current();

	if (process->parent == self && process != self) {
		if (process->session != self->session)
			return -EPERM;
		if (process->execed)
			return -EACCES;
	} else if (process != self) {
		return -ESRCH;
	}
	if (process->session == process->pid)
		return -EPERM;
	if (group != process->pid && process_group_session(group) != (int)process->session)
		return -EPERM;
	return 0;
}

int process_set_group(uint32_t pid, uint32_t group)
{
	struct process *process;
	irq_state_t state;
	int error;

	if (group > INT_MAX)
		return -EINVAL;
	process = find_or_self(pid);
	if (!process)
		return -ESRCH;
	if (group == 0)
		group = process->pid;
	mutex_lock(&process_tree_lock);
	error = process->state == PROCESS_DEAD ? -ESRCH : check_set_group(process, group);
	if (!error && group != process->group) {
		state = id_table_lock();
		id_join_group_locked(process, group);
		id_table_unlock(state);
	}
	mutex_unlock(&process_tree_lock);
	process_put(process);
	return error;
}

/* Under process_tree_lock. -EAGAIN: the group's id is not in use. */
static int try_join_group(struct process *process, uint32_t group)
{
	irq_state_t state;
	int error = -EAGAIN;

	if (process->state == PROCESS_DEAD)
		return -ESRCH;
	if (process != process_current() && process->parent != process_current())
		return -ESRCH;
	state = id_table_lock();
	if (id_is_used_locked(group)) {
		id_join_group_locked(process, group);
		error = 0;
	}
	id_table_unlock(state);
	return error;
}

/* try_join_group() with a use of the id that keeps it from going away. */
static int join_new_group(struct process *process, uint32_t group)
{
	int error = id_allocate_at(group);
	bool allocated = !error;

	if (error == -ENOMEM)
		return error;
	mutex_lock(&process_tree_lock);
	error = try_join_group(process, group);
	mutex_unlock(&process_tree_lock);
	if (allocated)
		id_release(group);
	return error;
}

int process_join_group(uint32_t pid, uint32_t group)
{
	struct process *process = find_or_self(pid);
	int error;

	if (!process)
		return -ESRCH;
	if (group == 0)
		group = process->pid;
	if (group >= ID_LIMIT) {
		process_put(process);
		return -EINVAL;
	}
	mutex_lock(&process_tree_lock);
	error = try_join_group(process, group);
	mutex_unlock(&process_tree_lock);
	while (error == -EAGAIN)
		error = join_new_group(process, group);
	process_put(process);
	return error;
}

int process_get_group(uint32_t pid)
{
	struct process *process = find_or_self(pid);
	int group;

	if (!process)
		return -ESRCH;
	group = (int)process->group;
	process_put(process);
	return group;
}

int process_get_session(uint32_t pid)
{
	struct process *process = find_or_self(pid);
	int session;

	if (!process)
		return -ESRCH;
	session = (int)process->session;
	process_put(process);
	return session;
}

int process_create_session(void)
{
	struct process *self = process_current();
	irq_state_t state;
	int result = -EPERM;

	mutex_lock(&process_tree_lock);
	state = id_table_lock();
	if (!id_members_locked(self->pid) && self->session != self->pid) {
		id_join_group_locked(self, self->pid);
		id_join_session_locked(self, self->pid, true);
		result = (int)self->pid;
	}
	id_table_unlock(state);
	mutex_unlock(&process_tree_lock);
	/* Not a leader's leave: the old session keeps its terminal. */
	if (result > 0)
		terminal_forget(self);
	return result;
}

/* The results of several: success if there was one, else the last error. */
struct kill_all {
	const struct signal_info *info;
	const struct signal_kill_rules *rules;
	bool any;
	int error;
};

/* Sends if allowed; signal 0 only asks. */
static void kill_add(struct kill_all *all, struct process *process)
{
	const struct signal_info *info = all->info;
	int error = 0;

	if (!all->rules->may_signal(process, info->signal))
		error = -EPERM;
	else if (info->signal)
		error = signal_send_process(process, info);

	if (error)
		all->error = error;
	else
		all->any = true;
}

static bool kill_visit(struct process *process, void *argument)
{
	struct kill_all *all = argument;

	if (!all->rules->is_spared(process))
		kill_add(all, process);
	return true;
}

static void kill_group(struct kill_all *all, uint32_t group)
{
	irq_state_t state = id_table_lock();
	const struct list *members = id_members_locked(group);
	struct list_node *node;

	if (members) {
		list_for_each (node, members)
			kill_add(all, container_of(node, struct process, group_node));
	}
	id_table_unlock(state);
}

int signal_kill_by(int pid, const struct signal_info *info, const struct signal_kill_rules *rules)
{
	struct kill_all all = { .info = info, .rules = rules, .error = -ESRCH };

	if (info->signal < 0 || info->signal > SIGNAL_MAX)
		return -EINVAL;
	if (pid > 0) {
		struct process *process = process_find((uint32_t)pid);

		if (!process)
			return -ESRCH;
		kill_add(&all, process);
		process_put(process);
	} else if (pid == -1) {
		process_visit(kill_visit, &all);
	} else if (pid == INT_MIN) {
		return -ESRCH;
	} else {
		kill_group(&all, pid == 0 ? process_current()->group : (uint32_t)-pid);
	}
	return all.any ? 0 : all.error;
}

static bool is_spared(const struct process *process)
{
	return process->first || process->service || process == process_current();
}

int signal_kill(int pid, const struct signal_info *info)
{
	static const struct signal_kill_rules rules = { process_may_signal, is_spared };

	return signal_kill_by(pid, info, &rules);
}
