/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of network interfaces share. */
#pragma once

#include <base/list.h>
#include <dev/device.h>
#include <mm/phys/frame.h>
#include <net/interface.h>
#include <sched/mutex.h>
#include <sync/refcount.h>

#define NET_VLAN_LENGTH  4 /* of a tag, which is not part of the data */
#define NET_FIRST_NUMBER 2 /* Linux's ifindex 1 is the loopback interface */

/* Room for a frame to be sent. */
struct net_slot {
	struct ddk_net_frame frame;
	struct list_node node; /* interface->free or ->waiting */
	void *memory;
	uint64_t order; /* of its arrival */
	bool driver_has_it;
};

enum net_state {
	NET_SERVED, /* by a driver */
	NET_PARKED, /* its driver is being exchanged */
	NET_GONE,
};

struct net_interface {
	/* Who holds: the table until it is removed, its driver, open files, who looks. */
	struct refcount references;

	/* Immutable. */
	char name[NET_NAME_MAX];
	unsigned index; /* in the table */
	uint64_t serial;
	struct device *device; /* valid as long as it is served, or parked with it */
	struct device_parked parked;
	uint8_t address[DDK_NET_ADDRESS_LENGTH];
	uint32_t slot_count, slot_size;
	struct net_slot *slots;
	struct frame *memory; /* of all slots: contiguous */
	struct iommu_domain
		*domain; /* in which that is mapped, a reference; NULL: none, or not any more */
	unsigned memory_order;

	/* RANK_NET: calls of the driver's open, close, set_filter, and changes of all but the
	 * queues, lists and statistics below. */
	struct mutex control;
	struct ddk_net handle;
	bool wanted;    /* switched on by its user */
	bool suspended; /* its device sleeps */

	/* RANK_CLASS: all below. */
	struct spinlock lock;
	enum net_state state;
	bool open;    /* its driver was told that it is on, and not that it is off */
	bool stopped; /* the driver takes no frame until it says something */
	bool sending; /* somebody calls the driver's `send` */
	unsigned filter;
	uint32_t mtu, mtu_max, queue_length;
	struct ddk_net_link link;
	uint64_t orders, kicks;    /* ever given; ever said */
	struct list free, waiting; /* of net_slot */
	unsigned with_driver;      /* slots that it has */
	struct list listeners;     /* of net_listener */
	struct net_statistics statistics;

	struct wait_queue writers; /* a slot became free, or it is another state */
};

/* A frame that was received. Immutable once it was handed to listeners. */
struct net_packet {
	struct refcount references; /* who made it, each queue that it is in */
	uint32_t length;
	uint8_t bytes[];
};

#define NET_LISTENER_PACKETS 256

/* An open file that receives. */
struct net_listener {
	struct net_interface *interface; /* a reference; immutable */
	struct list_node node;           /* interface->lock, and all below */
	struct net_packet *packets[NET_LISTENER_PACKETS];
	unsigned first, count;
	struct wait_queue readers;
};

static inline struct net_interface *net_of(struct ddk_net *net)
{
	return container_of(net, struct net_interface, handle);
}

/* transmit.c */
int must_check net_slots_create(struct net_interface *interface);
void net_slots_destroy(struct net_interface *interface);
/* From now on the device cannot read frames. Thread context. */
void net_slots_unmap(struct net_interface *interface);
/* Gives the driver what it can have. Any context, no lock held. */
void net_dispatch(struct net_interface *interface);
/* Waits until nobody calls `send` any more; it is not open. Thread context. */
void net_wait_sender(struct net_interface *interface);
/* What the driver did not give back when it closed comes back; says so if there was any. */
void net_take_back(struct net_interface *interface);
/* What waits is given up: nobody will send it. */
void net_drop_waiting(struct net_interface *interface);
/* Whether a frame of the caller would be taken now, or refused for good. */
bool net_can_write(struct net_interface *interface);
/* Waits until what was queued by now has left, or was given up: 0, -ERESTART. */
int must_check net_wait_sent(struct net_interface *interface);
bool net_is_gone(struct net_interface *interface);

/* receive.c */
void net_listen(struct net_interface *interface, struct net_listener *listener);
void net_unlisten(struct net_listener *listener);
/* The oldest frame, the caller's now; NULL: none. *gone: none will come. */
struct net_packet *net_take_packet(struct net_listener *listener, bool *gone);
bool net_has_packet(struct net_listener *listener);
void net_wake_listeners(struct net_interface *interface);
