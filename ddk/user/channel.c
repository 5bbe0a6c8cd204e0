/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The channel: the kernel's messages, in the order in which they came, and replies. What lies in it is the kernel's word, and is
 * checked only as far as keeps mistakes from spreading.
 */
#include "object.h"

static struct {
	/* Immutable. */
	struct host_channel *shared;
	/* The event thread's. */
	uint32_t head;
	/* Under the lock. */
	_Atomic uint32_t lock;
	uint32_t tail;
} channel;

void channel_start(void)
{
	if (kernel_call1(HOST_CHANNEL, address_of(&channel.shared)))
		kit_fail("there is no channel");
}

void *channel_slot(unsigned slot)
{
	return channel.shared->slots[slot];
}

void channel_reply(unsigned slot, int error, uint64_t result)
{
	struct host_channel *shared = channel.shared;

	word_acquire(&channel.lock);
	shared->replies[channel.tail % HOST_RING] =
		(struct host_reply){ .slot = (uint16_t)slot, .error = error, .result = result };
	atomic_store_explicit(&shared->reply_tail, ++channel.tail, memory_order_release);
	word_release(&channel.lock);
	/* The event thread's are taken when it waits. */
	if (thread_role() != THREAD_EVENTS)
		(void)kernel_call0(HOST_REPLY);
}

void events_wake(void)
{
	if (thread_role() != THREAD_EVENTS)
		(void)kernel_call0(HOST_WAKE);
}

/* --- Messages -------------------------------------------------------------------------------- */

static const struct {
	enum object_kind kind;
	message_handler *handle;
} handlers[] = {
	[HOST_MESSAGE_DISK_SUBMIT] = { OBJECT_DISK, disk_submit_message },
	[HOST_MESSAGE_DISK_TIMED_OUT] = { OBJECT_DISK, disk_timed_out_message },
	[HOST_MESSAGE_DISK_HEALTH] = { OBJECT_DISK, disk_health_message },
	[HOST_MESSAGE_DISPLAY_FLUSH] = { OBJECT_DISPLAY, display_flush_message },
	[HOST_MESSAGE_DISPLAY_MODE] = { OBJECT_DISPLAY, display_mode_message },
	[HOST_MESSAGE_INPUT_LEDS] = { OBJECT_INPUT, input_leds_message },
	[HOST_MESSAGE_NET_OPEN] = { OBJECT_NET, net_open_message },
	[HOST_MESSAGE_NET_CLOSE] = { OBJECT_NET, net_close_message },
	[HOST_MESSAGE_NET_FILTER] = { OBJECT_NET, net_filter_message },
	[HOST_MESSAGE_NET_SEND] = { OBJECT_NET, net_send_message },
	[HOST_MESSAGE_STREAM] = { OBJECT_STREAM, stream_message },
	[HOST_MESSAGE_SERIAL_SEND] = { OBJECT_SERIAL, serial_send_message },
};

static void handle_of_object(const struct host_message *message)
{
	struct object *object;

	if (message->kind >= array_length(handlers) || !handlers[message->kind].handle) {
		channel_reply(message->slot, -EOPNOTSUPP, 0);
		return;
	}
	object = object_get(handlers[message->kind].kind, message->object);
	if (!object) {
		channel_reply(message->slot, -ENODEV, 0);
		return;
	}
	handlers[message->kind].handle(object, message);
	object_put(object);
}

static void handle(const struct host_message *message)
{
	switch (message->kind) {
	case HOST_MESSAGE_PROBE:
	case HOST_MESSAGE_REMOVE:
	case HOST_MESSAGE_SUSPEND:
	case HOST_MESSAGE_RESUME:
		driver_handle(message);
		break;
	case HOST_MESSAGE_PING:
		if (message->arguments[0] == 0)
			channel_reply(message->slot, 0, 0);
		else
			wait_answer_ping(message->slot);
		break;
	default:
		handle_of_object(message);
	}
}

const struct host_message *channel_next(void)
{
	struct host_channel *shared = channel.shared;

	if (channel.head == atomic_load_explicit(&shared->message_tail, memory_order_acquire))
		return NULL;
	return &shared->messages[channel.head % HOST_RING];
}

void channel_take_messages(void)
{
	struct host_channel *shared = channel.shared;
	const struct host_message *next;

	while ((next = channel_next()) != NULL) {
		struct host_message message = *next;

		atomic_store_explicit(&shared->message_head, ++channel.head, memory_order_release);
		if (message.slot >= HOST_SLOTS)
			kit_fail("a message in slot %u", message.slot);
		handle(&message);
	}
}
