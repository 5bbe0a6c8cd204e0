/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages to hosts, and their replies. What the kernel must be sure of (which slots are in use and by whom, how far
 * the rings are) it keeps to itself; what the host writes is compared with that.
 */
#include "channel.h"
#include "memory.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/kernel_map.h>

#define BATCH     32 /* replies that are taken at a time */
#define ERROR_MAX 4095

_Static_assert(HOST_RING > HOST_SLOTS, "messages without a reply have room in the ring");

int host_channel_create(struct host *host)
{
	struct host_memory *memory =
		host_memory_create(host, HOST_MEMORY_CHANNEL, sizeof(struct host_channel));

	if (!memory)
		return -ENOMEM;
	memory->kernel = kernel_vmalloc(align_up(sizeof(struct host_channel), PAGE_SIZE));
	if (!memory->kernel) {
		host_memory_put(memory);
		return -ENOMEM;
	}
	host->channel_memory = memory;
	host->channel = memory->kernel;
	return 0;
}

const void *host_slot(struct host *host, unsigned slot)
{
	return host->channel->slots[slot];
}

/* --- Sending ------------------------------------------------------------------------------------ */

/* Locked. */
static void put_message(struct host *host, unsigned slot, const struct host_message *message)
{
	struct host_message *place = &host->channel->messages[host->message_tail % HOST_RING];

	*place = *message;
	place->slot = (uint16_t)slot;
	host->message_tail++;
	atomic_store_explicit(&host->channel->message_tail, host->message_tail,
			      memory_order_release);
}

/* Locked. */
static int send_locked(struct host *host, struct host_request *request,
		       const struct host_message *message, const void *bytes, size_t length)
{
	unsigned slot;

	if (host->closed)
		return -ENODEV;
	if (!host->free_count) {
		host->starved = true;
		return -EAGAIN;
	}
	slot = host->free_slots[--host->free_count];
	host->slots[slot].request = request;
	request->slot = slot;
	memcpy(host->channel->slots[slot], bytes, length);
	put_message(host, slot, message);
	return 0;
}

int host_send(struct host *host, struct host_request *request, const struct host_message *message,
	      const void *bytes, size_t length, bool wake)
{
	irq_state_t state;
	int error;

	if (length > sizeof(host->channel->slots[0]))
		return -EINVAL;
	state = spin_lock_irqsave(&host->lock);
	error = send_locked(host, request, message, bytes, length);
	spin_unlock_irqrestore(&host->lock, state);
	if (!error)
		atomic_fetch_add_explicit(&host->messages, 1, memory_order_relaxed);
	/* Where there is no slot, what was sent without waking is to be seen to. */
	if (wake || error == -EAGAIN)
		wait_wake_all(&host->event_wait);
	return error;
}

bool host_has_messages(struct host *host)
{
	uint32_t taken = atomic_load_explicit(&host->channel->message_head, memory_order_acquire);

	return taken != __atomic_load_n(&host->message_tail, __ATOMIC_ACQUIRE);
}

/* --- Replies ------------------------------------------------------------------------------------ */

struct taken {
	struct host_request *request;
	struct host_reply reply;
};

struct batch {
	struct taken taken[BATCH];
	unsigned count;
	const char *wrong; /* what the host did that it may not, or NULL */
	unsigned wrong_slot;
};

/* Locked. False: it is no reply to anything. */
static bool take_one(struct host *host, struct batch *batch)
{
	const volatile struct host_reply *place =
		&host->channel->replies[host->reply_head % HOST_RING];
	struct taken *taken = &batch->taken[batch->count];

	taken->reply = *place;
	batch->wrong_slot = taken->reply.slot;
	if (taken->reply.slot >= HOST_SLOTS)
		batch->wrong = "there is no such slot";
	else if (!host->slots[taken->reply.slot].request)
		batch->wrong = "there is no message in that slot";
	else if (taken->reply.error > 0 || taken->reply.error < -ERROR_MAX)
		batch->wrong = "there is no such error";
	if (batch->wrong)
		return false;
	taken->request = host->slots[taken->reply.slot].request;
	host->slots[taken->reply.slot].request = NULL;
	host->reply_head++;
	batch->count++;
	return true;
}

/* Locked. */
static void take_locked(struct host *host, struct batch *batch)
{
	uint32_t tail = atomic_load_explicit(&host->channel->reply_tail, memory_order_acquire);
	uint32_t count = tail - host->reply_head;

	batch->count = 0;
	if (host->closed)
		return;
	if (count > HOST_RING) {
		batch->wrong = "so many do not fit into the ring";
		batch->wrong_slot = count;
		return;
	}
	while (count-- && batch->count < BATCH && take_one(host, batch)) {
	}
	atomic_store_explicit(&host->channel->reply_head, host->reply_head, memory_order_release);
}

/* Locked. The slots of replies that have been seen to. True: somebody waits for some. */
static bool free_slots(struct host *host, const struct batch *batch)
{
	bool starved = host->starved && batch->count;

	for (unsigned i = 0; i < batch->count; i++)
		host->free_slots[host->free_count++] = batch->taken[i].reply.slot;
	if (starved)
		host->starved = false;
	return starved;
}

/* What is wrong comes last. */
static void see_to(struct host *host, const struct batch *batch)
{
	for (unsigned i = 0; i < batch->count; i++) {
		const struct taken *taken = &batch->taken[i];

		taken->request->done(taken->request, taken->reply.error, taken->reply.result);
	}
	atomic_fetch_add_explicit(&host->replies, batch->count, memory_order_relaxed);
}

void host_take_replies(struct host *host)
{
	struct batch batch = { .count = 0 };
	bool starved;

	do {
		irq_state_t state = spin_lock_irqsave(&host->lock);

		starved = free_slots(host, &batch);
		take_locked(host, &batch);
		spin_unlock_irqrestore(&host->lock, state);
		see_to(host, &batch);
		if (starved)
			host_tell_slots_freed(host);
	} while (batch.count);
	if (batch.wrong)
		host_condemn(host, "replied (%u): %s", batch.wrong_slot, batch.wrong);
}

/* --- The end ------------------------------------------------------------------------------------ */

/* The next message that has no reply; NULL: none. */
static struct host_request *take_back(struct host *host, unsigned *slot)
{
	struct host_request *request = NULL;
	irq_state_t state = spin_lock_irqsave(&host->lock);

	host->closed = true;
	for (; *slot < HOST_SLOTS && !request; ++*slot) {
		request = host->slots[*slot].request;
		host->slots[*slot].request = NULL;
	}
	spin_unlock_irqrestore(&host->lock, state);
	return request;
}

void host_close_channel(struct host *host)
{
	struct host_request *request;
	unsigned slot = 0;

	while ((request = take_back(host, &slot)))
		request->done(request, -EOWNERDEAD, 0);
	wait_wake_all(&host->event_wait);
}
