/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Linux personality: the table of calls and their dispatch.
 */
#include "linux.h"

#include <arch/thread.h>
#include <base/string.h>
#include <core/log.h>
#include <elf/elf.h>
#include <proc/personality.h>
#include <proc/process.h>
#include <scheme/file.h>

#include <stdatomic.h>

#define CALL_MAX 512

typedef int64_t handler(const struct linux_call *call);

#define LINUX_ENTRY(number, name) [number] = linux_##name,
static handler *const handlers[CALL_MAX] = { LINUX_SYSCALLS(LINUX_ENTRY) };
#undef LINUX_ENTRY

/* The last call that was missing, so that a program that insists fills no log. */
static _Atomic uint64_t last_missing;

static int64_t missing(uint64_t number)
{
	uint64_t mark = (uint64_t)process_current()->pid << 32 | (uint32_t)number;

	if (atomic_exchange(&last_missing, mark) != mark)
		log_debug("linux", "%s[%u]: no system call %lu", process_current()->name,
			  process_current()->pid, number);
	return -ENOSYS;
}

static void serve(struct arch_registers *registers)
{
	uint64_t number = arch_syscall_number(registers);
	struct linux_call call = { .registers = registers };
	int64_t result;

	for (unsigned i = 0; i < array_length(call.argument); i++)
		call.argument[i] = arch_syscall_argument(registers, i);
	if (number >= CALL_MAX || !handlers[number])
		result = missing(number);
	else
		result = handlers[number](&call);
	/* exec and sigreturn replace the registers: their result is no call's. */
	if (user_thread_current()->in_syscall)
		arch_set_result(registers, result);
}

/* Sure of what says so: the ABI tag note is looked for in the program headers' notes. */
static bool recognise(struct file *file, const void *bytes, size_t length)
{
	const struct elf64_header *header = bytes;

	(void)file;
	return length >= sizeof(*header) && header->ident[ELF_IDENT_OSABI] == ELF_OSABI_LINUX;
}

static const struct personality linux_record = {
	.name = "linux",
	.syscall = serve,
	.deliver = linux_deliver_signal,
	.restart = linux_restart,
	.build_stack = linux_build_stack,
	.recognise = recognise,
	.priority = 10,
};

PERSONALITY(linux_record);
