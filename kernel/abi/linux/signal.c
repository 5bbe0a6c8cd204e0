/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals. */
#include "linux.h"

#include <base/string.h>
#include <proc/fd_table.h>
#include <proc/process.h>
#include <proc/process_file.h>
#include <proc/signal.h>
#include <time/clock.h>

#define SIGSET_SIZE 8

void linux_encode_siginfo(const struct signal_info *info, struct linux_siginfo *to)
{
	memset(to, 0, sizeof(*to));
	to->signal = info->signal;
	to->error = info->error;
	to->code = info->code;
	if (info->signal == SIGCHLD && info->code > 0 && info->code != SIGNAL_KERNEL) {
		to->child.pid = (int32_t)info->pid;
		to->child.uid = info->uid;
		to->child.status = info->status;
		to->child.user_time = (int64_t)info->user_time;
		to->child.system_time = (int64_t)info->system_time;
	} else if (info->code > 0 && info->code != SIGNAL_KERNEL) {
		to->fault.address = info->address;
	} else if (info->code == SIGNAL_TIMER) {
		to->timer.id = info->timer_id;
		to->timer.overrun = info->overrun;
		to->timer.value = info->value;
	} else {
		to->sent.pid = (int32_t)info->pid;
		to->sent.uid = info->uid;
		to->sent.value = info->value;
	}
}

int linux_get_mask(uint64_t from, uint64_t size, uint64_t *mask)
{
	if (size != SIGSET_SIZE)
		return -EINVAL;
	return read_user_u64(from, mask);
}

int64_t linux_rt_sigaction(const struct linux_call *call)
{
	struct signal_action new, old;
	struct linux_sigaction action;
	int error;

	if (call->argument[3] != SIGSET_SIZE)
		return -EINVAL;
	if (call->argument[1]) {
		error = linux_get(&action, call->argument[1], sizeof(action));
		if (error)
			return error;
		new = (struct signal_action){ action.handler, action.flags, action.restorer,
					      action.mask & ~SIGNALS_UNBLOCKABLE };
	}
	if (linux_int(call, 0) > LINUX_SIGNAL_MAX)
		return -EINVAL;
	error = signal_set_action(linux_int(call, 0), call->argument[1] ? &new : NULL, &old);
	if (error || !call->argument[2])
		return error;
	action = (struct linux_sigaction){ old.handler, old.flags, old.restorer,
					   (uint64_t)old.mask };
	return linux_put(call->argument[2], &action, sizeof(action));
}

enum mask_operation {
	MASK_BLOCK,
	MASK_UNBLOCK,
	MASK_SET,
};

int64_t linux_rt_sigprocmask(const struct linux_call *call)
{
	uint64_t old = (uint64_t)user_thread_current()->blocked, set;
	int error;

	if (call->argument[3] != SIGSET_SIZE)
		return -EINVAL;
	if (call->argument[1]) {
		error = read_user_u64(call->argument[1], &set);
		if (error)
			return error;
		switch (linux_int(call, 0)) {
		case MASK_BLOCK:
			signal_set_mask(old | set);
			break;
		case MASK_UNBLOCK:
			signal_set_mask(old & ~set);
			break;
		case MASK_SET:
			signal_set_mask(set);
			break;
		default:
			return -EINVAL;
		}
	}
	return call->argument[2] ? write_user_u64(call->argument[2], old) : 0;
}

int64_t linux_rt_sigpending(const struct linux_call *call)
{
	if (call->argument[1] > SIGSET_SIZE)
		return -EINVAL;
	return write_user_u64(call->argument[0],
			      (uint64_t)(signal_pending_set(user_thread_current()) &
					 user_thread_current()->blocked));
}

int64_t linux_rt_sigsuspend(const struct linux_call *call)
{
	uint64_t mask;
	int error = linux_get_mask(call->argument[0], call->argument[1], &mask);

	return error ? error : signal_suspend(mask);
}

int64_t linux_pause(const struct linux_call *call)
{
	(void)call;
	return signal_suspend(user_thread_current()->blocked);
}

int64_t linux_rt_sigtimedwait(const struct linux_call *call)
{
	uint64_t deadline, set;
	struct signal_info info;
	int signal, error = linux_get_mask(call->argument[0], call->argument[3], &set);

	if (!error)
		error = linux_get_timeout(call->argument[2], &deadline);
	if (error)
		return error;
	signal = signal_wait(set, deadline, &info);
	if (signal > 0 && call->argument[1]) {
		struct linux_siginfo encoded;

		linux_encode_siginfo(&info, &encoded);
		error = linux_put(call->argument[1], &encoded, sizeof(encoded));
		if (error)
			return error;
	}
	return signal;
}

static struct signal_info own_info(int signal, int code)
{
	return (struct signal_info){
		.signal = signal,
		.code = code,
		.pid = process_current()->pid,
		.uid = credentials_current()->uid,
	};
}

int64_t linux_kill(const struct linux_call *call)
{
	struct signal_info info = own_info(linux_int(call, 1), SIGNAL_USER);

	if (info.signal < 0 || info.signal > LINUX_SIGNAL_MAX)
		return -EINVAL;
	return signal_kill(linux_int(call, 0), &info);
}

/* To one thread; `group` 0: of any process. Signal 0 only checks. */
static int64_t send_thread(int group, int id, const struct signal_info *info)
{
	struct user_thread *thread;
	int64_t result = 0;

	if (id <= 0 || group < 0 || info->signal < 0 || info->signal > LINUX_SIGNAL_MAX)
		return -EINVAL;
	thread = user_thread_find((uint32_t)id);
	if (!thread)
		return -ESRCH;
	if (group && thread->process->pid != (uint32_t)group)
		result = -ESRCH;
	else if (!process_may_signal(thread->process, info->signal))
		result = -EPERM;
	else if (info->signal)
		result = signal_send_thread(thread, info);
	user_thread_put(thread);
	return result;
}

int64_t linux_tkill(const struct linux_call *call)
{
	struct signal_info info = own_info(linux_int(call, 1), SIGNAL_TKILL);

	return send_thread(0, linux_int(call, 0), &info);
}

int64_t linux_tgkill(const struct linux_call *call)
{
	struct signal_info info = own_info(linux_int(call, 2), SIGNAL_TKILL);

	if (linux_int(call, 0) <= 0)
		return -EINVAL;
	return send_thread(linux_int(call, 0), linux_int(call, 1), &info);
}

/* A siginfo made by the program: only codes that no kernel event uses, but to itself. */
static int get_queued_info(uint64_t from, int signal, uint32_t target, struct signal_info *info)
{
	struct linux_siginfo encoded;
	int error = linux_get(&encoded, from, sizeof(encoded));

	if (error)
		return error;
	if ((encoded.code >= 0 || encoded.code == SIGNAL_TKILL) && target != process_current()->pid)
		return -EPERM;
	*info = (struct signal_info){
		.signal = signal,
		.code = encoded.code,
		.error = encoded.error,
		.pid = (uint32_t)encoded.sent.pid,
		.uid = encoded.sent.uid,
		.value = encoded.sent.value,
	};
	return 0;
}

int64_t linux_rt_sigqueueinfo(const struct linux_call *call)
{
	struct process *process;
	struct signal_info info;
	int64_t result = get_queued_info(call->argument[2], linux_int(call, 1),
					 linux_unsigned(call, 0), &info);

	if (result)
		return result;
	if (info.signal < 0 || info.signal > LINUX_SIGNAL_MAX)
		return -EINVAL;
	process = process_find(linux_unsigned(call, 0));
	if (!process)
		return -ESRCH;
	if (!process_may_signal(process, info.signal))
		result = -EPERM;
	else if (info.signal)
		result = signal_send_process(process, &info);
	process_put(process);
	return result;
}

int64_t linux_pidfd_send_signal(const struct linux_call *call)
{
	struct signal_info info = own_info(linux_int(call, 1), SIGNAL_USER);
	struct process *process;
	struct file *file;
	int64_t result = 0;

	if (call->argument[3])
		return -EINVAL;
	file = fd_get(linux_int(call, 0));
	if (!file)
		return -EBADF;
	process = process_file_process(file);
	file_put(file);
	if (!process)
		return -EBADF;
	if (call->argument[2])
		result = get_queued_info(call->argument[2], info.signal, process->pid, &info);
	if (!result && (info.signal < 0 || info.signal > LINUX_SIGNAL_MAX))
		result = -EINVAL;
	if (!result && process->state == PROCESS_DEAD)
		result = -ESRCH;
	if (!result && !process_may_signal(process, info.signal))
		result = -EPERM;
	if (!result && info.signal)
		result = signal_send_process(process, &info);
	process_put(process);
	return result;
}

int64_t linux_rt_tgsigqueueinfo(const struct linux_call *call)
{
	struct signal_info info;
	int64_t result = get_queued_info(call->argument[3], linux_int(call, 2),
					 linux_unsigned(call, 0), &info);

	return result ? result : send_thread(linux_int(call, 0), linux_int(call, 1), &info);
}

#define STACK_ON         1
#define STACK_DISABLE    2
#define STACK_AUTODISARM (1u << 31)
#define STACK_MINIMUM    2048

int64_t linux_sigaltstack(const struct linux_call *call)
{
	struct user_thread *self = user_thread_current();
	uintptr_t pointer = arch_stack_pointer(call->registers);
	uint32_t mode;
	bool on_it = self->alternate_stack_size &&
		     pointer - self->alternate_stack < self->alternate_stack_size;
	struct linux_stack new, old = {
		.base = self->alternate_stack,
		.size = self->alternate_stack_size,
		.flags = self->alternate_stack_size ? (int32_t)self->alternate_stack_flags
						    : STACK_DISABLE,
	};
	int error;

	if (on_it)
		old.flags |= STACK_ON;
	if (call->argument[0]) {
		error = linux_get(&new, call->argument[0], sizeof(new));
		if (error)
			return error;
		if (on_it)
			return -EPERM;
		mode = (uint32_t) new.flags & ~STACK_AUTODISARM;
		if (mode > STACK_DISABLE)
			return -EINVAL;
		if (mode == STACK_DISABLE) {
			self->alternate_stack_size = 0;
		} else if (new.size < STACK_MINIMUM) {
			return -ENOMEM;
		} else {
			self->alternate_stack = new.base;
			self->alternate_stack_size = new.size;
			self->alternate_stack_flags = (uint32_t) new.flags &STACK_AUTODISARM;
		}
	}
	if (!call->argument[1])
		return 0;
	return linux_put(call->argument[1], &old, sizeof(old));
}
