/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Call chains of kernel code. Taking one only reads mapped memory, so it works in any context,
 * in a non-maskable interrupt too; printing one goes through the log.
 */
#pragma once

#include <base/types.h>

#define BACKTRACE_DEPTH 32

struct backtrace {
	uint8_t count;
	bool exact_first; /* the first is a program counter, the others are return addresses */
	uintptr_t addresses[BACKTRACE_DEPTH];
};

/* Follows the chain of frames from `frame_pointer` (0: none) on, after `program_counter` if that
 * is not 0. */
void backtrace_capture(struct backtrace *trace, uintptr_t program_counter, uintptr_t frame_pointer);
/* Logs it as errors, a line for each function. `area` as for log_write(). */
void backtrace_log(const struct backtrace *trace, const char *area);

/* Where the current function returns to, for records of who called it. */
#define caller_address() ((uintptr_t)__builtin_return_address(0))

/* What a return address is called: "function+0x1a", or the number where it is not known. */
struct address_name {
	char text[64];
};
/* The caller's text is filled, and returned for use as an argument of the log. */
const char *backtrace_name(uintptr_t return_address, struct address_name *name);
