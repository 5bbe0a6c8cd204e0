/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linux's ioctls for what FAT has and others do not: FAT_IOCTL_... of <linux/msdos_fs.h>. */
#include <base/errno.h>
#include <mm/vm/user.h>
#include <scheme/credentials.h>
#include <scheme/file.h>

#include "fat_priv.h"

#define CONTROL_GET_ATTRIBUTES 0x80047210u
#define CONTROL_SET_ATTRIBUTES 0x40047211u
#define CONTROL_GET_VOLUME_ID  0x80047213u

#define ATTRIBUTES_FIXED (FAT_VOLUME | FAT_DIRECTORY)

static long set_attributes(struct file *file, uint32_t attributes)
{
	struct fat_node *node = fat_node_of(file->node);
	const struct credentials *credentials = file->credentials;
	int error = fat_check_writable(node->fs);

	if (error)
		return error;
	if (!credentials_privileged(credentials) && credentials->fsuid != file->node->uid)
		return -EPERM;
	mutex_lock(&file->node->lock);
	mutex_lock(&node->fs->lock);
	if (((attributes ^ node->attributes) & ATTRIBUTES_FIXED) || attributes > FAT_ATTRIBUTES)
		error = -EINVAL;
	else if (node->place == 0)
		error = -EINVAL;
	else
		fat_node_set_attributes(node, (uint8_t)attributes);
	mutex_unlock(&node->fs->lock);
	mutex_unlock(&file->node->lock);
	if (!error)
		fat_note_dirty(node);
	return error;
}

long fat_op_control(struct file *file, unsigned request, uintptr_t argument)
{
	const struct fat_node *node = fat_node_of(file->node);
	uint32_t attributes;
	int error;

	switch (request) {
	case CONTROL_GET_ATTRIBUTES:
		return write_user_u32(argument, node->attributes);
	case CONTROL_SET_ATTRIBUTES:
		error = read_user_u32(argument, &attributes);
		return error ? error : set_attributes(file, attributes);
	case CONTROL_GET_VOLUME_ID:
		return write_user_u32(argument, node->fs->geometry.id);
	default:
		return -ENOTTY;
	}
}
