/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What POSIX, and Linux beyond it, promise of names, links and times, tried in a folder:
 *
 *	posix NAME FOLDER      a line per test: PASS or SKIP NAME.test, FAIL NAME.test: line: what
 *
 * Nothing in it knows of HMFS: it is run on the machine's own file system as well, where all of it
 * must hold.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

static bool failed, skipped;
static const char *group, *test;

static void fail(int line, const char *what, long got, long wanted)
{
	if (!failed)
		printf("FAIL %s.%s: line %d: %s is %ld, not %ld\n", group, test, line, what, got,
		       wanted);
	failed = true;
}

/* The result of a call: 0 or more as it is, else -errno. */
static long result_of(long result)
{
	return result < 0 ? -errno : result;
}

#define IS(what, wanted)                                      \
	do {                                                  \
		long got_ = (long)(what), wanted_ = (wanted); \
		if (got_ != wanted_)                          \
			fail(__LINE__, #what, got_, wanted_); \
	} while (0)
#define CALL(what, wanted)                                   \
	do {                                                 \
		long got_ = result_of(what);                 \
		if (got_ != (wanted))                        \
			fail(__LINE__, #what, got_, wanted); \
	} while (0)
#define TRUE(what)                                   \
	do {                                         \
		if (!(what))                         \
			fail(__LINE__, #what, 0, 1); \
	} while (0)

/* --- Short ways --- */

static int file_make(const char *path, const char *text)
{
	int file = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644);
	ssize_t length = (ssize_t)strlen(text);

	if (file < 0)
		return -1;
	if (write(file, text, (size_t)length) != length)
		length = -1;
	return close(file) || length < 0 ? -1 : 0;
}

static const char *file_text(const char *path)
{
	static char text[256];
	int file = open(path, O_RDONLY);
	ssize_t length = file < 0 ? -1 : read(file, text, sizeof(text) - 1);

	if (file >= 0)
		close(file);
	if (length < 0)
		return "?";
	text[length] = '\0';
	return text;
}

static struct stat status_of(const char *path)
{
	struct stat status = { 0 };

	(void)!lstat(path, &status);
	return status;
}

static long links(const char *path)
{
	return (long)status_of(path).st_nlink;
}

static bool later(struct timespec a, struct timespec b)
{
	return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

/* Clocks of file systems may be coarse. */
static void tick(void)
{
	const struct timespec time = { 0, 12000000 };

	nanosleep(&time, NULL);
}

enum times { MODIFY = 1, CHANGE = 2, BOTH = 3 };

/* Which of the times are later than they were. */
static int times_moved(const char *path, const struct stat *before)
{
	const struct stat now = status_of(path);

	return (later(now.st_mtim, before->st_mtim) ? MODIFY : 0) |
	       (later(now.st_ctim, before->st_ctim) ? CHANGE : 0);
}

static unsigned count_entries(const char *path)
{
	DIR *folder = opendir(path);
	unsigned count = 0;

	while (folder && readdir(folder))
		count++;
	if (folder)
		closedir(folder);
	return count;
}

/* --- Names --- */

static void names(void)
{
	char name[NAME_MAX + 2];

	memset(name, 'n', sizeof(name));
	name[NAME_MAX + 1] = '\0';
	IS(file_make(name, "") ? errno : 0, ENAMETOOLONG);
	CALL(mkdir(name, 0755), -ENAMETOOLONG);
	CALL(unlink(name), -ENAMETOOLONG);
	name[NAME_MAX] = '\0';
	CALL(file_make(name, "x"), 0);
	CALL(unlink(name), 0);
	CALL(file_make("\xff\x01 \n", "x"), 0);
	TRUE(strcmp(file_text("\xff\x01 \n"), "x") == 0);
	CALL(unlink("none"), -ENOENT);
	CALL(file_make("file", "x"), 0);
	CALL(open("file", O_CREAT | O_EXCL | O_WRONLY, 0600), -EEXIST);
	CALL(mkdir("file", 0755), -EEXIST);
	CALL(mkdir("file/x", 0755), -ENOTDIR);
	CALL(unlink("file/x"), -ENOTDIR);
	CALL(access("file/", F_OK), -ENOTDIR);
	CALL(mkdir("none/x", 0755), -ENOENT);
	CALL(mkdir("slash/", 0755), 0);
	CALL(unlink("slash"), -EISDIR);
	CALL(rmdir("file"), -ENOTDIR);
	CALL(rmdir("slash/."), -EINVAL);
	CALL(rmdir("slash/.."), -ENOTEMPTY);
	CALL(rmdir("slash"), 0);
}

static void modes(void)
{
	struct stat status;

	umask(022);
	CALL(mkdir("d", 0777), 0);
	IS(status_of("d").st_mode, S_IFDIR | 0755);
	CALL(chmod("d", 03777), 0);
	IS(status_of("d").st_mode, S_IFDIR | 03777);
	CALL(mknod("fifo", S_IFIFO | 0640, 0), 0);
	IS(status_of("fifo").st_mode, S_IFIFO | 0640);
	CALL(mknod("device", S_IFCHR | 0600, (dev_t)0x103), 0);
	status = status_of("device");
	IS(status.st_mode, S_IFCHR | 0600);
	IS(status.st_rdev, 0x103);
	CALL(mknod("socket", S_IFSOCK | 0600, 0), 0);
	IS(status_of("socket").st_mode, S_IFSOCK | 0600);
	CALL(file_make("f", ""), 0);
	CALL(chown("f", 123, 456), 0);
	status = status_of("f");
	IS(status.st_uid, 123);
	IS(status.st_gid, 456);
	CALL(chown("f", (uid_t)-1, 7), 0);
	IS(status_of("f").st_uid, 123);
	IS(status_of("f").st_gid, 7);
	/* A folder with the bit gives its group on. */
	CALL(mkdir("group", 0755), 0);
	CALL(chown("group", 0, 99), 0);
	CALL(chmod("group", 02755), 0);
	CALL(file_make("group/f", ""), 0);
	CALL(mkdir("group/d", 0755), 0);
	IS(status_of("group/f").st_gid, 99);
	IS(status_of("group/d").st_gid, 99);
	IS(status_of("group/d").st_mode, S_IFDIR | 02755);
}

static void symbolic_links(void)
{
	char target[PATH_MAX + 1], got[PATH_MAX];

	CALL(symlink("target", "link"), 0);
	CALL(readlink("link", got, sizeof(got)), 6);
	IS(status_of("link").st_size, 6);
	CALL(readlink("link", got, 3), 3);
	CALL(symlink("other", "link"), -EEXIST);
	CALL(symlink("", "empty"), -ENOENT);
	CALL(open("link", O_RDONLY), -ENOENT);
	CALL(file_make("target", "x"), 0);
	TRUE(strcmp(file_text("link"), "x") == 0);
	CALL(open("link", O_RDONLY | O_NOFOLLOW), -ELOOP);
	CALL(readlink("target", got, sizeof(got)), -EINVAL);
	CALL(symlink("loop", "loop"), 0);
	CALL(open("loop", O_RDONLY), -ELOOP);
	memset(target, 'a', sizeof(target));
	target[PATH_MAX] = '\0';
	CALL(symlink(target, "long"), -ENAMETOOLONG);
	target[PATH_MAX - 1] = '\0';
	CALL(symlink(target, "long"), 0);
	memset(got, 0, sizeof(got));
	CALL(readlink("long", got, sizeof(got)), PATH_MAX - 1);
	TRUE(memcmp(got, target, PATH_MAX - 1) == 0);
	CALL(unlink("long"), 0);
	CALL(unlink("link"), 0);
	TRUE(strcmp(file_text("target"), "x") == 0);
}

static void hard_links(void)
{
	CALL(file_make("a", "text"), 0);
	CALL(mkdir("d", 0755), 0);
	CALL(link("a", "d/b"), 0);
	IS(links("a"), 2);
	IS(status_of("a").st_ino, (long)status_of("d/b").st_ino);
	CALL(link("a", "d/b"), -EEXIST);
	CALL(link("none", "c"), -ENOENT);
	CALL(link("d", "e"), -EPERM);
	CALL(link("a", "a/b"), -ENOTDIR);
	CALL(symlink("a", "s"), 0);
	CALL(link("s", "s2"), 0);
	TRUE(S_ISLNK(status_of("s2").st_mode));
	CALL(unlink("a"), 0);
	IS(links("d/b"), 1);
	TRUE(strcmp(file_text("d/b"), "text") == 0);
}

static void directory_links(void)
{
	CALL(mkdir("d", 0755), 0);
	IS(links("d"), 2);
	CALL(mkdir("d/one", 0755), 0);
	CALL(mkdir("d/two", 0755), 0);
	CALL(file_make("d/file", ""), 0);
	IS(links("d"), 4);
	CALL(rmdir("d"), -ENOTEMPTY);
	CALL(mkdir("e", 0755), 0);
	CALL(rename("d/one", "e/one"), 0);
	IS(links("d"), 3);
	IS(links("e"), 3);
	CALL(mkdir("e/three", 0755), 0);
	CALL(rename("e/three", "e/one"), 0);
	IS(links("e"), 3);
	CALL(renameat2(AT_FDCWD, "d/file", AT_FDCWD, "e/one", RENAME_EXCHANGE), 0);
	IS(links("d"), 4);
	IS(links("e"), 2);
	CALL(rmdir("d/file"), 0);
	CALL(rmdir("d/two"), 0);
	IS(links("d"), 2);
	CALL(rmdir("d"), 0);
}

/* --- rename --- */

static void rename_files(void)
{
	CALL(file_make("a", "a"), 0);
	CALL(file_make("b", "b"), 0);
	CALL(rename("a", "a"), 0);
	CALL(rename("a", "b"), 0);
	TRUE(strcmp(file_text("b"), "a") == 0);
	CALL(access("a", F_OK), -ENOENT);
	CALL(rename("a", "c"), -ENOENT);
	/* Two names of one file: nothing happens. */
	CALL(link("b", "c"), 0);
	CALL(rename("b", "c"), 0);
	IS(links("b"), 2);
	CALL(rename("b", "c/d"), -ENOTDIR);
	CALL(rename("b", "none/d"), -ENOENT);
	CALL(rename("b", "d/"), -ENOTDIR);
	CALL(renameat2(AT_FDCWD, "b", AT_FDCWD, "c", RENAME_NOREPLACE), -EEXIST);
	CALL(renameat2(AT_FDCWD, "b", AT_FDCWD, "d", RENAME_NOREPLACE), 0);
	CALL(renameat2(AT_FDCWD, "d", AT_FDCWD, "none", RENAME_EXCHANGE), -ENOENT);
	CALL(renameat2(AT_FDCWD, "d", AT_FDCWD, "c", RENAME_EXCHANGE | RENAME_NOREPLACE), -EINVAL);
	CALL(file_make("e", "e"), 0);
	CALL(renameat2(AT_FDCWD, "d", AT_FDCWD, "e", RENAME_EXCHANGE), 0);
	TRUE(strcmp(file_text("d"), "e") == 0);
	TRUE(strcmp(file_text("e"), "a") == 0);
}

static void rename_directories(void)
{
	CALL(mkdir("a", 0755), 0);
	CALL(mkdir("a/b", 0755), 0);
	CALL(mkdir("a/b/c", 0755), 0);
	CALL(mkdir("empty", 0755), 0);
	CALL(file_make("file", ""), 0);
	CALL(rename("a", "a/b/x"), -EINVAL);
	CALL(rename("a", "a/x"), -EINVAL);
	CALL(rename("a/b", "a"), -ENOTEMPTY);
	CALL(rename("a/b/c", "a"), -ENOTEMPTY);
	CALL(rename("empty", "a"), -ENOTEMPTY);
	CALL(rename("file", "empty"), -EISDIR);
	CALL(rename("empty", "file"), -ENOTDIR);
	CALL(renameat2(AT_FDCWD, "a", AT_FDCWD, "a/b", RENAME_EXCHANGE), -EINVAL);
	CALL(renameat2(AT_FDCWD, "a/b/c", AT_FDCWD, "a", RENAME_EXCHANGE), -EINVAL);
	CALL(rename("a/b/.", "x"), -EBUSY);
	CALL(rename("a/b", "empty"), 0);
	IS(access("empty/c", F_OK), 0);
	/* ".." goes with it. */
	CALL(mkdir("other", 0755), 0);
	CALL(rename("empty/c", "other/c"), 0);
	IS(status_of("other/c/..").st_ino, (long)status_of("other").st_ino);
	CALL(renameat2(AT_FDCWD, "other", AT_FDCWD, "file", RENAME_EXCHANGE), 0);
	TRUE(S_ISREG(status_of("other").st_mode));
	IS(access("file/c", F_OK), 0);
}

/* --- Times --- */

static void times_of_folders(void)
{
	static const struct {
		const char *what;
		int moved_d, moved_e;
	} steps[] = {
		{ "create", BOTH, 0 },      { "write", 0, 0 },      { "link", BOTH, 0 },
		{ "unlink", BOTH, 0 },      { "move", BOTH, BOTH }, { "mkdir", BOTH, 0 },
		{ "chmod", 0, 0 },          { "rename", BOTH, 0 },  { "symlink", BOTH, 0 },
		{ "exchange", BOTH, BOTH }, { "rmdir", BOTH, 0 },   { "mode", CHANGE, 0 },
	};

	CALL(mkdir("d", 0755), 0);
	CALL(mkdir("e", 0755), 0);
	for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct stat d = status_of("d"), e = status_of("e");

		tick();
		switch (i) {
		case 0:
			CALL(file_make("d/f", ""), 0);
			break;
		case 1:
			CALL(file_make("d/f", "more"), 0);
			break;
		case 2:
			CALL(link("d/f", "d/g"), 0);
			break;
		case 3:
			CALL(unlink("d/g"), 0);
			break;
		case 4:
			CALL(rename("d/f", "e/f"), 0);
			break;
		case 5:
			CALL(mkdir("d/sub", 0755), 0);
			break;
		case 6:
			CALL(chmod("d/sub", 0700), 0);
			break;
		case 7:
			CALL(rename("d/sub", "d/bus"), 0);
			break;
		case 8:
			CALL(symlink("x", "d/s"), 0);
			break;
		case 9:
			CALL(renameat2(AT_FDCWD, "d/s", AT_FDCWD, "e/f", RENAME_EXCHANGE), 0);
			break;
		case 10:
			CALL(rmdir("d/bus"), 0);
			break;
		case 11:
			CALL(chmod("d", 0700), 0);
			break;
		}
		if (times_moved("d", &d) != steps[i].moved_d ||
		    times_moved("e", &e) != steps[i].moved_e)
			fail(__LINE__, steps[i].what, times_moved("d", &d), steps[i].moved_d);
	}
}

static void times_of_files(void)
{
	const struct timespec set[2] = { { 1000, 123456789 }, { 2000, 987654321 } };
	struct stat before;

	CALL(file_make("f", "text"), 0);
	before = status_of("f");
	tick();
	CALL(link("f", "g"), 0);
	IS(times_moved("f", &before), CHANGE);
	before = status_of("f");
	tick();
	CALL(unlink("g"), 0);
	IS(times_moved("f", &before), CHANGE);
	before = status_of("f");
	tick();
	CALL(chmod("f", 0600), 0);
	IS(times_moved("f", &before), CHANGE);
	before = status_of("f");
	tick();
	CALL(rename("f", "g"), 0);
	TRUE((times_moved("g", &before) & MODIFY) == 0);
	before = status_of("g");
	tick();
	CALL(file_make("g", "other"), 0);
	IS(times_moved("g", &before), BOTH);
	before = status_of("g");
	tick();
	CALL(truncate("g", 2), 0);
	IS(times_moved("g", &before), BOTH);
	before = status_of("g");
	tick();
	CALL(utimensat(AT_FDCWD, "g", set, 0), 0);
	TRUE(later(status_of("g").st_ctim, before.st_ctim));
	IS(status_of("g").st_atim.tv_sec, 1000);
	IS(status_of("g").st_atim.tv_nsec, 123456789);
	IS(status_of("g").st_mtim.tv_sec, 2000);
	IS(status_of("g").st_mtim.tv_nsec, 987654321);
}

/* --- Open files without names --- */

static void unlinked_but_open(void)
{
	struct stat status;
	char text[8] = "";
	int file;

	CALL(file_make("f", "before"), 0);
	file = open("f", O_RDWR);
	CALL(unlink("f"), 0);
	CALL(fstat(file, &status), 0);
	IS(status.st_nlink, 0);
	CALL(pwrite(file, "after!", 6, 0), 6);
	CALL(pread(file, text, 6, 0), 6);
	TRUE(memcmp(text, "after!", 6) == 0);
	CALL(fchmod(file, 0600), 0);
	CALL(ftruncate(file, 100000), 0);
	CALL(fstat(file, &status), 0);
	IS(status.st_size, 100000);
	/* The name is free for another one. */
	CALL(file_make("f", "new"), 0);
	CALL(close(file), 0);
	TRUE(strcmp(file_text("f"), "new") == 0);

	file = open("f", O_RDONLY);
	CALL(file_make("g", "g"), 0);
	CALL(rename("g", "f"), 0);
	CALL(pread(file, text, 3, 0), 3);
	TRUE(memcmp(text, "new", 3) == 0);
	CALL(close(file), 0);
}

static void removed_folder_in_use(void)
{
	struct stat status;
	int folder;

	CALL(mkdir("d", 0755), 0);
	folder = open("d", O_RDONLY | O_DIRECTORY);
	CALL(rmdir("d"), 0);
	CALL(fstat(folder, &status), 0);
	IS(status.st_nlink, 0);
	CALL(openat(folder, "x", O_CREAT | O_WRONLY, 0600), -ENOENT);
	CALL(mkdirat(folder, "x", 0700), -ENOENT);
	CALL(close(folder), 0);
	CALL(mkdir("d", 0755), 0);
	IS(count_entries("d"), 2);
}

static void nameless(void)
{
	char path[64];
	struct stat status;
	int file = open(".", O_TMPFILE | O_RDWR, 0600);

	/* FUSE of older kernels has none. */
	if (file < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
		skipped = true;
		return;
	}
	TRUE(file >= 0);
	CALL(write(file, "text", 4), 4);
	CALL(fstat(file, &status), 0);
	IS(status.st_nlink, 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	CALL(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW), 0);
	CALL(close(file), 0);
	TRUE(strcmp(file_text("named"), "text") == 0);
	IS(links("named"), 1);
}

/* --- Folders --- */

#define MANY 2000

static void reading_while_removing(void)
{
	char name[32];
	unsigned seen = 0;
	struct dirent *entry;
	DIR *folder;

	CALL(mkdir("many", 0755), 0);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "many/file-%u", i);
		CALL(mknod(name, S_IFREG | 0600, 0), 0);
	}
	IS(count_entries("many"), MANY + 2);
	folder = opendir("many");
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		TRUE(entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN);
		CALL(unlinkat(dirfd(folder), entry->d_name, 0), 0);
		seen++;
	}
	closedir(folder);
	IS(seen, MANY);
	CALL(rmdir("many"), 0);
}

static void seeking_in_folders(void)
{
	char name[32], first[32] = "";
	struct dirent *entry;
	DIR *folder;
	long position = 0;

	CALL(mkdir("d", 0755), 0);
	for (unsigned i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "d/%u", i);
		CALL(file_make(name, ""), 0);
	}
	folder = opendir("d");
	for (unsigned i = 0; i < 30 && (entry = readdir(folder)); i++) {
		if (i == 20)
			position = telldir(folder);
		if (i == 21)
			snprintf(first, sizeof(first), "%.31s", entry->d_name);
	}
	seekdir(folder, position);
	entry = readdir(folder);
	TRUE(entry && strcmp(entry->d_name, first) == 0);
	rewinddir(folder);
	CALL(file_make("d/new", ""), 0);
	closedir(folder);
	IS(count_entries("d"), 53);
}

/* --- Extended attributes --- */

static void attributes(void)
{
	char value[16], list[4096], big[3000];
	ssize_t length;

	CALL(file_make("f", ""), 0);
	if (setxattr("f", "user.a", "one", 3, 0) && errno == EOPNOTSUPP) {
		skipped = true;
		return;
	}
	CALL(getxattr("f", "user.a", value, sizeof(value)), 3);
	CALL(getxattr("f", "user.a", NULL, 0), 3);
	CALL(getxattr("f", "user.a", value, 2), -ERANGE);
	CALL(getxattr("f", "user.b", value, sizeof(value)), -ENODATA);
	CALL(setxattr("f", "user.a", "two", 3, XATTR_CREATE), -EEXIST);
	CALL(setxattr("f", "user.b", "two", 3, XATTR_REPLACE), -ENODATA);
	CALL(setxattr("f", "user.b", "", 0, 0), 0);
	CALL(getxattr("f", "user.b", value, sizeof(value)), 0);
	memset(big, 'v', sizeof(big));
	CALL(setxattr("f", "user.a", big, sizeof(big), 0), 0);
	CALL(getxattr("f", "user.a", NULL, 0), 3000);
	CALL(setxattr("f", "trusted.c", "x", 1, 0), 0);
	length = listxattr("f", list, sizeof(list));
	TRUE(length >= 24 && memmem(list, (size_t)length, "user.a", 7) &&
	     memmem(list, (size_t)length, "user.b", 7) &&
	     memmem(list, (size_t)length, "trusted.c", 10));
	CALL(rename("f", "g"), 0);
	CALL(removexattr("g", "user.a"), 0);
	CALL(removexattr("g", "user.a"), -ENODATA);
	CALL(getxattr("g", "user.b", value, sizeof(value)), 0);
	CALL(symlink("g", "s"), 0);
	CALL(lsetxattr("s", "user.a", "x", 1, 0), -EPERM);
}

/* --- All of them --- */

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "names", names },
	{ "modes", modes },
	{ "symbolic_links", symbolic_links },
	{ "hard_links", hard_links },
	{ "directory_links", directory_links },
	{ "rename_files", rename_files },
	{ "rename_directories", rename_directories },
	{ "times_of_folders", times_of_folders },
	{ "times_of_files", times_of_files },
	{ "unlinked_but_open", unlinked_but_open },
	{ "removed_folder_in_use", removed_folder_in_use },
	{ "nameless", nameless },
	{ "reading_while_removing", reading_while_removing },
	{ "seeking_in_folders", seeking_in_folders },
	{ "attributes", attributes },
};

int main(int count, char **arguments)
{
	bool any = false;

	if (count != 3 || chdir(arguments[2])) {
		fprintf(stderr, "use: posix NAME FOLDER\n");
		return 2;
	}
	group = arguments[1];
	for (unsigned i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		test = tests[i].name;
		failed = false;
		skipped = false;
		CALL(mkdir(test, 0755), 0);
		CALL(chdir(test), 0);
		if (!failed)
			tests[i].run();
		if (skipped)
			printf("SKIP %s.%s: not supported here\n", group, test);
		else if (!failed)
			printf("PASS %s.%s\n", group, test);
		any |= failed;
		if (chdir(arguments[2]))
			return 2;
	}
	return any;
}
