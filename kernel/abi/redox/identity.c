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

#define KEEP UINT32_MAX /* the id stays as it is */

/* What the owner of the ids `real` and `effective` may make either of them. */
static bool may_become(uint32_t id, uint32_t real, uint32_t effective)
{
	return redox_is_root() || id == KEEP || id == real || id == effective;
}

/* There are no saved ids: the effective one is all that counts for access. */
int64_t redox_setreuid(const struct redox_call *call)
{
	const struct credentials *own = credentials_current();
	uint32_t real = (uint32_t)call->argument[0], effective = (uint32_t)call->argument[1];
	struct credentials *changed;

	if (!may_become(real, own->uid, own->euid) || !may_become(effective, own->uid, own->euid))
		return -EPERM;
	changed = credentials_create(own);
	if (!changed)
		return -ENOMEM;
	if (real != KEEP)
		changed->uid = real;
	if (effective != KEEP)
		changed->euid = effective;
	changed->suid = changed->fsuid = changed->euid;
	process_set_credentials(changed);
	return 0;
}

int64_t redox_setregid(const struct redox_call *call)
{
	const struct credentials *own = credentials_current();
	uint32_t real = (uint32_t)call->argument[0], effective = (uint32_t)call->argument[1];
	struct credentials *changed;

	if (!may_become(real, own->gid, own->egid) || !may_become(effective, own->gid, own->egid))
		return -EPERM;
	changed = credentials_create(own);
	if (!changed)
		return -ENOMEM;
	if (real != KEEP)
		changed->gid = real;
	if (effective != KEEP)
		changed->egid = effective;
	changed->sgid = changed->fsgid = changed->egid;
	process_set_credentials(changed);
	return 0;
}

int64_t redox_getpgid(const struct redox_call *call)
{
	if (call->argument[0] > INT32_MAX)
		return -ESRCH;
	return process_get_group((uint32_t)call->argument[0]);
}

int64_t redox_setpgid(const struct redox_call *call)
{
	if (call->argument[0] > INT32_MAX)
		return -ESRCH;
	if (call->argument[1] > INT32_MAX)
		return -EINVAL;
	return process_join_group((uint32_t)call->argument[0], (uint32_t)call->argument[1]);
}

int64_t redox_umask(const struct redox_call *call)
{
	return file_context_set_umask((uint32_t)call->argument[0]);
}
