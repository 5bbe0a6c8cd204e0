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

/* --- input.c --- */

/* The event is the device's: tells all whom it concerns. Any context, no lock held. */
void input_deliver(struct input_device *device, struct input_event *event);

/* --- repeat.c --- */

/* A key of the device went down or up: it repeats from now on, or no more. Any context. */
void input_repeat_key(struct input_device *device, unsigned key, bool down);
/* Nothing of the device repeats, or will be reported again. Thread context. */
void input_repeat_stop(struct input_device *device);
