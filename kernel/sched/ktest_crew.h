/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Crews: threads that the scheduler's self tests start together and wait for.
 *
 *	crew_start(&crew, 4, work, argument);	work(index, argument) in four threads
 *	crew_join(&crew);			until all have returned
 */
#pragma once

#include <sched/thread.h>
#include <sched/wait.h>
#include <time/clock.h>

#define CREW_MAX 64

/* Longer than anything in a test takes that works. */
#define TEST_PATIENCE_NS (20 * NS_PER_SECOND)

struct crew_member {
	struct crew *crew;
	unsigned index;
	struct thread thread;
};

struct crew {
	void (*run)(unsigned index, void *argument);
	void *argument;
	struct wait_queue finished; /* woken when `left` falls to 0 */
	struct spinlock lock;       /* left */
	unsigned left;              /* members that have not returned, or are not freed yet */
	unsigned count;
	struct crew_member *members;
};

/* Makes the members without starting them, so that the caller can set priority and affinity;
 * false when out of memory, with a failure recorded. */
bool crew_prepare(struct crew *crew, unsigned count, void (*run)(unsigned, void *), void *argument);
struct thread *crew_thread(struct crew *crew, unsigned index);
/* Starts what crew_prepare() made. */
void crew_go(struct crew *crew);
/* Both. */
bool crew_start(struct crew *crew, unsigned count, void (*run)(unsigned, void *), void *argument);
/* Waits until all members have returned and their threads are freed. */
void crew_join(struct crew *crew);

/* One round of a loop that waits for another CPU without sleeping; can be interrupted. */
void spin_once(void);
/* Part of that: lets time pass where it is virtual (kernel/sched/test); else nothing. */
void spin_pass_time(void);
/* Spins until `flag` is set. False when patience is at its end, with a failure recorded. */
bool spin_until(const _Atomic bool *flag);
/* Sleeps for so long. */
void sleep_for(uint64_t ns);
