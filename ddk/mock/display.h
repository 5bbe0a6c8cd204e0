/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver kit on the host: the class of displays. What a driver says of them is checked. */
#pragma once

#include "mock.h"

#include <ddk/display.h>

struct ddk_display {
	struct list_node node; /* in the order in which they were added */
	struct ddk_display_description description;
	const struct ddk_display_ops *ops;
	void *context;
	unsigned changes; /* how often its modes changed */
	bool suspended;
};

/* What firmware and the user say; width 0: nothing. Reset by mock_start(). */
extern struct ddk_display_mode mock_display_wish;
extern struct ddk_framebuffer mock_display_firmware;
/* Frame buffers may lie in registers, which the mock does not map. */
extern bool mock_display_without_pixels;

/* The display with this number in order, or NULL. */
struct ddk_display *mock_display(unsigned index);
unsigned mock_display_count(void);
/* Does as the class: what the driver said. */
int mock_display_set_mode(struct ddk_display *display, unsigned index);
void mock_display_flush(struct ddk_display *display, uint32_t left, uint32_t top, uint32_t right,
			uint32_t bottom);
