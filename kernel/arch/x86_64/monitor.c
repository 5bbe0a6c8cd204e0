/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls to the monitor of a virtual machine: a read of a port that only means something with a magic
 * number in a register, which the monitor sees and no device does.
 */
#include "cpuid.h"

#include <arch/device.h>

#define MONITOR_MAGIC 0x564d5868u
#define MONITOR_PORT  0x5658u

#define FEATURE_HYPERVISOR (1u << 31) /* of leaf 1, register c */

bool arch_monitor_call(uint16_t command, uint32_t argument, uint32_t reply[4])
{
	uint32_t a = MONITOR_MAGIC, b = argument, c = command, d = MONITOR_PORT;

	/* On a machine of its own there may be any device at that port. */
	if (!(cpuid(1, 0).c & FEATURE_HYPERVISOR))
		return false;
	__asm__ volatile("inl %%dx, %%eax" : "+a"(a), "+b"(b), "+c"(c), "+d"(d) : : "memory");
	reply[0] = a;
	reply[1] = b;
	reply[2] = c;
	reply[3] = d;
	return true;
}
