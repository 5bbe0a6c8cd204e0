/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests of what needs no user mode: ids, descriptor tables, pending signals, groups. */
#include "fd_table_private.h"
#include "id_table.h"
#include "process_private.h"
#include "signal_private.h"
#include "user_account.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/ktest.h>
#include <proc/exec.h>
#include <scheme/credentials.h>
#include <scheme/pipe.h>

KTEST(proc, ids_are_given_in_a_cycle)
{
	uint32_t first, second, third;

	ktest_expect(id_allocate(&first) == 0);
	ktest_expect(id_allocate(&second) == 0);
	ktest_expect(second == first + 1);
	id_release(first);
	ktest_expect(id_allocate(&third) == 0);
	ktest_expect(third == second + 1);
	ktest_expect(id_allocate_at(third) == -EAGAIN);
	id_release(second);
	id_release(third);
	ktest_expect(id_allocate_at(first) == 0);
	id_release(first);
}

KTEST(proc, ids_wrap_around)
{
	uint32_t before, id = 0;
	unsigned wraps = 0;

	ktest_expect(id_allocate(&before) == 0);
	for (unsigned i = 0; i < ID_LIMIT; i++) {
		uint32_t last = id;

		if (id_allocate(&id))
			break;
		ktest_expect(id != before && id != 0 && id < ID_LIMIT);
		if (id < last)
			wraps++;
		id_release(id);
	}
	ktest_expect(wraps == 1);
	id_release(before);
}

KTEST(proc, descriptors_are_the_lowest)
{
	struct fd_table *table = fd_table_create();

	ktest_expect(table != NULL);
	if (!table)
		return;
	ktest_expect(fd_table_reserve(table, 0, 100) == 0);
	ktest_expect(fd_table_reserve(table, 0, 100) == 1);
	ktest_expect(fd_table_reserve(table, 70, 100) == 70);
	ktest_expect(fd_table_reserve(table, 0, 100) == 2);
	fd_table_cancel(table, 1);
	ktest_expect(fd_table_reserve(table, 0, 100) == 1);
	ktest_expect(fd_table_reserve(table, 99, 100) == 99);
	ktest_expect(fd_table_reserve(table, 99, 100) == -EMFILE);
	ktest_expect(fd_table_reserve(table, 0, 3) == -EMFILE);
	/* Reserved is not open. */
	ktest_expect(fd_table_close(table, 2) == -EBADF);
	ktest_expect(fd_table_find(table, 2) == NULL);
	fd_table_put(table);
}

static bool make_pipe(struct file **reader, struct file **writer)
{
	struct credentials *credentials = credentials_create(NULL);
	int error = credentials ? pipe_create(0, credentials, reader, writer) : -ENOMEM;

	if (credentials)
		credentials_put(credentials);
	ktest_expect(error == 0);
	return error == 0;
}

KTEST(proc, descriptors_are_copied_and_closed)
{
	struct fd_table *table = fd_table_create(), *copy;
	struct file *reader, *writer, *found;
	bool marked = false;

	if (!table || !make_pipe(&reader, &writer))
		return;
	ktest_expect(fd_table_replace(table, 5, reader, true, 100) == 5);
	ktest_expect(fd_table_replace(table, 300, writer, false, 1000) == 300);
	file_get(reader);
	ktest_expect(fd_table_replace(table, 100, reader, false, 100) == -EBADF);
	ktest_expect(fd_table_next(table, 0) == 5);
	ktest_expect(fd_table_next(table, 6) == 300);
	ktest_expect(fd_table_next(table, 301) == -EBADF);
	copy = fd_table_copy(table);
	ktest_expect(copy != NULL);
	if (copy) {
		fd_table_exec(copy);
		ktest_expect(fd_table_next(copy, 0) == 300);
		fd_table_put(copy);
	}
	found = fd_table_get_file(table, 5, &marked);
	ktest_expect(found == reader && marked);
	if (found)
		file_put(found);
	ktest_expect(fd_table_close(table, 5) == 0);
	ktest_expect(fd_table_close(table, 5) == -EBADF);
	ktest_expect(fd_table_reserve(table, 3, 100) == 3);
	fd_table_put(table);
}

KTEST(proc, ordinary_signals_are_pending_once)
{
	struct user_account *account = user_account_find(4711);
	struct signal_info info = { .signal = SIGTERM, .code = SIGNAL_USER, .pid = 1 };
	struct signal_pending pending;

	if (!account)
		return;
	signal_pending_init(&pending);
	ktest_expect(signal_pending_add(&pending, &info, account, 10, false) == 0);
	info.pid = 2;
	ktest_expect(signal_pending_add(&pending, &info, account, 10, false) == 0);
	ktest_expect(user_account_signals(account) == 1);
	ktest_expect(signal_pick(pending.set) == SIGTERM);
	signal_pending_take(&pending, SIGTERM, &info);
	ktest_expect(info.pid == 1 && pending.set == 0);
	ktest_expect(user_account_signals(account) == 0);
	user_account_put(account);
}

KTEST(proc, realtime_signals_queue)
{
	struct user_account *account = user_account_find(4711);
	struct signal_info info = { .signal = SIGNAL_REALTIME, .code = SIGNAL_QUEUE };
	struct signal_pending pending;

	if (!account)
		return;
	signal_pending_init(&pending);
	for (info.value = 0; info.value < 3; info.value++)
		ktest_expect(signal_pending_add(&pending, &info, account, 3, true) == 0);
	ktest_expect(signal_pending_add(&pending, &info, account, 3, true) == -EAGAIN);
	for (uint64_t i = 0; i < 2; i++) {
		signal_pending_take(&pending, SIGNAL_REALTIME, &info);
		ktest_expect(info.value == i);
		ktest_expect(pending.set == signal_bit(SIGNAL_REALTIME));
	}
	signal_pending_discard(&pending, signal_bit(SIGNAL_REALTIME));
	ktest_expect(pending.set == 0 && list_empty(&pending.queue));
	ktest_expect(user_account_signals(account) == 0);
	user_account_put(account);
}

KTEST(proc, faults_are_delivered_first)
{
	static const struct process any; /* its rules are the defaults */

	ktest_expect(signal_pick(0) == 0);
	ktest_expect(signal_pick(signal_bit(SIGHUP) | signal_bit(SIGSEGV)) == SIGSEGV);
	ktest_expect(signal_pick(signal_bit(SIGTERM) | signal_bit(SIGINT)) == SIGINT);
	ktest_expect(signal_pick(signal_bit(64)) == 64);
	ktest_expect(signal_pick(signal_bit(65) | signal_bit(127)) == 65);
	ktest_expect(signal_pick(signal_bit(127)) == 127);
	ktest_expect(signal_default_action(&any, SIGWINCH) == SIGNAL_DEFAULT_IGNORE);
	ktest_expect(signal_default_action(&any, SIGTTOU) == SIGNAL_DEFAULT_STOP);
	ktest_expect(signal_default_action(&any, 64) == SIGNAL_DEFAULT_TERMINATE);
}

/* A process without threads, in the tree. `group` and `session` 0: its own. */
static struct process *make_process(struct process *parent, uint32_t group, uint32_t session)
{
	struct process *process = process_allocate();
	irq_state_t state;
	uint32_t pid;

	if (!process || id_allocate(&pid))
		return NULL;
	mutex_lock(&process_tree_lock);
	state = id_table_lock();
	process_link_locked(process, parent, pid, group ? group : pid, session ? session : pid);
	id_table_unlock(state);
	mutex_unlock(&process_tree_lock);
	id_release(pid); /* no thread has it */
	return process;
}

/* There is no first process here to take the children, so they go on without a parent. */
static void leave_children_locked(struct process *process)
{
	struct list_node *node, *following;
	irq_state_t state = id_table_lock();

	list_for_each_safe (node, following, &process->children) {
		container_of(node, struct process, sibling_node)->parent = NULL;
		list_remove(node);
	}
	id_table_unlock(state);
}

static void end_process(struct process *process)
{
	mutex_lock(&process_tree_lock);
	leave_children_locked(process);
	process->state = PROCESS_ZOMBIE;
	process_reap(process);
	mutex_unlock(&process_tree_lock);
}

KTEST(proc, groups_are_orphaned_by_the_end_of_their_link)
{
	struct process *shell = make_process(NULL, 0, 0);
	struct process *job = shell ? make_process(shell, 0, shell->session) : NULL;
	struct process *member = job ? make_process(job, job->group, job->session) : NULL;
	uint32_t group;

	ktest_expect(member != NULL);
	if (!member)
		return;
	group = job->group;
	ktest_expect(!process_group_orphaned(group));
	ktest_expect(process_group_orphaned_without(group, job));
	ktest_expect(process_group_orphaned(shell->group));
	ktest_expect(process_group_session(group) == (int)shell->session);
	end_process(job);
	/* The group lives on in its other member, so its number is still in use. */
	ktest_expect(process_group_orphaned(group));
	ktest_expect(process_find(group) == NULL);
	ktest_expect(process_group_session(group) == (int)shell->session);
	ktest_expect(id_allocate_at(group) == -EAGAIN);
	end_process(member);
	ktest_expect(process_group_session(group) == -ESRCH);
	end_process(shell);
}

KTEST(proc, processes_are_found_in_order)
{
	struct process *first = make_process(NULL, 0, 0);
	struct process *second = first ? make_process(first, 0, first->session) : NULL;
	struct process *found;

	ktest_expect(second != NULL);
	if (!second)
		return;
	found = process_find(first->pid);
	ktest_expect(found == first);
	if (found)
		process_put(found);
	found = process_find_next(first->pid + 1);
	ktest_expect(found == second);
	if (found)
		process_put(found);
	ktest_expect(process_parent_pid(second) == first->pid);
	ktest_expect(process_aspace(first) == NULL);
	end_process(second);
	end_process(first);
}

KTEST(proc, exec_strings_are_bounded)
{
	static char block[4096];
	struct exec_strings strings = { 0 };
	int error = 0;

	memset(block, 'x', sizeof(block));
	ktest_expect(exec_strings_add(&strings, "one", 3) == 0);
	ktest_expect(exec_strings_add(&strings, "", 0) == 0);
	ktest_expect(strings.count == 2 && strings.length == 5);
	ktest_expect(strcmp(strings.bytes, "one") == 0);
	ktest_expect(exec_strings_add(&strings, block, EXEC_STRING_MAX) == -E2BIG);
	while (!error)
		error = exec_strings_add(&strings, block, sizeof(block));
	ktest_expect(error == -E2BIG && strings.length <= EXEC_STRINGS_MAX);
	exec_strings_free(&strings);
	ktest_expect(strings.bytes == NULL && strings.length == 0);
}
