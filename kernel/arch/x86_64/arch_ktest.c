/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests of page tables and of copies to and from user memory. */
#include "machine_cpu.h"
#include "pmap.h"

#include <arch/cpu.h>
#include <arch/mmu.h>
#include <arch/usercopy.h>
#include <base/errno.h>
#include <base/string.h>
#include <core/ktest.h>
#include <mm/phys/frame.h>

#define PAGE     0x400000000000ull /* where the tests map */
#define WRITABLE (MMU_READ | MMU_WRITE | MMU_COUNTED)
#define RIGHTS   (MMU_READ | MMU_WRITE | MMU_EXECUTE)

static unsigned rights_at(struct pmap *pmap, vaddr_t address)
{
	phys_t frame;
	unsigned flags;

	return arch_pmap_query(pmap, address, &frame, &flags) ? flags & RIGHTS : UINT32_MAX;
}

static phys_t frame_of(struct pmap *pmap, vaddr_t address)
{
	phys_t frame;
	unsigned flags;

	return arch_pmap_query(pmap, address, &frame, &flags) ? frame : 0;
}

/* Maps a fresh frame; its number, 0 if there was no memory. */
static phys_t enter_new(struct pmap *pmap, vaddr_t address)
{
	phys_t frame = frame_allocate_page(FRAME_ZERO);

	if (frame && arch_pmap_enter(pmap, address, frame, WRITABLE)) {
		frame_put(frame_at(frame));
		frame = 0;
	}
	ktest_expect(frame != 0);
	return frame;
}

KTEST(arch, pmap_enters_and_removes)
{
	struct pmap *pmap = arch_pmap_create();
	phys_t first, second;

	ktest_expect(pmap != NULL);
	if (!pmap)
		return;
	first = enter_new(pmap, PAGE);
	second = enter_new(pmap, PAGE + PAGE_SIZE);
	ktest_expect(frame_of(pmap, PAGE) == first);
	ktest_expect(arch_pmap_enter(pmap, PAGE, second, WRITABLE) == -EEXIST);
	ktest_expect(arch_pmap_resident(pmap) == 2);
	frame_get(frame_at(first));
	arch_pmap_remove(pmap, PAGE, PAGE + (1ull << 40));
	ktest_expect(frame_references(frame_at(first)) == 1);
	ktest_expect(frame_of(pmap, PAGE) == 0 && arch_pmap_resident(pmap) == 0);
	frame_put(frame_at(first));
	arch_pmap_destroy(pmap);
}

KTEST(arch, pmap_restricts)
{
	struct pmap *pmap = arch_pmap_create();
	phys_t frame;

	ktest_expect(pmap != NULL);
	if (!pmap)
		return;
	frame = enter_new(pmap, PAGE);
	ktest_expect(rights_at(pmap, PAGE) == (MMU_READ | MMU_WRITE));
	arch_pmap_restrict(pmap, PAGE, PAGE + PAGE_SIZE, 0);
	ktest_expect(rights_at(pmap, PAGE) == 0 && frame_of(pmap, PAGE) == frame);
	/* Reading comes back, writing only by itself. */
	arch_pmap_restrict(pmap, PAGE, PAGE + PAGE_SIZE, MMU_READ | MMU_WRITE);
	ktest_expect(rights_at(pmap, PAGE) == MMU_READ);
	ktest_expect(arch_pmap_allow_write(pmap, PAGE, frame + PAGE_SIZE) == -EAGAIN);
	ktest_expect(arch_pmap_allow_write(pmap, PAGE, frame) == 0);
	ktest_expect(rights_at(pmap, PAGE) == (MMU_READ | MMU_WRITE));
	arch_pmap_remove(pmap, PAGE, PAGE + PAGE_SIZE);
	arch_pmap_destroy(pmap);
}

KTEST(arch, pmap_replaces)
{
	struct pmap *pmap = arch_pmap_create();
	phys_t old, new = frame_allocate_page(FRAME_ZERO);

	ktest_expect(pmap && new);
	if (!pmap || !new)
		return;
	old = enter_new(pmap, PAGE);
	frame_get(frame_at(old));
	ktest_expect(arch_pmap_replace(pmap, PAGE, new, new, WRITABLE) == -EAGAIN);
	ktest_expect(arch_pmap_replace(pmap, PAGE, old, new, WRITABLE) == 0);
	ktest_expect(frame_of(pmap, PAGE) == new &&arch_pmap_resident(pmap) == 1);
	ktest_expect(frame_references(frame_at(old)) == 1);
	frame_put(frame_at(old));
	arch_pmap_remove(pmap, PAGE, PAGE + PAGE_SIZE);
	arch_pmap_destroy(pmap);
}

KTEST(arch, pmap_copies)
{
	struct pmap *from = arch_pmap_create(), *to = arch_pmap_create();
	phys_t frame;

	ktest_expect(from && to);
	if (!from || !to)
		return;
	frame = enter_new(from, PAGE);
	ktest_expect(arch_pmap_copy(to, from, PAGE, PAGE + (1ull << 30), false) == 0);
	ktest_expect(rights_at(from, PAGE) == MMU_READ && rights_at(to, PAGE) == MMU_READ);
	ktest_expect(frame_references(frame_at(frame)) == 2);
	ktest_expect(arch_pmap_resident(to) == 1);
	arch_pmap_remove(from, PAGE, PAGE + PAGE_SIZE);
	ktest_expect(frame_of(to, PAGE) == frame);
	arch_pmap_remove(to, PAGE, PAGE + PAGE_SIZE);
	arch_pmap_destroy(from);
	arch_pmap_destroy(to);
}

KTEST(arch, pmap_moves)
{
	struct pmap *pmap = arch_pmap_create();
	vaddr_t target = PAGE + (7ull << 39) + 5 * PAGE_SIZE;
	phys_t first, last;

	ktest_expect(pmap != NULL);
	if (!pmap)
		return;
	/* Far enough apart to lie in two tables, with a hole between. */
	first = enter_new(pmap, PAGE);
	last = enter_new(pmap, PAGE + 600 * PAGE_SIZE);
	ktest_expect(arch_pmap_move(pmap, PAGE, target, 601 * PAGE_SIZE) == 0);
	ktest_expect(frame_of(pmap, target) == first);
	ktest_expect(frame_of(pmap, target + 600 * PAGE_SIZE) == last);
	ktest_expect(frame_of(pmap, PAGE) == 0 && arch_pmap_resident(pmap) == 2);
	arch_pmap_remove(pmap, target, target + 601 * PAGE_SIZE);
	arch_pmap_destroy(pmap);
}

/* Loads the tables as a switch to a process does; preemption is off meanwhile. */
static void load_pmap(struct pmap *pmap)
{
	unsigned long state = arch_irq_save();

	arch_pmap_switch(pmap);
	arch_irq_restore(state);
}

static void check_copies(phys_t frame)
{
	char *memory = phys_to_virt(frame);
	char buffer[16] = "0123456789abcde";
	uintptr_t end = PAGE + PAGE_SIZE;
	uint32_t word = 0;
	uint64_t words = 0;

	ktest_expect(arch_copy_to_user(PAGE + 3, buffer, 13) == 0);
	ktest_expect(!memcmp(memory + 3, buffer, 13));
	ktest_expect(arch_copy_from_user(buffer, PAGE + 4, 9) == 0 && buffer[0] == '1');
	/* The page behind is not there: what lies before it may be copied, no more. */
	ktest_expect(arch_copy_to_user(end - 5, buffer, 13) == -EFAULT);
	ktest_expect(arch_copy_from_user(buffer, end - 1, 2) == -EFAULT);
	ktest_expect(arch_clear_user(end - 8, 9) == -EFAULT);
	ktest_expect(arch_clear_user(PAGE, 11) == 0 && !memory[10] && memory[11]);
	memcpy(memory + PAGE_SIZE - 4, "abc", 4);
	ktest_expect(arch_copy_string_from_user(buffer, end - 4, 16) == 3);
	memory[PAGE_SIZE - 1] = 'd';
	ktest_expect(arch_copy_string_from_user(buffer, end - 4, 16) == -EFAULT);
	ktest_expect(arch_copy_string_from_user(buffer, end - 4, 4) == 4);
	memcpy(memory, "\1\0\0\0", 4);
	ktest_expect(arch_load_user_u32_nofault(PAGE, &word) == 0 && word == 1);
	ktest_expect(arch_exchange_user_u32_nofault(PAGE, 1, 2, &word) == 0 && word == 1);
	ktest_expect(arch_exchange_user_u32_nofault(PAGE, 1, 3, &word) == 0 && word == 2);
	ktest_expect(arch_load_user_u64_nofault(PAGE, &words) == 0 && (uint32_t)words == 2);
	ktest_expect(arch_load_user_u64_nofault(end, &words) == -EFAULT);
	ktest_expect(arch_load_user_u32_nofault(end, &word) == -EFAULT);
}

KTEST(arch, user_copies_survive_faults)
{
	struct pmap *pmap = arch_pmap_create();
	phys_t frame;

	ktest_expect(pmap != NULL);
	if (!pmap)
		return;
	frame = enter_new(pmap, PAGE);
	/* With preemption off faults are not served but end the copy. */
	preempt_disable();
	load_pmap(pmap);
	if (frame)
		check_copies(frame);
	/* A page that may only be read. */
	arch_pmap_restrict(pmap, PAGE, PAGE + PAGE_SIZE, MMU_READ);
	arch_pmap_flush(pmap);
	ktest_expect(arch_copy_to_user(PAGE, "x", 1) == -EFAULT);
	ktest_expect(arch_clear_user(PAGE, 1) == -EFAULT);
	preempt_enable();
	arch_pmap_remove(pmap, PAGE, PAGE + PAGE_SIZE);
	/* It is still loaded here: destroying it must see to that. */
	arch_pmap_destroy(pmap);
}
