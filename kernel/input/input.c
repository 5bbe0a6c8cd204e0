/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where input events go: the event sink, then the keymap, then the text sink. */
#include "keymap.h"
#include "serio.h"

#include <base/bits.h>
#include <ddk/keys.h>
#include <input/input.h>
#include <sched/diagnose.h>
#include <sched/mutex.h>
#include <sched/work.h>
#include <time/clock.h>

#include <stdatomic.h>

/* The keyboard's state, which all keyboards share, as a person has but two hands. */
static struct spinlock state_lock = SPINLOCK_INIT(RANK_INPUT, "input");
static struct keyboard keyboard;
static uint64_t keys_down[BITMAP_WORDS(KEY_COUNT)];

/* The list of devices, and calls of their set_leds; ready once `is_ready`. */
static struct mutex devices_lock;
static struct list devices = LIST_INIT(devices);
static bool is_ready;

static struct work leds_work;

/* Set once at boot. */
static _Atomic(input_event_sink *) event_sink;
static _Atomic(input_text_sink *) text_sink;
static _Atomic(input_command_sink *) command_sink;

void input_set_event_sink(input_event_sink *sink)
{
	event_sink = sink;
}

void input_set_text_sink(input_text_sink *sink)
{
	text_sink = sink;
}

void input_set_command_sink(input_command_sink *sink)
{
	command_sink = sink;
}

void input_set_mode(unsigned mode)
{
	irq_state_t state = spin_lock_irqsave(&state_lock);

	keyboard.application_cursor = mode & INPUT_APPLICATION_CURSOR;
	keyboard.application_keypad = mode & INPUT_APPLICATION_KEYPAD;
	spin_unlock_irqrestore(&state_lock, state);
}

/* --- Devices and their lights ---------------------------------------------------------------- */

static unsigned read_locks(void)
{
	irq_state_t state = spin_lock_irqsave(&state_lock);
	unsigned locks = keyboard.locks;

	spin_unlock_irqrestore(&state_lock, state);
	return locks;
}

static void show_locks(struct work *work)
{
	struct list_node *node;

	(void)work;
	mutex_lock(&devices_lock);
	list_for_each (node, &devices) {
		struct input_device *device = container_of(node, struct input_device, node);

		if (device->set_leds)
			device->set_leds(device, read_locks());
	}
	mutex_unlock(&devices_lock);
}

void input_device_add(struct input_device *device)
{
	if (!is_ready) {
		/* Drivers are started by one thread. */
		mutex_init(&devices_lock, RANK_INPUT_LIST, "input devices");
		work_init(&leds_work, show_locks);
		is_ready = true;
	}
	mutex_lock(&devices_lock);
	list_push_back(&devices, &device->node);
	mutex_unlock(&devices_lock);
	work_queue(&leds_work);
}

void input_device_remove(struct input_device *device)
{
	mutex_lock(&devices_lock);
	list_remove(&device->node);
	mutex_unlock(&devices_lock);
	for (size_t key = 0; (key = bitmap_find_set(keys_down, KEY_COUNT, key)) < KEY_COUNT; key++)
		input_report_key(device, (unsigned)key, false);
}

/* --- Events ---------------------------------------------------------------------------------- */

static bool deliver(struct input_event *event)
{
	input_event_sink *sink = event_sink;

	event->time_ns = clock_monotonic_ns();
	serio_take(event);
	return sink && sink(event);
}

/* Turns a report into an event; false if there is nothing new in it. */
static bool follow_key(unsigned key, bool down, struct input_event *event)
{
	irq_state_t state = spin_lock_irqsave(&state_lock);
	bool was_down = bitmap_test(keys_down, key);

	*event = (struct input_event){ .kind = INPUT_KEY, .code = key };
	if (down) {
		event->value = was_down ? 2 : 1;
		bitmap_set(keys_down, key);
	} else {
		bitmap_clear(keys_down, key);
	}
	spin_unlock_irqrestore(&state_lock, state);
	return down || was_down;
}

/* Alt and print held down, then a letter: asks for a report (docs/debugging.md), whatever program
 * has the keyboard. Takes all keys that are pressed meanwhile. */
static bool take_request(const struct input_event *event)
{
	irq_state_t state = spin_lock_irqsave(&state_lock);
	bool held = bitmap_test(keys_down, KEY_PRINT) &&
		    (bitmap_test(keys_down, KEY_LEFT_ALT) || bitmap_test(keys_down, KEY_RIGHT_ALT));

	spin_unlock_irqrestore(&state_lock, state);
	if (!held || event->value == 0 || event->code == KEY_PRINT || event->code >= KEYMAP_KEYS ||
	    !keymap_us[event->code].character[0])
		return false;
	if (event->value == 1)
		(void)diagnose_request((char)keymap_us[event->code].character[0]);
	return true;
}

static void send_command(enum keyboard_command command)
{
	input_command_sink *sink = command_sink;

	if (!sink)
		return;
	if (command == KEYBOARD_COMMAND_SCROLL_UP)
		sink(INPUT_SCROLL_UP);
	else if (command == KEYBOARD_COMMAND_SCROLL_DOWN)
		sink(INPUT_SCROLL_DOWN);
	else if (command == KEYBOARD_COMMAND_REBOOT)
		sink(INPUT_REBOOT);
}

static void translate(const struct input_event *event)
{
	input_text_sink *sink = text_sink;
	struct keymap_result result;
	unsigned locks;
	irq_state_t state = spin_lock_irqsave(&state_lock);

	locks = keyboard.locks;
	keymap_translate(&keyboard, keymap_us, event->code, event->value, &result);
	locks ^= keyboard.locks;
	spin_unlock_irqrestore(&state_lock, state);
	if (locks)
		work_queue(&leds_work);
	if (result.length && sink)
		sink(result.text, result.length);
	if (result.command != KEYBOARD_COMMAND_NONE)
		send_command(result.command);
}

void input_report_key(struct input_device *device, unsigned key, bool down)
{
	struct input_event event;

	(void)device;
	if (key == KEY_NONE || key >= KEY_COUNT || !follow_key(key, down, &event))
		return;
	if (!take_request(&event) && !deliver(&event))
		translate(&event);
}

void input_report_move(struct input_device *device, int right, int down, int wheel)
{
	struct input_event move = { .kind = INPUT_MOVE, .value = right, .value2 = down };
	struct input_event turn = { .kind = INPUT_WHEEL, .value = wheel };

	(void)device;
	if (right || down)
		deliver(&move);
	if (wheel)
		deliver(&turn);
}

void input_report_place(struct input_device *device, unsigned across, unsigned down)
{
	struct input_event event = {
		.kind = INPUT_PLACE,
		.value = (int)across,
		.value2 = (int)down,
	};

	(void)device;
	deliver(&event);
}
