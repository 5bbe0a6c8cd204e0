/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Driver of the display adapter of Bochs and QEMU (QEMU's docs/specs/standard-vga.txt): a frame
 * buffer in BAR 0; the monitor's EDID and the registers in BAR 2. It keeps the mode that firmware has
 * set, or sets what the user or the monitor wants.
 */
#include <base/errno.h>
#include <ddk/display.h>
#include <ddk/driver.h>
#include <ddk/io.h>
#include <ddk/log.h>
#include <ddk/memory.h>

#define BAR_PIXELS    0
#define BAR_REGISTERS 2

/* BAR 2: EDID, then VGA's ports from 0x3c0 on, then the adapter's own registers of 16 bits. */
#define EDID_SIZE          128
#define VGA_ATTRIBUTE      0x400
#define VGA_ATTRIBUTE_SHOW 0x20
#define REGISTERS_OFFSET   0x500
#define REGISTERS_LENGTH   0x516

enum bochs_register {
	REGISTER_ID = 0,
	REGISTER_WIDTH = 1,
	REGISTER_HEIGHT = 2,
	REGISTER_DEPTH = 3,
	REGISTER_ENABLE = 4,
	REGISTER_BANK = 5,
	REGISTER_VIRTUAL_WIDTH = 6,
	REGISTER_OFFSET_X = 8,
	REGISTER_OFFSET_Y = 9,
	REGISTER_COUNT,
};

#define ID_MASK       0xfff0
#define ID_VALUE      0xb0c0
#define ENABLE_ON     0x01 /* and clears the memory */
#define ENABLE_LINEAR 0x40
#define DEPTH         32

#define MAPPED_MAX (64u << 20)
/* Lines begin at multiples of so many pixels, 64 bytes. */
#define LINE_PIXELS 16
#define PIXEL_BYTES 4

static const struct ddk_display_mode default_mode = { 1280, 800 };

struct bochs {
	struct device *device;
	struct ddk_region registers, pixels;
	struct ddk_display *display;
	struct ddk_display_mode mode;   /* the class asks for one change at a time */
	uint16_t saved[REGISTER_COUNT]; /* while it sleeps */
};

static uint16_t read_register(const struct bochs *bochs, enum bochs_register number)
{
	return ddk_read16(&bochs->registers, REGISTERS_OFFSET + 2 * (size_t)number);
}

static void write_register(const struct bochs *bochs, enum bochs_register number, uint32_t value)
{
	ddk_write16(&bochs->registers, REGISTERS_OFFSET + 2 * (size_t)number, (uint16_t)value);
}

static uint32_t line_pixels(struct ddk_display_mode mode)
{
	return (mode.width + LINE_PIXELS - 1) & ~(uint32_t)(LINE_PIXELS - 1);
}

static bool mode_fits(const struct bochs *bochs, struct ddk_display_mode mode)
{
	return mode.width <= DDK_DISPLAY_SIDE_MAX && mode.height <= DDK_DISPLAY_SIDE_MAX &&
	       (uint64_t)line_pixels(mode) * PIXEL_BYTES * mode.height <= bochs->pixels.length;
}

static int write_mode(const struct bochs *bochs, struct ddk_display_mode mode)
{
	write_register(bochs, REGISTER_ENABLE, 0);
	write_register(bochs, REGISTER_WIDTH, mode.width);
	write_register(bochs, REGISTER_HEIGHT, mode.height);
	write_register(bochs, REGISTER_DEPTH, DEPTH);
	write_register(bochs, REGISTER_BANK, 0);
	write_register(bochs, REGISTER_ENABLE, ENABLE_ON | ENABLE_LINEAR);
	write_register(bochs, REGISTER_VIRTUAL_WIDTH, line_pixels(mode));
	write_register(bochs, REGISTER_OFFSET_X, 0);
	write_register(bochs, REGISTER_OFFSET_Y, 0);
	/* VGA's part shows nothing before this bit is set. */
	ddk_write8(&bochs->registers, VGA_ATTRIBUTE, VGA_ATTRIBUTE_SHOW);
	if (read_register(bochs, REGISTER_WIDTH) != mode.width ||
	    read_register(bochs, REGISTER_HEIGHT) != mode.height ||
	    read_register(bochs, REGISTER_DEPTH) != DEPTH ||
	    read_register(bochs, REGISTER_VIRTUAL_WIDTH) != line_pixels(mode))
		return -EIO;
	return 0;
}

static void describe(const struct bochs *bochs, struct ddk_display_mode mode,
		     struct ddk_framebuffer *framebuffer)
{
	*framebuffer = (struct ddk_framebuffer){
		.pixels = (void *)bochs->pixels.memory,
		.length = bochs->pixels.length,
		.width = mode.width,
		.height = mode.height,
		.stride = line_pixels(mode) * PIXEL_BYTES,
	};
}

static int set_mode(struct ddk_display *display, struct ddk_display_mode mode,
		    struct ddk_framebuffer *framebuffer)
{
	struct bochs *bochs = ddk_display_context(display);
	int error;

	if (!mode_fits(bochs, mode))
		return -EINVAL;
	error = write_mode(bochs, mode);
	if (error) {
		/* What worked before does so again, or nothing can be done. */
		(void)write_mode(bochs, bochs->mode);
		return error;
	}
	bochs->mode = mode;
	describe(bochs, mode, framebuffer);
	return 0;
}

static const struct ddk_display_ops ops = { .set_mode = set_mode };

/* The mode to begin with, where firmware has set none. */
static struct ddk_display_mode prefer_mode(const struct bochs *bochs)
{
	struct ddk_display_mode mode;
	uint8_t edid[EDID_SIZE];

	if (ddk_display_wish(&mode) && mode_fits(bochs, mode))
		return mode;
	for (size_t i = 0; i < EDID_SIZE; i++)
		edid[i] = ddk_read8(&bochs->registers, i);
	if (ddk_display_read_edid(edid, &mode) && mode_fits(bochs, mode))
		return mode;
	return default_mode;
}

/* Describes what firmware has set, which is shown on; false: nothing that can be kept. */
static bool keep_firmwares_mode(struct bochs *bochs, struct ddk_framebuffer *framebuffer)
{
	uint64_t offset;

	if (!ddk_display_firmware(bochs->device, BAR_PIXELS, framebuffer, &offset) ||
	    !range_within(offset, (uint64_t)framebuffer->stride * framebuffer->height,
			  bochs->pixels.length))
		return false;
	framebuffer->pixels = (void *)(bochs->pixels.memory + offset);
	framebuffer->length = bochs->pixels.length - (size_t)offset;
	bochs->mode = (struct ddk_display_mode){ framebuffer->width, framebuffer->height };
	return true;
}

static int start_mode(struct bochs *bochs, struct ddk_framebuffer *framebuffer)
{
	bochs->mode = prefer_mode(bochs);
	if (keep_firmwares_mode(bochs, framebuffer))
		return 0;
	if (!mode_fits(bochs, bochs->mode))
		return -ENODEV;
	describe(bochs, bochs->mode, framebuffer);
	return write_mode(bochs, bochs->mode);
}

static int add_display(struct bochs *bochs, const struct ddk_framebuffer *framebuffer)
{
	struct ddk_display_description description = { .framebuffer = *framebuffer };
	struct ddk_display_mode preferred = prefer_mode(bochs);

	description.mode_count =
		ddk_display_usual_modes(description.modes, bochs->pixels.length, NULL);
	if (mode_fits(bochs, preferred))
		(void)ddk_display_add_mode(description.modes, &description.mode_count, preferred);
	description.mode =
		ddk_display_add_mode(description.modes, &description.mode_count, bochs->mode);
	return ddk_display_add(bochs->device, &description, &ops, bochs, &bochs->display);
}

static int map(struct bochs *bochs)
{
	uint64_t size = ddk_region_size(bochs->device, BAR_PIXELS);
	int error;

	if (size > MAPPED_MAX)
		size = MAPPED_MAX;
	error = ddk_region_map(bochs->device, BAR_REGISTERS, 0, REGISTERS_LENGTH,
			       DDK_REGION_UNCACHED, &bochs->registers);
	if (error)
		return -ENODEV;
	if ((read_register(bochs, REGISTER_ID) & ID_MASK) != ID_VALUE)
		return -ENODEV;
	return ddk_region_map(bochs->device, BAR_PIXELS, 0, (size_t)size,
			      DDK_REGION_WRITE_COMBINING, &bochs->pixels);
}

static void release(struct bochs *bochs)
{
	ddk_region_unmap(&bochs->pixels);
	ddk_region_unmap(&bochs->registers);
	ddk_free(bochs);
}

static int probe(struct device *device)
{
	struct bochs *bochs = ddk_allocate(sizeof(*bochs));
	struct ddk_framebuffer framebuffer;
	int error;

	if (!bochs)
		return -ENOMEM;
	bochs->device = device;
	error = map(bochs);
	if (!error)
		error = start_mode(bochs, &framebuffer);
	if (!error)
		error = add_display(bochs, &framebuffer);
	if (error)
		release(bochs);
	else
		ddk_device_set_state(device, bochs);
	return error;
}

static void remove(struct device *device)
{
	struct bochs *bochs = ddk_device_state(device);

	ddk_display_remove(bochs->display);
	release(bochs);
}

/* --- Sleep --- */

/* The mode may be firmware's, of which not all is known: so registers are saved as they are. */
static int suspend(struct device *device)
{
	struct bochs *bochs = ddk_device_state(device);

	ddk_display_suspend(bochs->display);
	for (unsigned i = REGISTER_WIDTH; i < REGISTER_COUNT; i++)
		bochs->saved[i] = read_register(bochs, i);
	return 0;
}

static void write_saved(const struct bochs *bochs)
{
	/* These after the mode is on: switching it on sets them, too. */
	static const enum bochs_register last[] = { REGISTER_VIRTUAL_WIDTH, REGISTER_OFFSET_X,
						    REGISTER_OFFSET_Y };
	static const enum bochs_register first[] = { REGISTER_WIDTH, REGISTER_HEIGHT,
						     REGISTER_DEPTH, REGISTER_BANK };

	write_register(bochs, REGISTER_ENABLE, 0);
	for (size_t i = 0; i < array_length(first); i++)
		write_register(bochs, first[i], bochs->saved[first[i]]);
	write_register(bochs, REGISTER_ENABLE, bochs->saved[REGISTER_ENABLE]);
	for (size_t i = 0; i < array_length(last); i++)
		write_register(bochs, last[i], bochs->saved[last[i]]);
	ddk_write8(&bochs->registers, VGA_ATTRIBUTE, VGA_ATTRIBUTE_SHOW);
}

static int resume(struct device *device)
{
	struct bochs *bochs = ddk_device_state(device);
	bool here = (read_register(bochs, REGISTER_ID) & ID_MASK) == ID_VALUE;

	if (here)
		write_saved(bochs);
	ddk_display_resume(bochs->display);
	return here ? 0 : -ENODEV;
}

static const struct driver_match matches[] = { MATCH_PCI(0x1234, 0x1111) };

DRIVER(bochs_display) = {
	.name = "bochs_display",
	.version = "1.1",
	.licence = "GPL-3.0-or-later",
	.matches = matches,
	.match_count = array_length(matches),
	.probe = probe,
	.remove = remove,
	.suspend = suspend,
	.resume = resume,
};
