/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests, from the side of who wants something: sending, waiting, giving up.
 *
 * A thread that waits for an answer can be killed. Other signals end the wait only as long as
 * the provider has not read the packet; after that nobody could say what has been done.
 */
#include "user_scheme_priv.h"

#include <base/errno.h>
#include <mm/phys/slab.h>
#include <mm/vm/aspace.h>
#include <proc/personality.h>
#include <proc/process.h>

static struct slab_cache *request_cache;

void request_init_cache(void)
{
	request_cache = slab_cache_create("scheme request", sizeof(struct request), 0);
}

void request_begin(struct request *request, uint64_t call, uint64_t b, uint64_t c, uint64_t d)
{
	request->packet = (struct redox_packet){ .a = call, .b = b, .c = c, .d = d };
	if (thread_current()->user) {
		const struct credentials *credentials = credentials_current();

		request->packet.pid = process_current()->pid;
		request->packet.uid = credentials->euid;
		request->packet.gid = credentials->egid;
	}
}

struct request *request_create(uint64_t call, uint64_t b, uint64_t c, uint64_t d)
{
	struct request *request = slab_allocate_zeroed(request_cache);

	if (!request)
		return NULL;
	list_node_init(&request->node);
	request_begin(request, call, b, c, d);
	return request;
}

void request_free(struct provider *provider, struct request *request)
{
	if (request->buffer.object)
		buffer_release(provider, &request->buffer);
	if (request->aspace)
		aspace_put(request->aspace);
	if (request->file)
		node_put(&request->file->node);
	slab_free(request_cache, request);
}

/* --- Waiting. --- */

/* Puts it at the end of the queue. The thread in *reader (or NULL) is to be woken for it, and put.
 * -ENODEV. */
static int enqueue(struct provider *provider, struct request *request, struct thread *caller,
		   struct thread **reader)
{
	int error = -ENODEV;

	spin_lock(&provider->lock);
	if (provider->state == PROVIDER_SERVES) {
		request->state = REQUEST_QUEUED;
		request->caller = caller;
		list_push_back(&provider->queue, &request->node);
		*reader = provider_next_reader_locked(provider);
		error = 0;
	}
	spin_unlock(&provider->lock);
	if (!error && !wait_queue_empty(&provider->pollers))
		wait_wake_all(&provider->pollers);
	return error;
}

/* The caller was interrupted. True if it leaves: with the request in *request if it was not
 * delivered, without (NULL) if the provider will get rid of it. */
static bool give_up(struct provider *provider, struct request **request, bool fatal, bool keep)
{
	struct request *abandoned = *request;
	bool leaves = true;

	spin_lock(&provider->lock);
	if (abandoned->state == REQUEST_QUEUED && !keep) {
		list_remove(&abandoned->node);
	} else if (abandoned->state != REQUEST_ANSWERED && fatal) {
		abandoned->caller = NULL;
		*request = NULL;
	} else {
		leaves = false;
	}
	spin_unlock(&provider->lock);
	return leaves;
}

static void drop_reader(struct thread **reader)
{
	if (*reader)
		thread_put(*reader);
	*reader = NULL;
}

static bool is_answered(const struct request *request)
{
	return __atomic_load_n(&request->state, __ATOMIC_ACQUIRE) == REQUEST_ANSWERED;
}

/* Sleeps until the answer is there: 0; -ERESTARTNOINTR: interrupted. `keep`: the request must
 * reach the provider. `reader` is woken first. */
static int await(struct provider *provider, struct request **request, struct thread *reader,
		 bool keep)
{
	struct thread *self = thread_current();
	bool interrupted = false;
	int result = 0;

	for (;;) {
		thread_set_state(THREAD_SLEEPING_INTERRUPTIBLE);
		if (is_answered(*request))
			break;
		if (reader)
			thread_block_for(reader);
		else
			thread_block(DEADLINE_NEVER);
		drop_reader(&reader);
		if (!thread_interrupted(self))
			continue;
		/* What comes from now on ends the next sleep. */
		self->interrupted = false;
		interrupted = true;
		if (give_up(provider, request, signal_is_fatal(), keep)) {
			result = -ERESTARTNOINTR;
			break;
		}
	}
	thread_set_state(THREAD_RUNNABLE);
	if (reader)
		thread_wake(reader);
	drop_reader(&reader);
	if (interrupted)
		thread_interrupt(self);
	return result;
}

static int send(struct provider *provider, struct request **request, bool keep)
{
	struct thread *reader;
	int error = enqueue(provider, *request, thread_current(), &reader);

	return error ? error : await(provider, request, reader, keep);
}

int request_send(struct provider *provider, struct request **request)
{
	int error = send(provider, request, false);

	if (error == -ERESTARTNOINTR && *request) {
		request_free(provider, *request);
		*request = NULL;
	}
	return error ? error : provider_error((*request)->error);
}

void request_post(struct provider *provider, struct request *request)
{
	struct thread *reader;

	if (enqueue(provider, request, NULL, &reader)) {
		request_free(provider, request);
	} else if (reader) {
		thread_wake(reader);
		thread_put(reader);
	}
}

void request_finish(struct provider *provider, struct request *request)
{
	/* Whoever is on the way out does not wait for a provider that may never answer. */
	if (!thread_current()->user || user_thread_current()->exiting ||
	    (thread_interrupted(thread_current()) && signal_is_fatal())) {
		request_post(provider, request);
		return;
	}
	(void)send(provider, &request, true);
	if (request)
		request_free(provider, request);
}

/* --- Calls. --- */

/* Where in its page the first byte of `io` lies. */
static size_t page_offset(const struct io *io)
{
	return io->user && io->remaining
		       ? (io->segments[io->index].address + io->offset) % PAGE_SIZE
		       : 0;
}

static int prepare_data(struct provider *provider, struct request *request,
			const struct request_data *data)
{
	struct io *io = data->in ? data->in : data->out;
	int error = buffer_reserve(provider, &request->buffer, page_offset(io), io_remaining(io));

	return error || !data->in ? error : buffer_fill(provider, &request->buffer, data->in);
}

static int take_data(struct provider *provider, struct request *request,
		     const struct request_data *data)
{
	size_t count = request->buffer.length;

	if (data->aspace) {
		*data->aspace = request->aspace;
		request->aspace = NULL;
	}
	if (data->counted && request->value > count)
		return -EIO;
	if (!data->out)
		return 0;
	return buffer_drain(provider, &request->buffer, data->out,
			    data->counted ? request->value : count);
}

int request_run(struct provider *provider, struct request **request,
		const struct request_data *data, uint64_t *value)
{
	int error = data ? prepare_data(provider, *request, data) : 0;

	if (!error)
		error = request_send(provider, request);
	if (!error && data)
		error = take_data(provider, *request, data);
	if (!error && value)
		*value = (*request)->value;
	return error;
}

int request_call(struct provider *provider, struct request *request,
		 const struct request_data *data, uint64_t *value)
{
	int error = -ENOMEM;

	if (!request)
		return error;
	error = request_run(provider, &request, data, value);
	if (request)
		request_free(provider, request);
	return error;
}

int request_simple(struct provider *provider, uint64_t call, uint64_t b, uint64_t c, uint64_t d)
{
	struct request *request = request_create(call, b, c, d);
	uint64_t value;
	int error;

	if (!request)
		return -ENOMEM;
	error = request_call(provider, request, NULL, &value);
	if (error)
		return error;
	return value <= INT32_MAX ? (int)value : -EIO;
}

bool caller_is_redox(void)
{
	static const struct personality *redox; /* the same whoever stores it */

	if (!redox)
		redox = personality_find("redox");
	return thread_current()->user && process_current()->personality == redox;
}

int provider_error(int error)
{
	if (caller_is_redox())
		return error;
	switch (error) {
	case -REDOX_EWOULDBLOCK:
		return -EAGAIN;
	case -REDOX_EDEADLOCK:
		return -EDEADLK;
	default:
		return error;
	}
}
