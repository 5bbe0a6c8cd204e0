/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Forks, extended attributes, what is computed, the index; objects that lose their last name. */
#include "object_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

static int fork_set(struct memory_volume *v, struct hmfs_id of, const char *name, uint8_t type,
		    const char *value, unsigned flags)
{
	return hmfs_fork_set(v->volume, of, name, strlen(name), type, value,
			     value ? strlen(value) : 0, flags);
}

static int user_set(struct memory_volume *v, struct hmfs_id of, const char *name, const char *value)
{
	return fork_set(v, of, name, HMFS_FORK_USER, value, 0);
}

/* As text; "-61" and the like for errors. */
static const char *fork_get(struct memory_volume *v, struct hmfs_id of, const char *name,
			    uint8_t type)
{
	static char value[512];
	ssize_t size =
		hmfs_fork_get(v->volume, of, name, strlen(name), type, value, sizeof(value) - 1);

	if (size < 0)
		snprintf(value, sizeof(value), "%zd", size);
	else
		value[size < (ssize_t)sizeof(value) ? (size_t)size : sizeof(value) - 1] = '\0';
	return value;
}

static const char *user_get(struct memory_volume *v, struct hmfs_id of, const char *name)
{
	return fork_get(v, of, name, HMFS_FORK_USER);
}

struct found {
	uint64_t sum;
	unsigned count;
};

static bool found_one(void *context, struct hmfs_id id)
{
	struct found *found = context;

	found->sum += id.object;
	found->count++;
	return true;
}

/* How many have it; their numbers' sum. */
static unsigned find(struct memory_volume *v, const char *name, const char *value, uint64_t *sum)
{
	struct found found = { 0, 0 };

	EXPECT_EQUAL(hmfs_find(v->volume, HMFS_DATASET_LIVE, name, strlen(name), value,
			       value ? strlen(value) : 0, found_one, &found),
		     0);
	*sum = found.sum;
	return found.count;
}

UNIT_TEST(hmfs_fork, attributes)
{
	struct memory_volume v;
	struct hmfs_id file;
	uint64_t change;

	memory_volume_make(&v, OBJECT_BLOCKS, NULL);
	EXPECT_EQUAL(object_file(&v, object_root(), "file", &file), 0);
	change = object_attributes(&v, file).change;
	EXPECT_EQUAL(user_set(&v, file, "place", "Rome"), 0);
	EXPECT(object_attributes(&v, file).change > change);
	EXPECT_EQUAL(fork_set(&v, file, "place", HMFS_FORK_USER, "x", 1), -EEXIST);
	EXPECT_EQUAL(fork_set(&v, file, "none", HMFS_FORK_USER, "x", 2), -ENODATA);
	EXPECT_EQUAL(user_set(&v, file, "none", NULL), -ENODATA);
	EXPECT_EQUAL(fork_set(&v, file, "place", HMFS_FORK_ATTRIBUTE, "other", 1), 0);
	EXPECT_EQUAL(user_set(&v, file, "empty", ""), 0);
	EXPECT_EQUAL(user_set(&v, file, "a/b", "x"), -EINVAL);
	memory_volume_remount(&v);
	EXPECT_STRING(user_get(&v, file, "place"), "Rome");
	EXPECT_STRING(fork_get(&v, file, "place", HMFS_FORK_ATTRIBUTE), "other");
	EXPECT_STRING(user_get(&v, file, "empty"), "");
	EXPECT_STRING(user_get(&v, file, "none"), "-61");
	EXPECT_EQUAL(object_attributes(&v, file).forks, 3);
	EXPECT_EQUAL(user_set(&v, file, "place", "Oslo"), 0);
	EXPECT_STRING(user_get(&v, file, "place"), "Oslo");
	EXPECT_EQUAL(fork_set(&v, file, "place", HMFS_FORK_ATTRIBUTE, NULL, 0), 0);
	EXPECT_EQUAL(user_set(&v, file, "empty", NULL), 0);
	EXPECT_EQUAL(object_attributes(&v, file).forks, 1);
	/* With the last name they go. */
	EXPECT_EQUAL(object_unlink(&v, object_root(), "file"), 0);
	while (hmfs_work(v.volume, 1000) == 1)
		continue;
	EXPECT_EQUAL(object_count(&v), 1);
	EXPECT_EQUAL(object_check(&v), 0);
	memory_volume_end(&v);
}

UNIT_TEST(hmfs_fork, long_ones)
{
	struct memory_volume v;
	struct hmfs_id file;
	char *value = malloc(HMFS_ATTRIBUTE_MAX + 1), *got = malloc(HMFS_ATTRIBUTE_MAX);
	const size_t sizes[] = { 2047, 2048, 2049, 5000, HMFS_ATTRIBUTE_MAX, 3, 4097, 0 };

	memory_volume_make(&v, OBJECT_BLOCKS, NULL);
	EXPECT_EQUAL(object_directory(&v, object_root(), "d", &file), 0);
	for (size_t i = 0; i < array_length(sizes); i++) {
		for (size_t at = 0; at < sizes[i]; at++)
			value[at] = (char)(at * 7 + i);
		EXPECT_EQUAL(
			hmfs_fork_set(v.volume, file, "x", 1, HMFS_FORK_USER, value, sizes[i], 0),
			0);
		if (i % 2)
			memory_volume_remount(&v);
		EXPECT_EQUAL(hmfs_fork_get(v.volume, file, "x", 1, HMFS_FORK_USER, got,
					   HMFS_ATTRIBUTE_MAX),
			     (ssize_t)sizes[i]);
		EXPECT_BYTES(got, value, sizes[i]);
		EXPECT_EQUAL(object_attributes(&v, file).forks, 1);
		EXPECT_EQUAL(object_count(&v), 3);
	}
	EXPECT_EQUAL(hmfs_fork_set(v.volume, file, "x", 1, HMFS_FORK_USER, value,
				   HMFS_ATTRIBUTE_MAX + 1, 0),
		     -E2BIG);
	EXPECT_EQUAL(object_check(&v), 0);
	memory_volume_end(&v);
	free(value);
	free(got);
}

UNIT_TEST(hmfs_fork, as_files)
{
	struct memory_volume v;
	struct hmfs_id file, fork, again;
	char path[64], byte;

	memory_volume_make(&v, OBJECT_BLOCKS, NULL);
	EXPECT_EQUAL(object_file(&v, object_root(), "file", &file), 0);
	EXPECT_EQUAL(hmfs_fork_open(v.volume, file, "f", 1, HMFS_FORK_USER, false, &fork), -ENOENT);
	EXPECT_EQUAL(hmfs_fork_open(v.volume, file, "f", 1, HMFS_FORK_USER, true, &fork), 1);
	EXPECT_EQUAL(hmfs_fork_open(v.volume, file, "f", 1, HMFS_FORK_USER, true, &again), 0);
	EXPECT_EQUAL(fork.object, again.object);
	hmfs_object_let_go(v.volume, again);
	EXPECT_EQUAL(hmfs_write(v.volume, fork, 0, "hello", 5), 5);
	EXPECT_STRING(user_get(&v, file, "f"), "hello");
	EXPECT_EQUAL(hmfs_fork_open(v.volume, fork, "g", 1, HMFS_FORK_USER, true, &again),
		     -EOPNOTSUPP);
	hmfs_describe(v.volume, fork, path, sizeof(path));
	EXPECT_STRING(path, "/file/..namedfork/f");
	EXPECT_EQUAL(object_link(&v, object_root(), "no", fork), -EPERM);
	/* Removed while it is used. */
	EXPECT_EQUAL(hmfs_fork_remove(v.volume, file, "f", 1, HMFS_FORK_USER), 0);
	EXPECT_EQUAL(hmfs_fork_remove(v.volume, file, "f", 1, HMFS_FORK_USER), -ENOENT);
	EXPECT_EQUAL(hmfs_read(v.volume, fork, 1, &byte, 1), 1);
	EXPECT_EQUAL(byte, 'e');
	hmfs_object_let_go(v.volume, fork);
	EXPECT_EQUAL(hmfs_read(v.volume, fork, 1, &byte, 1), -ENOENT);
	EXPECT_EQUAL(object_count(&v), 2);
	EXPECT_EQUAL(object_check(&v), 0);
	memory_volume_end(&v);
}

UNIT_TEST(hmfs_fork, index)
{
	struct memory_volume v;
	struct hmfs_id file[100], fork;
	char name[16], *big = malloc(10001);
	uint64_t sum;

	memory_volume_make(&v, OBJECT_BLOCKS, NULL);
	for (unsigned i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		EXPECT_EQUAL(object_file(&v, object_root(), name, &file[i]), 0);
		EXPECT_EQUAL(user_set(&v, file[i], "place", i % 2 ? "Rome" : "Oslo"), 0);
	}
	memory_volume_remount(&v);
	EXPECT_EQUAL(find(&v, "place", "Rome", &sum), 50);
	EXPECT_EQUAL(find(&v, "place", "Paris", &sum), 0);
	EXPECT_EQUAL(find(&v, "place", NULL, &sum), 100);
	EXPECT_EQUAL(user_set(&v, file[1], "place", "Paris"), 0);
	EXPECT_EQUAL(user_set(&v, file[3], "place", NULL), 0);
	EXPECT_EQUAL(object_unlink(&v, object_root(), "f5"), 0);
	EXPECT_EQUAL(fork_set(&v, file[7], "place", HMFS_FORK_ATTRIBUTE, "Paris", 0), 0);
	EXPECT_EQUAL(find(&v, "place", "Rome", &sum), 47);
	EXPECT_EQUAL(find(&v, "place", "Paris", &sum), 1);
	EXPECT_EQUAL(sum, file[1].object);
	/* Written as a file, long, and shortened again. */
	EXPECT_EQUAL(hmfs_fork_open(v.volume, file[9], "place", 5, HMFS_FORK_USER, false, &fork),
		     0);
	EXPECT_EQUAL(hmfs_write(v.volume, fork, 0, "Bari", 4), 4);
	EXPECT_EQUAL(find(&v, "place", "Bari", &sum), 1);
	EXPECT_EQUAL(sum, file[9].object);
	memset(big, 'b', 10000);
	big[10000] = '\0';
	EXPECT_EQUAL(hmfs_write(v.volume, fork, 0, big, 10000), 10000);
	EXPECT_EQUAL(find(&v, "place", "Bari", &sum), 0);
	EXPECT_EQUAL(find(&v, "place", big, &sum), 1);
	EXPECT_EQUAL(hmfs_resize(v.volume, fork, 3), 0);
	EXPECT_EQUAL(find(&v, "place", "bbb", &sum), 1);
	EXPECT_EQUAL(user_set(&v, file[9], "place", "Bonn"), 0);
	EXPECT_EQUAL(find(&v, "place", "Bonn", &sum), 1);
	hmfs_object_let_go(v.volume, fork);
	EXPECT_EQUAL(find(&v, "place", NULL, &sum), 98);
	EXPECT_EQUAL(object_check(&v), 0);
	memory_volume_end(&v);
	free(big);
}

UNIT_TEST(hmfs_fork, computed)
{
	struct memory_volume v;
	struct hmfs_id file, fork;
	uint64_t sum, change;

	memory_volume_make(&v, OBJECT_BLOCKS, NULL);
	EXPECT_EQUAL(object_file(&v, object_root(), "file", &file), 0);
	EXPECT_EQUAL(hmfs_write(v.volume, file, 0, "hello, world\n", 13), 13);
	change = object_attributes(&v, file).change;
	EXPECT_STRING(user_get(&v, file, "mime"), "text/plain");
	EXPECT_EQUAL(object_attributes(&v, file).change, change);
	EXPECT_EQUAL(hmfs_write(v.volume, file, 0, "%PDF-", 5), 5);
	EXPECT_STRING(user_get(&v, file, "mime"), "application/pdf");
	EXPECT_EQUAL(find(&v, "mime", "application/pdf", &sum), 1);
	EXPECT_EQUAL(hmfs_write(v.volume, file, 0, "xxxxx", 5), 5);
	EXPECT_EQUAL(find(&v, "mime", "application/pdf", &sum), 0);
	EXPECT_EQUAL(object_rename(&v, object_root(), "file", object_root(), "a.html", 0), 0);
	EXPECT_STRING(user_get(&v, file, "mime"), "text/html");
	EXPECT_STRING(user_get(&v, object_root(), "mime"), "inode/directory");
	/* Set by somebody, until it is removed. */
	EXPECT_EQUAL(user_set(&v, file, "mime", "text/x-mine"), 0);
	EXPECT_STRING(user_get(&v, file, "mime"), "text/x-mine");
	EXPECT_EQUAL(find(&v, "mime", "text/x-mine", &sum), 1);
	EXPECT_EQUAL(user_set(&v, file, "mime", NULL), 0);
	EXPECT_STRING(user_get(&v, file, "mime"), "text/html");
	EXPECT_EQUAL(user_set(&v, file, "checksum", "0"), -EPERM);
	EXPECT_STRING(user_get(&v, object_root(), "checksum"), "-61");
	EXPECT_EQUAL(hmfs_resize(v.volume, file, 0), 0);
	/* xxhsum -H2 of nothing, and of "abc". */
	EXPECT_STRING(user_get(&v, file, "checksum"), "99aa06d3014798d86001c324468d497f");
	EXPECT_EQUAL(hmfs_write(v.volume, file, 0, "abc", 3), 3);
	EXPECT_STRING(user_get(&v, file, "checksum"), "06b05ab6733a618578af5f94892f3950");
	EXPECT_EQUAL(
		hmfs_fork_open(v.volume, file, "checksum", 8, HMFS_FORK_COMPUTED, false, &fork), 0);
	EXPECT(object_attributes(&v, fork).flags & HMFS_OBJECT_COMPUTED);
	EXPECT_EQUAL(object_attributes(&v, fork).size, 32);
	EXPECT_EQUAL(hmfs_write(v.volume, fork, 0, "0", 1), -EPERM);
	hmfs_object_let_go(v.volume, fork);
	EXPECT_EQUAL(hmfs_unmount(v.volume), 0);
	EXPECT_EQUAL(memory_volume_mount(&v, true), 0);
	EXPECT_STRING(user_get(&v, file, "mime"), "text/html");
	EXPECT_STRING(user_get(&v, file, "checksum"), "06b05ab6733a618578af5f94892f3950");
	EXPECT_EQUAL(object_check(&v), 0);
	memory_volume_end(&v);
}

/* --- Orphans --- */

UNIT_TEST(hmfs_orphan, used_without_a_name)
{
	struct memory_volume v;
	struct hmfs_id file, nameless;
	const struct hmfs_template like = { .mode = HMFS_MODE_REGULAR | 0600 };
	char byte;

	memory_volume_make(&v, OBJECT_BLOCKS, NULL);
	EXPECT_EQUAL(object_file(&v, object_root(), "file", &file), 0);
	EXPECT_EQUAL(hmfs_object_hold(v.volume, file), 0);
	EXPECT_EQUAL(hmfs_write(v.volume, file, 0, "x", 1), 1);
	EXPECT_EQUAL(object_unlink(&v, object_root(), "file"), 0);
	EXPECT_EQUAL(hmfs_work(v.volume, 1000), 0);
	EXPECT_EQUAL(hmfs_read(v.volume, file, 0, &byte, 1), 1);
	EXPECT_EQUAL(hmfs_object_hold(v.volume, file), 0);
	hmfs_object_let_go(v.volume, file);
	EXPECT_EQUAL(object_link(&v, object_root(), "back", file), 0);
	hmfs_object_let_go(v.volume, file);
	EXPECT_EQUAL(hmfs_read(v.volume, file, 0, &byte, 1), 1);

	EXPECT_EQUAL(hmfs_create_nameless(v.volume, 1, &like, &nameless), 0);
	EXPECT_EQUAL(hmfs_write(v.volume, nameless, 0, "y", 1), 1);
	EXPECT_EQUAL(object_link(&v, object_root(), "named", nameless), 0);
	hmfs_object_let_go(v.volume, nameless);
	EXPECT_EQUAL(hmfs_create_nameless(v.volume, 1, &like, &nameless), 0);
	hmfs_object_let_go(v.volume, nameless);
	EXPECT_EQUAL(hmfs_object_hold(v.volume, nameless), -ENOENT);
	EXPECT_EQUAL(object_count(&v), 3);
	/* Those that are held when the power goes are gone after a mount. */
	EXPECT_EQUAL(hmfs_object_hold(v.volume, file), 0);
	EXPECT_EQUAL(object_unlink(&v, object_root(), "back"), 0);
	EXPECT_EQUAL(hmfs_create_nameless(v.volume, 1, &like, &nameless), 0);
	EXPECT_EQUAL(hmfs_sync(v.volume), 0);
	memory_volume_crash(&v);
	EXPECT_EQUAL(object_count(&v), 4);
	while (hmfs_work(v.volume, 1000) == 1)
		continue;
	EXPECT_EQUAL(object_count(&v), 2);
	EXPECT_EQUAL(hmfs_read(v.volume, file, 0, &byte, 1), -ENOENT);
	EXPECT_EQUAL(object_check(&v), 0);
	memory_volume_end(&v);
}

UNIT_TEST(hmfs_orphan, large_ones_go_by_and_by)
{
	struct memory_volume v;
	struct hmfs_id file;
	struct hmfs_statistics before, after;
	char *bytes = malloc(1 << 20), name[16];

	memory_volume_make(&v, OBJECT_BLOCKS, NULL);
	EXPECT_EQUAL(hmfs_commit(v.volume), 0);
	hmfs_read_statistics(v.volume, &before);
	memset(bytes, 'z', 1 << 20);
	EXPECT_EQUAL(object_file(&v, object_root(), "file", &file), 0);
	for (unsigned i = 0; i < 16; i++)
		EXPECT_EQUAL(hmfs_write(v.volume, file, (uint64_t)i << 20, bytes, 1 << 20),
			     1 << 20);
	for (unsigned i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "x%u", i);
		EXPECT_EQUAL(hmfs_fork_set(v.volume, file, name, strlen(name), HMFS_FORK_USER,
					   bytes, i * 20, 0),
			     0);
	}
	EXPECT_EQUAL(hmfs_commit(v.volume), 0);
	EXPECT_EQUAL(object_unlink(&v, object_root(), "file"), 0);
	EXPECT_EQUAL(hmfs_sync(v.volume), 0);
	memory_volume_crash(&v);
	while (hmfs_work(v.volume, 1000) == 1)
		continue;
	EXPECT_EQUAL(object_count(&v), 1);
	for (unsigned i = 0; i < 3; i++)
		memory_volume_remount(&v);
	hmfs_read_statistics(v.volume, &after);
	/* The log has got its blocks meanwhile. */
	EXPECT(after.free_blocks + 512 > before.free_blocks);
	EXPECT_EQUAL(object_check(&v), 0);
	memory_volume_end(&v);
	free(bytes);
}
