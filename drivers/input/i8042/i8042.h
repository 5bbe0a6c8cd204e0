/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Driver of the PC's keyboard controller (Intel 8042 and what stands in for it) with a keyboard
 * on its first port and a mouse on the second.
 */
#pragma once

#include "decode.h"

#include <ddk/input.h>
#include <ddk/io.h>
#include <ddk/sync.h>

#define REPLY_MAX 4

enum port_number {
	PORT_KEYBOARD = 0,
	PORT_MOUSE = 1,
	PORT_COUNT = 2,
};

struct controller;

struct port {
	struct controller *controller; /* immutable, and the next */
	enum port_number number;
	struct ddk_input *input; /* NULL: nothing there */
	bool is_going;           /* controller->lock: nobody begins to use `input` any more */

	/* controller->lock; of the interrupt handler while it runs. */
	struct scancode_decoder scancodes;
	struct mouse_decoder mouse;
	unsigned buttons;
	struct {
		bool on;          /* the virtual machine tells where the pointer is */
		uint32_t buttons; /* as it has them */
		uint32_t x, y;    /* told last */
		int fake_counts;  /* that are to come in packets, and are no movement */
	} absolute;
	unsigned expected; /* replies to a command that are still to come */
	unsigned reply_count;
	uint8_t replies[REPLY_MAX];
	struct ddk_event replied;
};

struct controller {
	struct device *device;           /* immutable */
	struct ddk_region data, command; /* immutable */
	struct port ports[PORT_COUNT];
	bool has_mouse; /* immutable: there is a second port */

	struct ddk_mutex mutex; /* one command to a device at a time */
	_Atomic bool asleep;    /* set under the mutex: no commands, and bytes are not looked at */
	struct ddk_lock lock;   /* the registers, and what is below */
	bool draining;          /* some CPU is in drain() */
};

/* --- i8042.c: the controller --- */

/* Sends a byte to the device at a port; it acknowledges it and then replies with `count` (at
 * most REPLY_MAX - 1) bytes, which go to `replies` (may be NULL). -EIO: there is no answer, or a
 * refusal, or the controller sleeps. Thread context; with interrupts connected. */
int must_check port_command(struct port *port, uint8_t byte, unsigned count, uint8_t *replies);

/* Destroys the port's input, if it has one, when no interrupt uses it. Thread context. */
void port_drop_input(struct port *port);

/* --- keyboard.c, mouse.c --- */

int must_check keyboard_start(struct port *port);
void keyboard_take_byte(struct port *port, uint8_t byte);
int must_check mouse_start(struct port *port);
/* After sleep, for what was started; it may be gone. */
void keyboard_resume(struct port *port);
void mouse_resume(struct port *port);
void mouse_take_byte(struct port *port, uint8_t byte);

/* --- absolute.c --- */

/* Looks for the pointer of a virtual machine, and switches it on. Thread context. */
void absolute_start(struct port *port);
void absolute_stop(struct port *port);
/* After sleep, if it was on. */
void absolute_resume(struct port *port);
/* Reports what it has to say, as a packet came, and takes out of that what is not the mouse's. */
void absolute_take(struct port *port, struct mouse_event *packet);
