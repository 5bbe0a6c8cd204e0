/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arch contract: devices at fixed places that no bus announces. They may be absent: their
 * drivers find out.
 */
#pragma once

#include <base/types.h>

#define ARCH_DEVICE_RANGE_MAX 2
#define ARCH_DEVICE_LINE_MAX  2

struct arch_device {
	const char *name;   /* of this one */
	const char *driver; /* the name that drivers match */
	struct {
		uint16_t first, count;
	} port_ranges[ARCH_DEVICE_RANGE_MAX];
	unsigned port_range_count;
	uint8_t lines[ARCH_DEVICE_LINE_MAX]; /* ISA interrupt lines */
	unsigned line_count;
};

/* All of them, in the order in which they are started; static. */
const struct arch_device *arch_devices(size_t *count);

/* Calls the monitor of the virtual machine that this is (ddk/monitor.h); false: it is none. Any
 * context. */
bool arch_monitor_call(uint16_t command, uint32_t argument, uint32_t reply[4]);
