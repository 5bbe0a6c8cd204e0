/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other CPUs: starting, calling and stopping them. */
#pragma once

#include <base/types.h>

struct platform;

/* Remembers which CPUs there are, and sends them INIT: what comes before arch_smp_start() then
 * counts for the delay after it. */
void machine_smp_init(const struct platform *platform);
uint32_t machine_apic_id_of(unsigned cpu);
/* The handler of VECTOR_CALL: runs what arch_call_cpus() wants of this CPU, if anything. */
void machine_handle_call(void);
/* Takes back what others have called this CPU for, and lets them go on. Interrupts off. */
void machine_forget_calls(void);
/* The CPUs that are in arch_cpu_park(), a bit each: they serve no calls. park.c. */
uint64_t machine_cpus_parked(void);
/* True once CPU `id`, of these, has nothing more to do: it may lose its state. park.c. */
bool machine_cpu_has_parked(unsigned id);
/* Has others not wait for CPU `id`, which is about to come: it starts as if it were parked. */
void machine_park_set(unsigned id);
/* This CPU serves calls from now on, and has no stale translations. Interrupts off. */
void machine_park_leave(void);
/* Starts CPU `id` once more: it calls entry(argument) on `stack`, and that machine_smp_started(). Thread
 * context, one at a time. False: it does not answer. */
bool must_check machine_smp_restart(unsigned id, uint64_t stack, void (*entry)(void *),
				    void *argument);
/* The first thing that an entry of the trampoline calls, but that of who wakes: returns if somebody waits. */
void machine_smp_arrived(void);
/* The rest of what a CPU has lost, or never had, after machine_cpu_load(); and who started it goes on. */
void machine_smp_started(void);

/* The page below 1 MiB where CPUs start, those that wake too; kept out of the frame allocator. */
#define MACHINE_TRAMPOLINE_PAGE 0x8000

/* The page where SeaBIOS starts the other CPUs when the machine wakes. It does not wait for them, and puts back
 * what was there while they may not have come yet. Kept out of the frame allocator. */
#define MACHINE_STRAY_PAGE 0x10000

/* Has the next CPU that starts there, in real mode, call entry(argument) on `stack`, in long mode with the
 * kernel's tables and nothing else of its state; machine_trampoline_done() when it has. One at a time. */
void machine_trampoline_prepare(uint64_t stack, void (*entry)(void *), void *argument);
void machine_trampoline_done(void);
/* Once it is prepared: has that CPU first copy `size` bytes, whole words. Both are mapped for the kernel. */
void machine_trampoline_copy(void *to, const void *from, size_t size);
