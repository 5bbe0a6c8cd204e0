/* SPDX-License-Identifier: GPL-3.0-or-later */
/* User copies and transfers, with the simulation's user memory. */
#include <base/errno.h>
#include <base/string.h>
#include <mm/vm/aspace.h>
#include <mm/vm/user.h>

#include "machine.h"
#include "sim_test.h"

static struct aspace *program;

/* Two pages for reading and writing, one for reading, none. Returns the first. */
static uintptr_t program_start(void)
{
	uintptr_t address = 0;
	int error;

	machine_start(1, 16 * MIB, 0);
	program = aspace_create();
	EXPECT(program);
	machine_enter(program);
	error = aspace_map(program, &address, 3 * PAGE_SIZE, VM_READ | VM_WRITE, NULL, 0, NULL);
	EXPECT_EQUAL(error, 0);
	error = aspace_protect(program, address + 2 * PAGE_SIZE, PAGE_SIZE, VM_READ);
	EXPECT_EQUAL(error, 0);
	return address;
}

UNIT_TEST(vm, copies)
{
	uintptr_t start = program_start();
	uintptr_t at = start + PAGE_SIZE - 3;
	char text[8] = "";
	uint32_t word = 0;
	uint64_t wide = 0;

	EXPECT_EQUAL(copy_to_user(user_out(at, 8), "1234567"), 0);
	EXPECT_EQUAL(copy_from_user(text, user_in(at, 8)), 0);
	EXPECT_STRING(text, "1234567");
	EXPECT_EQUAL(clear_user(user_out(at + 1, 4)), 0);
	EXPECT_EQUAL(copy_from_user(text, user_in(at, 8)), 0);
	EXPECT_BYTES(text,
		     "1\0\0\0\0"
		     "67",
		     8);
	EXPECT_EQUAL(write_user_u32(start, 0x12345678), 0);
	EXPECT_EQUAL(read_user_u32(start, &word), 0);
	EXPECT_EQUAL(word, 0x12345678);
	EXPECT_EQUAL(write_user_u64(start + PAGE_SIZE - 4, 0x1122334455667788), 0);
	EXPECT_EQUAL(read_user_u64(start + PAGE_SIZE - 4, &wide), 0);
	EXPECT_EQUAL(wide, 0x1122334455667788);
	EXPECT_EQUAL(load_user_u64_nofault(start, &wide), 0);
	EXPECT_EQUAL((uint32_t)wide, 0x12345678);
	EXPECT_EQUAL(load_user_u64_nofault(start + 4, &wide), -EINVAL);
	EXPECT_EQUAL(load_user_u64_nofault(start - PAGE_SIZE, &wide), -EFAULT);
	EXPECT_EQUAL(copy_to_user(user_out(start + 2 * PAGE_SIZE, 1), text), -EFAULT);
	EXPECT_EQUAL(copy_from_user(text, user_in(start + 2 * PAGE_SIZE, 8)), 0);
	EXPECT_EQUAL(copy_from_user(text, user_in(start + 3 * PAGE_SIZE - 7, 8)), -EFAULT);
	EXPECT_EQUAL(copy_from_user(text, user_in(start - 1, 2)), -EFAULT);
}

UNIT_TEST(vm, checks_before_copies)
{
	uintptr_t start = program_start();
	uintptr_t end = start + 3 * PAGE_SIZE, large = 0;
	uint32_t word = 7;

	EXPECT_EQUAL(write_user_u32(start, word), 0);
	for (unsigned i = 0; i < 5; i++) {
		EXPECT_EQUAL(check_user(start + i, 2 * PAGE_SIZE - i, true), 0);
		EXPECT_EQUAL(check_user(start + i, 2 * PAGE_SIZE - i + 1, true), -EFAULT);
		EXPECT_EQUAL(check_user(end - i, i, false), 0);
		EXPECT_EQUAL(check_user(end - i, i + 1, false), -EFAULT);
		EXPECT_EQUAL(check_user(start - 1, i + 1, false), -EFAULT);
	}
	EXPECT_EQUAL(read_user_u32(start, &word), 0);
	EXPECT_EQUAL(word, 7);
	EXPECT_EQUAL(check_user(0, 0, true), 0);
	EXPECT_EQUAL(check_user(start, SIZE_MAX, false), -EFAULT);
	EXPECT_EQUAL(check_user(USER_MAX - 1, 2, false), -EFAULT);
	EXPECT_EQUAL(check_user(UINTPTR_MAX, 1, false), -EFAULT);
	/* Long ranges are not touched. */
	EXPECT_EQUAL(aspace_map(program, &large, 64 * PAGE_SIZE, VM_READ, NULL, 0, NULL), 0);
	EXPECT_EQUAL(check_user(large + 1, 64 * PAGE_SIZE - 1, false), 0);
	EXPECT_EQUAL(check_user(large, 64 * PAGE_SIZE, true), -EFAULT);
	EXPECT_EQUAL(check_user(large, 67 * PAGE_SIZE + 1, false), -EFAULT);
}

UNIT_TEST(vm, copies_strings)
{
	uintptr_t start = program_start();
	uintptr_t end = start + 3 * PAGE_SIZE;
	char buffer[16];

	EXPECT_EQUAL(copy_to_user(user_out(start + PAGE_SIZE - 2, 5), "four"), 0);
	EXPECT_EQUAL(copy_string_from_user(buffer, start + PAGE_SIZE - 2, sizeof(buffer)), 4);
	EXPECT_STRING(buffer, "four");
	EXPECT_EQUAL(copy_string_from_user(buffer, start + PAGE_SIZE - 2, 5), 4);
	EXPECT_EQUAL(copy_string_from_user(buffer, start + PAGE_SIZE - 2, 4), -ENAMETOOLONG);
	EXPECT_EQUAL(copy_string_from_user(buffer, end, 4), -EFAULT);
	EXPECT_EQUAL(aspace_write(program, end - 2, "xy", 2), 2);
	EXPECT_EQUAL(copy_string_from_user(buffer, end - 2, sizeof(buffer)), -EFAULT);
	EXPECT_EQUAL(copy_string_from_user(buffer, end - 2, 2), -ENAMETOOLONG);
	EXPECT_EQUAL(copy_string_from_user(buffer, USER_MAX, 2), -EFAULT);
	EXPECT_EQUAL(copy_string_from_user(buffer, 0, 2), -EFAULT);
}

UNIT_TEST(vm, transfers)
{
	static char bytes[4 * PAGE_SIZE];
	uintptr_t start = program_start();
	const struct io_segment segments[] = {
		{ start, 3 },
		{ 0, 0 },
		{ start + PAGE_SIZE - 1, 3 },
		{ start + 2 * PAGE_SIZE - 5, 10 },
		{ start, 5 },
	};
	const struct io_segment endless[] = { { start, PTRDIFF_MAX }, { start, 1 } };
	struct io io;

	EXPECT_EQUAL(io_init_segments(&io, endless, 2), -EINVAL);
	EXPECT_EQUAL(io_init_segments(&io, segments, array_length(segments)), 0);
	EXPECT_EQUAL(io_remaining(&io), 21);
	EXPECT_EQUAL(io_put(&io, "abcd", 4), 4);
	EXPECT_EQUAL(io_put(&io, "ef", 2), 2);
	/* Five bytes until memory is bad; then none. */
	EXPECT_EQUAL(io_put(&io, "0123456789", 10), 5);
	EXPECT_EQUAL(io_remaining(&io), 10);
	EXPECT_EQUAL(io_put(&io, "0123456789", 10), -EFAULT);
	EXPECT_EQUAL(io_remaining(&io), 10);

	EXPECT_EQUAL(io_init_segments(&io, segments, array_length(segments)), 0);
	EXPECT_EQUAL(io_take(&io, bytes, 100), 21);
	EXPECT_BYTES(bytes, "abcdef01234\0\0\0\0\0abc\0\0", 21);
	EXPECT_EQUAL(io_take(&io, bytes, 1), 0);

	io_init_user(&io, start + 100, 4 * PAGE_SIZE);
	EXPECT_EQUAL(io_put_zeros(&io, 1), 1);
	EXPECT_EQUAL(io_take(&io, bytes, sizeof(bytes)), 3 * PAGE_SIZE - 101);
	io_init_user(&io, start, PAGE_SIZE);
	EXPECT_EQUAL(io_put(&io, bytes, 0), 0);
}
