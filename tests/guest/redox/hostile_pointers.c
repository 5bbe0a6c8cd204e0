/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every call that takes an address gets ones to the kernel, to nowhere and across the end of what
 * is there, and lengths that wrap: EFAULT, and nothing has happened.
 */
#include "hostile.h"

/* What a row's argument stands for; numbers below KIND_FIRST are themselves. */
#define KIND_FIRST UINT64_C(0xfeed0000)
#define ADDRESS    (KIND_FIRST + 0) /* the hostile one */
#define LENGTH     (KIND_FIRST + 1) /* of what is there */
#define FD         (KIND_FIRST + 2) /* open, readable and writable */
#define ANONYMOUS  (KIND_FIRST + 3) /* the descriptor of no file */
#define RIGHT      (KIND_FIRST + 4) /* memory that is fine, all zeros */
#define FREE_FD    (KIND_FIRST + 5) /* a number that is not open */

struct row {
	const char *name;
	uint64_t number;
	uint64_t arguments[5];
	uint64_t size; /* bytes that the call touches; LENGTH in calls that take one */
	bool writes;   /* the kernel writes there */
};

static const struct row rows[] = {
	{ "open", REDOX_SYS_open, { ADDRESS, LENGTH, REDOX_O_RDONLY }, 8, false },
	{ "open to make", REDOX_SYS_open, { ADDRESS, LENGTH, REDOX_O_CREAT | 0644 }, 8, false },
	{ "chmod", REDOX_SYS_chmod, { ADDRESS, LENGTH, 0644 }, 8, false },
	{ "rmdir", REDOX_SYS_rmdir, { ADDRESS, LENGTH }, 8, false },
	{ "unlink", REDOX_SYS_unlink, { ADDRESS, LENGTH }, 8, false },
	{ "chdir", REDOX_SYS_chdir, { ADDRESS, LENGTH }, 8, false },
	{ "getcwd", REDOX_SYS_getcwd, { ADDRESS, LENGTH }, 8, true },
	{ "read", REDOX_SYS_read, { FD, ADDRESS, LENGTH }, 8, true },
	{ "write", REDOX_SYS_write, { FD, ADDRESS, LENGTH }, 8, false },
	{ "fpath", REDOX_SYS_fpath, { FD, ADDRESS, LENGTH }, 8, true },
	{ "fstat", REDOX_SYS_fstat, { FD, ADDRESS, 104 }, 104, true },
	{ "fstatvfs", REDOX_SYS_fstatvfs, { FD, ADDRESS, 32 }, 32, true },
	{ "futimens", REDOX_SYS_futimens, { FD, ADDRESS, 32 }, 32, false },
	{ "frename", REDOX_SYS_frename, { FD, ADDRESS, LENGTH }, 8, false },
	{ "dup", REDOX_SYS_dup, { FD, ADDRESS, LENGTH }, 8, false },
	{ "dup2", REDOX_SYS_dup2, { FD, FREE_FD, ADDRESS, LENGTH }, 8, false },
	{ "fmap of a file", REDOX_SYS_fmap, { FD, ADDRESS, 32 }, 32, false },
	{ "fmap of nothing", REDOX_SYS_fmap, { ANONYMOUS, ADDRESS, 32 }, 32, false },
	{ "fmap_old", REDOX_SYS_fmap_old, { FD, ADDRESS, 24 }, 24, false },
	{ "clock_gettime", REDOX_SYS_clock_gettime, { REDOX_CLOCK_MONOTONIC, ADDRESS }, 16, true },
	{ "nanosleep", REDOX_SYS_nanosleep, { ADDRESS, 0 }, 16, false },
	{ "nanosleep, rest", REDOX_SYS_nanosleep, { RIGHT, ADDRESS }, 16, true },
	{ "pipe2", REDOX_SYS_pipe2, { ADDRESS, 0 }, 16, true },
	{ "futex wait", REDOX_SYS_futex, { ADDRESS, REDOX_FUTEX_WAIT, 1, 0 }, 4, false },
	{ "futex wait64", REDOX_SYS_futex, { ADDRESS, REDOX_FUTEX_WAIT64, 1, 0 }, 8, false },
	{ "futex wake", REDOX_SYS_futex, { ADDRESS, REDOX_FUTEX_WAKE, 1 }, 4, false },
	{ "futex timeout", REDOX_SYS_futex, { RIGHT, REDOX_FUTEX_WAIT, 0, ADDRESS }, 16, false },
	{ "sigaction", REDOX_SYS_sigaction, { SIGUSR1, ADDRESS, 0, 0 }, 32, false },
	{ "sigaction, old", REDOX_SYS_sigaction, { SIGUSR1, 0, ADDRESS, 0 }, 32, true },
	{ "sigprocmask", REDOX_SYS_sigprocmask, { REDOX_SIG_BLOCK, ADDRESS, 0 }, 16, false },
	{ "sigprocmask, old", REDOX_SYS_sigprocmask, { REDOX_SIG_BLOCK, 0, ADDRESS }, 16, true },
	{ "mkns", REDOX_SYS_mkns, { ADDRESS, 1 }, 16, false },
	{ "fexec, arguments", REDOX_SYS_fexec, { FD, ADDRESS, 1, 0, 0 }, 16, false },
	{ "fexec, variables", REDOX_SYS_fexec, { FD, RIGHT, 0, ADDRESS, 1 }, 16, false },
};

/* Where address 0 means that the caller wants nothing of this. */
static bool takes_null(const struct row *row)
{
	switch (row->number) {
	case REDOX_SYS_sigaction:
	case REDOX_SYS_sigprocmask:
		return true;
	case REDOX_SYS_nanosleep:
		return row->arguments[1] == ADDRESS;
	case REDOX_SYS_futex:
		return row->arguments[3] == ADDRESS;
	default:
		return false;
	}
}

struct values {
	uint64_t address;
	uint64_t length;
	uint64_t fd;
};

static uint64_t fill_in(uint64_t argument, const struct values *values)
{
	static uint64_t zeros[16];

	switch (argument) {
	case ADDRESS:
		return values->address;
	case LENGTH:
		return values->length;
	case FD:
		return values->fd;
	case ANONYMOUS:
		return UINT64_MAX;
	case RIGHT:
		return (uint64_t)zeros;
	case FREE_FD:
		return 77;
	default:
		return argument;
	}
}

static int64_t call_row(const struct row *row, uint64_t fd, uint64_t address, uint64_t length)
{
	const struct values values = { address, length, fd };
	uint64_t arguments[5];

	for (size_t i = 0; i < 5; i++)
		arguments[i] = fill_in(row->arguments[i], &values);
	return syscall_number(row->number, arguments[0], arguments[1], arguments[2], arguments[3],
			      arguments[4], 0);
}

static bool takes_length(const struct row *row)
{
	for (size_t i = 0; i < 5; i++)
		if (row->arguments[i] == LENGTH)
			return true;
	return false;
}

/* The lowest number that is free tells whether descriptors were left or closed. */
static int64_t next_descriptor(int64_t fd)
{
	int64_t next = EXPECT_SUCCESS(file_duplicate(fd, NULL));

	EXPECT_EQUAL(file_close(next), 0);
	return next;
}

static void expect_fault(const struct row *row, int64_t fd, const char *what, uint64_t address,
			 uint64_t length)
{
	int64_t before = next_descriptor(fd);
	int64_t result = call_row(row, (uint64_t)fd, address, length);

	if (result != -EFAULT)
		test_fail(__FILE__, __LINE__, "%s with %s (%#lx, length %#lx) is %ld (%s)",
			  row->name, what, address, length, result, error_name(result));
	if (next_descriptor(fd) != before)
		test_fail(__FILE__, __LINE__, "%s with %s changed descriptors", row->name, what);
}

TEST(hostile, addresses)
{
	int64_t fd = hostile_open_file();

	for (size_t i = 0; i < array_length(rows); i++)
		for (const struct hostile_address *a = hostile_addresses(); a->name; a++)
			if (a->value != 0 || !takes_null(&rows[i]))
				expect_fault(&rows[i], fd, a->name, a->value, rows[i].size);
	EXPECT_EQUAL(file_seek(fd, 0, REDOX_SEEK_CUR), 0);
}

TEST(hostile, across_the_end)
{
	int64_t fd = hostile_open_file();

	for (size_t i = 0; i < array_length(rows); i++) {
		uint64_t there = rows[i].size / 2;

		/* Futex words are aligned and so never cross. */
		if (rows[i].number == REDOX_SYS_futex && rows[i].size < 16)
			continue;
		expect_fault(&rows[i], fd, "the end of what is there", hostile_last_bytes(there),
			     rows[i].size);
	}
	EXPECT_EQUAL(file_seek(fd, 0, REDOX_SEEK_CUR), 0);
}

TEST(hostile, read_only_memory)
{
	int64_t fd = hostile_open_file();

	for (size_t i = 0; i < array_length(rows); i++) {
		if (!rows[i].writes)
			continue;
		expect_fault(&rows[i], fd, "read-only memory", hostile_read_only(), rows[i].size);
		expect_fault(&rows[i], fd, "the program's text", (uint64_t)fill_in, rows[i].size);
		expect_fault(&rows[i], fd, "half of it writable",
			     hostile_read_only() + PAGE_SIZE - rows[i].size / 2, rows[i].size);
	}
	EXPECT_EQUAL(file_seek(fd, 0, REDOX_SEEK_CUR), 0);
}

TEST(hostile, lengths)
{
	static char room[64] __attribute__((aligned(64)));
	const uint64_t here = (uint64_t)room;
	const uint64_t lengths[] = {
		-here,
		-here + 1,
		UINT64_MAX,
		UINT64_MAX - here,
		INT64_MAX,
		1ul << 63,
		1ul << 48,
		1ul << 47,
		(1ul << 47) - here,
		1ul << 40,
		0xffffffff80000000,
	};
	int64_t fd = hostile_open_file();

	for (size_t i = 0; i < array_length(rows); i++)
		for (size_t j = 0; takes_length(&rows[i]) && j < array_length(lengths); j++)
			expect_fault(&rows[i], fd, "a length", here, lengths[j]);
	EXPECT_EQUAL(file_seek(fd, 0, REDOX_SEEK_CUR), 0);
}

/* Of nothing, the address does not matter. */
TEST(hostile, nothing_at_bad_addresses)
{
	int64_t fd = hostile_open_file();

	for (const struct hostile_address *a = hostile_addresses(); a->name; a++) {
		int64_t copy;

		EXPECT_EQUAL(syscall(read, fd, a->value, 0), 0);
		EXPECT_EQUAL(syscall(write, fd, a->value, 0), 0);
		EXPECT_EQUAL(syscall(fpath, fd, a->value, 0), 0);
		EXPECT_EQUAL(syscall(getcwd, a->value, 0), 0);
		copy = EXPECT_SUCCESS(syscall(dup, fd, a->value, 0));
		EXPECT_EQUAL(file_close(copy), 0);
	}
}

/* Lists of slices whose strings are bad, and lists so long that their size wraps. */
TEST(hostile, slices)
{
	int64_t fd = hostile_open_file();

	for (const struct hostile_address *a = hostile_addresses(); a->name; a++) {
		const struct redox_slice slice[2] = { { a->value, 8 },
						      { (uint64_t) "PATH=/bin", 9 } };
		const struct redox_slice last[2] = { slice[1], slice[0] };

		EXPECT_ERROR(syscall(mkns, slice, 1), EFAULT);
		EXPECT_ERROR(syscall(fexec, fd, slice, 2, NULL, 0), EFAULT);
		EXPECT_ERROR(syscall(fexec, fd, last, 2, NULL, 0), EFAULT);
		EXPECT_ERROR(syscall(fexec, fd, NULL, 0, last, 2), EFAULT);
	}
	for (unsigned shift = 40; shift < 64; shift++) {
		const struct redox_slice slice = { (uint64_t) "file", 4 };
		int64_t error = syscall(mkns, &slice, 1ul << shift);

		EXPECT(error == -EFAULT || error == -E2BIG || error == -EINVAL);
		error = syscall(fexec, fd, &slice, 1ul << shift, &slice, 1ul << shift);
		EXPECT(error == -EFAULT || error == -E2BIG);
	}
	EXPECT_EQUAL(file_seek(fd, 0, REDOX_SEEK_CUR), 0);
}

TEST(hostile, bad_addresses_consume_nothing)
{
	uint64_t ends[2];
	char text[8] = { 0 };

	EXPECT_EQUAL(pipe_create(ends, 0), 0);
	EXPECT_EQUAL(file_write((int64_t)ends[1], "abcdef", 6), 6);
	for (const struct hostile_address *a = hostile_addresses(); a->name; a++) {
		EXPECT_ERROR(syscall(read, ends[0], a->value, 6), EFAULT);
		EXPECT_ERROR(syscall(write, ends[1], a->value, 6), EFAULT);
		/* What dup2 was to replace stays open. */
		EXPECT_ERROR(syscall(dup2, ends[1], ends[0], a->value, 4), EFAULT);
	}
	EXPECT_ERROR(syscall(read, ends[0], hostile_last_bytes(3), 6), EFAULT);
	EXPECT_ERROR(syscall(write, ends[1], hostile_last_bytes(3), 6), EFAULT);
	EXPECT_EQUAL(file_read((int64_t)ends[0], text, sizeof(text)), 6);
	EXPECT(memcmp(text, "abcdef", 6) == 0);
}

static unsigned sleep_long(void *unused)
{
	(void)unused;
	sleep_milliseconds(20000);
	return 0;
}

TEST(hostile, wait_status_address)
{
	int64_t child = test_spawn(sleep_long, NULL);

	for (const struct hostile_address *a = hostile_addresses(); a->name; a++)
		if (a->value != 0)
			EXPECT_ERROR(syscall(waitpid, child, a->value, REDOX_WNOHANG), EFAULT);
	EXPECT_EQUAL(signal_send(child, SIGKILL), 0);
	EXPECT_EQUAL(status_signal(test_wait(child)), SIGKILL);
}

/* Memory calls on addresses that are not the program's. */
TEST(hostile, memory_of_others)
{
	for (const struct hostile_address *a = hostile_addresses(); a->name; a++) {
		uint64_t page = a->value & ~(PAGE_SIZE - 1);

		EXPECT_ERROR(memory_protect(page, PAGE_SIZE, REDOX_PROT_READ), EFAULT);
		EXPECT_ERROR(syscall(virttophys, a->value), EFAULT);
		if (page != 0)
			EXPECT_ERROR(syscall(physunmap, page), EFAULT);
	}
	EXPECT_ERROR(
		memory_protect((uint64_t)sleep_long & ~(PAGE_SIZE - 1), 1ul << 46, REDOX_PROT_READ),
		EFAULT);
}
