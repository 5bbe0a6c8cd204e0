/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the simulation needs of the host. host.c alone includes the C library's headers, and
 * none of the kernel's, as both define the same names.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reserves `physical` bytes of memory, all mapped at *direct_map, of which the host gives
 * only what is touched, and `window` bytes of address space at *window_start, in which nothing
 * is mapped. Ends the process if the host does not play along. */
void host_memory_create(size_t physical, size_t window, uintptr_t *direct_map,
			uintptr_t *window_start);
/* Gives a process that was forked off a copy of the memory, so that it does not share the
 * other's. What is mapped in the window must be mapped anew. The other one stands still. */
void host_memory_copy(size_t physical, uintptr_t direct_map);
/* Maps one page of the window to physical memory, and unmaps one. */
void host_memory_map(uintptr_t address, uint64_t physical);
void host_memory_unmap(uintptr_t address);

/* A flow of control with a stack of its own. */
struct host_context;

/* A context that calls entry() when it is first switched to. entry() does not return. */
struct host_context *host_context_create(void (*entry)(void));
/* The context of the flow that calls this on the host's own stack. */
struct host_context *host_context_adopt(void);
/* Suspends the caller as `from`, continues `to`. Returns when somebody continues `from`. */
void host_context_switch(struct host_context *from, struct host_context *to);
/* Frees a context that is not running and never will be again. */
void host_context_destroy(struct host_context *context);

void host_write(const char *text, size_t length);
/* True if the environment variable SIM_LOG is set: the log is to be shown. */
bool host_wants_log(void);
uint64_t host_seconds(void);
_Noreturn void host_abort(void);
