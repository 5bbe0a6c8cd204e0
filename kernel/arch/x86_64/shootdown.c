/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLB shootdowns, batched. */
#include "cpuid.h"
#include "machine_cpu.h"
#include "pmap.h"

#include <arch/cpu.h>
#include <mm/phys/frame.h>

#include <stdatomic.h>

static void flush_page(vaddr_t address)
{
	asm volatile("invlpg (%0)" : : "r"(address) : "memory");
}

/* Everything but global pages. */
static void flush_user(void)
{
	cr3_write(cr3_read());
}

static void flush_all(void)
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
}

void machine_shootdown_add(struct shootdown *shootdown, vaddr_t address)
{
	if (shootdown->count < SHOOTDOWN_BATCH)
		shootdown->addresses[shootdown->count] = address;
	shootdown->count++;
}

void machine_shootdown_release(struct shootdown *shootdown, phys_t frame)
{
	if (shootdown->release_count == SHOOTDOWN_BATCH)
		machine_shootdown_flush(shootdown);
	shootdown->releases[shootdown->release_count++] = frame;
}

static void shootdown_here(void *argument)
{
	const struct shootdown *shootdown = argument;
	struct machine_cpu *cpu = machine_this_cpu();

	if (cpu->pmap == shootdown->pmap)
		cpu->pmap_generation = shootdown->generation;
	if (shootdown->count > SHOOTDOWN_BATCH) {
		flush_user();
		return;
	}
	for (unsigned i = 0; i < shootdown->count; i++)
		flush_page(shootdown->addresses[i]);
}

void machine_shootdown_flush(struct shootdown *shootdown)
{
	uint64_t cpus;

	if (shootdown->count > 0) {
		struct pmap *pmap = shootdown->pmap;

		preempt_disable();
		/* The changed entries must be visible before the CPUs are read: one that turns to
		 * the tables meanwhile then either is told, or sees the new generation. */
		shootdown->generation = atomic_fetch_add(&pmap->generation, 1) + 1;
		cpus = atomic_load(&pmap->active);
		if (cpus & 1ull << cpu_id())
			shootdown_here(shootdown);
		arch_call_cpus(cpus, shootdown_here, shootdown);
		preempt_enable();
	}
	shootdown->count = 0;
	for (unsigned i = 0; i < shootdown->release_count; i++)
		frame_put(frame_at(shootdown->releases[i]));
	shootdown->release_count = 0;
}

struct kernel_range {
	vaddr_t address;
	size_t count;
};

static void flush_kernel_here(void *argument)
{
	const struct kernel_range *range = argument;

	if (range->count > SHOOTDOWN_BATCH) {
		flush_all();
		return;
	}
	for (size_t i = 0; i < range->count; i++)
		flush_page(range->address + i * PAGE_SIZE);
}

void machine_flush_kernel(vaddr_t address, size_t count)
{
	struct kernel_range range = { address, count };
	uint64_t all = cpu_count() == 64 ? UINT64_MAX : (1ull << cpu_count()) - 1;

	preempt_disable();
	flush_kernel_here(&range);
	arch_call_cpus(all, flush_kernel_here, &range);
	preempt_enable();
}
