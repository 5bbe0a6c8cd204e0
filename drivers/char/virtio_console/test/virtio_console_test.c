/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole driver, with a host at the other end that behaves, and with hosts that do not. */
#include "../../../virtio/test/model.h"

/* For its probe and remove. */
#include "../virtio_console.c"

#include <base/string.h>
#include <unit.h>

#include <string.h>

#define PORTS       4
#define QUEUE_COUNT (2 * PORTS + 2)
#define QUEUE_SIZE  128

static struct virtio_model model;

/* What the host has of each port, and how it behaves. */
static struct {
	const char *names[PORTS]; /* NULL: no such port; "": without a name */
	bool open_here[PORTS];    /* the host's side is connected */
	bool open_there[PORTS];   /* the guest's, as it says */
	bool deaf;                /* takes no control messages */
	char data[PORTS][64];     /* received from the guest */
	size_t lengths[PORTS];
	bool holds_data; /* does not give back what it received */
} host;

static unsigned in_queue(unsigned port)
{
	return port == 0 ? 0 : 2 * port + 2;
}

/* Sends `length` bytes into the queue, as they are; false if there is no buffer. */
static bool host_send(unsigned queue, const void *bytes, size_t length)
{
	struct model_request request;

	if (!virtio_model_take(&model, queue, &request))
		return false;
	EXPECT(request.writable && length <= request.length);
	memcpy(mock_dma(request.address, length), bytes, length);
	virtio_model_put(&model, queue, request.id, (uint32_t)length);
	return true;
}

static void host_control(unsigned port, unsigned event, unsigned value, const char *text)
{
	char bytes[CONTROL_BUFFER_SIZE];
	struct control_message message = { port, (uint16_t)event, (uint16_t)value };

	memcpy(bytes, &message, sizeof(message));
	memcpy(bytes + sizeof(message), text, strlen(text));
	EXPECT(host_send(CONTROL_IN, bytes, sizeof(message) + strlen(text)));
}

static void host_handle(const struct control_message *message)
{
	unsigned port = message->port;

	EXPECT(port < PORTS);
	switch (message->event) {
	case CONTROL_DEVICE_READY:
		for (unsigned i = 0; i < PORTS; i++)
			if (host.names[i])
				host_control(i, CONTROL_PORT_ADD, 1, "");
		break;
	case CONTROL_PORT_READY:
		if (host.names[port][0])
			host_control(port, CONTROL_PORT_NAME, 1, host.names[port]);
		if (host.open_here[port])
			host_control(port, CONTROL_PORT_OPEN, 1, "");
		break;
	case CONTROL_PORT_OPEN:
		host.open_there[port] = message->value;
		break;
	default:
		unit_fail(__FILE__, __LINE__, "event %u", message->event);
	}
}

static void host_kick(struct virtio_model *own, unsigned queue)
{
	struct model_request request;

	if (queue == CONTROL_OUT) {
		while (!host.deaf && virtio_model_take(own, queue, &request)) {
			EXPECT_EQUAL(request.length, sizeof(struct control_message));
			host_handle(mock_dma(request.address, request.length));
			virtio_model_put(own, queue, request.id, 0);
		}
		return;
	}
	for (unsigned port = 0; port < PORTS; port++) {
		if (queue != in_queue(port) + 1)
			continue;
		while (!host.holds_data && virtio_model_take(own, queue, &request)) {
			EXPECT(host.lengths[port] + request.length <= sizeof(host.data[port]));
			memcpy(host.data[port] + host.lengths[port],
			       mock_dma(request.address, request.length), request.length);
			host.lengths[port] += request.length;
			virtio_model_put(own, queue, request.id, 0);
		}
	}
}

/* A host with ports 1 ("one", connected) and 2 (no name, not connected). */
static void prepare(void)
{
	memset(&host, 0, sizeof(host));
	virtio_model_init(&model, QUEUE_COUNT, QUEUE_SIZE);
	model.features |= FEATURE_MULTIPORT;
	model.config[CONFIG_PORT_COUNT] = PORTS;
	model.kick = host_kick;
	host.names[1] = "one";
	host.open_here[1] = true;
	host.names[2] = "";
}

static void finish(void)
{
	remove(&model.device);
	mock_finish();
}

static struct ddk_stream *stream_of(unsigned port)
{
	struct list_node *node;

	list_for_each (node, &mock_streams) {
		struct ddk_stream *stream = container_of(node, struct ddk_stream, node);

		if (((struct port *)stream->context)->id == port)
			return stream;
	}
	return NULL;
}

static struct ddk_stream_buffer *take_received(struct ddk_stream *stream)
{
	struct list_node *node = list_pop_front(&stream->received);

	return node ? container_of(node, struct ddk_stream_buffer, node) : NULL;
}

static int send_text(struct ddk_stream *stream, const char *text)
{
	memcpy(stream->buffer.dma.memory, text, strlen(text));
	stream->buffer.length = strlen(text);
	stream->sending = true;
	return stream->ops->send(stream, &stream->buffer);
}

UNIT_TEST(virtio_console, learns_its_ports)
{
	prepare();
	EXPECT_EQUAL(probe(&model.device), 0);
	EXPECT_STRING(stream_of(1)->name, "virtio-ports/one");
	EXPECT(stream_of(1)->connected);
	EXPECT(string_starts_with(stream_of(2)->name, "vport"));
	EXPECT(!stream_of(2)->connected);
	EXPECT(!stream_of(0) && !stream_of(3));
	EXPECT_EQUAL(stream_of(1)->ops->open(stream_of(1)), 0);
	EXPECT(host.open_there[1]);
	stream_of(1)->ops->close(stream_of(1));
	EXPECT(!host.open_there[1]);
	host_control(2, CONTROL_PORT_OPEN, 1, "");
	mock_run();
	EXPECT(stream_of(2)->connected);
	finish();
}

UNIT_TEST(virtio_console, moves_data)
{
	struct ddk_stream *stream;

	prepare();
	EXPECT_EQUAL(probe(&model.device), 0);
	stream = stream_of(1);
	EXPECT_EQUAL(send_text(stream, "hello"), 0);
	mock_run();
	EXPECT(!stream->sending);
	EXPECT_BYTES(host.data[1], "hello", 5);
	for (unsigned round = 0; round < 200; round++) {
		struct ddk_stream_buffer *buffer;

		EXPECT(host_send(in_queue(1), &round, sizeof(round)));
		mock_run();
		buffer = take_received(stream);
		EXPECT(buffer != NULL);
		EXPECT_EQUAL(buffer->length, sizeof(round));
		EXPECT_BYTES(buffer->dma.memory, &round, sizeof(round));
		stream->ops->recycle(stream, buffer);
	}
	finish();
}

UNIT_TEST(virtio_console, ends_behind_the_data)
{
	unsigned count = 0;

	prepare();
	EXPECT_EQUAL(probe(&model.device), 0);
	for (unsigned i = 0; i < PORT_BUFFER_COUNT; i++)
		EXPECT(host_send(in_queue(1), "x", 1));
	EXPECT(!host_send(in_queue(1), "x", 1));
	/* The control work may run before the port's interrupt. */
	model.device.raised[INTERRUPT] = false;
	host_control(1, CONTROL_PORT_OPEN, 0, "");
	mock_run();
	EXPECT(!stream_of(1)->connected);
	while (take_received(stream_of(1)))
		count++;
	EXPECT_EQUAL(count, PORT_BUFFER_COUNT);
	finish();
}

UNIT_TEST(virtio_console, ports_come_and_go)
{
	prepare();
	EXPECT_EQUAL(probe(&model.device), 0);
	EXPECT(host_send(in_queue(1), "unread", 6));
	mock_run();
	for (int i = 0; i < 100; i++) {
		host_control(1, CONTROL_PORT_REMOVE, 1, "");
		mock_run();
		EXPECT(!stream_of(1));
		host_control(1, CONTROL_PORT_ADD, 1, "");
		mock_run();
		EXPECT_STRING(stream_of(1)->name, "virtio-ports/one");
		EXPECT(host_send(in_queue(1), "more", 4));
		mock_run();
		EXPECT(!list_empty(&stream_of(1)->received));
	}
	finish();
}

UNIT_TEST(virtio_console, removal_while_sending)
{
	prepare();
	EXPECT_EQUAL(probe(&model.device), 0);
	host.holds_data = true;
	EXPECT_EQUAL(send_text(stream_of(1), "kept"), 0);
	/* The host never gives it back: the stream stays, not connected. */
	host_control(1, CONTROL_PORT_REMOVE, 1, "");
	mock_run();
	EXPECT(stream_of(1) && stream_of(1)->sending && !stream_of(1)->connected);
	host_control(1, CONTROL_PORT_ADD, 1, "");
	mock_run();
	EXPECT(stream_of(1)->connected);
	finish();
}

UNIT_TEST(virtio_console, odd_messages)
{
	static const char *const names[] = { "../etc", "a/b", "",
					     "a name that is longer than what we have room for" };

	prepare();
	EXPECT_EQUAL(probe(&model.device), 0);
	host_control(PORTS, CONTROL_PORT_ADD, 1, "");
	host_control(UINT32_MAX, CONTROL_PORT_OPEN, 1, "");
	host_control(1, 999, 1, "text");
	host_control(3, CONTROL_PORT_OPEN, 1, ""); /* never added */
	host_control(3, CONTROL_PORT_REMOVE, 1, "");
	host_control(1, CONTROL_PORT_ADD, 1, "");
	EXPECT(host_send(CONTROL_IN, "short", 5));
	EXPECT(host_send(CONTROL_IN, "", 0));
	mock_run();
	EXPECT(stream_of(1) && !stream_of(3));
	for (size_t i = 0; i < array_length(names); i++) {
		host.names[1] = names[i];
		host_control(1, CONTROL_PORT_REMOVE, 1, "");
		host_control(1, CONTROL_PORT_ADD, 1, "");
		mock_run();
		EXPECT(string_starts_with(stream_of(1)->name, "vport"));
	}
	finish();
}

UNIT_TEST(virtio_console, broken_queues)
{
	prepare();
	EXPECT_EQUAL(probe(&model.device), 0);
	host.holds_data = true;
	EXPECT_EQUAL(send_text(stream_of(1), "lost"), 0);
	virtio_model_put(&model, in_queue(1), 12345, 1);
	mock_run();
	EXPECT(!stream_of(1)->connected);
	EXPECT(!stream_of(1)->sending);
	EXPECT_EQUAL(send_text(stream_of(2), "other"), 0);
	virtio_model_put(&model, CONTROL_IN, 12345, 1);
	virtio_model_put(&model, CONTROL_OUT, 12345, 1);
	mock_run();
	EXPECT(stream_of(1)->ops->open(stream_of(1)) < 0);
	finish();
}

/* Without power: nobody is told that it has been off. */
static void lose_power(void)
{
	EXPECT(model.status == 0 && !model.device.bus_master);
	memset(model.queues, 0, sizeof(model.queues));
	memset(host.open_there, 0, sizeof(host.open_there));
}

UNIT_TEST(virtio_console, sleeps_and_wakes)
{
	struct ddk_stream *stream, *other;
	struct ddk_stream_buffer *kept;

	prepare();
	EXPECT_EQUAL(probe(&model.device), 0);
	stream = stream_of(1);
	other = stream_of(2);
	EXPECT_EQUAL(stream->ops->open(stream), 0);
	for (unsigned round = 0; round < 100; round++) {
		/* Received and not yet read, and sent and not yet taken. */
		EXPECT(host_send(in_queue(1), &round, sizeof(round)));
		mock_run();
		kept = take_received(stream);
		host.holds_data = true;
		host.lengths[1] = 0;
		EXPECT_EQUAL(send_text(stream, "hello"), 0);
		EXPECT_EQUAL(console_suspend(&model.device), 0);
		EXPECT(stream->sending && stream->connected);
		if (round & 1)
			stream->ops->recycle(stream, kept);
		EXPECT_EQUAL(other->ops->open(other), 0);
		lose_power();
		host.holds_data = false;
		EXPECT_EQUAL(console_resume(&model.device), 0);
		mock_run();
		EXPECT(!stream->sending && stream->connected);
		EXPECT_EQUAL(host.lengths[1], 5);
		EXPECT_BYTES(host.data[1], "hello", 5);
		EXPECT(host.open_there[1] && host.open_there[2] && stream_of(1) == stream);
		if (!(round & 1))
			stream->ops->recycle(stream, kept);
		other->ops->close(other);
		EXPECT(!host.open_there[2]);
	}
	/* All buffers are there. */
	for (unsigned i = 0; i < PORT_BUFFER_COUNT; i++)
		EXPECT(host_send(in_queue(1), "x", 1));
	mock_run();
	while (take_received(stream))
		;
	finish();
}

UNIT_TEST(virtio_console, ports_change_during_sleep)
{
	prepare();
	EXPECT_EQUAL(probe(&model.device), 0);
	EXPECT_EQUAL(console_suspend(&model.device), 0);
	lose_power();
	host.names[1] = NULL;
	host.names[3] = "three";
	host.open_here[3] = true;
	EXPECT_EQUAL(console_resume(&model.device), 0);
	mock_run();
	EXPECT(!stream_of(1) && stream_of(2) && stream_of(3)->connected);
	EXPECT_EQUAL(console_suspend(&model.device), 0);
	lose_power();
	host.open_here[3] = false;
	EXPECT_EQUAL(console_resume(&model.device), 0);
	mock_run();
	EXPECT(!stream_of(3)->connected);
	/* It does not wake. */
	EXPECT_EQUAL(console_suspend(&model.device), 0);
	model.features = 0;
	EXPECT_EQUAL(console_resume(&model.device), -ENODEV);
	finish();
}

UNIT_TEST(virtio_console, one_port_sleeps_and_wakes)
{
	prepare();
	model.features = VIRTIO_FEATURE_VERSION_1;
	model.queue_count = 2;
	EXPECT_EQUAL(probe(&model.device), 0);
	EXPECT_EQUAL(console_suspend(&model.device), 0);
	lose_power();
	EXPECT_EQUAL(send_text(stream_of(0), "text"), 0);
	EXPECT_EQUAL(console_resume(&model.device), 0);
	mock_run();
	EXPECT(stream_of(0)->connected && !stream_of(0)->sending);
	EXPECT_BYTES(host.data[0], "text", 4);
	finish();
}

UNIT_TEST(virtio_console, deaf_host)
{
	prepare();
	host.deaf = true;
	EXPECT_EQUAL(probe(&model.device), -ETIMEDOUT);
	mock_finish();
}

UNIT_TEST(virtio_console, without_many_ports)
{
	prepare();
	model.features = VIRTIO_FEATURE_VERSION_1;
	model.queue_count = 2;
	EXPECT_EQUAL(probe(&model.device), 0);
	EXPECT(stream_of(0) && stream_of(0)->connected);
	EXPECT_EQUAL(stream_of(0)->ops->open(stream_of(0)), 0);
	EXPECT_EQUAL(send_text(stream_of(0), "text"), 0);
	mock_run();
	EXPECT_BYTES(host.data[0], "text", 4);
	finish();
}

UNIT_TEST(virtio_console, few_queues)
{
	/* The device says that it has ports that it has no queues for. */
	prepare();
	memset(model.config, 0xff, sizeof(model.config));
	EXPECT_EQUAL(probe(&model.device), 0);
	EXPECT_EQUAL(((struct console *)model.device.state)->port_count, PORTS);
	finish();
	prepare();
	model.queue_count = 1;
	EXPECT_EQUAL(probe(&model.device), -ENODEV);
	mock_finish();
}

UNIT_TEST(virtio_console, runs_out_of_memory)
{
	int fail;

	for (fail = 0; fail < 1000; fail++) {
		int error;

		prepare();
		model.device.fail_after = fail;
		error = probe(&model.device);
		if (!error)
			remove(&model.device);
		mock_finish();
		if (model.device.fail_after >= 0)
			break;
	}
	EXPECT(fail > 20 && fail < 1000);
}

/* Anything that a host can write, at any time. */
static void misbehave(uint64_t *random)
{
	unsigned number = (unsigned)unit_random_below(random, QUEUE_COUNT);
	struct model_queue *queue = &model.queues[number];
	uint8_t *used = mock_dma(queue->used, 6 + 8 * (size_t)queue->size);
	struct control_message message = {
		.port = (uint32_t)unit_random_below(random, PORTS + 1),
		.event = (uint16_t)unit_random_below(random, 9),
		.value = (uint16_t)unit_random_below(random, 2),
	};
	struct model_request request;

	switch (unit_random_below(random, 16)) {
	case 0:
		used[unit_random_below(random, 6 + 8 * (size_t)queue->size)] =
			(uint8_t)unit_random(random);
		break;
	case 1:
		virtio_model_put(&model, number, (uint32_t)unit_random_below(random, 8),
				 (uint32_t)unit_random(random));
		break;
	default:
		if (message.event == CONTROL_PORT_READY ||
		    !virtio_model_take(&model, CONTROL_IN, &request))
			break;
		memcpy(mock_dma(request.address, sizeof(message)), &message, sizeof(message));
		virtio_model_put(&model, CONTROL_IN, request.id,
				 sizeof(message) + (uint32_t)unit_random_below(random, 40));
		break;
	}
	mock_raise(INTERRUPT);
}

UNIT_TEST(virtio_console, any_host)
{
	uint64_t random = 5;

	for (int round = 0; round < 300; round++) {
		prepare();
		host.names[0] = host.names[3] = "zero";
		EXPECT_EQUAL(probe(&model.device), 0);
		for (int step = 0; step < 100; step++) {
			unsigned port = (unsigned)unit_random_below(&random, PORTS);
			struct ddk_stream *stream = stream_of(port);
			struct ddk_stream_buffer *buffer;

			misbehave(&random);
			if (unit_random_below(&random, 2))
				mock_run();
			stream = stream_of(port);
			if (!stream)
				continue;
			if (!stream->sending && host.lengths[port] + 4 <= sizeof(host.data[0]) &&
			    send_text(stream, "data"))
				stream->sending = false;
			buffer = take_received(stream);
			if (buffer)
				stream->ops->recycle(stream, buffer);
		}
		finish();
	}
}
