/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the initramfs has for drivers: rules of where they run, and more objects. Programs cannot change it. */
#include "driver_priv.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>
#include <scheme/path.h>
#include <scheme/scheme.h>

#define POLICY_FILE "/etc/drivers.conf"
#define FOLDER      "/lib/drivers"
#define NAME_SIZE   64 /* of a file there */
#define FILES_MAX   64

/* As root, in the initramfs. */
static int open_path(const char *path, unsigned flags, struct file **file)
{
	struct scheme *scheme = namespace_find(namespace_first(), "initfs", 6);
	struct credentials *credentials = credentials_create(NULL);
	struct walker walker = { .credentials = credentials };
	int error = credentials ? -ENOENT : -ENOMEM;

	if (scheme && credentials) {
		walker.root = walker.working_directory = scheme->root;
		error = path_open(&walker, NULL, path, FILE_READ_ONLY | flags, 0, file);
	}
	if (scheme)
		scheme_put(scheme);
	if (credentials)
		credentials_put(credentials);
	return error;
}

/* How long it is: at most one byte more than an object may be. */
static ssize_t read_all(struct file *file, uint8_t *bytes, size_t size)
{
	size_t total = 0;

	while (total < size) {
		ssize_t count = file_read_kernel(file, bytes + total, size - total, total);

		if (count < 0)
			return count;
		if (count == 0)
			break;
		total += (size_t)count;
	}
	return (ssize_t)total;
}

int driver_file_read(struct file *file, void **bytes, size_t *length)
{
	size_t size = file->node->size;
	ssize_t count;

	if (size == 0)
		return -ENOEXEC;
	if (size > DRV_SIZE_MAX)
		return -E2BIG;
	*bytes = kernel_vmalloc(size);
	if (!*bytes)
		return -ENOMEM;
	count = read_all(file, *bytes, size);
	if (count <= 0) {
		kernel_vfree(*bytes);
		return count < 0 ? (int)count : -ENOEXEC;
	}
	*length = (size_t)count;
	return 0;
}

void driver_files_read_policy(void)
{
	struct file *file;
	size_t length;
	void *text;
	int error = open_path(POLICY_FILE, 0, &file);

	if (error)
		return;
	error = driver_file_read(file, &text, &length);
	file_put(file);
	if (!error) {
		driver_policy_add(text, length, POLICY_FILE);
		kernel_vfree(text);
	} else if (error != -ENOEXEC) {
		log_error("driver", "%s cannot be read: error %d", POLICY_FILE, -error);
	}
}

/* --- Objects --------------------------------------------------------------------------------- */

struct names {
	struct directory_sink sink;
	unsigned count;
	char names[FILES_MAX][NAME_SIZE];
};

static bool take_name(struct directory_sink *sink, const char *name, size_t length, uint64_t number,
		      uint32_t mode, uint64_t next)
{
	struct names *names = container_of(sink, struct names, sink);

	(void)number;
	(void)mode;
	(void)next;
	if (length < 5 || length >= NAME_SIZE || memcmp(name + length - 4, ".drv", 4) != 0)
		return true;
	if (names->count == FILES_MAX)
		return false;
	memcpy(names->names[names->count], name, length);
	names->names[names->count++][length] = '\0';
	return true;
}

static void load_file(const char *name)
{
	char path[sizeof(FOLDER) + NAME_SIZE + 1];
	struct file *file;
	size_t length;
	void *bytes;
	int error;

	snprintf(path, sizeof(path), FOLDER "/%s", name);
	error = open_path(path, 0, &file);
	if (!error) {
		error = driver_file_read(file, &bytes, &length);
		file_put(file);
	}
	if (error) {
		log_error("driver", "%s cannot be read: error %d", path, -error);
		return;
	}
	/* It tells what is wrong. */
	(void)!driver_load(bytes, length, path, NULL);
	kernel_vfree(bytes);
}

void drivers_start_files(void)
{
	struct names *names;
	struct file *folder;
	uint64_t cookie = 0;

	if (open_path(FOLDER, FILE_DIRECTORY, &folder))
		return;
	names = kzalloc(sizeof(*names));
	if (names) {
		names->sink.entry = take_name;
		if (file_list(folder, &cookie, &names->sink))
			log_error("driver", "%s cannot be listed", FOLDER);
		for (unsigned i = 0; i < names->count; i++)
			load_file(names->names[i]);
	}
	kfree(names);
	file_put(folder);
}
