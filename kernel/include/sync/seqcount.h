/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sequence counters: readers of small data copy it without writing to shared memory and
 * repeat when a writer came between. Writers serialise among themselves by other means.
 */
#pragma once

#include <arch/cpu.h>
#include <base/types.h>

#include <stdatomic.h>

struct seqcount {
	_Atomic uint32_t sequence; /* odd while a writer is inside */
};

static inline uint32_t seqcount_read_begin(const struct seqcount *count)
{
	uint32_t sequence;

	while ((sequence = atomic_load_explicit(&count->sequence, memory_order_acquire)) & 1)
		arch_cpu_relax();
	return sequence;
}

/* True if the data read since seqcount_read_begin() may be torn: read again. */
static inline bool must_check seqcount_read_retry(const struct seqcount *count, uint32_t begin)
{
	atomic_thread_fence(memory_order_acquire);
	return atomic_load_explicit(&count->sequence, memory_order_relaxed) != begin;
}

static inline void seqcount_write_begin(struct seqcount *count)
{
	atomic_fetch_add_explicit(&count->sequence, 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
}

static inline void seqcount_write_end(struct seqcount *count)
{
	atomic_fetch_add_explicit(&count->sequence, 1, memory_order_release);
}
