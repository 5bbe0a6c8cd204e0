/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extended attributes, sealed memory files, and other calls about files that few programs use. */
#include "../test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

TEST(xattr, are_kept)
{
	char value[16], names[64];
	int fd;

	test_write_file("f", "x");
	if (setxattr("f", "user.a", "one", 3, 0) < 0 && errno == EOPNOTSUPP)
		test_skip("this file system has no attributes");
	EXPECT_ERROR(setxattr("f", "user.a", "two", 3, XATTR_CREATE), EEXIST);
	EXPECT_ERROR(setxattr("f", "user.b", "two", 3, XATTR_REPLACE), ENODATA);
	EXPECT(setxattr("f", "user.empty", "", 0, XATTR_CREATE) == 0);
	EXPECT_EQUAL(getxattr("f", "user.a", NULL, 0), 3);
	EXPECT_EQUAL(getxattr("f", "user.a", value, sizeof(value)), 3);
	EXPECT(memcmp(value, "one", 3) == 0);
	EXPECT_ERROR(getxattr("f", "user.a", value, 2), ERANGE);
	EXPECT_ERROR(getxattr("f", "user.none", value, 2), ENODATA);
	EXPECT_EQUAL(getxattr("f", "user.empty", value, 2), 0);
	EXPECT_EQUAL(listxattr("f", NULL, 0), 7 + 11);
	EXPECT_EQUAL(listxattr("f", names, sizeof(names)), 7 + 11);
	EXPECT_ERROR(listxattr("f", names, 4), ERANGE);
	fd = open("f", O_RDWR);
	EXPECT(fsetxattr(fd, "user.a", "longer value", 12, XATTR_REPLACE) == 0);
	EXPECT_EQUAL(fgetxattr(fd, "user.a", value, sizeof(value)), 12);
	EXPECT(fremovexattr(fd, "user.a") == 0);
	EXPECT_ERROR(removexattr("f", "user.a"), ENODATA);
	EXPECT_ERROR(setxattr("f", "nonsense.x", "", 0, 0), EOPNOTSUPP);
	EXPECT_ERROR(setxattr("f", "", "", 0, 0), ERANGE);
	EXPECT_ERROR(setxattr("f", "user.a", "", 0, 8), EINVAL);
	EXPECT_ERROR(setxattr("nofile", "user.a", "", 0, 0), ENOENT);
	EXPECT(symlink("f", "l") == 0);
	EXPECT_ERROR(lsetxattr("l", "user.a", "", 0, 0), EPERM);
	EXPECT(setxattr("l", "user.by_link", "x", 1, 0) == 0);
	EXPECT_EQUAL(getxattr("f", "user.by_link", value, 1), 1);
}

TEST(memfd, is_a_file)
{
	int fd = memfd_create("name", MFD_CLOEXEC);
	struct stat status;
	char *bytes;

	EXPECT(fd >= 0);
	EXPECT_EQUAL(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT(ftruncate(fd, 8192) == 0);
	EXPECT(fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 8192);
	bytes = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	EXPECT(bytes != MAP_FAILED);
	bytes[5000] = 'x';
	EXPECT(pread(fd, bytes, 1, 5000) == 1 && bytes[0] == 'x');
	EXPECT_EQUAL(fcntl(fd, F_GET_SEALS), F_SEAL_SEAL);
	EXPECT_ERROR(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), EPERM);
	EXPECT_ERROR(memfd_create("name", 0x80000000u), EINVAL);
	EXPECT_ERROR(syscall(SYS_memfd_create, 8, 0), EFAULT);
}

TEST(memfd, seals)
{
	int fd = memfd_create("sealed", MFD_ALLOW_SEALING);
	char *bytes;

	EXPECT_EQUAL(fcntl(fd, F_GET_SEALS), 0);
	EXPECT(write(fd, "content", 7) == 7);
	bytes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	EXPECT_ERROR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	EXPECT(munmap(bytes, 4096) == 0);
	EXPECT(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW) == 0);
	EXPECT_ERROR(write(fd, "more", 4), EPERM);
	EXPECT_ERROR(ftruncate(fd, 8), EPERM);
	EXPECT(ftruncate(fd, 6) == 0);
	EXPECT(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_WRITE) == 0);
	EXPECT_ERROR(ftruncate(fd, 5), EPERM);
	EXPECT_ERROR(pwrite(fd, "x", 1, 0), EPERM);
	EXPECT(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
	EXPECT_EQUAL(errno, EPERM);
	bytes = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	EXPECT(bytes != MAP_FAILED);
	EXPECT_ERROR(mprotect(bytes, 4096, PROT_READ | PROT_WRITE), EACCES);
	EXPECT(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL) == 0);
	EXPECT_ERROR(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), EPERM);
}

TEST(process_memory, is_read_and_written)
{
	char from[] = "somebody else's", to[16] = { 0 };
	struct iovec local = { to, sizeof(from) }, remote = { from, sizeof(from) };

	EXPECT_EQUAL(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), sizeof(from));
	EXPECT(strcmp(to, from) == 0);
	to[0] = 'S';
	EXPECT_EQUAL(process_vm_writev(getpid(), &local, 1, &remote, 1, 0), sizeof(from));
	EXPECT_EQUAL(from[0], 'S');
	remote.iov_base = (void *)8;
	EXPECT_ERROR(process_vm_readv(getpid(), &local, 1, &remote, 1, 0), EFAULT);
	EXPECT_ERROR(process_vm_readv(getpid(), &local, 1, &remote, 1, 1), EINVAL);
	EXPECT_ERROR(process_vm_readv(999999, &local, 1, &remote, 1, 0), ESRCH);
}

TEST(copying, sendfile_and_copy_file_range)
{
	int in, out = open("out", O_CREAT | O_RDWR, 0600), ends[2];
	off_t offset = 3;

	test_write_file("in", "0123456789");
	in = open("in", O_RDONLY);
	EXPECT_EQUAL(syscall(SYS_sendfile, out, in, &offset, 100), 7);
	EXPECT_EQUAL(offset, 10);
	EXPECT(lseek(in, 0, SEEK_CUR) == 0);
	EXPECT_EQUAL(syscall(SYS_copy_file_range, in, NULL, out, NULL, 4, 0), 4);
	EXPECT(lseek(in, 0, SEEK_CUR) == 4);
	EXPECT(test_file_is("out", "34567890123"));
	EXPECT_ERROR(syscall(SYS_copy_file_range, in, NULL, out, NULL, 4, 1), EINVAL);
	EXPECT_ERROR(syscall(SYS_sendfile, in, out, NULL, 1), EBADF);
	EXPECT(pipe(ends) == 0);
	EXPECT_EQUAL(syscall(SYS_sendfile, ends[1], in, NULL, 100), 6);
	EXPECT_ERROR(syscall(SYS_copy_file_range, ends[0], NULL, out, NULL, 4, 0), EINVAL);
}

TEST(membarrier, is_offered)
{
	int commands = (int)syscall(SYS_membarrier, 0, 0, 0);

	if (commands < 0)
		test_skip("not built in");
	EXPECT(commands & 8);
	EXPECT(syscall(SYS_membarrier, 16, 0, 0) == 0);
	EXPECT(syscall(SYS_membarrier, 8, 0, 0) == 0);
	EXPECT_ERROR(syscall(SYS_membarrier, 0x4000000, 0, 0), EINVAL);
}
