/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of `proc:` and `thisproc:` hold: registers, memory, the name of the program. To
 * have its registers read or written, another process is held for the moment; it does not notice.
 */
#include "proc_scheme.h"
#include "redox.h"

#include <base/string.h>
#include <mm/phys/slab.h>
#include <mm/vm/aspace.h>
#include <proc/hold.h>
#include <proc/process.h>

/* --- Registers. --- */

union registers {
	struct redox_environment_registers environment;
	struct redox_integer_registers integer;
	struct redox_float_registers floating;
};

struct access {
	int (*work)(struct user_thread *thread, void *registers);
	void *registers;
};

static int visit(struct user_thread *thread, void *argument)
{
	struct access *access = argument;

	return access->work(thread, access->registers);
}

/* Does `work` for the process's first thread. */
static int access_thread(const struct proc_file *file,
			 int (*work)(struct user_thread *thread, void *registers), void *registers)
{
	struct access access = { work, registers };
	struct process *process = file->process;
	int error;

	if (process == process_current())
		return work(user_thread_current(), registers);
	error = process_hold(process);
	if (error)
		return error;
	/* It may have called exec until now. */
	error = proc_check_access(file->kind, process);
	if (!error)
		error = process_visit_held(process, visit, &access);
	process_release(process);
	return error;
}

static int get_environment(struct user_thread *thread, void *registers)
{
	redox_get_environment_registers(thread, registers);
	return 0;
}

static int set_environment(struct user_thread *thread, void *registers)
{
	return redox_set_environment_registers(thread, registers);
}

static int get_integer(struct user_thread *thread, void *registers)
{
	/* Its own are those of the call that asks. */
	if (thread == user_thread_current())
		return -EBADF;
	redox_get_integer_registers(thread, registers);
	return 0;
}

static int set_integer(struct user_thread *thread, void *registers)
{
	if (thread == user_thread_current())
		return -EBADF;
	redox_set_integer_registers(thread, registers);
	return 0;
}

static int get_float(struct user_thread *thread, void *registers)
{
	redox_get_float_registers(thread, registers);
	return 0;
}

static int set_float(struct user_thread *thread, void *registers)
{
	redox_set_float_registers(thread, registers);
	return 0;
}

static ssize_t read_record(struct proc_file *file, struct io *io,
			   int (*work)(struct user_thread *thread, void *registers))
{
	union registers registers;
	int error = access_thread(file, work, &registers);

	return error ? error : io_put(io, &registers, file->kind->size);
}

/* Takes whole records only: less is nothing. */
static ssize_t write_record(struct proc_file *file, struct io *io,
			    int (*work)(struct user_thread *thread, void *registers))
{
	union registers registers;
	size_t size = file->kind->size;
	int error;

	if (io_remaining(io) < size)
		return 0;
	if (io_take(io, &registers, size) != (ssize_t)size)
		return -EFAULT;
	error = access_thread(file, work, &registers);
	return error ? error : (ssize_t)size;
}

#define REGISTER_FILE(which)                                                                 \
	static ssize_t read_##which(struct proc_file *file, struct io *io, uint64_t offset)  \
	{                                                                                    \
		(void)offset;                                                                \
		return read_record(file, io, get_##which);                                   \
	}                                                                                    \
	static ssize_t write_##which(struct proc_file *file, struct io *io, uint64_t offset) \
	{                                                                                    \
		(void)offset;                                                                \
		return write_record(file, io, set_##which);                                  \
	}

REGISTER_FILE(environment)
REGISTER_FILE(integer)
REGISTER_FILE(float)

const struct proc_kind proc_kind_environment = {
	.name = "regs/env",
	.size = sizeof(struct redox_environment_registers),
	.read = read_environment,
	.write = write_environment,
};

const struct proc_kind proc_kind_integer = {
	.name = "regs/int",
	.size = sizeof(struct redox_integer_registers),
	.read = read_integer,
	.write = write_integer,
};

const struct proc_kind proc_kind_float = {
	.name = "regs/float",
	.size = sizeof(struct redox_float_registers),
	.read = read_float,
	.write = write_float,
};

/* --- Memory: the offset is the address. --- */

/* One piece, up to the end of its page. Bytes, 0: nothing is left, or an error. */
static ssize_t move_piece(struct aspace *aspace, struct io *io, uint64_t address, uint8_t *buffer,
			  bool write)
{
	size_t length = min_size(io_remaining(io), PAGE_SIZE - address % PAGE_SIZE);
	ssize_t count;

	if (write) {
		count = io_take(io, buffer, length);
		return count > 0 ? aspace_write(aspace, address, buffer, (size_t)count) : count;
	}
	count = aspace_read(aspace, address, buffer, length);
	return count > 0 ? io_put(io, buffer, (size_t)count) : count;
}

static ssize_t move_memory(struct proc_file *file, struct io *io, uint64_t address, bool write)
{
	struct aspace *aspace = process_aspace(file->process);
	uint8_t *buffer = NULL;
	ssize_t done = 0, count = 0;
	int error = -ESRCH;

	if (!aspace)
		return error;
	/* Now that no exec can put another program's memory in its place. */
	error = proc_check_access(file->kind, file->process);
	if (!error && !(buffer = kmalloc(PAGE_SIZE)))
		error = -ENOMEM;
	if (error) {
		aspace_put(aspace);
		return error;
	}
	while (io_remaining(io)) {
		count = move_piece(aspace, io, address + (uint64_t)done, buffer, write);
		if (count <= 0)
			break;
		done += count;
	}
	kfree(buffer);
	aspace_put(aspace);
	return done || !count ? done : -EFAULT;
}

static ssize_t read_memory(struct proc_file *file, struct io *io, uint64_t offset)
{
	return move_memory(file, io, offset, false);
}

static ssize_t write_memory(struct proc_file *file, struct io *io, uint64_t offset)
{
	return move_memory(file, io, offset, true);
}

const struct proc_kind proc_kind_memory = {
	.name = "mem",
	.read = read_memory,
	.write = write_memory,
};

/* --- The program's name. --- */

static ssize_t read_executable(struct proc_file *file, struct io *io, uint64_t offset)
{
	size_t length;
	char *name;
	int error = process_program_name(file->process, &name);

	if (error)
		return error == -ENOENT ? -ESRCH : error;
	length = strlen(name);
	error = offset < length ? (int)io_put(io, name + offset, length - offset) : 0;
	kfree(name);
	return error;
}

const struct proc_kind proc_kind_executable = {
	.name = "exe",
	.for_anybody = true,
	.read = read_executable,
};
