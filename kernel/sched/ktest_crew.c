/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ktest_crew.h"

#include <core/ktest.h>
#include <mm/phys/slab.h>

static void member_loop(void *argument)
{
	struct crew_member *member = argument;

	member->crew->run(member->index, member->crew->argument);
}

/* The reaper's last act for a thread: after this nothing of it is in use. */
static void member_released(struct thread *thread)
{
	struct crew *crew = container_of(thread, struct crew_member, thread)->crew;

	/* Under the lock until the end, so that crew_join() can free it afterwards. */
	spin_lock(&crew->lock);
	if (--crew->left == 0)
		wait_wake_all(&crew->finished);
	spin_unlock(&crew->lock);
}

bool crew_prepare(struct crew *crew, unsigned count, void (*run)(unsigned, void *), void *argument)
{
	*crew = (struct crew){ .run = run, .argument = argument };
	wait_queue_init(&crew->finished, "crew");
	spinlock_init(&crew->lock, RANK_DRIVER, "crew");
	crew->members = kcalloc(count, sizeof(*crew->members));
	ktest_expect(crew->members != NULL);
	for (unsigned i = 0; crew->members && i < count; i++) {
		struct crew_member *member = &crew->members[i];
		int error = thread_init(&member->thread, "ktest", member_loop, member, false);

		ktest_expect(error == 0);
		if (error)
			break;
		member->crew = crew;
		member->index = i;
		member->thread.release = member_released;
		crew->count++;
		crew->left++;
	}
	if (crew->count == count)
		return true;
	for (unsigned i = 0; i < crew->count; i++)
		thread_fini(&crew->members[i].thread);
	kfree(crew->members);
	return false;
}

struct thread *crew_thread(struct crew *crew, unsigned index)
{
	return &crew->members[index].thread;
}

void crew_go(struct crew *crew)
{
	for (unsigned i = 0; i < crew->count; i++)
		thread_start(crew_thread(crew, i));
}

bool crew_start(struct crew *crew, unsigned count, void (*run)(unsigned, void *), void *argument)
{
	if (!crew_prepare(crew, count, run, argument))
		return false;
	crew_go(crew);
	return true;
}

static unsigned crew_left(struct crew *crew)
{
	unsigned left;

	spin_lock(&crew->lock);
	left = crew->left;
	spin_unlock(&crew->lock);
	return left;
}

void crew_join(struct crew *crew)
{
	struct waiter waiter;

	/* The tests look at their threads up to here. */
	for (unsigned i = 0; i < crew->count; i++)
		thread_put(crew_thread(crew, i));
	wait_begin(&crew->finished, &waiter);
	while (crew_left(crew) > 0)
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
	kfree(crew->members);
}

__attribute__((weak)) void spin_pass_time(void)
{
}

void spin_once(void)
{
	unsigned long state = arch_irq_save();

	spin_pass_time();
	arch_irq_restore(state);
	arch_cpu_relax();
}

bool spin_until(const _Atomic bool *flag)
{
	uint64_t deadline = clock_deadline_after(TEST_PATIENCE_NS);

	while (!*flag) {
		if (clock_monotonic_ns() > deadline) {
			ktest_expect(*flag);
			return false;
		}
		spin_once();
	}
	return true;
}

void sleep_for(uint64_t ns)
{
	thread_sleep_until(clock_deadline_after(ns));
}
