/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stream_fixture.h"

#include <base/errno.h>
#include <base/string.h>
#include <hmfs/file.h>

#include <stdlib.h>

#include "unit.h"

int stream_write(void *stream, const void *bytes, size_t length)
{
	struct stream_bytes *to = stream;

	if (to->room - to->length < length) {
		to->room = (to->room + length) * 2;
		to->bytes = realloc(to->bytes, to->room);
		if (!to->bytes)
			abort();
	}
	memcpy(to->bytes + to->length, bytes, length);
	to->length += length;
	return 0;
}

ssize_t stream_read(void *stream, void *bytes, size_t length)
{
	struct stream_bytes *from = stream;

	length = min_size(length, from->length - from->read);
	/* In odd pieces, as pipes give them. */
	if (length > 1000)
		length -= length % 7;
	memcpy(bytes, from->bytes + from->read, length);
	from->read += length;
	return (ssize_t)length;
}

void stream_make_other(struct memory_volume *volume)
{
	static const struct hmfs_make_options options = {
		.uuid = { 2 }, .label = "other", .hash = HMFS_HASH_SHA3_256, .time = 5
	};
	struct memory_host saved;

	/* There is one host for the process, which counts for both. */
	memcpy(&saved, &memory_host, sizeof(saved));
	memory_device_create(&volume->device, 16384);
	memory_host_init(&volume->host, false);
	memcpy(&memory_host, &saved, sizeof(saved));
	EXPECT_EQUAL(hmfs_make(&volume->device.device, &volume->host, &options), 0);
	EXPECT_EQUAL(memory_volume_mount(volume, false), 0);
}

void stream_end_other(struct memory_volume *volume)
{
	EXPECT_EQUAL(hmfs_unmount(volume->volume), 0);
	memory_device_destroy(&volume->device);
}

/* --- Comparing. --- */

struct side {
	struct memory_volume *volume;
	struct hmfs_id id;
};

static void compare_contents(struct side a, struct side b, uint64_t size)
{
	static uint8_t one[HMFS_CHUNK_SIZE], other[HMFS_CHUNK_SIZE];
	int64_t at = 0;

	/* Where either has data. */
	while ((uint64_t)at < size) {
		const int64_t in_a = hmfs_seek(a.volume->volume, a.id, (uint64_t)at, false);
		const int64_t in_b = hmfs_seek(b.volume->volume, b.id, (uint64_t)at, false);
		ssize_t length;

		if (in_a == -ENXIO && in_b == -ENXIO)
			return;
		at = in_a < 0 || (in_b >= 0 && in_b < in_a) ? in_b : in_a;
		length = hmfs_read(a.volume->volume, a.id, (uint64_t)at, one, sizeof(one));
		EXPECT(length > 0);
		EXPECT_EQUAL(hmfs_read(b.volume->volume, b.id, (uint64_t)at, other, sizeof(other)),
			     length);
		EXPECT_BYTES(one, other, (size_t)length);
		at += length;
	}
}

static void compare_attributes(const struct hmfs_attributes *a, const struct hmfs_attributes *b)
{
	EXPECT_EQUAL(a->mode, b->mode);
	EXPECT_EQUAL(a->links, b->links);
	EXPECT_EQUAL(a->uid, b->uid);
	EXPECT_EQUAL(a->gid, b->gid);
	EXPECT_EQUAL(a->forks, b->forks);
	EXPECT_EQUAL(a->size, b->size);
	EXPECT_EQUAL(a->access, b->access);
	EXPECT_EQUAL(a->modify, b->modify);
	EXPECT_EQUAL(a->change, b->change);
	EXPECT_EQUAL(a->birth, b->birth);
	EXPECT_EQUAL(a->raw_device, b->raw_device);
}

static void compare_links(struct side a, struct side b)
{
	char one[HMFS_TARGET_MAX], other[HMFS_TARGET_MAX];
	const ssize_t length = hmfs_read_link(a.volume->volume, a.id, one, sizeof(one));

	EXPECT(length > 0);
	EXPECT_EQUAL(hmfs_read_link(b.volume->volume, b.id, other, sizeof(other)), length);
	EXPECT_BYTES(one, other, (size_t)length);
}

struct entry {
	char name[HMFS_NAME_MAX];
	size_t length;
	uint64_t object;
	uint8_t type;
	bool there;
};

static bool take_entry(void *context, const char *name, size_t length, uint64_t object,
		       uint8_t type, uint64_t next_cookie)
{
	struct entry *entry = context;

	(void)next_cookie;
	if (entry->there)
		return false;
	memcpy(entry->name, name, length);
	*entry = (struct entry){ .length = length, .object = object, .type = type, .there = true };
	memcpy(entry->name, name, length);
	return true;
}

static void compare_forks(struct side a, struct side b)
{
	uint64_t cookie = 0;
	unsigned count = 0;

	for (;; count++) {
		static uint8_t one[HMFS_ATTRIBUTE_MAX], other[HMFS_ATTRIBUTE_MAX];
		struct entry entry = { .there = false };
		ssize_t length;

		EXPECT_EQUAL(hmfs_fork_list(a.volume->volume, a.id, &cookie, take_entry, &entry),
			     0);
		if (!entry.there)
			break;
		length = hmfs_fork_get(a.volume->volume, a.id, entry.name, entry.length, entry.type,
				       one, sizeof(one));
		EXPECT(length >= 0);
		EXPECT_EQUAL(hmfs_fork_get(b.volume->volume, b.id, entry.name, entry.length,
					   entry.type, other, sizeof(other)),
			     length);
		EXPECT_BYTES(one, other, (size_t)length);
	}
}

static void compare(struct side a, struct side b);

static void compare_names(struct side a, struct side b)
{
	uint64_t cookie = 0;

	for (;;) {
		struct entry entry = { .there = false };
		struct side in_a = a, in_b = b;
		uint8_t type;

		EXPECT_EQUAL(hmfs_list(a.volume->volume, a.id, &cookie, take_entry, &entry), 0);
		if (!entry.there)
			return;
		in_a.id.object = entry.object;
		EXPECT_EQUAL(hmfs_lookup(b.volume->volume, b.id, entry.name, entry.length, &in_b.id,
					 &type),
			     0);
		EXPECT_EQUAL(type, entry.type);
		EXPECT_EQUAL(in_a.id.object, in_b.id.object);
		compare(in_a, in_b);
	}
}

static void compare(struct side a, struct side b)
{
	struct hmfs_attributes one, other;

	EXPECT_EQUAL(hmfs_read_attributes(a.volume->volume, a.id, &one), 0);
	EXPECT_EQUAL(hmfs_read_attributes(b.volume->volume, b.id, &other), 0);
	compare_attributes(&one, &other);
	compare_forks(a, b);
	switch (one.mode & HMFS_MODE_TYPE) {
	case HMFS_MODE_DIRECTORY:
		compare_names(a, b);
		break;
	case HMFS_MODE_REGULAR:
		compare_contents(a, b, one.size);
		break;
	case HMFS_MODE_LINK:
		compare_links(a, b);
		break;
	}
}

void stream_compare(struct memory_volume *a, uint32_t a_dataset, struct memory_volume *b,
		    uint32_t b_dataset)
{
	compare((struct side){ a, { a_dataset, HMFS_ROOT_OBJECT } },
		(struct side){ b, { b_dataset, HMFS_ROOT_OBJECT } });
}
