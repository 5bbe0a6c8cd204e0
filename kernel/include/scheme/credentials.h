/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who asks: user and group identities. Immutable once shared; changing them means a new
 * structure (proc replaces the pointer). Counted: holders are processes and open files.
 */
#pragma once

#include <base/types.h>
#include <sync/refcount.h>

#define CREDENTIALS_GROUPS_MAX 64

struct credentials {
	struct refcount references;
	uint32_t uid, euid, suid, fsuid;
	uint32_t gid, egid, sgid, fsgid;
	/* Redox's way of judging permissions: the bits of others, group and owner add up, as far as
	 * they apply. Linux looks at those of the owner alone, else the group's alone, else others'.
	 * Set by exec, as the program's ABI wants it. */
	bool bits_add_up;
	unsigned group_count;
	uint32_t groups[CREDENTIALS_GROUPS_MAX];
};

/* A copy with one reference; NULL: out of memory. `from` NULL: root's. */
struct credentials *credentials_create(const struct credentials *from);
void credentials_get(struct credentials *credentials);
void credentials_put(struct credentials *credentials);
/* True if `gid` is the fsgid or one of the groups. */
bool credentials_in_group(const struct credentials *credentials, uint32_t gid);
/* Root (euid 0) may override permissions. */
static inline bool credentials_privileged(const struct credentials *credentials)
{
	return credentials->euid == 0;
}
