/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Folders, names and links, and what stat(2) and its kin say.
 */
#include "test.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

static ino_t inode_of(const char *path)
{
	struct stat information;

	EXPECT_EQUAL(lstat(path, &information), 0);
	return information.st_ino;
}

static unsigned links_of(const char *path)
{
	struct stat information;

	EXPECT_EQUAL(lstat(path, &information), 0);
	return (unsigned)information.st_nlink;
}

TEST(folder, is_made_and_removed)
{
	struct stat information;

	EXPECT_EQUAL(mkdir("a", 0750), 0);
	EXPECT_EQUAL(stat("a", &information), 0);
	EXPECT(S_ISDIR(information.st_mode));
	EXPECT_EQUAL(information.st_mode & 07777, 0750);
	EXPECT_ERROR(mkdir("a", 0755), EEXIST);
	EXPECT_ERROR(mkdir("none/b", 0755), ENOENT);
	EXPECT_EQUAL(mkdir("a/b/", 0755), 0);
	EXPECT_ERROR(rmdir("a"), ENOTEMPTY);
	EXPECT_ERROR(rmdir("a/b/."), EINVAL);
	EXPECT_EQUAL(rmdir("a/b"), 0);
	EXPECT_EQUAL(rmdir("a/"), 0);
	EXPECT_ERROR(rmdir("a"), ENOENT);
	test_write_file("file", "");
	EXPECT_ERROR(rmdir("file"), ENOTDIR);
	EXPECT_ERROR(mkdir("file/x", 0755), ENOTDIR);
	EXPECT_EQUAL(mkdir("c", 0755), 0);
	EXPECT_ERROR(unlink("c"), EISDIR);
}

TEST(folder, lists_every_entry_once)
{
	enum { COUNT = 300 };
	static bool seen[COUNT];
	char name[32];
	struct dirent *entry;
	int dots = 0, found = 0;
	DIR *folder;

	EXPECT_EQUAL(mkdir("d", 0755), 0);
	for (int i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "d/entry-number-%d", i);
		test_write_file(name, "");
	}
	folder = opendir("d");
	EXPECT(folder);
	while ((entry = readdir(folder))) {
		int number;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
			dots++;
			continue;
		}
		EXPECT_EQUAL(sscanf(entry->d_name, "entry-number-%d", &number), 1);
		EXPECT(number >= 0 && number < COUNT && !seen[number]);
		EXPECT(entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN);
		seen[number] = true;
		found++;
	}
	EXPECT_EQUAL(dots, 2);
	EXPECT_EQUAL(found, COUNT);
	rewinddir(folder);
	EXPECT(readdir(folder));
	closedir(folder);
}

TEST(folder, listing_survives_removal)
{
	char name[300];
	struct dirent *entry;
	int removed = 0;
	DIR *folder;

	EXPECT_EQUAL(mkdir("d", 0755), 0);
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		test_write_file(name, "");
	}
	folder = opendir("d");
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "d/%s", entry->d_name);
		EXPECT_EQUAL(unlink(name), 0);
		removed++;
	}
	closedir(folder);
	EXPECT_EQUAL(removed, 200);
	EXPECT_EQUAL(rmdir("d"), 0);
}

TEST(folder, working_folder)
{
	char path[PATH_MAX], start[PATH_MAX];
	int fd;

	EXPECT(getcwd(start, sizeof(start)));
	EXPECT_EQUAL(mkdir("w", 0755), 0);
	EXPECT_EQUAL(chdir("w"), 0);
	EXPECT(getcwd(path, sizeof(path)));
	EXPECT(strncmp(path, start, strlen(start)) == 0);
	EXPECT(strcmp(path + strlen(start), "/w") == 0);
	EXPECT(!getcwd(path, 2));
	EXPECT_EQUAL(errno, ERANGE);
	EXPECT_EQUAL(chdir(".."), 0);
	fd = open("w", O_RDONLY | O_DIRECTORY);
	EXPECT_EQUAL(fchdir(fd), 0);
	EXPECT(getcwd(path, sizeof(path)));
	EXPECT(strcmp(path + strlen(start), "/w") == 0);
	EXPECT_EQUAL(chdir("/"), 0);
	EXPECT(getcwd(path, sizeof(path)) && strcmp(path, "/") == 0);
	EXPECT_EQUAL(chdir("/.."), 0);
	EXPECT(getcwd(path, sizeof(path)) && strcmp(path, "/") == 0);
	EXPECT_ERROR(chdir("/dev/null"), ENOTDIR);
	EXPECT_ERROR(chdir("/none"), ENOENT);
}

TEST(folder, calls_relative_to_a_descriptor)
{
	struct stat information;
	int folder, file;

	EXPECT_EQUAL(mkdir("d", 0755), 0);
	folder = open("d", O_RDONLY | O_DIRECTORY);
	file = openat(folder, "f", O_WRONLY | O_CREAT, 0644);
	EXPECT(file >= 0);
	EXPECT_EQUAL(mkdirat(folder, "e", 0755), 0);
	EXPECT_EQUAL(fstatat(folder, "f", &information, 0), 0);
	EXPECT_EQUAL(renameat(folder, "f", AT_FDCWD, "g"), 0);
	EXPECT_EQUAL(access("g", F_OK), 0);
	EXPECT_EQUAL(linkat(AT_FDCWD, "g", folder, "h", 0), 0);
	EXPECT_EQUAL(unlinkat(folder, "h", 0), 0);
	EXPECT_EQUAL(unlinkat(folder, "e", AT_REMOVEDIR), 0);
	EXPECT_EQUAL(fstatat(file, "", &information, AT_EMPTY_PATH), 0);
	EXPECT_ERROR(openat(file, "x", O_RDONLY), ENOTDIR);
	EXPECT_ERROR(openat(999, "x", O_RDONLY), EBADF);
	EXPECT(openat(999, "/dev/null", O_RDONLY) >= 0);
}

TEST(folder, rename)
{
	test_write_file("a", "A");
	test_write_file("b", "B");
	EXPECT_EQUAL(rename("a", "b"), 0);
	EXPECT(test_file_is("b", "A"));
	EXPECT_ERROR(access("a", F_OK), ENOENT);
	EXPECT_EQUAL(rename("b", "b"), 0);
	EXPECT(test_file_is("b", "A"));
	EXPECT_ERROR(rename("none", "x"), ENOENT);
	EXPECT_EQUAL(mkdir("d", 0755), 0);
	EXPECT_EQUAL(mkdir("e", 0755), 0);
	EXPECT_ERROR(rename("b", "d"), EISDIR);
	EXPECT_ERROR(rename("d", "b"), ENOTDIR);
	EXPECT_EQUAL(rename("b", "d/b"), 0);
	EXPECT_ERROR(rename("e", "d"), ENOTEMPTY);
	EXPECT_ERROR(rename("d", "d/sub"), EINVAL);
	EXPECT_EQUAL(rename("d", "e"), 0); /* over an empty folder */
	EXPECT(test_file_is("e/b", "A"));
	EXPECT_EQUAL(mkdir("e/deep", 0755), 0);
	EXPECT_EQUAL(rename("e/deep", "deep"), 0);
	EXPECT_EQUAL(inode_of("deep/.."), inode_of("."));
}

TEST(folder, hard_links)
{
	test_write_file("a", "one");
	EXPECT_EQUAL(links_of("a"), 1);
	EXPECT_EQUAL(link("a", "b"), 0);
	EXPECT_EQUAL(links_of("a"), 2);
	EXPECT_EQUAL(inode_of("a"), inode_of("b"));
	test_write_file("b", "two");
	EXPECT(test_file_is("a", "two"));
	EXPECT_EQUAL(rename("a", "b"), 0); /* the same file: nothing happens */
	EXPECT_EQUAL(links_of("a"), 2);
	EXPECT_ERROR(link("a", "b"), EEXIST);
	EXPECT_ERROR(link("none", "c"), ENOENT);
	EXPECT_EQUAL(mkdir("d", 0755), 0);
	EXPECT_ERROR(link("d", "e"), EPERM);
	EXPECT_EQUAL(unlink("a"), 0);
	EXPECT_EQUAL(links_of("b"), 1);
	EXPECT(test_file_is("b", "two"));
}

TEST(folder, symbolic_links)
{
	char target[64] = { 0 };
	struct stat information;

	test_write_file("file", "text");
	EXPECT_EQUAL(symlink("file", "link"), 0);
	EXPECT(test_file_is("link", "text"));
	EXPECT_EQUAL(readlink("link", target, sizeof(target)), 4);
	EXPECT(memcmp(target, "file", 5) == 0);
	EXPECT_EQUAL(readlink("link", target, 2), 2); /* cut, not an error */
	EXPECT_ERROR(readlink("file", target, sizeof(target)), EINVAL);
	EXPECT_EQUAL(lstat("link", &information), 0);
	EXPECT(S_ISLNK(information.st_mode));
	EXPECT_EQUAL(information.st_size, 4);
	EXPECT_EQUAL(stat("link", &information), 0);
	EXPECT(S_ISREG(information.st_mode));
	EXPECT_ERROR(open("link", O_RDONLY | O_NOFOLLOW), ELOOP);
	EXPECT_ERROR(symlink("x", "link"), EEXIST);
	EXPECT_EQUAL(unlink("link"), 0);
	EXPECT(test_file_is("file", "text"));
	EXPECT_EQUAL(symlink("nowhere", "dangling"), 0);
	EXPECT_ERROR(stat("dangling", &information), ENOENT);
	EXPECT_EQUAL(close(open("dangling", O_WRONLY | O_CREAT, 0644)), 0);
	EXPECT_EQUAL(access("nowhere", F_OK), 0);
}

TEST(folder, symbolic_links_to_folders)
{
	EXPECT_EQUAL(mkdir("d", 0755), 0);
	EXPECT_EQUAL(symlink("d", "to-d"), 0);
	test_write_file("to-d/f", "x");
	EXPECT(test_file_is("d/f", "x"));
	EXPECT_EQUAL(symlink("../d/f", "d/up"), 0);
	EXPECT(test_file_is("to-d/up", "x"));
	EXPECT_ERROR(rmdir("to-d"), ENOTDIR);
	EXPECT_EQUAL(symlink("self", "self"), 0);
	EXPECT_ERROR(open("self", O_RDONLY), ELOOP);
	EXPECT_EQUAL(symlink("b", "a"), 0);
	EXPECT_EQUAL(symlink("a", "b"), 0);
	EXPECT_ERROR(open("a/x", O_RDONLY), ELOOP);
}

TEST(folder, long_names)
{
	static char path[PATH_MAX + 100];
	char name[NAME_MAX + 2];

	memset(name, 'n', sizeof(name));
	name[NAME_MAX] = '\0';
	test_write_file(name, "x");
	EXPECT_EQUAL(unlink(name), 0);
	name[NAME_MAX] = 'n';
	name[NAME_MAX + 1] = '\0';
	EXPECT_ERROR(open(name, O_WRONLY | O_CREAT, 0644), ENAMETOOLONG);
	EXPECT_ERROR(mkdir(name, 0755), ENAMETOOLONG);
	memset(path, '/', sizeof(path) - 1);
	EXPECT_ERROR(open(path, O_RDONLY), ENAMETOOLONG);
	path[PATH_MAX - 1] = '\0';
	EXPECT(open(path, O_RDONLY) >= 0); /* "/", in many words */
}

TEST(folder, deep_paths)
{
	static char path[PATH_MAX];
	size_t length = 0;

	for (int i = 0; i < 100; i++) {
		length += (size_t)snprintf(path + length, sizeof(path) - length, "%sdepth%d",
					   i ? "/" : "", i);
		EXPECT_EQUAL(mkdir(path, 0755), 0);
	}
	strcat(path, "/./../depth99//file");
	test_write_file(path, "bottom");
	EXPECT(test_file_is(path, "bottom"));
}

TEST(folder, stat_of_a_file)
{
	struct stat before, after;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	test_write_file("file", "12345");
	EXPECT_EQUAL(stat("file", &before), 0);
	EXPECT(S_ISREG(before.st_mode));
	EXPECT_EQUAL(before.st_mode & 07777, 0644);
	EXPECT_EQUAL(before.st_size, 5);
	EXPECT_EQUAL(before.st_nlink, 1);
	EXPECT_EQUAL(before.st_uid, geteuid());
	EXPECT(before.st_blksize > 0);
	EXPECT(before.st_mtime >= now.tv_sec - 2 && before.st_mtime <= now.tv_sec + 2);
	test_sleep(20);
	test_write_file("file", "123456");
	EXPECT_EQUAL(stat("file", &after), 0);
	EXPECT_EQUAL(after.st_ino, before.st_ino);
	EXPECT(after.st_mtim.tv_sec > before.st_mtim.tv_sec ||
	       after.st_mtim.tv_nsec > before.st_mtim.tv_nsec);
	EXPECT_EQUAL(stat("/dev/null", &after), 0);
	EXPECT(S_ISCHR(after.st_mode));
	EXPECT_EQUAL(after.st_rdev, makedev(1, 3));
}

/* The layout of statx(2), which not every C library knows. */
struct statx_result {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, spare;
	uint64_t ino, size, blocks, attributes_mask;
	struct {
		int64_t seconds;
		uint32_t nanoseconds, spare;
	} accessed, born, changed, modified;
	uint64_t more[16];
};

TEST(folder, statx_agrees_with_stat)
{
	enum { BASIC = 0x7ff };
	struct stat information;
	struct statx_result extended;

	test_write_file("file", "12345");
	EXPECT_EQUAL(stat("file", &information), 0);
	EXPECT_EQUAL(syscall(SYS_statx, AT_FDCWD, "file", 0, BASIC, &extended), 0);
	EXPECT_EQUAL(extended.mask & BASIC, BASIC);
	EXPECT_EQUAL(extended.size, 5);
	EXPECT_EQUAL(extended.mode, information.st_mode);
	EXPECT_EQUAL(extended.ino, information.st_ino);
	EXPECT_EQUAL(extended.modified.seconds, information.st_mtime);
	EXPECT_ERROR(syscall(SYS_statx, AT_FDCWD, "none", 0, BASIC, &extended), ENOENT);
	EXPECT_ERROR(syscall(SYS_statx, AT_FDCWD, "file", 0x8000000, BASIC, &extended), EINVAL);
}

TEST(folder, modes_and_masks)
{
	struct stat information;

	EXPECT_EQUAL(umask(027), 022);
	EXPECT_EQUAL(close(open("file", O_WRONLY | O_CREAT, 0666)), 0);
	EXPECT_EQUAL(stat("file", &information), 0);
	EXPECT_EQUAL(information.st_mode & 07777, 0640);
	EXPECT_EQUAL(chmod("file", 04755), 0);
	EXPECT_EQUAL(stat("file", &information), 0);
	EXPECT_EQUAL(information.st_mode & 07777, 04755);
	EXPECT_ERROR(chmod("none", 0644), ENOENT);
	EXPECT_EQUAL(umask(022), 027);
}

TEST(folder, access_follows_modes)
{
	test_write_file("file", "");
	EXPECT_EQUAL(access("file", F_OK | R_OK | W_OK), 0);
	EXPECT_ERROR(access("file", X_OK), EACCES); /* not even for root */
	EXPECT_EQUAL(chmod("file", 0755), 0);
	EXPECT_EQUAL(access("file", X_OK), 0);
	EXPECT_ERROR(access("none", F_OK), ENOENT);
	EXPECT_ERROR(access("file", 64), EINVAL);
}

TEST(folder, permissions_bind_other_users)
{
	if (geteuid() != 0)
		test_skip("only root can become another user");
	test_write_file("secret", "x");
	EXPECT_EQUAL(chmod("secret", 0600), 0);
	test_write_file("public", "x");
	EXPECT_EQUAL(setgid(65534), 0);
	EXPECT_EQUAL(setuid(65534), 0);
	EXPECT_ERROR(open("secret", O_RDONLY), EACCES);
	EXPECT(open("public", O_RDONLY) >= 0);
	EXPECT_ERROR(open("public", O_WRONLY), EACCES);
	EXPECT_ERROR(unlink("public"), EACCES);
	EXPECT_ERROR(open("new", O_WRONLY | O_CREAT, 0644), EACCES);
	EXPECT_ERROR(chmod("public", 0777), EPERM);
	EXPECT_ERROR(setuid(0), EPERM);
}

TEST(folder, times_can_be_set)
{
	struct timespec times[2] = { { 1000000, 123456789 }, { 2000000, 987654321 } };
	struct stat information;

	test_write_file("file", "");
	EXPECT_EQUAL(utimensat(AT_FDCWD, "file", times, 0), 0);
	EXPECT_EQUAL(stat("file", &information), 0);
	EXPECT_EQUAL(information.st_atim.tv_sec, 1000000);
	EXPECT_EQUAL(information.st_mtim.tv_sec, 2000000);
	EXPECT_EQUAL(information.st_mtim.tv_nsec, 987654321);
	times[0].tv_nsec = UTIME_OMIT;
	times[1].tv_nsec = UTIME_NOW;
	EXPECT_EQUAL(utimensat(AT_FDCWD, "file", times, 0), 0);
	EXPECT_EQUAL(stat("file", &information), 0);
	EXPECT_EQUAL(information.st_atim.tv_sec, 1000000);
	EXPECT(information.st_mtim.tv_sec != 2000000);
	times[0].tv_nsec = 1000000000;
	EXPECT_ERROR(utimensat(AT_FDCWD, "file", times, 0), EINVAL);
}

TEST(folder, file_system_figures)
{
	struct statfs figures;

	EXPECT_EQUAL(statfs(".", &figures), 0);
	EXPECT(figures.f_bsize > 0);
	EXPECT(figures.f_namelen >= 255);
	EXPECT_ERROR(statfs("none", &figures), ENOENT);
}
