/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The devices of every PC. */
#include <arch/device.h>

static const struct arch_device devices[] = {
	{
		.name = "serial port 1",
		.driver = "ns16550",
		.port_ranges = { { 0x3f8, 8 } },
		.port_range_count = 1,
		.lines = { 4 },
		.line_count = 1,
	},
	{
		/* Range 0: data, range 1: command and status; lines: keyboard, mouse. */
		.name = "keyboard controller",
		.driver = "i8042",
		.port_ranges = { { 0x60, 1 }, { 0x64, 1 } },
		.port_range_count = 2,
		.lines = { 1, 12 },
		.line_count = 2,
	},
};

const struct arch_device *arch_devices(size_t *count)
{
	*count = array_length(devices);
	return devices;
}
