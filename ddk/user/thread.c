/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads. Their stacks lie side by side, so that a stack's address tells whose it is; below each is a page that
 * nobody can touch.
 */
#include <base/string.h>

#include "kit.h"

#define STACK_SIZE (64u << 10)

/* entry.S */
void thread_entry(unsigned role);
_Noreturn void thread_switch_stack(uintptr_t stack_pointer, unsigned role);
_Noreturn void thread_begin(unsigned role);

static uintptr_t stacks;
static void (*start_of[THREAD_MAX])(unsigned role);

static uintptr_t top_of_stack(unsigned role)
{
	return stacks + (uintptr_t)(role + 1) * STACK_SIZE;
}

void thread_start_first(void (*run)(unsigned role))
{
	long address = kernel_call1(HOST_MEMORY_MAP, (size_t)THREAD_MAX * STACK_SIZE);

	if (call_failed(address))
		kit_fail("there is no memory for stacks");
	stacks = (uintptr_t)address;
	for (unsigned i = 0; i < THREAD_MAX; i++) {
		if (kernel_call3(HOST_MEMORY_PROTECT, stacks + (uintptr_t)i * STACK_SIZE, PAGE_SIZE,
				 HOST_NOTHING))
			kit_fail("a stack cannot be protected");
	}
	start_of[THREAD_EVENTS] = run;
	thread_switch_stack(top_of_stack(THREAD_EVENTS), THREAD_EVENTS);
}

int thread_start(unsigned role, void (*run)(unsigned role), const char *name)
{
	start_of[role] = run;
	return (int)kernel_call(HOST_THREAD_START, (uintptr_t)thread_entry, top_of_stack(role),
				role, address_of(name), strlen(name));
}

void thread_begin(unsigned role)
{
	if (role != THREAD_EVENTS)
		wait_end(); /* busy from now on */
	start_of[role](role);
	kit_fail("a thread ended");
}

unsigned thread_role(void)
{
	return (unsigned)(((uintptr_t)__builtin_frame_address(0) - stacks) / STACK_SIZE);
}
