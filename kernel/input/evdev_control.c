/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What programs ask of input devices: Linux's ioctl requests. */
#include "evdev.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <mm/vm/user.h>

#define DIRECTION_WRITE 1u /* the program gives something */

/* A request taken apart. */
struct request {
	unsigned direction, size, number;
	uintptr_t argument;
};

static struct request take_apart(unsigned request, uintptr_t argument)
{
	return (struct request){
		.direction = request >> 30,
		.size = request >> 16 & 0x3fff,
		.number = request & 0xff,
		.argument = argument,
	};
}

/* Copies at most what the program has room for; how much. */
static long put(const struct request *request, const void *from, size_t size)
{
	size_t length = min_size(size, request->size);
	int error = copy_to_user(user_out(request->argument, length), from);

	return error ? error : (long)length;
}

static long put_text(const struct request *request, const char *text)
{
	return put(request, text, strlen(text) + 1);
}

static void add_keys(uint64_t *bits, unsigned first, unsigned last)
{
	for (unsigned key = first; key <= last; key++)
		bitmap_set(bits, key);
}

static void find_keys(unsigned kinds, uint64_t *bits)
{
	if (kinds & INPUT_HAS_KEYS) {
		add_keys(bits, KEY_ESCAPE, KEY_PAD_DOT);
		add_keys(bits, KEY_102ND, KEY_F12);
		add_keys(bits, KEY_PAD_ENTER, KEY_RIGHT_ALT);
		add_keys(bits, KEY_HOME, KEY_DELETE);
		add_keys(bits, KEY_MUTE, KEY_POWER);
		add_keys(bits, KEY_PAUSE, KEY_PAUSE);
		add_keys(bits, KEY_LEFT_META, KEY_MENU);
		add_keys(bits, KEY_SLEEP, KEY_SLEEP);
	}
	if (kinds & INPUT_HAS_BUTTONS)
		add_keys(bits, BUTTON_LEFT, BUTTON_MIDDLE);
	if (kinds & INPUT_HAS_MORE_BUTTONS)
		add_keys(bits, BUTTON_SIDE, BUTTON_EXTRA);
	if (kinds & INPUT_HAS_POWER)
		add_keys(bits, KEY_POWER, KEY_POWER);
	if (kinds & INPUT_HAS_SLEEP)
		add_keys(bits, KEY_SLEEP, KEY_SLEEP);
}

static uint64_t types_of(unsigned kinds)
{
	uint64_t types = 1 << EVDEV_TYPE_SYNC;

	if (kinds & (INPUT_HAS_KEYS | INPUT_HAS_BUTTONS | INPUT_HAS_POWER | INPUT_HAS_SLEEP))
		types |= 1 << EVDEV_TYPE_KEY;
	if (kinds & INPUT_HAS_LID)
		types |= 1 << EVDEV_TYPE_SWITCH;
	if (kinds & INPUT_HAS_KEYS)
		types |= 1 << EVDEV_TYPE_LED | 1 << EVDEV_TYPE_REPEAT;
	if (kinds & (INPUT_HAS_MOVES | INPUT_HAS_WHEEL))
		types |= 1 << EVDEV_TYPE_RELATIVE;
	if (kinds & INPUT_HAS_PLACES)
		types |= 1 << EVDEV_TYPE_ABSOLUTE;
	return types;
}

/* What of a type it can report; of type 0, which types. */
static long get_bits(const struct evdev *evdev, const struct request *request)
{
	const uint64_t two_axes = 1 << EVDEV_AXIS_X | 1 << EVDEV_AXIS_Y;
	uint64_t keys[BITMAP_WORDS(KEY_COUNT)] = { 0 }, bits = 0;
	unsigned type = request->number - EVDEV_GET_BITS;

	switch (type) {
	case EVDEV_TYPE_SYNC:
		bits = types_of(evdev->kinds);
		break;
	case EVDEV_TYPE_KEY:
		find_keys(evdev->kinds, keys);
		return put(request, keys, sizeof(keys));
	case EVDEV_TYPE_RELATIVE:
		if (evdev->kinds & INPUT_HAS_MOVES)
			bits |= two_axes;
		if (evdev->kinds & INPUT_HAS_WHEEL)
			bits |= 1 << EVDEV_AXIS_WHEEL;
		break;
	case EVDEV_TYPE_ABSOLUTE:
		bits = evdev->kinds & INPUT_HAS_PLACES ? two_axes : 0;
		break;
	case EVDEV_TYPE_SWITCH:
		bits = evdev->kinds & INPUT_HAS_LID ? 1 << INPUT_SWITCH_LID : 0;
		break;
	case EVDEV_TYPE_LED:
		if (evdev->kinds & INPUT_HAS_KEYS)
			bits = 1 << EVDEV_LIGHT_NUM | 1 << EVDEV_LIGHT_CAPS |
			       1 << EVDEV_LIGHT_SCROLL;
		break;
	case EVDEV_TYPE_REPEAT:
		bits = evdev->kinds & INPUT_HAS_KEYS ? 3 : 0; /* delay and period */
		break;
	default:
		break;
	}
	return put(request, &bits, sizeof(bits));
}

static long get_keys(struct evdev *evdev, const struct request *request)
{
	uint64_t keys[BITMAP_WORDS(KEY_COUNT)] = { 0 };

	mutex_lock(&evdev->device_lock);
	if (evdev->device)
		input_read_keys(evdev->device, keys);
	mutex_unlock(&evdev->device_lock);
	return put(request, keys, sizeof(keys));
}

static long get_switches(struct evdev *evdev, const struct request *request)
{
	uint64_t on = 0;

	mutex_lock(&evdev->device_lock);
	if (evdev->device)
		on = evdev->device->switches_on;
	mutex_unlock(&evdev->device_lock);
	return put(request, &on, sizeof(on));
}

static long get_leds(const struct evdev *evdev, const struct request *request)
{
	unsigned leds = evdev->kinds & INPUT_HAS_KEYS ? input_leds_wanted() : 0;
	uint64_t bits = 0;

	if (leds & INPUT_LED_NUM)
		bits |= 1 << EVDEV_LIGHT_NUM;
	if (leds & INPUT_LED_CAPS)
		bits |= 1 << EVDEV_LIGHT_CAPS;
	if (leds & INPUT_LED_SCROLL)
		bits |= 1 << EVDEV_LIGHT_SCROLL;
	return put(request, &bits, sizeof(bits));
}

static long get_axis(const struct evdev *evdev, const struct request *request)
{
	const struct linux_input_axis axis = { .maximum = INPUT_PLACE_MAX };
	unsigned number = request->number - EVDEV_GET_AXIS;

	if (!(evdev->kinds & INPUT_HAS_PLACES) || number > EVDEV_AXIS_Y)
		return -EINVAL;
	return put(request, &axis, sizeof(axis)) < 0 ? -EFAULT : 0;
}

static long repeat(const struct evdev *evdev, const struct request *request)
{
	uint32_t values[2];
	struct input_repeat now;

	if (!(evdev->kinds & INPUT_HAS_KEYS))
		return -ENOSYS;
	if (request->direction & DIRECTION_WRITE) {
		if (copy_from_user(values, user_in(request->argument, sizeof(values))))
			return -EFAULT;
		now = (struct input_repeat){ values[0], values[1] };
		input_set_repeat(&now);
		return 0;
	}
	input_read_repeat(&now);
	values[0] = now.delay_ms;
	values[1] = now.period_ms;
	return copy_to_user(user_out(request->argument, sizeof(values)), values);
}

static long set_clock(struct evdev_reader *reader, const struct request *request)
{
	struct evdev *evdev = reader->evdev;
	irq_state_t state;
	uint32_t clock;

	if (read_user_u32(request->argument, &clock))
		return -EFAULT;
	if (clock != EVDEV_CLOCK_REALTIME && clock != EVDEV_CLOCK_MONOTONIC &&
	    clock != EVDEV_CLOCK_BOOT)
		return -EINVAL;
	state = spin_lock_irqsave(&evdev->lock);
	reader->clock = clock;
	reader->tail = reader->head; /* their times were another clock's */
	spin_unlock_irqrestore(&evdev->lock, state);
	return 0;
}

static long get_identity(const struct evdev *evdev, const struct request *request)
{
	const struct linux_input_identity identity = {
		.bus = evdev->place ? EVDEV_BUS_HOST : EVDEV_BUS_I8042,
		.product = evdev->product,
		.version = 1,
	};
	long length = put(request, &identity, sizeof(identity));

	return length < 0 ? length : 0;
}

static long get_place(const struct evdev *evdev, const struct request *request)
{
	char text[24];

	if (evdev->place)
		return put_text(request, evdev->place);
	snprintf(text, sizeof(text), "i8042/input%u", evdev->number);
	return put_text(request, text);
}

/* Requests that are one number. */
static long control_one(struct evdev_reader *reader, const struct request *request)
{
	const uint64_t none = 0;
	struct evdev *evdev = reader->evdev;

	switch (request->number) {
	case EVDEV_GET_VERSION:
		return write_user_u32(request->argument, EVDEV_VERSION);
	case EVDEV_GET_IDENTITY:
		return get_identity(evdev, request);
	case EVDEV_REPEAT:
		return repeat(evdev, request);
	case EVDEV_GET_NAME:
		return put_text(request, evdev->name);
	case EVDEV_GET_PLACE:
		return get_place(evdev, request);
	case EVDEV_GET_UNIQUE:
		return -ENOENT;
	case EVDEV_GET_PROPERTIES:
	case EVDEV_GET_SOUNDS:
		return put(request, &none, sizeof(none));
	case EVDEV_GET_SWITCHES:
		return get_switches(evdev, request);
	case EVDEV_GET_KEYS:
		return get_keys(evdev, request);
	case EVDEV_GET_LEDS:
		return get_leds(evdev, request);
	case EVDEV_GRAB:
		return evdev_grab(reader, request->argument != 0);
	case EVDEV_REVOKE:
		if (request->argument)
			return -EINVAL;
		evdev_revoke(reader);
		return 0;
	case EVDEV_SET_CLOCK:
		return set_clock(reader, request);
	default:
		return -EINVAL;
	}
}

long evdev_control(struct file *file, unsigned number, uintptr_t argument)
{
	struct evdev_reader *reader = file->private;
	const struct request request = take_apart(number, argument);

	if ((number >> 8 & 0xff) != EVDEV_REQUEST_TYPE)
		return -ENOTTY;
	if (reader->evdev->gone || reader->revoked)
		return -ENODEV;
	if (request.number >= EVDEV_GET_BITS && request.number <= EVDEV_GET_BITS + EVDEV_TYPE_MAX)
		return get_bits(reader->evdev, &request);
	if (request.number >= EVDEV_GET_AXIS && request.number < EVDEV_GRAB &&
	    !(request.direction & DIRECTION_WRITE))
		return get_axis(reader->evdev, &request);
	return control_one(reader, &request);
}
