/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls that return although the CPU lost its state in between: what is on its stack is kept, and it
 * comes back from the trampoline (smp.h) to that stack.
 */
#pragma once

#include <base/types.h>

/* Calls function(argument), and returns what it returns; or 0, when machine_context_resume(*save) is
 * called meanwhile. Interrupts off. */
int machine_context_call(uint64_t *save, int (*function)(void *), void *argument);
/* On the CPU that made the call, once its state is loaded again, with interrupts off. The stack below
 * `save` is free for who comes that far: machine_context_stack(). */
_Noreturn void machine_context_resume(uint64_t save);

static inline uint64_t machine_context_stack(uint64_t save)
{
	return (save - 16) & ~15ull;
}
