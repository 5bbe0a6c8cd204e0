/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Class interface: network interfaces that move Ethernet frames.
 *
 * A frame is what lies between preamble and check sequence: addresses, type, data; the device adds and
 * checks the sequence, and pads short frames. Frames to be sent are the driver's from `send` until
 * ddk_net_sent(); those that were received are copied by the class, so the driver's buffer is free again
 * when ddk_net_received() returns.
 */
#pragma once

#include <ddk/device.h>

#define DDK_NET_ADDRESS_LENGTH 6
#define DDK_NET_HEADER_LENGTH  14 /* both addresses and the type */
#define DDK_NET_MTU_MIN        68
#define DDK_NET_MTU_MAX        9216
#define DDK_NET_QUEUE_MAX      1024

struct ddk_net;

/* Immutable while the driver has it, but for the last field. */
struct ddk_net_frame {
	uint64_t device_address; /* contiguous */
	uint32_t length;         /* bytes, DDK_NET_HEADER_LENGTH at least */
	uint32_t number;    /* < queue_length; no other that the driver has is of that number */
	uint64_t driver[2]; /* the driver's; 0 when it gets the frame */
};

struct ddk_net_description {
	uint8_t address[DDK_NET_ADDRESS_LENGTH]; /* its own: neither 0 nor of a group */
	uint32_t mtu_max;                        /* the longest data of a frame: at least 1500 */
	uint32_t queue_length; /* how many frames the driver can have: 1 to DDK_NET_QUEUE_MAX */
};

enum ddk_net_duplex { DDK_NET_DUPLEX_UNKNOWN, DDK_NET_HALF_DUPLEX, DDK_NET_FULL_DUPLEX };

struct ddk_net_link {
	bool up;
	uint32_t megabits; /* a second; 0: not known */
	enum ddk_net_duplex duplex;
};

/* What the device takes in besides frames to itself and to all. */
enum ddk_net_filter {
	DDK_NET_ALL_GROUPS = 1 << 0,
	DDK_NET_EVERYTHING = 1 << 1,
};

struct ddk_net_ops {
	/* The interface is switched on, or off: off, nothing is received, and all that the driver has to send
	 * comes back before `close` returns: ddk_net_sent() with -EAGAIN for what did not leave. Off when it is
	 * created. Thread context, one call at a time with set_filter. 0, or an error: it stays off. */
	int (*open)(struct ddk_net *net);
	void (*close)(struct ddk_net *net);
	/* Sends a frame. `last`: no other follows at once. Any context, no ddk_lock held, one at a time. 0, or
	 * -EAGAIN: not now: it is tried again after ddk_net_sent() or ddk_net_ready(); other errors: the frame is
	 * given up. */
	int (*send)(struct ddk_net *net, struct ddk_net_frame *frame, bool last);
	/* What is taken in from now on (enum ddk_net_filter); 0 until it is called. Thread context, also while
	 * the interface is off. NULL: the device cannot choose. */
	void (*set_filter)(struct ddk_net *net, unsigned filter);
};

/* Makes the interface ("eth0" and so on), switched off and its link down; it may be switched on before this returns, when
 * *net is set already. Structures are copied. Thread context, no lock held. -EINVAL (makes no sense), -ENOMEM, -ENOSPC. */
static inline int must_check ddk_net_create(struct device *device,
					    const struct ddk_net_description *description,
					    const struct ddk_net_ops *ops, void *context,
					    struct ddk_net **net);
/* What the function above is: structures come with the size that they had for the driver. */
int must_check ddk_net_create_sized(struct device *device,
				    const struct ddk_net_description *description,
				    size_t description_size, const struct ddk_net_ops *ops,
				    size_t ops_size, void *context, struct ddk_net **net);
static inline int ddk_net_create(struct device *device,
				 const struct ddk_net_description *description,
				 const struct ddk_net_ops *ops, void *context, struct ddk_net **net)
{
	return ddk_net_create_sized(device, description, sizeof(*description), ops, sizeof(*ops),
				    context, net);
}
/* It is switched off first, then it is gone. Thread context, no lock held. */
void ddk_net_remove(struct ddk_net *net);
void *ddk_net_context(const struct ddk_net *net);

/* Around the device's sleep: the interface is switched off with `close` if it is on, and what is to be sent
 * waits; then it is switched on again with `open`, if it was on. Thread context, no lock held. */
void ddk_net_suspend(struct ddk_net *net);
void ddk_net_resume(struct ddk_net *net);

/* The link is as it says now; down until it is said. Any context, no lock held. */
void ddk_net_set_link(struct ddk_net *net, const struct ddk_net_link *link);
/* A frame came, whole and with a right check sequence (without which it is `length` bytes long); it lies in
 * memory of dma.h. It is copied. Any context, at most a ddk_lock held. */
void ddk_net_received(struct ddk_net *net, const void *frame, size_t length);
/* The device did not take in `count` frames: damaged, or no buffer was free. Any context, as above. */
void ddk_net_dropped(struct ddk_net *net, uint32_t count, bool damaged);
/* The frame is the class's again: it left (0), was given up (an error), or did not leave because the interface was
 * switched off (-EAGAIN): then it is sent again where that is only for a while. No lock held. */
void ddk_net_sent(struct ddk_net *net, struct ddk_net_frame *frame, int error);
/* `send` can take frames again after -EAGAIN. No lock held. */
void ddk_net_ready(struct ddk_net *net);
