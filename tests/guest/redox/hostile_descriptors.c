/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every call on a descriptor gets ones that are closed, beyond all tables, or another file's. */
#include "hostile.h"

/* Those whose first argument is one. fmap and fmap_old take UINT64_MAX for none; funmap and funmap_old bear
 * the class and take addresses. */
static const struct {
	const char *name;
	uint64_t number;
} calls[] = {
#define CALL(name)                      \
	{                               \
#name, REDOX_SYS_##name \
	}
	CALL(close),
	CALL(dup),
	CALL(dup2),
	CALL(read),
	CALL(write),
	CALL(lseek),
	CALL(fchmod),
	CALL(fchown),
	CALL(fcntl),
	CALL(fevent),
	CALL(fexec),
	CALL(fpath),
	CALL(frename),
	CALL(fstat),
	CALL(fstatvfs),
	CALL(fsync),
	CALL(fmap_old),
	CALL(ftruncate),
	CALL(futimens),
	CALL(fmap),
	CALL(sendfd),
	CALL(read2),
	CALL(write2),
	CALL(getdents),
	CALL(flink),
	CALL(dup_into),
	CALL(call),
#undef CALL
	{ "no such call", REDOX_CLASS_FILE | 0x123 },
	{ "no such call with a slice", REDOX_CLASS_FILE | REDOX_SLICE | 0x124 },
};

static void expect_no_descriptor(size_t call, uint64_t fd)
{
	static uint64_t room[16];
	int64_t result;

	/* What follows the descriptor is right for some and wrong for others: it does not matter. */
	if ((calls[call].number == REDOX_SYS_fmap || calls[call].number == REDOX_SYS_fmap_old) &&
	    fd == UINT64_MAX)
		return;
	result = syscall_number(calls[call].number, fd, (uint64_t)room, 32, 0, 0, 0);
	if (result != -EBADF)
		test_fail(__FILE__, __LINE__, "%s of descriptor %#lx is %ld (%s)", calls[call].name,
			  fd, result, error_name(result));
}

TEST(hostile, descriptors)
{
	static const uint64_t wrong[] = {
		77,         1023,      65535,           65536,           INT32_MAX,       1ul << 31,
		UINT32_MAX, 1ul << 32, (1ul << 32) + 1, (1ul << 63) + 1, UINT64_MAX - 99, UINT64_MAX
	};

	for (size_t i = 0; i < array_length(calls); i++)
		for (size_t j = 0; j < array_length(wrong); j++)
			expect_no_descriptor(i, wrong[j]);
}

TEST(hostile, closed_descriptors)
{
	int64_t fd = hostile_open_file();

	EXPECT_EQUAL(file_close(fd), 0);
	for (size_t i = 0; i < array_length(calls); i++)
		expect_no_descriptor(i, (uint64_t)fd);
}

static unsigned use_closed(void *fd)
{
	EXPECT_EQUAL(file_close((int64_t)fd), 0);
	for (size_t i = 0; i < array_length(calls); i++)
		expect_no_descriptor(i, (uint64_t)fd);
	return 0;
}

/* What a child closes is still its parent's, and the other way about. */
TEST(hostile, foreign_descriptors)
{
	int64_t fd = hostile_open_file();
	char text[10];

	EXPECT_EQUAL(test_run_child(use_closed, (void *)fd), 0);
	EXPECT_EQUAL(file_read(fd, text, sizeof(text)), 10);
}

TEST(hostile, targets_of_dup2)
{
	static const uint64_t wrong[] = { 65536, INT32_MAX, UINT32_MAX, 1ul << 32, UINT64_MAX };
	int64_t fd = hostile_open_file();

	for (size_t i = 0; i < array_length(wrong); i++) {
		int64_t error = syscall(dup2, fd, wrong[i], 0, 0);

		EXPECT(error == -EBADF || error == -EMFILE);
	}
	EXPECT_ERROR(file_control(fd, REDOX_F_DUPFD, 65536), EMFILE);
	EXPECT_ERROR(file_control(fd, REDOX_F_DUPFD, UINT64_MAX), EMFILE);
	EXPECT_EQUAL(file_close(fd), 0);
}

/* All numbers there are, then no more; closing them gives them back. */
TEST(hostile, all_descriptors)
{
	int64_t fd, last = -1, first = hostile_open_file();
	uint64_t ends[2] = { 7, 7 };

	while ((fd = file_duplicate(first, NULL)) >= 0) {
		EXPECT(fd > last);
		last = fd;
	}
	EXPECT_EQUAL(fd, -EMFILE);
	EXPECT_EQUAL(last, 65535);
	EXPECT_ERROR(file_open("hostile", REDOX_O_RDONLY), EMFILE);
	EXPECT_ERROR(pipe_create(ends, 0), EMFILE);
	EXPECT_ERROR(file_control(first, REDOX_F_DUPFD, 0), EMFILE);
	EXPECT_EQUAL(file_close(40000), 0);
	EXPECT_ERROR(pipe_create(ends, 0), EMFILE); /* one is not enough */
	EXPECT_EQUAL(file_duplicate(first, NULL), 40000);
}
