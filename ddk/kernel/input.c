/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The input class of the driver kit: passes reports on to kernel/input. */
#include "../common/structure.h"

#include <base/errno.h>
#include <base/string.h>
#include <ddk/input.h>
#include <dev/device.h>
#include <input/input.h>
#include <mm/phys/slab.h>
#include <sched/mutex.h>

#define INPUT_NAME_MAX 48

struct ddk_input {
	struct input_device device;
	struct device *owner; /* immutable; it is there while its driver or a handover is */
	char name[INPUT_NAME_MAX];
	struct device_parked parked;
	/* RANK_INPUT_DRIVER: the present driver's, none while it is parked; held while they run. */
	struct mutex lock;
	struct ddk_input_ops ops;
	void *context;
};

_Static_assert((unsigned)DDK_LED_CAPS == (unsigned)INPUT_LED_CAPS, "the same numbers");
_Static_assert((unsigned)DDK_INPUT_KEYS == (unsigned)INPUT_HAS_KEYS, "the same numbers");
_Static_assert((unsigned)DDK_INPUT_MORE_BUTTONS == (unsigned)INPUT_HAS_MORE_BUTTONS,
	       "the same numbers");
_Static_assert((unsigned)DDK_LED_NUM == (unsigned)INPUT_LED_NUM, "the same numbers");

static void set_leds(struct input_device *device, unsigned leds)
{
	struct ddk_input *input = container_of(device, struct ddk_input, device);

	mutex_lock(&input->lock);
	if (input->ops.set_leds)
		input->ops.set_leds(input, leds);
	mutex_unlock(&input->lock);
}

static void set_driver(struct ddk_input *input, const struct ddk_input_ops *ops, void *context)
{
	mutex_lock(&input->lock);
	input->ops = *ops;
	input->context = context;
	mutex_unlock(&input->lock);
}

static void discard(struct device_parked *parked)
{
	struct ddk_input *input = container_of(parked, struct ddk_input, parked);

	input_device_remove(&input->device);
	kfree(input);
}

struct wanted {
	const char *name;
	unsigned kinds;
};

static bool fits(struct device_parked *parked, const void *argument)
{
	const struct ddk_input *input = container_of(parked, struct ddk_input, parked);
	const struct wanted *wanted = argument;

	return input->device.kinds == wanted->kinds &&
	       strncmp(input->name, wanted->name, sizeof(input->name) - 1) == 0;
}

static struct ddk_input *find_parked(struct device *device, const char *name,
				     const struct ddk_input_ops *ops)
{
	const struct wanted wanted = { name, ops->kinds };
	struct device_parked *parked = device_find_parked(device, PARKED_INPUT, fits, &wanted);

	return parked ? container_of(parked, struct ddk_input, parked) : NULL;
}

static struct ddk_input *make(struct device *device, const char *name)
{
	struct ddk_input *input = kzalloc(sizeof(*input));

	if (!input)
		return NULL;
	input->owner = device;
	string_copy(input->name, name, sizeof(input->name));
	mutex_init(&input->lock, RANK_INPUT_DRIVER, "input's driver");
	input->parked.kind = PARKED_INPUT;
	input->parked.order = device_parked_order();
	input->parked.discard = discard;
	return input;
}

int ddk_input_create_sized(struct device *device, const char *name, const struct ddk_input_ops *ops,
			   size_t ops_size, void *context, struct ddk_input **made)
{
	struct ddk_input_ops own;
	struct ddk_input *input;

	ddk_take_structure(&own, sizeof(own), ops, ops_size);
	input = find_parked(device, name, &own);
	if (input) {
		*made = input;
		set_driver(input, &own, context);
		input_device_resumed(&input->device);
		return 0;
	}
	input = make(device, name);
	if (!input)
		return -ENOMEM;
	set_driver(input, &own, context);
	input->device.name = input->name;
	input->device.kinds = own.kinds;
	input->device.set_leds = set_leds;
	*made = input;
	input_device_add(&input->device);
	return 0;
}

void ddk_input_destroy(struct ddk_input *input)
{
	const struct ddk_input_ops none = { .kinds = input->device.kinds };

	if (!input->owner->handover) {
		discard(&input->parked);
		return;
	}
	set_driver(input, &none, NULL);
	input_release_keys(&input->device);
	if (!device_park(input->owner, &input->parked))
		discard(&input->parked);
}

void ddk_input_resumed(struct ddk_input *input)
{
	input_device_resumed(&input->device);
}

void *ddk_input_context(const struct ddk_input *input)
{
	return input->context;
}

void ddk_input_key(struct ddk_input *input, unsigned key, bool down)
{
	input_report_key(&input->device, key, down);
}

void ddk_input_move(struct ddk_input *input, int right, int down, int wheel)
{
	input_report_move(&input->device, right, down, wheel);
}

void ddk_input_place(struct ddk_input *input, unsigned across, unsigned down)
{
	input_report_place(&input->device, across, down);
}
