/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/stat and statm: numbers in Linux's order (proc(5)). */
#include "../process_private.h"
#include "proc_fs.h"
#include "proc_view.h"

#include <base/errno.h>
#include <proc/terminal.h>

typedef unsigned long long llu;

static void print_terminal(struct text *text, struct process *process)
{
	struct tty *tty = process_terminal(process);
	const struct terminal_ops *ops;

	if (!tty) {
		text_print(text, " 0 -1");
		return;
	}
	ops = terminal_ops();
	text_print(text, " %u %d", (unsigned)ops->device(tty), (int)ops->foreground(tty));
	ops->put(tty);
}

static llu ticks(uint64_t ns)
{
	return ns / PROC_NS_PER_TICK;
}

/* Fields 10 to 17: faults and times. */
static void print_usage(struct text *text, struct proc_node *node, const struct proc_view *view)
{
	struct process_times children;
	uint64_t children_faults;

	process_read_children_times(node->process, &children, &children_faults);
	text_print(text, " %llu %llu 0 0 %llu %llu %llu %llu", (llu)node->process->page_faults,
		   (llu)children_faults, ticks(view->times.user_ns), ticks(view->times.system_ns),
		   ticks(children.user_ns), ticks(children.system_ns));
}

/* Fields 26 to 30, as far as others may know them. */
static void print_addresses(struct text *text, const struct aspace *aspace, bool allowed)
{
	if (!aspace || !allowed)
		text_print(text, " %d %d 0 0 0", aspace ? 1 : 0, aspace ? 1 : 0);
	else
		text_print(text, " %llu %llu %llu 0 0", (llu)aspace->code_start,
			   (llu)aspace->code_end, (llu)aspace->stack_top);
}

/* Fields 45 to 51. */
static void print_data_addresses(struct text *text, const struct aspace *aspace, bool allowed)
{
	if (!aspace || !allowed)
		text_print(text, " 0 0 0 0 0 0 0");
	else
		text_print(text, " %llu %llu %llu %llu %llu %llu %llu", (llu)aspace->data_start,
			   (llu)aspace->data_end, (llu)aspace->heap_start,
			   (llu)aspace->arguments_start, (llu)aspace->arguments_end,
			   (llu)aspace->environment_start, (llu)aspace->environment_end);
}

/* Linux gives signal sets as numbers of 31 bits here. */
static unsigned set31(signal_set_t set)
{
	return (unsigned)(set & 0x7fffffff);
}

int proc_generate_pid_stat(struct proc_node *node, struct text *text)
{
	struct process *process = node->process;
	struct aspace *aspace = process_aspace(process);
	bool allowed = process_may_inspect(process);
	struct resource_limit rss;
	struct proc_view view;
	int error = proc_view_read(node, &view);

	if (!error) {
		process_get_limit(process, RESOURCE_RSS, &rss);
		text_print(text, "%u (%s) %c %u %u %u", view.id, view.name, view.state,
			   process_parent_pid(process), process->group, process->session);
		print_terminal(text, process);
		text_print(text, " 0");
		print_usage(text, node, &view);
		text_print(text, " %d %d %u 0 %llu %llu %llu %llu", view.priority, view.nice,
			   view.thread_count, ticks(process->start_time),
			   aspace ? (llu)aspace->mapped_bytes : 0,
			   aspace ? (llu)aspace_resident(aspace) : 0, (llu)rss.current);
		print_addresses(text, aspace, allowed);
		text_print(text, " %u %u %u %u 0 0 0 %d %u %u %u 0 0 0", set31(view.thread_pending),
			   set31(view.blocked), set31(view.ignored), set31(view.caught),
			   process->exit_signal, view.cpu, view.realtime_priority, view.policy);
		print_data_addresses(text, aspace, allowed);
		text_print(text, " %d\n", allowed ? process->exit_status : 0);
	}
	if (aspace)
		aspace_put(aspace);
	return error;
}

/* Pages of areas with a program's text, and with data and stacks. */
struct area_sums {
	uint64_t text, data;
};

static bool sum_area(const struct vm_area *area, void *argument)
{
	struct area_sums *sums = argument;
	uint64_t pages = (area->end - area->start) / PAGE_SIZE;

	if (area->flags & VM_EXECUTE && area->object)
		sums->text += pages;
	else if (area->flags & VM_WRITE && !(area->flags & VM_SHARED))
		sums->data += pages;
	return true;
}

int proc_generate_statm(struct proc_node *node, struct text *text)
{
	struct aspace *aspace = process_aspace(node->process);
	struct area_sums sums = { 0 };

	if (!aspace) {
		text_print(text, "0 0 0 0 0 0 0\n");
		return 0;
	}
	aspace_visit(aspace, sum_area, &sums);
	text_print(text, "%llu %llu 0 %llu 0 %llu 0\n", (llu)(aspace->mapped_bytes / PAGE_SIZE),
		   (llu)aspace_resident(aspace), (llu)sums.text, (llu)sums.data);
	aspace_put(aspace);
	return 0;
}
