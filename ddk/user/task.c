/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pool of threads, and the driver's deferred work, which runs on them. */
#include "task.h"

#include <ddk/work.h>

#include "kit.h"

#define POOL_SIZE (THREAD_MAX - THREAD_POOL)

static struct {
	_Atomic uint32_t lock;
	_Atomic uint32_t queuings; /* counts them: idle threads wait for it */
	_Atomic uint32_t ends;     /* of tasks: who flushes waits for it */
	/* Under the lock. */
	struct list queued;
	unsigned waiting; /* tasks in the list */
	unsigned threads, idle, flushing;
	const void *running[POOL_SIZE]; /* keys, by thread */
} pool = { .queued = LIST_INIT(pool.queued) };

/* Under the lock. */
static bool is_running(const void *key)
{
	for (unsigned i = 0; i < pool.threads; i++) {
		if (pool.running[i] == key)
			return true;
	}
	return false;
}

/* Under the lock. */
static struct task *find_runnable(void)
{
	struct list_node *node;

	list_for_each (node, &pool.queued) {
		struct task *task = container_of(node, struct task, node);

		if (!is_running(task->key))
			return task;
	}
	return NULL;
}

/* The next task, for the thread `number`, which sleeps until there is one. */
static struct task *take_task(unsigned number)
{
	struct task *task;

	word_acquire(&pool.lock);
	while ((task = find_runnable()) == NULL) {
		uint32_t seen = pool.queuings;

		pool.idle++;
		word_release(&pool.lock);
		wait_begin();
		(void)wait_word(&pool.queuings, seen, NEVER);
		wait_end();
		word_acquire(&pool.lock);
		pool.idle--;
	}
	list_remove(&task->node);
	pool.waiting--;
	pool.running[number] = task->key;
	word_release(&pool.lock);
	return task;
}

static void end_task(unsigned number)
{
	bool wake;

	word_acquire(&pool.lock);
	pool.running[number] = NULL;
	pool.ends++;
	wake = pool.flushing > 0;
	word_release(&pool.lock);
	if (wake)
		wake_word(&pool.ends, UINT32_MAX);
}

static void run_pool(unsigned role)
{
	unsigned number = role - THREAD_POOL;

	for (;;) {
		struct task *task = take_task(number);

		task->run(task);
		end_task(number);
		wait_begin();
		wait_end();
	}
}

/* Another thread, if there may be more. Its number is counted before it runs. */
static int add_thread(void)
{
	unsigned number;
	int error = 0;

	word_acquire(&pool.lock);
	number = pool.threads;
	if (number < POOL_SIZE)
		error = thread_start(THREAD_POOL + number, run_pool, "pool");
	if (number < POOL_SIZE && !error)
		pool.threads++;
	word_release(&pool.lock);
	return error;
}

void tasks_start(void)
{
	if (add_thread())
		kit_fail("no thread for what may sleep");
}

void task_init(struct task *task, void (*run)(struct task *task), const void *key)
{
	task->run = run;
	task->key = key;
	list_node_init(&task->node);
}

void task_queue(struct task *task)
{
	bool queued, enough;

	word_acquire(&pool.lock);
	queued = !list_node_attached(&task->node);
	if (queued) {
		list_push_back(&pool.queued, &task->node);
		pool.waiting++;
		pool.queuings++;
	}
	enough = pool.waiting <= pool.idle;
	word_release(&pool.lock);
	if (queued)
		wake_word(&pool.queuings, 1);
	if (queued && !enough)
		(void)add_thread(); /* if it cannot, those that there are will do */
}

/* Under the lock. */
static bool is_pending(const struct task *task)
{
	return list_node_attached(&task->node) || is_running(task->key);
}

void task_flush(struct task *task)
{
	wait_begin();
	word_acquire(&pool.lock);
	pool.flushing++;
	while (is_pending(task)) {
		uint32_t seen = pool.ends;

		word_release(&pool.lock);
		(void)wait_word(&pool.ends, seen, NEVER);
		word_acquire(&pool.lock);
	}
	pool.flushing--;
	word_release(&pool.lock);
	wait_end();
}

/* --- Deferred work --------------------------------------------------------------------------- */

_Static_assert(sizeof(struct task) <= sizeof(((struct ddk_work *)0)->opaque), "storage");

static struct task *task_of(struct ddk_work *work)
{
	return (struct task *)work->opaque;
}

static void run_work(struct task *task)
{
	struct ddk_work *work = container_of((uint64_t *)task, struct ddk_work, opaque[0]);

	work->run(work);
}

void ddk_work_init(struct ddk_work *work, void (*run)(struct ddk_work *work))
{
	work->run = run;
	task_init(task_of(work), run_work, work);
}

void ddk_work_queue(struct ddk_work *work)
{
	task_queue(task_of(work));
}

void ddk_work_flush(struct ddk_work *work)
{
	task_flush(task_of(work));
}
