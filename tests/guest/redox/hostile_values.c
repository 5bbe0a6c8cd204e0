/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flags, commands, sizes and names that there are not: the errno of the ABI for each. */
#include "hostile.h"

#define FD         UINT64_C(0xfeed0002) /* a file, open for reading and writing */
#define PLACE      UINT64_C(0xfeed0004) /* memory that is fine, all zeros */
#define TEXT(text) (uint64_t) text, sizeof(text) - 1

struct row {
	const char *name;
	uint64_t number;
	uint64_t arguments[5];
	int error;
};

#define ROW(call, error, ...)                                                    \
	{                                                                        \
#call " " #__VA_ARGS__, REDOX_SYS_##call, { __VA_ARGS__ }, error \
	}

static const struct row rows[] = {
	/* Places in files. */
	ROW(lseek, EINVAL, FD, 0, 3),
	ROW(lseek, EINVAL, FD, 0, UINT64_MAX),
	ROW(lseek, EINVAL, FD, 0, 1ul << 32),
	ROW(lseek, EINVAL, FD, UINT64_MAX, REDOX_SEEK_SET),
	ROW(lseek, EINVAL, FD, 1ul << 63, REDOX_SEEK_CUR),
	ROW(fcntl, EINVAL, FD, 5, 0),
	ROW(fcntl, EINVAL, FD, 1000, 0),
	ROW(fcntl, EINVAL, FD, UINT64_MAX, 0),
	/* Structures of other sizes. */
	ROW(fstat, EINVAL, FD, PLACE, 103),
	ROW(fstat, EINVAL, FD, PLACE, 105),
	ROW(fstat, EINVAL, FD, PLACE, 0),
	ROW(fmap, EINVAL, UINT64_MAX, PLACE, 31),
	ROW(fmap, EINVAL, UINT64_MAX, PLACE, 33),
	ROW(fmap, EINVAL, UINT64_MAX, PLACE, 24),
	/* Time. */
	ROW(clock_gettime, EINVAL, 0, PLACE),
	ROW(clock_gettime, EINVAL, 2, PLACE),
	ROW(clock_gettime, EINVAL, 5, PLACE),
	ROW(clock_gettime, EINVAL, UINT64_MAX, PLACE),
	ROW(clock_gettime, EINVAL, (1ul << 32) + 1, PLACE),
	/* Futexes: no such operation, words that are not aligned, a value that is not there. */
	ROW(futex, EINVAL, PLACE, 4, 0, 0),
	ROW(futex, EINVAL, PLACE, 99, 0, 0),
	ROW(futex, EINVAL, PLACE, UINT64_MAX, 0, 0),
	ROW(futex, EAGAIN, PLACE, REDOX_FUTEX_WAIT, 1, 0),
	ROW(futex, EAGAIN, PLACE, REDOX_FUTEX_WAIT64, 1ul << 32, 0),
	/* Signals. */
	ROW(kill, EINVAL, 1, 127),
	ROW(kill, EINVAL, 1, 128),
	ROW(kill, EINVAL, 1, UINT64_MAX),
	ROW(kill, EINVAL, 1, (1ul << 32) + 9),
	ROW(kill, ESRCH, 123456789, 0),
	ROW(kill, ESRCH, -123456789, 9),
	ROW(kill, ESRCH, 1ul << 62, 9),
	ROW(kill, ESRCH, (1ul << 32) + 1, 0),
	ROW(sigaction, EINVAL, 0, 0, 0, 0),
	ROW(sigaction, EINVAL, 128, 0, 0, 0),
	ROW(sigaction, EINVAL, UINT64_MAX, 0, 0, 0),
	ROW(sigaction, EINVAL, (1ul << 32) + 10, 0, 0, 0),
	ROW(sigprocmask, EINVAL, 3, PLACE, 0),
	ROW(sigprocmask, EINVAL, UINT64_MAX, PLACE, 0),
	/* Processes. */
	ROW(waitpid, ECHILD, 0, 0, 0),
	ROW(waitpid, ECHILD, 1, 0, 0),
	ROW(waitpid, ECHILD, 123456789, 0, REDOX_WNOHANG),
	ROW(waitpid, ECHILD, -123456789, 0, 0),
	ROW(waitpid, ECHILD, 1ul << 40, 0, 0),
	ROW(getpgid, ESRCH, 123456789),
	ROW(getpgid, ESRCH, UINT64_MAX),
	ROW(getpgid, ESRCH, (1ul << 32) + 1),
	ROW(setpgid, ESRCH, 1, 0),
	ROW(setpgid, ESRCH, 123456789, 0),
	ROW(iopl, EINVAL, 4),
	ROW(iopl, EINVAL, UINT64_MAX),
	ROW(iopl, EINVAL, 1ul << 32),
	/* Memory. */
	ROW(mprotect, EFAULT, 0x1000, 4096, REDOX_PROT_READ),
	ROW(physalloc3, EINVAL, 4096, REDOX_SPACE_32 | REDOX_SPACE_64, PLACE),
	ROW(physalloc3, EINVAL, 4096, 8, PLACE),
	ROW(physalloc3, EINVAL, 4096, 1ul << 63, PLACE),
	ROW(physalloc, ENOMEM, 1ul << 50),
	ROW(physalloc, ENOMEM, UINT64_MAX),
	ROW(physunmap, EFAULT, 0x7000),
	/* Schemes that are not there. */
	ROW(open, ENODEV, TEXT("no-such-scheme:x"), REDOX_O_RDONLY),
	ROW(open, ENODEV, TEXT("no-such-scheme:x"), REDOX_O_CREAT | REDOX_O_RDWR),
	ROW(open, ENODEV, TEXT("no-such-scheme:"), REDOX_O_RDONLY),
	ROW(open, ENODEV, TEXT("FILE:/tmp"), REDOX_O_RDONLY),
	ROW(open, ENODEV, TEXT("file :/tmp"), REDOX_O_RDONLY),
	ROW(chmod, ENODEV, TEXT("no-such-scheme:x"), 0644),
	ROW(rmdir, ENODEV, TEXT("no-such-scheme:x")),
	ROW(unlink, ENODEV, TEXT("no-such-scheme:x")),
	ROW(chdir, ENODEV, TEXT("no-such-scheme:x")),
	ROW(frename, ENODEV, FD, TEXT("no-such-scheme:x")),
	/* Files that are not there, or are not what they are taken for. */
	ROW(open, ENOENT, TEXT("missing"), REDOX_O_RDONLY),
	ROW(open, ENOENT, TEXT("missing/x"), REDOX_O_RDONLY | REDOX_O_CREAT),
	ROW(open, ENOTDIR, TEXT("hostile/x"), REDOX_O_RDONLY),
	ROW(open, ENOTDIR, TEXT("hostile"), REDOX_O_RDONLY | REDOX_O_DIRECTORY),
	ROW(open, EEXIST, TEXT("hostile"), REDOX_O_RDONLY | REDOX_O_CREAT | REDOX_O_EXCL),
	ROW(open, EINVAL, TEXT("hostile"), REDOX_O_RDONLY | REDOX_O_SYMLINK),
	ROW(open, EISDIR, TEXT("file:/tmp"), REDOX_O_RDWR),
	ROW(chdir, ENOTDIR, TEXT("hostile")),
	ROW(rmdir, ENOTDIR, TEXT("hostile")),
	ROW(unlink, EISDIR, TEXT("file:/tmp")),
	ROW(unlink, ENOENT, TEXT("missing")),
	ROW(chmod, ENOENT, TEXT("missing"), 0644),
	/* Not UTF-8: a byte that begins nothing, one cut off, a surrogate, an overlong '/'. */
	ROW(open, EINVAL, TEXT("a\xff"), REDOX_O_RDONLY),
	ROW(open, EINVAL, TEXT("\xe2\x82"), REDOX_O_RDONLY),
	ROW(open, EINVAL, TEXT("\xed\xa0\x80"), REDOX_O_RDONLY),
	ROW(open, EINVAL, TEXT("\xc0\xaf"), REDOX_O_RDONLY),
	ROW(unlink, EINVAL, TEXT("a\xff")),
	ROW(rmdir, EINVAL, TEXT("a\xff")),
	ROW(chmod, EINVAL, TEXT("a\xff"), 0644),
	ROW(chdir, EINVAL, TEXT("a\xff")),
	ROW(frename, EINVAL, FD, TEXT("a\xff")),
	/* The schemes' own refusals. */
	ROW(open, ENOENT, TEXT("time:"), REDOX_O_RDWR),
	ROW(open, ENOENT, TEXT("time:2"), REDOX_O_RDWR),
	ROW(open, ENOENT, TEXT("time:x"), REDOX_O_RDWR),
	ROW(open, ENOENT, TEXT("sys:no-such-file"), REDOX_O_RDONLY),
	ROW(open, ENOENT, TEXT("debug:x"), REDOX_O_RDWR),
	ROW(open, EEXIST, TEXT(":file"), REDOX_O_RDWR | REDOX_O_CREAT),
	ROW(unlink, ENOENT, TEXT(":no-such-scheme")),
	ROW(frename, EXDEV, FD, TEXT("memory:x")),
	ROW(link, ENOSYS, TEXT("hostile")),
};

/* All rows are tried, each in a process of its own, so that one run tells all that is wrong. */
static unsigned try_row(void *argument)
{
	const struct row *row = argument;
	static uint64_t place[16];
	uint64_t fd = (uint64_t)hostile_open_file();
	uint64_t arguments[5];
	int64_t result;

	for (size_t i = 0; i < 5; i++) {
		arguments[i] = row->arguments[i];
		if (arguments[i] == FD)
			arguments[i] = fd;
		else if (arguments[i] == PLACE)
			arguments[i] = (uint64_t)place;
	}
	result = syscall_number(row->number, arguments[0], arguments[1], arguments[2], arguments[3],
				arguments[4], 0);
	if (result == -row->error)
		return 0;
	print("%s: %ld (%s), not %s\n", row->name, result, error_name(result),
	      error_name(row->error));
	return 1;
}

static void try_all(const struct row *all, size_t count)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < count; i++)
		wrong += test_run_child(try_row, (void *)&all[i]) != 0;
	EXPECT_EQUAL(wrong, 0);
}

TEST(hostile, values)
{
	try_all(rows, array_length(rows));
}

/* What only root may. */
static const struct row refused[] = {
	ROW(iopl, EPERM, 3),
	ROW(physalloc, EPERM, 4096),
	ROW(physalloc3, EPERM, 4096, 0, PLACE),
	ROW(physfree, EPERM, 0x100000, 4096),
	ROW(physmap, EPERM, 0xb8000, 4096, 0),
	ROW(physunmap, EPERM, 0x100000),
	ROW(virttophys, EPERM, PLACE),
	ROW(mkns, EACCES, PLACE, 0),
	ROW(setrens, EPERM, 1234, 1234),
	ROW(setreuid, EPERM, 0, 0),
	ROW(setreuid, EPERM, 0, UINT64_MAX),
	ROW(setreuid, EPERM, 77, UINT64_MAX),
	ROW(setregid, EPERM, 0, 0),
	ROW(setregid, EPERM, UINT64_MAX, 77),
	ROW(kill, EPERM, 1, SIGKILL),
	ROW(kill, EPERM, 1, 0),
	ROW(open, EPERM, TEXT("debug:"), REDOX_O_RDWR),
	ROW(open, EACCES, TEXT("irq:1"), REDOX_O_RDWR),
	ROW(open, EPERM, TEXT("serio:0"), REDOX_O_RDONLY),
	ROW(open, EACCES, TEXT(":mine"), REDOX_O_RDWR | REDOX_O_CREAT),
	ROW(unlink, EACCES, TEXT(":file")),
	ROW(fchown, EPERM, FD, 0, 0),
	ROW(chmod, EPERM, TEXT("file:/tmp"), 0777),
	ROW(open, EACCES, TEXT("file:/etc/mine"), REDOX_O_RDWR | REDOX_O_CREAT | 0644),
	ROW(unlink, EACCES, TEXT("file:/etc/passwd")),
	ROW(open, EACCES, TEXT("file:/etc/passwd"), REDOX_O_RDWR),
	ROW(open, EACCES, TEXT("thisproc:1/mem"), REDOX_O_RDWR),
};

TEST(hostile, values_of_users)
{
	test_become_user(1000);
	try_all(refused, array_length(refused));
}
