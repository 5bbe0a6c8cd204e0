/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Extended attributes: small named values that belong to a node. Names begin with their name
 * space: `user.` (for who may read or write the file; files and directories only) or `trusted.`
 * (for root). Others are -EOPNOTSUPP.
 */
#pragma once

#include <scheme/node.h>

struct credentials;

#define EXTENDED_NAME_MAX  255
#define EXTENDED_VALUE_MAX 65536

enum extended_flags {                       /* Linux's XATTR_* */
		      EXTENDED_CREATE = 1,  /* -EEXIST where it is there */
		      EXTENDED_REPLACE = 2, /* -ENODATA where it is not */
};

/* The value's whole length; as much of it as fits is stored, nothing with size 0. -ENODATA,
 * -ERANGE (does not fit), -EACCES, -EPERM, -EOPNOTSUPP. */
ssize_t must_check extended_get(struct node *node, const struct credentials *credentials,
				const char *name, void *value, size_t size);
/* `value` NULL: removes it. Also -ENOSPC, -EROFS. */
int must_check extended_set(struct node *node, const struct credentials *credentials,
			    const char *name, const void *value, size_t size, unsigned flags);
/* The names that the caller may see, each terminated; the length as with extended_get(). */
ssize_t must_check extended_list(struct node *node, const struct credentials *credentials,
				 char *names, size_t size);
