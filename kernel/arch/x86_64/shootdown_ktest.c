/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests of TLB shootdowns: who is interrupted, how often, and that all forget. */
#include "machine_cpu.h"
#include "pmap.h"

#include <arch/cpu.h>
#include <arch/mmu.h>
#include <arch/usercopy.h>
#include <core/ktest.h>
#include <mm/phys/frame.h>
#include <mm/phys/kernel_map.h>
#include <sched/thread.h>
#include <sync/cpu.h>

#include <stdatomic.h>

#define PAGE     0x400000000000ull
#define TARGET   (PAGE + (1ull << 40))
#define PAGES    1100 /* more than can be noted in one place, in more than one table */
#define HALF     (PAGES / 2)
#define WRITABLE (MMU_READ | MMU_WRITE | MMU_COUNTED)
#define ROUNDS   8

static struct pmap *shared;
static unsigned participants;
static _Atomic unsigned placed, ready, finished, stale_reads;
static _Atomic bool gone, stop;

static void load_pmap(struct pmap *pmap)
{
	unsigned long state = arch_irq_save();

	arch_pmap_switch(pmap);
	arch_irq_restore(state);
}

static bool fill(struct pmap *pmap, vaddr_t start, size_t pages)
{
	for (size_t i = 0; i < pages; i++) {
		phys_t frame = frame_allocate_page(FRAME_ZERO);

		if (!frame || arch_pmap_enter(pmap, start + i * PAGE_SIZE, frame, WRITABLE)) {
			ktest_fail(__FILE__, __LINE__, "memory");
			return false;
		}
	}
	return true;
}

/*
 * Keeps to a CPU without preemption: faults of copies then are not served but end them. All
 * are on their CPUs before the first one does, or it could keep another from leaving its CPU.
 */
static void settle(unsigned cpu)
{
	if (thread_set_affinity(thread_current(), 1ull << cpu))
		ktest_fail(__FILE__, __LINE__, "affinity");
	atomic_fetch_add(&placed, 1);
	while (atomic_load(&placed) < participants)
		thread_yield();
	preempt_disable();
	load_pmap(shared);
	atomic_fetch_add(&ready, 1);
}

static void leave(void)
{
	load_pmap(NULL);
	preempt_enable();
	atomic_fetch_add(&finished, 1);
}

/* Reads the last page all the while, so that its translation is in the TLB. */
static void read_on(void *argument)
{
	uint32_t word;

	settle((unsigned)(uintptr_t)argument);
	while (!atomic_load(&stop)) {
		bool was_gone = atomic_load(&gone);
		int error = arch_copy_from_user(&word, PAGE + (PAGES - 1) * PAGE_SIZE, 4);

		if (was_gone && !error)
			atomic_fetch_add(&stale_reads, 1);
		arch_cpu_relax();
	}
	leave();
}

static bool start_each(void (*run)(void *), unsigned first, unsigned end)
{
	participants = end - first;
	atomic_store(&placed, 0);
	atomic_store(&ready, 0);
	atomic_store(&finished, 0);
	atomic_store(&stale_reads, 0);
	atomic_store(&gone, false);
	atomic_store(&stop, false);
	shared = arch_pmap_create();
	for (uintptr_t i = first; shared && i < end; i++) {
		if (thread_spawn("shootdown", run, (void *)i)) {
			ktest_fail(__FILE__, __LINE__, "no memory for a thread");
			return false;
		}
	}
	ktest_expect(shared != NULL);
	return shared != NULL;
}

static void expect_rounds(uint64_t before, unsigned rounds, unsigned runners, const char *what)
{
	if (arch_call_interrupts() - before != (uint64_t)rounds * runners)
		ktest_fail(__FILE__, __LINE__, what);
}

static void change_and_count(unsigned runners)
{
	struct pmap *copy = arch_pmap_create();
	uint64_t before = arch_call_interrupts();

	ktest_expect(copy != NULL);
	if (!copy)
		return;
	arch_pmap_restrict(shared, PAGE, PAGE + HALF * PAGE_SIZE, MMU_READ);
	arch_pmap_restrict(shared, PAGE + HALF * PAGE_SIZE, PAGE + PAGES * PAGE_SIZE, MMU_READ);
	arch_pmap_flush(shared);
	expect_rounds(before, 1, runners, "one round for two restrictions");
	ktest_expect(!arch_pmap_copy(copy, shared, PAGE, PAGE + PAGES * PAGE_SIZE, false));
	arch_pmap_flush(shared);
	expect_rounds(before, 1, runners, "none for a copy that takes nothing away");
	ktest_expect(!arch_pmap_move(shared, PAGE, TARGET, HALF * PAGE_SIZE));
	expect_rounds(before, 2, runners, "one for a move");
	arch_pmap_remove(shared, PAGE, TARGET + HALF * PAGE_SIZE);
	expect_rounds(before, 3, runners, "one for a removal");
	atomic_store(&gone, true);
	arch_pmap_remove(copy, PAGE, PAGE + PAGES * PAGE_SIZE);
	expect_rounds(before, 3, runners, "none where nobody runs with the tables");
	arch_pmap_destroy(copy);
	expect_rounds(before, 3, runners, "none for a destruction");
	ktest_expect(arch_pmap_resident(shared) == 0);
}

/* CPU 0 changes, those between run with the tables, the last one does not. */
KTEST(arch, shootdowns_are_one_round)
{
	unsigned runners = cpu_count() > 2 ? cpu_count() - 2 : 0;

	if (thread_set_affinity(thread_current(), 1))
		ktest_fail(__FILE__, __LINE__, "affinity");
	if (!start_each(read_on, 1, 1 + runners))
		return;
	while (atomic_load(&ready) < runners)
		thread_yield();
	if (fill(shared, PAGE, PAGES))
		change_and_count(runners);
	for (unsigned i = 0; i < 100; i++)
		thread_yield();
	atomic_store(&stop, true);
	while (atomic_load(&finished) < runners)
		thread_yield();
	ktest_expect(atomic_load(&stale_reads) == 0);
	arch_pmap_destroy(shared);
	ktest_expect(thread_set_affinity(thread_current(), UINT64_MAX) == 0);
}

/* Each CPU has a range of its own in the tables that all run with. */
static void change_own(void *argument)
{
	vaddr_t own = PAGE + ((vaddr_t)(uintptr_t)argument << 30);
	uint32_t word;

	settle((unsigned)(uintptr_t)argument);
	while (atomic_load(&ready) < cpu_count())
		arch_cpu_relax();
	for (unsigned i = 0; i < ROUNDS; i++) {
		if (!fill(shared, own, 3))
			break;
		ktest_expect(arch_copy_from_user(&word, own + PAGE_SIZE, 4) == 0);
		arch_pmap_remove(shared, own, own + (i % 2 ? 3 * PAGE_SIZE : 1ull << 30));
		ktest_expect(arch_copy_from_user(&word, own + PAGE_SIZE, 4) != 0);
	}
	leave();
}

KTEST(arch, shootdowns_go_on_in_parallel)
{
	unsigned count = cpu_count();

	if (!start_each(change_own, 0, count))
		return;
	while (atomic_load(&finished) < count)
		thread_yield();
	ktest_expect(arch_pmap_resident(shared) == 0);
	arch_pmap_destroy(shared);
}

KTEST(arch, tables_come_back_when_unmapped)
{
	struct pmap *pmap = arch_pmap_create();
	struct frame_statistics before, full, after;
	uint64_t page_tables;

	ktest_expect(pmap != NULL);
	if (!pmap)
		return;
	frame_read_statistics(&before);
	for (unsigned i = 0; i < 8; i++)
		if (!fill(pmap, PAGE + ((vaddr_t)i << 21), 1))
			return;
	frame_read_statistics(&full);
	arch_pmap_remove(pmap, PAGE, PAGE + (7ull << 21) + PAGE_SIZE);
	frame_read_statistics(&after);
	page_tables = before.page_tables;
	ktest_expect(full.page_tables == page_tables + 2 + 8);
	/* The last one is not in the range as a whole, and upper levels stay. */
	ktest_expect(after.page_tables == page_tables + 2 + 1);
	arch_pmap_destroy(pmap);
}

/* Kernel stacks are unmapped some at a time. */
KTEST(arch, stacks_are_unmapped_together)
{
	void *stacks[32];
	uint64_t before, sent;
	size_t count = 0;

	preempt_disable();
	while (count < array_length(stacks)) {
		void *stack = kernel_stack_allocate();

		if (!stack)
			break;
		stacks[count++] = stack;
	}
	before = arch_call_interrupts();
	while (count > 0)
		kernel_stack_free(stacks[--count]);
	sent = arch_call_interrupts() - before;
	preempt_enable();
	ktest_expect(sent <= (cpu_count() - 1) * (array_length(stacks) / 4));
}
