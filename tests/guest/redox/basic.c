/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every program needs: the convention of calls, errors, the start of a program. */
#include "redox_test.h"

TEST(basic, unknown_numbers)
{
	static const uint64_t numbers[] = {
		0, 2, 0x13, 0x3ff, 0x7fffffff, UINT64_MAX, 0x10000000, UINT64_C(0x100000014)
	};

	for (size_t i = 0; i < array_length(numbers); i++)
		EXPECT_ERROR(syscall_number(numbers[i], 0, 0, 0, 0, 0, 0), ENOSYS);
	/* Those of the class of files ask for the descriptor first. */
	EXPECT_ERROR(syscall_number(0x20000001, 60000, 0, 0, 0, 0, 0), EBADF);
	EXPECT_ERROR(syscall_number(0x20000001, 1, 0, 0, 0, 0, 0), ENOSYS);
}

TEST(basic, process_id)
{
	int64_t pid = process_id();

	EXPECT(pid > 0);
	EXPECT_EQUAL(process_id(), pid);
}

TEST(basic, bad_descriptors)
{
	static const uint64_t wrong[] = {
		999, 65535, 65536, UINT32_MAX, UINT64_C(1) << 32, INT64_MAX, UINT64_MAX
	};
	char byte = 0;

	for (size_t i = 0; i < array_length(wrong); i++) {
		EXPECT_ERROR(file_read((int64_t)wrong[i], &byte, 1), EBADF);
		EXPECT_ERROR(file_write((int64_t)wrong[i], &byte, 1), EBADF);
		EXPECT_ERROR(file_close((int64_t)wrong[i]), EBADF);
	}
}
