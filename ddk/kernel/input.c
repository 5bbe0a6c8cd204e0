/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The input class of the driver kit: passes reports on to kernel/input. */
#include <base/errno.h>
#include <ddk/input.h>
#include <dev/device.h>
#include <input/input.h>
#include <mm/phys/slab.h>

struct ddk_input {
	struct input_device device;
	const struct ddk_input_ops *ops; /* immutable, and the next */
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

	input->ops->set_leds(input, leds);
}

int ddk_input_create_sized(struct device *device, const char *name, const struct ddk_input_ops *ops,
			   size_t ops_size, void *context, struct ddk_input **made)
{
	(void)ops_size;
	struct ddk_input *input = kzalloc(sizeof(*input));

	(void)device;
	if (!input)
		return -ENOMEM;
	input->ops = ops;
	input->context = context;
	input->device.name = name;
	input->device.kinds = ops->kinds;
	input->device.set_leds = ops->set_leds ? set_leds : NULL;
	*made = input;
	input_device_add(&input->device);
	return 0;
}

void ddk_input_destroy(struct ddk_input *input)
{
	input_device_remove(&input->device);
	kfree(input);
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
