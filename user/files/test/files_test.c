/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of the file manager's parts that have no window: trees, folders, texts. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../copy.h"
#include "../folder.h"
#include "../format.h"
#include "../worker.h"
#include "unit.h"

/* A folder of the test's own; removed by remove_tree(), which is thereby tested too. */
static void make_place(char path[PATH_MAX])
{
	const char *temporary = getenv("TMPDIR");

	snprintf(path, PATH_MAX, "%s/files-test.XXXXXX", temporary ? temporary : "/tmp");
	EXPECT(mkdtemp(path) != NULL);
}

static void write_file(const char *folder, const char *name, const char *text, mode_t mode)
{
	char path[PATH_MAX];
	int fd;

	EXPECT(join_path(path, folder, name));
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
	EXPECT(fd >= 0);
	EXPECT_EQUAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static bool file_is(const char *folder, const char *name, const char *text)
{
	char path[PATH_MAX], bytes[256] = "";
	int fd;
	ssize_t count;

	if (!join_path(path, folder, name))
		return false;
	fd = open(path, O_RDONLY);
	count = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes) - 1);
	if (fd >= 0)
		close(fd);
	return count == (ssize_t)strlen(text) && strcmp(bytes, text) == 0;
}

static bool is_there(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0;
}

/* PLACE/tree with a file, a folder with a file that runs, a link, a link that leads nowhere. */
static void make_tree(const char *place, char tree[PATH_MAX])
{
	char path[PATH_MAX];

	EXPECT(join_path(tree, place, "tree"));
	EXPECT_EQUAL(mkdir(tree, 0750), 0);
	write_file(tree, "one", "first", 0640);
	EXPECT(join_path(path, tree, "below"));
	EXPECT_EQUAL(mkdir(path, 0700), 0);
	write_file(path, "run.sh", "#!/bin/sh\n", 0755);
	EXPECT(join_path(path, tree, "link"));
	EXPECT_EQUAL(symlink("below/run.sh", path), 0);
	EXPECT(join_path(path, tree, "nowhere"));
	EXPECT_EQUAL(symlink("/is/not/there", path), 0);
}

UNIT_TEST(files, trees_are_copied)
{
	struct progress progress = { 0 };
	char place[PATH_MAX], tree[PATH_MAX], copy[PATH_MAX], path[PATH_MAX], target[64] = "";
	struct stat status;

	make_place(place);
	make_tree(place, tree);
	count_tree(tree, &progress);
	EXPECT_EQUAL(progress.total, 15);
	EXPECT_EQUAL(progress.items, 6);
	EXPECT(join_path(copy, place, "copy"));
	copy_tree(tree, copy, &progress);
	EXPECT_EQUAL(progress.error, 0);
	EXPECT_EQUAL(progress.bytes, 15);
	EXPECT(file_is(copy, "one", "first") && file_is(copy, "below/run.sh", "#!/bin/sh\n"));
	EXPECT(join_path(path, copy, "link"));
	EXPECT_EQUAL(readlink(path, target, sizeof(target)), 12);
	EXPECT(strcmp(target, "below/run.sh") == 0);
	EXPECT(join_path(path, copy, "nowhere"));
	EXPECT(is_there(path));
	EXPECT_EQUAL(stat(copy, &status), 0);
	EXPECT_EQUAL(status.st_mode & 0777, 0750);
	EXPECT(join_path(path, copy, "below/run.sh"));
	EXPECT_EQUAL(stat(path, &status), 0);
	EXPECT_EQUAL(status.st_mode & 0777, 0755);
	/* What is there is not replaced. */
	copy_tree(tree, copy, &progress);
	EXPECT_EQUAL(progress.error, EEXIST);
	progress = (struct progress){ 0 };
	remove_tree(place, &progress);
	EXPECT_EQUAL(progress.error, 0);
	EXPECT(!is_there(place));
}

UNIT_TEST(files, forks_are_copied)
{
	struct progress progress = { 0 };
	char place[PATH_MAX], from[PATH_MAX], to[PATH_MAX], value[16] = "";

	make_place(place);
	write_file(place, "a", "text", 0644);
	EXPECT(join_path(from, place, "a") && join_path(to, place, "b"));
	if (setxattr(from, "user.place", "Rome", 4, 0) == 0) {
		copy_tree(from, to, &progress);
		EXPECT_EQUAL(progress.error, 0);
		EXPECT_EQUAL(getxattr(to, "user.place", value, sizeof(value)), 4);
		EXPECT(strcmp(value, "Rome") == 0);
	}
	remove_tree(place, &progress);
}

UNIT_TEST(files, moving_and_errors)
{
	struct progress progress = { 0 };
	char place[PATH_MAX], tree[PATH_MAX], to[PATH_MAX], path[PATH_MAX];

	make_place(place);
	make_tree(place, tree);
	EXPECT(join_path(to, place, "moved"));
	move_tree(tree, to, &progress);
	EXPECT_EQUAL(progress.error, 0);
	EXPECT(file_is(to, "one", "first") && !is_there(tree));
	copy_tree(tree, to, &progress);
	EXPECT_EQUAL(progress.error, ENOENT);
	EXPECT(strcmp(progress.failed, tree) == 0);
	/* Nor is anything replaced. */
	progress = (struct progress){ 0 };
	EXPECT(join_path(path, place, "there"));
	write_file(place, "there", "old", 0600);
	write_file(place, "new", "new", 0600);
	EXPECT(join_path(tree, place, "new"));
	move_tree(tree, path, &progress);
	EXPECT_EQUAL(progress.error, EEXIST);
	EXPECT(file_is(place, "there", "old") && file_is(place, "new", "new"));
	/* Who stops it at once finds everything as it was. */
	progress = (struct progress){ .cancelled = true };
	remove_tree(place, &progress);
	EXPECT(join_path(tree, place, "elsewhere"));
	move_tree(to, tree, &progress);
	EXPECT(file_is(to, "one", "first"));
	progress.cancelled = false;
	remove_tree(place, &progress);
	EXPECT(!is_there(place));
}

UNIT_TEST(files, folders_are_sorted_and_filtered)
{
	static const char *const names[] = { "file10.txt", "file9.txt", "B.png", "a", ".hidden" };
	static const char *const sorted[] = { "folder", "a", "B.png", "file9.txt", "file10.txt" };
	struct progress progress = { 0 };
	struct folder folder = { 0 };
	char place[PATH_MAX], path[PATH_MAX];

	make_place(place);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		write_file(place, names[i], i == 2 ? "longest" : "text", 0644);
	EXPECT(join_path(path, place, "folder"));
	EXPECT_EQUAL(mkdir(path, 0755), 0);
	EXPECT_EQUAL(folder_read(&folder, place), 0);
	folder_arrange(&folder, false, "", ORDER_NAME, false);
	EXPECT_EQUAL(folder.row_count, 5);
	for (size_t i = 0; i < 5; i++)
		EXPECT(strcmp(folder_entry(&folder, i)->name, sorted[i]) == 0);
	folder_arrange(&folder, true, "FILE", ORDER_NAME, true);
	EXPECT_EQUAL(folder.row_count, 2);
	EXPECT(strcmp(folder_entry(&folder, 0)->name, "file10.txt") == 0);
	folder_arrange(&folder, true, "", ORDER_SIZE, true);
	EXPECT_EQUAL(folder.row_count, 6);
	EXPECT_EQUAL(folder_find(&folder, "B.png"), 1);
	EXPECT_EQUAL(folder_find(&folder, "nobody"), SIZE_MAX);
	folder_free(&folder);
	EXPECT_EQUAL(folder_read(&folder, "/is/not/there"), ENOENT);
	remove_tree(place, &progress);
}

UNIT_TEST(files, kinds)
{
	EXPECT_EQUAL(kind_of("a.PNG", S_IFREG | 0644), KIND_IMAGE);
	EXPECT_EQUAL(kind_of("a.txt", S_IFREG | 0755), KIND_TEXT);
	EXPECT_EQUAL(kind_of("program", S_IFREG | 0755), KIND_PROGRAM);
	EXPECT_EQUAL(kind_of(".png", S_IFREG | 0644), KIND_FILE);
	EXPECT_EQUAL(kind_of("a.averylongsuffixindeed", S_IFREG | 0644), KIND_FILE);
	EXPECT_EQUAL(kind_of("x.tar", S_IFDIR | 0755), KIND_FOLDER);
	EXPECT_EQUAL(kind_of("sda", S_IFBLK | 0600), KIND_DEVICE);
}

static bool size_is(uint64_t bytes, const char *wanted)
{
	char text[FORMAT_MAX];

	format_size(bytes, text);
	return strcmp(text, wanted) == 0;
}

UNIT_TEST(files, sizes_and_rights)
{
	char text[FORMAT_MAX];

	EXPECT(size_is(0, "0 bytes") && size_is(1, "1 byte") && size_is(999, "999 bytes"));
	EXPECT(size_is(1000, "1.0 kB") && size_is(9999, "9.9 kB") && size_is(10000, "10 kB"));
	EXPECT(size_is(999999, "999 kB") && size_is(1500000, "1.5 MB"));
	EXPECT(size_is(UINT64_MAX, "18 EB"));
	format_exact_size(1234567, text);
	EXPECT(strcmp(text, "1,234,567 bytes") == 0);
	format_exact_size(1, text);
	EXPECT(strcmp(text, "1 byte") == 0);
	format_rights(04755, text);
	EXPECT(strcmp(text, "rwsr-xr-x") == 0);
	format_rights(01777, text);
	EXPECT(strcmp(text, "rwxrwxrwt") == 0);
}

/* Folders within folders, as deep as trees may be. */
#define DEPTH 200

static void *copy_deep(void *argument)
{
	const char *place = argument;
	struct progress progress = { 0 };
	char from[PATH_MAX], to[PATH_MAX];

	if (join_path(from, place, "deep") && join_path(to, place, "copy")) {
		count_tree(from, &progress);
		copy_tree(from, to, &progress);
	}
	remove_tree(place, &progress);
	return progress.error ? NULL : argument;
}

/* With the stack of the file manager's thread. */
UNIT_TEST(files, deep_trees)
{
	char place[PATH_MAX], path[PATH_MAX];
	pthread_attr_t attributes;
	pthread_t thread;
	void *result = NULL;

	make_place(place);
	EXPECT(join_path(path, place, "deep"));
	for (unsigned i = 0; i < DEPTH; i++) {
		EXPECT_EQUAL(mkdir(path, 0755), 0);
		strcat(path, "/d");
	}
	pthread_attr_init(&attributes);
	EXPECT_EQUAL(pthread_attr_setstacksize(&attributes, WORKER_STACK), 0);
	EXPECT_EQUAL(pthread_create(&thread, &attributes, copy_deep, place), 0);
	EXPECT_EQUAL(pthread_join(thread, &result), 0);
	EXPECT(result != NULL);
	EXPECT(!is_there(place));
	pthread_attr_destroy(&attributes);
}

/* False: there are no two file systems. */
static bool make_other_place(const char *place, char other[PATH_MAX])
{
	struct stat here, there;

	snprintf(other, PATH_MAX, "/dev/shm/files-test.XXXXXX");
	return stat(place, &here) == 0 && stat("/dev/shm", &there) == 0 &&
	       here.st_dev != there.st_dev && mkdtemp(other);
}

UNIT_TEST(files, moving_to_another_disk)
{
	struct progress progress = { 0 };
	char place[PATH_MAX], other[PATH_MAX], tree[PATH_MAX], to[PATH_MAX], path[PATH_MAX];
	struct stat status;

	make_place(place);
	if (make_other_place(place, other)) {
		make_tree(place, tree);
		EXPECT(join_path(path, tree, "below/run.sh"));
		EXPECT_EQUAL(chmod(path, 04755), 0);
		/* What went wrong before says nothing of this one. */
		copy_tree("/is/not/there", "/is/neither", &progress);
		EXPECT_EQUAL(progress.error, ENOENT);
		EXPECT(join_path(to, other, "moved"));
		move_tree(tree, to, &progress);
		EXPECT(file_is(to, "one", "first") && !is_there(tree));
		EXPECT(join_path(path, to, "below/run.sh"));
		EXPECT_EQUAL(stat(path, &status), 0);
		EXPECT_EQUAL(status.st_mode & 07777, 04755);
		/* What cannot be copied whole stays: the file is there already. */
		write_file(place, "one", "second", 0600);
		EXPECT(join_path(path, place, "one") && join_path(to, other, "moved/one"));
		progress = (struct progress){ 0 };
		move_tree(path, to, &progress);
		EXPECT_EQUAL(progress.error, EEXIST);
		EXPECT(file_is(place, "one", "second"));
		remove_tree(other, &progress);
	}
	remove_tree(place, &progress);
	EXPECT(!is_there(place));
}
