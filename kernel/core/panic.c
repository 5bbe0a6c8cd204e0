/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <core/panic.h>

#include <arch/cpu.h>
#include <base/format.h>
#include <base/string.h>
#include <core/backtrace.h>
#include <core/command_line.h>
#include <core/log.h>

#include <stdatomic.h>

/* The CPU that panics, plus one: the others stop. */
static _Atomic unsigned panicking;
/* Panics begun by that CPU: printing may go wrong too. */
static unsigned begun;
/* Not on a stack, of which there may be little left. */
static struct backtrace trace;

static _Noreturn void finish(void)
{
	char value[16];

	if (command_line_get("panic", value, sizeof(value)) && !strcmp(value, "reset"))
		arch_reset();
	arch_halt();
}

/* Makes this CPU the one that panics, for good. */
static void claim(void)
{
	unsigned expected = 0, self = arch_cpu_id() + 1;

	arch_irq_disable();
	if (!atomic_compare_exchange_strong(&panicking, &expected, self) && expected != self)
		arch_halt();
	log_enter_panic();
	if (begun == 0)
		panic_stop_cpus();
}

static _Noreturn printf_like(2, 0) void panic_with(const struct panic_origin *origin,
						   const char *format, va_list arguments)
{
	char text[384];

	claim();
	/* A panic inside the panic still says what it is; one inside that one does not. */
	if (begun++ > 1)
		finish();
	vsnprintf(text, sizeof(text), format, arguments);
	log_error("panic", "kernel panic on CPU %u: %s", arch_cpu_id(), text);
	if (begun > 1)
		finish();
	if (origin->report)
		origin->report(origin->state);
	backtrace_capture(&trace, origin->program_counter, origin->frame_pointer);
	log_error("panic", "backtrace:");
	backtrace_log(&trace, "panic");
	panic_report_cpus();
	finish();
}

void panic(const char *format, ...)
{
	const struct panic_origin origin = { .frame_pointer = arch_frame_pointer() };
	va_list arguments;

	va_start(arguments, format);
	panic_with(&origin, format, arguments);
}

void panic_at(const struct panic_origin *origin, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	panic_with(origin, format, arguments);
}

void panic_debug_assert(const char *file, int line, const char *condition)
{
	panic("%s:%d: assertion failed: %s", file, line, condition);
}
