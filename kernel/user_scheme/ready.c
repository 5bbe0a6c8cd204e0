/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Readiness of files whose scheme a process provides. FEVENT asks the provider what is ready and
 * makes it report what becomes so; the last that it said is kept here.
 */
#include "user_scheme_priv.h"

#include <base/errno.h>
#include <scheme/poll.h>

#define EVENT_FLAGS ((uint32_t)(REDOX_EVENT_READ | REDOX_EVENT_WRITE))

static struct request *create_request(struct user_file *user, uint32_t wanted)
{
	struct request *request = request_create(CALL_FEVENT, user->number, wanted, 0);

	if (request) {
		node_get(&user->node);
		request->file = user;
	}
	return request;
}

int user_file_watch(struct file *file, unsigned wanted)
{
	struct user_file *user = user_file_of(file);
	uint64_t ready;
	int error;

	user->wanted = (wanted & POLL_IN ? REDOX_EVENT_READ : 0) |
		       (wanted & POLL_OUT ? REDOX_EVENT_WRITE : 0);
	error = request_call(user->provider, create_request(user, user->wanted), NULL, &ready);
	if (error) {
		user->plain = error != -ERESTARTNOINTR && error != -ENOMEM && error != -ENODEV;
		/* As Linux has it of files that are always ready. */
		return user->plain && !caller_is_redox() ? -EPERM : error;
	}
	user->plain = false;
	return (ready & REDOX_EVENT_READ ? POLL_IN : 0) |
	       (ready & REDOX_EVENT_WRITE ? POLL_OUT : 0);
}

void user_file_ask_again(struct user_file *user)
{
	struct request *request = create_request(user, user->wanted);

	/* Without memory to ask, what was said last is still believed. */
	if (!request)
		return;
	user->ready = 0;
	request_post(user->provider, request);
}

void user_file_set_ready_locked(struct user_file *user, uint32_t ready)
{
	user->ready = ready & EVENT_FLAGS;
	if (user->ready)
		wait_wake_all(&user->waiters);
}

unsigned user_file_poll(struct file *file, struct poller *poller)
{
	struct user_file *user = user_file_of(file);
	unsigned ready = 0;

	poller_add(poller, &user->waiters);
	if (user->plain || (user->ready & REDOX_EVENT_READ))
		ready |= POLL_IN | POLL_READ_NORMAL;
	if (user->plain || (user->ready & REDOX_EVENT_WRITE))
		ready |= POLL_OUT | POLL_WRITE_NORMAL;
	if (__atomic_load_n(&user->provider->state, __ATOMIC_ACQUIRE) != PROVIDER_SERVES)
		ready |= POLL_ERROR | POLL_HANGUP;
	/* Redox's programs hear of what becomes new, once. */
	if (caller_is_redox())
		user->seen = true;
	return ready;
}

void user_file_note_ready_locked(struct provider *provider, uint64_t number, uint32_t ready)
{
	struct list_node *node;

	list_for_each (node, provider_bucket(provider->files, number)) {
		struct user_file *user = container_of(node, struct user_file, list_node);

		if (user->number != number)
			continue;
		if (user->seen)
			user->ready = 0;
		user->seen = false;
		user->ready |= ready & EVENT_FLAGS;
		wait_wake_all(&user->waiters);
	}
}
