/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Input: keyboards and pointers report events, which go to whoever listens; and a keymap turns
 * keys into what a terminal's keyboard would send.
 *
 * Sinks are called in the context of the report, an interrupt as a rule, with no lock held. Each
 * is set once at boot.
 */
#pragma once

#include <base/list.h>
#include <base/types.h>

enum input_kind {
	INPUT_KEY,   /* code: the key (ddk/keys.h); value: 0 up, 1 down, 2 repeats */
	INPUT_MOVE,  /* value: to the right; value2: down */
	INPUT_PLACE, /* value, value2: from the left and the top, 0 to 0x7fff */
	INPUT_WHEEL, /* value: steps away from the user */
};

struct input_event {
	uint64_t time_ns; /* monotonic */
	enum input_kind kind;
	unsigned code;
	int value, value2;
	/* Of keys: what the layout makes of it (keymap/keymap.h): modifiers that are held, locks that
	 * are on, and characters that were typed. */
	unsigned modifiers;
	unsigned character_count;
	uint32_t characters[2];
};

/* A keyboard or pointer; storage is the provider's. */
struct input_device {
	const char *name; /* static */
	/* Shows the locks (INPUT_LED_...); thread context. NULL: has no lights. */
	void (*set_leds)(struct input_device *device, unsigned leds);
	struct list_node node; /* input's */
};

/* Bits of set_leds. */
enum input_leds {
	INPUT_LED_SCROLL = 1 << 0,
	INPUT_LED_NUM = 1 << 1,
	INPUT_LED_CAPS = 1 << 2,
};

/* Thread context. After removal none of its operations runs. */
void input_device_add(struct input_device *device);
void input_device_remove(struct input_device *device);

/* Reports; any context. Keys that are down already repeat; unknown keys are ignored. */
void input_report_key(struct input_device *device, unsigned key, bool down);
void input_report_move(struct input_device *device, int right, int down, int wheel);
void input_report_place(struct input_device *device, unsigned across, unsigned down);

/* Who gets all events first (the desktop); returns true to keep a key from the console. In the context
 * of the report, without locks. */
typedef bool input_event_sink(const struct input_event *event);
void input_set_event_sink(input_event_sink *sink);
/* Who gets the characters and escape sequences that keys stand for. */
typedef void input_text_sink(const char *text, size_t length);
void input_set_text_sink(input_text_sink *sink);

/* Key combinations that are for the console itself and not for the program that runs on it. */
enum input_command {
	INPUT_SCROLL_UP,   /* shift and page up: half a screen back */
	INPUT_SCROLL_DOWN, /* shift and page down */
	INPUT_REBOOT,      /* ctrl, alt and delete */
};
typedef void input_command_sink(enum input_command command);
void input_set_command_sink(input_command_sink *sink);

/* What programs ask of the keyboard by escape sequences (lib/term's modes). */
enum input_mode {
	INPUT_APPLICATION_CURSOR = 1 << 0, /* cursor keys send ESC O x */
	INPUT_APPLICATION_KEYPAD = 1 << 1, /* so does the key pad, while num lock is off */
};
void input_set_mode(unsigned mode);
