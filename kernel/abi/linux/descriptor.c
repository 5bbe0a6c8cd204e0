/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors and what can be asked of open files. */
#include "linux.h"

#include <fs/memory_file.h>
#include <fs/mount.h>
#include <proc/fd_table.h>
#include <proc/process.h>
#include <scheme/file.h>
#include <scheme/pipe.h>
#include <scheme/scheme.h>

int64_t linux_dup(const struct linux_call *call)
{
	struct file *file = fd_get_any(linux_int(call, 0));

	return file ? fd_add(file, false) : -EBADF;
}

static int64_t duplicate_to(int from, int to, bool close_on_exec)
{
	struct file *file = fd_get_any(from);

	return file ? fd_replace(to, file, close_on_exec) : -EBADF;
}

int64_t linux_dup2(const struct linux_call *call)
{
	int from = linux_int(call, 0), to = linux_int(call, 1);

	if (from == to) {
		struct file *file = fd_get_any(from);

		if (!file)
			return -EBADF;
		file_put(file);
		return to;
	}
	return duplicate_to(from, to, false);
}

int64_t linux_dup3(const struct linux_call *call)
{
	unsigned flags = linux_unsigned(call, 2);

	if (linux_int(call, 0) == linux_int(call, 1) || (flags & ~(unsigned)FILE_CLOSE_ON_EXEC))
		return -EINVAL;
	return duplicate_to(linux_int(call, 0), linux_int(call, 1), flags & FILE_CLOSE_ON_EXEC);
}

enum fcntl_command {
	FCNTL_DUP = 0,
	FCNTL_GET_FD = 1,
	FCNTL_SET_FD = 2,
	FCNTL_GET_FLAGS = 3,
	FCNTL_SET_FLAGS = 4,
	FCNTL_GET_LOCK = 5,
	FCNTL_SET_LOCK = 6,
	FCNTL_SET_LOCK_WAIT = 7,
	FCNTL_SET_OWNER = 8,
	FCNTL_GET_OWNER = 9,
	FCNTL_DUP_CLOSE_ON_EXEC = 1030,
	FCNTL_SET_PIPE_SIZE = 1031,
	FCNTL_GET_PIPE_SIZE = 1032,
	FCNTL_ADD_SEALS = 1033,
	FCNTL_GET_SEALS = 1034,
};

#define FD_CLOSE_ON_EXEC 1
#define SETTABLE_FLAGS   (FILE_APPEND | FILE_NONBLOCK | FILE_ASYNC | FILE_DIRECT | FILE_NO_ATIME)

static int64_t duplicate_from(struct file *file, uint64_t lowest, bool close_on_exec)
{
	int fd;

	if (lowest >= process_limit(RESOURCE_FILES))
		return -EINVAL;
	fd = fd_reserve((int)lowest);
	if (fd < 0)
		return fd;
	file_get(file);
	fd_install(fd, file, close_on_exec);
	return fd;
}

/* Linux's (whence, start, length) as an absolute range. */
static int decode_lock(struct file *file, const struct linux_flock *from,
		       struct file_lock_range *range)
{
	int64_t base = 0, start;

	if (from->type < 0 || from->type > 2)
		return -EINVAL;
	if (from->whence == 1)
		base = (int64_t)file->position;
	else if (from->whence == 2)
		base = (int64_t)file->node->size;
	else if (from->whence != 0)
		return -EINVAL;
	if (__builtin_add_overflow(base, from->start, &start))
		return -EOVERFLOW;
	range->type = from->type;
	range->pid = process_current()->pid;
	range->end = UINT64_MAX;
	if (from->length > 0) {
		range->end = (uint64_t)start + (uint64_t)from->length - 1;
	} else if (from->length < 0) {
		range->end = (uint64_t)start - 1;
		start += from->length;
	}
	if (start < 0)
		return -EINVAL;
	range->start = (uint64_t)start;
	return 0;
}

static int64_t get_lock(struct file *file, uint64_t address)
{
	struct file_lock_range range;
	struct linux_flock lock;
	int error = linux_get(&lock, address, sizeof(lock));

	if (error)
		return error;
	error = decode_lock(file, &lock, &range);
	if (!error)
		error = file_lock_query(file, process_current()->fd_table, &range);
	if (error)
		return error;
	lock.type = (int16_t)range.type;
	if (range.type != 2) {
		lock.whence = 0;
		lock.start = (int64_t)range.start;
		lock.length = range.end == UINT64_MAX ? 0 : (int64_t)(range.end - range.start + 1);
		lock.pid = (int32_t)range.pid;
	}
	return linux_put(address, &lock, sizeof(lock));
}

static int64_t set_lock(struct file *file, uint64_t address, bool wait)
{
	struct file_lock_range range;
	struct linux_flock lock;
	int error = linux_get(&lock, address, sizeof(lock));

	if (error)
		return error;
	error = decode_lock(file, &lock, &range);
	if (error)
		return error;
	if ((lock.type == 0 && !file->readable) || (lock.type == 1 && !file->writable))
		return -EBADF;
	return file_lock(file, process_current()->fd_table, &range, wait);
}

/* The capacity is what it is: a smaller one is granted by keeping it, a larger one refused. */
static int64_t set_pipe_size(const struct file *file, uint64_t wanted)
{
	int capacity = pipe_capacity(file);

	if (capacity < 0)
		return capacity;
	if (wanted == 0 || wanted > INT32_MAX)
		return -EINVAL;
	return wanted <= (uint64_t)capacity ? capacity : -EPERM;
}

static int64_t control_descriptor(struct file *file, int fd, int command, uint64_t argument)
{
	switch (command) {
	case FCNTL_DUP:
		return duplicate_from(file, argument, false);
	case FCNTL_DUP_CLOSE_ON_EXEC:
		return duplicate_from(file, argument, true);
	case FCNTL_GET_FD:
		return fd_close_on_exec(fd);
	case FCNTL_SET_FD:
		return fd_set_close_on_exec(fd, argument & FD_CLOSE_ON_EXEC);
	case FCNTL_GET_FLAGS:
		return file->flags;
	case FCNTL_SET_FLAGS:
		file->flags = (file->flags & ~(unsigned)SETTABLE_FLAGS) |
			      ((unsigned)argument & SETTABLE_FLAGS);
		return 0;
	case FCNTL_GET_LOCK:
		return get_lock(file, argument);
	case FCNTL_SET_LOCK:
	case FCNTL_SET_LOCK_WAIT:
		return set_lock(file, argument, command == FCNTL_SET_LOCK_WAIT);
	case FCNTL_SET_OWNER:
		file->owner = (uint32_t)argument;
		return 0;
	case FCNTL_GET_OWNER:
		return (int32_t)file->owner;
	case FCNTL_GET_PIPE_SIZE:
		return pipe_capacity(file);
	case FCNTL_SET_PIPE_SIZE:
		return set_pipe_size(file, argument);
	case FCNTL_GET_SEALS:
		return memory_file_seals(file);
	case FCNTL_ADD_SEALS:
		return memory_file_add_seals(file, (unsigned)argument);
	default:
		return -EINVAL;
	}
}

int64_t linux_fcntl(const struct linux_call *call)
{
	struct file *file = fd_get_any(linux_int(call, 0));
	int64_t result;

	if (!file)
		return -EBADF;
	if ((file->flags & FILE_PATH) && linux_int(call, 1) > FCNTL_GET_FLAGS &&
	    linux_int(call, 1) != FCNTL_DUP_CLOSE_ON_EXEC)
		result = -EBADF;
	else
		result = control_descriptor(file, linux_int(call, 0), linux_int(call, 1),
					    call->argument[2]);
	file_put(file);
	return result;
}

enum ioctl_request {
	IOCTL_CLOSE_ON_EXEC = 0x5451,
	IOCTL_NO_CLOSE_ON_EXEC = 0x5450,
	IOCTL_NONBLOCK = 0x5421,
	IOCTL_CLONE = 0x40049409,
	IOCTL_CLONE_RANGE = 0x4020940d,
};

/* FICLONERANGE's, and FICLONE with zeros but for the file. */
struct clone_range {
	int64_t from;
	uint64_t from_offset, length, to_offset;
};

static int64_t clone_file(struct file *to, unsigned request, uint64_t argument)
{
	struct clone_range range = { .from = (int32_t)argument };
	struct file *from;
	int64_t result;

	if (request == IOCTL_CLONE_RANGE &&
	    copy_from_user(&range, user_in(argument, sizeof(range))))
		return -EFAULT;
	from = fd_get((int)range.from);
	if (!from)
		return -EBADF;
	result = linux_check_file_size(to, range.to_offset + max_u64(range.length, 1));
	if (!result)
		result = file_clone(from, range.from_offset, to, range.to_offset, range.length);
	file_put(from);
	return result;
}

int64_t linux_ioctl(const struct linux_call *call)
{
	struct file *file = fd_get(linux_int(call, 0));
	uint32_t value;
	int64_t result;

	if (!file)
		return -EBADF;
	switch (linux_unsigned(call, 1)) {
	case IOCTL_CLOSE_ON_EXEC:
	case IOCTL_NO_CLOSE_ON_EXEC:
		result = fd_set_close_on_exec(linux_int(call, 0),
					      linux_unsigned(call, 1) == IOCTL_CLOSE_ON_EXEC);
		break;
	case IOCTL_NONBLOCK:
		result = read_user_u32(call->argument[2], &value);
		if (!result)
			file->flags = value ? file->flags | FILE_NONBLOCK
					    : file->flags & ~(unsigned)FILE_NONBLOCK;
		break;
	case IOCTL_CLONE:
	case IOCTL_CLONE_RANGE:
		result = clone_file(file, linux_unsigned(call, 1), call->argument[2]);
		break;
	default:
		result = file_control(file, linux_unsigned(call, 1), call->argument[2]);
		break;
	}
	file_put(file);
	return result;
}

enum flock_operation {
	FLOCK_SHARED = 1,
	FLOCK_EXCLUSIVE = 2,
	FLOCK_NO_WAIT = 4,
	FLOCK_UNLOCK = 8,
};

int64_t linux_flock(const struct linux_call *call)
{
	struct file_lock_range range = { .end = UINT64_MAX };
	int operation = linux_int(call, 1);
	struct file *file;
	int64_t result;

	switch (operation & ~FLOCK_NO_WAIT) {
	case FLOCK_SHARED:
		range.type = 0;
		break;
	case FLOCK_EXCLUSIVE:
		range.type = 1;
		break;
	case FLOCK_UNLOCK:
		range.type = 2;
		break;
	default:
		return -EINVAL;
	}
	file = fd_get(linux_int(call, 0));
	if (!file)
		return -EBADF;
	result = file_lock(file, file, &range, !(operation & FLOCK_NO_WAIT));
	file_put(file);
	return result;
}

static int64_t sync_file(int fd, bool data_only)
{
	struct file *file = fd_get(fd);
	int64_t result;

	if (!file)
		return -EBADF;
	result = file_sync(file, data_only);
	file_put(file);
	return result;
}

int64_t linux_fsync(const struct linux_call *call)
{
	return sync_file(linux_int(call, 0), false);
}

int64_t linux_fdatasync(const struct linux_call *call)
{
	return sync_file(linux_int(call, 0), true);
}

int64_t linux_sync(const struct linux_call *call)
{
	(void)call;
	namespace_sync(namespace_current());
	file_system_sync_detached();
	return 0;
}

int64_t linux_syncfs(const struct linux_call *call)
{
	struct file *file = fd_get(linux_int(call, 0));

	if (!file)
		return -EBADF;
	if (file->node->scheme)
		scheme_sync(file->node->scheme);
	file_put(file);
	return 0;
}

int64_t linux_fallocate(const struct linux_call *call)
{
	struct file *file = fd_get(linux_int(call, 0));
	int64_t offset = (int64_t)call->argument[2], length = (int64_t)call->argument[3];
	int64_t result;

	if (!file)
		return -EBADF;
	if (offset < 0 || length <= 0)
		result = -EINVAL;
	else
		result = linux_check_file_size(file, (uint64_t)offset + (uint64_t)length);
	if (!result)
		result = file_allocate(file, linux_unsigned(call, 1), (uint64_t)offset,
				       (uint64_t)length);
	file_put(file);
	return result;
}

int64_t linux_ftruncate(const struct linux_call *call)
{
	struct file *file = fd_get(linux_int(call, 0));
	int64_t result;

	if (!file)
		return -EBADF;
	if ((int64_t)call->argument[1] < 0 || !file->writable)
		result = -EINVAL;
	else
		result = linux_check_file_size(file, call->argument[1]);
	if (!result)
		result = file_truncate(file, call->argument[1]);
	file_put(file);
	return result;
}
