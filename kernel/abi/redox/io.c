/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading and writing. */
#include "redox.h"

#include <scheme/file.h>

static int64_t transfer(const struct redox_call *call, bool write)
{
	struct fd_loan loan = fd_borrow(redox_fd(call, 0));
	struct file *file = loan.file;
	int64_t result = -EBADF;
	struct io io;

	if (!file)
		return -EBADF;
	if (write ? file->writable : file->readable)
		result = redox_check_user(call->argument[1], call->argument[2], !write);
	if (!result) {
		io_init_user(&io, call->argument[1], call->argument[2]);
		result = write ? file_write(file, &io, NULL) : file_read(file, &io, NULL);
	}
	fd_return(loan);
	return result;
}

int64_t redox_read(const struct redox_call *call)
{
	return transfer(call, false);
}

int64_t redox_write(const struct redox_call *call)
{
	return transfer(call, true);
}

int64_t redox_lseek(const struct redox_call *call)
{
	uint64_t whence = call->argument[2];
	struct fd_loan loan = fd_borrow(redox_fd(call, 0));
	int64_t result = -EINVAL;

	if (!loan.file)
		return -EBADF;
	if (whence <= REDOX_SEEK_END)
		result = file_seek(loan.file, (int64_t)call->argument[1], (int)whence);
	fd_return(loan);
	return result;
}
