/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out_of_memory.h"

#include <core/log.h>
#include <mm/phys/frame.h>
#include <mm/vm/aspace.h>
#include <proc/process.h>
#include <time/clock.h>

#define RESERVE_SHARE 32   /* of all memory that fork leaves alone */
#define RESERVE_MAX   4096 /* frames */
#define RELIEF_FRAMES 16   /* that must have come back */
#define WAIT_STEP_NS  (10 * NS_PER_MILLISECOND)
#define WAIT_STEPS    200

bool out_of_memory_for_fork(void)
{
	uint64_t reserve = min_u64(frame_total() / RESERVE_SHARE, RESERVE_MAX);

	return !frame_free_at_least(reserve) &&
	       (!frame_reclaim(reserve) || !frame_free_at_least(reserve));
}

static bool memory_came_back(void)
{
	return frame_free_at_least(RELIEF_FRAMES);
}

struct search {
	struct process *largest; /* a reference */
	size_t resident;
};

static bool compare_size(struct process *process, void *argument)
{
	struct search *search = argument;
	struct aspace *aspace = process->first || process->service ? NULL : process_aspace(process);
	size_t resident;

	if (!aspace)
		return true;
	resident = aspace_resident(aspace) + process->charged_pages;
	aspace_put(aspace);
	if (resident <= search->resident)
		return true;
	if (search->largest)
		process_put(search->largest);
	process_get(process);
	search->largest = process;
	search->resident = resident;
	return true;
}

bool out_of_memory_relieve(void)
{
	struct search search = { 0 };
	bool relieved = false;

	process_visit(compare_size, &search);
	if (!search.largest)
		return false;
	if (search.largest != process_current()) {
		log_warning("proc", "out of memory: %s[%u] with %zu KiB is killed",
			    search.largest->name, search.largest->pid,
			    search.resident * (PAGE_SIZE / 1024));
		signal_send_kernel(search.largest, SIGKILL);
		for (unsigned i = 0; i < WAIT_STEPS && !relieved; i++) {
			thread_sleep_until(clock_deadline_after(WAIT_STEP_NS));
			relieved = memory_came_back();
		}
	}
	process_put(search.largest);
	return relieved;
}
