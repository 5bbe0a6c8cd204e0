/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What open files are: attributes, names, sizes. */
#include "redox.h"

#include <base/string.h>
#include <mm/phys/slab.h>
#include <proc/process.h>
#include <scheme/credentials.h>

#define ID_KEEP UINT32_MAX

/* Borrows the descriptor in argument 0 and checks that the whole range in arguments 1 and 2 can be
 * written, or read, and is of `size` bytes (0: any). On success the loan is to be returned. */
static int begin(const struct redox_call *call, bool write, size_t size, struct fd_loan *loan)
{
	int error;

	*loan = fd_borrow(redox_fd(call, 0));
	if (!loan->file)
		return -EBADF;
	error = redox_check_user(call->argument[1], call->argument[2], write);
	if (!error && size && call->argument[2] != size)
		error = -EINVAL;
	if (error)
		fd_return(*loan);
	return error;
}

static void fill_stat(struct redox_stat *stat, const struct node_attributes *attributes)
{
	const struct node_times *times = &attributes->times;

	*stat = (struct redox_stat){
		.device = attributes->device,
		.number = attributes->number,
		.mode = (uint16_t)attributes->mode,
		.links = attributes->links,
		.uid = attributes->uid,
		.gid = attributes->gid,
		.size = attributes->size,
		.block_size = (uint32_t)attributes->block_size,
		.blocks = attributes->blocks,
		.modify_seconds = times->modify / NS_PER_SECOND,
		.modify_nanoseconds = (uint32_t)(times->modify % NS_PER_SECOND),
		.access_seconds = times->access / NS_PER_SECOND,
		.access_nanoseconds = (uint32_t)(times->access % NS_PER_SECOND),
		.change_seconds = times->change / NS_PER_SECOND,
		.change_nanoseconds = (uint32_t)(times->change % NS_PER_SECOND),
	};
}

int64_t redox_fstat(const struct redox_call *call)
{
	struct node_attributes attributes;
	struct redox_stat stat;
	struct fd_loan loan;
	int error = begin(call, true, sizeof(stat), &loan);

	if (error)
		return error;
	error = file_read_attributes(loan.file, &attributes);
	fd_return(loan);
	if (error)
		return error;
	fill_stat(&stat, &attributes);
	return redox_put(call->argument[1], &stat, sizeof(stat));
}

int64_t redox_fstatvfs(const struct redox_call *call)
{
	struct scheme_statistics statistics;
	struct redox_statvfs result;
	struct fd_loan loan;
	int error = begin(call, true, sizeof(result), &loan);

	if (error)
		return error;
	error = file_statistics(loan.file, &statistics);
	fd_return(loan);
	if (error)
		return error;
	result = (struct redox_statvfs){
		.block_size = (uint32_t)statistics.block_size,
		.blocks = statistics.blocks,
		.free_blocks = statistics.free_blocks,
		.available_blocks = statistics.available_blocks,
	};
	return redox_put(call->argument[1], &result, sizeof(result));
}

int64_t redox_fpath(const struct redox_call *call)
{
	struct fd_loan loan;
	ssize_t length = begin(call, true, 0, &loan);
	size_t size = (size_t)min_u64(call->argument[2], REDOX_NAME_MAX);
	char *name;
	int error;

	if (length)
		return length;
	name = kmalloc(size + 1);
	length = name ? file_scheme_name(loan.file, name, size) : -ENOMEM;
	fd_return(loan);
	if (length > 0) {
		error = redox_put(call->argument[1], name, (size_t)length);
		if (error)
			length = error;
	}
	kfree(name);
	return length;
}

/* --- Changing them. --- */

static int64_t change(const struct redox_call *call, const struct node_changes *changes)
{
	struct fd_loan loan = fd_borrow(redox_fd(call, 0));
	int64_t result;

	if (!loan.file)
		return -EBADF;
	result = file_change_attributes(loan.file, credentials_current(), changes);
	fd_return(loan);
	return result;
}

int64_t redox_fchmod(const struct redox_call *call)
{
	const struct node_changes changes = {
		.which = CHANGE_MODE,
		.mode = (uint32_t)call->argument[1] & MODE_PERMISSIONS,
	};

	return change(call, &changes);
}

int64_t redox_fchown(const struct redox_call *call)
{
	const struct credentials *credentials = credentials_current();
	struct node_changes changes = {
		.uid = (uint32_t)call->argument[1],
		.gid = (uint32_t)call->argument[2],
	};
	struct fd_loan loan = fd_borrow(redox_fd(call, 0));
	int64_t result = 0;

	if (!loan.file)
		return -EBADF;
	if (changes.uid != ID_KEEP)
		changes.which |= CHANGE_UID;
	if (changes.gid != ID_KEEP)
		changes.which |= CHANGE_GID;
	if (!redox_is_root() &&
	    (changes.uid != credentials->euid || changes.gid != credentials->egid))
		result = -EPERM;
	else if (changes.which)
		result = file_change_attributes(loan.file, credentials, &changes);
	fd_return(loan);
	return result;
}

int64_t redox_ftruncate(const struct redox_call *call)
{
	const struct node_changes changes = {
		.which = CHANGE_SIZE,
		.size = call->argument[1],
	};

	return change(call, &changes);
}

int64_t redox_futimens(const struct redox_call *call)
{
	struct node_changes changes = { .which = CHANGE_ACCESS | CHANGE_MODIFY };
	struct fd_loan loan;
	int64_t result = begin(call, false, 2 * sizeof(struct redox_timespec), &loan);

	if (result)
		return result;
	result = redox_get_timespec(call->argument[1], &changes.access);
	if (!result)
		result = redox_get_timespec(call->argument[1] + sizeof(struct redox_timespec),
					    &changes.modify);
	if (!result)
		result = file_change_attributes(loan.file, credentials_current(), &changes);
	fd_return(loan);
	return result;
}

/* True for what nothing is kept of, and for descriptors that nothing is written by. */
static bool nothing_to_write(const struct file *file)
{
	return (file->flags & FILE_PATH) || ((file->node->flags & NODE_STREAM) && !file->ops->sync);
}

int64_t redox_fsync(const struct redox_call *call)
{
	struct fd_loan loan = fd_borrow(redox_fd(call, 0));
	int64_t result;

	if (!loan.file)
		return -EBADF;
	result = nothing_to_write(loan.file) ? 0 : file_sync(loan.file, false);
	fd_return(loan);
	return result;
}
