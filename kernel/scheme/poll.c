/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Waiting for several files. The first look registers a callback with every queue that the
 * files name; each callback wakes the thread, which then looks again.
 */
#include <base/errno.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <scheme/event_queue.h>
#include <scheme/poll.h>
#include <time/clock.h>

#define ALWAYS_WANTED  (POLL_ERROR | POLL_HANGUP | POLL_INVALID)
#define ALWAYS_READY   (POLL_IN | POLL_OUT | POLL_READ_NORMAL | POLL_WRITE_NORMAL)
#define BLOCK_WAITERS  16
#define INLINE_WAITERS 6 /* on the stack: enough for most calls */

struct poll_call;

struct poll_waiter {
	struct waiter waiter;
	struct poll_call *call;
};

struct poll_block {
	struct poll_block *next;
	unsigned used;
	struct poll_waiter waiters[BLOCK_WAITERS];
};

struct poll_call {
	struct poller poller;
	struct thread *thread;
	_Atomic bool woken;
	bool failed; /* out of memory */
	unsigned inline_used;
	struct poll_waiter inline_waiters[INLINE_WAITERS];
	struct poll_block *blocks;
};

unsigned file_poll(struct file *file, struct poller *poller)
{
	if (file->flags & FILE_PATH)
		return POLL_INVALID;
	return file->ops->poll ? file->ops->poll(file, poller) : ALWAYS_READY;
}

static bool poll_wake(struct waiter *waiter)
{
	struct poll_call *call = container_of(waiter, struct poll_waiter, waiter)->call;

	call->woken = true;
	thread_wake(call->thread);
	return true;
}

static struct poll_waiter *allocate_waiter(struct poll_call *call)
{
	struct poll_block *block = call->blocks;

	if (call->inline_used < INLINE_WAITERS)
		return &call->inline_waiters[call->inline_used++];
	if (!block || block->used == BLOCK_WAITERS) {
		block = kzalloc(sizeof(*block));
		if (!block)
			return NULL;
		block->next = call->blocks;
		call->blocks = block;
	}
	return &block->waiters[block->used++];
}

static void poll_add(struct poller *poller, struct wait_queue *queue)
{
	struct poll_call *call = container_of(poller, struct poll_call, poller);
	struct poll_waiter *waiter = allocate_waiter(call);

	if (!waiter) {
		call->failed = true;
		return;
	}
	waiter->call = call;
	wait_add_callback(queue, &waiter->waiter, poll_wake);
}

static void poll_end(struct poll_call *call)
{
	struct poll_block *block, *next;

	for (unsigned i = 0; i < call->inline_used; i++)
		wait_remove(&call->inline_waiters[i].waiter);
	for (block = call->blocks; block; block = next) {
		next = block->next;
		for (unsigned i = 0; i < block->used; i++)
			wait_remove(&block->waiters[i].waiter);
		kfree(block);
	}
}

/* Looks at all entries, with `poller` (NULL: none) until the first that is ready; returns how
 * many are. */
static int scan(struct poll_entry *entries, size_t count, struct poller *poller)
{
	int ready = 0;

	for (size_t i = 0; i < count; i++) {
		struct poll_entry *entry = &entries[i];

		if (!entry->file) {
			ready += entry->ready != 0;
		} else {
			entry->ready =
				file_poll(entry->file, poller) & (entry->wanted | ALWAYS_WANTED);
			ready += entry->ready != 0;
		}
		if (ready)
			poller = NULL;
	}
	return ready;
}

/* Sleeps until a queue was woken: 0, -ERESTARTNOHAND, or -ETIMEDOUT. */
static int sleep_until_woken(struct poll_call *call, uint64_t deadline)
{
	while (!call->woken) {
		if (thread_interrupted(call->thread))
			return -ERESTARTNOHAND;
		if (clock_monotonic_ns() >= deadline)
			return -ETIMEDOUT;
		thread_set_state(THREAD_SLEEPING_INTERRUPTIBLE);
		if (call->woken || thread_interrupted(call->thread))
			thread_set_state(THREAD_RUNNABLE);
		else
			thread_block(deadline);
	}
	return 0;
}

/* Tells the providers that want to know what is waited for. */
static void announce(const struct poll_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct poll_entry *entry = &entries[i];
		uint32_t wanted;
		int result;

		if (!entry->file || !entry->file->ops->watch || (entry->file->flags & FILE_PATH))
			continue;
		/* What is asked for now replaces what was: event queues go on waiting. */
		wanted = entry->wanted | event_queue_wanted(entry->file);
		/* One that cannot tell says so through poll. */
		result = file_watch(entry->file, wanted & (POLL_IN | POLL_OUT));
		(void)result;
	}
}

int poll_wait(struct poll_entry *entries, size_t count, uint64_t deadline)
{
	struct poll_call call = { .poller.add = poll_add, .thread = thread_current() };
	bool waits = deadline > clock_monotonic_ns();
	int ready;

	announce(entries, count);
	ready = scan(entries, count, waits ? &call.poller : NULL);

	while (!ready && waits) {
		int error = call.failed ? -ENOMEM : sleep_until_woken(&call, deadline);

		if (error && error != -ETIMEDOUT) {
			ready = error;
			break;
		}
		waits = !error;
		call.woken = false;
		ready = scan(entries, count, NULL);
	}
	poll_end(&call);
	return ready;
}
