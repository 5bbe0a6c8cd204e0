/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The volume of content.h made, and verified against what it should be. */
#include "content.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_OF_FILE 300000u
#define DIRECTORIES      5u
#define LIVE             HMFS_DATASET_LIVE

/* --- What a file should be --- */

/* Versions: 0 as made, 1 overwritten in part after the snapshot. */
static size_t size_of(unsigned file)
{
	static const size_t sizes[] = { 0, 1, 100, 2048, 2049, 4096, 5000, 65536, 70000, 200000 };

	return sizes[file % (sizeof(sizes) / sizeof(sizes[0]))] + (file / 10 % 3) * 13;
}

/* No two blocks are the same. */
static uint8_t byte_of(unsigned file, unsigned version, size_t at)
{
	uint64_t mixed = ((uint64_t)file << 40 | (uint64_t)version << 32 | at / 8) + 1;

	mixed *= 0x9e3779b97f4a7c15;
	mixed ^= mixed >> 29;
	mixed *= 0xbf58476d1ce4e5b9;
	return (uint8_t)(mixed >> (at % 8 * 8));
}

static bool is_overwritten(unsigned file)
{
	return file % 3 == 1;
}

static bool is_punched(unsigned file)
{
	return size_of(file) > 60000 && file % 2 == 0;
}

static bool is_removed(unsigned file)
{
	return file % 7 == 5;
}

/* What is overwritten: [1000, 9000) of the file, as far as it goes; the hole: 16384 bytes from 20480
 * on. */
static void fill_file(unsigned file, bool live, uint8_t *bytes)
{
	const size_t size = size_of(file);

	for (size_t at = 0; at < size; at++) {
		const bool new = live &&is_overwritten(file) && at >= 1000 && at < 9000;

		bytes[at] = byte_of(file, new, at);
		if (live && is_punched(file) && at >= 20480 && at < 36864)
			bytes[at] = 0;
	}
}

static void file_name(unsigned file, char *name, size_t size)
{
	if (file % 11 == 3)
		snprintf(name, size, "a-long-name-%0200u", file);
	else
		snprintf(name, size, "file%u", file);
}

static size_t fork_size(unsigned file)
{
	return file % 2 ? 40 : 9000;
}

/* --- Making --- */

static void must(int error, const char *what)
{
	if (error >= 0)
		return;
	fprintf(stderr, "content: %s: error %d\n", what, -error);
	abort();
}

static void directory_name(unsigned directory, char *name, size_t size)
{
	snprintf(name, size, "directory%u", directory);
}

static struct hmfs_id create(struct hmfs_volume *volume, struct hmfs_id in, const char *name,
			     uint32_t mode)
{
	const struct hmfs_template like = { .mode = mode, .time = 1000000000 };
	struct hmfs_id made;

	must(hmfs_create(volume, in, name, strlen(name), &like, &made), name);
	return made;
}

static void write_all(struct hmfs_volume *volume, struct hmfs_id id, uint64_t offset,
		      const uint8_t *bytes, size_t size)
{
	if (size > 0)
		must(hmfs_write(volume, id, offset, bytes, size) == (ssize_t)size ? 0 : -EIO,
		     "write");
}

static void make_file(struct hmfs_volume *volume, struct hmfs_id in, unsigned file, uint8_t *bytes)
{
	char name[256];
	struct hmfs_id id, fork;

	file_name(file, name, sizeof(name));
	id = create(volume, in, name, HMFS_MODE_REGULAR | 0644);
	fill_file(file, false, bytes);
	write_all(volume, id, 0, bytes, size_of(file));
	if (file % 4 == 2) {
		must(hmfs_fork_open(volume, id, "note", 4, HMFS_FORK_USER, true, &fork), "fork");
		for (size_t at = 0; at < fork_size(file); at++)
			bytes[at] = byte_of(file, 9, at);
		write_all(volume, fork, 0, bytes, fork_size(file));
		hmfs_object_let_go(volume, fork);
	}
	hmfs_object_let_go(volume, id);
}

static struct hmfs_id find(struct hmfs_volume *volume, struct hmfs_id in, const char *name)
{
	struct hmfs_id found;

	must(hmfs_lookup(volume, in, name, strlen(name), &found, NULL), name);
	return found;
}

/* What is done behind the snapshot. */
static void change_file(struct hmfs_volume *volume, struct hmfs_id in, unsigned file,
			uint8_t *bytes)
{
	const size_t size = size_of(file);
	char name[256], copy[300];
	struct hmfs_id id, clone;

	file_name(file, name, sizeof(name));
	if (is_removed(file)) {
		must(hmfs_unlink(volume, in, name, strlen(name)), "unlink");
		return;
	}
	id = find(volume, in, name);
	fill_file(file, true, bytes);
	if (is_overwritten(file) && size > 1000)
		write_all(volume, id, 1000, bytes + 1000, (size < 9000 ? size : 9000) - 1000);
	if (is_punched(file))
		must(hmfs_punch(volume, id, 20480, 16384), "punch");
	if (file % 5 == 4 && size >= 4096) {
		snprintf(copy, sizeof(copy), "clone%u", file);
		clone = create(volume, in, copy, HMFS_MODE_REGULAR | 0600);
		must(hmfs_clone_range(volume, id, 0, clone, 0, size), "clone");
		hmfs_object_let_go(volume, clone);
	}
	if (file % 13 == 6) {
		snprintf(copy, sizeof(copy), "link%u", file);
		must(hmfs_link(volume, in, copy, strlen(copy), id), "link");
	}
}

static struct hmfs_id directory_of(struct hmfs_volume *volume, uint32_t dataset, unsigned file)
{
	char name[32];

	directory_name(file % DIRECTORIES, name, sizeof(name));
	return find(volume, (struct hmfs_id){ dataset, HMFS_ROOT_OBJECT }, name);
}

static void fill(struct hmfs_volume *volume, const struct content_options *options, uint8_t *bytes)
{
	const struct hmfs_id root = { LIVE, HMFS_ROOT_OBJECT };
	uint32_t number;
	char name[32];

	for (unsigned i = 0; i < DIRECTORIES; i++) {
		directory_name(i, name, sizeof(name));
		hmfs_object_let_go(volume, create(volume, root, name, HMFS_MODE_DIRECTORY | 0755));
	}
	for (unsigned i = 0; i < options->files; i++) {
		make_file(volume, directory_of(volume, LIVE, i), i, bytes);
		if (i % 40 == 39)
			must(hmfs_commit(volume), "commit");
	}
	must(hmfs_snapshot(volume, LIVE, "daily", false, &number), "snapshot");
	must(hmfs_snapshot(volume, number, "work", true, &number), "clone");
	for (unsigned i = 0; i < options->files; i++) {
		change_file(volume, directory_of(volume, LIVE, i), i, bytes);
		if (i % 50 == 49)
			must(hmfs_commit(volume), "commit");
	}
}

void content_make(struct memory_volume *volume, const struct content_options *options)
{
	const struct hmfs_make_options make = {
		.uuid = { 1, 2, 3 },
		.label = "content",
		.hash = options->hash,
		.data_twice = options->data_twice,
		.time = 1000000000,
		.name_seed = 42,
	};
	uint8_t *bytes = malloc(SIZE_MAX_OF_FILE);

	memory_volume_make(volume, options->blocks, &make);
	fill(volume->volume, options, bytes);
	if (options->leave_log) {
		must(hmfs_sync(volume->volume), "sync");
		hmfs_abandon(volume->volume);
	} else {
		must(hmfs_unmount(volume->volume), "unmount");
	}
	volume->volume = NULL;
	free(bytes);
}

/* --- Verifying --- */

static void wrong(struct content_result *result, const char *what, const char *name, long value)
{
	if (result->wrong++ == 0)
		snprintf(result->first, sizeof(result->first), "%s: %.100s: %ld", what, name,
			 value);
}

/* True if it is there; what is not for want of intact metadata is lost. */
static bool there(struct content_result *result, int error, const char *what, const char *name)
{
	if (error == -EIO)
		result->lost++;
	else if (error < 0)
		wrong(result, what, name, error);
	return error >= 0;
}

static void verify_bytes(struct hmfs_volume *volume, struct hmfs_id id, const char *name,
			 const uint8_t *wanted, size_t size, struct content_result *result)
{
	uint8_t bytes[8192];
	struct hmfs_attributes attributes;

	if (!there(result, hmfs_read_attributes(volume, id, &attributes), "attributes", name))
		return;
	if (attributes.size != size)
		wrong(result, "size", name, (long)attributes.size);
	for (size_t at = 0; at < size; at += sizeof(bytes)) {
		const size_t here = size - at < sizeof(bytes) ? size - at : sizeof(bytes);
		const ssize_t got = hmfs_read(volume, id, at, bytes, here);

		if (!there(result, (int)got, "read", name))
			continue;
		if ((size_t)got != here || memcmp(bytes, wanted + at, here) != 0)
			wrong(result, "bytes", name, (long)at);
		else
			result->right++;
	}
}

static void verify_name(struct hmfs_volume *volume, struct hmfs_id in, const char *name,
			const uint8_t *wanted, size_t size, struct content_result *result)
{
	struct hmfs_id id;

	if (there(result, hmfs_lookup(volume, in, name, strlen(name), &id, NULL), "lookup", name))
		verify_bytes(volume, id, name, wanted, size, result);
}

static void verify_absent(struct hmfs_volume *volume, struct hmfs_id in, const char *name,
			  struct content_result *result)
{
	struct hmfs_id id;
	const int error = hmfs_lookup(volume, in, name, strlen(name), &id, NULL);

	if (error == -EIO)
		result->lost++;
	else if (error != -ENOENT)
		wrong(result, "a removed name is back", name, error);
}

static void verify_fork(struct hmfs_volume *volume, struct hmfs_id in, const char *name,
			unsigned file, uint8_t *bytes, struct content_result *result)
{
	struct hmfs_id id, fork;

	if (!there(result, hmfs_lookup(volume, in, name, strlen(name), &id, NULL), "lookup", name))
		return;
	if (!there(result, hmfs_fork_open(volume, id, "note", 4, HMFS_FORK_USER, false, &fork),
		   "fork", name))
		return;
	for (size_t at = 0; at < fork_size(file); at++)
		bytes[at] = byte_of(file, 9, at);
	verify_bytes(volume, fork, name, bytes, fork_size(file), result);
	hmfs_object_let_go(volume, fork);
}

static void verify_file(struct hmfs_volume *volume, struct hmfs_id in, unsigned file,
			uint8_t *bytes, struct content_result *result)
{
	const bool live = in.dataset == LIVE;
	char name[256], copy[300];

	file_name(file, name, sizeof(name));
	if (live && is_removed(file)) {
		verify_absent(volume, in, name, result);
		return;
	}
	fill_file(file, live, bytes);
	verify_name(volume, in, name, bytes, size_of(file), result);
	if (live && file % 5 == 4 && size_of(file) >= 4096) {
		snprintf(copy, sizeof(copy), "clone%u", file);
		verify_name(volume, in, copy, bytes, size_of(file), result);
	}
	if (live && file % 13 == 6) {
		snprintf(copy, sizeof(copy), "link%u", file);
		verify_name(volume, in, copy, bytes, size_of(file), result);
	}
	if (file % 4 == 2)
		verify_fork(volume, in, name, file, bytes, result);
}

static void verify_dataset(struct hmfs_volume *volume, uint32_t dataset, unsigned files,
			   uint8_t *bytes, struct content_result *result)
{
	const struct hmfs_id root = { dataset, HMFS_ROOT_OBJECT };
	struct hmfs_id in;
	char name[32];

	for (unsigned i = 0; i < files; i++) {
		directory_name(i % DIRECTORIES, name, sizeof(name));
		if (there(result, hmfs_lookup(volume, root, name, strlen(name), &in, NULL),
			  "lookup", name))
			verify_file(volume, in, i, bytes, result);
	}
}

void content_verify(struct hmfs_volume *volume, unsigned files, struct content_result *result)
{
	uint8_t *bytes = malloc(SIZE_MAX_OF_FILE);
	static const char *const names[] = { "", "daily", "work" };

	memset(result, 0, sizeof(*result));
	for (unsigned i = 0; i < 3; i++) {
		struct hmfs_dataset_info info;

		if (there(result, hmfs_dataset_find(volume, names[i], &info), "dataset", names[i]))
			verify_dataset(volume, info.number, files, bytes, result);
	}
	free(bytes);
}
