/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine state of a thread in the simulation: a coroutine of the host. */
#pragma once

#include <base/types.h>

struct host_context;

struct arch_thread {
	struct host_context *context; /* NULL: a flow that was adopted and not suspended yet */
	void (*entry)(void *argument);
	void *argument;
};

/* No program runs in the simulation; this is what its system calls would look like. */
struct arch_registers {
	uint64_t number;
	uint64_t arguments[6];
	int64_t result;
	uintptr_t program_counter;
	uintptr_t stack_pointer;
};
