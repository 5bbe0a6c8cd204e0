/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of kernel/input share. */
#pragma once

#include <input/input.h>
#include <keymap/keymap.h>

/* --- layout.c: the layout in use, and the one keyboard that all keyboards make up, as a person has but
 * two hands. --- */

/* Follows a key through the layout; fills the event's modifiers and characters. Any context. */
void input_follow_layout(struct input_event *event);
/* The character on the key, without any modifier; 0: none. Any context. */
uint32_t input_character_on(unsigned key);
/* The key is down, of whatever keyboard. Any context. */
bool input_is_held(unsigned key);
/* The layout that the kernel holds. Called once, before there are devices. */
int must_check input_start_layout(void);
/* enum input_leds of the locks that are on. Any context. */
unsigned input_leds_wanted(void);

/* --- device.c --- */

/* The locks changed: all keyboards show them soon. Any context. */
void input_show_locks(void);

/* --- evdev.c, evdev_control.c: the nodes in /dev/input --- */

/* Makes the device's node, and takes it away. Thread context. */
void evdev_add(struct input_device *device);
/* Before that: from now on programs read, but no longer write what the device seems to report. */
void evdev_detach(struct input_device *device);
void evdev_remove(struct input_device *device);
/* Passes an event of the device to who reads its node; true if it is for nobody else. Any context. */
bool evdev_take(struct input_device *device, const struct input_event *event);

/* --- mice.c: /dev/input/mice --- */

int must_check mice_start(void);
/* Every event that is reported and not grabbed; any context, no lock held. */
void mice_take(const struct input_event *event);

/* --- input.c --- */

/* All keys of the device that are down go up for all but those who read its node. Any context. */
void input_forget_keys(struct input_device *device);
/* Bits of the keys that are down. Any context. */
void input_read_keys(struct input_device *device, uint64_t keys[BITMAP_WORDS(KEY_COUNT)]);

/* The event is the device's: tells all whom it concerns. Any context, no lock held. */
void input_deliver(struct input_device *device, struct input_event *event);

/* --- repeat.c --- */

/* A key of the device went down or up: it repeats from now on, or no more. Any context. */
void input_repeat_key(struct input_device *device, unsigned key, bool down);
/* Nothing of the device repeats, or will be reported again. Thread context. */
void input_repeat_stop(struct input_device *device);
