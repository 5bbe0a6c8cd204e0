/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <core/panic.h>

#include <arch/cpu.h>
#include <arch/mmu.h>
#include <base/format.h>
#include <base/string.h>
#include <core/command_line.h>
#include <core/log.h>
#include <core/symbols.h>

#include <stdatomic.h>

#define BACKTRACE_DEPTH 32

/* The CPU that panics, plus one: the others stop. */
static _Atomic unsigned panicking;
/* Panics begun by that CPU: printing may go wrong too. */
static unsigned begun;

/* A return address may lie behind its function, where the call was the last instruction: it is
 * looked up by the byte before it (`back` is 1). */
static void print_address(uintptr_t address, size_t back)
{
	const char *name;
	size_t offset;

	if (symbol_lookup(address - back, &name, &offset))
		log_error("panic", "  %016lx %s+0x%zx", address, name, offset + back);
	else
		log_error("panic", "  %016lx", address);
}

/* A frame of the chain: the caller's frame pointer, then the return address. */
static bool read_frame(uintptr_t frame, uintptr_t *next, uintptr_t *return_address)
{
	phys_t physical;

	if (frame % sizeof(uintptr_t) || frame < arch_direct_map_base() ||
	    !arch_kernel_translate(frame, &physical) ||
	    !arch_kernel_translate(frame + sizeof(uintptr_t), &physical))
		return false;
	*next = ((const uintptr_t *)frame)[0];
	*return_address = ((const uintptr_t *)frame)[1];
	return true;
}

void backtrace_print(uintptr_t program_counter, uintptr_t frame_pointer)
{
	uintptr_t next, address;

	log_error("panic", "backtrace:");
	if (program_counter)
		print_address(program_counter, 0);
	for (unsigned depth = 0; depth < BACKTRACE_DEPTH; depth++) {
		if (!read_frame(frame_pointer, &next, &address) || !address)
			return;
		print_address(address, 1);
		if (next <= frame_pointer)
			return;
		frame_pointer = next;
	}
}

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
		arch_stop_other_cpus();
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
	backtrace_print(origin->program_counter, origin->frame_pointer);
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
