/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: mutexes, read-write locks, deferred work. */
#include "ktest_crew.h"
#include "sched_priv.h"

#include <core/ktest.h>
#include <sched/mutex.h>
#include <sched/work.h>

#define CONTENDERS 8
#define ROUNDS     48

static struct {
	struct mutex mutex;
	struct rw_lock rw;
	unsigned count;           /* under the lock being tested, on purpose not atomic */
	_Atomic unsigned inside;  /* holders, as they see it */
	_Atomic unsigned readers; /* most readers seen at the same time */
	_Atomic unsigned failures;
	_Atomic bool stop;
} contest;

static void contest_init(void)
{
	mutex_init(&contest.mutex, RANK_DRIVER_SLEEP, "contest");
	rw_lock_init(&contest.rw, RANK_DRIVER_SLEEP, "contest");
	contest.count = 0;
	contest.inside = 0;
	contest.readers = 0;
	contest.failures = 0;
	contest.stop = false;
}

/* What a holder does: long enough to be preempted in, and sometimes asleep. */
static void hold(unsigned round)
{
	unsigned count = contest.count;

	for (unsigned i = 0; i < 5; i++)
		spin_once();
	if (round % 16 == 0)
		sleep_for(10 * NS_PER_MICROSECOND);
	if (round % 16 == 1)
		thread_yield();
	contest.count = count + 1;
}

static void contend(unsigned index, void *argument)
{
	(void)argument;
	for (unsigned i = 0; i < ROUNDS; i++) {
		if ((i + index) % 4 != 0)
			mutex_lock(&contest.mutex);
		else
			while (!mutex_try_lock(&contest.mutex))
				thread_yield();
		if (contest.inside++ != 0 || !mutex_is_held(&contest.mutex))
			contest.failures++;
		hold(i + index);
		contest.inside--;
		mutex_unlock(&contest.mutex);
	}
}

KTEST(sched, mutex_excludes)
{
	struct crew crew;

	contest_init();
	if (!crew_start(&crew, CONTENDERS, contend, NULL))
		return;
	crew_join(&crew);
	ktest_expect(contest.failures == 0);
	ktest_expect(contest.count == CONTENDERS * ROUNDS);
	ktest_expect(contest.mutex.owner == 0);
	ktest_expect(wait_queue_empty(&contest.mutex.waiters));
}

static void hog(unsigned index, void *argument)
{
	(void)index;
	(void)argument;
	while (!contest.stop) {
		mutex_lock(&contest.mutex);
		spin_once();
		contest.inside++;
		mutex_unlock(&contest.mutex);
	}
}

/* A thread that takes and releases it without a pause does not lock others out. */
KTEST(sched, mutex_starves_nobody)
{
	struct crew crew;
	unsigned others = 2;

	contest_init();
	if (!crew_start(&crew, others, hog, NULL))
		return;
	sleep_for(NS_PER_MILLISECOND);
	for (unsigned i = 0; i < 20; i++) {
		mutex_lock(&contest.mutex);
		contest.count++;
		mutex_unlock(&contest.mutex);
	}
	contest.stop = true;
	crew_join(&crew);
	ktest_expect(contest.count == 20);
}

static void read_or_write(unsigned index, void *argument)
{
	(void)argument;
	for (unsigned i = 0; i < ROUNDS; i++) {
		if ((i + index) % 4 == 0) {
			rw_lock_write(&contest.rw);
			if (contest.inside++ != 0)
				contest.failures++;
			hold(i + index);
			contest.inside--;
			rw_unlock_write(&contest.rw);
		} else {
			unsigned readers, count;

			rw_lock_read(&contest.rw);
			readers = ++contest.inside;
			count = contest.count;
			if (readers > contest.readers)
				contest.readers = readers;
			spin_once();
			if (i % 4 == 0)
				sleep_for(50 * NS_PER_MICROSECOND);
			if (count != contest.count)
				contest.failures++;
			contest.inside--;
			rw_unlock_read(&contest.rw);
		}
	}
}

KTEST(sched, rw_lock_excludes_writers)
{
	struct crew crew;

	contest_init();
	if (!crew_start(&crew, CONTENDERS, read_or_write, NULL))
		return;
	crew_join(&crew);
	ktest_expect(contest.failures == 0);
	ktest_expect(contest.count == CONTENDERS * ROUNDS / 4);
	ktest_expect(contest.readers > 1);
	ktest_expect(contest.rw.holders == 0);
}

static struct test_work {
	struct work work;
	_Atomic unsigned runs;
	_Atomic unsigned inside; /* workers that run it */
	_Atomic bool overlapped;
	_Atomic bool block; /* stay inside while set */
} works[4];

static void test_work_run(struct work *work)
{
	struct test_work *test = container_of(work, struct test_work, work);

	if (test->inside++ != 0)
		test->overlapped = true;
	test->runs++;
	spin_once();
	while (test->block)
		sleep_for(NS_PER_MILLISECOND);
	test->inside--;
}

static void works_init(void)
{
	for (unsigned i = 0; i < array_length(works); i++) {
		works[i] = (struct test_work){ 0 };
		work_init(&works[i].work, test_work_run);
	}
}

static void queue_works(unsigned index, void *argument)
{
	_Atomic unsigned *queued = argument;

	for (unsigned i = 0; i < ROUNDS; i++) {
		if (work_queue(&works[(i + index) % array_length(works)].work))
			(*queued)++;
		if (i % 8 == 0)
			thread_yield();
	}
}

KTEST(sched, work_runs_once_each_time)
{
	static _Atomic unsigned queued;
	unsigned runs = 0;
	struct crew crew;

	queued = 0;
	works_init();
	if (!crew_start(&crew, 6, queue_works, (void *)&queued))
		return;
	crew_join(&crew);
	for (unsigned i = 0; i < array_length(works); i++) {
		work_flush(&works[i].work);
		ktest_expect(works[i].inside == 0 && !works[i].overlapped);
		runs += works[i].runs;
	}
	ktest_expect(runs == queued);
}

KTEST(sched, work_flush_waits)
{
	works_init();
	for (unsigned i = 1; i <= 20; i++) {
		ktest_expect(work_queue(&works[0].work));
		work_flush(&works[0].work);
		ktest_expect(works[0].runs == i && works[0].inside == 0);
	}
	work_flush(&works[1].work);
}

static bool has_run(const struct test_work *work, unsigned runs)
{
	uint64_t deadline = clock_deadline_after(TEST_PATIENCE_NS);

	while (work->runs < runs && clock_monotonic_ns() < deadline)
		sleep_for(NS_PER_MILLISECOND);
	return work->runs == runs;
}

KTEST(sched, work_that_sleeps_holds_up_no_other)
{
	works_init();
	works[0].block = true;
	work_queue(&works[0].work);
	ktest_expect(has_run(&works[0], 1));
	if (cpu_count() > 1) {
		work_queue(&works[1].work);
		ktest_expect(has_run(&works[1], 1));
	}
	/* Queued while it runs, it runs again, but not at the same time. */
	ktest_expect(work_queue(&works[0].work));
	ktest_expect(!work_queue(&works[0].work));
	sleep_for(5 * NS_PER_MILLISECOND);
	ktest_expect(works[0].runs == 1);
	works[0].block = false;
	work_flush(&works[0].work);
	ktest_expect(works[0].runs == 2 && !works[0].overlapped);
}

KTEST(sched, work_can_be_raised_anywhere)
{
	struct run_queue *queue;
	unsigned long state;

	works_init();
	state = arch_irq_save();
	queue = runq_this();
	spin_lock(&queue->lock);
	for (unsigned i = 0; i < array_length(works); i++) {
		work_raise(&works[i].work);
		work_raise(&works[i].work);
	}
	spin_unlock_irqrestore(&queue->lock, state);
	for (unsigned i = 0; i < array_length(works); i++) {
		ktest_expect(has_run(&works[i], 1));
		work_flush(&works[i].work);
	}
}
