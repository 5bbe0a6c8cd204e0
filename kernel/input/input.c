/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where input events go: the event sink, then the console's keys, then the text sink. */
#include "console_keys.h"
#include "input_priv.h"
#include "pointer.h"
#include "serio.h"

#include <base/bits.h>
#include <base/string.h>
#include <ddk/keys.h>
#include <sched/diagnose.h>
#include <sync/spinlock.h>
#include <time/clock.h>

#include <stdatomic.h>

/* Keys of each device that are down, and the pointer's movement. */
static struct spinlock state_lock = SPINLOCK_INIT(RANK_INPUT, "input");
static struct pointer pointer;

static _Atomic bool is_accelerated = true;
static _Atomic unsigned console_mode; /* enum input_mode; a word of its own */

/* Set once at boot. */
static _Atomic(input_event_sink *) event_sink;
static _Atomic(input_text_sink *) text_sink;
static _Atomic(input_command_sink *) command_sink;
static _Atomic(input_power_sink *) power_sink;

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

void input_set_power_sink(input_power_sink *sink)
{
	power_sink = sink;
}

void input_set_mode(unsigned mode)
{
	console_mode = mode;
}

/* --- Events ---------------------------------------------------------------------------------- */

/* Alt and print held down, then a letter: asks for a report (docs/debugging.md), whatever program
 * has the keyboard. Takes all keys that are pressed meanwhile. */
static bool take_request(const struct input_event *event)
{
	uint32_t character;

	if (event->value == 0 || event->code == KEY_PRINT || !input_is_held(KEY_PRINT) ||
	    (!input_is_held(KEY_LEFT_ALT) && !input_is_held(KEY_RIGHT_ALT)))
		return false;
	character = input_character_on(event->code);
	if (character == 0 || character >= 0x80)
		return false;
	if (event->value == 1)
		(void)diagnose_request((char)character);
	return true;
}

static void ask_power(enum input_power what)
{
	input_power_sink *power = power_sink;

	if (power)
		power(what);
}

/* Buttons of the machine, wherever they are: true if the event is one's, and nobody else's. */
static bool take_power(const struct input_event *event)
{
	if (event->kind == INPUT_SWITCH) {
		if (event->code == INPUT_SWITCH_LID && event->value)
			ask_power(INPUT_LID_CLOSED);
		return true;
	}
	if (event->kind != INPUT_KEY)
		return false;
	if (event->code == KEY_POWER) {
		if (event->value == 1)
			ask_power(INPUT_POWER_BUTTON);
		return true;
	}
	if (event->code != KEY_SLEEP && event->code != KEY_SUSPEND)
		return false;
	if (event->value == 1)
		ask_power(INPUT_SLEEP_BUTTON);
	return true;
}

/* What is left to the console. */
static void send_to_console(const struct input_event *event)
{
	input_text_sink *text = text_sink;
	input_command_sink *command = command_sink;
	struct console_keys_result result;

	console_keys_translate(event, console_mode, &result);
	if (result.length && text)
		text(result.text, result.length);
	if (result.is_command && result.command == INPUT_REBOOT)
		ask_power(INPUT_RESTART_KEYS);
	else if (result.is_command && command)
		command(result.command);
}

/* From counts of the device to pixels; false if that is none so far. */
static bool accelerate(struct input_event *event)
{
	irq_state_t state;

	if (!is_accelerated)
		return true;
	state = spin_lock_irqsave(&state_lock);
	pointer_accelerate(&pointer, event->time_ns, &event->value, &event->value2);
	spin_unlock_irqrestore(&state_lock, state);
	return event->value || event->value2;
}

void input_set_acceleration(bool on)
{
	is_accelerated = on;
}

bool input_is_accelerated(void)
{
	return is_accelerated;
}

static void tell_all(struct input_event *event)
{
	input_event_sink *sink = event_sink;

	if (event->kind == INPUT_KEY) {
		input_follow_layout(event);
		if (take_request(event))
			return;
	}
	serio_take(event);
	mice_take(event);
	if (take_power(event))
		return;
	if (event->kind == INPUT_MOVE && !accelerate(event))
		return;
	if ((!sink || !sink(event)) && event->kind == INPUT_KEY)
		send_to_console(event);
}

void input_deliver(struct input_device *device, struct input_event *event)
{
	event->time_ns = clock_monotonic_ns();
	if (!device || !evdev_take(device, event))
		tell_all(event);
}

void input_read_keys(struct input_device *device, uint64_t keys[BITMAP_WORDS(KEY_COUNT)])
{
	irq_state_t state = spin_lock_irqsave(&state_lock);

	memcpy(keys, device->keys_down, sizeof(device->keys_down));
	spin_unlock_irqrestore(&state_lock, state);
}

void input_forget_keys(struct input_device *device)
{
	uint64_t keys[BITMAP_WORDS(KEY_COUNT)];
	size_t key = 0;

	input_read_keys(device, keys);
	while ((key = bitmap_find_set(keys, KEY_COUNT, key)) < KEY_COUNT) {
		struct input_event event = {
			.time_ns = clock_monotonic_ns(),
			.kind = INPUT_KEY,
			.code = (unsigned)key++,
		};

		tell_all(&event);
	}
}

/* --- Reports --------------------------------------------------------------------------------- */

/* Notes where the key is; false if it was there already. */
static bool follow_key(struct input_device *device, unsigned key, bool down)
{
	irq_state_t state = spin_lock_irqsave(&state_lock);
	bool was_down = bitmap_test(device->keys_down, key);

	if (down)
		bitmap_set(device->keys_down, key);
	else
		bitmap_clear(device->keys_down, key);
	spin_unlock_irqrestore(&state_lock, state);
	return was_down != down;
}

void input_report_key(struct input_device *device, unsigned key, bool down)
{
	struct input_event event = { .kind = INPUT_KEY, .code = key, .value = down };

	if (key == KEY_NONE || key >= KEY_COUNT || !follow_key(device, key, down))
		return;
	input_repeat_key(device, key, down);
	input_deliver(device, &event);
}

/* Notes how the switch is; false if it was so already. */
static bool follow_switch(struct input_device *device, enum input_switch which, bool on)
{
	irq_state_t state = spin_lock_irqsave(&state_lock);
	uint64_t before = device->switches_on, bit = 1ull << which;

	device->switches_on = on ? before | bit : before & ~bit;
	spin_unlock_irqrestore(&state_lock, state);
	return device->switches_on != before;
}

void input_report_switch(struct input_device *device, enum input_switch which, bool on)
{
	struct input_event event = { .kind = INPUT_SWITCH, .code = which, .value = on };

	if (follow_switch(device, which, on))
		input_deliver(device, &event);
}

void input_release_keys(struct input_device *device)
{
	size_t key = 0;

	while ((key = bitmap_find_set(device->keys_down, KEY_COUNT, key)) < KEY_COUNT)
		input_report_key(device, (unsigned)key, false);
}

void input_report_move(struct input_device *device, int right, int down, int wheel)
{
	struct input_event move = { .kind = INPUT_MOVE, .value = right, .value2 = down };
	struct input_event turn = { .kind = INPUT_WHEEL, .value = wheel };

	if (right || down)
		input_deliver(device, &move);
	if (wheel)
		input_deliver(device, &turn);
}

void input_report_place(struct input_device *device, unsigned across, unsigned down)
{
	struct input_event event = {
		.kind = INPUT_PLACE,
		.value = (int)min_u64(across, INPUT_PLACE_MAX),
		.value2 = (int)min_u64(down, INPUT_PLACE_MAX),
	};

	input_deliver(device, &event);
}
