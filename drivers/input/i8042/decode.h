/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What PS/2 devices send: scan codes of set 1 (as the controller translates them) and packets
 * of mice. Pure, and safe for any bytes.
 */
#pragma once

#include <base/types.h>

struct scancode_decoder {
	uint8_t prefix; /* 0xe0 or 0: none */
	uint8_t skip;   /* bytes of a sequence that mean nothing by themselves */
};

struct scancode_event {
	unsigned key; /* ddk/keys.h */
	bool down;
	bool up; /* with `down`: the key sends nothing when it goes up */
};

/* Takes one byte; true if a key's code is complete. */
bool scancode_decode(struct scancode_decoder *decoder, uint8_t byte, struct scancode_event *event);

struct mouse_decoder {
	uint8_t length;    /* of packets: 3, or 4 with a wheel */
	bool five_buttons; /* the fourth byte has two more */
	uint8_t count;
	uint8_t bytes[4];
};

struct mouse_event {
	int right, down, wheel;
	unsigned buttons; /* 1 left, 2 right, 4 middle, 8 side, 16 extra */
};

/* Takes one byte; true if a packet is complete. */
bool mouse_decode(struct mouse_decoder *decoder, uint8_t byte, struct mouse_event *event);
