/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Providers: their life, and what they do to requests: reading packets, writing answers.
 *
 * A request that nobody waits for any more stays until it is answered, since the provider may
 * still use its buffer. What it opened or mapped in vain is closed or unmapped again.
 */
#include "user_scheme_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <mm/vm/aspace.h>
#include <sched/thread.h>

/* --- Life. --- */

static struct provider *provider_allocate(void)
{
	struct provider *provider = kzalloc(sizeof(*provider));

	if (!provider)
		return NULL;
	refcount_init(&provider->references, 1);
	wait_queue_init(&provider->pollers, "scheme socket");
	window_init(&provider->window);
	spinlock_init(&provider->lock, RANK_USER_SCHEME, "provider");
	list_init(&provider->queue);
	list_init(&provider->readers);
	for (unsigned i = 0; i < PROVIDER_BUCKETS; i++) {
		list_init(&provider->taken[i]);
		list_init(&provider->files[i]);
	}
	return provider;
}

void provider_get(struct provider *provider)
{
	refcount_get(&provider->references);
}

void provider_put(struct provider *provider)
{
	if (!refcount_put(&provider->references))
		return;
	window_fini(&provider->window);
	kfree(provider);
}

int provider_create(const char *name, struct provider **result)
{
	struct provider *provider = provider_allocate();
	struct scheme *scheme;
	int error;

	if (!provider)
		return -ENOMEM;
	scheme = scheme_create(name, "user", &user_scheme_ops, 0, provider);
	if (!scheme) {
		provider_put(provider);
		return -ENOMEM;
	}
	provider_get(provider); /* the scheme's */
	provider->scheme = scheme;
	error = scheme_set_opaque_root(scheme);
	if (!error)
		error = namespace_add(namespace_current(), scheme);
	if (error) {
		scheme_put(scheme);
		provider_put(provider);
		return error;
	}
	*result = provider;
	return 0;
}

/* A request is over without the provider. The lock is held. */
static void fail_locked(struct request *request, int error, struct list *unwanted)
{
	struct thread *caller = request->caller;

	request->error = error;
	if (!caller) {
		list_push_back(unwanted, &request->node);
		return;
	}
	thread_get(caller);
	/* From here on the request is the caller's. */
	__atomic_store_n(&request->state, REQUEST_ANSWERED, __ATOMIC_RELEASE);
	thread_wake(caller);
	thread_put(caller);
}

static void free_all(struct provider *provider, struct list *unwanted)
{
	struct list_node *node;

	while ((node = list_pop_front(unwanted)))
		request_free(provider, container_of(node, struct request, node));
}

struct reader {
	struct list_node node; /* in provider->readers */
	struct thread *thread;
};

struct thread *provider_next_reader_locked(struct provider *provider)
{
	struct list_node *node = list_pop_front(&provider->readers);
	struct thread *thread = node ? container_of(node, struct reader, node)->thread : NULL;

	if (thread)
		thread_get(thread);
	return thread;
}

/* Has all readers look at what there is. */
static void wake_readers(struct provider *provider)
{
	struct list_node *node;

	spin_lock(&provider->lock);
	while ((node = list_pop_front(&provider->readers)))
		thread_wake(container_of(node, struct reader, node)->thread);
	spin_unlock(&provider->lock);
	wait_wake_all(&provider->pollers);
}

/* Whoever watches the files is to find out that there is nothing to wait for. The lock is held. */
static void wake_watchers_locked(struct provider *provider)
{
	struct list_node *node;

	for (unsigned i = 0; i < PROVIDER_BUCKETS; i++) {
		list_for_each (node, &provider->files[i])
			wait_wake_all(&container_of(node, struct user_file, list_node)->waiters);
	}
}

void provider_unmount(struct provider *provider)
{
	scheme_retire(provider->scheme);
	spin_lock(&provider->lock);
	if (provider->state == PROVIDER_SERVES)
		provider->state = PROVIDER_UNMOUNTED;
	wake_watchers_locked(provider);
	spin_unlock(&provider->lock);
	wake_readers(provider);
}

void provider_close(struct provider *provider)
{
	struct list unwanted = LIST_INIT(unwanted);
	struct list_node *node;

	scheme_retire(provider->scheme);
	spin_lock(&provider->lock);
	provider->state = PROVIDER_GONE;
	while ((node = list_pop_front(&provider->queue)))
		fail_locked(container_of(node, struct request, node), -ENODEV, &unwanted);
	for (unsigned i = 0; i < PROVIDER_BUCKETS; i++) {
		while ((node = list_pop_front(&provider->taken[i])))
			fail_locked(container_of(node, struct request, node), -ENODEV, &unwanted);
	}
	wake_watchers_locked(provider);
	spin_unlock(&provider->lock);
	free_all(provider, &unwanted);
	scheme_put(provider->scheme);
	provider_put(provider);
}

/* --- Reading. --- */

/* The next request, which from now on is this reader's. NULL: none waits. */
static struct request *take_next(struct provider *provider, bool *end)
{
	struct request *request = NULL;
	struct list_node *node;

	spin_lock(&provider->lock);
	node = list_pop_front(&provider->queue);
	*end = !node && provider->state != PROVIDER_SERVES;
	if (node) {
		request = container_of(node, struct request, node);
		request->state = REQUEST_DELIVERING;
	}
	spin_unlock(&provider->lock);
	return request;
}

/* Ends a request with an error of ours. */
static void refuse(struct provider *provider, struct request *request, int error)
{
	struct list unwanted = LIST_INIT(unwanted);

	spin_lock(&provider->lock);
	fail_locked(request, error, &unwanted);
	spin_unlock(&provider->lock);
	free_all(provider, &unwanted);
}

static void put_back(struct provider *provider, struct request *request)
{
	spin_lock(&provider->lock);
	request->state = REQUEST_QUEUED;
	list_push_front(&provider->queue, &request->node);
	spin_unlock(&provider->lock);
	wake_readers(provider);
}

/* Gives the request its number and the packet to the reader. False: bad memory. */
static bool deliver(struct provider *provider, struct request *request, uintptr_t address,
		    struct io *io)
{
	struct redox_packet packet;

	if (request->path)
		request->packet.b = address;
	else if (request->has_buffer)
		request->packet.c = address;
	spin_lock(&provider->lock);
	request->packet.id = ++provider->last_id;
	spin_unlock(&provider->lock);
	packet = request->packet;
	if (io_put(io, &packet, sizeof(packet)) != sizeof(packet)) {
		put_back(provider, request);
		return false;
	}
	spin_lock(&provider->lock);
	request->state = REQUEST_TAKEN;
	list_push_back(provider_bucket(provider->taken, packet.id), &request->node);
	spin_unlock(&provider->lock);
	return true;
}

/* Without the lock: whoever adds to the list wakes a reader. */
static bool list_is_empty_hint(const struct list *list)
{
	return __atomic_load_n(&list->head.next, __ATOMIC_RELAXED) == &list->head;
}

/* Delivers what fits of what waits now; 0: nothing. */
static ssize_t read_waiting(struct provider *provider, struct io *io, bool *end)
{
	struct request *request;
	ssize_t count = 0;

	while (io_remaining(io) >= sizeof(request->packet) &&
	       (count == 0 || !list_is_empty_hint(&provider->queue)) &&
	       (request = take_next(provider, end))) {
		uintptr_t address = 0;
		int error =
			request->has_buffer ? buffer_show(provider, &request->buffer, &address) : 0;

		if (error)
			refuse(provider, request, error);
		else if (deliver(provider, request, address, io))
			count += sizeof(request->packet);
		else
			return count ? count : -EFAULT;
	}
	return count;
}

/* Sleeps until there may be something to read. -ERESTART. */
static int sleep_for_requests(struct provider *provider)
{
	struct reader reader = { .thread = thread_current() };
	bool waits;

	spin_lock(&provider->lock);
	waits = list_empty(&provider->queue) && provider->state == PROVIDER_SERVES;
	if (waits) {
		list_push_back(&provider->readers, &reader.node);
		thread_set_state(THREAD_SLEEPING_INTERRUPTIBLE);
	}
	spin_unlock(&provider->lock);
	if (!waits)
		return 0;
	thread_block(DEADLINE_NEVER);
	spin_lock(&provider->lock);
	list_remove(&reader.node);
	/* Woken for a request that somebody else has taken, or by a signal. */
	waits = list_empty(&provider->queue) && provider->state == PROVIDER_SERVES;
	spin_unlock(&provider->lock);
	return waits && thread_interrupted(reader.thread) ? -ERESTART : 0;
}

ssize_t provider_read(struct provider *provider, struct io *io, bool wait)
{
	bool end = false;
	ssize_t count;
	int error = 0;

	if (io_remaining(io) < sizeof(struct redox_packet))
		return -EINVAL;
	count = read_waiting(provider, io, &end);
	if (count || end) {
		/* Those who got answers need not wait until this one is done with the next requests. */
		thread_offer_waiting();
		return count;
	}
	while (!count && !end && !error) {
		error = wait ? sleep_for_requests(provider) : -EAGAIN;
		if (!error)
			count = read_waiting(provider, io, &end);
	}
	return count ? count : error;
}

/* --- Writing. --- */

/* Takes an answer apart: what its low half says is an error is one. */
static void set_answer(struct request *request, uint64_t answer)
{
	int32_t low = (int32_t)answer;

	if (low < 0 && low >= -REDOX_ERROR_LAST)
		request->error = low;
	request->value = answer;
}

/* What happens at once, by the thread that answers. The lock is held. */
static void note_answer_locked(struct request *request)
{
	if (request->error)
		return;
	if (request->packet.a == CALL_FMAP) {
		request->aspace = aspace_current();
		aspace_get(request->aspace);
	} else if (request->file) {
		/* In this order with the reports of readiness that the provider writes. */
		user_file_set_ready_locked(request->file, (uint32_t)request->value);
	}
}

static struct request *find_taken_locked(struct provider *provider, uint64_t id)
{
	struct list_node *node;

	list_for_each (node, provider_bucket(provider->taken, id)) {
		struct request *request = container_of(node, struct request, node);

		if (request->packet.id == id)
			return request;
	}
	return NULL;
}

/* An answer that nobody waits for: what it gave is given back. */
static void undo(struct provider *provider, struct request *request)
{
	uint64_t call = request->packet.a, value = request->value;
	uint64_t length = request->map_length;

	buffer_release(provider, &request->buffer);
	request->has_buffer = request->path = false;
	if (request->error || (call != CALL_OPEN && call != CALL_DUP && call != CALL_FMAP)) {
		request_free(provider, request);
		return;
	}
	/* In the name of whoever asked for it. */
	request->packet.a = call == CALL_FMAP ? CALL_FUNMAP : CALL_CLOSE;
	request->packet.b = value;
	request->packet.c = call == CALL_FMAP ? length : 0;
	request->packet.d = 0;
	request_post(provider, request);
}

/* Returns the thread that waits for it, which is to be woken, and put; or NULL. */
static struct thread *take_answer(struct provider *provider, const struct redox_packet *packet)
{
	struct request *request, *unwanted = NULL;
	struct thread *caller = NULL;

	spin_lock(&provider->lock);
	request = find_taken_locked(provider, packet->id);
	if (request) {
		list_remove(&request->node);
		set_answer(request, packet->a);
		note_answer_locked(request);
		caller = request->caller;
		if (caller) {
			thread_get(caller);
			__atomic_store_n(&request->state, REQUEST_ANSWERED, __ATOMIC_RELEASE);
		} else {
			unwanted = request;
		}
	}
	spin_unlock(&provider->lock);
	if (unwanted)
		undo(provider, unwanted);
	return caller;
}

/* Of those who were answered, `caller` was the last. */
static void wake_last(struct provider *provider, struct thread *caller)
{
	if (!caller)
		return;
	/* With more to do, it is better done before others get the CPU. */
	if (list_is_empty_hint(&provider->queue))
		thread_yield_to(caller);
	else
		thread_wake_here(caller);
	thread_put(caller);
}

ssize_t provider_write(struct provider *provider, struct io *io)
{
	struct thread *last = NULL;
	struct redox_packet packet;
	ssize_t count = 0;

	while (io_remaining(io) >= sizeof(packet)) {
		if (last) {
			thread_wake_here(last);
			thread_put(last);
			last = NULL;
		}
		if (io_take(io, &packet, sizeof(packet)) != sizeof(packet))
			return count ? count : -EFAULT;
		if (packet.id) {
			last = take_answer(provider, &packet);
		} else if (packet.a == CALL_FEVENT) {
			spin_lock(&provider->lock);
			user_file_note_ready_locked(provider, packet.b, (uint32_t)packet.c);
			spin_unlock(&provider->lock);
		}
		count += sizeof(packet);
	}
	wake_last(provider, last);
	return count;
}
