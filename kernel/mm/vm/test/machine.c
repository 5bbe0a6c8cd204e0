/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting the simulation for the tests of mm/vm; and what proc is to the kernel. */
#include "machine.h"

#include <arch/trap.h>
#include <base/errno.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>
#include <mm/vm/aspace.h>
#include <native/boot_info.h>
#include <sched/thread.h>
#include <sched/work.h>
#include <time/clock.h>
#include <time/timer.h>

#include "sim_test.h"

static struct aspace *entered;

static struct aspace *entered_aspace(void)
{
	return entered;
}

__attribute__((weak)) int trap_page_fault(uintptr_t address, unsigned access)
{
	struct aspace *aspace = aspace_current();

	return aspace ? aspace_fault(aspace, address, access) : -EFAULT;
}

void machine_enter(struct aspace *aspace)
{
	entered = aspace;
	thread_set_pmap(aspace ? aspace->pmap : NULL);
}

/* In the order of kernel/main. */
void machine_start(unsigned cpus, uint64_t memory, uint64_t seed)
{
	const struct boot_memory_range map[] = {
		{ .base = 0, .length = memory, .kind = BOOT_MEMORY_USABLE },
	};

	sim_start(&(struct sim_configuration){ .cpus = cpus, .memory = memory, .seed = seed });
	frame_init(map, array_length(map), NULL, 0);
	slab_init();
	clock_init();
	timers_init();
	sched_init();
	arch_irq_enable();
	arch_smp_start();
	frame_init_caches();
	slab_init_magazines();
	work_start();
	futex_init();
	aspace_init();
	aspace_set_current_hook(entered_aspace);
}
