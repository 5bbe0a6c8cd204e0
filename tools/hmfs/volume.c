/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening volumes, and ending. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "volume.h"

_Noreturn static void die_of_mounting(struct file_device *device, int error)
{
	const char *path = device->path;
	uint64_t wanted = file_device_missing(device);

	if (wanted)
		die("%s: cut off: has %s of %s", path, size_text(device->bytes), size_text(wanted));
	switch (-error) {
	case EINVAL:
		die("%s: no HMFS volume", path);
	case EUCLEAN:
		die("%s: both superblocks are damaged: see \"fsck.hmfs %s\"", path, path);
	case EOPNOTSUPP:
		die("%s: a newer version of HMFS, or a feature that this program does not know",
		    path);
	default:
		die_of(error, "%s: cannot be opened", path);
	}
}

void tool_volume_open(struct tool_volume *volume, const char *path, enum file_device_access access)
{
	*volume = (struct tool_volume){ .path = path };
	file_device_open(&volume->device, path, access);
	tool_volume_mount(volume, access);
}

void tool_volume_mount(struct tool_volume *volume, enum file_device_access access)
{
	struct hmfs_mount_options options = { .read_only = access == FILE_DEVICE_READ };
	int error;

	volume->path = volume->device.path;
	error = hmfs_mount(&volume->device.device, program_host(volume->path), &options,
			   &volume->volume);
	if (error)
		die_of_mounting(&volume->device, error);
	if (access == FILE_DEVICE_WRITE && hmfs_is_read_only(volume->volume))
		die("%s: can only be read: it has features that this program does not know, or is "
		    "damaged",
		    volume->path);
}

int tool_volume_close(struct tool_volume *volume)
{
	int error = hmfs_unmount(volume->volume), closed = file_device_close(&volume->device);

	volume->volume = NULL;
	if (!error)
		error = closed;
	if (error)
		complain_of(error, "%s: the last changes could not be written", volume->path);
	return error;
}

int tool_volume_breathe(struct tool_volume *volume)
{
	int result = hmfs_work(volume->volume, UINT32_MAX);

	if (result < 0)
		return complain_of(result, "%s", volume->path);
	return 0;
}

int tool_volume_settle(struct tool_volume *volume)
{
	int result;

	do
		result = hmfs_work(volume->volume, UINT32_MAX);
	while (result == 1);
	return result ? complain_of(result, "%s", volume->path) : 0;
}

static bool add_name(void *context, const char *name, size_t length, uint64_t object, uint8_t type,
		     uint64_t next_cookie)
{
	struct name_list *list = context;
	struct name_entry *entry;

	(void)next_cookie;
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		struct name_entry *more = realloc(list->entries, room * sizeof(*more));

		if (!more) {
			list->no_memory = true;
			return false;
		}
		list->entries = more;
		list->room = room;
	}
	entry = &list->entries[list->count];
	*entry = (struct name_entry){ .object = object, .type = type };
	entry->name = malloc(length + 1);
	if (!entry->name) {
		list->no_memory = true;
		return false;
	}
	memcpy(entry->name, name, length);
	entry->name[length] = 0;
	list->count++;
	return true;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct name_entry *)a)->name, ((const struct name_entry *)b)->name);
}

int name_list_read(struct hmfs_volume *volume, struct hmfs_id folder, bool forks,
		   struct name_list *list)
{
	uint64_t cookie = 0;
	int error;

	*list = (struct name_list){ .count = 0 };
	error = forks ? hmfs_fork_list(volume, folder, &cookie, add_name, list)
		      : hmfs_list(volume, folder, &cookie, add_name, list);
	if (list->no_memory)
		error = -ENOMEM;
	if (error)
		name_list_free(list);
	else if (list->count)
		qsort(list->entries, list->count, sizeof(*list->entries), compare_names);
	return error;
}

void name_list_free(struct name_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->entries[i].name);
	free(list->entries);
	*list = (struct name_list){ .count = 0 };
}
