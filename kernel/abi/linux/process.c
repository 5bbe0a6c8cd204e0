/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making, ending and waiting for processes and threads; groups and sessions. */
#include "linux.h"

#include <base/string.h>
#include <proc/fd_table.h>
#include <proc/process.h>
#include <proc/process_file.h>
#include <time/clock.h>

enum clone_flags {
	CLONE_SIGNAL_MASK = 0xff,
	CLONE_VM = 0x100,
	CLONE_FS = 0x200,
	CLONE_FILES = 0x400,
	CLONE_SIGHAND = 0x800,
	CLONE_VFORK = 0x4000,
	CLONE_PARENT = 0x8000,
	CLONE_THREAD = 0x10000,
	CLONE_SYSVSEM = 0x40000,
	CLONE_SETTLS = 0x80000,
	CLONE_PARENT_SETTID = 0x100000,
	CLONE_CHILD_CLEARTID = 0x200000,
	CLONE_DETACHED = 0x400000,
	CLONE_UNTRACED = 0x800000,
	CLONE_CHILD_SETTID = 0x1000000,
	CLONE_IO = 0x80000000u,
};

#define CLONE_CLEAR_SIGHAND 0x100000000ull
#define CLONE_SUPPORTED                                                                           \
	(CLONE_SIGNAL_MASK | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_VFORK |    \
	 CLONE_PARENT | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |       \
	 CLONE_CHILD_CLEARTID | CLONE_DETACHED | CLONE_UNTRACED | CLONE_CHILD_SETTID | CLONE_IO | \
	 CLONE_CLEAR_SIGHAND)

static int64_t run_clone(const struct linux_call *call, uint64_t flags, uint64_t stack,
			 uint64_t parent_tid, uint64_t child_tid, uint64_t tls)
{
	struct clone_request request = {
		.share_aspace = flags & CLONE_VM,
		.share_files = flags & CLONE_FILES,
		.share_context = flags & CLONE_FS,
		.share_handlers = flags & CLONE_SIGHAND,
		.thread = flags & CLONE_THREAD,
		.vfork = flags & CLONE_VFORK,
		.same_parent = flags & CLONE_PARENT,
		.reset_handlers = flags & CLONE_CLEAR_SIGHAND,
		.exit_signal = (int)(flags & CLONE_SIGNAL_MASK),
		.set_stack_pointer = stack != 0,
		.stack_pointer = stack,
		.set_thread_pointer = flags & CLONE_SETTLS,
		.thread_pointer = tls,
		.parent_tid = flags & CLONE_PARENT_SETTID ? parent_tid : 0,
		.child_tid = flags & CLONE_CHILD_SETTID ? child_tid : 0,
		.clear_child_tid = flags & CLONE_CHILD_CLEARTID ? child_tid : 0,
		.registers = call->registers,
	};

	if (flags & ~(uint64_t)CLONE_SUPPORTED || request.exit_signal > LINUX_SIGNAL_MAX)
		return -EINVAL;
	if ((flags & CLONE_THREAD) && !(flags & CLONE_SIGHAND))
		return -EINVAL;
	if ((flags & CLONE_SIGHAND) && (!(flags & CLONE_VM) || (flags & CLONE_CLEAR_SIGHAND)))
		return -EINVAL;
	return process_clone(&request);
}

int64_t linux_clone(const struct linux_call *call)
{
	return run_clone(call, (uint32_t)call->argument[0], call->argument[1], call->argument[2],
			 call->argument[3], call->argument[4]);
}

int64_t linux_clone3(const struct linux_call *call)
{
	struct linux_clone_args args;
	uint64_t stack;
	int error;

	memset(&args, 0, sizeof(args));
	if (call->argument[1] < 64)
		return -EINVAL;
	if (call->argument[1] > sizeof(args))
		return -E2BIG;
	error = linux_get(&args, call->argument[0], call->argument[1]);
	if (error)
		return error;
	if ((args.flags & CLONE_SIGNAL_MASK) || args.exit_signal > LINUX_SIGNAL_MAX ||
	    args.set_tid_size || args.cgroup || (args.stack == 0) != (args.stack_size == 0))
		return -EINVAL;
	stack = args.stack + args.stack_size;
	return run_clone(call, args.flags | args.exit_signal, stack, args.parent_tid,
			 args.child_tid, args.tls);
}

int64_t linux_fork(const struct linux_call *call)
{
	return run_clone(call, SIGCHLD, 0, 0, 0, 0);
}

int64_t linux_vfork(const struct linux_call *call)
{
	return run_clone(call, CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);
}

int64_t linux_unshare(const struct linux_call *call)
{
	uint64_t flags = call->argument[0];

	if (flags & ~(uint64_t)(CLONE_FS | CLONE_FILES | CLONE_SYSVSEM))
		return -EINVAL;
	return process_unshare(flags & CLONE_FILES, flags & CLONE_FS);
}

int64_t linux_exit(const struct linux_call *call)
{
	user_thread_exit(linux_int(call, 0) & 0xff);
}

int64_t linux_exit_group(const struct linux_call *call)
{
	process_exit(wait_status_exited(linux_int(call, 0)));
}

static int put_rusage(uint64_t to, const struct wait_result *result)
{
	struct linux_rusage usage;

	memset(&usage, 0, sizeof(usage));
	usage.user = linux_timeval_of(result->times.user_ns);
	usage.system = linux_timeval_of(result->times.system_ns);
	usage.minor_faults = (int64_t)result->faults;
	return linux_put(to, &usage, sizeof(usage));
}

#define WAIT4_UNTRACED  2
#define WAIT_CLONE_BITS 0xe0000000u /* __WALL, __WCLONE, __WNOTHREAD: all children are alike */

int64_t linux_wait4(const struct linux_call *call)
{
	unsigned options = linux_unsigned(call, 2) & ~WAIT_CLONE_BITS;
	struct wait_result result;
	int pid, error;

	if (options & ~(unsigned)(WAIT_NO_HANG | WAIT4_UNTRACED | WAIT_CONTINUED))
		return -EINVAL;
	if (linux_int(call, 0) == INT32_MIN)
		return -ESRCH;
	pid = process_wait(linux_int(call, 0), options | WAIT_EXITED, &result);
	if (pid <= 0)
		return pid;
	if (call->argument[1]) {
		error = write_user_u32(call->argument[1], (uint32_t)result.status);
		if (error)
			return error;
	}
	if (call->argument[3]) {
		error = put_rusage(call->argument[3], &result);
		if (error)
			return error;
	}
	return pid;
}

enum waitid_kind {
	WAITID_ALL,
	WAITID_PID,
	WAITID_GROUP,
	WAITID_PIDFD,
};

/* The process that a pidfd is for; *flags are the file's. */
static int find_by_file(int fd, unsigned *flags)
{
	struct file *file = fd_get(fd);
	struct process *process;
	int pid = -EINVAL;

	if (!file)
		return -EBADF;
	*flags = file->flags;
	process = process_file_process(file);
	file_put(file);
	if (process) {
		pid = (int)process->pid;
		process_put(process);
	}
	return pid;
}

/* waitid's siginfo from a wait status. */
static struct signal_info child_info(const struct wait_result *result)
{
	struct signal_info info = { .signal = SIGCHLD, .pid = result->pid, .uid = result->uid };
	int status = result->status;

	if (status == WAIT_STATUS_CONTINUED) {
		info.code = SIGNAL_CHILD_CONTINUED;
		info.status = SIGCONT;
	} else if ((status & 0xff) == 0x7f) {
		info.code = SIGNAL_CHILD_STOPPED;
		info.status = status >> 8;
	} else if (status & 0x7f) {
		info.code = status & 0x80 ? SIGNAL_CHILD_DUMPED : SIGNAL_CHILD_KILLED;
		info.status = status & 0x7f;
	} else {
		info.code = SIGNAL_CHILD_EXITED;
		info.status = status >> 8;
	}
	return info;
}

int64_t linux_waitid(const struct linux_call *call)
{
	unsigned options = linux_unsigned(call, 3) & ~WAIT_CLONE_BITS;
	struct linux_siginfo encoded;
	struct wait_result result;
	int which = linux_int(call, 1), pid, error = 0;
	unsigned file_flags = 0;

	switch (linux_int(call, 0)) {
	case WAITID_ALL:
		which = -1;
		break;
	case WAITID_PID:
		if (which <= 0)
			return -EINVAL;
		break;
	case WAITID_GROUP:
		if (which < 0)
			return -EINVAL;
		which = which ? -which : 0;
		break;
	case WAITID_PIDFD:
		which = find_by_file(which, &file_flags);
		if (which < 0)
			return which;
		break;
	default:
		return -EINVAL;
	}
	if (!(options & (WAIT_EXITED | WAIT_STOPPED | WAIT_CONTINUED)) ||
	    (options & ~(unsigned)(WAIT_NO_HANG | WAIT_EXITED | WAIT_STOPPED | WAIT_CONTINUED |
				   WAIT_NO_REAP)))
		return -EINVAL;
	if (file_flags & FILE_NONBLOCK)
		options |= WAIT_NO_HANG;
	pid = process_wait(which, options, &result);
	if (pid == 0 && (file_flags & FILE_NONBLOCK) && !(linux_unsigned(call, 3) & WAIT_NO_HANG))
		return -EAGAIN;
	if (pid < 0)
		return pid;
	memset(&encoded, 0, sizeof(encoded));
	if (pid > 0) {
		struct signal_info info = child_info(&result);

		linux_encode_siginfo(&info, &encoded);
	}
	if (call->argument[2])
		error = linux_put(call->argument[2], &encoded, sizeof(encoded));
	if (!error && pid > 0 && call->argument[4])
		error = put_rusage(call->argument[4], &result);
	return error;
}

int64_t linux_getpid(const struct linux_call *call)
{
	(void)call;
	return process_current()->pid;
}

int64_t linux_gettid(const struct linux_call *call)
{
	(void)call;
	return user_thread_current()->id;
}

int64_t linux_getppid(const struct linux_call *call)
{
	(void)call;
	return process_parent_pid(process_current());
}

int64_t linux_set_tid_address(const struct linux_call *call)
{
	user_thread_current()->clear_child_tid = call->argument[0];
	return user_thread_current()->id;
}

int64_t linux_setpgid(const struct linux_call *call)
{
	if (linux_int(call, 0) < 0 || linux_int(call, 1) < 0)
		return -EINVAL;
	return process_set_group(linux_unsigned(call, 0), linux_unsigned(call, 1));
}

int64_t linux_getpgid(const struct linux_call *call)
{
	return process_get_group(linux_unsigned(call, 0));
}

int64_t linux_getpgrp(const struct linux_call *call)
{
	(void)call;
	return process_get_group(0);
}

int64_t linux_setsid(const struct linux_call *call)
{
	(void)call;
	return process_create_session();
}

int64_t linux_getsid(const struct linux_call *call)
{
	return process_get_session(linux_unsigned(call, 0));
}

int64_t linux_pidfd_open(const struct linux_call *call)
{
	struct process *process;
	struct file *file;
	int error;

	if ((linux_unsigned(call, 1) & ~(unsigned)FILE_NONBLOCK) || linux_int(call, 0) <= 0)
		return -EINVAL;
	process = process_find(linux_unsigned(call, 0));
	if (!process) {
		/* A thread that is not the first of its process has no such file. */
		struct user_thread *thread = user_thread_find(linux_unsigned(call, 0));

		if (!thread)
			return -ESRCH;
		user_thread_put(thread);
		return -EINVAL;
	}
	error = process_file_create(process, linux_unsigned(call, 1), &file);
	process_put(process);
	return error ? error : fd_add(file, true);
}
