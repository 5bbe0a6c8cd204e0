/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net.h"
#include "mock_private.h"

#include <base/errno.h>
#include <ddk/memory.h>
#include <unit.h>

#include <stdlib.h>
#include <string.h>

static struct ddk_net *the_net;
void (*mock_net_received)(struct ddk_net *net, const uint8_t *frame, size_t length);

void mock_start_nets(void)
{
	the_net = NULL;
	mock_net_received = NULL;
}

void mock_finish_nets(void)
{
	EXPECT(!the_net);
}

struct ddk_net *mock_net(void)
{
	return the_net;
}

/* --- The driver's side ----------------------------------------------------------------------- */

static bool address_is_fit(const uint8_t *address)
{
	static const uint8_t none[DDK_NET_ADDRESS_LENGTH];

	return memcmp(address, none, sizeof(none)) != 0 && !(address[0] & 1);
}

int ddk_net_create_sized(struct device *device, const struct ddk_net_description *description,
			 size_t description_size, const struct ddk_net_ops *ops, size_t ops_size,
			 void *context, struct ddk_net **made)
{
	struct ddk_net *net;

	EXPECT(!mock_locks_held && !mock_mutexes_held && !the_net);
	EXPECT_EQUAL(description_size, sizeof(*description));
	EXPECT_EQUAL(ops_size, sizeof(*ops));
	EXPECT(ops->open && ops->close && ops->send);
	if (!address_is_fit(description->address) || description->mtu_max < 1500 ||
	    description->mtu_max > DDK_NET_MTU_MAX || description->queue_length == 0 ||
	    description->queue_length > DDK_NET_QUEUE_MAX)
		return -EINVAL;
	net = ddk_allocate(sizeof(*net));
	if (!net)
		return -ENOMEM;
	net->device = device;
	net->description = *description;
	net->ops = ops;
	net->context = context;
	net->frames = calloc(description->queue_length, sizeof(*net->frames));
	mock_dma_allocate((size_t)description->queue_length * MOCK_NET_FRAME_MAX, false,
			  &net->memory);
	for (uint32_t i = 0; i < description->queue_length; i++) {
		net->frames[i].frame.number = i;
		net->frames[i].frame.device_address =
			net->memory.device_address + (uint64_t)i * MOCK_NET_FRAME_MAX;
	}
	the_net = net;
	*made = net;
	return 0;
}

void ddk_net_remove(struct ddk_net *net)
{
	EXPECT(!mock_locks_held && !mock_mutexes_held && net == the_net);
	if (net->on && !net->suspended)
		mock_net_close(net);
	ddk_dma_free(&net->memory);
	free(net->frames);
	the_net = NULL;
	ddk_free(net);
}

void *ddk_net_context(const struct ddk_net *net)
{
	return net->context;
}

void ddk_net_suspend(struct ddk_net *net)
{
	bool on = net->on;

	EXPECT(!mock_locks_held && !net->suspended);
	if (on)
		mock_net_close(net);
	net->on = on;
	net->suspended = true;
}

void ddk_net_resume(struct ddk_net *net)
{
	EXPECT(!mock_locks_held && net->suspended);
	net->suspended = false;
	if (net->on && net->ops->open(net))
		net->on = false;
}

void ddk_net_set_link(struct ddk_net *net, const struct ddk_net_link *link)
{
	EXPECT(!mock_locks_held && net == the_net);
	net->links += link->up != net->link.up;
	net->link = *link;
}

void ddk_net_received(struct ddk_net *net, const void *frame, size_t length)
{
	EXPECT(net == the_net && length >= DDK_NET_HEADER_LENGTH);
	EXPECT(length <= sizeof(net->last));
	net->received++;
	net->last_length = length;
	memcpy(net->last, frame, length);
	if (mock_net_received)
		mock_net_received(net, net->last, length);
}

void ddk_net_dropped(struct ddk_net *net, uint32_t count, bool damaged)
{
	EXPECT(net == the_net && count > 0);
	if (damaged)
		net->damaged += count;
	else
		net->dropped += count;
}

void ddk_net_sent(struct ddk_net *net, struct ddk_net_frame *frame, int error)
{
	struct mock_net_frame *own = container_of(frame, struct mock_net_frame, frame);

	EXPECT(!mock_locks_held && net == the_net && own->busy);
	own->busy = false;
	net->with_driver--;
	if (error == 0)
		net->sent++;
	else if (error == -EAGAIN)
		net->returned++;
	else
		net->errors++;
}

void ddk_net_ready(struct ddk_net *net)
{
	EXPECT(!mock_locks_held && net == the_net);
	net->readies++;
}

/* --- The test's side ------------------------------------------------------------------------- */

int mock_net_open(struct ddk_net *net)
{
	int error;

	EXPECT(!net->on && !net->suspended);
	error = net->ops->open(net);
	net->on = error == 0;
	return error;
}

void mock_net_close(struct ddk_net *net)
{
	net->on = false;
	net->ops->close(net);
	EXPECT_EQUAL(net->with_driver, 0);
}

static struct mock_net_frame *find_free(struct ddk_net *net)
{
	for (uint32_t i = 0; i < net->description.queue_length; i++)
		if (!net->frames[i].busy)
			return &net->frames[i];
	return NULL;
}

int mock_net_send(struct ddk_net *net, const void *bytes, uint32_t length, bool last)
{
	struct mock_net_frame *own = find_free(net);
	int error;

	EXPECT(net->on && !net->suspended && length >= DDK_NET_HEADER_LENGTH &&
	       length <= net->description.mtu_max + DDK_NET_HEADER_LENGTH + 4);
	if (!own || net->in_send)
		return -EBUSY;
	memcpy(mock_dma(own->frame.device_address, length), bytes, length);
	own->frame.length = length;
	own->frame.driver[0] = own->frame.driver[1] = 0;
	own->busy = true;
	net->with_driver++;
	net->in_send = true;
	error = net->ops->send(net, &own->frame, last);
	net->in_send = false;
	if (error) {
		EXPECT(own->busy);
		own->busy = false;
		net->with_driver--;
		net->again += error == -EAGAIN;
	}
	return error;
}
