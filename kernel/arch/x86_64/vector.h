/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Vector state (x87, SSE, AVX, AVX-512): XSAVE where the CPU has it, else FXSAVE. Kernel code
 * does not use vector registers, but in kernel threads that asked for a state of their own
 * (thread_use_vectors()); so what is in them is that of the last thread that has one.
 */
#pragma once

#include <base/types.h>

struct arch_thread;

/* Switches the unit on (each CPU). */
void machine_vector_enable(void);
/* A fresh state for a thread. -ENOMEM. */
int must_check machine_vector_allocate(struct arch_thread *thread);
void machine_vector_free(struct arch_thread *thread);
/* Between registers and the thread's memory. */
void machine_vector_save(struct arch_thread *thread);
void machine_vector_load(struct arch_thread *thread);
/* Puts the initial state into the thread's memory. */
void machine_vector_reset(struct arch_thread *thread);
