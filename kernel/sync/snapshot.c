/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Snapshots of all CPUs, for reports of lockups, for panics and on request.
 *
 * Each request has a number. trap_nmi() answers the newest, once, into memory that only its CPU
 * writes; who asked reads it when it carries the number. A panic asks anew, whoever was waiting
 * for answers before.
 */
#include <arch/irq.h>
#include <arch/trap.h>
#include <base/string.h>
#include <core/backtrace.h>
#include <core/log.h>
#include <core/panic.h>
#include <sync/cpu.h>
#include <sync/snapshot.h>

#include "spinlock_debug.h"

#include <stdatomic.h>

/* How long CPUs have for an answer, all together. */
#define ANSWER_NS 1000000000ull

struct snapshot {
	_Atomic uint32_t answered; /* the request that all this is the answer to */
	uint32_t irq_depth, preempt_count;
	bool user, irq_enabled;
	char thread[32];
	struct backtrace trace;
};

static struct snapshot snapshots[CPU_MAX];
static _Atomic uint32_t request;
static atomic_flag busy = ATOMIC_FLAG_INIT;

static void take(struct snapshot *snapshot, const struct trap_place *place)
{
	const struct cpu *cpu = arch_this_cpu();

	snapshot->irq_depth = cpu->irq_depth;
	snapshot->preempt_count = cpu->preempt_count;
	snapshot->user = place->user;
	snapshot->irq_enabled = place->irq_enabled;
	snapshot->thread[0] = '\0';
	if (cpu->current)
		thread_copy_name(cpu->current, snapshot->thread, sizeof(snapshot->thread));
	if (place->user)
		snapshot->trace.count = 0;
	else
		backtrace_capture(&snapshot->trace, place->program_counter, place->frame_pointer);
}

void trap_nmi(const struct trap_place *place)
{
	struct snapshot *snapshot = &snapshots[cpu_id()];
	uint32_t wanted = atomic_load(&request);

	if (atomic_load_explicit(&snapshot->answered, memory_order_relaxed) == wanted)
		return;
	take(snapshot, place);
	atomic_store_explicit(&snapshot->answered, wanted, memory_order_release);
}

static bool wait_for_answer(unsigned id, uint32_t number, uint64_t deadline)
{
	while (atomic_load_explicit(&snapshots[id].answered, memory_order_acquire) != number) {
		if (arch_clock_ns() >= deadline)
			return false;
		arch_cpu_relax();
	}
	return true;
}

static bool is_idle(const struct snapshot *snapshot)
{
	return !strncmp(snapshot->thread, "idle/", 5) && snapshot->irq_enabled &&
	       snapshot->irq_depth == 0;
}

static void log_snapshot(unsigned id, const struct snapshot *snapshot, const char *area)
{
	if (is_idle(snapshot)) {
		log_error(area, "CPU %u: idle", id);
		return;
	}
	log_error(area, "CPU %u: thread %s, in %s, interrupts %s%s, preemption count %u", id,
		  snapshot->thread[0] ? snapshot->thread : "(none)",
		  snapshot->user ? "a program" : "the kernel", snapshot->irq_enabled ? "on" : "off",
		  snapshot->irq_depth ? " (in a handler)" : "", snapshot->preempt_count);
	backtrace_log(&snapshot->trace, area);
	if (CONFIG_DEBUG)
		spin_debug_log_held(id, area);
}

static void log_answers(uint64_t mask, uint32_t number, const char *area)
{
	uint64_t deadline = arch_clock_ns() + ANSWER_NS;

	for (unsigned id = 0; id < cpu_count(); id++) {
		if (!(mask >> id & 1))
			continue;
		if (wait_for_answer(id, number, deadline))
			log_snapshot(id, &snapshots[id], area);
		else
			log_error(area, "CPU %u: does not answer", id);
	}
}

/* This CPU's own answer: where the interrupt came in, if it is in a handler, else the caller. */
static void answer_self(uintptr_t frame_pointer)
{
	struct trap_place place = {
		.frame_pointer = frame_pointer,
		.irq_enabled = arch_irq_enabled(),
	};

	if (arch_this_cpu()->irq_depth > 0 && !arch_interrupted_place(&place))
		place.irq_enabled = false;
	trap_nmi(&place);
	/* But for the one of snapshot_log(). */
	snapshots[cpu_id()].preempt_count--;
}

bool snapshot_log(uint64_t mask, const char *area)
{
	uint64_t self;
	uint32_t number;

	if (atomic_flag_test_and_set(&busy))
		return false;
	preempt_disable();
	self = 1ull << cpu_id();
	number = atomic_fetch_add(&request, 1) + 1;
	for (unsigned id = 0; id < cpu_count(); id++) {
		if (mask >> id & 1 & ~(self >> id))
			arch_send_nmi(id);
	}
	if (mask & self)
		answer_self(arch_frame_pointer());
	log_answers(mask, number, area);
	preempt_enable();
	atomic_flag_clear(&busy);
	return true;
}

void panic_stop_cpus(void)
{
	atomic_fetch_add(&request, 1);
	arch_stop_other_cpus();
}

void panic_report_cpus(void)
{
	if (CONFIG_DEBUG)
		spin_debug_log_held(cpu_id(), "panic");
	log_answers(~(1ull << cpu_id()), atomic_load(&request), "panic");
}
