/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of `file:`: opening, contents, attributes. */
#include "redox_test.h"

#define CREATE (REDOX_O_CREAT | REDOX_O_RDWR)

static int64_t open_closed(const char *path, uint64_t flags)
{
	int64_t fd = file_open(path, flags);

	return fd < 0 ? fd : file_close(fd);
}

TEST(file, open_makes_what_is_missing)
{
	struct redox_stat status;
	int64_t fd;

	EXPECT_ERROR(file_open("new", REDOX_O_RDONLY), ENOENT);
	EXPECT_ERROR(file_open("no/new", CREATE | 0644), ENOENT);
	fd = EXPECT_SUCCESS(file_open("new", CREATE | 0666));
	EXPECT_SUCCESS(file_status(fd, &status));
	EXPECT_EQUAL(status.mode, 0100644); /* the umask is 022 */
	EXPECT_EQUAL(status.links, 1);
	EXPECT_EQUAL(status.size, 0);
	EXPECT_EQUAL(status.uid, 0);
	EXPECT(status.number != 0);
	EXPECT(status.device != 0);
	EXPECT(status.modify_seconds > 1600000000);
	EXPECT_ERROR(file_open("new", CREATE | REDOX_O_EXCL | 0644), EEXIST);
	EXPECT_ERROR(file_open("new", REDOX_O_CREAT | REDOX_O_EXCL | REDOX_O_DIRECTORY), EEXIST);
	EXPECT_ERROR(file_open("new", REDOX_O_RDONLY | REDOX_O_DIRECTORY), ENOTDIR);
	EXPECT_ERROR(file_open("new", REDOX_O_CREAT | REDOX_O_DIRECTORY | 0755), ENOTDIR);
	EXPECT_ERROR(file_open("new/x", REDOX_O_RDONLY), ENOTDIR);
	EXPECT_ERROR(file_open("new", REDOX_O_RDONLY | REDOX_O_SYMLINK), EINVAL);
	EXPECT_SUCCESS(open_closed("new", CREATE));
	EXPECT_SUCCESS(file_close(fd));
	EXPECT_ERROR(file_close(fd), EBADF);
}

TEST(file, names)
{
	char long_name[300];

	memset(long_name, 'n', sizeof(long_name));
	EXPECT_ERROR(syscall(open, long_name, 256, CREATE), ENAMETOOLONG);
	EXPECT_SUCCESS(syscall(close, EXPECT_SUCCESS(syscall(open, long_name, 255, CREATE))));
	EXPECT_ERROR(syscall(open, "a\0b", 3, CREATE), EINVAL);
	EXPECT_ERROR(syscall(open, "a\xff", 2, CREATE), EINVAL);
	EXPECT_ERROR(syscall(open, "a\xc0\x80", 3, CREATE), EINVAL);
	EXPECT_SUCCESS(open_closed("\xc3\xa4", CREATE | 0644));
	EXPECT_ERROR(file_open("none:x", REDOX_O_RDONLY), ENODEV);
	EXPECT_ERROR(file_open("none:", REDOX_O_RDONLY), ENODEV);
	EXPECT_ERROR(path_unlink("none:x"), ENODEV);
	EXPECT_ERROR(path_remove_directory("none:x"), ENODEV);
	EXPECT_ERROR(path_change_mode("none:x", 0), ENODEV);
	EXPECT_ERROR(working_directory_change("none:x"), ENODEV);
	EXPECT_ERROR(syscall(open, 8, 4, REDOX_O_RDONLY), EFAULT);
	EXPECT_ERROR(syscall(open, UINT64_MAX - 1, 4, REDOX_O_RDONLY), EFAULT);
	EXPECT_ERROR(syscall(open, UINT64_C(0xffff800000000000), 4, REDOX_O_RDONLY), EFAULT);
	EXPECT_ERROR(syscall(open, UINT64_C(0x800000000000), 4, REDOX_O_RDONLY), EFAULT);
	/* An empty name is the working directory. */
	EXPECT_SUCCESS(file_close(EXPECT_SUCCESS(syscall(open, 8, 0, REDOX_O_RDONLY))));
}

TEST(file, access_modes)
{
	struct redox_stat status;
	char byte = 'x', name[64];
	int64_t fd;

	test_write_file("f", "abc");
	fd = EXPECT_SUCCESS(file_open("f", REDOX_O_RDONLY));
	EXPECT_ERROR(file_write(fd, &byte, 1), EBADF);
	EXPECT_ERROR(file_truncate(fd, 0), EBADF);
	EXPECT_SUCCESS(file_close(fd));
	fd = EXPECT_SUCCESS(file_open("f", REDOX_O_WRONLY));
	EXPECT_ERROR(file_read(fd, &byte, 1), EBADF);
	EXPECT_SUCCESS(file_truncate(fd, 2));
	EXPECT_SUCCESS(file_close(fd));
	for (unsigned i = 0; i < 2; i++) {
		fd = EXPECT_SUCCESS(file_open("f", i ? REDOX_O_RDONLY | REDOX_O_STAT : 0));
		EXPECT_ERROR(file_read(fd, &byte, 1), EBADF);
		EXPECT_ERROR(file_write(fd, &byte, 1), EBADF);
		EXPECT_ERROR(file_truncate(fd, 0), EBADF);
		EXPECT_SUCCESS(file_status(fd, &status));
		EXPECT_EQUAL(status.size, 2);
		EXPECT(file_path(fd, name, sizeof(name)) > 6);
		EXPECT_SUCCESS(file_change_mode(fd, 0600 + i));
		EXPECT_SUCCESS(file_synchronise(fd));
		EXPECT_SUCCESS(file_close(fd));
	}
	EXPECT_SUCCESS(open_closed("f", REDOX_O_RDONLY | REDOX_O_TRUNC));
	EXPECT(test_file_is("f", ""));
}

TEST(file, positions)
{
	char bytes[16];
	int64_t fd = EXPECT_SUCCESS(file_open("f", CREATE | 0644)), again;

	EXPECT_EQUAL(file_write(fd, "hello", 5), 5);
	EXPECT_EQUAL(file_seek(fd, 0, REDOX_SEEK_CUR), 5);
	EXPECT_EQUAL(file_seek(fd, -2, REDOX_SEEK_END), 3);
	EXPECT_EQUAL(file_read(fd, bytes, sizeof(bytes)), 2);
	EXPECT_EQUAL(file_read(fd, bytes, sizeof(bytes)), 0);
	EXPECT_ERROR(file_seek(fd, -1, REDOX_SEEK_SET), EINVAL);
	EXPECT_ERROR(file_seek(fd, 0, 3), EINVAL);
	EXPECT_ERROR(file_seek(fd, 0, UINT32_MAX), EINVAL);
	/* A duplicate shares the position. */
	again = EXPECT_SUCCESS(file_duplicate(fd, NULL));
	EXPECT_EQUAL(file_seek(again, 1, REDOX_SEEK_SET), 1);
	EXPECT_EQUAL(file_read(fd, bytes, 1), 1);
	EXPECT_EQUAL(bytes[0], 'e');
	/* Holes and growth are zeros, also after a shrink. */
	EXPECT_EQUAL(file_seek(fd, 10, REDOX_SEEK_SET), 10);
	EXPECT_EQUAL(file_write(fd, "x", 1), 1);
	EXPECT_SUCCESS(file_truncate(fd, 2));
	EXPECT_SUCCESS(file_truncate(fd, 12));
	EXPECT_EQUAL(file_seek(fd, 0, REDOX_SEEK_SET), 0);
	EXPECT_EQUAL(file_read(fd, bytes, sizeof(bytes)), 12);
	EXPECT(memcmp(bytes, "he\0\0\0\0\0\0\0\0\0\0", 12) == 0);
	EXPECT_ERROR(file_truncate(fd, UINT64_C(1) << 63), EINVAL);
	EXPECT_SUCCESS(file_truncate(fd, UINT64_C(1) << 40));
}

TEST(file, user_memory)
{
	static char page[8192] __attribute__((aligned(4096)));
	struct redox_stat status;
	int64_t fd;

	test_write_file("f", "abc");
	fd = EXPECT_SUCCESS(file_open("f", REDOX_O_RDWR));
	EXPECT_ERROR(syscall(read, fd, 8, 1), EFAULT);
	EXPECT_ERROR(syscall(write, fd, 8, 1), EFAULT);
	EXPECT_ERROR(syscall(read, fd, UINT64_MAX, 2), EFAULT);
	EXPECT_ERROR(syscall(read, fd, page, UINT64_MAX / 2), EFAULT);
	EXPECT_ERROR(syscall(read, fd, "read only", 9), EFAULT);
	EXPECT_EQUAL(syscall(read, fd, 8, 0), 0);
	EXPECT_EQUAL(file_read(fd, page, 3), 3);
	EXPECT_ERROR(syscall(fstat, fd, 8, sizeof(status)), EFAULT);
	EXPECT_ERROR(syscall(fstat, fd, &status, sizeof(status) - 1), EINVAL);
	EXPECT_ERROR(syscall(fstat, fd, page, sizeof(status) + 1), EINVAL);
	EXPECT_ERROR(syscall(fstat, fd, 0, 0), EINVAL);
	EXPECT_ERROR(syscall(fstatvfs, fd, page, 31), EINVAL);
	EXPECT_ERROR(syscall(fstatvfs, fd, 8, 32), EFAULT);
	EXPECT_ERROR(syscall(futimens, fd, page, 16), EINVAL);
	EXPECT_ERROR(syscall(futimens, fd, 8, 32), EFAULT);
	EXPECT_ERROR(syscall(fpath, fd, 8, 10), EFAULT);
	EXPECT_ERROR(syscall(dup, fd, 8, 1), EFAULT);
	EXPECT_ERROR(syscall(dup2, fd, 40, 8, 1), EFAULT);
	EXPECT_ERROR(syscall(frename, fd, 8, 1), EFAULT);
	EXPECT_ERROR(syscall(frename, 999, 8, 1), EBADF);
	EXPECT_ERROR(syscall(fstat, 999, 8, 1), EBADF);
	EXPECT_ERROR(syscall(getcwd, 8, 10), EFAULT);
}

TEST(file, append)
{
	int64_t fd;

	test_write_file("f", "abc");
	fd = EXPECT_SUCCESS(file_open("f", REDOX_O_RDWR | REDOX_O_APPEND));
	EXPECT_EQUAL(file_write(fd, "d", 1), 1);
	EXPECT(test_file_is("f", "abcd"));
	EXPECT_SUCCESS(file_control(fd, REDOX_F_SETFL, 0));
	EXPECT_EQUAL(file_seek(fd, 0, REDOX_SEEK_SET), 0);
	EXPECT_EQUAL(file_write(fd, "X", 1), 1);
	EXPECT(test_file_is("f", "Xbcd"));
	EXPECT_SUCCESS(file_control(fd, REDOX_F_SETFL, REDOX_O_APPEND));
	EXPECT_EQUAL(file_write(fd, "Y", 1), 1);
	EXPECT(test_file_is("f", "XbcdY"));
}

TEST(file, control)
{
	int64_t fd =
		EXPECT_SUCCESS(file_open("f", CREATE | REDOX_O_CLOEXEC | REDOX_O_NONBLOCK | 0644));
	int64_t other = EXPECT_SUCCESS(file_duplicate(fd, NULL));

	EXPECT_EQUAL(file_control(fd, REDOX_F_GETFD, 0), REDOX_O_CLOEXEC);
	EXPECT_EQUAL(file_control(other, REDOX_F_GETFD, 0), 0);
	EXPECT_EQUAL(file_control(other, REDOX_F_SETFD, 1), 0);
	EXPECT_EQUAL(file_control(other, REDOX_F_GETFD, 0), 0);
	EXPECT_EQUAL(file_control(other, REDOX_F_SETFD, REDOX_O_CLOEXEC), 0);
	EXPECT_EQUAL(file_control(other, REDOX_F_GETFD, 0), REDOX_O_CLOEXEC);
	EXPECT_EQUAL(file_control(fd, REDOX_F_GETFL, 0), CREATE | REDOX_O_NONBLOCK | 0644);
	/* The flags are the description's; the access mode stays. */
	EXPECT_SUCCESS(file_control(other, REDOX_F_SETFL, REDOX_O_RDONLY | REDOX_O_APPEND));
	EXPECT_EQUAL(file_control(fd, REDOX_F_GETFL, 0), REDOX_O_RDWR | REDOX_O_APPEND);
	EXPECT_EQUAL(file_control(fd, REDOX_F_DUPFD, 100), 100);
	EXPECT_EQUAL(file_control(fd, REDOX_F_DUPFD, 100), 101);
	EXPECT_EQUAL(file_control(100, REDOX_F_GETFD, 0), 0);
	EXPECT_ERROR(file_control(fd, REDOX_F_DUPFD, 65536), EMFILE);
	EXPECT_ERROR(file_control(fd, REDOX_F_DUPFD, UINT64_MAX), EMFILE);
	EXPECT_ERROR(file_control(fd, 5, 0), EINVAL);
	EXPECT_ERROR(file_control(fd, UINT64_MAX, 0), EINVAL);
	EXPECT_ERROR(file_control(999, 5, 0), EBADF);
}

TEST(file, duplicates)
{
	int64_t fd = EXPECT_SUCCESS(file_open("f", CREATE | 0644)), other;

	EXPECT_ERROR(file_duplicate(fd, "name"), EBADF);
	EXPECT_ERROR(file_duplicate(999, NULL), EBADF);
	EXPECT_EQUAL(file_duplicate_to(fd, fd, NULL), fd);
	EXPECT_EQUAL(file_duplicate_to(fd, 65535, NULL), 65535);
	EXPECT_ERROR(file_duplicate_to(fd, 65536, NULL), EMFILE);
	EXPECT_ERROR(file_duplicate_to(999, fd, NULL), EBADF);
	EXPECT_EQUAL(file_seek(fd, 0, REDOX_SEEK_CUR), 0);
	other = EXPECT_SUCCESS(file_open("g", CREATE | 0644));
	EXPECT_EQUAL(file_duplicate_to(fd, other, NULL), other);
	EXPECT_EQUAL(file_write(other, "x", 1), 1);
	EXPECT(test_file_is("f", "x"));
	EXPECT(test_file_is("g", ""));
	/* The lowest free number comes first. */
	EXPECT_SUCCESS(file_close(fd));
	EXPECT_EQUAL(file_duplicate(other, NULL), fd);
}

TEST(file, table_is_full)
{
	int64_t fd = EXPECT_SUCCESS(file_open("f", CREATE | 0644)), last = fd, made;

	while ((made = file_duplicate(fd, NULL)) >= 0)
		last = made;
	EXPECT_ERROR(made, EMFILE);
	EXPECT_EQUAL(last, 65535);
	EXPECT_ERROR(file_open("f", REDOX_O_RDONLY), EMFILE);
	EXPECT_SUCCESS(file_close(77));
	EXPECT_EQUAL(file_open("f", REDOX_O_RDONLY), 77);
}

TEST(file, attributes)
{
	const struct redox_timespec times[2] = { { .seconds = 1000, .nanoseconds = 7 },
						 { .seconds = 2000, .nanoseconds = 9 } };
	const struct redox_timespec wrong[2] = { { .nanoseconds = -1 }, { 0 } };
	struct redox_statvfs system;
	struct redox_stat status;
	int64_t fd = EXPECT_SUCCESS(file_open("f", CREATE | 0644));

	EXPECT_SUCCESS(file_change_times(fd, times));
	EXPECT_SUCCESS(file_change_mode(fd, 0177755));
	EXPECT_SUCCESS(file_change_owner(fd, 5, UINT32_MAX));
	EXPECT_SUCCESS(file_change_owner(fd, UINT32_MAX, 6));
	EXPECT_SUCCESS(file_status(fd, &status));
	EXPECT_EQUAL(status.access_seconds, 1000);
	EXPECT_EQUAL(status.access_nanoseconds, 7);
	EXPECT_EQUAL(status.modify_seconds, 2000);
	EXPECT_EQUAL(status.modify_nanoseconds, 9);
	EXPECT_EQUAL(status.mode & 0170777, 0100755);
	EXPECT_EQUAL(status.uid, 5);
	EXPECT_EQUAL(status.gid, 6);
	EXPECT_ERROR(file_change_times(fd, wrong), EINVAL);
	EXPECT_SUCCESS(file_system_status(fd, &system));
	EXPECT_EQUAL(system.block_size, 4096);
	EXPECT(system.blocks >= system.free_blocks);
	EXPECT_ERROR(syscall(fevent, fd, REDOX_EVENT_READ), EPERM);
	EXPECT_ERROR(syscall(fevent, 999, REDOX_EVENT_READ), EBADF);
	EXPECT_SUCCESS(path_change_mode("f", 0600));
	EXPECT_SUCCESS(file_status(fd, &status));
	EXPECT_EQUAL(status.mode, 0100600);
	EXPECT_ERROR(path_change_mode("none", 0600), ENOENT);
	EXPECT_ERROR(syscall(link, "f", 1, "g", 1), ENOSYS);
	EXPECT_SUCCESS(path_unlink("f"));
	EXPECT_SUCCESS(file_status(fd, &status));
	EXPECT_EQUAL(status.links, 0);
}

/* --- Who may. --- */

static unsigned run_as_user(void *unused)
{
	const struct redox_timespec times[2] = { 0 };
	struct redox_stat status;
	int64_t fd;

	(void)unused;
	test_become_user(1000);
	EXPECT_ERROR(file_open("secret", REDOX_O_RDONLY), EACCES);
	EXPECT_ERROR(file_open("shown", REDOX_O_RDWR), EACCES);
	EXPECT_ERROR(file_open("shown", REDOX_O_RDONLY | REDOX_O_TRUNC), EACCES);
	EXPECT_ERROR(file_open("shown", REDOX_O_TRUNC), EACCES);
	EXPECT_ERROR(file_open("closed/x", REDOX_O_RDONLY), EACCES);
	EXPECT_ERROR(file_open("made", CREATE), EACCES);
	EXPECT_ERROR(file_open("made", REDOX_O_CREAT | REDOX_O_DIRECTORY | 0755), EACCES);
	EXPECT_ERROR(path_unlink("shown"), EACCES);
	EXPECT_ERROR(path_remove_directory("closed"), EACCES);
	EXPECT_ERROR(path_change_mode("shown", 0777), EPERM);
	/* Without an access mode nothing is asked of the file itself. */
	fd = EXPECT_SUCCESS(file_open("secret", 0));
	EXPECT_SUCCESS(file_status(fd, &status));
	EXPECT_ERROR(file_change_mode(fd, 0777), EPERM);
	EXPECT_ERROR(file_change_owner(fd, 1000, 1000), EPERM);
	EXPECT_ERROR(file_change_owner(fd, 0, 0), EPERM);
	EXPECT_ERROR(file_change_times(fd, times), EPERM);
	EXPECT_ERROR(file_rename(fd, "open/stolen"), EACCES);
	/* Owner's and others' bits add up. */
	fd = EXPECT_SUCCESS(file_open("own", REDOX_O_RDONLY));
	EXPECT_SUCCESS(file_change_mode(fd, 0600));
	EXPECT_SUCCESS(file_change_owner(fd, 1000, 1000));
	EXPECT_ERROR(file_change_owner(fd, 1001, 1000), EPERM);
	fd = EXPECT_SUCCESS(file_open("open/made", CREATE | 0600));
	EXPECT_SUCCESS(file_status(fd, &status));
	EXPECT_EQUAL(status.uid, 1000);
	EXPECT_EQUAL(status.gid, 1000);
	/* The maker of a file has it open whatever its mode is. */
	fd = EXPECT_SUCCESS(file_open("open/unreadable", CREATE));
	EXPECT_EQUAL(file_write(fd, "x", 1), 1);
	EXPECT_ERROR(file_open("open/unreadable", REDOX_O_RDONLY), EACCES);
	return 0;
}

TEST(file, permissions)
{
	int64_t fd;

	test_write_file("secret", "s");
	EXPECT_SUCCESS(path_change_mode("secret", 0600));
	test_write_file("shown", "s");
	fd = EXPECT_SUCCESS(file_open("own", CREATE | 0004));
	EXPECT_SUCCESS(file_change_owner(fd, 1000, 1000));
	EXPECT_SUCCESS(open_closed("closed", REDOX_O_CREAT | REDOX_O_DIRECTORY | 0700));
	EXPECT_SUCCESS(open_closed("open", REDOX_O_CREAT | REDOX_O_DIRECTORY | 0700));
	EXPECT_SUCCESS(path_change_mode("open", 0777));
	EXPECT_SUCCESS(path_change_mode(".", 0755));
	EXPECT_EQUAL(test_run_child(run_as_user, NULL), 0);
}

TEST(file, locks)
{
	int64_t one =
		EXPECT_SUCCESS(file_open("f", CREATE | REDOX_O_SHLOCK | REDOX_O_NONBLOCK | 0644));
	int64_t two =
		EXPECT_SUCCESS(file_open("f", REDOX_O_RDONLY | REDOX_O_SHLOCK | REDOX_O_NONBLOCK));

	EXPECT_ERROR(file_open("f", REDOX_O_RDWR | REDOX_O_EXLOCK | REDOX_O_NONBLOCK), EAGAIN);
	EXPECT_SUCCESS(file_close(one));
	EXPECT_SUCCESS(file_close(two));
	EXPECT_SUCCESS(file_open("f", REDOX_O_RDWR | REDOX_O_EXLOCK | REDOX_O_NONBLOCK));
	EXPECT_ERROR(file_open("f", REDOX_O_RDONLY | REDOX_O_SHLOCK | REDOX_O_NONBLOCK), EAGAIN);
}

/* --- Calls of later crates. --- */

TEST(file, read_and_write_at)
{
	uint64_t ends[2];
	char bytes[8];
	int64_t fd = EXPECT_SUCCESS(file_open("f", CREATE | 0644));

	EXPECT_EQUAL(syscall(write2, fd, "abcdef", 6, UINT64_MAX, UINT64_MAX), 6);
	EXPECT_EQUAL(syscall(write2, fd, "XY", 2, 1, UINT64_MAX), 2);
	EXPECT_EQUAL(file_seek(fd, 0, REDOX_SEEK_CUR), 6);
	EXPECT_EQUAL(syscall(read2, fd, bytes, 8, 2, UINT64_MAX), 4);
	EXPECT(memcmp(bytes, "Ydef", 4) == 0);
	EXPECT_EQUAL(syscall(read2, fd, bytes, 8, UINT64_MAX, UINT64_MAX), 0);
	EXPECT_ERROR(syscall(read2, fd, bytes, 8, UINT64_C(1) << 63, UINT64_MAX), EINVAL);
	EXPECT_ERROR(syscall(read2, 999, bytes, 8, 0, UINT64_MAX), EBADF);
	EXPECT_ERROR(syscall(read2, fd, 8, 8, 0, UINT64_MAX), EFAULT);
	if (pipe_create(ends, 0) < 0)
		return;
	EXPECT_ERROR(syscall(read2, ends[0], bytes, 8, UINT64_MAX, REDOX_O_NONBLOCK), EAGAIN);
	EXPECT_ERROR(syscall(read2, ends[0], bytes, 8, 0, UINT64_MAX), ESPIPE);
}

TEST(file, later_calls_that_are_not_served)
{
	int64_t fd = EXPECT_SUCCESS(file_open("f", CREATE | 0644));

	EXPECT_ERROR(syscall(call, 999, 0, 0, 0, 0), EBADF);
	EXPECT_ERROR(syscall(call, fd, 0, 0, 0, 0), EOPNOTSUPP);
	EXPECT_ERROR(syscall(sendfd, 999, fd, 0, 0), EBADF);
	EXPECT_ERROR(syscall(sendfd, fd, fd, 0, 0), EOPNOTSUPP);
}
