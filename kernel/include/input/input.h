/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Input: keyboards and pointers report events, which go to whoever listens; and the layout
 * (keymap/keymap.h) says what keys mean. docs/input.md explains it all.
 *
 * Sinks are called in the context of the report, an interrupt as a rule, with no lock held. Each
 * is set once at boot. Reports of several devices, and a key's repetition, may come at the same time on
 * several CPUs.
 */
#pragma once

#include <base/bits.h>
#include <base/list.h>
#include <base/types.h>
#include <ddk/keys.h>

enum input_kind {
	INPUT_KEY, /* code: the key (ddk/keys.h); value: 0 up, 1 down, 2 repeats */
	/* value: to the right; value2: down. To the sink in pixels, accelerated. */
	INPUT_MOVE,
	INPUT_PLACE,  /* value, value2: from the left and the top, 0 to INPUT_PLACE_MAX */
	INPUT_WHEEL,  /* value: steps away from the user */
	INPUT_LAYOUT, /* the layout was changed; see input_read_layout() */
	INPUT_SWITCH, /* code: enum input_switch; value: on. To readers of its device only */
};

#define INPUT_PLACE_MAX 0x7fff

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

/* What a device may report. */
enum input_device_kinds {
	INPUT_HAS_KEYS = 1 << 0,    /* of a keyboard */
	INPUT_HAS_BUTTONS = 1 << 1, /* left, right, middle */
	INPUT_HAS_MOVES = 1 << 2,
	INPUT_HAS_WHEEL = 1 << 3,
	INPUT_HAS_PLACES = 1 << 4,
	INPUT_HAS_MORE_BUTTONS = 1 << 5, /* side and extra */
	INPUT_HAS_POWER = 1 << 6,        /* the machine's button, and nothing else */
	INPUT_HAS_SLEEP = 1 << 7,        /* the same */
	INPUT_HAS_LID = 1 << 8,          /* the same */
};

/* Linux's numbers. */
enum input_switch {
	INPUT_SWITCH_LID = 0, /* on: closed */
};

struct evdev;

/* A keyboard or pointer; storage is the provider's, zeroed but for what he sets. */
struct input_device {
	const char *name; /* static */
	unsigned kinds;   /* enum input_device_kinds */
	/* Where programs are told that it is, static, and of which kind (abi/linux/input.h); NULL: at the
	 * keyboard's controller. */
	const char *place;
	uint16_t product;
	/* Shows the locks (INPUT_LED_...); thread context. NULL: has no lights. */
	void (*set_leds)(struct input_device *device, unsigned leds);
	/* input's: */
	struct list_node node;
	struct evdev *evdev; /* the node in /dev/input; NULL: there was no memory */
	uint64_t keys_down[BITMAP_WORDS(KEY_COUNT)];
	uint64_t switches_on;
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

/* It has slept: its keys go up, and its lights are set anew. Thread context. */
void input_device_resumed(struct input_device *device);

/* Reports; any context. Unknown keys are ignored, and so is what the device repeats by itself: held keys
 * repeat here. */
void input_report_key(struct input_device *device, unsigned key, bool down);
void input_report_move(struct input_device *device, int right, int down, int wheel);
void input_report_place(struct input_device *device, unsigned across, unsigned down);
void input_report_switch(struct input_device *device, enum input_switch which, bool on);
/* All keys of the device go up. */
void input_release_keys(struct input_device *device);

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
	INPUT_REBOOT,      /* ctrl, alt and delete: for the power sink */
};
typedef void input_command_sink(enum input_command command);
void input_set_command_sink(input_command_sink *sink);

/* What buttons and keys ask of the machine as a whole. Not told: that of a device that a program has
 * for itself, or, if it has nothing else, that a program reads. */
enum input_power {
	INPUT_POWER_BUTTON, /* pressed; any keyboard may have one, too */
	INPUT_SLEEP_BUTTON,
	INPUT_LID_CLOSED,
	INPUT_RESTART_KEYS, /* ctrl, alt and delete */
};
typedef void input_power_sink(enum input_power what);
void input_set_power_sink(input_power_sink *sink);

/* What programs ask of the keyboard by escape sequences (lib/term's modes). */
enum input_mode {
	INPUT_APPLICATION_CURSOR = 1 << 0, /* cursor keys send ESC O x */
	INPUT_APPLICATION_KEYPAD = 1 << 1, /* so does the key pad, while num lock is off */
};
void input_set_mode(unsigned mode);

/* The layout: that of the United States, which the kernel holds, until another one is set. */
#define INPUT_LAYOUT_NAME_MAX 16
void input_read_layout(char name[INPUT_LAYOUT_NAME_MAX]);
/* Takes the text of a layout. -EINVAL, -E2BIG: *line is the one that is wrong; -ENOMEM. */
int must_check input_set_layout(const char *text, size_t length, unsigned *line);
/* The same with the file /usr/share/keymaps/NAME. -ENOENT and others. */
int must_check input_load_layout(const char *name);
/* The one that the command line names (layout=NAME), if any. Called once the root is mounted. */
void input_start_user_layout(void);

/* How held keys repeat; a delay of 0: not at all, a period of 0: once. */
struct input_repeat {
	unsigned delay_ms, period_ms;
};
#define INPUT_REPEAT_MAX_MS 10000
void input_read_repeat(struct input_repeat *repeat);
void input_set_repeat(const struct input_repeat *repeat); /* cut to what is possible */

/* Whether the pointer goes further when the hand moves fast. */
void input_set_acceleration(bool on);
bool input_is_accelerated(void);
