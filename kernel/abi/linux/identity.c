/* SPDX-License-Identifier: GPL-3.0-or-later */
/* User and group ids, with Linux's rules for who may change which; capabilities. */
#include "linux.h"

#include <base/string.h>
#include <proc/process.h>

#define KEEP UINT32_MAX

static const struct credentials *own(void)
{
	return credentials_current();
}

int64_t linux_getuid(const struct linux_call *call)
{
	(void)call;
	return own()->uid;
}

int64_t linux_geteuid(const struct linux_call *call)
{
	(void)call;
	return own()->euid;
}

int64_t linux_getgid(const struct linux_call *call)
{
	(void)call;
	return own()->gid;
}

int64_t linux_getegid(const struct linux_call *call)
{
	(void)call;
	return own()->egid;
}

static bool is_own_uid(uint32_t uid)
{
	return uid == own()->uid || uid == own()->euid || uid == own()->suid;
}

static bool is_own_gid(uint32_t gid)
{
	return gid == own()->gid || gid == own()->egid || gid == own()->sgid;
}

/* Sets those that are not KEEP; the file ids follow the effective ones. */
static int64_t set_uids(uint32_t real, uint32_t effective, uint32_t saved)
{
	struct credentials *credentials = credentials_create(own());

	if (!credentials)
		return -ENOMEM;
	if (real != KEEP)
		credentials->uid = real;
	if (effective != KEEP)
		credentials->euid = effective;
	if (saved != KEEP)
		credentials->suid = saved;
	credentials->fsuid = credentials->euid;
	process_set_credentials(credentials);
	return 0;
}

static int64_t set_gids(uint32_t real, uint32_t effective, uint32_t saved)
{
	struct credentials *credentials = credentials_create(own());

	if (!credentials)
		return -ENOMEM;
	if (real != KEEP)
		credentials->gid = real;
	if (effective != KEEP)
		credentials->egid = effective;
	if (saved != KEEP)
		credentials->sgid = saved;
	credentials->fsgid = credentials->egid;
	process_set_credentials(credentials);
	return 0;
}

int64_t linux_setuid(const struct linux_call *call)
{
	uint32_t uid = linux_unsigned(call, 0);

	if (uid == KEEP)
		return -EINVAL;
	if (credentials_privileged(own()))
		return set_uids(uid, uid, uid);
	if (uid != own()->uid && uid != own()->suid)
		return -EPERM;
	return set_uids(KEEP, uid, KEEP);
}

int64_t linux_setgid(const struct linux_call *call)
{
	uint32_t gid = linux_unsigned(call, 0);

	if (gid == KEEP)
		return -EINVAL;
	if (credentials_privileged(own()))
		return set_gids(gid, gid, gid);
	if (gid != own()->gid && gid != own()->sgid)
		return -EPERM;
	return set_gids(KEEP, gid, KEEP);
}

/* The saved id follows when the real id is set, or the effective one to something else. */
int64_t linux_setreuid(const struct linux_call *call)
{
	uint32_t real = linux_unsigned(call, 0), effective = linux_unsigned(call, 1);
	uint32_t saved = KEEP;

	if (!credentials_privileged(own())) {
		if (real != KEEP && real != own()->uid && real != own()->euid)
			return -EPERM;
		if (effective != KEEP && !is_own_uid(effective))
			return -EPERM;
	}
	if (real != KEEP || (effective != KEEP && effective != own()->uid))
		saved = effective != KEEP ? effective : own()->euid;
	return set_uids(real, effective, saved);
}

int64_t linux_setregid(const struct linux_call *call)
{
	uint32_t real = linux_unsigned(call, 0), effective = linux_unsigned(call, 1);
	uint32_t saved = KEEP;

	if (!credentials_privileged(own())) {
		if (real != KEEP && real != own()->gid && real != own()->egid)
			return -EPERM;
		if (effective != KEEP && !is_own_gid(effective))
			return -EPERM;
	}
	if (real != KEEP || (effective != KEEP && effective != own()->gid))
		saved = effective != KEEP ? effective : own()->egid;
	return set_gids(real, effective, saved);
}

int64_t linux_setresuid(const struct linux_call *call)
{
	for (unsigned i = 0; i < 3 && !credentials_privileged(own()); i++) {
		if (linux_unsigned(call, i) != KEEP && !is_own_uid(linux_unsigned(call, i)))
			return -EPERM;
	}
	return set_uids(linux_unsigned(call, 0), linux_unsigned(call, 1), linux_unsigned(call, 2));
}

int64_t linux_setresgid(const struct linux_call *call)
{
	for (unsigned i = 0; i < 3 && !credentials_privileged(own()); i++) {
		if (linux_unsigned(call, i) != KEEP && !is_own_gid(linux_unsigned(call, i)))
			return -EPERM;
	}
	return set_gids(linux_unsigned(call, 0), linux_unsigned(call, 1), linux_unsigned(call, 2));
}

static int64_t put_three(const struct linux_call *call, uint32_t a, uint32_t b, uint32_t c)
{
	int error = write_user_u32(call->argument[0], a);

	if (!error)
		error = write_user_u32(call->argument[1], b);
	if (!error)
		error = write_user_u32(call->argument[2], c);
	return error;
}

int64_t linux_getresuid(const struct linux_call *call)
{
	return put_three(call, own()->uid, own()->euid, own()->suid);
}

int64_t linux_getresgid(const struct linux_call *call)
{
	return put_three(call, own()->gid, own()->egid, own()->sgid);
}

/* These two return the old id, whatever happens. */
int64_t linux_setfsuid(const struct linux_call *call)
{
	uint32_t uid = linux_unsigned(call, 0), old = own()->fsuid;
	struct credentials *credentials;

	if (uid == KEEP ||
	    !(credentials_privileged(own()) || is_own_uid(uid) || uid == own()->fsuid))
		return old;
	credentials = credentials_create(own());
	if (credentials) {
		credentials->fsuid = uid;
		process_set_credentials(credentials);
	}
	return old;
}

int64_t linux_setfsgid(const struct linux_call *call)
{
	uint32_t gid = linux_unsigned(call, 0), old = own()->fsgid;
	struct credentials *credentials;

	if (gid == KEEP ||
	    !(credentials_privileged(own()) || is_own_gid(gid) || gid == own()->fsgid))
		return old;
	credentials = credentials_create(own());
	if (credentials) {
		credentials->fsgid = gid;
		process_set_credentials(credentials);
	}
	return old;
}

int64_t linux_getgroups(const struct linux_call *call)
{
	const struct credentials *credentials = own();
	int size = linux_int(call, 0);
	int error;

	if (size < 0 || (size > 0 && (unsigned)size < credentials->group_count))
		return -EINVAL;
	if (size > 0) {
		error = linux_put(call->argument[1], credentials->groups,
				  credentials->group_count * sizeof(uint32_t));
		if (error)
			return error;
	}
	return credentials->group_count;
}

int64_t linux_setgroups(const struct linux_call *call)
{
	uint64_t count = call->argument[0];
	struct credentials *credentials;
	int error;

	if (!credentials_privileged(own()))
		return -EPERM;
	if (count > CREDENTIALS_GROUPS_MAX)
		return -EINVAL;
	credentials = credentials_create(own());
	if (!credentials)
		return -ENOMEM;
	error = linux_get(credentials->groups, call->argument[1], count * sizeof(uint32_t));
	if (error) {
		credentials_put(credentials);
		return error;
	}
	credentials->group_count = (unsigned)count;
	process_set_credentials(credentials);
	return 0;
}

#define CAPABILITY_VERSION_3 0x20080522
#define CAPABILITIES_ALL     0x1ffffffffffull

/* Root has all capabilities, others none; they cannot be changed one by one. */
int64_t linux_capget(const struct linux_call *call)
{
	uint64_t held = credentials_privileged(own()) ? CAPABILITIES_ALL : 0;
	struct linux_capability_data data[2] = {
		{ (uint32_t)held, (uint32_t)held, 0 },
		{ (uint32_t)(held >> 32), (uint32_t)(held >> 32), 0 },
	};
	struct linux_capability_header header;
	int error = linux_get(&header, call->argument[0], sizeof(header));

	if (error)
		return error;
	if (header.version != CAPABILITY_VERSION_3) {
		header.version = CAPABILITY_VERSION_3;
		error = linux_put(call->argument[0], &header, sizeof(header));
		return error ? error : call->argument[1] ? -EINVAL : 0;
	}
	return call->argument[1] ? linux_put(call->argument[1], data, sizeof(data)) : 0;
}

int64_t linux_capset(const struct linux_call *call)
{
	uint64_t held = credentials_privileged(own()) ? CAPABILITIES_ALL : 0, effective, permitted;
	struct linux_capability_header header;
	struct linux_capability_data data[2];
	int error = linux_get(&header, call->argument[0], sizeof(header));

	if (error)
		return error;
	if (header.version != CAPABILITY_VERSION_3)
		return -EINVAL;
	if (header.pid && (uint32_t)header.pid != user_thread_current()->id)
		return -EPERM;
	error = linux_get(data, call->argument[1], sizeof(data));
	if (error)
		return error;
	/* What is held already may be set; nothing can be given up or gained. */
	effective = data[0].effective | (uint64_t)data[1].effective << 32;
	permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	return effective == held && permitted == held ? 0 : -EPERM;
}

int64_t linux_umask(const struct linux_call *call)
{
	return file_context_set_umask(linux_unsigned(call, 0) & 0777);
}
