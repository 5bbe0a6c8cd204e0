/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TLB shootdowns, batched: a change of many translations is one round of interrupts, and only to
 * CPUs that run with the tables.
 *
 * Each shootdown is a generation of its pmap, and each CPU notes up to which one it has flushed.
 * A CPU that rests (machine_pmap_rest) is not told, but finds another generation when it returns.
 * Several shootdowns of one pmap may go on at the same time: a CPU that hears of one without
 * having heard of the one before flushes everything, as all changes up to that generation are
 * visible by then, and has nothing to do for the other.
 */
#include "cpuid.h"
#include "machine_cpu.h"
#include "pmap.h"

#include <arch/cpu.h>
#include <base/string.h>
#include <mm/phys/frame.h>

#include <stdatomic.h>

/* A page of notes of frames to release. */
struct shootdown_spill {
	struct shootdown_spill *next;
	size_t count;
	phys_t frames[(PAGE_SIZE - 16) / sizeof(phys_t)];
};

_Static_assert(sizeof(struct shootdown_spill) == PAGE_SIZE, "one frame");

static void flush_page(vaddr_t address)
{
	asm volatile("invlpg (%0)" : : "r"(address) : "memory");
}

/* Everything but global pages. */
static void flush_user(void)
{
	cr3_write(cr3_read());
}

void machine_flush_all(void)
{
	uint64_t cr4 = cr4_read();

	cr4_write(cr4 & ~CR4_GLOBAL);
	cr4_write(cr4);
}

void machine_shootdown_begin(struct shootdown *shootdown, struct pmap *pmap)
{
	shootdown->pmap = pmap;
	shootdown->count = 0;
	shootdown->release_count = 0;
	shootdown->spill_count = 0;
	shootdown->spills = NULL;
	shootdown->tables = false;
}

void machine_shootdown_add(struct shootdown *shootdown, vaddr_t address)
{
	if (shootdown->count < SHOOTDOWN_PAGES)
		shootdown->addresses[shootdown->count] = address;
	shootdown->count++;
}

/* Moves the frames noted so far to a page of notes. False: there is none to be had. */
static bool spill(struct shootdown *shootdown)
{
	struct shootdown_spill *spill = shootdown->spills;

	if (!spill || array_length(spill->frames) - spill->count < SHOOTDOWN_RELEASES) {
		phys_t page =
			shootdown->spill_count < SHOOTDOWN_SPILL_MAX ? frame_allocate_page(0) : 0;

		if (!page)
			return false;
		spill = phys_to_virt(page);
		spill->next = shootdown->spills;
		spill->count = 0;
		shootdown->spills = spill;
		shootdown->spill_count++;
	}
	memcpy(&spill->frames[spill->count], shootdown->releases, sizeof(shootdown->releases));
	spill->count += SHOOTDOWN_RELEASES;
	shootdown->release_count = 0;
	return true;
}

void machine_shootdown_release(struct shootdown *shootdown, phys_t frame)
{
	if (shootdown->release_count == SHOOTDOWN_RELEASES && !spill(shootdown))
		machine_shootdown_flush(shootdown);
	shootdown->releases[shootdown->release_count++] = frame;
}

static void release_frames(const phys_t *frames, size_t count)
{
	for (size_t i = 0; i < count; i++)
		frame_put(frame_at(frames[i]));
}

static void release_all(struct shootdown *shootdown)
{
	struct shootdown_spill *spill;

	release_frames(shootdown->releases, shootdown->release_count);
	shootdown->release_count = 0;
	while ((spill = shootdown->spills)) {
		shootdown->spills = spill->next;
		release_frames(spill->frames, spill->count);
		frame_put(frame_at(virt_to_phys(spill)));
	}
	shootdown->spill_count = 0;
	shootdown->tables = false;
}

static void shootdown_here(void *argument)
{
	const struct shootdown *shootdown = argument;
	struct machine_cpu *cpu = machine_this_cpu();

	bool next = cpu->pmap_generation + 1 == shootdown->generation;

	/* A CPU that went on to other tables has forgotten these. */
	if (cpu->pmap != shootdown->pmap || cpu->pmap_generation >= shootdown->generation)
		return;
	cpu->pmap_generation = shootdown->generation;
	if (!next || shootdown->count > SHOOTDOWN_PAGES) {
		flush_user();
		return;
	}
	for (unsigned i = 0; i < shootdown->count; i++)
		flush_page(shootdown->addresses[i]);
}

void machine_shootdown_flush(struct shootdown *shootdown)
{
	if (shootdown->count > 0) {
		struct pmap *pmap = shootdown->pmap;
		unsigned long state;
		uint64_t cpus;

		preempt_disable();
		/* The changed entries must be visible before the CPUs are read: one that turns to
		 * the tables meanwhile then either is told, or sees the new generation. */
		shootdown->generation = atomic_fetch_add(&pmap->generation, 1) + 1;
		/* CPUs that rest use no translations, but may read tables ahead. */
		cpus = atomic_load(shootdown->tables ? &pmap->cpus : &pmap->active);
		state = arch_irq_save();
		shootdown_here(shootdown);
		arch_irq_restore(state);
		arch_call_cpus(cpus, shootdown_here, shootdown);
		preempt_enable();
	}
	shootdown->count = 0;
	release_all(shootdown);
}

void arch_pmap_flush(struct pmap *pmap)
{
	struct shootdown shootdown;

	if (pmap->stale_count == 0)
		return;
	machine_shootdown_begin(&shootdown, pmap);
	if ((pmap->stale_end - pmap->stale_start) >> PAGE_SHIFT > SHOOTDOWN_PAGES)
		shootdown.count = SHOOTDOWN_PAGES + 1;
	else
		for (vaddr_t page = pmap->stale_start; page < pmap->stale_end; page += PAGE_SIZE)
			machine_shootdown_add(&shootdown, page);
	pmap->stale_count = 0;
	machine_shootdown_flush(&shootdown);
}

struct kernel_flush {
	const struct arch_kernel_range *ranges;
	size_t count; /* of ranges; 0: flush everything */
};

static void flush_kernel_here(void *argument)
{
	const struct kernel_flush *flush = argument;

	if (flush->count == 0)
		machine_flush_all();
	for (size_t i = 0; i < flush->count; i++)
		for (size_t page = 0; page < flush->ranges[i].pages; page++)
			flush_page(flush->ranges[i].address + page * PAGE_SIZE);
}

void machine_flush_kernel(const struct arch_kernel_range *ranges, size_t count)
{
	struct kernel_flush flush = { ranges, ranges ? count : 0 };
	uint64_t all = UINT64_MAX >> (64 - cpu_count());
	size_t pages = 0;

	for (size_t i = 0; i < flush.count; i++)
		pages += ranges[i].pages;
	if (pages > SHOOTDOWN_PAGES)
		flush.count = 0;
	preempt_disable();
	flush_kernel_here(&flush);
	arch_call_cpus(all, flush_kernel_here, &flush);
	preempt_enable();
}
