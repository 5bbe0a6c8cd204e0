/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changing attributes: who may, and what follows from it. */
#include <base/errno.h>
#include <scheme/path.h>
#include <time/clock.h>

#include "node_priv.h"

#define SIZE_MAX_FILE ((uint64_t)INT64_MAX)

void node_store_changes(struct node *node, const struct node_changes *changes)
{
	if (changes->which & CHANGE_MODE)
		node->mode = (node->mode & MODE_TYPE) | (changes->mode & MODE_PERMISSIONS);
	if (changes->which & CHANGE_UID)
		node->uid = changes->uid;
	if (changes->which & CHANGE_GID)
		node->gid = changes->gid;
	if (changes->which & CHANGE_ACCESS)
		node->times.access = changes->access;
	if (changes->which & CHANGE_MODIFY)
		node->times.modify = changes->modify;
	node->times.change = clock_realtime_ns();
}

/* The mode without the bits that must not survive a change by others. A set-group bit without
 * group execution once meant mandatory locking and stays. */
static uint32_t mode_without_set_id(uint32_t mode)
{
	if (mode & 0010)
		mode &= ~MODE_SETGID;
	return mode & ~MODE_SETUID;
}

/* Decides on owner and group, and drops the set-id bits where they change. */
static int check_owner(const struct node *node, const struct credentials *credentials,
		       struct node_changes *changes)
{
	bool privileged = credentials_privileged(credentials);
	bool owner = credentials->fsuid == node->uid;

	if ((changes->which & CHANGE_UID) && !privileged && (!owner || changes->uid != node->uid))
		return -EPERM;
	if ((changes->which & CHANGE_GID) && !privileged &&
	    (!owner ||
	     (changes->gid != node->gid && !credentials_in_group(credentials, changes->gid))))
		return -EPERM;
	if ((changes->which & (CHANGE_UID | CHANGE_GID)) && !(changes->which & CHANGE_MODE) &&
	    !node_is(node, MODE_DIRECTORY) && (node->mode & (MODE_SETUID | MODE_SETGID))) {
		changes->which |= CHANGE_MODE;
		changes->mode = mode_without_set_id(node->mode);
	}
	return 0;
}

static int check_mode(const struct node *node, const struct credentials *credentials,
		      struct node_changes *changes)
{
	uint32_t gid = changes->which & CHANGE_GID ? changes->gid : node->gid;

	if (credentials_privileged(credentials))
		return 0;
	if (credentials->fsuid != node->uid)
		return -EPERM;
	if (!credentials_in_group(credentials, gid))
		changes->mode &= ~MODE_SETGID;
	return 0;
}

static int check_times(const struct node *node, const struct credentials *credentials,
		       struct node_changes *changes)
{
	const unsigned touch = CHANGE_ACCESS_NOW | CHANGE_MODIFY_NOW;
	uint64_t now = clock_realtime_ns();

	if (!credentials_privileged(credentials) && credentials->fsuid != node->uid) {
		if ((changes->which & touch) != touch)
			return -EPERM;
		if (node_permission(node, credentials, 2))
			return -EACCES;
	}
	if (changes->which & CHANGE_ACCESS_NOW)
		changes->access = now;
	if (changes->which & CHANGE_MODIFY_NOW)
		changes->modify = now;
	return 0;
}

/* Adds to `changes` that the set-id bits go, where an unprivileged user changes the contents. */
static void add_set_id_drop(const struct node *node, const struct credentials *credentials,
			    struct node_changes *changes)
{
	if (!(node->mode & (MODE_SETUID | MODE_SETGID)) || credentials_privileged(credentials))
		return;
	changes->which |= CHANGE_MODE;
	changes->mode = mode_without_set_id(node->mode);
}

static int check_size(const struct node *node, const struct credentials *credentials,
		      struct node_changes *changes)
{
	if (node_is(node, MODE_DIRECTORY))
		return -EISDIR;
	if (!node_is(node, MODE_FILE) || changes->size > SIZE_MAX_FILE)
		return -EINVAL;
	if (changes->size == node->size)
		return 0;
	changes->which |= CHANGE_MODIFY;
	changes->modify = clock_realtime_ns();
	add_set_id_drop(node, credentials, changes);
	return 0;
}

static int apply(struct node *node, const struct node_changes *changes)
{
	if (node->ops->set_attributes)
		return node->ops->set_attributes(node, changes);
	if (changes->which & CHANGE_SIZE)
		return -EINVAL;
	node_store_changes(node, changes);
	return 0;
}

/* Checks what is asked for. What follows from it, and is added to `changes`, is not checked. */
static int check_changes(const struct node *node, const struct credentials *credentials,
			 struct node_changes *changes)
{
	const unsigned times =
		CHANGE_ACCESS | CHANGE_MODIFY | CHANGE_ACCESS_NOW | CHANGE_MODIFY_NOW;
	const unsigned wanted = changes->which;
	int error = 0;

	if (wanted & CHANGE_MODE)
		error = node_is(node, MODE_SYMLINK) ? -EOPNOTSUPP
						    : check_mode(node, credentials, changes);
	if (!error && (wanted & (CHANGE_UID | CHANGE_GID)))
		error = check_owner(node, credentials, changes);
	if (!error && (wanted & times))
		error = check_times(node, credentials, changes);
	if (!error && (wanted & CHANGE_SIZE))
		error = check_size(node, credentials, changes);
	if (!error && (wanted & CHANGE_SIZE))
		error = node_permission(node, credentials, 2);
	return error;
}

int node_set_attributes(struct node *node, const struct credentials *credentials,
			const struct node_changes *wanted)
{
	struct node_changes changes = *wanted;
	int error;

	if (node_read_only(node))
		return -EROFS;
	if (changes.which & CHANGE_ACCESS_NOW)
		changes.which |= CHANGE_ACCESS;
	if (changes.which & CHANGE_MODIFY_NOW)
		changes.which |= CHANGE_MODIFY;
	if (node->ops->change)
		return node->ops->change(node, &changes);
	mutex_lock(&node->lock);
	error = check_changes(node, credentials, &changes);
	if (!error)
		error = apply(node, &changes);
	mutex_unlock(&node->lock);
	return error;
}

int path_set_attributes(const struct walker *walker, struct dentry *dentry,
			const struct node_changes *changes)
{
	return node_set_attributes(dentry->node, walker->credentials, changes);
}

int node_truncate(struct node *node, const struct credentials *credentials, uint64_t size)
{
	struct node_changes changes = { .which = CHANGE_SIZE, .size = size };
	int error;

	if (node->ops->change)
		return node->ops->change(node, &changes);
	changes.which |= CHANGE_MODIFY;
	mutex_lock(&node->lock);
	changes.modify = clock_realtime_ns();
	error = check_size(node, credentials, &changes);
	if (!error)
		error = apply(node, &changes);
	mutex_unlock(&node->lock);
	return error == -EISDIR ? -EINVAL : error;
}

void node_drop_set_id(struct node *node, const struct credentials *credentials)
{
	struct node_changes changes = { 0 };

	if (!node_is(node, MODE_FILE) || !(node->mode & (MODE_SETUID | MODE_SETGID)))
		return;
	mutex_lock(&node->lock);
	add_set_id_drop(node, credentials, &changes);
	if (changes.which)
		(void)apply(node, &changes); /* what refuses this refuses the write, too */
	mutex_unlock(&node->lock);
}
