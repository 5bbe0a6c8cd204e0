/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of kernel/scheme share about nodes. */
#pragma once

#include <scheme/credentials.h>
#include <scheme/node.h>

/* True for what belongs to a scheme that cannot be changed. */
bool node_read_only(const struct node *node);

/* Notes that the contents were read. Takes node->lock if the time is to be changed. */
void node_note_access(struct node *node);

/* Takes away the set-id bits of a file that an unprivileged user changes. Takes node->lock. */
void node_drop_set_id(struct node *node, const struct credentials *credentials);

/* The size of a file that was opened for writing: ftruncate, O_TRUNC. No permission is asked.
 * -EINVAL for what is no regular file. */
int node_truncate(struct node *node, const struct credentials *credentials, uint64_t size);
