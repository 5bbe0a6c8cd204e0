/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sys:context, a line for each process; sys:exe, the name of the program that asks. */
#include "sys_files.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <mm/vm/aspace.h>
#include <proc/personality.h>
#include <proc/process.h>
#include <scheme/credentials.h>
#include <scheme/scheme.h>
#include <time/clock.h>

#define COLUMN_WIDTH 6
#define TICK_NS      (NS_PER_SECOND / 100)

static void print_column(struct text *text, const char *value)
{
	/* A value that fills its column still ends before the next one. */
	text_print(text, strlen(value) < COLUMN_WIDTH ? "%-6s" : "%s ", value);
}

static void print_number(struct text *text, uint64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%lu", value);
	print_column(text, digits);
}

/* Bytes with three digits or so. */
static void print_size(struct text *text, uint64_t bytes)
{
	static const char units[] = "BKMGT";
	unsigned unit = 0;
	char number[16];

	while (bytes >= 10000 && unit < sizeof(units) - 2) {
		bytes /= 1024;
		unit++;
	}
	snprintf(number, sizeof(number), "%lu%c", bytes, units[unit]);
	print_column(text, number);
}

struct namespaces {
	uint64_t real, effective;
};

static uint64_t number_of(const struct namespace *space)
{
	return space ? namespace_number(space) : NAMESPACE_FIRST;
}

static struct namespaces read_namespaces(struct process *process)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);
	struct namespaces numbers = { number_of(process->real_namespace),
				      number_of(process->namespace) };

	spin_unlock_irqrestore(&process->lock, state);
	return numbers;
}

/* U: a program; then R: wants to run, and + if it does; B: waits; H: stopped; E: has ended. */
static const char *state_of(const struct process *process, const struct user_thread *thread)
{
	uint32_t state = thread ? thread->thread.state : THREAD_DEAD;

	if (process->state == PROCESS_ZOMBIE || state == THREAD_DEAD)
		return "UE";
	if (state == THREAD_STOPPED)
		return "UH";
	if (state == THREAD_RUNNABLE)
		return thread->thread.on_cpu ? "UR+" : "UR";
	return "UB";
}

static uint64_t memory_of(struct process *process)
{
	struct aspace *aspace = process_aspace(process);
	uint64_t bytes;

	if (!aspace)
		return 0;
	bytes = (uint64_t)aspace_resident(aspace) * PAGE_SIZE;
	aspace_put(aspace);
	return bytes;
}

static void print_identity(struct text *text, struct process *process)
{
	struct credentials *credentials = process_credentials(process);
	struct namespaces spaces = read_namespaces(process);

	print_number(text, process->pid);
	print_number(text, process->group);
	print_number(text, process_parent_pid(process));
	print_number(text, credentials->uid);
	print_number(text, credentials->gid);
	print_number(text, spaces.real);
	print_number(text, credentials->euid);
	print_number(text, credentials->egid);
	print_number(text, spaces.effective);
	credentials_put(credentials);
}

static void print_use(struct text *text, struct process *process)
{
	struct user_thread *thread = process_next_thread(process, 0);
	struct process_times times;

	process_read_times(process, &times);
	print_column(text, state_of(process, thread));
	print_number(text, thread ? thread->thread.cpu : 0);
	print_number(text, (times.user_ns + times.system_ns) / TICK_NS);
	print_size(text, memory_of(process));
	if (thread)
		user_thread_put(thread);
}

/* Redox's programs are called by their paths. */
static bool print_program_name(struct text *text, struct process *process)
{
	char *name;

	if (strcmp(process->personality->name, "redox") != 0 ||
	    process_program_name(process, &name))
		return false;
	text_print(text, "%s\n", name);
	kfree(name);
	return true;
}

static void print_name(struct text *text, struct process *process)
{
	char name[sizeof(process->name)];
	irq_state_t state;

	if (print_program_name(text, process))
		return;
	state = spin_lock_irqsave(&process->lock);
	string_copy(name, process->name, sizeof(name));
	spin_unlock_irqrestore(&process->lock, state);
	text_print(text, "%s\n", name);
}

static bool print_process(struct process *process, void *argument)
{
	print_identity(argument, process);
	print_use(argument, process);
	print_name(argument, process);
	return true;
}

int sys_generate_context(struct text *text)
{
	static const char *const columns[] = { "PID", "PGID",  "PPID", "RUID", "RGID",
					       "RNS", "EUID",  "EGID", "ENS",  "STAT",
					       "CPU", "TICKS", "MEM" };

	for (size_t i = 0; i < array_length(columns); i++)
		print_column(text, columns[i]);
	text_print(text, "NAME\n");
	process_visit(print_process, text);
	return 0;
}

int sys_generate_exe(struct text *text)
{
	char *name;
	int error = process_program_name(process_current(), &name);

	if (error)
		return error;
	text_print(text, "%s", name);
	kfree(name);
	return 0;
}
