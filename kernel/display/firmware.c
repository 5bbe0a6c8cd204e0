/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Firmware's frame buffer: a display of one mode, shown as it is written, until the driver of its
 * device knows better. Only the thread that boots and the one that adds devices come here.
 */
#include <display/display.h>

#include <base/checked.h>
#include <base/errno.h>
#include <mm/phys/kernel_map.h>

static const struct display_ops firmware_ops;

static struct display firmware = { .name = "firmware", .ops = &firmware_ops };
static bool present;
static uint64_t firmware_base, firmware_size;

int display_add_firmware(const struct framebuffer *framebuffer, uint64_t base, uint64_t size)
{
	int error;

	if ((uint64_t)framebuffer->stride * framebuffer->height > size)
		return -EINVAL;
	firmware.framebuffer = *framebuffer;
	firmware.framebuffer.pixels = kernel_map_device(base, size, MMU_WRITE_COMBINING);
	if (!firmware.framebuffer.pixels)
		return -ENOMEM;
	firmware.modes[0] = (struct display_mode){ framebuffer->width, framebuffer->height };
	firmware.mode_count = 1;
	firmware_base = base;
	firmware_size = size;
	error = display_add(&firmware);
	present = !error;
	if (error)
		kernel_unmap_device(firmware.framebuffer.pixels, size);
	return error;
}

bool display_firmware_is_within(uint64_t base, uint64_t size, struct framebuffer *framebuffer,
				uint64_t *offset)
{
	if (!present || firmware_base < base ||
	    !range_within(firmware_base - base, firmware_size, size))
		return false;
	*framebuffer = firmware.framebuffer;
	framebuffer->pixels = NULL;
	*offset = firmware_base - base;
	return true;
}

void display_remove_firmware(void)
{
	if (!present)
		return;
	display_remove(&firmware);
	kernel_unmap_device(firmware.framebuffer.pixels, firmware_size);
	present = false;
}
