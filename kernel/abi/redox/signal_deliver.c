/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handlers of signals, and what becomes of the calls that signals interrupt. */
#include "redox.h"

#include <arch/thread.h>
#include <proc/signal.h>

int redox_deliver_signal(struct arch_registers *registers, const struct signal_info *info,
			 const struct signal_action *action, uint64_t old_mask)
{
	(void)registers;
	(void)info;
	(void)action;
	(void)old_mask;
	return -EFAULT;
}

void redox_restart(struct arch_registers *registers, const struct signal_action *action)
{
	(void)action;
	arch_set_result(registers, -EINTR);
}
