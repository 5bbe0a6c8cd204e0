/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests of network interfaces, with a driver that does as it is told. */
#include "net_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/ktest.h>

#define CAPACITY 4
#define QUEUE    8

/* A driver that keeps frames until the test has them sent. */
static struct fake {
	struct ddk_net *net;
	struct ddk_net_frame *frames[QUEUE];
	unsigned count, capacity, opens, closes;
	unsigned last_filter;
	bool keeps, fails;
} fake;

static int fake_open(struct ddk_net *net)
{
	fake.opens++;
	fake.net = net;
	return fake.fails ? -EIO : 0;
}

static void fake_close(struct ddk_net *net)
{
	fake.closes++;
	while (fake.count > 0 && !fake.keeps)
		net_interface_sent(net, fake.frames[--fake.count], -EAGAIN);
	fake.count = 0;
}

static int fake_send(struct ddk_net *net, struct ddk_net_frame *frame, bool last)
{
	(void)net;
	(void)last;
	if (fake.count == fake.capacity)
		return -EAGAIN;
	fake.frames[fake.count++] = frame;
	return 0;
}

static void fake_filter(struct ddk_net *net, unsigned filter)
{
	(void)net;
	fake.last_filter = filter;
}

static const struct ddk_net_ops fake_ops = {
	.open = fake_open,
	.close = fake_close,
	.send = fake_send,
	.set_filter = fake_filter,
};

static const struct ddk_net_description fake_description = {
	.address = { 0x02, 0, 0, 0, 0, 1 },
	.mtu_max = 1500,
	.queue_length = QUEUE,
};

/* The oldest frame that the driver has: its number as the test gave it. */
static int finish_first(int error)
{
	struct ddk_net_frame *frame = fake.frames[0];
	struct net_slot *slot = container_of(frame, struct net_slot, frame);
	int number;

	if (fake.count == 0)
		return -1;
	number = ((const uint8_t *)slot->memory)[14];
	memmove(&fake.frames[0], &fake.frames[1], --fake.count * sizeof(fake.frames[0]));
	net_interface_sent(fake.net, frame, error);
	return number;
}

static ssize_t send_number(struct net_interface *interface, uint8_t number)
{
	uint8_t frame[60] = { [14] = number };
	struct io io;

	io_init_kernel(&io, frame, sizeof(frame));
	return net_interface_send(interface, &io, false);
}

/* With a reference to the device, the test's. */
static struct net_interface *start(struct device **device)
{
	struct ddk_net *net;

	fake = (struct fake){ .capacity = CAPACITY };
	*device = device_create(DRIVER_BUS_PLATFORM);
	if (!*device ||
	    net_interface_create(*device, &fake_description, &fake_ops, NULL, &net) != 0) {
		ktest_expect(!"memory");
		return NULL;
	}
	fake.net = net;
	net_interface_set_link(net, &(struct ddk_net_link){ .up = true });
	net_interface_hold(net_of(net));
	return net_of(net);
}

static void finish(struct net_interface *interface, struct device *device)
{
	net_interface_put(interface);
	device_put(device);
}

KTEST(net, sends_in_order)
{
	struct device *device;
	struct net_interface *interface = start(&device);
	int expected = 0;

	if (!interface)
		return;
	ktest_expect(send_number(interface, 0) == -ENETDOWN);
	ktest_expect(net_interface_switch(interface, true) == 0 && fake.opens == 1);
	for (uint8_t i = 0; i < QUEUE; i++)
		ktest_expect(send_number(interface, i) == 60);
	ktest_expect(send_number(interface, QUEUE) == -EAGAIN);
	ktest_expect(fake.count == CAPACITY);
	/* What comes back makes room for one that waits, and for one more. */
	for (; fake.count > 0; expected++)
		ktest_expect(finish_first(0) == expected);
	ktest_expect(expected == QUEUE && interface->statistics.sent == QUEUE);
	/* It takes none now, then it says that it does. */
	fake.capacity = 0;
	ktest_expect(send_number(interface, 9) == 60 && fake.count == 0);
	fake.capacity = 1;
	ktest_expect(send_number(interface, 10) == 60 && fake.count == 0);
	net_interface_ready(fake.net);
	ktest_expect(finish_first(-EIO) == 9 && finish_first(0) == 10);
	ktest_expect(interface->statistics.send_errors == 1);
	net_interface_remove(fake.net);
	ktest_expect(fake.closes == 1 && send_number(interface, 0) == -ENODEV);
	finish(interface, device);
}

KTEST(net, waits_for_the_link)
{
	struct device *device;
	struct net_interface *interface = start(&device);

	if (!interface)
		return;
	ktest_expect(net_interface_switch(interface, true) == 0);
	net_interface_set_link(fake.net, &(struct ddk_net_link){ .up = false });
	ktest_expect(send_number(interface, 1) == 60 && fake.count == 0);
	net_interface_set_link(fake.net, &(struct ddk_net_link){ .up = true });
	ktest_expect(finish_first(0) == 1);
	/* Off: what waits is given up. */
	ktest_expect(send_number(interface, 2) == 60);
	ktest_expect(net_interface_switch(interface, false) == 0 && fake.closes == 1);
	ktest_expect(interface->statistics.send_dropped == 1);
	fake.fails = true;
	ktest_expect(net_interface_switch(interface, true) == -EIO);
	ktest_expect(send_number(interface, 3) == -ENETDOWN);
	net_interface_remove(fake.net);
	finish(interface, device);
}

KTEST(net, sleeps_and_goes_on)
{
	struct device *device;
	struct net_interface *interface = start(&device);

	if (!interface)
		return;
	ktest_expect(net_interface_switch(interface, true) == 0);
	for (uint8_t i = 0; i < 3; i++)
		ktest_expect(send_number(interface, i) == 60);
	net_interface_suspend(fake.net);
	ktest_expect(fake.closes == 1 && fake.count == 0);
	ktest_expect(send_number(interface, 3) == 60 && fake.count == 0);
	net_interface_resume(fake.net);
	ktest_expect(fake.opens == 2);
	for (int i = 0; i < 4; i++)
		ktest_expect(finish_first(0) == i);
	/* A driver that keeps what it has to give back loses it. */
	fake.keeps = true;
	ktest_expect(send_number(interface, 4) == 60);
	net_interface_suspend(fake.net);
	ktest_expect(interface->with_driver == 0 && interface->statistics.send_errors == 1);
	net_interface_resume(fake.net);
	net_interface_remove(fake.net);
	finish(interface, device);
}

static void receive(size_t length)
{
	static const uint8_t frame[2048] = { 0xff };

	net_interface_received(fake.net, frame, length);
}

KTEST(net, checks_what_it_receives)
{
	static struct net_listener listener;
	struct net_packet *packet;
	struct device *device;
	struct net_interface *interface = start(&device);
	unsigned count = 0;
	bool gone;

	if (!interface)
		return;
	memset(&listener, 0, sizeof(listener));
	net_listen(interface, &listener);
	receive(60); /* it is off */
	ktest_expect(net_interface_switch(interface, true) == 0);
	receive(0);
	receive(DDK_NET_HEADER_LENGTH - 1);
	receive(1519);
	ktest_expect(interface->statistics.received_errors == 3);
	ktest_expect(!net_take_packet(&listener, &gone) && !gone);
	for (unsigned i = 0; i < NET_LISTENER_PACKETS + 5; i++)
		receive(60 + i % 1000);
	ktest_expect(interface->statistics.received_dropped == 5);
	for (; (packet = net_take_packet(&listener, &gone)) != NULL; count++) {
		ktest_expect(packet->length == 60 + count % 1000 && packet->bytes[0] == 0xff);
		net_packet_put(packet);
	}
	ktest_expect(count == NET_LISTENER_PACKETS);
	receive(60);
	net_interface_remove(fake.net);
	net_unlisten(&listener);
	finish(interface, device);
}

KTEST(net, stays_while_its_driver_is_exchanged)
{
	static struct net_listener listener;
	struct ddk_net_description other = fake_description;
	struct device *device;
	struct net_interface *interface = start(&device);
	struct ddk_net *net;
	bool gone;

	if (!interface)
		return;
	memset(&listener, 0, sizeof(listener));
	net_listen(interface, &listener);
	ktest_expect(net_interface_switch(interface, true) == 0);
	ktest_expect(net_interface_set_filter(interface, DDK_NET_ALL_GROUPS) == 0);
	for (uint8_t i = 0; i < 6; i++)
		ktest_expect(send_number(interface, i) == 60);
	ktest_expect(finish_first(0) == 0);
	device_handover_begin(device);
	net_interface_remove(fake.net);
	ktest_expect(fake.count == 0 && send_number(interface, 6) == 60);
	ktest_expect(!net_take_packet(&listener, &gone) && !gone);
	/* One with a shorter queue is not the same. */
	other.queue_length = QUEUE - 1;
	ktest_expect(net_interface_create(device, &other, &fake_ops, NULL, &net) == 0);
	ktest_expect(net_of(net) != interface);
	fake.opens = fake.last_filter = 0;
	ktest_expect(net_interface_create(device, &fake_description, &fake_ops, NULL, &fake.net) ==
		     0);
	ktest_expect(net_of(fake.net) == interface);
	ktest_expect(fake.opens == 1 && fake.last_filter == DDK_NET_ALL_GROUPS);
	device_handover_end(device);
	net_interface_remove(net);
	ktest_expect(fake.count == 0); /* its link is not up yet */
	net_interface_set_link(fake.net, &(struct ddk_net_link){ .up = true });
	for (int i = 1; i <= 6; i++)
		ktest_expect(finish_first(0) == i);
	receive(60);
	ktest_expect(net_has_packet(&listener));
	net_interface_remove(fake.net);
	net_unlisten(&listener);
	finish(interface, device);
}

KTEST(net, goes_when_no_driver_comes)
{
	struct device *device;
	struct net_interface *interface = start(&device);

	if (!interface)
		return;
	ktest_expect(net_interface_switch(interface, true) == 0);
	device_handover_begin(device);
	net_interface_remove(fake.net);
	ktest_expect(send_number(interface, 0) == 60);
	device_handover_end(device);
	ktest_expect(send_number(interface, 0) == -ENODEV);
	finish(interface, device);
}
