/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Self tests: who holds a mutex inherits the priority of those that wait for it, along chains, and
 * gives it back.
 */
#include "ktest_crew.h"
#include "sched_priv.h"

#include <base/errno.h>
#include <core/ktest.h>
#include <sched/mutex.h>

#define LINKS 3

/* A chain: member i holds mutexes[i] and waits for mutexes[i - 1]. */
static struct {
	struct mutex mutexes[LINKS];
	_Atomic unsigned holding; /* members that hold their mutex */
	_Atomic bool release;     /* the first member may let go */
	_Atomic unsigned finished;
} chain;

static void chain_init(void)
{
	for (unsigned i = 0; i < LINKS; i++)
		mutex_init(&chain.mutexes[i], RANK_DRIVER_SLEEP - i, "chain");
	chain.holding = 0;
	chain.release = false;
	chain.finished = 0;
}

static void hold_link(unsigned index, void *argument)
{
	(void)argument;
	while (chain.holding < index)
		sleep_for(NS_PER_MILLISECOND);
	if (index < LINKS)
		mutex_lock(&chain.mutexes[index]);
	chain.holding++;
	if (index == 0) {
		while (!chain.release)
			sleep_for(NS_PER_MILLISECOND);
	} else {
		mutex_lock(&chain.mutexes[index - 1]);
		mutex_unlock(&chain.mutexes[index - 1]);
	}
	if (index < LINKS)
		mutex_unlock(&chain.mutexes[index]);
	chain.finished++;
}

static bool comes_to(struct thread *thread, unsigned priority)
{
	uint64_t deadline = clock_deadline_after(TEST_PATIENCE_NS);

	while (thread->priority != priority && clock_monotonic_ns() < deadline)
		sleep_for(NS_PER_MILLISECOND);
	return thread->priority == priority;
}

static void set_realtime(struct thread *thread, enum thread_policy policy, unsigned priority)
{
	thread_set_scheduling(thread, &(struct thread_scheduling){
					      .policy = policy,
					      .realtime_priority = (uint8_t)priority,
				      });
}

KTEST(sched, owners_inherit_along_a_chain)
{
	static const struct thread_scheduling idle = { .policy = THREAD_POLICY_IDLE };
	static const struct thread_scheduling normal = { .policy = THREAD_POLICY_NORMAL };
	struct crew crew;

	chain_init();
	if (!crew_prepare(&crew, LINKS + 1, hold_link, NULL))
		return;
	set_realtime(crew_thread(&crew, LINKS), THREAD_POLICY_FIFO, 30);
	crew_go(&crew);
	for (unsigned i = 0; i < LINKS; i++)
		ktest_expect(comes_to(crew_thread(&crew, i), 70));
	/* The one at the end changes, and all follow; one in between does not fall below. */
	set_realtime(crew_thread(&crew, LINKS), THREAD_POLICY_FIFO, 80);
	for (unsigned i = 0; i < LINKS; i++)
		ktest_expect(crew_thread(&crew, i)->priority == 20);
	thread_set_scheduling(crew_thread(&crew, 1), &idle);
	ktest_expect(crew_thread(&crew, 1)->priority == 20);
	thread_set_scheduling(crew_thread(&crew, LINKS), &normal);
	for (unsigned i = 0; i < LINKS; i++)
		ktest_expect(crew_thread(&crew, i)->priority == THREAD_PRIORITY_NORMAL);
	set_realtime(crew_thread(&crew, LINKS), THREAD_POLICY_FIFO, 1);
	for (unsigned i = 0; i < LINKS; i++)
		ktest_expect(crew_thread(&crew, i)->priority == 99);
	chain.release = true;
	crew_join(&crew);
	ktest_expect(chain.finished == LINKS + 1);
}

/* Two mutexes held by one thread, each waited for by another: what is released is given back. */
static struct {
	struct mutex mutexes[2];
	_Atomic bool held;
	_Atomic unsigned released; /* mutexes that the owner may release */
	_Atomic uint8_t seen[3];   /* the owner's priority before and after each */
} pair;

static void hold_two(unsigned index, void *argument)
{
	(void)argument;
	if (index > 0) {
		while (!pair.held)
			sleep_for(NS_PER_MILLISECOND);
		mutex_lock(&pair.mutexes[index - 1]);
		mutex_unlock(&pair.mutexes[index - 1]);
		return;
	}
	mutex_lock(&pair.mutexes[0]);
	mutex_lock_nested(&pair.mutexes[1]);
	pair.held = true;
	for (unsigned i = 0; i < 2; i++) {
		while (pair.released <= i)
			sleep_for(NS_PER_MILLISECOND);
		pair.seen[i] = thread_current()->priority;
		mutex_unlock(&pair.mutexes[i]);
		pair.seen[i + 1] = thread_current()->priority;
	}
}

KTEST(sched, inherited_priority_is_given_back)
{
	struct crew crew;

	for (unsigned i = 0; i < 2; i++)
		mutex_init(&pair.mutexes[i], RANK_DRIVER_SLEEP, "pair");
	pair.held = false;
	pair.released = 0;
	if (!crew_prepare(&crew, 3, hold_two, NULL))
		return;
	set_realtime(crew_thread(&crew, 1), THREAD_POLICY_FIFO, 50);
	set_realtime(crew_thread(&crew, 2), THREAD_POLICY_ROUND_ROBIN, 20);
	crew_go(&crew);
	ktest_expect(comes_to(crew_thread(&crew, 0), 50));
	/* The second waiter may still be on its way. */
	sleep_for(20 * NS_PER_MILLISECOND);
	pair.released = 1;
	ktest_expect(comes_to(crew_thread(&crew, 0), 80));
	pair.released = 2;
	crew_join(&crew);
	ktest_expect(pair.seen[0] == 50);
	ktest_expect(pair.seen[1] == 80);
	ktest_expect(pair.seen[2] == THREAD_PRIORITY_NORMAL);
}

#define BIDDERS 6

static struct {
	struct mutex mutex;
	_Atomic unsigned came;
	unsigned order[BIDDERS], served; /* under the mutex */
} auction;

static void bid(unsigned index, void *argument)
{
	(void)argument;
	while (auction.came != index)
		sleep_for(NS_PER_MILLISECOND);
	mutex_lock(&auction.mutex);
	auction.order[auction.served++] = index;
	mutex_unlock(&auction.mutex);
}

KTEST(sched, mutex_serves_by_priority)
{
	static const unsigned priorities[BIDDERS] = { 0, 10, 50, 10, 50, 0 };
	static const unsigned expected[BIDDERS] = { 2, 4, 1, 3, 0, 5 };
	uint64_t deadline = clock_deadline_after(TEST_PATIENCE_NS);
	struct crew crew;

	mutex_init(&auction.mutex, RANK_DRIVER_SLEEP, "auction");
	auction.came = 0;
	auction.served = 0;
	if (!crew_prepare(&crew, BIDDERS, bid, NULL))
		return;
	for (unsigned i = 0; i < BIDDERS; i++) {
		if (priorities[i])
			set_realtime(crew_thread(&crew, i), THREAD_POLICY_FIFO, priorities[i]);
	}
	mutex_lock(&auction.mutex);
	crew_go(&crew);
	for (unsigned i = 0; i < BIDDERS; i++) {
		while (!crew_thread(&crew, i)->blocked_on && clock_monotonic_ns() < deadline)
			sleep_for(NS_PER_MILLISECOND);
		ktest_expect(crew_thread(&crew, i)->blocked_on == &auction.mutex);
		auction.came = i + 1; /* the next one, which is so the next in the queue */
	}
	ktest_expect(thread_current()->priority == 50);
	mutex_unlock(&auction.mutex);
	ktest_expect(thread_current()->priority == thread_current()->base_priority);
	crew_join(&crew);
	for (unsigned i = 0; i < BIDDERS; i++)
		ktest_expect(auction.order[i] == expected[i]);
}

/* The inversion: on one CPU, a thread that may hardly run holds what an urgent one waits for, while
 * a third, in between, never sleeps. */
static struct {
	struct mutex mutex;
	_Atomic bool held, spinning, stop;
	_Atomic uint64_t waited; /* by the urgent one, ns */
} inversion;

static void invert(unsigned index, void *argument)
{
	uint64_t begin;

	(void)argument;
	switch (index) {
	case 0:
		mutex_lock(&inversion.mutex);
		inversion.held = true;
		while (!inversion.spinning)
			sleep_for(NS_PER_MILLISECOND);
		for (unsigned i = 0; i < 100; i++)
			spin_once();
		mutex_unlock(&inversion.mutex);
		break;
	case 1:
		while (!inversion.stop) {
			inversion.spinning = true;
			spin_once();
		}
		break;
	default:
		begin = clock_monotonic_ns();
		mutex_lock(&inversion.mutex);
		inversion.waited = clock_monotonic_ns() - begin;
		mutex_unlock(&inversion.mutex);
		inversion.stop = true;
	}
}

static void sleep_until(const _Atomic bool *flag)
{
	uint64_t deadline = clock_deadline_after(TEST_PATIENCE_NS);

	while (!*flag && clock_monotonic_ns() < deadline)
		sleep_for(NS_PER_MILLISECOND);
	ktest_expect(*flag);
}

KTEST(sched, no_priority_inversion)
{
	struct thread_scheduling usual = thread_get_scheduling(thread_current());
	static const struct thread_scheduling idle = { .policy = THREAD_POLICY_IDLE };
	struct crew crew;

	mutex_init(&inversion.mutex, RANK_DRIVER_SLEEP, "inversion");
	inversion.held = inversion.spinning = inversion.stop = false;
	inversion.waited = 0;
	if (!crew_prepare(&crew, 3, invert, NULL))
		return;
	for (unsigned i = 0; i < 3; i++)
		ktest_expect(thread_set_affinity(crew_thread(&crew, i), cpu_bit(cpu_count() - 1)) ==
			     0);
	thread_set_scheduling(crew_thread(&crew, 0), &idle);
	set_realtime(crew_thread(&crew, 1), THREAD_POLICY_FIFO, 10);
	set_realtime(crew_thread(&crew, 2), THREAD_POLICY_FIFO, 20);
	/* There may be but one CPU, and this thread must start the others in time. */
	set_realtime(thread_current(), THREAD_POLICY_FIFO, 60);
	thread_start(crew_thread(&crew, 0));
	sleep_until(&inversion.held);
	thread_start(crew_thread(&crew, 1));
	sleep_for(5 * NS_PER_MILLISECOND);
	thread_start(crew_thread(&crew, 2));
	sleep_until(&inversion.stop);
	inversion.stop = true;
	thread_set_scheduling(thread_current(), &usual);
	crew_join(&crew);
	/* Without inheritance the holder would only get what real-time threads leave over. */
	ktest_expect(inversion.waited != 0 && inversion.waited < 500 * NS_PER_MILLISECOND);
}
