/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clone and waitpid. Every context, thread or not, is a process: it has a pid of its own, shares
 * what the flags name with the one that made it, is waited for by pid, and ends alone.
 */
#include "redox.h"

#include <proc/process.h>

int64_t redox_clone(const struct redox_call *call)
{
	uint64_t flags = call->argument[0];
	bool stack = flags & REDOX_CLONE_STACK;
	const struct clone_request request = {
		.share_aspace = flags & REDOX_CLONE_VM,
		.share_files = flags & REDOX_CLONE_FILES,
		.share_context = flags & REDOX_CLONE_FS,
		.share_handlers = flags & REDOX_CLONE_SIGHAND,
		.handlers_alone = true,
		.own_umask = true,
		.own_stack = !stack,
		.vfork = flags & REDOX_CLONE_VFORK,
		/* For a parent that knows such signals, should it become one. */
		.exit_signal = SIGCHLD,
		.set_stack_pointer = stack,
		.stack_pointer = call->argument[1],
		.registers = call->registers,
	};

	return process_clone(&request);
}

#define WAIT_STATUS_CORE 0x80 /* Redox tells nobody of dumps */

static uint64_t encode_status(int status)
{
	if (status != WAIT_STATUS_CONTINUED && (status & 0x7f) != 0x7f)
		status &= ~WAIT_STATUS_CORE;
	return (uint64_t)status;
}

/* pid > 0 is a child, 0 any, < 0 a group. What no pid can be is nobody's child. */
static int wait_for(int64_t pid, unsigned options, struct wait_result *result)
{
	if (pid > INT32_MAX || pid < -INT32_MAX)
		return -ECHILD;
	if (pid == 0)
		return process_wait(-1, options, result);
	if (pid < 0)
		return process_wait((int)-pid, options | WAIT_GROUP, result);
	return process_wait((int)pid, options, result);
}

int64_t redox_waitpid(const struct redox_call *call)
{
	uint64_t flags = call->argument[2], at = call->argument[1], status;
	unsigned options = WAIT_EXITED;
	struct wait_result result;
	int pid;

	if (at && redox_check_user(at, sizeof(status), true))
		return -EFAULT;
	if (flags & REDOX_WNOHANG)
		options |= WAIT_NO_HANG;
	if (flags & REDOX_WUNTRACED)
		options |= WAIT_STOPPED;
	if (flags & REDOX_WCONTINUED)
		options |= WAIT_CONTINUED;
	pid = wait_for((int64_t)call->argument[0], options, &result);
	/* A handler does not end it. */
	if (pid == -ERESTART)
		return -ERESTARTNOINTR;
	if (pid <= 0 || !at)
		return pid;
	status = encode_status(result.status);
	return redox_put(at, &status, sizeof(status)) ? -EFAULT : pid;
}
