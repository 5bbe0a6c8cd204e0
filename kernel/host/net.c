/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Network interfaces of hosts: drivers to the network class that pass each frame on as a message, without a copy: the host's device
 * reads it where it lies. What is received is copied once, out of the host's memory.
 *
 * What a host says is checked. Frames that it had when it ended are sent by the next one; it may not keep any when its
 * interface is switched off.
 */
#include "class.h"

#include <base/errno.h>
#include <base/string.h>
#include <dev/device.h>
#include <mm/phys/slab.h>
#include <mm/vm/user.h>
#include <net/interface.h>
#include <time/clock.h>

/* Switching a controller on may take a reset, or several. */
#define SWITCH_PATIENCE (30 * NS_PER_SECOND)
#define FRAME_MAX       (DDK_NET_MTU_MAX + DDK_NET_HEADER_LENGTH + 4)
#define MEGABITS_MAX    1000000u
/* Changes of a link are lines in the log: more than that in a second is no cable. */
#define LINK_CHANGES_MAX 20u

struct frame_request {
	struct host_request message;
	struct host_net *net;
	struct ddk_net_frame *frame; /* the host has it */
};

struct host_net {
	struct host_class class;
	struct ddk_net *_Atomic net;    /* NULL: it is being made */
	struct frame_request *requests; /* by number; immutable, and the next */
	uint32_t queue_length;
	_Atomic unsigned pending; /* of those */
	_Atomic bool starved;     /* a frame found no slot */
	struct wait_queue emptied;
	/* The second in which links changed last, and how often then. Threads of the host alone come to blame by racing here. */
	_Atomic uint64_t link_second;
	_Atomic unsigned link_changes;
};

static struct host_net *net_of_object(struct host_object *object)
{
	return container_of(object, struct host_net, class.object);
}

static struct host *host_of(const struct host_net *net)
{
	return net->class.object.host;
}

static struct ddk_net *handle_of(struct host_net *net)
{
	return atomic_load(&net->net);
}

/* --- Frames ---------------------------------------------------------------------------------- */

static void replied(struct host_request *message, int error, uint64_t result)
{
	struct frame_request *request = container_of(message, struct frame_request, message);
	struct host_net *net = request->net;

	if (error != -EOWNERDEAD && (result != 0 || error > 0 || error < -ESTALE)) {
		host_condemn(host_of(net), "gives a frame back with error %d, result %lu", -error,
			     (unsigned long)result);
		error = -EOWNERDEAD;
	}
	ddk_net_sent(handle_of(net), request->frame, error == -EOWNERDEAD ? -EAGAIN : error);
	/* The interface may go from here on. */
	if (atomic_fetch_sub(&net->pending, 1) == 1)
		wait_wake_all(&net->emptied);
}

static int try_send(struct host_net *net, struct frame_request *request,
		    const struct host_message *message, bool last)
{
	int error;

	atomic_fetch_add(&net->pending, 1);
	error = host_send(host_of(net), &request->message, message, NULL, 0, last);
	if (error)
		atomic_fetch_sub(&net->pending, 1);
	return error;
}

static int send(struct ddk_net *handle, struct ddk_net_frame *frame, bool last)
{
	struct host_net *net = ddk_net_context(handle);
	struct frame_request *request = &net->requests[frame->number];
	const struct host_message message = {
		.kind = HOST_MESSAGE_NET_SEND,
		.object = net->class.object.number,
		.arguments = { frame->device_address, frame->length | (uint64_t)last << 32,
			       frame->number },
	};
	int error;

	request->message.done = replied;
	request->net = net;
	request->frame = frame;
	error = try_send(net, request, &message, last);
	if (error == -EAGAIN) {
		net->starved = true;
		/* A slot may have become free before that. */
		error = try_send(net, request, &message, last);
	}
	return error ? -EAGAIN : 0; /* of one that has ended, the next one takes it */
}

static void slots_freed(struct host_object *object)
{
	struct host_net *net = net_of_object(object);

	if (!atomic_exchange(&net->starved, false) || !host_class_enter(&net->class))
		return;
	if (handle_of(net))
		ddk_net_ready(handle_of(net));
	host_class_leave(&net->class);
}

/* Until the host has no frame: it has ended, or given all back. */
static void wait_until_empty(struct host_net *net)
{
	struct waiter waiter;

	wait_begin(&net->emptied, &waiter);
	while (atomic_load(&net->pending) > 0)
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
}

/* --- The switch ------------------------------------------------------------------------------ */

static int ask(struct host_net *net, enum host_message_kind kind, uint64_t argument)
{
	const struct host_message message = {
		.kind = (uint16_t)kind,
		.object = net->class.object.number,
		.arguments = { argument },
	};
	int error = host_ask(host_of(net), &message, NULL, 0, NULL, 0, NULL, SWITCH_PATIENCE);

	/* It is told to programs. */
	return error > 0 || error < -ESTALE ? -EIO : error;
}

static int open(struct ddk_net *handle)
{
	struct host_net *net = ddk_net_context(handle);

	atomic_store(&net->net,
		     handle); /* the host may call before its making of it has returned */
	return ask(net, HOST_MESSAGE_NET_OPEN, 0);
}

static void close(struct ddk_net *handle)
{
	struct host_net *net = ddk_net_context(handle);

	if (ask(net, HOST_MESSAGE_NET_CLOSE, 0) == 0 && atomic_load(&net->pending) > 0)
		host_condemn(host_of(net), "keeps frames of an interface that is off");
	wait_until_empty(net);
}

static void set_filter(struct ddk_net *handle, unsigned filter)
{
	(void)ask(ddk_net_context(handle), HOST_MESSAGE_NET_FILTER, filter);
}

static const struct ddk_net_ops with_filter = {
	.open = open,
	.close = close,
	.send = send,
	.set_filter = set_filter,
};

static const struct ddk_net_ops without_filter = {
	.open = open,
	.close = close,
	.send = send,
};

/* --- Coming and going ------------------------------------------------------------------------ */

static void release(struct host_object *object)
{
	struct host_net *net = net_of_object(object);

	kfree(net->requests);
	kfree(net);
}

static void remove(struct host_object *object)
{
	struct host_net *net = net_of_object(object);

	if (!host_class_close(&net->class))
		return;
	ddk_net_remove(handle_of(net));
	host_object_remove(object);
}

static struct host_net *make_net(uint32_t queue_length)
{
	struct host_net *net = kzalloc(sizeof(*net));

	if (!net)
		return NULL;
	net->requests = kcalloc(queue_length, sizeof(*net->requests));
	if (!net->requests) {
		kfree(net);
		return NULL;
	}
	net->queue_length = queue_length;
	wait_queue_init(&net->emptied, "frames of a driver host");
	net->class.object.kind = HOST_OBJECT_NET;
	net->class.object.ended = remove;
	net->class.object.slots_freed = slots_freed;
	net->class.object.release = release;
	return net;
}

static int connect(struct host_net *net, const struct ddk_net_description *description,
		   uint64_t operations)
{
	struct ddk_net *handle;
	int error = ddk_net_create(
		host_device(host_of(net)), description,
		operations & HOST_NET_HAS_FILTER ? &with_filter : &without_filter, net, &handle);

	if (!error)
		atomic_store(&net->net, handle);
	return error;
}

static long create(struct host *host, uint64_t address, uint64_t operations)
{
	struct ddk_net_description description;
	struct host_net *net;
	int error;

	if (copy_from_user(&description, user_in(address, sizeof(description))))
		return -EFAULT;
	if (description.queue_length == 0 || description.queue_length > DDK_NET_QUEUE_MAX ||
	    description.mtu_max > DDK_NET_MTU_MAX) {
		host_condemn(host, "claims that an interface has %u frames of %u bytes",
			     description.queue_length, description.mtu_max);
		return -EINVAL;
	}
	net = make_net(description.queue_length);
	if (!net)
		return -ENOMEM;
	error = host_class_add(host, &net->class);
	if (error) {
		release(&net->class.object);
		return error;
	}
	/* It may be switched on, and the host tell of its link, before this is through. */
	host_class_open(&net->class);
	error = connect(net, &description, operations);
	if (!error)
		return net->class.object.number;
	if (host_class_close(&net->class))
		host_object_remove(&net->class.object);
	return error;
}

/* --- Calls on an interface ------------------------------------------------------------------- */

static bool changes_too_often(struct host_net *net)
{
	uint64_t second = clock_monotonic_ns() / NS_PER_SECOND;

	if (atomic_exchange(&net->link_second, second) != second)
		atomic_store(&net->link_changes, 0);
	return atomic_fetch_add(&net->link_changes, 1) >= LINK_CHANGES_MAX;
}

static long set_link(struct host_net *net, uint64_t address)
{
	uint8_t bytes[sizeof(struct ddk_net_link)];
	struct ddk_net_link link;

	if (copy_from_user(bytes, user_in(address, sizeof(bytes))))
		return -EFAULT;
	bytes[offsetof(struct ddk_net_link, up)] = bytes[offsetof(struct ddk_net_link, up)] != 0;
	memcpy(&link, bytes, sizeof(link));
	if (link.megabits > MEGABITS_MAX)
		link.megabits = 0;
	if ((unsigned)link.duplex > DDK_NET_FULL_DUPLEX)
		link.duplex = DDK_NET_DUPLEX_UNKNOWN;
	if (changes_too_often(net)) {
		host_condemn(host_of(net), "changes the state of a link without end");
		return -EINVAL;
	}
	ddk_net_set_link(handle_of(net), &link);
	return 0;
}

static long receive(struct host_net *net, uint64_t address, uint64_t length)
{
	struct net_packet *packet;

	if (length > FRAME_MAX) {
		host_condemn(host_of(net), "received a frame of %lu bytes", (unsigned long)length);
		return -EINVAL;
	}
	packet = net_packet_create(handle_of(net), length);
	if (!packet)
		return 0; /* it is counted */
	if (copy_from_user(net_packet_bytes(packet), user_in(address, length))) {
		net_packet_put(packet);
		return -EFAULT;
	}
	net_interface_receive(handle_of(net), packet);
	return 0;
}

/* Only when the device is about to sleep: programs wait meanwhile. */
static long suspend(struct host_net *net)
{
	if (host_device(host_of(net))->sleep == DEVICE_SLEEP_NONE) {
		host_condemn(host_of(net), "stops an interface while the machine is awake");
		return -EINVAL;
	}
	ddk_net_suspend(handle_of(net));
	return 0;
}

static long call_net(struct host_net *net, unsigned call, const uint64_t arguments[6])
{
	switch (call) {
	case HOST_NET_SUSPEND:
		return suspend(net);
	case HOST_NET_RESUME:
		ddk_net_resume(handle_of(net));
		return 0;
	case HOST_NET_LINK:
		return set_link(net, arguments[1]);
	case HOST_NET_RECEIVED:
		return receive(net, arguments[1], arguments[2]);
	case HOST_NET_DROPPED:
		ddk_net_dropped(handle_of(net), (uint32_t)arguments[1], arguments[2] != 0);
		return 0;
	case HOST_NET_READY:
		ddk_net_ready(handle_of(net));
		return 0;
	default:
		host_condemn(host_of(net), "calls what there is not: %#x", call);
		return -ENOSYS;
	}
}

long host_net_call(struct host *host, unsigned call, const uint64_t arguments[6])
{
	struct host_class *class;
	struct host_net *net;
	long result = -ENOENT;

	if (call == HOST_NET_CREATE)
		return create(host, arguments[0], arguments[1]);
	if (call == HOST_NET_REMOVE)
		return host_class_remove(host, arguments[0], HOST_OBJECT_NET, remove);
	class = host_class_begin(host, arguments[0], HOST_OBJECT_NET);
	if (!class)
		return -ENOENT;
	net = container_of(class, struct host_net, class);
	if (handle_of(net))
		result = call_net(net, call, arguments);
	host_class_end(class);
	return result;
}
