/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The driver kit on the host: the class of network interfaces, as a test plays it. One interface at a time.
 *
 * The rules of ddk/net.h are checked: what breaks them fails the test.
 */
#pragma once

#include "mock.h"

#include <ddk/net.h>

#define MOCK_NET_FRAME_MAX 2048

struct mock_net_frame {
	struct ddk_net_frame frame;
	bool busy; /* the driver has it */
};

/* What the class would have made of an interface. */
struct ddk_net {
	struct device *device;
	struct ddk_net_description description;
	const struct ddk_net_ops *ops;
	void *context;
	bool on, suspended, in_send;
	struct ddk_net_link link;
	struct ddk_dma memory; /* of all frames */
	struct mock_net_frame *frames;
	unsigned with_driver;
	/* Counted. */
	unsigned sent, errors, returned, again; /* by what ddk_net_sent() and `send` said */
	unsigned received, dropped, damaged, links, readies;
	/* The last one that was received. */
	uint8_t last[MOCK_NET_FRAME_MAX];
	size_t last_length;
};

/* The one that is there; NULL: none. */
struct ddk_net *mock_net(void);
/* Called, if not NULL, for each frame that is received, without looking at what may be called then. Reset by mock_start(). */
extern void (*mock_net_received)(struct ddk_net *net, const uint8_t *frame, size_t length);

int mock_net_open(struct ddk_net *net);
/* All frames must come back. */
void mock_net_close(struct ddk_net *net);
/* Has the driver send a frame: what it says; -EBUSY: it has all that it can have. */
int mock_net_send(struct ddk_net *net, const void *bytes, uint32_t length, bool last);
