/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory that the kernel keeps for a process outside of its address space, such as the pixels of
 * its windows. It counts when memory runs out and somebody has to go, and it is bounded: for a
 * process by its RESOURCE_ADDRESS_SPACE and a quarter of all memory, for all together by half of
 * that. /proc/PID/status shows it as VmPin. What outlives the process, as another has the
 * descriptors, counts for its parent then, unless that is init.
 */
#pragma once

#include <base/types.h>

struct process;

/* Counts `pages` for the current process; *payer, with a reference, is whom process_uncharge() takes
 * them from again, NULL for kernel threads. -ENOMEM: beyond a bound. Takes no sleeping lock. */
int must_check process_charge(size_t pages, struct process **payer);
/* Counts `pages` more for one who pays already, with a reference of their own; for him the share of
 * memory alone is the bound. Any thread. */
int must_check process_charge_payer(struct process *payer, size_t pages);
/* Puts the reference. Any thread, also after the end of the process. */
void process_uncharge(struct process *payer, size_t pages);
