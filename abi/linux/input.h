/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Input devices as Linux shows them to programs: /dev/input/event*. Codes of keys are ddk/keys.h's. */
#pragma once

#include <stdint.h>

struct linux_input_record {
	int64_t seconds, microseconds; /* 0x00 */
	uint16_t type, code;           /* 0x10 */
	int32_t value;                 /* 0x14 */
};
_Static_assert(sizeof(struct linux_input_record) == 24, "Linux's layout");

struct linux_input_identity {
	uint16_t bus, vendor, product, version;
};
_Static_assert(sizeof(struct linux_input_identity) == 8, "Linux's layout");

struct linux_input_axis {
	int32_t value, minimum, maximum, fuzz, flat, resolution;
};
_Static_assert(sizeof(struct linux_input_axis) == 24, "Linux's layout");

enum linux_input_type {
	EVDEV_TYPE_SYNC = 0x00,
	EVDEV_TYPE_KEY = 0x01,
	EVDEV_TYPE_RELATIVE = 0x02,
	EVDEV_TYPE_ABSOLUTE = 0x03,
	EVDEV_TYPE_SWITCH = 0x05,
	EVDEV_TYPE_LED = 0x11,
	EVDEV_TYPE_REPEAT = 0x14,
	EVDEV_TYPE_MAX = 0x1f,
};

enum linux_input_sync {
	EVDEV_SYNC_REPORT = 0,
	EVDEV_SYNC_DROPPED = 3,
};

enum linux_input_axes {
	EVDEV_AXIS_X = 0,
	EVDEV_AXIS_Y = 1,
	EVDEV_AXIS_WHEEL = 8, /* of EVDEV_TYPE_RELATIVE */
};

enum linux_input_led {
	EVDEV_LIGHT_NUM = 0,
	EVDEV_LIGHT_CAPS = 1,
	EVDEV_LIGHT_SCROLL = 2,
};

enum linux_input_bus {
	EVDEV_BUS_I8042 = 0x11,
	EVDEV_BUS_HOST = 0x19,
};

#define EVDEV_KEY_MAX         0x2ff
#define EVDEV_VERSION         0x010001
#define EVDEV_MAJOR           13
#define EVDEV_MINOR_MICE      63
#define EVDEV_MINOR_EVENT     64
#define EVDEV_DEVICES         32
#define EVDEV_CLOCK_REALTIME  0 /* EVDEV_SET_CLOCK */
#define EVDEV_CLOCK_MONOTONIC 1
#define EVDEV_CLOCK_BOOT      7

/* Requests of ioctl: how the argument is used, its size, 'E', and one of these numbers. */
#define EVDEV_REQUEST_TYPE 'E'

enum linux_input_request {
	EVDEV_GET_VERSION = 0x01,
	EVDEV_GET_IDENTITY = 0x02,
	EVDEV_REPEAT = 0x03, /* read: get, written: set */
	EVDEV_GET_NAME = 0x06,
	EVDEV_GET_PLACE = 0x07,
	EVDEV_GET_UNIQUE = 0x08,
	EVDEV_GET_PROPERTIES = 0x09,
	EVDEV_GET_KEYS = 0x18,
	EVDEV_GET_LEDS = 0x19,
	EVDEV_GET_SOUNDS = 0x1a,
	EVDEV_GET_SWITCHES = 0x1b,
	EVDEV_GET_BITS = 0x20, /* and on, by type */
	EVDEV_GET_AXIS = 0x40, /* and on */
	EVDEV_GRAB = 0x90,
	EVDEV_REVOKE = 0x91,
	EVDEV_SET_CLOCK = 0xa0,
};
