/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver kit on the host: keyboards and pointers. */
#include "mock_private.h"

#include <base/errno.h>
#include <ddk/memory.h>
#include <unit.h>

int ddk_input_create(struct device *device, const char *name, const struct ddk_input_ops *ops,
		     void *context, struct ddk_input **made)
{
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
	(void)right;
	(void)down;
	(void)wheel;
	EXPECT_EQUAL(mock_locks_held, 0);
	input->reports++;
}
