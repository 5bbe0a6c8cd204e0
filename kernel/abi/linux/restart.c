/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What becomes of a sleep that a signal interrupted: it returns EINTR, or goes on with what is
 * left of it (restart_syscall).
 */
#include "linux.h"

#include <arch/thread.h>
#include <mm/phys/slab.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <sched/wait.h>
#include <time/clock.h>

#define RESTART_SYSCALL 219

/* The sleep to continue; a thread's abi_data. */
struct linux_thread {
	uint64_t deadline;
	uint64_t remaining_at; /* user address for the time left, 0: none */
};

int64_t linux_restart_sleep(uint64_t deadline, uint64_t remaining_at)
{
	struct user_thread *self = user_thread_current();
	struct linux_thread *data = self->abi_data;

	if (!data) {
		data = kzalloc(sizeof(*data));
		if (!data)
			return -EINTR;
		self->abi_data = data;
	}
	data->deadline = deadline;
	data->remaining_at = remaining_at;
	return -LINUX_RESTART_BLOCK;
}

int64_t linux_restart_syscall(const struct linux_call *call)
{
	const struct linux_thread *data = user_thread_current()->abi_data;

	(void)call;
	if (!data)
		return -EINTR;
	return linux_sleep_until(data->deadline, data->remaining_at);
}

/* The one code of Linux's own is LINUX_RESTART_BLOCK. */
void linux_restart(struct arch_registers *registers, const struct signal_action *action)
{
	if (!action)
		arch_restart_syscall(registers, RESTART_SYSCALL);
	else
		arch_set_result(registers, -EINTR);
}
