/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Driver of the display adapter of Bochs and QEMU (QEMU's docs/specs/standard-vga.txt): a frame
 * buffer in BAR 0, registers in BAR 2. It sets one mode, where firmware has not set any.
 */
#include <base/errno.h>
#include <ddk/display.h>
#include <ddk/driver.h>
#include <ddk/log.h>

#define BAR_PIXELS    0
#define BAR_REGISTERS 2

/* BAR 2: VGA's ports from 0x3c0 on, then the adapter's own registers of 16 bits. */
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
};

#define ID_MASK       0xfff0
#define ID_VALUE      0xb0c0
#define ENABLE_ON     0x01 /* and clears the memory */
#define ENABLE_LINEAR 0x40
#define DEPTH         32

struct mode {
	uint16_t width, height;
};

/* The first that fits into the adapter's memory is taken. */
static const struct mode modes[] = { { 1280, 800 }, { 1024, 768 }, { 800, 600 }, { 640, 480 } };

static uint16_t read_register(const struct ddk_region *registers, enum bochs_register number)
{
	return ddk_read16(registers, REGISTERS_OFFSET + 2 * (size_t)number);
}

static void write_register(const struct ddk_region *registers, enum bochs_register number,
			   uint16_t value)
{
	ddk_write16(registers, REGISTERS_OFFSET + 2 * (size_t)number, value);
}

static size_t bytes_of(const struct mode *mode)
{
	return (size_t)mode->width * mode->height * (DEPTH / 8);
}

static const struct mode *choose_mode(const struct device *device)
{
	for (size_t i = 0; i < array_length(modes); i++)
		if (bytes_of(&modes[i]) <= ddk_region_size(device, BAR_PIXELS))
			return &modes[i];
	return NULL;
}

static int set_mode(const struct ddk_region *registers, const struct mode *mode)
{
	write_register(registers, REGISTER_ENABLE, 0);
	write_register(registers, REGISTER_WIDTH, mode->width);
	write_register(registers, REGISTER_HEIGHT, mode->height);
	write_register(registers, REGISTER_DEPTH, DEPTH);
	write_register(registers, REGISTER_BANK, 0);
	write_register(registers, REGISTER_ENABLE, ENABLE_ON | ENABLE_LINEAR);
	write_register(registers, REGISTER_VIRTUAL_WIDTH, mode->width);
	write_register(registers, REGISTER_OFFSET_X, 0);
	write_register(registers, REGISTER_OFFSET_Y, 0);
	/* VGA's part shows nothing before this bit is set. */
	ddk_write8(registers, VGA_ATTRIBUTE, VGA_ATTRIBUTE_SHOW);
	if (read_register(registers, REGISTER_WIDTH) != mode->width ||
	    read_register(registers, REGISTER_HEIGHT) != mode->height ||
	    read_register(registers, REGISTER_DEPTH) != DEPTH)
		return -EIO;
	return 0;
}

static int show(struct device *device, const struct mode *mode)
{
	struct ddk_display display = {
		.width = mode->width,
		.height = mode->height,
		.stride = (uint32_t)mode->width * (DEPTH / 8),
	};
	int error = ddk_region_map(device, BAR_PIXELS, 0, bytes_of(mode),
				   DDK_REGION_WRITE_COMBINING, &display.pixels);

	if (error)
		return error;
	error = ddk_display_add(device, &display);
	if (error)
		ddk_region_unmap(&display.pixels);
	return error;
}

static int probe(struct device *device)
{
	const struct mode *mode = choose_mode(device);
	struct ddk_region registers;
	int error;

	if (!mode || !ddk_display_is_needed(device))
		return -ENODEV;
	error = ddk_region_map(device, BAR_REGISTERS, 0, REGISTERS_LENGTH, DDK_REGION_UNCACHED,
			       &registers);
	if (error)
		return -ENODEV;
	if ((read_register(&registers, REGISTER_ID) & ID_MASK) == ID_VALUE)
		error = set_mode(&registers, mode);
	else
		error = -ENODEV;
	ddk_region_unmap(&registers);
	return error ? error : show(device, mode);
}

static const struct driver_match matches[] = { MATCH_PCI(0x1234, 0x1111) };

DRIVER(bochs_display) = {
	.name = "bochs_display",
	.version = "1.0",
	.licence = "GPL-3.0-or-later",
	.matches = matches,
	.match_count = array_length(matches),
	.probe = probe,
};
