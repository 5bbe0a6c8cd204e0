/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Class interface: keyboards and pointers. The driver reports what happens as it happens; what
 * keys mean (layouts, repeats, locks) is decided above.
 */
#pragma once

#include <ddk/device.h>
#include <ddk/keys.h>

struct ddk_input;

enum ddk_leds {
	DDK_LED_SCROLL = 1 << 0, /* as a PS/2 keyboard has them */
	DDK_LED_NUM = 1 << 1,
	DDK_LED_CAPS = 1 << 2,
};

/* What it may report: so it is told to programs. */
enum ddk_input_kinds {
	DDK_INPUT_KEYS = 1 << 0,    /* of a keyboard */
	DDK_INPUT_BUTTONS = 1 << 1, /* left, right, middle */
	DDK_INPUT_MOVES = 1 << 2,
	DDK_INPUT_WHEEL = 1 << 3,
	DDK_INPUT_PLACES = 1 << 4,
	DDK_INPUT_MORE_BUTTONS = 1 << 5, /* side and extra */
};

struct ddk_input_ops {
	unsigned kinds; /* enum ddk_input_kinds */
	/* Shows enum ddk_leds. Thread context, one call at a time. NULL: it has none. */
	void (*set_leds)(struct ddk_input *input, unsigned leds);
};

/* `name` is static. Thread context. -ENOMEM. */
static inline int must_check ddk_input_create(struct device *device, const char *name,
					      const struct ddk_input_ops *ops, void *context,
					      struct ddk_input **input);
/* What the function above is: structures come with the size that they had for the driver. */
int must_check ddk_input_create_sized(struct device *device, const char *name,
				      const struct ddk_input_ops *ops, size_t ops_size,
				      void *context, struct ddk_input **input);
static inline int ddk_input_create(struct device *device, const char *name,
				   const struct ddk_input_ops *ops, void *context,
				   struct ddk_input **input)
{
	return ddk_input_create_sized(device, name, ops, sizeof(*ops), context, input);
}
/* Releases the keys that are down; the driver reports nothing any more. Thread context. */
void ddk_input_destroy(struct ddk_input *input);
void *ddk_input_context(const struct ddk_input *input);

/* The device has slept: its keys go up, and its lights are set anew. Thread context, no lock held; it reports
 * nothing meanwhile. */
void ddk_input_resumed(struct ddk_input *input);

/* All below: any context, no ddk_lock held, one call at a time for each input. */

/* A key or button went down (also when it repeats by itself) or up. Numbers that do not exist
 * are ignored. */
void ddk_input_key(struct ddk_input *input, unsigned key, bool down);
/* The pointer moved, right and down, and the wheel turned, away from the user. */
void ddk_input_move(struct ddk_input *input, int right, int down, int wheel);
/* The pointer is at a place, both from 0 to DDK_INPUT_RANGE. */
#define DDK_INPUT_RANGE 0x7fff
void ddk_input_place(struct ddk_input *input, unsigned across, unsigned down);
