/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls to the monitor of a virtual machine, as VMware defined them and QEMU and others serve them too:
 * a command with an argument, answered in four registers.
 */
#pragma once

#include <base/types.h>

enum ddk_monitor_command {
	DDK_MONITOR_VERSION = 10,
	DDK_MONITOR_POINTER_DATA = 39, /* argument: how many words, 1 to 4 */
	DDK_MONITOR_POINTER_STATUS = 40,
	DDK_MONITOR_POINTER_COMMAND = 41,
};

struct ddk_monitor_reply {
	uint32_t words[4];
};

/* Any context. False: this is no virtual machine, and nothing was asked. What the reply means, and
 * whether anybody gave it, is the driver's to find out. */
bool ddk_monitor_call(enum ddk_monitor_command command, uint32_t argument,
		      struct ddk_monitor_reply *reply);
