/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys that are held down repeat: the last one that was pressed, after a while, until it goes up or
 * another one goes down. What devices repeat by themselves is not listened to, so that all keyboards
 * are alike.
 */
#include "input_priv.h"

#include <ddk/keys.h>
#include <sync/spinlock.h>
#include <time/clock.h>
#include <time/timer.h>

static void repeat_due(struct timer *timer);

static struct spinlock repeat_lock = SPINLOCK_INIT(RANK_INPUT, "key repeat"); /* all below */
static struct timer repeat_timer = { .expire = repeat_due };
static struct input_device *repeat_device; /* NULL: nothing repeats */
static unsigned repeat_key;
static struct input_repeat rate = { .delay_ms = 500, .period_ms = 33 };

static bool repeats(unsigned key)
{
	switch (key) {
	case KEY_LEFT_SHIFT:
	case KEY_RIGHT_SHIFT:
	case KEY_LEFT_CTRL:
	case KEY_RIGHT_CTRL:
	case KEY_LEFT_ALT:
	case KEY_RIGHT_ALT:
	case KEY_LEFT_META:
	case KEY_RIGHT_META:
	case KEY_CAPS_LOCK:
	case KEY_NUM_LOCK:
	case KEY_SCROLL_LOCK:
	case KEY_PAUSE:
	case KEY_POWER:
	case KEY_SLEEP:
		return false;
	default:
		return key < KEYMAP_KEYS;
	}
}

static void repeat_due(struct timer *timer)
{
	struct input_event event = { .kind = INPUT_KEY, .value = 2 };
	irq_state_t state = spin_lock_irqsave(&repeat_lock);
	struct input_device *device = repeat_device;

	event.code = repeat_key;
	if (device && rate.period_ms)
		timer_arm(timer, clock_deadline_after(rate.period_ms * NS_PER_MILLISECOND));
	spin_unlock_irqrestore(&repeat_lock, state);
	if (device)
		input_deliver(device, &event);
}

void input_repeat_key(struct input_device *device, unsigned key, bool down)
{
	irq_state_t state;

	if (!repeats(key))
		return;
	state = spin_lock_irqsave(&repeat_lock);
	if (down && rate.delay_ms) {
		repeat_device = device;
		repeat_key = key;
		timer_arm(&repeat_timer, clock_deadline_after(rate.delay_ms * NS_PER_MILLISECOND));
	} else if (device == repeat_device && key == repeat_key) {
		repeat_device = NULL;
		timer_cancel(&repeat_timer);
	}
	spin_unlock_irqrestore(&repeat_lock, state);
}

void input_repeat_stop(struct input_device *device)
{
	irq_state_t state = spin_lock_irqsave(&repeat_lock);
	bool was_ours = repeat_device == device;

	if (was_ours)
		repeat_device = NULL;
	spin_unlock_irqrestore(&repeat_lock, state);
	/* An event of this device may be under way, whoever's key comes next. */
	timer_cancel_sync(&repeat_timer);
}

void input_read_repeat(struct input_repeat *repeat)
{
	irq_state_t state = spin_lock_irqsave(&repeat_lock);

	*repeat = rate;
	spin_unlock_irqrestore(&repeat_lock, state);
}

void input_set_repeat(const struct input_repeat *repeat)
{
	irq_state_t state = spin_lock_irqsave(&repeat_lock);

	rate.delay_ms = (unsigned)min_u64(repeat->delay_ms, INPUT_REPEAT_MAX_MS);
	rate.period_ms = (unsigned)min_u64(repeat->period_ms, INPUT_REPEAT_MAX_MS);
	/* Faster than this nobody can see, and would only keep a CPU busy. */
	rate.period_ms = rate.period_ms && rate.period_ms < 5 ? 5 : rate.period_ms;
	spin_unlock_irqrestore(&repeat_lock, state);
}
