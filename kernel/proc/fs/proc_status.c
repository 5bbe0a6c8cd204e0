/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/status, limits and oom_score: the same things for people. */
#include "proc_fs.h"
#include "proc_view.h"

#include <base/errno.h>
#include <mm/phys/frame.h>
#include <scheme/credentials.h>
#include <sync/cpu.h>

typedef unsigned long long llu;

static const char *state_name(char state)
{
	switch (state) {
	case 'R':
		return "R (running)";
	case 'S':
		return "S (sleeping)";
	case 'D':
		return "D (disk sleep)";
	case 'T':
		return "T (stopped)";
	case 'Z':
		return "Z (zombie)";
	default:
		return "X (dead)";
	}
}

static unsigned table_size(struct process *process)
{
	struct fd_table *table = process_fd_table(process);
	unsigned size;

	if (!table)
		return 0;
	size = (unsigned)table->capacity;
	fd_table_put(table);
	return size;
}

static void print_credentials(struct text *text, struct process *process)
{
	struct credentials *c = process_credentials(process);

	text_print(text, "Uid:\t%u\t%u\t%u\t%u\n", c->uid, c->euid, c->suid, c->fsuid);
	text_print(text, "Gid:\t%u\t%u\t%u\t%u\n", c->gid, c->egid, c->sgid, c->fsgid);
	text_print(text, "FDSize:\t%u\nGroups:\t", table_size(process));
	for (unsigned i = 0; i < c->group_count; i++)
		text_print(text, "%u ", c->groups[i]);
	text_print(text, "\n");
	credentials_put(c);
}

struct memory_sums {
	uint64_t data, stack, text, library;
};

static bool sum_area(const struct vm_area *area, void *argument)
{
	struct memory_sums *sums = argument;
	const struct aspace *aspace = area->aspace;
	uint64_t length = area->end - area->start;

	if (area->flags & VM_STACK)
		sums->stack += length;
	else if (area->flags & VM_WRITE && !(area->flags & VM_SHARED))
		sums->data += length;
	else if (area->flags & VM_EXECUTE && area->start >= aspace->code_start &&
		 area->start < aspace->code_end)
		sums->text += length;
	else if (area->flags & VM_EXECUTE)
		sums->library += length;
	return true;
}

static void print_memory(struct text *text, struct process *process)
{
	struct aspace *aspace = process_aspace(process);
	struct memory_sums sums = { 0 };

	if (!aspace)
		return;
	aspace_visit(aspace, sum_area, &sums);
	text_print(text, "VmSize:\t%8llu kB\n", (llu)PROC_KIB(aspace->mapped_bytes));
	text_print(text, "VmLck:\t%8llu kB\n", (llu)PROC_KIB(aspace->locked_bytes));
	text_print(text, "VmPin:\t%8llu kB\n", (llu)PROC_KIB(process->charged_pages * PAGE_SIZE));
	text_print(text, "VmRSS:\t%8llu kB\n", (llu)PROC_KIB(aspace_resident(aspace) * PAGE_SIZE));
	text_print(text, "VmData:\t%8llu kB\n", (llu)PROC_KIB(sums.data));
	text_print(text, "VmStk:\t%8llu kB\n", (llu)PROC_KIB(sums.stack));
	text_print(text, "VmExe:\t%8llu kB\n", (llu)PROC_KIB(sums.text));
	text_print(text, "VmLib:\t%8llu kB\n", (llu)PROC_KIB(sums.library));
	text_print(text, "VmSwap:\t%8llu kB\n", 0ull);
	aspace_put(aspace);
}

static void print_signals(struct text *text, struct process *process, const struct proc_view *view)
{
	struct resource_limit limit;

	process_get_limit(process, RESOURCE_SIGNALS, &limit);
	text_print(text, "SigQ:\t%llu/%llu\n", (llu)view->queued_signals, (llu)limit.current);
	text_print(text, "SigPnd:\t%016llx\n", (llu)view->thread_pending);
	text_print(text, "ShdPnd:\t%016llx\n", (llu)view->process_pending);
	text_print(text, "SigBlk:\t%016llx\n", (llu)view->blocked);
	text_print(text, "SigIgn:\t%016llx\n", (llu)view->ignored);
	text_print(text, "SigCgt:\t%016llx\n", (llu)view->caught);
}

/* A list of CPU numbers: 0-3,6. */
void proc_print_cpu_list(struct text *text, uint64_t mask)
{
	const char *separator = "";

	for (unsigned first = 0; first < CPU_MAX; first++) {
		unsigned last = first;

		if (!(mask >> first & 1))
			continue;
		while (last + 1 < CPU_MAX && mask >> (last + 1) & 1)
			last++;
		text_print(text, "%s%u", separator, first);
		if (last > first)
			text_print(text, "-%u", last);
		separator = ",";
		first = last;
	}
	text_print(text, "\n");
}

static void print_cpus(struct text *text, const struct proc_view *view)
{
	uint64_t present = cpu_count() < 64 ? ((uint64_t)1 << cpu_count()) - 1 : UINT64_MAX;
	uint64_t allowed = view->affinity & present;

	text_print(text, "Cpus_allowed:\t%llx\nCpus_allowed_list:\t", (llu)allowed);
	proc_print_cpu_list(text, allowed);
	text_print(text, "voluntary_ctxt_switches:\t%llu\n", (llu)view->switches_voluntary);
	text_print(text, "nonvoluntary_ctxt_switches:\t%llu\n", (llu)view->switches_involuntary);
}

static uint32_t read_umask(struct process *process)
{
	struct file_context *files = process_file_context(process);
	int32_t own = process->own_umask;
	uint32_t umask;

	if (!files)
		return 0;
	umask = own >= 0 ? (uint32_t)own : files->umask;
	file_context_put(files);
	return umask;
}

int proc_generate_status(struct proc_node *node, struct text *text)
{
	struct process *process = node->process;
	struct proc_view view;
	int error = proc_view_read(node, &view);

	if (error)
		return error;
	text_print(text, "Name:\t%s\nUmask:\t%04o\nState:\t%s\n", view.name, read_umask(process),
		   state_name(view.state));
	text_print(text, "Tgid:\t%u\nNgid:\t0\nPid:\t%u\nPPid:\t%u\nTracerPid:\t0\n", process->pid,
		   view.id, process_parent_pid(process));
	print_credentials(text, process);
	text_print(text, "NSpgid:\t%u\nNSsid:\t%u\n", process->group, process->session);
	print_memory(text, process);
	text_print(text, "Threads:\t%u\n", view.thread_count);
	print_signals(text, process, &view);
	text_print(text, "NoNewPrivs:\t%u\n", process->no_new_privileges);
	print_cpus(text, &view);
	return 0;
}

struct limit_name {
	const char *name, *unit;
};

static const struct limit_name limit_names[RESOURCE_COUNT] = {
	[RESOURCE_CPU] = { "Max cpu time", "seconds" },
	[RESOURCE_FILE_SIZE] = { "Max file size", "bytes" },
	[RESOURCE_DATA] = { "Max data size", "bytes" },
	[RESOURCE_STACK] = { "Max stack size", "bytes" },
	[RESOURCE_CORE] = { "Max core file size", "bytes" },
	[RESOURCE_RSS] = { "Max resident set", "bytes" },
	[RESOURCE_PROCESSES] = { "Max processes", "processes" },
	[RESOURCE_FILES] = { "Max open files", "files" },
	[RESOURCE_LOCKED] = { "Max locked memory", "bytes" },
	[RESOURCE_ADDRESS_SPACE] = { "Max address space", "bytes" },
	[RESOURCE_LOCKS] = { "Max file locks", "locks" },
	[RESOURCE_SIGNALS] = { "Max pending signals", "signals" },
	[RESOURCE_QUEUES] = { "Max msgqueue size", "bytes" },
	[RESOURCE_NICE] = { "Max nice priority", "" },
	[RESOURCE_REALTIME] = { "Max realtime priority", "" },
	[RESOURCE_REALTIME_TIME] = { "Max realtime timeout", "us" },
};

static void print_limit(struct text *text, uint64_t value)
{
	if (value == RESOURCE_INFINITY)
		text_print(text, "%-20s ", "unlimited");
	else
		text_print(text, "%-20llu ", (llu)value);
}

int proc_generate_limits(struct proc_node *node, struct text *text)
{
	text_print(text, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (unsigned i = 0; i < RESOURCE_COUNT; i++) {
		struct resource_limit limit;

		process_get_limit(node->process, (enum resource)i, &limit);
		text_print(text, "%-25s ", limit_names[i].name);
		print_limit(text, limit.current);
		print_limit(text, limit.maximum);
		text_print(text, "%-10s\n", limit_names[i].unit);
	}
	return 0;
}

/* Thousandths of memory, which is how Linux rates whom to kill. */
int proc_generate_oom_score(struct proc_node *node, struct text *text)
{
	struct aspace *aspace = process_aspace(node->process);
	struct frame_statistics statistics;
	uint64_t resident = 0;

	frame_read_statistics(&statistics);
	if (aspace) {
		resident = aspace_resident(aspace);
		aspace_put(aspace);
	}
	text_print(text, "%llu\n", (llu)(resident * 1000 / max_u64(statistics.total, 1)));
	return 0;
}
