/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every CPU does at the moment: asked by a non-maskable interrupt, so that a CPU answers
 * that spins with interrupts off too. The answer is only written down there, in memory of that
 * CPU's own; it is logged by who asked.
 */
#pragma once

#include <base/types.h>

struct thread;

/* Logs what the CPUs of `mask` (bits of those that run) do, this one included: the thread, the
 * state of interrupts and preemption, the call chain, in debug builds the spinlocks. A CPU that
 * idles gets one line. Waits up to a second for CPUs that do not answer. One at a time: false if
 * somebody else is at it. Any context. */
bool snapshot_log(uint64_t mask, const char *area);

/* Supplied by sched: copies the name of a thread, terminated. Any context. */
void thread_copy_name(const struct thread *thread, char *name, size_t size);
