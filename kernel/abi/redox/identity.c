/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who a process is. */
#include "redox.h"

#include <proc/process.h>
#include <scheme/credentials.h>

int64_t redox_getpid(const struct redox_call *call)
{
	(void)call;
	return process_current()->pid;
}

int64_t redox_getppid(const struct redox_call *call)
{
	(void)call;
	return process_parent_pid(process_current());
}

int64_t redox_getuid(const struct redox_call *call)
{
	(void)call;
	return credentials_current()->uid;
}

int64_t redox_geteuid(const struct redox_call *call)
{
	(void)call;
	return credentials_current()->euid;
}

int64_t redox_getgid(const struct redox_call *call)
{
	(void)call;
	return credentials_current()->gid;
}

int64_t redox_getegid(const struct redox_call *call)
{
	(void)call;
	return credentials_current()->egid;
}

int64_t redox_exit(const struct redox_call *call)
{
	process_exit(wait_status_exited((int)call->argument[0]));
}
