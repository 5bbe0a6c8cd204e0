/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arch contract: the running CPU. The inline functions come from <machine/cpu.h>:
 *
 *   unsigned arch_cpu_id(void);                    number of this CPU
 *   struct cpu *arch_this_cpu(void);               its block (preemption must be off)
 *   struct thread *arch_current_thread(void);      one instruction: safe at any time
 *   void arch_preempt_add(int delta);              this CPU's preempt_count, one instruction
 *   bool arch_preempt_wanted(void);                need_resched set and preempt_count 0
 *   unsigned long arch_irq_save(void);             interrupts off; the state before
 *   void arch_irq_restore(unsigned long state);
 *   bool arch_irq_enabled(void);
 *   void arch_irq_enable(void); void arch_irq_disable(void);
 *   void arch_cpu_relax(void);                     in spin loops
 *   void arch_cpu_idle(void);                      enables interrupts and halts until one,
 *                                                  atomically; returns with interrupts on
 *   uint64_t arch_cycles(void);                    a cheap counter, for entropy and profiles
 *   uintptr_t arch_frame_pointer(void);            of the caller, for backtraces
 */
#pragma once

#include <base/types.h>

struct cpu;
struct thread;
struct trap_place;

#include <machine/cpu.h>

/* Starts all CPUs that the platform description names (platform.h), each of which calls
 * cpu_register() and sched_cpu_start(). Called once, on the boot CPU. */
void arch_smp_start(void);

/* Starts a CPU that came after boot and never ran, as arch_smp_start() does; its number is *id. `hardware_id` is
 * what the platform calls it. Thread context, one at a time. -ENOSPC: more than cpu_limit(); -ENODEV: there is no
 * way to call it; -ENOMEM; -EIO: it does not answer. */
int must_check arch_cpu_start(uint32_t hardware_id, unsigned *id);
/* The number of the CPU that the platform calls so, or CPU_MAX; and the other way. */
unsigned arch_cpu_find(uint32_t hardware_id);
uint32_t arch_cpu_hardware_id(unsigned id);
/* True once CPU `id`, which parks or is about to, has kept all that it needs: it may lose its state. Any context. */
bool arch_cpu_has_parked(unsigned id);
/* CPU `id`, which has parked like that and is not the boot CPU, loses all of its state, or has lost it (it is taken out of the machine, or that
 * slept): arch_cpu_unpark() has to start it anew. It goes on where it parked. */
void arch_cpu_lost(unsigned id);

/* Sends the scheduler's interrupt to CPU `id`, which may be this one; trap_wake() runs there.
 * Any context. What was stored before is seen there. */
void arch_send_wake(unsigned id);
/* Runs `function(argument)` on every other CPU in `mask` that is not parked, in interrupt context,
 * and waits for it. Called with interrupts on or off, with preemption off, not by interrupt handlers; no
 * spinlocks that handlers take are held, nor of rank >= RANK_SHOOTDOWN. Several CPUs may call at
 * the same time; `function` does not call in its turn. */
void arch_call_cpus(uint64_t mask, void (*function)(void *), void *argument);
/* How many interrupts that has sent since boot, on all CPUs together. */
uint64_t arch_call_interrupts(void);
/* Makes trap_nmi() run on CPU `id`, another one, whatever it does, with interrupts off too. Does
 * not wait. Any context. */
void arch_send_nmi(unsigned id);
/* In an interrupt handler: where this CPU was when the innermost interrupt came in; false if that
 * is not known. */
bool must_check arch_interrupted_place(struct trap_place *place);
/* Takes the calling CPU out of service until arch_cpu_unpark(): nothing runs on it, it takes no
 * interrupts, arch_call_cpus() passes it over and its timer is off. Called by its idle thread with
 * interrupts off and nothing held; returns likewise, with no stale translation left, and maybe too
 * early. */
void arch_cpu_park(void);
/* Tells CPU `id`, which parks or is about to, to come back. May get lost: call it again until it
 * does. Any context; but for one that lost its state thread context, one at a time. */
void arch_cpu_unpark(unsigned id);
/* True if an interrupt waits for this CPU to enable interrupts. Interrupts off. */
bool arch_irq_pending(void);
/* Stops all other CPUs for good (panic), after trap_nmi() has run there. */
void arch_stop_other_cpus(void);
/* Stops this one. */
_Noreturn void arch_halt(void);

/* Resets or switches off the machine; return only if that is not possible. */
void arch_reset(void);
void arch_power_off(void);
/* Sets what firmware has for that, which is tried first; it may return at once. Called once, at boot. */
void arch_set_firmware_power(void (*reset)(void), void (*power_off)(void));

/* One random word from the CPU, if it has a source. */
bool arch_random(uint64_t *value);

/* A description for /proc/cpuinfo. */
struct arch_cpu_description {
	char vendor[16];
	char model_name[64];
	unsigned family, model, stepping;
	uint64_t frequency_hz; /* of the time stamp counter */
	char flags[1024];      /* as Linux names them, separated by blanks */
	unsigned physical_address_bits, virtual_address_bits;
};
void arch_describe_cpu(unsigned id, struct arch_cpu_description *description);

/* Writes text to the debug console (a UART) by polling; usable from the first instruction. */
void arch_debug_write(const char *text, size_t length);
