/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Linux personality: the table of calls and their dispatch.
 */
#include "linux.h"

#include <arch/thread.h>
#include <base/string.h>
#include <core/log.h>
#include <elf/elf.h>
#include <mm/phys/slab.h>
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
	const struct linux_call call = {
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
	int64_t result;

	if (number >= CALL_MAX || !handlers[number])
		result = missing(number);
	else
		result = handlers[number](&call);
	/* exec and sigreturn replace the registers: their result is no call's. */
	if (user_thread_current()->in_syscall)
		arch_set_result(registers, result);
}

#define NOTES_MAX       4096
#define NOTE_ABI_TAG    1
#define ABI_TAG_LINUX   0
#define INTERPRETER_MAX 64

/* True if the segment of notes has the tag that says Linux. */
static bool notes_say_linux(struct file *file, const struct elf64_program_header *segment)
{
	size_t size = min_u64(segment->filesz, NOTES_MAX), tag_size;
	uint8_t *notes = kmalloc(size);
	const void *tag;
	uint32_t system = UINT32_MAX;

	if (notes && file_read_kernel(file, notes, size, segment->offset) == (ssize_t)size &&
	    !elf_find_note(notes, size, "GNU", NOTE_ABI_TAG, &tag, &tag_size) &&
	    tag_size >= sizeof(system))
		memcpy(&system, tag, sizeof(system));
	kfree(notes);
	return system == ABI_TAG_LINUX;
}

/* True if the interpreter is one of Linux's. */
static bool interpreter_is_linux(struct file *file, const struct elf64_program_header *segment)
{
	char path[INTERPRETER_MAX] = { 0 };
	size_t size = min_u64(segment->filesz, sizeof(path) - 1);

	if (file_read_kernel(file, path, size, segment->offset) != (ssize_t)size)
		return false;
	return strncmp(path, "/lib64/ld-linux", 15) == 0 ||
	       strncmp(path, "/lib/ld-linux", 13) == 0 || strncmp(path, "/lib/ld-musl", 12) == 0;
}

static enum personality_mark recognise(struct file *file, const void *bytes, size_t length)
{
	const struct elf64_header *header = bytes;
	enum personality_mark mark = PERSONALITY_UNMARKED;

	if (length < sizeof(*header) || memcmp(header->ident, ELF_MAGIC, 4) != 0)
		return mark;
	if (header->ident[ELF_IDENT_OSABI] == ELF_OSABI_LINUX)
		mark = PERSONALITY_BRAND;
	for (unsigned i = 0; i < min_u64(header->phnum, ELF_PROGRAM_HEADERS_MAX); i++) {
		uint64_t at = header->phoff + i * sizeof(struct elf64_program_header);
		struct elf64_program_header segment;

		if (file_read_kernel(file, &segment, sizeof(segment), at) !=
		    (ssize_t)sizeof(segment))
			return mark;
		if (segment.type == ELF_SEGMENT_NOTE && notes_say_linux(file, &segment))
			return PERSONALITY_NOTE;
		if (mark == PERSONALITY_UNMARKED && segment.type == ELF_SEGMENT_INTERPRETER &&
		    interpreter_is_linux(file, &segment))
			mark = PERSONALITY_INTERPRETER;
	}
	return mark;
}

static const struct personality linux_record = {
	.name = "linux",
	.syscall = serve,
	.deliver = linux_deliver_signal,
	.restart = linux_restart,
	.build_stack = linux_build_stack,
	.recognise = recognise,
};

PERSONALITY(linux_record);
