/* SPDX-License-Identifier: GPL-3.0-or-later */
/* User and group identities. */
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/credentials.h>

struct credentials *credentials_create(const struct credentials *from)
{
	struct credentials *credentials = kzalloc(sizeof(*credentials));

	if (!credentials)
		return NULL;
	if (from)
		*credentials = *from;
	refcount_init(&credentials->references, 1);
	return credentials;
}

void credentials_get(struct credentials *credentials)
{
	refcount_get(&credentials->references);
}

void credentials_put(struct credentials *credentials)
{
	if (refcount_put(&credentials->references))
		kfree(credentials);
}

bool credentials_in_group(const struct credentials *credentials, uint32_t gid)
{
	if (credentials->fsgid == gid)
		return true;
	for (unsigned i = 0; i < credentials->group_count; i++) {
		if (credentials->groups[i] == gid)
			return true;
	}
	return false;
}
