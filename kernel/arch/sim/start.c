/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts the simulation; stands in for kernel/core, and for layers that are not linked. */
#include "host.h"
#include "sim_priv.h"

#include <arch/trap.h>
#include <base/format.h>
#include <base/string.h>
#include <core/backtrace.h>
#include <core/command_line.h>
#include <core/log.h>
#include <core/panic.h>
#include <core/symbols.h>
#include <sched/thread.h>
#include <sync/snapshot.h>

#define SIM_MEMORY_USUAL (64ull << 20)

static void (*panic_hook)(const char *message);

void sim_start(const struct sim_configuration *configuration)
{
	sim_cpus_init(configuration->cpus, configuration->cpus_later, configuration->seed);
	sim_memory_init(configuration->memory ? configuration->memory : SIM_MEMORY_USUAL,
			configuration->window ? configuration->window : SIM_MEMORY_USUAL);
}

void sim_set_panic_hook(void (*hook)(const char *message))
{
	panic_hook = hook;
}

void log_write(enum log_level level, const char *area, const char *format, ...)
{
	char line[256];
	va_list arguments;
	int length;

	(void)level;
	if (!host_wants_log())
		return;
	length = snprintf(line, sizeof(line), "%s: ", area);
	host_write(line, (size_t)length);
	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	host_write(line, min_size((size_t)length, sizeof(line) - 1));
	host_write("\n", 1);
}

void panic(const char *format, ...)
{
	char message[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	if (panic_hook)
		panic_hook(message);
	host_write("panic: ", 7);
	host_write(message, strlen(message));
	host_write("\n", 1);
	host_abort();
}

void panic_debug_assert(const char *file, int line, const char *condition)
{
	panic("%s:%d: assertion failed: %s", file, line, condition);
}

bool symbol_lookup(uintptr_t address, const char **name, size_t *offset)
{
	(void)address;
	(void)name;
	(void)offset;
	return false;
}

/* The stacks are the host's: nobody follows them. */
void backtrace_capture(struct backtrace *trace, uintptr_t program_counter, uintptr_t frame_pointer)
{
	(void)program_counter;
	(void)frame_pointer;
	trace->count = 0;
}

void backtrace_log(const struct backtrace *trace, const char *area)
{
	(void)trace;
	(void)area;
}

const char *backtrace_name(uintptr_t return_address, struct address_name *name)
{
	snprintf(name->text, sizeof(name->text), "%p", (void *)return_address);
	return name->text;
}

bool log_in_panic(void)
{
	return false;
}

__attribute__((weak)) void trap_timer(void)
{
}

__attribute__((weak)) void trap_wake(void)
{
}

__attribute__((weak)) void trap_preempt(void)
{
}

__attribute__((weak)) void thread_copy_name(const struct thread *thread, char *name, size_t size)
{
	(void)thread;
	string_copy(name, "simulated", size);
}

__attribute__((weak)) void preempt_check(void)
{
}

__attribute__((weak)) void sched_thread_entered(struct thread *previous)
{
	(void)previous;
}

__attribute__((weak)) void sched_cpu_start(void)
{
}

__attribute__((weak)) void thread_exit(void)
{
	panic("sim: no scheduler");
}
