/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver kit's calls to the monitor of a virtual machine. */
#include <arch/device.h>
#include <ddk/monitor.h>

bool ddk_monitor_call(enum ddk_monitor_command command, uint32_t argument,
		      struct ddk_monitor_reply *reply)
{
	return arch_monitor_call((uint16_t)command, argument, reply->words);
}
