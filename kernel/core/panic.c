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

/* The CPU that panics, plus one; a second panic (of another CPU, or inside the first) only
 * halts. */
static _Atomic unsigned panicking;

static void print_address(uintptr_t address)
{
	const char *name;
	size_t offset;

	if (symbol_lookup(address, &name, &offset))
		log_error("panic", "  %016lx %s+0x%zx", address, name, offset);
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
		print_address(program_counter);
	for (unsigned depth = 0; depth < BACKTRACE_DEPTH; depth++) {
		if (!read_frame(frame_pointer, &next, &address) || !address)
			return;
		print_address(address);
		if (next <= frame_pointer)
			return;
		frame_pointer = next;
	}
}

static _Noreturn void halt(void)
{
	for (;;) {
		arch_irq_disable();
		arch_cpu_relax();
	}
}

static _Noreturn void finish(void)
{
	char value[16];

	if (command_line_get("panic", value, sizeof(value)) && !strcmp(value, "reset"))
		arch_reset();
	halt();
}

static _Noreturn void panic_with(uintptr_t frame_pointer, const char *format, va_list arguments)
{
	unsigned expected = 0;
	char text[384];

	arch_irq_disable();
	if (!atomic_compare_exchange_strong(&panicking, &expected, arch_cpu_id() + 1))
		halt();
	log_enter_panic();
	arch_stop_other_cpus();
	vsnprintf(text, sizeof(text), format, arguments);
	log_error("panic", "kernel panic on CPU %u: %s", arch_cpu_id(), text);
	backtrace_print(0, frame_pointer);
	finish();
}

void panic(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	panic_with(arch_frame_pointer(), format, arguments);
}

void panic_debug_assert(const char *file, int line, const char *condition)
{
	panic("%s:%d: assertion failed: %s", file, line, condition);
}
