/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Input on its way from interrupts, where it is reported, to the boot thread, which handles it: a
 * ring of events. Moves that nobody has seen yet are one move.
 */
#include <ddk/keys.h>
#include <display/display.h>
#include <keymap/keymap.h>

#include <stdatomic.h>

#include "desktop_priv.h"

#define RING_SIZE 512 /* a power of two */

/* Protected by ring_lock. */
static struct spinlock ring_lock = SPINLOCK_INIT(RANK_CLASS, "desktop input");
static struct input_event ring[RING_SIZE];
static unsigned ring_first, ring_count;

static bool event_merge(struct input_event *last, const struct input_event *event)
{
	if (last->kind != event->kind)
		return false;
	if (event->kind == INPUT_MOVE) {
		last->value += event->value;
		last->value2 += event->value2;
		return true;
	}
	if (event->kind == INPUT_PLACE) {
		*last = *event;
		return true;
	}
	return false;
}

static void ring_put(const struct input_event *event)
{
	irq_state_t state = spin_lock_irqsave(&ring_lock);
	struct input_event *last = &ring[(ring_first + ring_count - 1) % RING_SIZE];

	if (ring_count == 0 || !event_merge(last, event)) {
		/* One that is full belongs to a machine that does nothing any more. */
		if (ring_count < RING_SIZE) {
			ring[(ring_first + ring_count) % RING_SIZE] = *event;
			ring_count++;
		}
	}
	spin_unlock_irqrestore(&ring_lock, state);
}

static bool ring_take(struct input_event *event)
{
	irq_state_t state = spin_lock_irqsave(&ring_lock);
	bool any = ring_count > 0;

	if (any) {
		*event = ring[ring_first];
		ring_first = (ring_first + 1) % RING_SIZE;
		ring_count--;
	}
	spin_unlock_irqrestore(&ring_lock, state);
	return any;
}

/* The console came to the front since the boot thread last looked. */
static _Atomic bool was_left;

/* Control, alt and F1 or F2: the console, or the desktop, comes to the front. */
static bool take_switch(const struct input_event *event)
{
	unsigned held = KEYMAP_CONTROL | KEYMAP_ALT;

	if (event->kind != INPUT_KEY || event->value != 1 || (event->modifiers & held) != held)
		return false;
	if (event->code == KEY_F1 && desktop.in_front) {
		was_left = true;
		desktop_set_front(false);
		compositor_wake();
	} else if (event->code == KEY_F2 && !desktop.in_front) {
		desktop_set_front(true);
	} else {
		return false;
	}
	return true;
}

/* The event sink: in the context of the report. */
static bool take_event(const struct input_event *event)
{
	if (take_switch(event))
		return true;
	/* The end of what began here is for here; so is a new layout. */
	if (!desktop.in_front && event->kind != INPUT_LAYOUT)
		return false;
	ring_put(event);
	compositor_wake();
	return true;
}

void desktop_input_start(void)
{
	input_set_event_sink(take_event);
}

static unsigned button_of(unsigned code)
{
	switch (code) {
	case BUTTON_LEFT:
		return 1;
	case BUTTON_MIDDLE:
		return 2;
	case BUTTON_RIGHT:
		return 4;
	default:
		return 0;
	}
}

static void handle_event(const struct input_event *event)
{
	struct blend_rectangle plane;

	switch (event->kind) {
	case INPUT_MOVE:
		pointer_moved(event->value, event->value2);
		break;
	case INPUT_PLACE:
		plane = compositor_plane();
		pointer_placed(event->value * (rectangle_width(&plane) - 1) / INPUT_PLACE_MAX,
			       event->value2 * (rectangle_height(&plane) - 1) / INPUT_PLACE_MAX);
		break;
	case INPUT_WHEEL:
		pointer_wheel(event->value);
		break;
	case INPUT_KEY:
		if (event->code < BUTTON_LEFT)
			desktop_handle_key(event);
		else if (button_of(event->code) && event->value != 2)
			pointer_button(button_of(event->code), event->value == 1);
		break;
	case INPUT_LAYOUT:
		input_read_layout(desktop.layout);
		panel_mark_stale();
		break;
	case INPUT_SWITCH:
		break;
	}
}

void desktop_input_handle(void)
{
	struct input_event event;
	bool left = atomic_exchange(&was_left, false);

	while (ring_take(&event))
		handle_event(&event);
	/* After what had come before: its end goes to the console. */
	if (left) {
		keys_forget();
		desktop.buttons = 0;
		drag_cancel();
	}
}
