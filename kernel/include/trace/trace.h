/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Static tracepoints: what happens on each CPU, into a ring of that CPU.
 *
 * A tracepoint is a call of one of the inline functions below. While its kind is not enabled it
 * costs a load of a word that is hardly ever written and a branch that is not taken. Enabled, it
 * writes one record of 32 bytes (native/trace.h), the oldest one giving way.
 *
 * Tracepoints may stand anywhere but in an NMI: in interrupt handlers, under any lock, the run
 * queues' included. They take none.
 *
 * Switching on and reading is the work of scheme `trace:` (kernel/scheme/trace_scheme.c), which
 * also supplies the memory. docs/trace.md explains it all.
 */
#pragma once

#include <base/types.h>
#include <native/trace.h>

struct thread;

#define TRACE_RECORDS_MIN 16u

/* --- Tracepoints. --- */

/* Alone in its cache line: every CPU reads it at every turn. Written by trace_set_kinds(), as one
 * word. Not _Atomic, so that the compiler may test it where it lies and work out the arguments of
 * a tracepoint behind the branch; should it look once for two tracepoints, that does no harm. */
struct trace_mask {
	uint32_t kinds; /* bit N: enum trace_kind N is recorded */
} __attribute__((aligned(64)));

extern struct trace_mask trace_mask;

static inline bool trace_wants(enum trace_kind kind)
{
	return __builtin_expect((trace_mask.kinds & 1u << kind) != 0, 0);
}

/* Records what the running thread does. What comes before a CPU's ring is attached is dropped. */
void trace_record(enum trace_kind kind, unsigned detail, uint64_t first, uint64_t second);
/* Records what `thread` is called from now on. */
void trace_record_name(const struct thread *thread, const char *name);

/* The number that stands for a thread in records: so much of its address that two threads only
 * share one by chance, on machines with more than 64 GiB of memory. */
static inline uint32_t trace_thread_number(const struct thread *thread)
{
	return (uint32_t)((uintptr_t)thread >> 4);
}

/* `next` is about to run in the place of the current thread. */
static inline void trace_switch(const struct thread *next, enum trace_switch_reason reason)
{
	if (trace_wants(TRACE_SWITCH))
		trace_record(TRACE_SWITCH, reason, trace_thread_number(next), 0);
}

/* `thread` became runnable and goes to the queue of `cpu`. */
static inline void trace_wake(const struct thread *thread, unsigned cpu)
{
	if (trace_wants(TRACE_WAKE))
		trace_record(TRACE_WAKE, 0, trace_thread_number(thread), cpu);
}

/* A token's way: `other` is the CPU that it is sent to or that gets a thread, and for what is
 * received the one where the lap began; this one where no other has part in the event. */
static inline void trace_token(enum trace_token_event event, unsigned other, uint64_t lap)
{
	if (trace_wants(TRACE_TOKEN))
		trace_record(TRACE_TOKEN, event, other, lap);
}

static inline void trace_fault_enter(uintptr_t address, unsigned access)
{
	if (trace_wants(TRACE_FAULT_ENTER))
		trace_record(TRACE_FAULT_ENTER, access, address, 0);
}

static inline void trace_fault_leave(uintptr_t address, int result)
{
	if (trace_wants(TRACE_FAULT_LEAVE))
		trace_record(TRACE_FAULT_LEAVE, 0, address, (uint64_t)(int64_t)result);
}

static inline void trace_syscall_enter(uint64_t number)
{
	if (trace_wants(TRACE_SYSCALL_ENTER))
		trace_record(TRACE_SYSCALL_ENTER, 0, number, 0);
}

static inline void trace_syscall_leave(uint64_t number, long result)
{
	if (trace_wants(TRACE_SYSCALL_LEAVE))
		trace_record(TRACE_SYSCALL_LEAVE, 0, number, (uint64_t)result);
}

static inline void trace_irq_enter(unsigned irq)
{
	if (trace_wants(TRACE_IRQ_ENTER))
		trace_record(TRACE_IRQ_ENTER, 0, irq, 0);
}

static inline void trace_irq_leave(unsigned irq)
{
	if (trace_wants(TRACE_IRQ_LEAVE))
		trace_record(TRACE_IRQ_LEAVE, 0, irq, 0);
}

/* A timer with this deadline is over and `function` is called. */
static inline void trace_timer(uint64_t deadline_ns, uintptr_t function)
{
	if (trace_wants(TRACE_TIMER))
		trace_record(TRACE_TIMER, 0, deadline_ns, function);
}

static inline void trace_ipi(enum trace_ipi_event event, uint64_t other)
{
	if (trace_wants(TRACE_IPI))
		trace_record(TRACE_IPI, event, other, 0);
}

/* Something happened to a bio or request; both words as TRACE_BLOCK has them. */
static inline void trace_block(enum trace_block_event event, enum trace_block_operation operation,
			       uint64_t place, uint64_t extent)
{
	if (trace_wants(TRACE_BLOCK))
		trace_record(TRACE_BLOCK, event | (unsigned)operation << 4, place, extent);
}

/* A thread starts, or has a new name. */
static inline void trace_name(const struct thread *thread, const char *name)
{
	if (trace_wants(TRACE_NAME))
		trace_record_name(thread, name);
}

/* --- Control. The caller sees to it that these are called one at a time, trace_read() and
 * trace_read_statistics() included, and in thread context. --- */

/* What trace_attach() needs for `records`, a power of two >= TRACE_RECORDS_MIN. */
size_t trace_buffer_bytes(size_t records);
/* Gives CPU `cpu`, which has none, its memory; `memory` is aligned to 8 bytes. The ring is empty.
 * It keeps what was recorded until it is cleared or detached, also while no kind is enabled. */
void trace_attach(unsigned cpu, void *memory, size_t records);
/* Takes it back: afterwards nobody writes there any more. NULL if there was none. The kinds
 * should be off, so that no records are lost. */
void *trace_detach(unsigned cpu);
/* Enables exactly these kinds. Tracepoints on other CPUs see it soon, not at once. */
void trace_set_kinds(uint32_t kinds);
uint32_t trace_kinds(void);
/* Forgets what `cpu` has recorded. */
void trace_clear(unsigned cpu);

/* Copies the record of `cpu` at *position (0 at first), or the oldest one after it that is still
 * there, and moves *position behind it. *lost grows by the number that were passed over. False:
 * there is none yet. Recording goes on meanwhile. */
bool must_check trace_read(unsigned cpu, uint64_t *position, struct trace_record *record,
			   uint64_t *lost);

struct trace_statistics {
	uint64_t written;  /* records since the ring was attached or cleared */
	uint64_t lost;     /* of these, how many gave way to later ones */
	uint64_t capacity; /* 0: no ring */
};
void trace_read_statistics(unsigned cpu, struct trace_statistics *statistics);
