/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mounts.h says what is done. */
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TABLE_FILE   "/etc/fstab"
#define MOUNTED_FILE "/proc/mounts"
#define TRIES        50

static void pause_shortly(void)
{
	const struct timespec moment = { .tv_nsec = 20 * 1000 * 1000 };

	nanosleep(&moment, NULL);
}

/* --- Mounting. --- */

static const struct {
	const char *name;
	unsigned long flag;
} flag_names[] = {
	{ "ro", MS_RDONLY },
	{ "nosuid", MS_NOSUID },
	{ "nodev", MS_NODEV },
	{ "noexec", MS_NOEXEC },
	{ "sync", MS_SYNCHRONOUS },
	{ "noatime", MS_NOATIME },
	{ "rw", 0 },
	{ "relatime", MS_RELATIME },
	{ "defaults", 0 },
	{ "auto", 0 },
	{ "nodiratime", MS_NODIRATIME },
	{ "nofail", 0 },
};

/* Takes those options that are flags out of the text; the rest is the file system's. */
static unsigned long take_flags(char *options, char *rest, size_t size)
{
	unsigned long flags = 0;

	rest[0] = '\0';
	for (char *word = strtok(options, ","); word; word = strtok(NULL, ",")) {
		size_t i = 0, count = sizeof(flag_names) / sizeof(flag_names[0]);

		while (i < count && strcmp(flag_names[i].name, word) != 0)
			i++;
		if (i < count)
			flags |= flag_names[i].flag;
		else
			snprintf(rest + strlen(rest), size - strlen(rest), "%s%s", *rest ? "," : "",
				 word);
	}
	return flags;
}

/* The device's path. */
static void find_device(const char *name, char *path, size_t size)
{
	static const struct {
		const char *tag, *folder;
	} tags[] = {
		{ "LABEL=", "label" },
		{ "UUID=", "uuid" },
		{ "PARTLABEL=", "partlabel" },
		{ "PARTUUID=", "partuuid" },
	};

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		size_t length = strlen(tags[i].tag);

		if (strncmp(name, tags[i].tag, length) == 0) {
			snprintf(path, size, "/dev/disk/by-%s/%s", tags[i].folder, name + length);
			return;
		}
	}
	snprintf(path, size, "%s", name);
}

static void make_folders(const char *path)
{
	char part[4096];

	for (size_t i = 1; path[i - 1] && i < sizeof(part); i++) {
		if (path[i] && path[i] != '/')
			continue;
		snprintf(part, sizeof(part), "%.*s", (int)i, path);
		mkdir(part, 0755);
	}
}

static void mount_one(const struct mntent *entry)
{
	char device[PATH_MAX], path[PATH_MAX], options[1024], *words = strdup(entry->mnt_opts);
	unsigned long flags;
	int error = -1;

	if (!words)
		return;
	find_device(entry->mnt_fsname, device, sizeof(device));
	flags = take_flags(words, options, sizeof(options));
	free(words);
	make_folders(entry->mnt_dir);
	/* Links by what is on devices come a moment later than the devices. */
	for (int i = 0; i < TRIES && access(device, F_OK) < 0 && errno == ENOENT; i++)
		pause_shortly();
	if (realpath(device, path))
		snprintf(device, sizeof(device), "%s", path);
	error = mount(device, entry->mnt_dir, entry->mnt_type, flags, options);
	if (error && (errno == EACCES || errno == EROFS) && !(flags & MS_RDONLY)) {
		fprintf(stderr, "init: %s cannot be written\n", device);
		error = mount(device, entry->mnt_dir, entry->mnt_type, flags | MS_RDONLY, options);
	}
	if (error)
		fprintf(stderr, "init: %s on %s: %s\n", entry->mnt_fsname, entry->mnt_dir,
			strerror(errno));
}

void mount_file_systems(void)
{
	FILE *table = setmntent(TABLE_FILE, "r");
	const struct mntent *entry;

	if (!table)
		return;
	while ((entry = getmntent(table))) {
		if (entry->mnt_dir[0] == '/' && strcmp(entry->mnt_type, "swap") != 0 &&
		    !hasmntopt(entry, "noauto"))
			mount_one(entry);
	}
	endmntent(table);
}

/* --- Unmounting: within a signal handler, too, so without the C library's files and memory. --- */

static void unmount_one(const char *path)
{
	static const char message[] = "init: a file system is in use to the end\n";

	/* Processes that were killed take a moment to go. */
	for (int i = 0; i < TRIES; i++) {
		if (umount2(path, 0) == 0 || errno != EBUSY)
			return;
		pause_shortly();
	}
	if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
		return;
	umount2(path, MNT_DETACH);
}

static bool is_octal(const char *digits)
{
	for (int i = 0; i < 3; i++) {
		if (digits[i] < '0' || digits[i] > '7')
			return false;
	}
	return true;
}

/* Undoes \NNN in place. */
static void decode(char *path)
{
	char *to = path;

	for (; *path; path++) {
		if (*path == '\\' && is_octal(path + 1)) {
			*to++ = (char)((path[1] - '0') << 6 | (path[2] - '0') << 3 |
				       (path[3] - '0'));
			path += 3;
		} else {
			*to++ = *path;
		}
	}
	*to = '\0';
}

/* The place that the line "SOURCE PLACE ..." is about, if it is on a device, or NULL. */
static char *place_of(char *line)
{
	char *place = strchr(line, ' '), *end;

	if (strncmp(line, "/dev/", 5) != 0 || !place)
		return NULL;
	end = strchr(++place, ' ');
	if (end)
		*end = '\0';
	decode(place);
	return place;
}

void unmount_file_systems(void)
{
	static char text[1 << 16];
	size_t length = 0;
	ssize_t count = 0;
	int fd = open(MOUNTED_FILE, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	while (length < sizeof(text) - 1 &&
	       (count = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += (size_t)count;
	close(fd);
	text[length] = '\0';
	/* From the last line to the first: what is mounted within others comes after them. */
	while (length > 0) {
		char *line, *place;

		text[--length] = '\0';
		line = strrchr(text, '\n');
		line = line ? line + 1 : text;
		length = (size_t)(line - text);
		place = place_of(line);
		if (place)
			unmount_one(place);
	}
}
