/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Redox personality: the dispatch of calls, their results as Redox encodes them, and which
 * programs are Redox's.
 */
#include "redox.h"

#include <arch/thread.h>
#include <base/string.h>
#include <core/log.h>
#include <elf/elf.h>
#include <proc/personality.h>
#include <proc/process.h>

#include <stdatomic.h>

/* The last call that was missing, so that a program that insists fills no log. */
static _Atomic uint64_t last_missing;

/* No call has this number; one that belongs to a file asks for the descriptor first. */
static int64_t missing(const struct redox_call *call, uint64_t number)
{
	uint64_t mark = (uint64_t)process_current()->pid << 32 | (uint32_t)number;

	if (atomic_exchange(&last_missing, mark) != mark)
		log_debug("redox", "%s[%u]: no system call %lx", process_current()->name,
			  process_current()->pid, number);
	if ((number & REDOX_CLASS) == REDOX_CLASS_FILE) {
		struct fd_loan loan = fd_borrow(redox_fd(call, 0));

		if (!loan.file)
			return -EBADF;
		fd_return(loan);
	}
	return -ENOSYS;
}

/* The numbers are scattered over 32 bits. The factor was found by trying: it gives each of them a place
 * of its own in the table, which the compiler checks (two in one place are an error). */
#define PLACE_BITS              8
#define PLACE_FACTOR            0xb05efcf7u
#define PLACE_OF(number)        (((uint32_t)(number)*PLACE_FACTOR) >> (32 - PLACE_BITS))
#define REDOX_PLACE(call, name) [PLACE_OF(call)] = { .number = (call), .handler = redox_##name },

static const struct {
	uint64_t number;
	int64_t (*handler)(const struct redox_call *call);
} handlers[1 << PLACE_BITS] = { REDOX_SYSCALLS(REDOX_PLACE) };

static int64_t dispatch(const struct redox_call *call, uint64_t number)
{
	unsigned place = PLACE_OF(number);

	if (handlers[place].number != number || !handlers[place].handler)
		return missing(call, number);
	return handlers[place].handler(call);
}

/* Programs look at the low 32 bits alone for an error, so no value may look like one there. */
static int64_t encode(int64_t result)
{
	int32_t low = (int32_t)result;

	if (result >= 0 && low < 0 && low >= -REDOX_ERROR_LAST)
		return -EOVERFLOW;
	return result;
}

static void serve(struct arch_registers *registers)
{
	uint64_t number = arch_syscall_number(registers);
	const struct redox_call call = {
		.registers = registers,
		.argument = {
			arch_syscall_argument(registers, 0),
			arch_syscall_argument(registers, 1),
			arch_syscall_argument(registers, 2),
			arch_syscall_argument(registers, 3),
			arch_syscall_argument(registers, 4),
			arch_syscall_argument(registers, 5),
		},
	};
	int64_t result = dispatch(&call, number);

	/* exec and sigreturn replace the registers: their result is no call's. */
	if (user_thread_current()->in_syscall)
		arch_set_result(registers, encode(result));
}

/* Redox marks nothing; we do. */
static enum personality_mark recognise(struct file *file, const void *bytes, size_t length)
{
	const struct elf64_header *header = bytes;

	(void)file;
	if (length < sizeof(*header) || memcmp(header->ident, ELF_MAGIC, 4) != 0 ||
	    header->ident[ELF_IDENT_OSABI] != REDOX_ELF_BRAND)
		return PERSONALITY_UNMARKED;
	return PERSONALITY_BRAND;
}

static const struct personality redox_record = {
	.name = "redox",
	.syscall = serve,
	.default_action = redox_default_action,
	.one_handler = true,
	.orphans_stop = true,
	.memory_fault = SIGSEGV,
	.deliver = redox_deliver_signal,
	.build_stack = redox_build_stack,
	.recognise = recognise,
	.children_to_parent = true,
	.no_child_signals = true,
	.many_descriptors = true,
	.bits_add_up = true,
	.console_scheme = "debug",
	.fixed_layout = true,
	.strict_segments = true,
	.stack_size = REDOX_STACK_SIZE,
	.open_interpreter = redox_open_interpreter,
	.fork_thread = redox_fork_thread,
	.leave = redox_leave_signals,
};

PERSONALITY(redox_record);
