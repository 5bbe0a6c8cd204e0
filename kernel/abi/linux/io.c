/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading, writing, positions. */
#include "linux.h"

#include <mm/phys/slab.h>
#include <proc/fd_table.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <scheme/file.h>

#define VECTOR_MAX   1024
#define TRANSFER_MAX 0x7ffff000ull /* Linux's bound on one call */

/* A write to a pipe nobody reads raises the signal as well. */
static int64_t finish_write(ssize_t result)
{
	if (result == -EPIPE) {
		struct signal_info info = { .signal = SIGPIPE, .code = SIGNAL_KERNEL };

		signal_send_thread(user_thread_current(), &info);
	}
	return result;
}

int linux_check_file_size(const struct file *file, uint64_t size)
{
	struct signal_info info = { .signal = SIGXFSZ, .code = SIGNAL_KERNEL };

	if (!node_is(file->node, MODE_FILE) || size <= process_limit(RESOURCE_FILE_SIZE))
		return 0;
	signal_send_thread(user_thread_current(), &info);
	return -EFBIG;
}

/* Cuts a write at the limit on file sizes; one that begins there is refused. */
static int limit_write(struct file *file, struct io *io, const uint64_t *offset)
{
	uint64_t limit = process_limit(RESOURCE_FILE_SIZE), start;

	if (limit == RESOURCE_INFINITY || !file->writable || !node_is(file->node, MODE_FILE))
		return 0;
	start = file->flags & FILE_APPEND ? file->node->size : offset ? *offset : file->position;
	if (start >= limit)
		return io_remaining(io) ? linux_check_file_size(file, limit + 1) : 0;
	io->remaining = min_size(io->remaining, limit - start);
	return 0;
}

static ssize_t write_file(struct file *file, struct io *io, const uint64_t *offset)
{
	int error = limit_write(file, io, offset);

	return error ? error : file_write(file, io, offset);
}

static int64_t run(struct file *file, struct io *io, const uint64_t *offset, bool write)
{
	ssize_t result;

	if (offset && (file->node->flags & NODE_STREAM))
		result = -ESPIPE;
	else if (offset && (int64_t)*offset < 0)
		result = -EINVAL;
	else
		result = write ? write_file(file, io, offset) : file_read(file, io, offset);
	return write ? finish_write(result) : result;
}

static int64_t run_buffer(const struct linux_call *call, const uint64_t *offset, bool write)
{
	struct fd_loan loan = fd_borrow(linux_int(call, 0));
	struct file *file = loan.file;
	int64_t result = -EFAULT;
	struct io io;

	if (!file)
		return -EBADF;
	/* An O_PATH description is neither readable nor writable. */
	if (write ? !file->writable : !file->readable) {
		result = -EBADF;
	} else if (user_range_valid(call->argument[1], call->argument[2])) {
		io_init_user(&io, call->argument[1], min_u64(call->argument[2], TRANSFER_MAX));
		result = run(file, &io, offset, write);
	}
	fd_return(loan);
	return result;
}

int64_t linux_read(const struct linux_call *call)
{
	return run_buffer(call, NULL, false);
}

int64_t linux_write(const struct linux_call *call)
{
	return run_buffer(call, NULL, true);
}

int64_t linux_pread64(const struct linux_call *call)
{
	return run_buffer(call, &call->argument[3], false);
}

int64_t linux_pwrite64(const struct linux_call *call)
{
	return run_buffer(call, &call->argument[3], true);
}

int linux_get_vector(uint64_t address, uint64_t count, struct io_segment **segments)
{
	struct io_segment *copy;
	int error;

	_Static_assert(sizeof(struct io_segment) == sizeof(struct linux_iovec), "copied whole");
	if (count > VECTOR_MAX)
		return -EINVAL;
	copy = kcalloc(count, sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	error = linux_get(copy, address, count * sizeof(*copy));
	if (error) {
		kfree(copy);
		return error;
	}
	*segments = copy;
	return 0;
}

static int64_t run_vector(const struct linux_call *call, const uint64_t *offset, bool write)
{
	struct fd_loan loan = fd_borrow(linux_int(call, 0));
	struct file *file = loan.file;
	struct io_segment *segments;
	struct io io;
	int64_t result;

	if (!file)
		return -EBADF;
	if (write ? !file->writable : !file->readable)
		result = -EBADF;
	else
		result = linux_get_vector(call->argument[1], call->argument[2], &segments);
	if (result)
		goto out;
	result = io_init_segments(&io, segments, call->argument[2]);
	if (!result) {
		io.remaining = min_size(io.remaining, TRANSFER_MAX);
		result = run(file, &io, offset, write);
	}
	kfree(segments);
out:
	fd_return(loan);
	return result;
}

int64_t linux_readv(const struct linux_call *call)
{
	return run_vector(call, NULL, false);
}

int64_t linux_writev(const struct linux_call *call)
{
	return run_vector(call, NULL, true);
}

int64_t linux_preadv(const struct linux_call *call)
{
	return run_vector(call, &call->argument[3], false);
}

int64_t linux_pwritev(const struct linux_call *call)
{
	return run_vector(call, &call->argument[3], true);
}

/* The second versions add flags; offset -1 means the file's position. */
static int64_t run_vector2(const struct linux_call *call, bool write)
{
	if (call->argument[5])
		return -EOPNOTSUPP;
	return run_vector(call, call->argument[3] == UINT64_MAX ? NULL : &call->argument[3], write);
}

int64_t linux_preadv2(const struct linux_call *call)
{
	return run_vector2(call, false);
}

int64_t linux_pwritev2(const struct linux_call *call)
{
	return run_vector2(call, true);
}

int64_t linux_lseek(const struct linux_call *call)
{
	struct file *file = fd_get(linux_int(call, 0));
	int64_t result;

	if (!file)
		return -EBADF;
	result = file_seek(file, (int64_t)call->argument[1], linux_int(call, 2));
	file_put(file);
	return result;
}

#define COPY_CHUNK 65536

/* Moves bytes through a kernel buffer until `length`, the end of the input, or an error. */
static int64_t copy_between(struct file *in, uint64_t *in_offset, struct file *out,
			    uint64_t *out_offset, size_t length)
{
	uint8_t *buffer = kmalloc(COPY_CHUNK);
	int64_t done = 0, result = 0, taken;

	if (!buffer)
		return -ENOMEM;
	while ((size_t)done < length) {
		struct io io;

		io_init_kernel(&io, buffer, min_size(COPY_CHUNK, length - (size_t)done));
		result = file_read(in, &io, in_offset);
		if (result <= 0)
			break;
		io_init_kernel(&io, buffer, (size_t)result);
		taken = result;
		result = write_file(out, &io, out_offset);
		/* What was not written has not been read. */
		if (result < taken && !in_offset)
			(void)file_seek(in, (result > 0 ? result : 0) - taken, 1);
		if (result <= 0)
			break;
		done += result;
		if (in_offset)
			*in_offset += (uint64_t)result;
		if (out_offset)
			*out_offset += (uint64_t)result;
		if (result < taken)
			break;
	}
	kfree(buffer);
	return done ? done : finish_write(result);
}

/* The input must have positions; with `regular` both must be regular files. */
static int check_copy(const struct file *in, const struct file *out, bool regular)
{
	if (!regular)
		return (in->node->flags & NODE_STREAM) || (out->flags & FILE_APPEND) ? -EINVAL : 0;
	if (node_is(in->node, MODE_DIRECTORY) || node_is(out->node, MODE_DIRECTORY))
		return -EISDIR;
	if (!node_is(in->node, MODE_FILE) || !node_is(out->node, MODE_FILE))
		return -EINVAL;
	return out->flags & FILE_APPEND ? -EBADF : 0;
}

/* Has the files share blocks instead, if they can: how many bytes; 0: they are to be copied. */
static int64_t clone_between(struct file *in, uint64_t *in_offset, struct file *out,
			     uint64_t *out_offset, size_t length)
{
	const int current = 1;
	uint64_t from = in_offset ? *in_offset : (uint64_t)file_seek(in, 0, current);
	uint64_t to = out_offset ? *out_offset : (uint64_t)file_seek(out, 0, current);
	uint64_t size = in->node->size;

	if (!out->ops->clone || from >= size)
		return 0;
	length = (size_t)min_u64(length, size - from);
	if (from + length < size)
		length = align_down(length, PAGE_SIZE);
	if (!length || linux_check_file_size(out, to + length) ||
	    file_clone(in, from, out, to, length))
		return 0;
	if (in_offset)
		*in_offset += length;
	else
		(void)file_seek(in, (int64_t)length, current);
	if (out_offset)
		*out_offset += length;
	else
		(void)file_seek(out, (int64_t)length, current);
	return (int64_t)length;
}

/* Copies with optional offsets at user addresses, which are moved along. */
static int64_t copy_files(int in_fd, uint64_t in_at, int out_fd, uint64_t out_at, size_t length,
			  bool regular)
{
	struct file *in = fd_get(in_fd), *out = fd_get(out_fd);
	uint64_t in_offset = 0, out_offset = 0;
	int64_t result = in && out && in->readable && out->writable ? 0 : -EBADF;

	if (!result)
		result = check_copy(in, out, regular);
	if (!result && in_at)
		result = read_user_u64(in_at, &in_offset);
	if (!result && out_at)
		result = read_user_u64(out_at, &out_offset);
	if (!result && regular)
		result = clone_between(in, in_at ? &in_offset : NULL, out,
				       out_at ? &out_offset : NULL, length);
	if (!result)
		result = copy_between(in, in_at ? &in_offset : NULL, out,
				      out_at ? &out_offset : NULL, min_u64(length, TRANSFER_MAX));
	if (result > 0 && in_at && write_user_u64(in_at, in_offset))
		result = -EFAULT;
	if (result > 0 && out_at && write_user_u64(out_at, out_offset))
		result = -EFAULT;
	if (in)
		file_put(in);
	if (out)
		file_put(out);
	return result;
}

int64_t linux_sendfile(const struct linux_call *call)
{
	return copy_files(linux_int(call, 1), call->argument[2], linux_int(call, 0), 0,
			  call->argument[3], false);
}

int64_t linux_copy_file_range(const struct linux_call *call)
{
	if (call->argument[5])
		return -EINVAL;
	return copy_files(linux_int(call, 0), call->argument[1], linux_int(call, 2),
			  call->argument[3], call->argument[4], true);
}
