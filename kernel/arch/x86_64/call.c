/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls across CPUs (arch_call_cpus()). Each CPU has a slot for what it wants of others, and an
 * inbox, a word with one bit for each CPU that wants something of it. So several CPUs call at the
 * same time without waiting for each other's turn; and an inbox that is not empty needs no
 * further interrupt, as the one that is on its way serves all.
 *
 * Who waits for answers with interrupts off answers calls himself, so that two such callers do
 * not wait for each other for ever.
 */
#include "apic.h"
#include "idt.h"
#include "smp.h"

#include <arch/cpu.h>
#include <core/panic.h>
#include <core/patience.h>
#include <sched/diagnose.h>
#include <sync/cpu.h>

#include <stdatomic.h>

/* Written by its CPU while nothing is pending, with preemption off; not by its interrupt
 * handlers. Read by the CPUs that are pending. */
struct call {
	void (*function)(void *);
	void *argument;
	_Atomic uint64_t pending; /* the CPUs that have not answered */
	_Atomic uint64_t sent;    /* interrupts, since boot; written by its CPU only */
} __attribute__((aligned(64)));

struct inbox {
	_Atomic uint64_t senders; /* whose slots are to be served; any CPU sets its own bit */
} __attribute__((aligned(64)));

static struct call calls[CPU_MAX];
static struct inbox inboxes[CPU_MAX];

void machine_handle_call(void)
{
	unsigned self = cpu_id();
	uint64_t senders;

	if (!atomic_load_explicit(&inboxes[self].senders, memory_order_relaxed))
		return;
	senders = atomic_exchange(&inboxes[self].senders, 0);
	for (; senders; senders &= senders - 1) {
		struct call *call = &calls[__builtin_ctzll(senders)];

		call->function(call->argument);
		/* From here on the slot may be the sender's next call. */
		atomic_fetch_and(&call->pending, ~(1ull << self));
	}
}

void machine_forget_calls(void)
{
	unsigned self = cpu_id();
	uint64_t senders = atomic_exchange(&inboxes[self].senders, 0);

	for (; senders; senders &= senders - 1)
		atomic_fetch_and(&calls[__builtin_ctzll(senders)].pending, ~(1ull << self));
}

/* An interrupt may be lost: QEMU's TCG (before version 8) lets a write to the APIC go astray while
 * the memory map changes under another CPU. One too many does no harm. */
#define RESEND_NS 100000000ull

static void send_again(uint64_t pending)
{
	for (; pending; pending &= pending - 1)
		machine_apic_send(machine_apic_id_of((unsigned)__builtin_ctzll(pending)),
				  VECTOR_CALL);
}

static void wait_for_answers(struct call *call)
{
	struct patience patience = PATIENCE_INIT(LOCKUP_NS), resend = PATIENCE_INIT(RESEND_NS);
	uint64_t pending;

	while ((pending = atomic_load(&call->pending))) {
		uint64_t parked = pending & machine_cpus_parked();

		/* One that parked after the caller looked does not answer, and need not. */
		if (parked)
			atomic_fetch_and(&call->pending, ~parked);
		if (!arch_irq_enabled())
			machine_handle_call();
		arch_cpu_relax();
		if (patience_ran_out(&resend))
			send_again(pending);
		if (patience_ran_out(&patience))
			(void)lockup_report(pending, "takes no interrupts",
					    patience_waited_ns(&patience));
	}
}

void arch_call_cpus(uint64_t mask, void (*function)(void *), void *argument)
{
	unsigned self = cpu_id();
	struct call *call = &calls[self];
	uint64_t sent = 0;

	mask &= ~(1ull << self | machine_cpus_parked());
	if (!mask)
		return;
	debug_assert(in_atomic_context() && !arch_this_cpu()->irq_depth);
	debug_assert(!atomic_load(&call->pending));
	call->function = function;
	call->argument = argument;
	atomic_store(&call->pending, mask);
	for (uint64_t rest = mask; rest; rest &= rest - 1) {
		unsigned target = (unsigned)__builtin_ctzll(rest);

		if (atomic_fetch_or(&inboxes[target].senders, 1ull << self))
			continue;
		machine_apic_send(machine_apic_id_of(target), VECTOR_CALL);
		sent++;
	}
	atomic_store_explicit(&call->sent,
			      atomic_load_explicit(&call->sent, memory_order_relaxed) + sent,
			      memory_order_relaxed);
	wait_for_answers(call);
}

uint64_t arch_call_interrupts(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < CPU_MAX; i++)
		sum += atomic_load_explicit(&calls[i].sent, memory_order_relaxed);
	return sum;
}
