/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keyboards and pointers: each thing that happens is a call. */
#include <ddk/input.h>

#include <base/string.h>
#include <ddk/memory.h>

#include "object.h"

struct ddk_input {
	struct object object;
	/* Immutable. */
	struct ddk_input_ops ops;
	void *context;
};

static void handle_leds(struct object *object, const struct host_message *message)
{
	struct ddk_input *input = (struct ddk_input *)object;

	if (input->ops.set_leds)
		input->ops.set_leds(input, (unsigned)message->arguments[0]);
	channel_reply(message->slot, 0, 0);
}

void input_leds_message(struct object *object, const struct host_message *message)
{
	object_defer(object, message, handle_leds);
}

int ddk_input_create_sized(struct device *device, const char *name, const struct ddk_input_ops *ops,
			   size_t ops_size, void *context, struct ddk_input **made)
{
	struct ddk_input *input = ddk_allocate(sizeof(*input));
	int error;

	(void)device;
	if (!input)
		return -ENOMEM;
	memcpy(&input->ops, ops, min_size(ops_size, sizeof(input->ops)));
	input->context = context;
	*made = input;
	object_begin(&input->object, OBJECT_INPUT);
	error = object_made(&input->object,
			    waiting_call(HOST_INPUT_CREATE, address_of(name), strlen(name),
					 input->ops.kinds, input->ops.set_leds != NULL));
	if (error)
		ddk_free(input);
	return error;
}

void ddk_input_destroy(struct ddk_input *input)
{
	(void)waiting_call(HOST_INPUT_DESTROY, input->object.number, 0, 0, 0);
	object_remove(&input->object);
	ddk_free(input);
}

void *ddk_input_context(const struct ddk_input *input)
{
	return input->context;
}

void ddk_input_resumed(struct ddk_input *input)
{
	(void)waiting_call(HOST_INPUT_RESUMED, input->object.number, 0, 0, 0);
}

/* An interrupt may come before the driver's making of the input has returned; the kernel passes over what is of no object. */

void ddk_input_key(struct ddk_input *input, unsigned key, bool down)
{
	(void)kernel_call3(HOST_INPUT_KEY, input->object.number, key, down);
}

void ddk_input_move(struct ddk_input *input, int right, int down, int wheel)
{
	(void)kernel_call4(HOST_INPUT_MOVE, input->object.number, (uint64_t)right, (uint64_t)down,
			   (uint64_t)wheel);
}

void ddk_input_place(struct ddk_input *input, unsigned across, unsigned down)
{
	(void)kernel_call3(HOST_INPUT_PLACE, input->object.number, across, down);
}
