/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Network interfaces: devices that move Ethernet frames, between their drivers (ddk/net.h) and programs
 * (scheme `network:`). There is no protocol stack yet. docs/network.md.
 *
 * Frames to be sent wait in a queue, in memory that the interface has had from the beginning and the device can read.
 * What is received goes to each open file that listens.
 */
#pragma once

#include <ddk/net.h>
#include <mm/vm/user.h>

#define NET_INTERFACE_MAX 16
#define NET_NAME_MAX      16

/* What a driver has of its interface; in struct net_interface. */
struct ddk_net {
	struct ddk_net_ops ops; /* immutable while the driver has it */
	void *context;
};

struct net_interface;
struct net_packet;

/* --- For drivers, by way of ddk/kernel/net.c: see ddk/net.h. During a handover of the device (dev/device.h) the interface
 * stays where it is removed, with all that is open, and frames wait; and who makes one that has its address, and can
 * take its frames, is given that one, and has it switched on if it was. --- */

int must_check net_interface_create(struct device *device,
				    const struct ddk_net_description *description,
				    const struct ddk_net_ops *ops, void *context,
				    struct ddk_net **net);
void net_interface_remove(struct ddk_net *net);
void net_interface_suspend(struct ddk_net *net);
void net_interface_resume(struct ddk_net *net);
void net_interface_set_link(struct ddk_net *net, const struct ddk_net_link *link);
void net_interface_received(struct ddk_net *net, const void *frame, size_t length);
void net_interface_dropped(struct ddk_net *net, uint32_t count, bool damaged);
void net_interface_sent(struct ddk_net *net, struct ddk_net_frame *frame, int error);
void net_interface_ready(struct ddk_net *net);
/* The frame of that number, if the driver has it: for those who are told numbers. NULL. */
struct ddk_net_frame *net_interface_find_frame(struct ddk_net *net, uint32_t number);
/* Another way to say that a frame came: one that is filled in where it stays. NULL: no frame is that long or short, or
 * there is no memory, which is counted. Any context. */
struct net_packet *net_packet_create(struct ddk_net *net, size_t length);
void *net_packet_bytes(struct net_packet *packet);
/* Takes the packet over. */
void net_interface_receive(struct ddk_net *net, struct net_packet *packet);
void net_packet_put(struct net_packet *packet);

/* --- For those who look and use. Thread context. --- */

struct net_statistics {
	uint64_t received, received_bytes, received_errors, received_dropped, multicast;
	uint64_t sent, sent_bytes, send_errors, send_dropped;
};

struct net_status {
	char name[NET_NAME_MAX];
	unsigned number; /* Linux's ifindex */
	uint8_t address[DDK_NET_ADDRESS_LENGTH];
	bool on; /* the switch */
	bool can_filter;
	unsigned filter; /* enum ddk_net_filter */
	uint32_t mtu, mtu_max, queue_length;
	struct ddk_net_link link;
	struct net_statistics statistics;
};

/* Interface `index` < NET_INTERFACE_MAX, with a reference; NULL. */
struct net_interface *net_interface_get(unsigned index);
void net_interface_hold(struct net_interface *interface);
void net_interface_put(struct net_interface *interface);
/* False: it was removed; the status is the last one. */
bool net_interface_read_status(struct net_interface *interface, struct net_status *status);
/* -ENODEV, and what the driver says. */
int must_check net_interface_switch(struct net_interface *interface, bool on);
/* -EINVAL: not within DDK_NET_MTU_MIN and what the driver can do. */
int must_check net_interface_set_mtu(struct net_interface *interface, uint32_t mtu);
/* -EOPNOTSUPP: the device cannot choose. */
int must_check net_interface_set_filter(struct net_interface *interface, unsigned filter);
/* Copies a frame from the caller and queues it. -EAGAIN: as many wait as can (only where `wait` is not set), -ERESTART,
 * -ENETDOWN (it is off), -ENODEV, -EMSGSIZE (longer than the mtu allows), -EINVAL (shorter than its header), -EFAULT. */
ssize_t must_check net_interface_send(struct net_interface *interface, struct io *io, bool wait);
