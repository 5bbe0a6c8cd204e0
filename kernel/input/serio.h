/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Input as a PS/2 keyboard (scan codes of set 1) and a PS/2 mouse (packets of three bytes) would send
 * it, for scheme `serio:`.
 */
#pragma once

#include <input/input.h>

/* A long movement is sent as several packets, up to so many; what is beyond is lost. */
#define SERIO_PACKETS_MAX 16
#define SERIO_BYTES_MAX   (3 * SERIO_PACKETS_MAX)

enum serio_port {
	SERIO_KEYBOARD,
	SERIO_MOUSE,
	SERIO_PORTS,
};

/* Which of the mouse's buttons are down: bit 0 left, 1 right, 2 middle. */
struct serio_mouse {
	unsigned buttons;
};

/* What the event is on the wire, in bytes[SERIO_BYTES_MAX]: how many bytes, and of which device. 0:
 * it cannot be told that way. */
size_t serio_encode(struct serio_mouse *mouse, const struct input_event *event, uint8_t *bytes,
		    enum serio_port *port);

/* Every event that is reported; any context, no lock held. */
void serio_take(const struct input_event *event);
