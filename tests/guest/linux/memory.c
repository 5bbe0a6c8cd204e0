/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory: mappings, protection, the heap.
 */
#include "test.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

static char *map(size_t length, int protection)
{
	char *memory = mmap(NULL, length, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT(memory != MAP_FAILED);
	return memory;
}

static sigjmp_buf fault_return;
static volatile int fault_signal;

static void on_fault(int number)
{
	fault_signal = number;
	siglongjmp(fault_return, 1);
}

/* The signal that touching the byte raises, or 0. */
static int fault_of(volatile char *address, bool write)
{
	struct sigaction action = { .sa_handler = on_fault };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	fault_signal = 0;
	if (sigsetjmp(fault_return, 1) == 0) {
		if (write)
			*address = 1;
		else
			(void)*address;
	}
	signal(SIGSEGV, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	return fault_signal;
}

TEST(memory, fresh_memory_is_zero)
{
	char *memory = map(1 << 20, PROT_READ | PROT_WRITE);

	for (int i = 0; i < 1 << 20; i++)
		EXPECT_EQUAL(memory[i], 0);
	memset(memory, 1, 1 << 20);
	EXPECT_EQUAL(munmap(memory, 1 << 20), 0);
	memory = map(1 << 20, PROT_READ | PROT_WRITE);
	for (int i = 0; i < 1 << 20; i++)
		EXPECT_EQUAL(memory[i], 0);
}

TEST(memory, unmapping_a_part)
{
	char *memory = map(5 * PAGE, PROT_READ | PROT_WRITE);

	memset(memory, 7, 5 * PAGE);
	EXPECT_EQUAL(munmap(memory + 2 * PAGE, PAGE), 0);
	EXPECT_EQUAL(fault_of(memory + 2 * PAGE, false), SIGSEGV);
	EXPECT_EQUAL(fault_of(memory + 3 * PAGE - 1, true), SIGSEGV);
	EXPECT_EQUAL(memory[2 * PAGE - 1], 7);
	EXPECT_EQUAL(memory[3 * PAGE], 7);
	EXPECT_EQUAL(munmap(memory, 5 * PAGE), 0); /* holes are no error */
	EXPECT_EQUAL(fault_of(memory, false), SIGSEGV);
	EXPECT_ERROR(munmap(memory + 1, PAGE), EINVAL);
	EXPECT_ERROR(munmap(memory, 0), EINVAL);
}

TEST(memory, protection)
{
	char *memory = map(3 * PAGE, PROT_READ | PROT_WRITE);

	memset(memory, 7, 3 * PAGE);
	EXPECT_EQUAL(mprotect(memory + PAGE, PAGE, PROT_READ), 0);
	EXPECT_EQUAL(fault_of(memory + PAGE, false), 0);
	EXPECT_EQUAL(fault_of(memory + PAGE, true), SIGSEGV);
	EXPECT_EQUAL(mprotect(memory + PAGE, PAGE, PROT_NONE), 0);
	EXPECT_EQUAL(fault_of(memory + PAGE, false), SIGSEGV);
	EXPECT_EQUAL(fault_of(memory, true), 0);
	EXPECT_EQUAL(fault_of(memory + 2 * PAGE, true), 0);
	EXPECT_EQUAL(mprotect(memory, 3 * PAGE, PROT_READ | PROT_WRITE), 0);
	EXPECT_EQUAL(memory[PAGE + 5], 7);
	EXPECT_EQUAL(fault_of(memory + PAGE, true), 0);
	/* Not by way of the C library: musl's rounds the address. */
	EXPECT_ERROR(syscall(SYS_mprotect, memory + 1, PAGE, PROT_READ), EINVAL);
	EXPECT_EQUAL(munmap(memory + 2 * PAGE, PAGE), 0);
	EXPECT_ERROR(mprotect(memory, 3 * PAGE, PROT_READ), ENOMEM);
}

TEST(memory, code_can_be_mapped_and_run)
{
	static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 }; /* mov eax, 42; ret */
	char *memory = map(PAGE, PROT_READ | PROT_WRITE);
	int (*function)(void);

	memcpy(memory, code, sizeof(code));
	EXPECT_EQUAL(mprotect(memory, PAGE, PROT_READ | PROT_EXEC), 0);
	memcpy(&function, &memory, sizeof(function));
	EXPECT_EQUAL(function(), 42);
	EXPECT_EQUAL(fault_of(memory, true), SIGSEGV);
}

static int run_data(void *memory)
{
	int (*function)(void);

	memcpy(&function, &memory, sizeof(function));
	return function();
}

TEST(memory, data_cannot_be_run)
{
	char *memory = map(PAGE, PROT_READ | PROT_WRITE);
	int status;

	memory[0] = (char)0xc3;
	status = test_run_child(run_data, memory);
	EXPECT(WIFSIGNALED(status));
	EXPECT_EQUAL(WTERMSIG(status), SIGSEGV);
}

TEST(memory, fixed_mappings_replace)
{
	char *memory = map(4 * PAGE, PROT_READ | PROT_WRITE);
	char *middle = memory + PAGE;

	memset(memory, 7, 4 * PAGE);
	EXPECT(mmap(middle, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
	       middle);
	EXPECT_EQUAL(middle[0], 0);
	EXPECT_EQUAL(middle[-1], 7);
	EXPECT_EQUAL(middle[2 * PAGE], 7);
	EXPECT_ERROR(mmap(middle, PAGE, PROT_READ,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0),
		     EEXIST);
	EXPECT_ERROR(
		mmap(middle + 1, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
		EINVAL);
}

TEST(memory, hints_are_followed_where_free)
{
	char *memory = map(2 * PAGE, PROT_READ), *again;

	EXPECT_EQUAL(munmap(memory, 2 * PAGE), 0);
	again = mmap(memory, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(again == memory);
	again = mmap(memory, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	EXPECT(again != MAP_FAILED && again != memory);
}

TEST(memory, bad_mappings_are_refused)
{
	int fd = open("file", O_RDONLY | O_CREAT, 0644);

	EXPECT_ERROR(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), EINVAL);
	EXPECT_ERROR(mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0), EINVAL);
	EXPECT_ERROR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 999, 0), EBADF);
	EXPECT_ERROR(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 1), EINVAL);
	EXPECT_ERROR(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), EACCES);
	EXPECT_ERROR(mmap(NULL, ~(size_t)0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
	EXPECT_ERROR(mmap(NULL, (size_t)1 << 47, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
		     ENOMEM);
	EXPECT_ERROR(mmap((void *)0x7ffffffff000, PAGE, PROT_READ,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
		     ENOMEM);
	EXPECT_ERROR(mmap((void *)0xffff800000000000, PAGE, PROT_READ,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
		     ENOMEM);
	EXPECT_ERROR(munmap((void *)0xffff800000000000, PAGE), EINVAL);
	EXPECT_ERROR(munmap((void *)PAGE, ~(size_t)0), EINVAL);
}

TEST(memory, shared_with_children)
{
	volatile int *shared =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	EXPECT(shared != MAP_FAILED);
	*shared = 1;
	pid = fork();
	if (pid == 0) {
		*shared = 2;
		_exit(0);
	}
	EXPECT_EQUAL(test_wait(pid), 0);
	EXPECT_EQUAL(*shared, 2);
}

TEST(memory, private_copies_after_fork)
{
	enum { SIZE = 4 << 20 };
	unsigned char *memory = (unsigned char *)map(SIZE, PROT_READ | PROT_WRITE);

	for (int i = 0; i < SIZE; i += PAGE)
		memory[i] = 1;
	for (int child = 0; child < 4; child++) {
		if (fork() == 0) {
			for (int i = 0; i < SIZE; i += PAGE)
				memory[i] = (unsigned char)(memory[i] + child);
			for (int i = 0; i < SIZE; i += PAGE)
				if (memory[i] != 1 + child)
					_exit(1);
			_exit(0);
		}
	}
	for (int child = 0; child < 4; child++)
		EXPECT_EQUAL(test_wait_any(), 0);
	for (int i = 0; i < SIZE; i += PAGE)
		EXPECT_EQUAL(memory[i], 1);
}

TEST(memory, file_private)
{
	char *memory;
	int fd;

	test_write_file("file", "original");
	fd = open("file", O_RDONLY);
	memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	EXPECT(memory != MAP_FAILED);
	close(fd);
	EXPECT(strcmp(memory, "original") == 0); /* zeros behind the end */
	memcpy(memory, "modified", 8);
	EXPECT(test_file_is("file", "original"));
}

TEST(memory, file_shared)
{
	char *memory, buffer[9] = { 0 };
	int fd = open("file", O_RDWR | O_CREAT, 0644);

	EXPECT_EQUAL(ftruncate(fd, 2 * PAGE), 0);
	memory = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	EXPECT(memory != MAP_FAILED);
	memcpy(memory + PAGE - 4, "straddle", 8);
	EXPECT_EQUAL(msync(memory, 2 * PAGE, MS_SYNC), 0);
	EXPECT_EQUAL(pread(fd, buffer, 8, PAGE - 4), 8);
	EXPECT(strcmp(buffer, "straddle") == 0);
	EXPECT_EQUAL(pwrite(fd, "written!", 8, 100), 8);
	EXPECT(memcmp(memory + 100, "written!", 8) == 0);
}

TEST(memory, file_end_raises_sigbus)
{
	char *memory;
	int fd;

	test_write_file("file", "short");
	fd = open("file", O_RDWR);
	memory = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	EXPECT(memory != MAP_FAILED);
	EXPECT_EQUAL(fault_of(memory + PAGE - 1, false), 0);
	EXPECT_EQUAL(fault_of(memory + PAGE, false), SIGBUS);
	EXPECT_EQUAL(ftruncate(fd, 0), 0);
	EXPECT_EQUAL(fault_of(memory, false), SIGBUS);
}

TEST(memory, file_offset)
{
	char *memory;
	int fd = open("file", O_RDWR | O_CREAT, 0644);

	EXPECT_EQUAL(ftruncate(fd, 4 * PAGE), 0);
	EXPECT_EQUAL(pwrite(fd, "third", 5, 2 * PAGE), 5);
	memory = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 2 * PAGE);
	EXPECT(memory != MAP_FAILED);
	EXPECT(memcmp(memory, "third", 5) == 0);
}

TEST(memory, heap)
{
	char *start = sbrk(0), *end;

	EXPECT(start != (char *)-1);
	end = (char *)syscall(SYS_brk, start + 10 * PAGE);
	EXPECT(end == start + 10 * PAGE);
	memset(start, 5, 10 * PAGE);
	EXPECT(syscall(SYS_brk, start + PAGE) == (long)(start + PAGE));
	EXPECT_EQUAL(fault_of(start + 9 * PAGE, false), SIGSEGV);
	EXPECT(syscall(SYS_brk, start + 10 * PAGE) == (long)(start + 10 * PAGE));
	EXPECT_EQUAL(start[9 * PAGE], 0);
	EXPECT(syscall(SYS_brk, 0) == (long)(start + 10 * PAGE));
	EXPECT(syscall(SYS_brk, ~0ul) == (long)(start + 10 * PAGE)); /* refused: unchanged */
	syscall(SYS_brk, start);
}

TEST(memory, remapping)
{
	char *memory = map(2 * PAGE, PROT_READ | PROT_WRITE), *moved;

	memcpy(memory, "first", 5);
	memcpy(memory + PAGE, "second", 6);
	EXPECT(mremap(memory, 2 * PAGE, PAGE, 0) == memory);
	EXPECT_EQUAL(fault_of(memory + PAGE, false), SIGSEGV);
	moved = mremap(memory, PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	EXPECT(moved != MAP_FAILED);
	EXPECT(memcmp(moved, "first", 5) == 0);
	EXPECT_EQUAL(moved[PAGE], 0);
	EXPECT_EQUAL(moved[64 * PAGE - 1], 0);
	if (moved != memory)
		EXPECT_EQUAL(fault_of(memory, false), SIGSEGV);
	memory = map(64 * PAGE, PROT_READ); /* the place to move to */
	EXPECT(mremap(moved, 64 * PAGE, 64 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, memory) ==
	       memory);
	EXPECT(memcmp(memory, "first", 5) == 0);
	EXPECT_EQUAL(fault_of(moved, false), SIGSEGV);
	EXPECT_ERROR(mremap(moved + 1, PAGE, PAGE, 0), EINVAL);
	EXPECT_ERROR(mremap(moved, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
}

TEST(memory, remapping_in_place_needs_room)
{
	char *memory = map(3 * PAGE, PROT_READ | PROT_WRITE);

	/* The second page is taken by a mapping of other rights: no room to grow into. */
	EXPECT_EQUAL(mprotect(memory + PAGE, PAGE, PROT_NONE), 0);
	EXPECT_ERROR(mremap(memory, PAGE, 2 * PAGE, 0), ENOMEM);
}

TEST(memory, advice_drops_pages)
{
	char *memory = map(4 * PAGE, PROT_READ | PROT_WRITE);

	memset(memory, 7, 4 * PAGE);
	EXPECT_EQUAL(madvise(memory + PAGE, 2 * PAGE, MADV_DONTNEED), 0);
	EXPECT_EQUAL(memory[0], 7);
	EXPECT_EQUAL(memory[PAGE], 0);
	EXPECT_EQUAL(memory[3 * PAGE - 1], 0);
	EXPECT_EQUAL(memory[3 * PAGE], 7);
	EXPECT_ERROR(madvise(memory + 1, PAGE, MADV_DONTNEED), EINVAL);
	EXPECT_ERROR(madvise(memory, PAGE, 12345), EINVAL);
}

TEST(memory, large_mappings_cost_nothing_untouched)
{
	size_t size = (size_t)16 << 30;
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	EXPECT(memory != MAP_FAILED);
	for (size_t i = 0; i < size; i += size / 64)
		memory[i] = 1;
	EXPECT_EQUAL(memory[size / 64 * 5], 1);
	EXPECT_EQUAL(memory[size / 64 * 5 + 1], 0);
	EXPECT_EQUAL(munmap(memory, size), 0);
}

TEST(memory, many_mappings)
{
	enum { COUNT = 2000 };
	static char *maps[COUNT];

	for (int i = 0; i < COUNT; i++) {
		maps[i] = map(PAGE, PROT_READ | PROT_WRITE);
		*maps[i] = (char)i;
		/* Every other one of other rights, so that they cannot be merged. */
		if (i % 2)
			EXPECT_EQUAL(mprotect(maps[i], PAGE, PROT_READ), 0);
	}
	for (int i = 0; i < COUNT; i++)
		EXPECT_EQUAL(*maps[i], (char)i);
	for (int i = 0; i < COUNT; i += 2)
		EXPECT_EQUAL(munmap(maps[i], PAGE), 0);
	for (int i = 1; i < COUNT; i += 2)
		EXPECT_EQUAL(*maps[i], (char)i);
}

static int use_stack(unsigned depth)
{
	volatile char space[4096];

	space[0] = (char)depth;
	return depth == 0 ? space[0] : use_stack(depth - 1) + space[0] * 0;
}

TEST(memory, stack_grows)
{
	EXPECT_EQUAL(use_stack(1000), 0); /* 4 MiB of the usual 8 */
}

TEST(memory, lock_and_residence)
{
	unsigned char resident[4];
	char *memory = map(4 * PAGE, PROT_READ | PROT_WRITE);

	memory[0] = 1;
	if (mincore(memory, 4 * PAGE, resident) < 0 && errno == ENOSYS)
		test_skip("no mincore");
	EXPECT_EQUAL(resident[0] & 1, 1);
	EXPECT_ERROR(mincore(memory + 1, PAGE, resident), EINVAL);
}

TEST(memory, system_calls_see_protection)
{
	char *memory = map(2 * PAGE, PROT_READ | PROT_WRITE);
	int fd = open("/dev/zero", O_RDWR), file = open("file", O_RDWR | O_CREAT, 0644);

	EXPECT_EQUAL(mprotect(memory, PAGE, PROT_READ), 0);
	EXPECT_ERROR(read(fd, memory, 10), EFAULT);
	EXPECT_EQUAL(read(fd, memory + PAGE, 10), 10);
	EXPECT_EQUAL(munmap(memory + PAGE, PAGE), 0);
	EXPECT_ERROR(write(file, memory + PAGE, 10), EFAULT);
	/* What lies before the hole may be written, or none of it. */
	EXPECT(write(file, memory + PAGE - 5, 10) == 5 || errno == EFAULT);
}
