/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory: anonymous and of files, its protection, and who shares it. */
#include "redox_test.h"

#include <stdatomic.h>

#define PAGES(count) ((count)*PAGE_SIZE)
#define READ_WRITE   (REDOX_PROT_READ | REDOX_PROT_WRITE)
#define ANONYMOUS    (READ_WRITE | REDOX_MAP_PRIVATE)
#define FAR          UINT64_C(0x40000000000) /* where nothing is */
#define KERNEL       UINT64_C(0xffff800000000000)

static char *map_anonymous(uint64_t size)
{
	return (char *)EXPECT_SUCCESS(memory_map(FD_ANONYMOUS, 0, size, ANONYMOUS, 0));
}

static int64_t map_at(uint64_t address, uint64_t size, uint64_t flags)
{
	return memory_map(FD_ANONYMOUS, 0, size, READ_WRITE | flags, address);
}

/* Whether the byte can be read, or written, as the kernel sees it. */
static bool readable(const void *address)
{
	uint64_t ends[2];
	bool result;

	EXPECT_EQUAL(pipe_create(ends, REDOX_O_NONBLOCK), 0);
	result = file_write(ends[1], address, 1) == 1;
	file_close(ends[0]);
	file_close(ends[1]);
	return result;
}

static bool writable(void *address)
{
	uint64_t ends[2];
	int64_t result;

	EXPECT_EQUAL(pipe_create(ends, REDOX_O_NONBLOCK), 0);
	EXPECT_EQUAL(file_write(ends[1], "w", 1), 1);
	result = file_read(ends[0], address, 1);
	file_close(ends[0]);
	file_close(ends[1]);
	return result == 1;
}

TEST(memory, anonymous)
{
	char *memory = map_anonymous(5000);
	char *other = map_anonymous(1);

	EXPECT(((uintptr_t)memory & (PAGE_SIZE - 1)) == 0);
	EXPECT(other + PAGE_SIZE <= memory || memory + PAGES(2) <= other);
	for (size_t i = 0; i < PAGES(2); i++)
		EXPECT_EQUAL(memory[i], 0);
	memory[0] = 1;
	memory[PAGES(2) - 1] = 2;
	EXPECT_EQUAL(memory[0] + memory[PAGES(2) - 1], 3);
	EXPECT_EQUAL(memory_map(FD_ANONYMOUS, 0, 0, ANONYMOUS, 0), 0);
}

TEST(memory, places)
{
	char *memory = map_anonymous(PAGES(4));
	uint64_t at = (uint64_t)memory;

	EXPECT_EQUAL(map_at(FAR, PAGES(2), REDOX_MAP_PRIVATE), FAR);
	EXPECT_EQUAL(map_at(FAR + PAGES(2), 1, REDOX_MAP_FIXED), FAR + PAGES(2));
	EXPECT_EQUAL(map_at(FAR + PAGES(3), 1, REDOX_MAP_FIXED_NOREPLACE), FAR + PAGES(3));
	EXPECT_ERROR(map_at(at, PAGE_SIZE, REDOX_MAP_FIXED), EOPNOTSUPP);
	EXPECT_ERROR(map_at(at + PAGES(3), PAGES(2), REDOX_MAP_FIXED_NOREPLACE), EEXIST);
	EXPECT(map_at(at, PAGE_SIZE, REDOX_MAP_PRIVATE) > 0);
	EXPECT(map_at(at, PAGE_SIZE, REDOX_MAP_PRIVATE) != (int64_t)at);
	EXPECT_EQUAL(memory[0], 0);
}

TEST(memory, impossible_mappings)
{
	const struct redox_map map = { 0, PAGE_SIZE, ANONYMOUS, 0 };

	EXPECT_ERROR(map_at(0, UINT64_MAX, 0), ENOMEM);
	EXPECT_ERROR(map_at(0, UINT64_C(1) << 47, 0), ENOMEM);
	EXPECT_ERROR(map_at(0, UINT64_C(1) << 46, 0), ENOMEM);
	EXPECT_ERROR(map_at(KERNEL, PAGE_SIZE, REDOX_MAP_FIXED), EINVAL);
	EXPECT_ERROR(map_at(UINT64_MAX - PAGE_SIZE + 1, PAGE_SIZE, REDOX_MAP_FIXED), EINVAL);
	EXPECT_ERROR(map_at(FAR + 1, PAGE_SIZE, REDOX_MAP_FIXED), EINVAL);
	EXPECT_ERROR(map_at(PAGE_SIZE, PAGE_SIZE, REDOX_MAP_FIXED), EINVAL);
	EXPECT_ERROR(syscall(fmap, FD_ANONYMOUS, &map, sizeof(map) - 8), EINVAL);
	EXPECT_ERROR(syscall(fmap, FD_ANONYMOUS, &map, sizeof(map) + 8), EINVAL);
	EXPECT_ERROR(syscall(fmap, FD_ANONYMOUS, 8, sizeof(map)), EFAULT);
	EXPECT_ERROR(syscall(fmap, FD_ANONYMOUS, KERNEL, sizeof(map)), EFAULT);
	EXPECT_ERROR(syscall(fmap, 9999, 8, sizeof(map)), EBADF);
}

TEST(memory, unmapping)
{
	char *memory = map_anonymous(PAGES(5));
	char *more;

	memory[0] = 1;
	memory[PAGES(4)] = 2;
	EXPECT_EQUAL(memory_unmap((uint64_t)memory + PAGES(1), PAGES(2) + 1), 0);
	EXPECT_EQUAL(memory[0] + memory[PAGES(4)], 3);
	EXPECT(!readable(memory + PAGES(1)) && !readable(memory + PAGES(4) - 1));
	EXPECT_ERROR(memory_unmap((uint64_t)memory + 1, PAGE_SIZE), EINVAL);
	EXPECT_EQUAL(memory_unmap((uint64_t)memory, 0), 0);
	EXPECT_EQUAL(memory_unmap(0, PAGE_SIZE), 0);
	EXPECT_EQUAL(memory_unmap(FAR, PAGES(7)), 0);
	EXPECT_EQUAL(memory_unmap(KERNEL, PAGES(7)), 0);
	EXPECT_EQUAL(memory[0], 1);
	/* Several mappings with gaps between. */
	EXPECT_EQUAL(map_at(FAR, PAGE_SIZE, 0), FAR);
	EXPECT_EQUAL(map_at(FAR + PAGES(2), PAGE_SIZE, 0), FAR + PAGES(2));
	more = (char *)FAR;
	more[0] = more[PAGES(2)] = 1;
	EXPECT_EQUAL(memory_unmap(FAR - PAGE_SIZE, PAGES(5)), 0);
	EXPECT(!readable(more) && !readable(more + PAGES(2)));
	/* Zeros again at the same place. */
	EXPECT_EQUAL(map_at(FAR, PAGE_SIZE, 0), FAR);
	EXPECT_EQUAL(more[0], 0);
}

TEST(memory, old_calls)
{
	const struct redox_old_map map = { 0, PAGES(2), ANONYMOUS };
	const struct redox_old_map fixed = { 0, PAGES(2), ANONYMOUS | REDOX_MAP_FIXED };
	char *first = (char *)EXPECT_SUCCESS(syscall(fmap_old, FD_ANONYMOUS, &map, sizeof(map)));
	char *second = (char *)EXPECT_SUCCESS(syscall(fmap_old, FD_ANONYMOUS, &map, sizeof(map)));

	first[0] = second[0] = 1;
	EXPECT_ERROR(syscall(fmap_old, FD_ANONYMOUS, &fixed, sizeof(fixed)), EINVAL);
	EXPECT_ERROR(syscall(fmap_old, FD_ANONYMOUS, &map, sizeof(map) + 8), EINVAL);
	EXPECT_ERROR(syscall(fmap, FD_ANONYMOUS, &map, sizeof(map)), EINVAL);
	EXPECT_EQUAL(syscall(funmap_old, second + PAGE_SIZE + 5), 0);
	EXPECT(!readable(second) && !readable(second + PAGE_SIZE));
	EXPECT_EQUAL(first[0], 1);
	EXPECT_ERROR(syscall(funmap_old, second), EFAULT);
	EXPECT_ERROR(syscall(funmap_old, KERNEL), EFAULT);
	EXPECT_ERROR(syscall(funmap_old, 0), EFAULT);
}

/* --- Protection. --- */

TEST(memory, reading_is_implied)
{
	char *memory = (char *)EXPECT_SUCCESS(
		memory_map(FD_ANONYMOUS, 0, PAGE_SIZE, REDOX_MAP_PRIVATE, 0));

	EXPECT_EQUAL(memory[7], 0);
	EXPECT(readable(memory) && !writable(memory));
	memory = (char *)EXPECT_SUCCESS(
		memory_map(FD_ANONYMOUS, 0, PAGE_SIZE, REDOX_PROT_WRITE | REDOX_MAP_PRIVATE, 0));
	EXPECT(readable(memory) && writable(memory));
}

TEST(memory, protection)
{
	char *memory = map_anonymous(PAGES(3));
	uint64_t at = (uint64_t)memory;

	memory[PAGES(1)] = 1;
	EXPECT_EQUAL(memory_protect(at + PAGES(1) + 7, 1, REDOX_PROT_READ), 0);
	EXPECT(writable(memory) && !writable(memory + PAGES(1)) && writable(memory + PAGES(2)));
	/* Taken is taken. */
	EXPECT_EQUAL(memory_protect(at, PAGES(3), READ_WRITE), 0);
	EXPECT(!writable(memory + PAGES(1)) && writable(memory + PAGES(2)));
	EXPECT_EQUAL(memory_protect(at, PAGES(3), 0), 0);
	EXPECT(!writable(memory) && readable(memory));
	EXPECT_EQUAL(memory[PAGES(1)], 1);
	EXPECT_ERROR(memory_protect(at, 0, REDOX_PROT_READ), EFAULT);
	EXPECT_ERROR(memory_protect(at, PAGES(4) + (UINT64_C(1) << 40), 0), EFAULT);
	EXPECT_ERROR(memory_protect(FAR, 1, 0), EFAULT);
	EXPECT_ERROR(memory_protect(KERNEL, 1, 0), EFAULT);
	EXPECT_ERROR(memory_protect(at, UINT64_MAX, 0), EFAULT);
}

/* A function that only returns. */
static void write_function(char *at)
{
	at[0] = (char)0xc3;
}

static unsigned run_at(void *argument)
{
	((void (*)(void))argument)();
	return 0;
}

static unsigned write_at(void *argument)
{
	*(volatile char *)argument = 1;
	return 0;
}

#define KILLED_BY_FAULT 11 /* SIGSEGV, as waitpid tells */

TEST(memory, execution)
{
	char *memory = map_anonymous(PAGE_SIZE);
	uint64_t at = (uint64_t)memory;

	write_function(memory);
	EXPECT_EQUAL(test_wait(test_spawn(run_at, memory)), KILLED_BY_FAULT);
	EXPECT_EQUAL(memory_protect(at, PAGE_SIZE, READ_WRITE | REDOX_PROT_EXEC), 0);
	EXPECT_EQUAL(test_wait(test_spawn(run_at, memory)), 0);
	EXPECT_EQUAL(memory_protect(at, PAGE_SIZE, REDOX_PROT_READ), 0);
	EXPECT_EQUAL(test_wait(test_spawn(run_at, memory)), KILLED_BY_FAULT);
	EXPECT_EQUAL(test_wait(test_spawn(write_at, memory)), KILLED_BY_FAULT);
	EXPECT_EQUAL(test_wait(test_spawn(write_at, (void *)KERNEL)), KILLED_BY_FAULT);
	EXPECT_EQUAL(test_wait(test_spawn(run_at, (void *)8)), KILLED_BY_FAULT);
}

static unsigned protect_there(void *argument)
{
	EXPECT_EQUAL(memory_protect((uint64_t)argument, PAGE_SIZE, 0), 0);
	EXPECT(!writable(argument));
	return 0;
}

TEST(memory, protection_is_each_process_own)
{
	char *memory = map_anonymous(PAGE_SIZE);

	memory[0] = 1;
	EXPECT_EQUAL(test_wait(test_spawn(protect_there, memory)), 0);
	memory[0] = 2;
	EXPECT(writable(memory));
}

/* --- Files. --- */

static int64_t open_file(uint64_t flags)
{
	return EXPECT_SUCCESS(file_open("mapped", flags));
}

/* A file of 3 bytes: "abc". */
static int64_t make_file(void)
{
	int64_t fd = open_file(REDOX_O_RDWR | REDOX_O_CREAT | REDOX_O_TRUNC | 0644);

	EXPECT_EQUAL(file_write(fd, "abc", 3), 3);
	return fd;
}

TEST(memory, private_file)
{
	int64_t fd = make_file();
	char text[4] = "";
	char *memory = (char *)EXPECT_SUCCESS(memory_map(fd, 0, PAGES(3), ANONYMOUS, 0));

	EXPECT_EQUAL(memory[0], 'a');
	EXPECT_EQUAL(memory[3] | memory[PAGE_SIZE - 1] | memory[PAGES(2) + 9], 0);
	memory[0] = 'X';
	memory[PAGES(2)] = 'Y';
	EXPECT_EQUAL(memory[0], 'X');
	EXPECT_EQUAL(memory[PAGES(2)], 'Y');
	EXPECT_EQUAL(file_seek(fd, 0, REDOX_SEEK_SET), 0);
	EXPECT_EQUAL(file_read(fd, text, 4), 3);
	EXPECT_EQUAL(text[0], 'a');
	EXPECT_EQUAL(file_close(fd), 0);
	EXPECT_EQUAL(memory[1], 'b');
}

TEST(memory, shared_file)
{
	int64_t fd = make_file();
	uint64_t flags = READ_WRITE | REDOX_MAP_SHARED;
	char *memory = (char *)EXPECT_SUCCESS(memory_map(fd, 0, PAGES(2), flags, 0));
	char text[8] = "";

	EXPECT_EQUAL(file_close(fd), 0);
	memory[1] = 'X';
	memory[5] = 'Y';
	memory[PAGES(1) + 1] = 'Z';
	EXPECT_EQUAL(memory_unmap((uint64_t)memory, PAGES(2)), 0);
	fd = open_file(REDOX_O_RDWR);
	EXPECT_EQUAL(file_read(fd, text, sizeof(text)), 3);
	EXPECT(text[0] == 'a' && text[1] == 'X' && text[2] == 'c');
	/* What lies past the end is in no file, also when that grows. */
	EXPECT_EQUAL(file_truncate(fd, 8), 0);
	EXPECT_EQUAL(file_seek(fd, 0, REDOX_SEEK_SET), 0);
	EXPECT_EQUAL(file_read(fd, text, sizeof(text)), 8);
	EXPECT(!text[3] && !text[5] && !text[7]);
}

TEST(memory, truncated_file)
{
	int64_t fd = make_file();
	char *memory;

	EXPECT_EQUAL(file_truncate(fd, PAGES(3)), 0);
	memory = (char *)EXPECT_SUCCESS(
		memory_map(fd, PAGES(1), PAGES(2), READ_WRITE | REDOX_MAP_SHARED, 0));
	memory[PAGES(1)] = 1;
	EXPECT_EQUAL(file_truncate(fd, 0), 0);
	EXPECT_EQUAL(memory[PAGES(1)] | memory[0], 0);
	memory[0] = 1;
	EXPECT_EQUAL(memory[0], 1);
}

TEST(memory, rights_of_the_descriptor)
{
	int64_t fd = make_file(), reading, writing;
	const uint64_t shared = REDOX_MAP_SHARED, private = REDOX_MAP_PRIVATE;

	reading = open_file(REDOX_O_RDONLY);
	writing = open_file(REDOX_O_WRONLY);
	EXPECT(memory_map(reading, 0, 1, REDOX_PROT_READ | shared, 0) > 0);
	EXPECT_ERROR(memory_map(reading, 0, 1, READ_WRITE | shared, 0), EBADF);
	EXPECT_ERROR(memory_map(reading, 0, 1, READ_WRITE | private, 0), EBADF);
	EXPECT_ERROR(memory_map(writing, 0, 1, REDOX_PROT_READ | private, 0), EBADF);
	EXPECT_ERROR(memory_map(fd, 1, 1, READ_WRITE | private, 0), EINVAL);
	EXPECT_EQUAL(memory_map(fd, 0, 0, READ_WRITE | private, 0), 0);
	EXPECT_ERROR(memory_map(fd, 0, UINT64_MAX, READ_WRITE | private, 0), ENOMEM);
	EXPECT_EQUAL(file_close(fd), 0);
	EXPECT_ERROR(memory_map(fd, 0, 0, READ_WRITE | private, 0), EBADF);
}

/* --- memory:, and what later crates have. --- */

TEST(memory, scheme)
{
	int64_t fd = EXPECT_SUCCESS(file_open("memory:", REDOX_O_RDWR));
	struct redox_statvfs before, after;
	char *memory, byte = 0;

	EXPECT_ERROR(file_read(fd, &byte, 1), EBADF);
	EXPECT_ERROR(file_write(fd, &byte, 1), EBADF);
	EXPECT_EQUAL(file_system_status(fd, &before), 0);
	EXPECT_EQUAL(before.block_size, PAGE_SIZE);
	EXPECT(before.blocks > 4096 && before.free_blocks < before.blocks);
	memory = (char *)EXPECT_SUCCESS(memory_map(fd, 0, PAGES(1024), ANONYMOUS, 0));
	for (size_t i = 0; i < 1024; i++)
		memory[PAGES(i)] = 1;
	EXPECT_EQUAL(file_system_status(fd, &after), 0);
	EXPECT_EQUAL(after.blocks, before.blocks);
	EXPECT(after.free_blocks + 512 < before.free_blocks);
	EXPECT_EQUAL(file_close(fd), 0);
	EXPECT_EQUAL(memory[PAGES(7)], 1);
	EXPECT_EQUAL(memory[PAGES(7) + 1], 0);
}

static int64_t remap(void *old, uint64_t old_size, uint64_t new, uint64_t new_size, uint64_t flags)
{
	return syscall(mremap, old, old_size, new, new_size, flags | READ_WRITE);
}

#define REMAP_FIXED    1
#define REMAP_REPLACE  3
#define REMAP_KEEP_OLD 4

TEST(memory, remapping)
{
	char *memory = map_anonymous(PAGES(4)), *moved, *second;

	memory[PAGES(1)] = 1;
	moved = (char *)EXPECT_SUCCESS(remap(memory, PAGES(4), 0, PAGES(8), 0));
	EXPECT_EQUAL(moved[PAGES(1)], 1);
	EXPECT_EQUAL(moved[PAGES(7)], 0);
	EXPECT_EQUAL(remap(moved, PAGES(8), FAR, PAGES(8), REMAP_FIXED), FAR);
	EXPECT(!readable(moved));
	memory = map_anonymous(PAGES(2));
	EXPECT_ERROR(remap(memory, PAGES(2), FAR, PAGES(2), REMAP_FIXED), EEXIST);
	EXPECT_EQUAL(remap(memory, PAGES(2), FAR, PAGES(2), REMAP_REPLACE), FAR);
	memory = (char *)FAR;
	EXPECT_EQUAL(memory[PAGES(1)], 0);
	second = (char *)EXPECT_SUCCESS(remap(memory, PAGES(2), 0, PAGES(2), REMAP_KEEP_OLD));
	second[1] = 5;
	EXPECT_EQUAL(*(volatile char *)(memory + 1), 5);
	EXPECT_ERROR(remap(memory + 1, PAGES(2), 0, PAGES(2), 0), EINVAL);
	EXPECT_ERROR(remap(memory, PAGES(2), 0, 0, 0), EINVAL);
	EXPECT_ERROR(remap(memory, PAGES(2), 0, PAGES(2), 8), EINVAL);
	EXPECT_ERROR(remap((char *)FAR + PAGES(100), PAGES(2), 0, PAGES(2), 0), EFAULT);
	EXPECT_ERROR(remap((char *)KERNEL, PAGES(2), 0, PAGES(2), 0), EINVAL);
}
