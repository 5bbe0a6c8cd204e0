/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Follows chains of stack frames, and names what is in them. */
#include <core/backtrace.h>

#include <arch/mmu.h>
#include <base/format.h>
#include <core/log.h>
#include <core/symbols.h>

#define SYMBOL_SHOWN 56 /* bytes of a function's name, with its driver's */

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

void backtrace_capture(struct backtrace *trace, uintptr_t program_counter, uintptr_t frame_pointer)
{
	uintptr_t next, address;

	trace->count = 0;
	trace->exact_first = program_counter != 0;
	if (program_counter)
		trace->addresses[trace->count++] = program_counter;
	while (trace->count < BACKTRACE_DEPTH && read_frame(frame_pointer, &next, &address) &&
	       address) {
		trace->addresses[trace->count++] = address;
		if (next <= frame_pointer)
			return;
		frame_pointer = next;
	}
}

/* A return address may lie behind its function, where the call was the last instruction: it is
 * looked up by the byte before it (`back` is 1). */
static void print_address(const char *area, uintptr_t address, size_t back)
{
	char name[SYMBOL_SHOWN];
	size_t offset;

	if (symbol_name(address - back, name, sizeof(name), &offset))
		log_error(area, "  %016lx %s+0x%zx", address, name, offset + back);
	else
		log_error(area, "  %016lx", address);
}

void backtrace_log(const struct backtrace *trace, const char *area)
{
	for (unsigned i = 0; i < trace->count; i++)
		print_address(area, trace->addresses[i], i == 0 && trace->exact_first ? 0 : 1);
}

const char *backtrace_name(uintptr_t return_address, struct address_name *name)
{
	char function[SYMBOL_SHOWN];
	size_t offset;

	if (symbol_name(return_address - 1, function, sizeof(function), &offset))
		snprintf(name->text, sizeof(name->text), "%s+0x%zx", function, offset + 1);
	else
		snprintf(name->text, sizeof(name->text), "0x%lx", return_address);
	return name->text;
}
