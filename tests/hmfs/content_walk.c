/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Volumes of which nobody knows what is in them: everything is read, and worked on. */
#include "content.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OBJECTS_MAX 400u
#define READ_MAX    (256u * 1024)

/* The objects that were found and not looked at yet. */
struct walk {
	struct hmfs_volume *volume;
	struct hmfs_id objects[OBJECTS_MAX];
	unsigned found, done;
	uint32_t dataset;
};

static bool see_name(void *context, const char *name, size_t length, uint64_t object, uint8_t type,
		     uint64_t next_cookie)
{
	struct walk *walk = context;

	(void)name;
	(void)length;
	(void)type;
	(void)next_cookie;
	if (walk->found == OBJECTS_MAX)
		return false;
	walk->objects[walk->found++] = (struct hmfs_id){ walk->dataset, object };
	return true;
}

static void read_object(struct walk *walk, struct hmfs_id id)
{
	static uint8_t bytes[READ_MAX];
	struct hmfs_attributes attributes;
	char path[512];
	uint64_t cookie = 0;

	hmfs_describe(walk->volume, id, path, sizeof(path));
	if (hmfs_read_attributes(walk->volume, id, &attributes))
		return;
	if (hmfs_list(walk->volume, id, &cookie, see_name, walk))
		cookie = 1;
	cookie = 0;
	if (hmfs_fork_list(walk->volume, id, &cookie, see_name, walk))
		cookie = 1;
	if (hmfs_read_link(walk->volume, id, path, sizeof(path)) >= 0)
		return;
	if (hmfs_read(walk->volume, id, 0, bytes, sizeof(bytes)) < 0)
		cookie = 1;
	if (attributes.size > sizeof(bytes) &&
	    hmfs_read(walk->volume, id, attributes.size - 5000, bytes, 5000) < 0)
		cookie = 1;
	if (hmfs_seek(walk->volume, id, 0, true) < 0 || hmfs_seek(walk->volume, id, 0, false) < 0)
		cookie = 1;
}

void content_walk(struct hmfs_volume *volume)
{
	struct walk *walk = calloc(1, sizeof(*walk));
	struct hmfs_dataset_info info;
	unsigned datasets = 0;

	walk->volume = volume;
	for (uint32_t number = 0; datasets < 8; number = info.number + 1, datasets++) {
		if (hmfs_dataset_next(volume, number, &info))
			break;
		walk->found = 1;
		walk->dataset = info.number;
		walk->objects[0] = (struct hmfs_id){ info.number, HMFS_ROOT_OBJECT };
		for (walk->done = 0; walk->done < walk->found; walk->done++)
			read_object(walk, walk->objects[walk->done]);
	}
	free(walk);
}

/* --- Working on it --- */

struct use {
	struct hmfs_volume *volume;
	uint32_t random;
	int last;
	uint8_t bytes[70000];
};

static uint32_t next_random(struct use *use)
{
	use->random = use->random * 1664525 + 1013904223;
	return use->random >> 8;
}

static struct hmfs_id some_object(struct use *use)
{
	/* The root, its directories and what is in them have small numbers. */
	return (struct hmfs_id){ HMFS_DATASET_LIVE,
				 next_random(use) % 4 == 0
					 ? HMFS_ROOT_OBJECT
					 : HMFS_FIRST_OBJECT + next_random(use) % 60 };
}

static void use_file(struct use *use, struct hmfs_id id)
{
	const uint64_t offset = next_random(use) % 150000;
	const size_t size = 1 + next_random(use) % sizeof(use->bytes);

	switch (next_random(use) % 5) {
	case 0:
		use->last = hmfs_resize(use->volume, id, offset);
		break;
	case 1:
		use->last = hmfs_punch(use->volume, id, offset, size);
		break;
	case 2:
		use->last = hmfs_allocate(use->volume, id, offset, size, true);
		break;
	default:
		use->last = (int)hmfs_write(use->volume, id, offset, use->bytes, size);
		break;
	}
}

static void use_names(struct use *use, struct hmfs_id in)
{
	const struct hmfs_template like = { .mode = HMFS_MODE_REGULAR | 0600 };
	char name[32], other[32];
	struct hmfs_id made;

	snprintf(name, sizeof(name), "file%u", next_random(use) % 40);
	snprintf(other, sizeof(other), "new%u", next_random(use) % 10);
	switch (next_random(use) % 4) {
	case 0:
		use->last = hmfs_unlink(use->volume, in, name, strlen(name));
		break;
	case 1:
		use->last = hmfs_rename(use->volume, in, name, strlen(name), in, other,
					strlen(other), 0);
		break;
	case 2:
		use->last = hmfs_fork_set(use->volume, in, "note", 4, HMFS_FORK_USER, use->bytes,
					  50, 0);
		break;
	default:
		use->last = hmfs_create(use->volume, in, other, strlen(other), &like, &made);
		if (!use->last) {
			use_file(use, made);
			hmfs_object_let_go(use->volume, made);
		}
		break;
	}
}

static void use_volume(struct use *use)
{
	struct hmfs_dataset_info info;
	uint32_t number;

	switch (next_random(use) % 6) {
	case 0:
		use->last = hmfs_commit(use->volume);
		break;
	case 1:
		use->last = hmfs_sync(use->volume);
		break;
	case 2:
		use->last = hmfs_snapshot(use->volume, HMFS_DATASET_LIVE, "another",
					  next_random(use) & 1, &number);
		break;
	case 3:
		use->last = hmfs_dataset_find(use->volume, "daily", &info);
		if (!use->last)
			use->last = hmfs_snapshot_delete(use->volume, info.number);
		break;
	default:
		for (unsigned i = 0; i < 20 && hmfs_work(use->volume, 5) == 1; i++)
			continue;
		break;
	}
}

void content_use(struct hmfs_volume *volume, uint32_t seed)
{
	struct use *use = calloc(1, sizeof(*use));

	use->volume = volume;
	use->random = seed;
	memset(use->bytes, 0x5a, sizeof(use->bytes));
	for (unsigned i = 0; i < 40; i++) {
		const struct hmfs_id id = some_object(use);

		if (next_random(use) % 8 == 0)
			use_volume(use);
		else if (next_random(use) % 2)
			use_file(use, id);
		else
			use_names(use, id);
	}
	free(use);
}
