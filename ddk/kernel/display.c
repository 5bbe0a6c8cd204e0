/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The display class of the driver kit: the first display gets the console of kernel/gfx. */
#include <base/errno.h>
#include <core/log.h>
#include <ddk/display.h>
#include <dev/device.h>
#include <gfx/console.h>
#include <gfx/framebuffer.h>

bool ddk_display_is_needed(const struct device *device)
{
	(void)device;
	return !console_present();
}

int ddk_display_add(struct device *device, const struct ddk_display *display)
{
	struct framebuffer framebuffer = {
		.pixels = (uint8_t *)display->pixels.memory,
		.width = display->width,
		.height = display->height,
		.stride = display->stride,
		.red_first = display->red_first,
	};
	int error;

	if (!display->pixels.memory || display->stride / 4 < display->width ||
	    (uint64_t)display->stride * display->height > display->pixels.length)
		return -EINVAL;
	error = console_start(&framebuffer);
	if (!error)
		error = console_add_terminal();
	if (!error)
		log_info("display", "%s: %u x %u", device->name, display->width, display->height);
	return error;
}
