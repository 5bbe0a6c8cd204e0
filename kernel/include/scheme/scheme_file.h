/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Open files of schemes whose names are no tree: each open makes a node of its own, which knows the
 * name that it was opened by.
 */
#pragma once

#include <scheme/scheme.h>

/* A description of what `request` names, a stream with `mode` (type and permissions) and `ops`.
 * `private` is the caller's until this succeeds. It can be read and written if `ops` can, whatever
 * the request says, since Redox's kernel schemes do not look at the access mode.
 * -ENOMEM. */
int must_check scheme_file_create(struct scheme *scheme, const struct scheme_request *request,
				  const struct node_ops *ops, uint32_t mode, void *private,
				  struct file **file);
/* The same with a name that is not quite the request's. */
int must_check scheme_file_create_named(struct scheme *scheme, const struct scheme_request *request,
					const char *name, const struct node_ops *ops, uint32_t mode,
					void *private, struct file **file);
/* For `name` of those ops: "SCHEME:NAME" as it was opened. */
ssize_t scheme_file_name(struct file *file, char *buffer, size_t size);
