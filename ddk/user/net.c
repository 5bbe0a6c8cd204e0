/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Network interfaces. A frame lives in the slot of its message, whose reply gives it back. Frames that the driver cannot take
 * (-EAGAIN) wait here, in order.
 */
#include <ddk/net.h>

#include <base/string.h>
#include <ddk/memory.h>

#include "object.h"

struct ddk_net {
	struct object object;
	/* Immutable. */
	struct ddk_net_ops ops;
	void *context;
	/* The event thread's. */
	struct list waiting;
	/* Any thread's. */
	_Atomic uint32_t ends; /* of frames */
	_Atomic bool some_wait, retry;
};

struct net_frame {
	struct ddk_net_frame frame;
	_Atomic bool taken;    /* the driver has it, or it waits */
	struct list_node node; /* waiting: of its interface */
};

/* By slot. */
static struct net_frame frames[HOST_SLOTS];
static _Atomic bool some_retry; /* of any interface */

static void let_retry(struct ddk_net *net)
{
	net->retry = true;
	some_retry = true;
	events_wake();
}

void ddk_net_ready(struct ddk_net *net)
{
	let_retry(net);
}

void ddk_net_sent(struct ddk_net *net, struct ddk_net_frame *sent, int error)
{
	struct net_frame *frame = container_of(sent, struct net_frame, frame);

	if (frame < frames || frame >= frames + HOST_SLOTS || !frame->taken)
		kit_fail("the driver gives back a frame that it does not have");
	frame->taken = false;
	net->ends++;
	if (net->some_wait)
		let_retry(net);
	channel_reply((unsigned)(frame - frames), error, 0);
}

/* False: the driver does not take it now. */
static bool send(struct ddk_net *net, struct net_frame *frame, bool last)
{
	int error = net->ops.send(net, &frame->frame, last);

	if (error == -EAGAIN)
		return false;
	if (error)
		ddk_net_sent(net, &frame->frame, error);
	return true;
}

/* Sends what waits, until the driver takes no more. */
static void send_waiting(struct ddk_net *net)
{
	struct list_node *node;
	uint32_t ends;

	do {
		ends = net->ends;
		while ((node = list_pop_front(&net->waiting)) != NULL) {
			struct net_frame *frame = container_of(node, struct net_frame, node);

			if (send(net, frame, list_empty(&net->waiting)))
				continue;
			list_push_front(&net->waiting, node);
			break;
		}
		net->some_wait = node != NULL;
		/* One that came back meanwhile may have seen nobody wait. */
	} while (net->some_wait && net->ends != ends);
}

static bool more_follow(const struct host_message *message)
{
	const struct host_message *next = channel_next();

	return next && next->kind == message->kind && next->object == message->object;
}

void net_send_message(struct object *object, const struct host_message *message)
{
	struct ddk_net *net = (struct ddk_net *)object;
	struct net_frame *frame = &frames[message->slot];
	bool last = message->arguments[1] >> 32 & 1;

	if (frame->taken)
		kit_fail("a frame in a slot that has one");
	frame->taken = true;
	frame->frame = (struct ddk_net_frame){
		.device_address = message->arguments[0],
		.length = (uint32_t)message->arguments[1],
		.number = (uint32_t)message->arguments[2],
	};
	if (list_empty(&net->waiting) && send(net, frame, last || !more_follow(message)))
		return;
	list_push_back(&net->waiting, &frame->node);
	if (list_first(&net->waiting) == &frame->node)
		send_waiting(net);
}

static void retry_net(struct object *object)
{
	struct ddk_net *net = (struct ddk_net *)object;

	if (atomic_exchange(&net->retry, false))
		send_waiting(net);
}

void nets_retry(void)
{
	if (atomic_exchange(&some_retry, false))
		object_visit(OBJECT_NET, retry_net);
}

/* --- What may sleep -------------------------------------------------------------------------- */

static void handle_open(struct object *object, const struct host_message *message)
{
	struct ddk_net *net = (struct ddk_net *)object;

	channel_reply(message->slot, net->ops.open(net), 0);
}

void net_open_message(struct object *object, const struct host_message *message)
{
	object_defer(object, message, handle_open);
}

static void handle_close(struct object *object, const struct host_message *message)
{
	struct ddk_net *net = (struct ddk_net *)object;

	net->ops.close(net);
	channel_reply(message->slot, 0, 0);
}

void net_close_message(struct object *object, const struct host_message *message)
{
	object_defer(object, message, handle_close);
}

static void handle_filter(struct object *object, const struct host_message *message)
{
	struct ddk_net *net = (struct ddk_net *)object;

	if (net->ops.set_filter)
		net->ops.set_filter(net, (unsigned)message->arguments[0]);
	channel_reply(message->slot, 0, 0);
}

void net_filter_message(struct object *object, const struct host_message *message)
{
	object_defer(object, message, handle_filter);
}

/* --- The driver's calls ---------------------------------------------------------------------- */

int ddk_net_create_sized(struct device *device, const struct ddk_net_description *description,
			 size_t description_size, const struct ddk_net_ops *ops, size_t ops_size,
			 void *context, struct ddk_net **made)
{
	struct ddk_net_description own = { 0 };
	struct ddk_net *net = ddk_allocate(sizeof(*net));
	unsigned operations;
	int error;

	(void)device;
	if (!net)
		return -ENOMEM;
	memcpy(&own, description, min_size(description_size, sizeof(own)));
	memcpy(&net->ops, ops, min_size(ops_size, sizeof(net->ops)));
	net->context = context;
	list_init(&net->waiting);
	operations = net->ops.set_filter ? HOST_NET_HAS_FILTER : 0;
	*made = net;
	object_begin(&net->object, OBJECT_NET);
	error = object_made(&net->object,
			    waiting_call(HOST_NET_CREATE, address_of(&own), operations, 0, 0));
	if (error)
		ddk_free(net);
	return error;
}

void ddk_net_remove(struct ddk_net *net)
{
	(void)waiting_call(HOST_NET_REMOVE, net->object.number, 0, 0, 0);
	object_remove(&net->object);
	ddk_free(net);
}

void *ddk_net_context(const struct ddk_net *net)
{
	return net->context;
}

void ddk_net_suspend(struct ddk_net *net)
{
	(void)waiting_call(HOST_NET_SUSPEND, net->object.number, 0, 0, 0);
}

void ddk_net_resume(struct ddk_net *net)
{
	(void)waiting_call(HOST_NET_RESUME, net->object.number, 0, 0, 0);
}

void ddk_net_set_link(struct ddk_net *net, const struct ddk_net_link *link)
{
	(void)kernel_call2(HOST_NET_LINK, net->object.number, address_of(link));
}

void ddk_net_received(struct ddk_net *net, const void *frame, size_t length)
{
	(void)kernel_call3(HOST_NET_RECEIVED, net->object.number, address_of(frame), length);
}

void ddk_net_dropped(struct ddk_net *net, uint32_t count, bool damaged)
{
	(void)kernel_call3(HOST_NET_DROPPED, net->object.number, count, damaged);
}
