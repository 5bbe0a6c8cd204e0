/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Driver of virtio's console device (virtio 1.2, 5.3): ports between programs and the virtual
 * machine's host. Each port is a stream, /dev/virtio-ports/NAME or, where the host gives no
 * name, /dev/vportNpM.
 *
 * Ports are added, named and removed in one thread at a time: the one that probes the device,
 * then the control work.
 */
#pragma once

#include <ddk/stream.h>
#include <ddk/sync.h>
#include <ddk/work.h>
#include <virtio/device.h>

#define CONSOLE_PORT_MAX     64 /* of those a device may offer */
#define CONSOLE_NAME_MAX     40
#define CONTROL_BUFFER_COUNT 64
#define CONTROL_BUFFER_SIZE  128
#define PORT_BUFFER_COUNT    32
#define PORT_BUFFER_SIZE     4096 /* what QEMU fills at most */

/* struct virtio_console_control (5.3.6.2). */
struct control_message {
	/* 0x00 */ uint32_t port;
	/* 0x04 */ uint16_t event;
	/* 0x06 */ uint16_t value;
};

_Static_assert(sizeof(struct control_message) == 8, "virtio 1.2, 5.3.6.2");

enum control_event {
	CONTROL_DEVICE_READY = 0,
	CONTROL_PORT_ADD = 1,
	CONTROL_PORT_REMOVE = 2,
	CONTROL_PORT_READY = 3,
	CONTROL_CONSOLE_PORT = 4,
	CONTROL_RESIZE = 5,
	CONTROL_PORT_OPEN = 6,
	CONTROL_PORT_NAME = 7,
};

struct console;

struct port {
	/* Immutable once the port was first added. */
	struct console *console;
	uint16_t id;
	struct ddk_dma memory; /* of `buffers` */
	struct ddk_stream_buffer *buffers;

	/* The thread that adds ports. */
	bool added; /* and not removed again */
	bool ready; /* set up, with its buffers posted, once and for all */
	char name[CONSOLE_NAME_MAX];

	struct ddk_lock lock; /* all below */
	struct virtio_queue in, out;
	struct ddk_stream *stream; /* NULL: not registered */
	bool connected;            /* as the host says */
	bool failed;               /* a queue broke */
	_Atomic bool opened;       /* by a program */
};

struct console {
	/* Immutable after probe. */
	struct device *device;
	struct virtio_device virtio;
	unsigned number; /* of the device, for names */
	bool multiport;
	unsigned port_count;
	struct port *ports;
	struct ddk_dma control_memory; /* the buffers of control_in, then the one of control_out */

	_Atomic bool running; /* the queues are set up */
	_Atomic bool started; /* the control work looks after control_in */
	bool asleep;          /* control_mutex: what the device is to know it will be told later */
	struct ddk_work control_work;
	unsigned complaints; /* the thread that adds ports */

	struct ddk_mutex control_mutex; /* the buffer of control_out; one message at a time */
	bool control_failed;            /* control_mutex: it never took the last one */
	struct ddk_event control_sent;
	struct ddk_lock control_lock; /* the queues */
	struct virtio_queue control_in, control_out;
};

/* --- control.c --- */

/* Posts the buffers for messages of the device. */
int must_check control_start(struct console *console);
/* Stops messages, waiting for the one that is under way; has them go on, with queues that were set up
 * again and the buffers posted in them. */
void control_sleep(struct console *console);
int must_check control_wake(struct console *console);
/* Sends a message and waits until the device has taken it: 0, -EIO, -ETIMEDOUT. While the device is asleep
 * nothing is sent: port_tell() is for that. */
int control_send(struct console *console, unsigned port, enum control_event event, unsigned value);
/* Handles the messages that have come, and registers the ports that they added; queues the
 * control work if there are more. */
void control_receive(struct console *console);
/* Looks at the queues after an interrupt. */
void control_interrupt(struct console *console);

/* --- port.c --- */

/* A port that the host has. Does nothing for one that was added already. */
void port_add(struct port *port);
void port_remove(struct port *port);
void port_set_name(struct port *port, const char *name, size_t length);
void port_set_connected(struct port *port, bool connected);
/* Makes the stream of a port that was added and has none. */
void port_register(struct port *port);
/* Hands over what the device has done. */
void port_interrupt(struct port *port);
/* True if the device has a buffer to be sent. */
bool port_is_sending(struct port *port);
/* The device has been stopped: sets the queues up again, with what was in them. -ENODEV. */
int must_check port_restart(struct port *port);
/* The host is about to say anew what there is. */
void port_forget(struct port *port);
/* It has: makes of the stream what it said, and says whether it is open. */
void port_settle(struct port *port);
/* Frees everything; the device is stopped. */
void port_release(struct port *port);

/* --- sleep.c: see struct driver --- */

int console_suspend(struct device *device);
int console_resume(struct device *device);

/* --- virtio_console.c --- */

/* Learns of the ports. The device says what there is to say of each before it has taken our message that
 * the port is ready, so all are complete at the end. */
int must_check console_start_ports(struct console *console);
