/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages whose sender waits for the reply. */
#include "host_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <time/clock.h>

#define SLOT_WAIT NS_PER_MILLISECOND /* until a slot is looked for again */

/* Who holds: who asks, and the message while it is under way. */
struct ask {
	struct refcount references;
	struct host_request request;
	struct host *host;
	struct wait_queue wait;
	_Atomic bool done;
	int error;
	uint64_t result;
	size_t length;
	uint8_t bytes[sizeof(struct host_segment) * HOST_SEGMENTS_MAX];
};

static void put(struct ask *ask)
{
	if (!refcount_put(&ask->references))
		return;
	host_put(ask->host);
	kfree(ask);
}

static void replied(struct host_request *request, int error, uint64_t result)
{
	struct ask *ask = container_of(request, struct ask, request);

	ask->error = error == -EOWNERDEAD ? -ENODEV : error;
	ask->result = result;
	if (!error)
		memcpy(ask->bytes, host_slot(ask->host, request->slot), ask->length);
	ask->done = true;
	wait_wake_all(&ask->wait);
	put(ask);
}

static int send(struct ask *ask, const struct host_message *message, const void *bytes,
		size_t length, uint64_t deadline)
{
	int error;

	refcount_get(&ask->references);
	while ((error = host_send(ask->host, &ask->request, message, bytes, length, true)) ==
	       -EAGAIN) {
		if (clock_monotonic_ns() >= deadline)
			break;
		thread_sleep_until(clock_deadline_after(SLOT_WAIT));
	}
	if (error)
		put(ask);
	return error;
}

/* Waits until it is done: the host's end does it, too. */
static void wait_for_reply(struct ask *ask, unsigned kind, uint64_t deadline)
{
	struct waiter waiter;

	wait_begin(&ask->wait, &waiter);
	while (!ask->done) {
		if (wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, deadline) != -ETIMEDOUT)
			continue;
		host_condemn(ask->host, "did not answer message %u", kind);
		deadline = DEADLINE_NEVER;
	}
	wait_end(&waiter);
}

int host_ask(struct host *host, const struct host_message *message, const void *bytes,
	     size_t length, void *copy, size_t copy_length, uint64_t *result, uint64_t timeout_ns)
{
	uint64_t deadline = clock_deadline_after(timeout_ns);
	struct ask *ask = kzalloc(sizeof(*ask));
	int error;

	if (!ask)
		return -ENOMEM;
	refcount_init(&ask->references, 1);
	wait_queue_init(&ask->wait, "answer of a driver host");
	host_get(host);
	ask->host = host;
	ask->request.done = replied;
	ask->length = min_size(copy_length, sizeof(ask->bytes));
	error = send(ask, message, bytes, length, deadline);
	if (error == -EAGAIN)
		host_condemn(host, "answered no message for long");
	if (!error) {
		wait_for_reply(ask, message->kind, deadline);
		error = ask->error;
	}
	if (!error && copy)
		memcpy(copy, ask->bytes, ask->length);
	if (!error && result)
		*result = ask->result;
	put(ask);
	return error;
}
