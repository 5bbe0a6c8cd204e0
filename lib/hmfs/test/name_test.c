/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names: made, found, linked, removed, listed; the rules of rename(2). */
#include "object_fixture.h"
#include "unit.h"

#include <stdio.h>

UNIT_TEST(hmfs_name, creates_and_finds)
{
	struct memory_volume v;
	struct hmfs_id file, directory, found;
	struct hmfs_attributes attributes;
	char long_name[HMFS_NAME_MAX + 2];
	uint8_t type;

	memory_volume_make(&v, OBJECT_BLOCKS, NULL);
	EXPECT_EQUAL(object_file(&v, object_root(), "file", &file), 0);
	EXPECT_EQUAL(object_directory(&v, object_root(), "directory", &directory), 0);
	EXPECT_EQUAL(object_file(&v, object_root(), "file", NULL), -EEXIST);
	EXPECT_EQUAL(object_file(&v, object_root(), "directory", NULL), -EEXIST);
	EXPECT_EQUAL(object_file(&v, file, "below", NULL), -ENOTDIR);
	EXPECT_EQUAL(object_file(&v, (struct hmfs_id){ 1, 12345 }, "x", NULL), -ENOENT);
	EXPECT_EQUAL(object_file(&v, (struct hmfs_id){ 99, 2 }, "x", NULL), -ENOENT);
	EXPECT_EQUAL(object_file(&v, object_root(), "", NULL), -EINVAL);
	EXPECT_EQUAL(object_file(&v, object_root(), ".", NULL), -EINVAL);
	EXPECT_EQUAL(object_file(&v, object_root(), "a/b", NULL), -EINVAL);
	memset(long_name, 'n', sizeof(long_name));
	long_name[HMFS_NAME_MAX + 1] = '\0';
	EXPECT_EQUAL(object_file(&v, object_root(), long_name, NULL), -ENAMETOOLONG);
	long_name[HMFS_NAME_MAX] = '\0';
	EXPECT_EQUAL(object_file(&v, object_root(), long_name, NULL), 0);
	for (unsigned round = 0; round < 3; round++) {
		EXPECT_EQUAL(hmfs_lookup(v.volume, object_root(), "file", 4, &found, &type), 0);
		EXPECT(found.object == file.object && type == HMFS_MODE_REGULAR >> 12);
		EXPECT_EQUAL(object_find(&v, object_root(), long_name, &found), 0);
		EXPECT_EQUAL(object_find(&v, object_root(), "nothing", &found), -ENOENT);
		EXPECT_EQUAL(object_find(&v, file, "nothing", &found), -ENOTDIR);
		attributes = object_attributes(&v, object_root());
		EXPECT_EQUAL(attributes.links, 3);
		EXPECT_EQUAL(attributes.size, 3);
		EXPECT_EQUAL(object_attributes(&v, directory).links, 2);
		EXPECT_EQUAL(object_attributes(&v, file).links, 1);
		EXPECT_EQUAL(object_attributes(&v, file).mode, HMFS_MODE_REGULAR | 0644);
		if (round == 0)
			memory_volume_remount(&v);
		else
			EXPECT_EQUAL(hmfs_sync(v.volume), 0), memory_volume_crash(&v);
	}
	EXPECT_EQUAL(object_check(&v), 0);
	memory_volume_end(&v);
}

UNIT_TEST(hmfs_name, symbolic_links)
{
	struct memory_volume v;
	struct hmfs_id link;
	char target[HMFS_TARGET_MAX + 2], got[HMFS_TARGET_MAX + 1];
	const size_t lengths[] = { 1, 60, HMFS_INLINE_MAX, HMFS_INLINE_MAX + 1, HMFS_TARGET_MAX };

	memory_volume_make(&v, OBJECT_BLOCKS, NULL);
	for (size_t i = 0; i < array_length(lengths); i++) {
		for (size_t at = 0; at < lengths[i]; at++)
			target[at] = (char)('a' + at % 23);
		target[lengths[i]] = '\0';
		EXPECT_EQUAL(object_make(&v, object_root(), "link", HMFS_MODE_LINK | 0777, target,
					 &link),
			     0);
		memory_volume_remount(&v);
		EXPECT_EQUAL(object_attributes(&v, link).size, lengths[i]);
		EXPECT_EQUAL(hmfs_read_link(v.volume, link, got, sizeof(got)), (ssize_t)lengths[i]);
		EXPECT_BYTES(got, target, lengths[i]);
		EXPECT_EQUAL(hmfs_read_link(v.volume, link, got, 1), (ssize_t)lengths[i]);
		EXPECT_EQUAL(object_unlink(&v, object_root(), "link"), 0);
		EXPECT_EQUAL(hmfs_read_link(v.volume, link, got, 1), -ENOENT);
	}
	memset(target, 'x', sizeof(target));
	target[HMFS_TARGET_MAX + 1] = '\0';
	EXPECT_EQUAL(object_make(&v, object_root(), "link", HMFS_MODE_LINK | 0777, target, NULL),
		     -ENAMETOOLONG);
	EXPECT_EQUAL(hmfs_read_link(v.volume, object_root(), got, 1), -EINVAL);
	EXPECT_EQUAL(object_count(&v), 1);
	EXPECT_EQUAL(object_check(&v), 0);
	memory_volume_end(&v);
}

UNIT_TEST(hmfs_name, links)
{
	struct memory_volume v;
	struct hmfs_id file, directory, found;
	uint64_t change;

	memory_volume_make(&v, OBJECT_BLOCKS, NULL);
	EXPECT_EQUAL(object_file(&v, object_root(), "one", &file), 0);
	EXPECT_EQUAL(object_directory(&v, object_root(), "d", &directory), 0);
	change = object_attributes(&v, file).change;
	EXPECT_EQUAL(object_link(&v, directory, "two", file), 0);
	EXPECT_EQUAL(object_attributes(&v, file).links, 2);
	EXPECT(object_attributes(&v, file).change > change);
	EXPECT_EQUAL(object_link(&v, directory, "two", file), -EEXIST);
	EXPECT_EQUAL(object_link(&v, directory, "three", directory), -EPERM);
	EXPECT_EQUAL(object_link(&v, file, "three", file), -ENOTDIR);
	EXPECT_EQUAL(object_link(&v, directory, "three", (struct hmfs_id){ 7, 16 }), -EXDEV);
	EXPECT_EQUAL(object_unlink(&v, object_root(), "d"), -ENOTEMPTY);
	EXPECT_EQUAL(object_unlink(&v, object_root(), "one"), 0);
	EXPECT_EQUAL(object_attributes(&v, file).links, 1);
	EXPECT_EQUAL(object_find(&v, directory, "two", &found), 0);
	EXPECT_EQUAL(found.object, file.object);
	EXPECT_EQUAL(object_unlink(&v, directory, "two"), 0);
	EXPECT_EQUAL(object_unlink(&v, directory, "two"), -ENOENT);
	EXPECT_EQUAL(hmfs_object_hold(v.volume, file), -ENOENT);
	EXPECT_EQUAL(object_unlink(&v, object_root(), "d"), 0);
	EXPECT_EQUAL(object_file(&v, directory, "x", NULL), -ENOENT);
	EXPECT_EQUAL(object_attributes(&v, object_root()).links, 2);
	EXPECT_EQUAL(object_count(&v), 1);
	EXPECT_EQUAL(object_check(&v), 0);
	memory_volume_end(&v);
}

/* --- Renaming --- */

/* /a/ with a file and a directory, /b/ empty, /f. */
struct scene {
	struct memory_volume v;
	struct hmfs_id a, b, f, a_file, a_directory;
};

static void scene_make(struct scene *scene)
{
	struct memory_volume *v = &scene->v;

	memory_volume_make(v, OBJECT_BLOCKS, NULL);
	EXPECT_EQUAL(object_directory(v, object_root(), "a", &scene->a), 0);
	EXPECT_EQUAL(object_directory(v, object_root(), "b", &scene->b), 0);
	EXPECT_EQUAL(object_file(v, object_root(), "f", &scene->f), 0);
	EXPECT_EQUAL(object_file(v, scene->a, "file", &scene->a_file), 0);
	EXPECT_EQUAL(object_directory(v, scene->a, "directory", &scene->a_directory), 0);
}

UNIT_TEST(hmfs_rename, what_is_refused)
{
	const struct hmfs_id root = object_root();
	struct scene s;

	scene_make(&s);
	EXPECT_EQUAL(object_rename(&s.v, root, "none", root, "x", 0), -ENOENT);
	EXPECT_EQUAL(object_rename(&s.v, root, "f", root, "a", 0), -EISDIR);
	EXPECT_EQUAL(object_rename(&s.v, root, "b", root, "f", 0), -ENOTDIR);
	EXPECT_EQUAL(object_rename(&s.v, root, "b", root, "a", 0), -ENOTEMPTY);
	EXPECT_EQUAL(object_rename(&s.v, root, "a", s.a, "x", 0), -EINVAL);
	EXPECT_EQUAL(object_rename(&s.v, root, "a", s.a_directory, "x", 0), -EINVAL);
	EXPECT_EQUAL(object_rename(&s.v, s.a, "directory", root, "a", 0), -ENOTEMPTY);
	EXPECT_EQUAL(object_rename(&s.v, s.a, "file", root, "a", 0), -ENOTEMPTY);
	EXPECT_EQUAL(object_rename(&s.v, root, "f", s.f, "x", 0), -ENOTDIR);
	EXPECT_EQUAL(object_rename(&s.v, root, "f", root, "b", HMFS_RENAME_NO_REPLACE), -EEXIST);
	EXPECT_EQUAL(object_rename(&s.v, root, "f", root, "x", HMFS_RENAME_EXCHANGE), -ENOENT);
	EXPECT_EQUAL(object_rename(&s.v, root, "a", s.a, "directory", HMFS_RENAME_EXCHANGE),
		     -EINVAL);
	EXPECT_EQUAL(object_rename(&s.v, s.a, "directory", root, "a", HMFS_RENAME_EXCHANGE),
		     -EINVAL);
	EXPECT_EQUAL(object_rename(&s.v, root, "a", root, "b", 3), -EINVAL);
	EXPECT_EQUAL(object_rename(&s.v, root, "f", (struct hmfs_id){ 5, 2 }, "x", 0), -EXDEV);
	EXPECT_EQUAL(object_attributes(&s.v, root).size, 3);
	EXPECT_EQUAL(object_attributes(&s.v, root).links, 4);
	EXPECT_EQUAL(object_attributes(&s.v, s.a).links, 3);
	EXPECT_EQUAL(object_check(&s.v), 0);
	memory_volume_end(&s.v);
}

UNIT_TEST(hmfs_rename, moves_and_replaces)
{
	const struct hmfs_id root = object_root();
	struct hmfs_id found;
	struct scene s;

	scene_make(&s);
	EXPECT_EQUAL(object_rename(&s.v, root, "f", root, "f", 0), 0);
	EXPECT_EQUAL(object_rename(&s.v, s.a, "directory", s.b, "moved", 0), 0);
	EXPECT_EQUAL(object_attributes(&s.v, s.a).links, 2);
	EXPECT_EQUAL(object_attributes(&s.v, s.b).links, 3);
	EXPECT_EQUAL(object_attributes(&s.v, s.a).size, 1);
	EXPECT_EQUAL(object_rename(&s.v, root, "f", s.a, "file", 0), 0);
	EXPECT_EQUAL(object_find(&s.v, s.a, "file", &found), 0);
	EXPECT_EQUAL(found.object, s.f.object);
	EXPECT_EQUAL(object_attributes(&s.v, s.a_file).links, 0);
	EXPECT_EQUAL(object_find(&s.v, root, "f", &found), -ENOENT);
	/* An empty directory is replaced. */
	EXPECT_EQUAL(object_rename(&s.v, root, "a", s.b, "moved", 0), 0);
	EXPECT_EQUAL(object_attributes(&s.v, root).links, 3);
	EXPECT_EQUAL(object_attributes(&s.v, s.b).links, 3);
	EXPECT_EQUAL(object_find(&s.v, s.b, "moved", &found), 0);
	EXPECT_EQUAL(found.object, s.a.object);
	/* Two names of one object both stay. */
	EXPECT_EQUAL(object_link(&s.v, root, "again", s.f), 0);
	EXPECT_EQUAL(object_rename(&s.v, root, "again", s.a, "file", 0), 0);
	EXPECT_EQUAL(object_attributes(&s.v, s.f).links, 2);
	EXPECT_EQUAL(object_find(&s.v, root, "again", &found), 0);
	EXPECT_EQUAL(object_count(&s.v), 4);
	EXPECT_EQUAL(object_check(&s.v), 0);
	memory_volume_end(&s.v);
}

UNIT_TEST(hmfs_rename, exchanges)
{
	const struct hmfs_id root = object_root();
	struct hmfs_id found;
	struct scene s;
	char path[64];

	scene_make(&s);
	EXPECT_EQUAL(object_rename(&s.v, root, "f", s.a, "directory", HMFS_RENAME_EXCHANGE), 0);
	EXPECT_EQUAL(object_find(&s.v, root, "f", &found), 0);
	EXPECT_EQUAL(found.object, s.a_directory.object);
	EXPECT_EQUAL(object_find(&s.v, s.a, "directory", &found), 0);
	EXPECT_EQUAL(found.object, s.f.object);
	EXPECT_EQUAL(object_attributes(&s.v, root).links, 5);
	EXPECT_EQUAL(object_attributes(&s.v, root).size, 3);
	EXPECT_EQUAL(object_attributes(&s.v, s.a).links, 2);
	EXPECT_EQUAL(object_attributes(&s.v, s.a).size, 2);
	EXPECT_EQUAL(object_rename(&s.v, root, "a", root, "b", HMFS_RENAME_EXCHANGE), 0);
	hmfs_describe(s.v.volume, s.f, path, sizeof(path));
	EXPECT_STRING(path, "/b/directory");
	hmfs_describe(s.v.volume, s.f, path, 8);
	EXPECT_STRING(path, "...tory");
	hmfs_describe(s.v.volume, root, path, sizeof(path));
	EXPECT_STRING(path, "/");
	hmfs_describe(s.v.volume, (struct hmfs_id){ 1, 77 }, path, sizeof(path));
	EXPECT_STRING(path, "object 77");
	EXPECT_EQUAL(object_check(&s.v), 0);
	memory_volume_end(&s.v);
}

/* --- Listing --- */

#define MANY 1000u

struct listing {
	unsigned seen[MANY];
	unsigned left; /* visits until it stops */
	bool known;
};

static bool visit(void *context, const char *name, size_t length, uint64_t object, uint8_t type,
		  uint64_t next_cookie)
{
	struct listing *listing = context;
	unsigned number = 0;

	(void)object, (void)type;
	if (listing->left == 0)
		return false;
	listing->left--;
	for (size_t i = 1; i < length; i++)
		number = number * 10 + (unsigned)(name[i] - '0');
	listing->known &= name[0] == 'n' && number < MANY && next_cookie >> 62 == 0;
	if (listing->known)
		listing->seen[number]++;
	return true;
}

UNIT_TEST(hmfs_name, listing_while_names_go)
{
	static struct listing listing;
	struct memory_volume v;
	uint64_t cookie = 0;
	char name[16];
	unsigned twice = 0, missing = 0;

	memory_volume_make(&v, OBJECT_BLOCKS, NULL);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "n%u", i);
		EXPECT_EQUAL(object_file(&v, object_root(), name, NULL), 0);
		if (i == MANY / 2)
			EXPECT_EQUAL(hmfs_commit(v.volume), 0);
	}
	memset(&listing, 0, sizeof(listing));
	listing.known = true;
	/* What was seen is removed, piece by piece: all is seen, and once. */
	for (unsigned done = 0; done < MANY; done += 10) {
		listing.left = 10;
		EXPECT_EQUAL(hmfs_list(v.volume, object_root(), &cookie, visit, &listing), 0);
		for (unsigned i = 0; i < MANY; i++) {
			snprintf(name, sizeof(name), "n%u", i);
			if (listing.seen[i] == 1 && done % 20 == 0)
				(void)!object_unlink(&v, object_root(), name);
		}
	}
	for (unsigned i = 0; i < MANY; i++) {
		twice += listing.seen[i] > 1;
		missing += listing.seen[i] == 0;
	}
	EXPECT(listing.known);
	EXPECT_EQUAL(twice, 0);
	EXPECT_EQUAL(missing, 0);
	listing.left = 1;
	EXPECT_EQUAL(hmfs_list(v.volume, object_root(), &cookie, visit, &listing), 0);
	EXPECT_EQUAL(listing.left, 1);
	EXPECT_EQUAL(object_check(&v), 0);
	memory_volume_end(&v);
}
