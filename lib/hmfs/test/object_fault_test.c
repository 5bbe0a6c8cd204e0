/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Objects where things fail: each allocation and each access of the device in turn, and a
 * volume that is full. A change that failed has changed nothing.
 */
#include "object_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

/* --- What the tree is, as text --- */

struct dump {
	struct memory_volume *v;
	char text[16384];
	size_t used;
	struct hmfs_id todo[64];
	unsigned count;
};

static bool note(void *context, const char *name, size_t length, uint64_t object, uint8_t type,
		 uint64_t next_cookie)
{
	struct dump *dump = context;

	(void)next_cookie;
	dump->used += (size_t)snprintf(dump->text + dump->used, sizeof(dump->text) - dump->used,
				       "%.*s=%llu ", (int)(length < 8 ? length : 8), name,
				       (unsigned long long)object);
	if (type == HMFS_MODE_DIRECTORY >> 12)
		dump->todo[dump->count++] = (struct hmfs_id){ HMFS_DATASET_LIVE, object };
	return true;
}

static struct dump *dump_make(struct memory_volume *v)
{
	struct dump *dump = calloc(1, sizeof(*dump));

	dump->v = v;
	dump->todo[dump->count++] = object_root();
	for (unsigned i = 0; i < dump->count; i++) {
		const struct hmfs_attributes of = object_attributes(v, dump->todo[i]);
		uint64_t cookie = 0;

		dump->used += (size_t)snprintf(
			dump->text + dump->used, sizeof(dump->text) - dump->used,
			"\n%llu: links %u size %llu forks %u change %llu: ",
			(unsigned long long)dump->todo[i].object, of.links,
			(unsigned long long)of.size, of.forks, (unsigned long long)of.change);
		EXPECT_EQUAL(hmfs_list(v->volume, dump->todo[i], &cookie, note, dump), 0);
		cookie = 0;
		EXPECT_EQUAL(hmfs_fork_list(v->volume, dump->todo[i], &cookie, note, dump), 0);
	}
	return dump;
}

static bool dump_same(const struct dump *a, const struct dump *b)
{
	return strcmp(a->text, b->text) == 0;
}

/* --- Changes that are tried --- */

struct scene {
	struct memory_volume v;
	struct hmfs_id a, b, a_file, big;
};

static void scene_make(struct scene *s)
{
	char bytes[9000];

	memset(bytes, 'q', sizeof(bytes));
	memory_volume_make(&s->v, OBJECT_BLOCKS, NULL);
	EXPECT_EQUAL(object_directory(&s->v, object_root(), "a", &s->a), 0);
	EXPECT_EQUAL(object_directory(&s->v, object_root(), "b", &s->b), 0);
	EXPECT_EQUAL(object_file(&s->v, s->a, "file", &s->a_file), 0);
	EXPECT_EQUAL(object_file(&s->v, s->a, "big", &s->big), 0);
	EXPECT_EQUAL(hmfs_write(s->v.volume, s->big, 0, bytes, sizeof(bytes)), sizeof(bytes));
	EXPECT_EQUAL(hmfs_fork_set(s->v.volume, s->a, "fork", 4, HMFS_FORK_USER, "x", 1, 0), 0);
}

static int try_create(struct scene *s)
{
	return object_file(&s->v, s->a, "new", NULL);
}

static int try_directory(struct scene *s)
{
	return object_directory(&s->v, s->a, "new", NULL);
}

static int try_link(struct scene *s)
{
	return object_link(&s->v, s->b, "new", s->a_file);
}

static int try_symbolic(struct scene *s)
{
	return object_make(&s->v, s->b, "new", HMFS_MODE_LINK | 0777, "somewhere", NULL);
}

static int try_unlink(struct scene *s)
{
	return object_unlink(&s->v, s->a, "big");
}

static int try_rename(struct scene *s)
{
	return object_rename(&s->v, s->a, "file", s->b, "x", 0);
}

static int try_replace(struct scene *s)
{
	return object_rename(&s->v, s->a, "file", s->a, "big", 0);
}

static int try_exchange(struct scene *s)
{
	return object_rename(&s->v, s->a, "file", object_root(), "b", HMFS_RENAME_EXCHANGE);
}

static int try_fork(struct scene *s)
{
	return hmfs_fork_set(s->v.volume, s->a, "other", 5, HMFS_FORK_USER, "value", 5, 0);
}

static int try_fork_change(struct scene *s)
{
	return hmfs_fork_set(s->v.volume, s->a, "fork", 4, HMFS_FORK_USER, "value", 5, 0);
}

static int try_long_fork(struct scene *s)
{
	char value[5000];

	memset(value, 'l', sizeof(value));
	return hmfs_fork_set(s->v.volume, s->a, "fork", 4, HMFS_FORK_USER, value, sizeof(value), 0);
}

static int try_fork_remove(struct scene *s)
{
	return hmfs_fork_remove(s->v.volume, s->a, "fork", 4, HMFS_FORK_USER);
}

static int (*const changes[])(struct scene *) = {
	try_create,  try_directory, try_link, try_symbolic,    try_unlink,    try_rename,
	try_replace, try_exchange,  try_fork, try_fork_change, try_long_fork, try_fork_remove,
};

/* `device`: the device fails, else memory does. True if the change came about without any. */
static bool attempt(int (*change)(struct scene *), unsigned after, bool device)
{
	struct scene *s = calloc(1, sizeof(*s));
	struct dump *before, *behind;
	int error;

	scene_make(s);
	if (device) {
		memory_volume_remount(&s->v);
		s->v.device.fail_after = after;
	}
	before = device ? NULL : dump_make(&s->v);
	if (!device)
		memory_host.fail_after = after;
	error = change(s);
	if (device)
		s->v.device.fail_after = 0;
	else
		memory_host.fail_after = 0;
	EXPECT(error == 0 || error == (device ? -EIO : -ENOMEM));
	behind = dump_make(&s->v);
	if (error && before)
		EXPECT(dump_same(before, behind));
	/* Nothing is lost or left behind. */
	EXPECT_EQUAL(error ? change(s) : 0, 0);
	while (hmfs_work(s->v.volume, 1000) == 1)
		continue;
	free(before);
	free(behind);
	memory_volume_remount(&s->v);
	before = dump_make(&s->v);
	memory_volume_remount(&s->v);
	behind = dump_make(&s->v);
	EXPECT(dump_same(before, behind));
	free(before);
	free(behind);
	EXPECT_EQUAL(object_check(&s->v), 0);
	memory_volume_end(&s->v);
	free(s);
	return error == 0;
}

UNIT_TEST(hmfs_object, each_allocation_fails)
{
	for (unsigned i = 0; i < array_length(changes); i++) {
		unsigned passed = 0;

		/* Some failures are none, such as that of a table to grow. */
		for (unsigned after = 1; passed < 6; after++)
			passed = attempt(changes[i], after, false) ? passed + 1 : 0;
	}
}

UNIT_TEST(hmfs_object, each_access_fails)
{
	for (unsigned i = 0; i < array_length(changes); i++) {
		unsigned passed = 0;

		/* One copy of a node may fail. */
		for (unsigned after = 1; passed < 6; after++)
			passed = attempt(changes[i], after, true) ? passed + 1 : 0;
	}
}

UNIT_TEST(hmfs_object, full_volume)
{
	struct memory_volume v;
	struct hmfs_id directory;
	char name[64];
	unsigned made = 0;
	int error = 0;

	memory_volume_make(&v, 1024, NULL);
	EXPECT_EQUAL(object_directory(&v, object_root(), "d", &directory), 0);
	while (!error && made < 1000000) {
		snprintf(name, sizeof(name), "a-file-with-a-name-of-some-length-%u", made);
		error = object_file(&v, directory, name, NULL);
		made += !error;
		if (!error && made % 1000 == 0)
			EXPECT_EQUAL(hmfs_commit(v.volume), 0);
	}
	EXPECT_EQUAL(error, -ENOSPC);
	EXPECT(made > 2000);
	EXPECT_EQUAL(hmfs_commit(v.volume), 0);
	memory_volume_remount(&v);
	EXPECT_EQUAL(object_attributes(&v, directory).size, made);
	for (unsigned i = 0; i < made; i++) {
		snprintf(name, sizeof(name), "a-file-with-a-name-of-some-length-%u", i);
		EXPECT_EQUAL(object_unlink(&v, directory, name), 0);
	}
	EXPECT_EQUAL(object_unlink(&v, object_root(), "d"), 0);
	EXPECT_EQUAL(hmfs_commit(v.volume), 0);
	while (hmfs_work(v.volume, 0) == 1)
		continue;
	memory_volume_remount(&v);
	EXPECT_EQUAL(object_count(&v), 1);
	EXPECT_EQUAL(object_file(&v, object_root(), "again", NULL), 0);
	EXPECT_EQUAL(object_check(&v), 0);
	memory_volume_end(&v);
}

/* What was freed is free for names at once, not with the next commit only. */
UNIT_TEST(hmfs_object, room_that_was_just_freed)
{
	static uint8_t bytes[65536];
	struct memory_volume v;
	struct hmfs_id file;
	char name[64];
	ssize_t written;
	uint64_t at = 0;
	unsigned made = 0;
	int error = 0;

	memory_volume_make(&v, 2048, NULL);
	EXPECT_EQUAL(object_file(&v, object_root(), "large", &file), 0);
	do {
		written = hmfs_write(v.volume, file, at, bytes, sizeof(bytes));
		at += sizeof(bytes);
	} while (written == sizeof(bytes));
	EXPECT_EQUAL(written, -ENOSPC);
	while (!error && made < 100000) {
		snprintf(name, sizeof(name), "name-%u", made);
		error = object_file(&v, object_root(), name, NULL);
		made += !error;
	}
	EXPECT_EQUAL(error, -ENOSPC);
	/* Without room too. */
	EXPECT_EQUAL(object_rename(&v, object_root(), "large", object_root(), "moved", 0), 0);
	EXPECT_EQUAL(hmfs_commit(v.volume), 0);
	EXPECT_EQUAL(hmfs_resize(v.volume, file, 65536), 0);
	EXPECT_EQUAL(object_file(&v, object_root(), "again", NULL), 0);
	EXPECT_EQUAL(object_check(&v), 0);
	memory_volume_end(&v);
}
