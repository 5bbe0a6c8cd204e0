/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The driver kit on the host: locks, time, timers and deferred work.
 *
 * There is one thread. What others would do meanwhile is done where the driver waits, and, with
 * device.preempt, also where it takes or gives back a lock, as if other CPUs had done it.
 */
#include "mock_private.h"

#include <base/errno.h>
#include <ddk/sync.h>
#include <ddk/timer.h>
#include <ddk/work.h>
#include <unit.h>

#define FOREVER_MAX (3600 * DDK_SECOND) /* who waits longer without an end waits for ever */

/* What is kept in the opaque parts. */
struct mock_timer {
	struct list_node node; /* in `timers` */
	uint64_t at;
};

struct mock_work {
	struct list_node node; /* in `works` */
	bool running;
};

_Static_assert(sizeof(struct mock_timer) <= sizeof(((struct ddk_timer *)0)->opaque), "storage");
_Static_assert(sizeof(struct mock_work) <= sizeof(((struct ddk_work *)0)->opaque), "storage");

static struct list timers, events, works;
static uint64_t now;
static unsigned interrupted; /* how many handlers and timers are under way */
static unsigned working;     /* how many works are */
unsigned mock_locks_held, mock_mutexes_held;

void mock_start_time(void)
{
	list_init(&timers);
	list_init(&events);
	list_init(&works);
	mock_locks_held = mock_mutexes_held = interrupted = working = 0;
}

void mock_finish_time(void)
{
	EXPECT(list_empty(&timers));
	EXPECT(list_empty(&works));
	EXPECT_EQUAL(mock_locks_held, 0);
	EXPECT_EQUAL(mock_mutexes_held, 0);
}

/* --- What others do -------------------------------------------------------------------------- */

static struct mock_timer *timer_of(struct ddk_timer *timer)
{
	return (struct mock_timer *)timer->opaque;
}

static struct mock_work *work_of(struct ddk_work *work)
{
	return (struct mock_work *)work->opaque;
}

static struct mock_event *first_event(void)
{
	struct mock_event *first = NULL;
	struct list_node *node;

	list_for_each (node, &events) {
		struct mock_event *event = container_of(node, struct mock_event, node);

		if (!first || event->at < first->at)
			first = event;
	}
	return first;
}

static struct mock_timer *first_timer(void)
{
	struct mock_timer *first = NULL;
	struct list_node *node;

	list_for_each (node, &timers) {
		struct mock_timer *timer = container_of(node, struct mock_timer, node);

		if (!first || timer->at < first->at)
			first = timer;
	}
	return first;
}

static bool happen_one(void)
{
	struct mock_event *event = first_event();

	if (!event || event->at > now)
		return false;
	list_remove(&event->node);
	event->happen(event);
	return true;
}

static bool expire_one(void)
{
	struct mock_timer *timer = first_timer();
	struct ddk_timer *own;

	if (!timer || timer->at > now || mock_locks_held || interrupted)
		return false;
	own = container_of((uint64_t *)timer, struct ddk_timer, opaque[0]);
	list_remove(&timer->node);
	interrupted++;
	own->expire(own);
	interrupted--;
	EXPECT_EQUAL(mock_locks_held, 0);
	return true;
}

static bool deliver_one(void)
{
	bool delivered;

	if (mock_locks_held || interrupted)
		return false;
	interrupted++;
	delivered = mock_deliver_one();
	interrupted--;
	return delivered;
}

static void run_work(struct ddk_work *work)
{
	struct mock_work *own = work_of(work);

	EXPECT(!own->running);
	list_remove(&own->node);
	own->running = true;
	working++;
	work->run(work);
	working--;
	own->running = false;
	EXPECT_EQUAL(mock_locks_held, 0);
}

/* Work must not wait for other work; and who holds a mutex might be waited for. */
static bool work_one(void)
{
	if (list_empty(&works) || working || interrupted || mock_locks_held || mock_mutexes_held)
		return false;
	run_work(container_of((uint64_t *)list_first(&works), struct ddk_work, opaque[0]));
	return true;
}

/* True if there was something to do at this time. */
static bool do_one(void)
{
	return happen_one() || deliver_one() || expire_one() || work_one();
}

/* Goes on to the next thing that happens, but not past `end`; false if there is none before. */
static bool advance(uint64_t end)
{
	const struct mock_event *event = first_event();
	const struct mock_timer *timer = first_timer();
	uint64_t next = end;

	if (event && event->at < next)
		next = event->at;
	if (timer && timer->at < next && !mock_locks_held && !interrupted)
		next = timer->at;
	if (next > now)
		now = next;
	return next < end;
}

static void pass_time(uint64_t duration_ns)
{
	uint64_t end = now + duration_ns;

	do {
		while (do_one())
			;
	} while (advance(end));
	while (do_one())
		;
}

void mock_run(void)
{
	while (do_one())
		;
}

void mock_run_for(uint64_t duration_ns)
{
	EXPECT(!interrupted && !mock_locks_held);
	pass_time(duration_ns);
}

void mock_event_schedule(struct mock_event *event, uint64_t after_ns)
{
	mock_event_cancel(event);
	event->at = now + after_ns;
	list_push_back(&events, &event->node);
}

void mock_event_cancel(struct mock_event *event)
{
	if (event->node.next)
		list_remove(&event->node);
}

/* What another CPU might do just here. */
void mock_preempt(void)
{
	if (!mock_device()->preempt || mock_locks_held || interrupted ||
	    unit_random_below(&mock_device()->preempt, 4))
		return;
	while (happen_one() || deliver_one() || expire_one())
		;
}

/* --- Time ------------------------------------------------------------------------------------ */

uint64_t ddk_time(void)
{
	return now;
}

void ddk_sleep(uint64_t duration_ns)
{
	EXPECT(!mock_locks_held && !interrupted);
	pass_time(duration_ns);
}

void ddk_delay(uint64_t duration_ns)
{
	uint64_t end = now + duration_ns;

	do {
		while (happen_one())
			;
	} while (advance(end));
}

void ddk_timer_init(struct ddk_timer *timer, void (*expire)(struct ddk_timer *timer))
{
	timer->expire = expire;
	list_node_init(&timer_of(timer)->node);
}

void ddk_timer_arm(struct ddk_timer *timer, uint64_t after_ns)
{
	list_remove(&timer_of(timer)->node);
	timer_of(timer)->at = now + after_ns;
	list_push_back(&timers, &timer_of(timer)->node);
}

void ddk_timer_cancel(struct ddk_timer *timer)
{
	EXPECT(!mock_locks_held && !interrupted);
	list_remove(&timer_of(timer)->node);
}

/* --- Locks ----------------------------------------------------------------------------------- */

void ddk_lock_init(struct ddk_lock *lock, const char *name)
{
	(void)name;
	lock->opaque[0] = 0;
}

void ddk_lock_acquire(struct ddk_lock *lock)
{
	mock_preempt();
	EXPECT_EQUAL(mock_locks_held++, 0);
	EXPECT_EQUAL(lock->opaque[0]++, 0);
}

void ddk_lock_release(struct ddk_lock *lock)
{
	EXPECT_EQUAL(--lock->opaque[0], 0);
	mock_locks_held--;
	mock_preempt();
}

void ddk_mutex_init(struct ddk_mutex *mutex, const char *name)
{
	(void)name;
	mutex->opaque[0] = 0;
}

void ddk_mutex_acquire(struct ddk_mutex *mutex)
{
	EXPECT(!mock_locks_held && !interrupted);
	EXPECT_EQUAL(mock_mutexes_held++, 0);
	EXPECT_EQUAL(mutex->opaque[0]++, 0);
}

void ddk_mutex_release(struct ddk_mutex *mutex)
{
	EXPECT_EQUAL(--mutex->opaque[0], 0);
	mock_mutexes_held--;
}

void ddk_event_init(struct ddk_event *event, const char *name)
{
	(void)name;
	event->opaque[0] = 0;
}

void ddk_event_signal(struct ddk_event *event)
{
	event->opaque[0] = 1;
}

void ddk_event_clear(struct ddk_event *event)
{
	event->opaque[0] = 0;
}

int ddk_event_wait(struct ddk_event *event, uint64_t timeout_ns)
{
	bool forever = timeout_ns > FOREVER_MAX;
	uint64_t end = now + (forever ? FOREVER_MAX : timeout_ns);

	EXPECT(!mock_locks_held && !interrupted);
	while (!event->opaque[0] && (do_one() || advance(end)))
		;
	while (!event->opaque[0] && do_one())
		;
	if (!event->opaque[0]) {
		EXPECT(!forever);
		return -ETIMEDOUT;
	}
	event->opaque[0] = 0;
	return 0;
}

/* --- Work ------------------------------------------------------------------------------------ */

void ddk_work_init(struct ddk_work *work, void (*run)(struct ddk_work *work))
{
	work->run = run;
	list_node_init(&work_of(work)->node);
	work_of(work)->running = false;
}

void ddk_work_queue(struct ddk_work *work)
{
	struct mock_work *own = work_of(work);

	if (!list_node_attached(&own->node))
		list_push_back(&works, &own->node);
}

void ddk_work_flush(struct ddk_work *work)
{
	EXPECT(!mock_locks_held && !interrupted);
	EXPECT(!work_of(work)->running);
	while (list_node_attached(&work_of(work)->node))
		run_work(work);
}
