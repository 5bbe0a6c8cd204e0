/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mutexes, events, the global lock, and passing of time.
 *
 * A mutex belongs to a thread, which may take it again, and not take one of a lower level than it has reached.
 * What an evaluation leaves locked is released at its end.
 */
#include "execute.h"

#define FOR_EVER  0xffff
#define WAIT_STEP 100 /* ms: how long the host waits in one go */
#define MAX_STALL 255
#define MAX_SLEEP 2000
#define MS_COST   100 /* operations that a millisecond stands for: waiting is bounded, too */

struct aml_mutex *aml_mutex_create(struct aml *aml, unsigned level)
{
	struct aml_mutex *mutex = aml_allocate(aml, sizeof(*mutex));

	if (!mutex)
		return NULL;
	mutex->level = (uint8_t)level;
	list_node_init(&mutex->held);
	return mutex;
}

static void wake(struct aml *aml)
{
	if (aml->host.wake)
		aml->host.wake(&aml->host);
}

/* The host lets time pass, without the lock: until something happens, or to the end. */
static void pass(struct aml *aml, void (*how)(const struct aml_host *host, uint64_t ms),
		 uint64_t ms)
{
	unsigned held = aml_lock_suspend(aml);

	how(&aml->host, ms);
	aml_lock_resume(aml, held);
}

/* A moment, as the rest of `timeout` allows. False: it is over. */
static bool wait_more(struct aml *aml, uint64_t start, uint64_t timeout)
{
	uint64_t before = aml_now(aml), passed = (before - start) / 10000, step = WAIT_STEP;

	if (timeout < FOR_EVER && passed >= timeout)
		return false;
	/* Nothing that is waited for ever comes, but time passes. */
	if (!aml->host.wait && (timeout >= FOR_EVER || !aml->host.sleep_ms))
		return false;
	if (timeout < FOR_EVER)
		step = min_u64(step, timeout - passed);
	pass(aml, aml->host.wait ? aml->host.wait : aml->host.sleep_ms, step);
	/* The host may come back early. */
	return !aml_charge(aml, 1 + (aml_now(aml) - before) * MS_COST / 10000);
}

static bool try_global(struct aml *aml, bool acquire)
{
	return !aml->host.global_lock || aml->host.global_lock(&aml->host, acquire);
}

/* True if it was free, and is the thread's now. */
static bool try_take(struct aml_run *run, struct aml_mutex *mutex)
{
	if (mutex->owner || (mutex->global && !try_global(run->aml, true)))
		return false;
	mutex->owner = run->thread;
	mutex->depth = 1;
	mutex->level_before = run->sync_level;
	return true;
}

/* False: it is late. */
static bool take(struct aml_run *run, struct aml_mutex *mutex, uint64_t timeout)
{
	uint64_t start = aml_now(run->aml);

	while (!try_take(run, mutex))
		if (!wait_more(run->aml, start, timeout))
			return false;
	return true;
}

int aml_mutex_acquire(struct aml_run *run, struct aml_mutex *mutex, uint64_t timeout, bool *late)
{
	*late = false;
	if (mutex->owner == run->thread) {
		mutex->depth++;
		return 0;
	}
	if (mutex->level < run->sync_level)
		return -AML_E_MUTEX_ORDER;
	*late = !take(run, mutex, timeout);
	if (*late)
		return 0;
	run->sync_level = mutex->level;
	mutex->run = run;
	list_push_back(&run->mutexes, &mutex->held);
	return 0;
}

static void free_mutex(struct aml *aml, struct aml_mutex *mutex)
{
	list_remove(&mutex->held);
	mutex->owner = 0;
	mutex->run = NULL;
	mutex->depth = 0;
	if (mutex->global)
		try_global(aml, false);
	wake(aml);
}

/* Mutexes of one level may be released in any order: what one finds when all are released is handed on. */
static void lower_level(struct aml_run *run, struct aml_mutex *mutex)
{
	struct list_node *later = list_next(&run->mutexes, &mutex->held);
	struct list_node *last = run->mutexes.head.previous; /* there is one: this at least */

	run->sync_level = container_of(last, struct aml_mutex, held)->level_before;
	if (later)
		container_of(later, struct aml_mutex, held)->level_before = mutex->level_before;
}

int aml_mutex_release(struct aml_run *run, struct aml_mutex *mutex)
{
	if (!mutex->owner)
		return -AML_E_MUTEX_NOT_ACQUIRED;
	if (mutex->owner != run->thread)
		return -AML_E_NOT_OWNER;
	if (mutex->level != run->sync_level)
		return -AML_E_MUTEX_ORDER;
	/* The first time was further out: another evaluation that this one lies in, or a field's. */
	if (mutex->depth == 1 && mutex->run != run)
		return -AML_E_NOT_OWNER;
	if (--mutex->depth)
		return 0;
	lower_level(run, mutex);
	free_mutex(run->aml, mutex);
	return 0;
}

void aml_mutexes_drop(struct aml_run *run)
{
	while (!list_empty(&run->mutexes))
		free_mutex(run->aml,
			   container_of(list_last(&run->mutexes), struct aml_mutex, held));
}

int aml_method_enter(struct aml_run *run, struct aml_method *method)
{
	struct aml_mutex *mutex = method->mutex;

	if (mutex->level < run->sync_level)
		return -AML_E_MUTEX_ORDER;
	if (mutex->owner == run->thread) {
		mutex->depth++;
		return 0;
	}
	if (!take(run, mutex, FOR_EVER))
		return -AML_E_TIME;
	run->sync_level = mutex->level;
	return 0;
}

int aml_method_claim(struct aml_run *run)
{
	struct aml_call *call = run->top->call;
	struct aml_method *method;

	if (!call->node || call->entered)
		return 0;
	method = call->method->method;
	if (!method->mutex)
		method->mutex = aml_mutex_create(run->aml, 0);
	if (!method->mutex)
		return -AML_E_NO_MEMORY;
	/* Levels are not looked at, as the method knows of none. */
	if (method->mutex->owner == run->thread)
		method->mutex->depth++;
	else if (take(run, method->mutex, FOR_EVER))
		method->mutex->level_before = call->sync_level;
	else
		return -AML_E_TIME;
	call->entered = true;
	return 0;
}

void aml_method_leave(struct aml_run *run, struct aml_method *method)
{
	if (!method->mutex->owner || --method->mutex->depth)
		return;
	run->sync_level = method->mutex->level_before;
	free_mutex(run->aml, method->mutex);
}

int aml_do_acquire(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *object = frame->operands[0].object;
	bool late;
	int error = aml_mutex_acquire(run, object->mutex, frame->operands[1].number, &late);

	return error ? error : aml_make_result(run->aml, late ? UINT64_MAX : 0, &frame->result);
}

int aml_do_release(struct aml_run *run, struct aml_frame *frame)
{
	return aml_mutex_release(run, frame->operands[0].object->mutex);
}

int aml_do_signal(struct aml_run *run, struct aml_frame *frame)
{
	frame->operands[0].object->event->count++;
	wake(run->aml);
	return 0;
}

int aml_do_reset(struct aml_run *run, struct aml_frame *frame)
{
	(void)run;
	frame->operands[0].object->event->count = 0;
	return 0;
}

int aml_do_wait(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_event *event = frame->operands[0].object->event;
	uint64_t start = aml_now(run->aml), timeout = frame->operands[1].number & FOR_EVER;

	while (!event->count) {
		if (!wait_more(run->aml, start, timeout))
			return aml_make_result(run->aml, UINT64_MAX, &frame->result);
	}
	event->count--;
	return aml_make_result(run->aml, 0, &frame->result);
}

int aml_do_stall(struct aml_run *run, struct aml_frame *frame)
{
	uint64_t us = frame->operands[0].number;
	int error;

	if (us > MAX_STALL)
		return -AML_E_OPERAND_VALUE;
	error = aml_charge(run->aml, us * MS_COST / 1000);
	if (error)
		return error;
	if (run->aml->host.stall_us)
		run->aml->host.stall_us(&run->aml->host, (unsigned)us);
	return 0;
}

/* At most two seconds, as ACPICA: longer ones are mistakes. */
int aml_do_sleep(struct aml_run *run, struct aml_frame *frame)
{
	uint64_t ms = min_u64(frame->operands[0].number, MAX_SLEEP);
	int error = aml_charge(run->aml, ms * MS_COST);

	if (!error && run->aml->host.sleep_ms)
		pass(run->aml, run->aml->host.sleep_ms, ms);
	return error;
}

int aml_global_lock_acquire(struct aml *aml)
{
	uint64_t start = aml_now(aml), thread = aml_thread(aml);
	struct aml_mutex *mutex = aml->global_lock->mutex;

	if (mutex->owner == thread) {
		mutex->depth++;
		return 0;
	}
	while (mutex->owner || !try_global(aml, true))
		if (!wait_more(aml, start, FOR_EVER))
			return -AML_E_TIME;
	mutex->owner = thread;
	mutex->depth = 1;
	return 0;
}

void aml_global_lock_release(struct aml *aml)
{
	struct aml_mutex *mutex = aml->global_lock->mutex;

	if (--mutex->depth)
		return;
	free_mutex(aml, mutex);
}
