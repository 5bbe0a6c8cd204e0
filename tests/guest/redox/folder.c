/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Directories, links and names of `file:`. */
#include "redox_test.h"

#define MAKE_FOLDER (REDOX_O_CREAT | REDOX_O_DIRECTORY | REDOX_O_EXCL)

static void make_folder(const char *path)
{
	EXPECT_SUCCESS(file_close(EXPECT_SUCCESS(file_open(path, MAKE_FOLDER | 0777))));
}

static void make_link(const char *path, const char *target)
{
	int64_t fd = EXPECT_SUCCESS(
		file_open(path, REDOX_O_CREAT | REDOX_O_SYMLINK | REDOX_O_WRONLY | 0777));

	EXPECT_EQUAL(file_write(fd, target, strlen(target)), (int64_t)strlen(target));
	EXPECT_SUCCESS(file_close(fd));
}

static bool path_is(int64_t fd, const char *wanted)
{
	char name[256];
	int64_t length = EXPECT_SUCCESS(file_path(fd, name, sizeof(name)));

	return (size_t)length == strlen(wanted) && memcmp(name, wanted, (size_t)length) == 0;
}

static bool working_directory_is(const char *wanted)
{
	char name[256];
	int64_t length = EXPECT_SUCCESS(working_directory_get(name, sizeof(name)));

	return (size_t)length == strlen(wanted) && memcmp(name, wanted, (size_t)length) == 0;
}

TEST(folder, is_made_by_open)
{
	struct redox_stat status;
	int64_t fd;

	EXPECT_ERROR(file_open("d", REDOX_O_RDONLY | REDOX_O_DIRECTORY), ENOENT);
	EXPECT_ERROR(file_open("d", MAKE_FOLDER | REDOX_O_WRONLY | 0777), EISDIR);
	EXPECT_ERROR(file_open("d", REDOX_O_RDONLY | REDOX_O_DIRECTORY), ENOENT);
	make_folder("d");
	EXPECT_ERROR(file_open("d", MAKE_FOLDER | 0777), EEXIST);
	fd = EXPECT_SUCCESS(file_open("d", REDOX_O_CREAT | REDOX_O_DIRECTORY | 0777));
	EXPECT_SUCCESS(file_status(fd, &status));
	EXPECT_EQUAL(status.mode, 040755);
	EXPECT(status.number != 0);
	EXPECT_ERROR(file_open("d", REDOX_O_WRONLY), EISDIR);
	EXPECT_ERROR(file_open("d", REDOX_O_RDWR), EISDIR);
	EXPECT_ERROR(file_open("d", REDOX_O_RDWR | REDOX_O_DIRECTORY), EISDIR);
	EXPECT_SUCCESS(file_close(EXPECT_SUCCESS(file_open("d", REDOX_O_STAT))));
	EXPECT_SUCCESS(file_close(EXPECT_SUCCESS(file_open("d", REDOX_O_RDONLY | REDOX_O_CREAT))));
}

TEST(folder, is_read_as_text)
{
	char text[64];
	int64_t fd, named;

	make_folder("d");
	fd = EXPECT_SUCCESS(file_open("d", REDOX_O_RDONLY));
	EXPECT_EQUAL(file_read(fd, text, sizeof(text)), 0);
	EXPECT_SUCCESS(file_close(fd));
	test_write_file("d/one", "");
	test_write_file("d/two", "");
	make_folder("d/three");
	fd = EXPECT_SUCCESS(file_open("d", REDOX_O_RDONLY | REDOX_O_DIRECTORY));
	/* What changes now is not seen. */
	test_write_file("d/four", "");
	EXPECT_SUCCESS(path_unlink("d/one"));
	EXPECT_EQUAL(file_read(fd, text, 5), 5);
	EXPECT_EQUAL(file_read(fd, text + 5, sizeof(text) - 5), 8);
	EXPECT(memcmp(text, "one\ntwo\nthree", 13) == 0);
	EXPECT_EQUAL(file_read(fd, text, sizeof(text)), 0);
	EXPECT_EQUAL(file_seek(fd, 0, REDOX_SEEK_END), 13);
	EXPECT_EQUAL(file_seek(fd, 4, REDOX_SEEK_SET), 4);
	EXPECT_EQUAL(file_read(fd, text, 3), 3);
	EXPECT(memcmp(text, "two", 3) == 0);
	EXPECT_ERROR(file_seek(fd, -1, REDOX_SEEK_SET), EINVAL);
	EXPECT_ERROR(file_write(fd, text, 1), EBADF);
	EXPECT_ERROR(file_truncate(fd, 0), EBADF);
	EXPECT_ERROR(syscall(fevent, fd, REDOX_EVENT_READ), EPERM);
	named = EXPECT_SUCCESS(file_open("d", 0));
	EXPECT_ERROR(file_read(named, text, 1), EBADF);
	named = EXPECT_SUCCESS(file_open("d", REDOX_O_STAT | REDOX_O_RDONLY));
	EXPECT_ERROR(file_read(named, text, 1), EBADF);
}

TEST(folder, many_names)
{
	static char text[40000];
	char name[32];
	size_t lines = 1;
	int64_t fd, length;

	make_folder("d");
	for (unsigned i = 0; i < 1500; i++) {
		snprintf(name, sizeof(name), "d/some-name-%u", i);
		test_write_file(name, "");
	}
	fd = EXPECT_SUCCESS(file_open("d", REDOX_O_RDONLY));
	length = EXPECT_SUCCESS(file_read_whole(fd, text, sizeof(text)));
	for (int64_t i = 0; i < length; i++)
		lines += text[i] == '\n';
	EXPECT_EQUAL(lines, 1500);
	EXPECT_ERROR(path_remove_directory("d"), ENOTEMPTY);
}

TEST(folder, removing)
{
	struct redox_stat status;
	int64_t fd, inner;

	make_folder("d");
	test_write_file("d/f", "x");
	EXPECT_ERROR(path_unlink("d"), EISDIR);
	EXPECT_ERROR(path_remove_directory("d/f"), ENOTDIR);
	EXPECT_ERROR(path_remove_directory("d"), ENOTEMPTY);
	EXPECT_ERROR(path_unlink("d/none"), ENOENT);
	EXPECT_ERROR(path_unlink("d/f/x"), ENOTDIR);
	EXPECT_ERROR(path_remove_directory("none"), ENOENT);
	fd = EXPECT_SUCCESS(file_open("d", REDOX_O_RDONLY));
	inner = EXPECT_SUCCESS(file_open("d/f", REDOX_O_RDONLY));
	EXPECT_SUCCESS(path_unlink("d/f"));
	EXPECT_SUCCESS(path_remove_directory("d"));
	EXPECT_ERROR(file_open("d", REDOX_O_RDONLY), ENOENT);
	EXPECT_SUCCESS(file_status(fd, &status));
	EXPECT_SUCCESS(file_status(inner, &status));
	EXPECT_EQUAL(status.links, 0);
	EXPECT_ERROR(file_rename(inner, "again"), ENOENT);
	EXPECT(path_remove_directory("file:/") < 0);
	EXPECT(path_unlink("file:") < 0);
}

TEST(folder, renaming)
{
	char cwd[128], wanted[160];
	int64_t fd, folder, other;
	int64_t length = EXPECT_SUCCESS(working_directory_get(cwd, sizeof(cwd) - 1));

	cwd[length] = '\0';
	test_write_file("a", "a");
	test_write_file("b", "b");
	make_folder("d");
	make_folder("e");
	test_write_file("e/f", "f");
	fd = EXPECT_SUCCESS(file_open("a", REDOX_O_RDONLY));
	EXPECT_SUCCESS(file_rename(fd, "b"));
	EXPECT(test_file_is("b", "a"));
	EXPECT_ERROR(file_open("a", REDOX_O_RDONLY), ENOENT);
	EXPECT_SUCCESS(file_rename(fd, "b"));
	EXPECT_SUCCESS(file_rename(fd, "d/c"));
	snprintf(wanted, sizeof(wanted), "%s/d/c", cwd);
	EXPECT(path_is(fd, wanted));
	EXPECT_ERROR(file_rename(fd, "e"), EACCES);
	EXPECT_ERROR(file_rename(fd, "none/x"), ENOENT);
	EXPECT_ERROR(file_rename(fd, "none:x"), ENODEV);
	EXPECT_ERROR(file_rename(fd, "sys:x"), EXDEV);
	EXPECT_ERROR(file_rename(fd, "null:x"), EXDEV);
	EXPECT_ERROR(file_rename(fd, "null:"), EXDEV);
	other = EXPECT_SUCCESS(file_open("null:", REDOX_O_RDONLY));
	EXPECT_ERROR(file_rename(other, "x"), EXDEV);
	other = EXPECT_SUCCESS(file_open("sys:uname", REDOX_O_RDONLY));
	EXPECT_ERROR(file_rename(other, "x"), EXDEV);
	EXPECT_ERROR(file_rename(other, "sys:x"), EBADF);
	folder = EXPECT_SUCCESS(file_open("e", REDOX_O_RDONLY));
	EXPECT_ERROR(file_rename(folder, "d"), ENOTEMPTY);
	EXPECT_ERROR(file_rename(folder, "d/c"), ENOTDIR);
	EXPECT_ERROR(file_rename(folder, "e/inside"), EINVAL);
	EXPECT_SUCCESS(file_rename(fd, "b"));
	EXPECT_SUCCESS(file_rename(folder, "d"));
	EXPECT(test_file_is("d/f", "f"));
	EXPECT_ERROR(file_rename(999, "x"), EBADF);
}

TEST(folder, links)
{
	struct redox_stat status;
	char text[64];
	int64_t fd;

	test_write_file("f", "contents");
	make_folder("d");
	make_link("d/up", "../f");
	make_link("round", "round");
	make_link("away", "none");
	make_link("full", "file:/bin");
	make_link("other", "none:x");
	EXPECT(test_file_is("d/up", "contents"));
	fd = EXPECT_SUCCESS(file_open("d/up", REDOX_O_SYMLINK | REDOX_O_RDONLY));
	EXPECT_EQUAL(file_read(fd, text, sizeof(text)), 4);
	EXPECT(memcmp(text, "../f", 4) == 0);
	EXPECT_EQUAL(file_read(fd, text, sizeof(text)), 0);
	EXPECT_ERROR(file_write(fd, "x", 1), EBADF);
	EXPECT_SUCCESS(file_status(fd, &status));
	EXPECT_EQUAL(status.mode & 0170000, 0120000);
	EXPECT_EQUAL(status.size, 4);
	fd = EXPECT_SUCCESS(file_open("d/up", REDOX_O_STAT | REDOX_O_NOFOLLOW));
	EXPECT_SUCCESS(file_status(fd, &status));
	EXPECT_EQUAL(status.mode & 0170000, 0120000);
	EXPECT_ERROR(file_open("round", REDOX_O_RDONLY), ELOOP);
	EXPECT_ERROR(file_open("away", REDOX_O_RDONLY), ENOENT);
	EXPECT_ERROR(file_open("other", REDOX_O_RDONLY), ENODEV);
	fd = EXPECT_SUCCESS(file_open("full", REDOX_O_RDONLY | REDOX_O_DIRECTORY));
	EXPECT(path_is(fd, "file:/bin"));
	EXPECT_SUCCESS(file_close(EXPECT_SUCCESS(file_open("full/busybox", REDOX_O_STAT))));
	EXPECT_ERROR(file_open("f", REDOX_O_SYMLINK | REDOX_O_RDONLY), EINVAL);
	EXPECT_ERROR(file_open("d", REDOX_O_SYMLINK | REDOX_O_RDONLY), EINVAL);
	/* Writing to one that is there replaces its target. */
	make_link("away", "f");
	EXPECT(test_file_is("away", "contents"));
	fd = EXPECT_SUCCESS(file_open("away", REDOX_O_SYMLINK | REDOX_O_WRONLY));
	EXPECT_ERROR(file_write(fd, "a\0b", 3), EINVAL);
	EXPECT(test_file_is("away", "contents"));
	EXPECT_ERROR(file_open("away", REDOX_O_CREAT | REDOX_O_EXCL | REDOX_O_RDWR), EEXIST);
	EXPECT_SUCCESS(path_unlink("away"));
	EXPECT(test_file_is("f", "contents"));
}

TEST(folder, working_directory)
{
	char name[8] = "........";

	EXPECT_ERROR(working_directory_change("none"), ENOENT);
	EXPECT_ERROR(working_directory_change("file:/bin/busybox"), ENOTDIR);
	EXPECT_SUCCESS(working_directory_change("file:/bin/../tmp//./"));
	EXPECT(working_directory_is("file:/tmp"));
	EXPECT_EQUAL(working_directory_get(name, 5), 5);
	EXPECT(memcmp(name, "file:...", 8) == 0);
	EXPECT_SUCCESS(working_directory_change("/bin"));
	EXPECT(working_directory_is("file:/bin"));
	EXPECT_SUCCESS(file_close(EXPECT_SUCCESS(file_open("busybox", REDOX_O_STAT))));
	EXPECT_SUCCESS(working_directory_change("../../../.."));
	EXPECT(working_directory_is("file:"));
	EXPECT_SUCCESS(working_directory_change("bin"));
	EXPECT(working_directory_is("file:/bin"));
	EXPECT_SUCCESS(working_directory_change(""));
	EXPECT(working_directory_is("file:/bin"));
}

TEST(folder, canonical_names)
{
	static const char *const same[] = {
		"file:/bin",   "file:bin",         "file:///bin/",
		"file:/bin/.", "file:/tmp/../bin", "file:/../bin",
	};

	for (size_t i = 0; i < array_length(same); i++) {
		int64_t fd = EXPECT_SUCCESS(file_open(same[i], REDOX_O_STAT));

		EXPECT(path_is(fd, "file:/bin"));
		EXPECT_SUCCESS(file_close(fd));
	}
}

TEST(folder, names_with_colons)
{
	const uint64_t make = REDOX_O_CREAT | REDOX_O_RDWR | 0600;
	char name[160];
	int64_t fd, length = EXPECT_SUCCESS(working_directory_get(name, sizeof(name) - 8));

	/* All before the first one is the name of a scheme. */
	EXPECT_ERROR(file_open("./a:b", make), ENODEV);
	EXPECT_ERROR(file_open("/tmp/a:b", make), ENODEV);
	EXPECT_ERROR(path_unlink("d/a:b"), ENODEV);
	EXPECT_ERROR(working_directory_change("../a:b"), ENODEV);
	memcpy(name + length, "/a:b", 5);
	fd = EXPECT_SUCCESS(file_open(name, make));
	EXPECT(path_is(fd, name));
	EXPECT_ERROR(file_rename(fd, "/c:d"), ENODEV);
	EXPECT_SUCCESS(file_rename(fd, "c"));
}

/* --- Calls of later crates. --- */

TEST(folder, names_relative_to_descriptors)
{
	int64_t folder, fd;

	make_folder("d");
	test_write_file("d/f", "x");
	folder = EXPECT_SUCCESS(file_open("d", REDOX_O_STAT));
	EXPECT_ERROR(syscall(openat, 999, "f", 1, REDOX_O_RDONLY), EBADF);
	EXPECT_ERROR(syscall(openat, folder, 8, 1, REDOX_O_RDONLY), EFAULT);
	EXPECT_ERROR(syscall(openat, folder, "g", 1, REDOX_O_RDONLY), ENOENT);
	fd = EXPECT_SUCCESS(syscall(openat, folder, "f", 1, REDOX_O_RDONLY | REDOX_O_CLOEXEC));
	EXPECT_EQUAL(file_control(fd, REDOX_F_GETFD, 0), REDOX_O_CLOEXEC);
	EXPECT_SUCCESS(
		file_close(EXPECT_SUCCESS(syscall(openat, folder, "../d/f", 6, REDOX_O_RDONLY))));
	EXPECT_EQUAL(syscall(openat_into, folder, "f", 1, REDOX_O_RDONLY, 0, 200), 200);
	EXPECT_EQUAL(syscall(dup_into, 200, 0, 0, 201), 201);
	EXPECT_ERROR(syscall(unlinkat, folder, "f", 1, REDOX_AT_REMOVEDIR), ENOTDIR);
	EXPECT_SUCCESS(syscall(flink, fd, "d/g", 3));
	EXPECT(test_file_is("d/g", "x"));
	EXPECT_ERROR(syscall(flink, fd, "d/g", 3), EEXIST);
	EXPECT_SUCCESS(syscall(unlinkat, folder, "f", 1, 0));
	EXPECT_ERROR(syscall(unlinkat, folder, "f", 1, 0), ENOENT);
	EXPECT_ERROR(syscall(openat_with_filter, folder, "h", 1, REDOX_O_CREAT, 1000, 1000),
		     EACCES);
	EXPECT_ERROR(syscall(unlinkat_with_filter, folder, "g", 1, 0, 1000, 1000), EACCES);
	EXPECT_SUCCESS(syscall(unlinkat_with_filter, folder, "g", 1, 0, 0, 0));
}

TEST(folder, entries)
{
	char buffer[256];
	uint64_t next = 0;
	int64_t length, folder;

	make_folder("d");
	test_write_file("d/one", "");
	make_folder("d/two");
	folder = EXPECT_SUCCESS(file_open("d", REDOX_O_RDONLY));
	length = EXPECT_SUCCESS(syscall(getdents, folder, buffer, sizeof(buffer), 24, 0));
	EXPECT_EQUAL(length, 2 * (24 + 4));
	EXPECT_EQUAL(buffer[16], 24 + 4);
	EXPECT_EQUAL(buffer[18], 8);
	EXPECT(memcmp(buffer + 24, "one", 4) == 0);
	EXPECT_EQUAL(buffer[28 + 18], 4);
	EXPECT(memcmp(buffer + 28 + 24, "two", 4) == 0);
	memcpy(&next, buffer + 8, sizeof(next));
	EXPECT_EQUAL(syscall(getdents, folder, buffer, sizeof(buffer), 24, next), 24 + 4);
	memcpy(&next, buffer + 8, sizeof(next));
	EXPECT_EQUAL(syscall(getdents, folder, buffer, sizeof(buffer), 24, next), 0);
	EXPECT_ERROR(syscall(getdents, folder, buffer, 20, 24, 0), EINVAL);
	EXPECT_ERROR(syscall(getdents, folder, buffer, sizeof(buffer), 8, 0), EINVAL);
	EXPECT_ERROR(syscall(getdents, folder, 8, sizeof(buffer), 24, 0), EFAULT);
	EXPECT_ERROR(syscall(getdents, 999, buffer, sizeof(buffer), 24, 0), EBADF);
}
