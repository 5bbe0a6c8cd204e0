/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver kit on the host: keyboards and pointers. */
#include "mock_private.h"

#include <base/errno.h>
#include <ddk/memory.h>
#include <unit.h>

int ddk_input_create_sized(struct device *device, const char *name, const struct ddk_input_ops *ops,
			   size_t ops_size, void *context, struct ddk_input **made)
{
	(void)ops_size;
	struct ddk_input *input = ddk_allocate(sizeof(*input));

	(void)device;
	(void)name;
	if (!input)
		return -ENOMEM;
	input->ops = ops;
	input->context = context;
	*made = input;
	return 0;
}

void ddk_input_destroy(struct ddk_input *input)
{
	ddk_free(input);
}

void ddk_input_resumed(struct ddk_input *input)
{
	EXPECT_EQUAL(mock_locks_held + mock_mutexes_held, 0);
	input->resumed++;
	input->down = false;
}

void *ddk_input_context(const struct ddk_input *input)
{
	return input->context;
}

void ddk_input_key(struct ddk_input *input, unsigned key, bool down)
{
	EXPECT_EQUAL(mock_locks_held, 0);
	EXPECT(key < KEY_COUNT);
	input->reports++;
	input->key = key;
	input->down = down;
}

void ddk_input_move(struct ddk_input *input, int right, int down, int wheel)
{
	EXPECT_EQUAL(mock_locks_held, 0);
	input->reports++;
	input->right = right;
	input->moved_down = down;
	input->wheel = wheel;
}

void ddk_input_place(struct ddk_input *input, unsigned across, unsigned down)
{
	EXPECT_EQUAL(mock_locks_held, 0);
	EXPECT(across <= DDK_INPUT_RANGE && down <= DDK_INPUT_RANGE);
	input->reports++;
	input->across = across;
	input->place_down = down;
}

bool ddk_monitor_call(enum ddk_monitor_command command, uint32_t argument,
		      struct ddk_monitor_reply *reply)
{
	const struct device *device = mock_device();

	if (!device->monitor)
		return false;
	device->monitor(command, argument, reply);
	return true;
}
