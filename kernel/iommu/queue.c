/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What units are told to forget (VT-d 4.1, 6.5): by commands in a queue in memory, or by registers where they have none.
 *
 * Whoever has commands waits until they are done, with the unit's lock, so the queue is empty in between.
 */
#include "unit.h"

#include <arch/cpu.h>
#include <core/log.h>
#include <time/clock.h>

/* 6.5.2. */
#define COMMAND_CONTEXT    1u
#define COMMAND_TLB        2u
#define COMMAND_INTERRUPTS 4u
#define COMMAND_WAIT       5u
#define GRANULARITY_SHIFT  4
#define ALL                1u /* of contexts and of the TLB */
#define ONE_DOMAIN         2u
#define ONE_PLACE          3u /* a context, or pages */
#define TLB_DRAIN          (3u << 6)
#define TLB_LEAVES         (1u << 6) /* tables above are as they were */
#define INTERRUPTS_ONE     (1u << 4)
#define WAIT_WRITES        (1u << 5)
#define ID_SHIFT           16
#define SOURCE_SHIFT       32

#define QUEUE_ENTRIES (PAGE_SIZE / 16)
#define ANSWER_WAIT   (NS_PER_SECOND / 2)

/* The registers (11.4.6, 11.4.8). */
#define CONTEXT_DO                (1ull << 63)
#define CONTEXT_GRANULARITY_SHIFT 61
#define TLB_ADDRESS               0
#define TLB_COMMAND               8
#define TLB_DO                    (1ull << 63)
#define TLB_GRANULARITY_SHIFT     60
#define TLB_DRAIN_REGISTER        (3ull << 48)
#define TLB_DOMAIN_SHIFT          32

#define FAULT_QUEUE (7u << 4) /* of the queue: an error in it, and that of a device */

/* --- The queue. Under the unit's lock, as all below. --- */

void vtd_queue_start(struct vtd_unit *unit)
{
	unit->tail = 0;
	vtd_write32(unit, VTD_QUEUE_TAIL, 0);
	vtd_write32(unit, VTD_QUEUE_TAIL + 4, 0);
	vtd_write64(unit, VTD_QUEUE, virt_to_phys(unit->queue));
}

static void put(struct vtd_unit *unit, uint64_t low, uint64_t high)
{
	unit->queue[unit->tail][0] = low;
	unit->queue[unit->tail][1] = high;
	vtd_write_back(unit, unit->queue[unit->tail], sizeof(unit->queue[0]));
	unit->tail = (unit->tail + 1) % QUEUE_ENTRIES;
}

static void report_stuck(struct vtd_unit *unit)
{
	if (!unit->stuck)
		log_error("iommu", "the unit at %#lx does not answer: fault status %#x",
			  (unsigned long)unit->firmware->base, vtd_read32(unit, VTD_FAULT_STATUS));
	unit->stuck = true;
	vtd_write32(unit, VTD_FAULT_STATUS, FAULT_QUEUE);
}

/* Has the unit do what was put, and waits for it. */
static void run(struct vtd_unit *unit)
{
	uint32_t sequence = ++unit->sequence;
	uint64_t deadline;

	put(unit, COMMAND_WAIT | WAIT_WRITES | (uint64_t)sequence << 32,
	    virt_to_phys((const void *)unit->answer));
	unit->flushes++;
	vtd_write32(unit, VTD_QUEUE_TAIL, unit->tail * 16);
	if (*unit->answer == sequence)
		return;
	deadline = clock_monotonic_ns() + ANSWER_WAIT;
	while (*unit->answer != sequence && !unit->stuck) {
		if (clock_monotonic_ns() > deadline)
			report_stuck(unit);
		arch_cpu_relax();
	}
}

/* --- Registers. --- */

static void wait_for_register(struct vtd_unit *unit, size_t offset)
{
	uint64_t deadline = clock_monotonic_ns() + ANSWER_WAIT;

	while (vtd_read64(unit, offset) >> 63 && !unit->stuck) {
		if (clock_monotonic_ns() > deadline)
			report_stuck(unit);
		arch_cpu_relax();
	}
}

static void context_by_register(struct vtd_unit *unit, uint64_t granularity, uint16_t requester,
				uint16_t domain)
{
	vtd_write64(unit, VTD_CONTEXT,
		    CONTEXT_DO | granularity << CONTEXT_GRANULARITY_SHIFT |
			    (uint64_t)requester << ID_SHIFT | domain);
	wait_for_register(unit, VTD_CONTEXT);
}

static void tlb_by_register(struct vtd_unit *unit, uint64_t granularity, uint16_t domain,
			    uint64_t address)
{
	size_t at = VTD_EXT_TLB_AT(unit->extended);
	uint64_t drain = unit->capability & VTD_CAP_DRAINS ? TLB_DRAIN_REGISTER : 0;

	if (granularity == ONE_PLACE)
		vtd_write64(unit, at + TLB_ADDRESS, address);
	vtd_write64(unit, at + TLB_COMMAND,
		    TLB_DO | granularity << TLB_GRANULARITY_SHIFT | drain |
			    (uint64_t)domain << TLB_DOMAIN_SHIFT);
	wait_for_register(unit, at + TLB_COMMAND);
}

/* --- Either. --- */

static void flush_contexts(struct vtd_unit *unit, unsigned granularity, uint16_t requester,
			   uint16_t domain)
{
	if (unit->queue)
		put(unit,
		    COMMAND_CONTEXT | granularity << GRANULARITY_SHIFT |
			    (uint64_t)domain << ID_SHIFT | (uint64_t)requester << SOURCE_SHIFT,
		    0);
	else
		context_by_register(unit, granularity, requester, domain);
}

static void flush_tlb(struct vtd_unit *unit, unsigned granularity, uint16_t domain,
		      uint64_t address)
{
	if (unit->queue)
		put(unit,
		    COMMAND_TLB | granularity << GRANULARITY_SHIFT | TLB_DRAIN |
			    (uint64_t)domain << ID_SHIFT,
		    address);
	else
		tlb_by_register(unit, granularity, domain, address);
}

/* Writes to tables may be on their way yet (11.4.2, RWBF). */
static void flush_write_buffer(struct vtd_unit *unit)
{
	const uint32_t lasting = VTD_TRANSLATES | VTD_QUEUED | VTD_REMAPS;
	uint64_t deadline = clock_monotonic_ns() + ANSWER_WAIT;

	if (!(unit->capability & VTD_CAP_WRITE_BUFFER))
		return;
	vtd_write32(unit, VTD_COMMAND, (vtd_read32(unit, VTD_STATUS) & lasting) | VTD_WRITE_BUFFER);
	while (vtd_read32(unit, VTD_STATUS) & VTD_WRITE_BUFFER && clock_monotonic_ns() < deadline)
		arch_cpu_relax();
}

/* False: it is not on yet, and knows nothing. Otherwise takes the lock. */
static bool begin(struct vtd_unit *unit, irq_state_t *state)
{
	*state = spin_lock_irqsave(&unit->lock);
	if (unit->on) {
		flush_write_buffer(unit);
		return true;
	}
	spin_unlock_irqrestore(&unit->lock, *state);
	return false;
}

static void end(struct vtd_unit *unit, irq_state_t state)
{
	if (unit->queue)
		run(unit);
	spin_unlock_irqrestore(&unit->lock, state);
}

void vtd_flush_all(struct vtd_unit *unit)
{
	irq_state_t state;

	if (!begin(unit, &state))
		return;
	flush_contexts(unit, ALL, 0, 0);
	flush_tlb(unit, ALL, 0, 0);
	if (unit->remaps)
		put(unit, COMMAND_INTERRUPTS, 0);
	end(unit, state);
}

void vtd_flush_context(struct vtd_unit *unit, uint16_t requester, uint16_t domain)
{
	/* What is absent a unit caches without a domain (6.1). */
	unsigned granularity = unit->capability & VTD_CAP_CACHES_ABSENT ? ALL : ONE_PLACE;
	irq_state_t state;

	if (!begin(unit, &state))
		return;
	flush_contexts(unit, granularity, requester, domain);
	flush_tlb(unit, ONE_DOMAIN, domain, 0);
	end(unit, state);
}

void vtd_flush_domain(struct vtd_unit *unit, uint16_t domain)
{
	irq_state_t state;

	if (!begin(unit, &state))
		return;
	flush_tlb(unit, ONE_DOMAIN, domain, 0);
	end(unit, state);
}

/* The smallest block of 2^order pages, aligned, that holds the range. */
static unsigned order_of(const struct vtd_range *range)
{
	unsigned order = 0;

	while (align_down(range->first, (uint64_t)PAGE_SIZE << order) +
		       ((uint64_t)PAGE_SIZE << order) <
	       range->end)
		order++;
	return order;
}

void vtd_flush_ranges(struct vtd_unit *unit, uint16_t domain, const struct vtd_range *ranges,
		      unsigned count)
{
	unsigned most = VTD_CAP_PAGES_SHIFT(unit->capability);
	bool whole = !(unit->capability & VTD_CAP_PAGES);
	irq_state_t state;

	if (!begin(unit, &state))
		return;
	for (unsigned i = 0; i < count && !whole; i++)
		whole = order_of(&ranges[i]) > most;
	if (whole)
		flush_tlb(unit, ONE_DOMAIN, domain, 0);
	for (unsigned i = 0; i < count && !whole; i++) {
		unsigned order = order_of(&ranges[i]);

		flush_tlb(unit, ONE_PLACE, domain,
			  align_down(ranges[i].first, (uint64_t)PAGE_SIZE << order) | TLB_LEAVES |
				  order);
	}
	end(unit, state);
}

void vtd_flush_interrupt(struct vtd_unit *unit, unsigned entry)
{
	irq_state_t state;

	if (!begin(unit, &state))
		return;
	put(unit, COMMAND_INTERRUPTS | INTERRUPTS_ONE | (uint64_t)entry << SOURCE_SHIFT, 0);
	end(unit, state);
}
