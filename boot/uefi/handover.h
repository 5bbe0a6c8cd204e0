/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Leaving the firmware and entering the kernel.
 *
 *   1. handover_prepare() allocates the boot_info and all that leaving takes.
 *   2. The caller fills in the boot_info.
 *   3. handover_leave() ends boot services, completes the memory map and jumps.
 */
#pragma once

#include "firmware.h"

#include <native/boot_info.h>

struct handover {
	struct boot_info *info;
	uint64_t stack_top;
	uint64_t page_tables; /* their root */
	/* Room for the memory map, and for twice as many ranges as it may hold descriptors. */
	uint64_t descriptors;
	uint64_t descriptors_size;
	uint64_t boundaries;
	uint64_t ranges;
};

/* Reports a failure. */
EFI_STATUS must_check handover_prepare(struct handover *handover);

/* Enters the kernel at `entry`; returns only if the firmware will not let go, and reports it. */
EFI_STATUS must_check handover_leave(struct handover *handover, uint64_t entry);
