/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who a process is: users and groups, process groups; and what time it is. */
#include "redox_test.h"

#define KEEP UINT32_MAX

TEST(identity, root_becomes_anybody)
{
	EXPECT_EQUAL(user_id(), 0);
	EXPECT_EQUAL(user_id_effective(), 0);
	EXPECT_EQUAL(group_id_set(11, 12), 0);
	EXPECT_EQUAL(user_id_set(KEEP, KEEP), 0);
	EXPECT_EQUAL(user_id_set(1, 0), 0);
	EXPECT_EQUAL(user_id_set(2, 3), 0);
	EXPECT_EQUAL(user_id(), 2);
	EXPECT_EQUAL(user_id_effective(), 3);
	EXPECT_EQUAL(group_id(), 11);
	EXPECT_EQUAL(group_id_effective(), 12);
}

TEST(identity, others_have_two_to_choose_from)
{
	EXPECT_EQUAL(user_id_set(2, 3), 0);
	EXPECT_ERROR(user_id_set(0, KEEP), EPERM);
	EXPECT_ERROR(user_id_set(KEEP, 0), EPERM);
	EXPECT_ERROR(user_id_set(3, 4), EPERM);
	/* Nothing of it was done. */
	EXPECT_EQUAL(user_id(), 2);
	EXPECT_EQUAL(user_id_set(3, 2), 0);
	EXPECT_EQUAL(user_id(), 3);
	EXPECT_EQUAL(user_id_effective(), 2);
	EXPECT_EQUAL(user_id_set(2, KEEP), 0);
	/* Nobody remembers the 3. */
	EXPECT_ERROR(user_id_set(KEEP, 3), EPERM);
}

TEST(identity, groups_follow_the_same_rule)
{
	EXPECT_EQUAL(group_id_set(2, 3), 0);
	EXPECT_EQUAL(user_id_set(1, 1), 0);
	EXPECT_ERROR(group_id_set(0, KEEP), EPERM);
	EXPECT_ERROR(group_id_set(3, 0), EPERM);
	EXPECT_EQUAL(group_id(), 2);
	EXPECT_EQUAL(group_id_set(3, 2), 0);
	EXPECT_EQUAL(group_id(), 3);
	EXPECT_EQUAL(group_id_effective(), 2);
}

static unsigned sleep_long(void *argument)
{
	(void)argument;
	sleep_milliseconds(200);
	return 0;
}

TEST(identity, process_groups)
{
	int64_t self = process_id(), child = test_spawn(sleep_long, NULL);

	EXPECT_ERROR(process_group(60000), ESRCH);
	EXPECT_ERROR(process_group(INT64_MAX), ESRCH);
	EXPECT_ERROR(process_set_group(60000, 0), ESRCH);
	EXPECT_ERROR(process_set_group(process_parent(), 0), ESRCH);
	EXPECT_EQUAL(process_set_group(0, 0), 0);
	EXPECT_EQUAL(process_group(0), self);
	EXPECT_EQUAL(process_group(self), self);
	EXPECT_EQUAL(process_set_group(child, self), 0);
	EXPECT_EQUAL(process_group(child), self);
	EXPECT_EQUAL(process_set_group(child, 0), 0);
	EXPECT_EQUAL(process_group(child), child);
	EXPECT_EQUAL(process_set_group(0, child), 0);
	EXPECT_EQUAL(process_group(0), child);
	EXPECT_EQUAL(test_wait(child), 0);
	/* Its number is the group's as long as that has a member. */
	EXPECT_EQUAL(process_group(0), child);
	/* A group that nobody was in. */
	EXPECT_EQUAL(process_set_group(0, 54321), 0);
	EXPECT_EQUAL(process_group(0), 54321);
	EXPECT_EQUAL(process_set_group(self, self), 0);
}

TEST(identity, umask_returns_the_old_one)
{
	EXPECT_EQUAL(process_umask(0), 022);
	EXPECT_EQUAL(process_umask(0777), 0);
	EXPECT_EQUAL(process_umask(022), 0777);
}

TEST(time, clocks)
{
	struct redox_timespec first, second;

	EXPECT_EQUAL(clock_get(REDOX_CLOCK_MONOTONIC, &first), 0);
	EXPECT_EQUAL(clock_get(REDOX_CLOCK_MONOTONIC, &second), 0);
	EXPECT(second.seconds > first.seconds ||
	       (second.seconds == first.seconds && second.nanoseconds >= first.nanoseconds));
	EXPECT_EQUAL(clock_get(REDOX_CLOCK_REALTIME, &first), 0);
	/* Some time after 2020. */
	EXPECT(first.seconds > 1577836800);
	EXPECT(first.nanoseconds >= 0 && first.nanoseconds < NANOSECONDS_PER_SECOND);
	EXPECT_ERROR(clock_get(0, &first), EINVAL);
	EXPECT_ERROR(clock_get(2, &first), EINVAL);
	EXPECT_ERROR(clock_get(5, &first), EINVAL);
	EXPECT_ERROR(syscall(clock_gettime, REDOX_CLOCK_REALTIME, 8), EFAULT);
	EXPECT_ERROR(syscall(clock_gettime, REDOX_CLOCK_REALTIME, 0), EFAULT);
}

TEST(time, sleep_is_never_early)
{
	struct redox_timespec time = { .nanoseconds = 30000000 }, left = { 7, 7, 0 };
	int64_t before = clock_monotonic();

	EXPECT_EQUAL(clock_sleep(&time, &left), 0);
	EXPECT(clock_monotonic() - before >= 30000000);
	EXPECT_EQUAL(left.seconds, 0);
	EXPECT_EQUAL(left.nanoseconds, 0);
	EXPECT_EQUAL(clock_sleep(&time, NULL), 0);
	time.nanoseconds = 0;
	EXPECT_EQUAL(clock_sleep(&time, NULL), 0);
}

TEST(time, sleep_checks_first)
{
	struct redox_timespec time = { .seconds = 1000 };

	EXPECT_ERROR(syscall(nanosleep, 8, 0), EFAULT);
	EXPECT_ERROR(syscall(nanosleep, 0, 0), EFAULT);
	EXPECT_ERROR(syscall(nanosleep, &time, 8), EFAULT);
	time.nanoseconds = NANOSECONDS_PER_SECOND;
	EXPECT_ERROR(clock_sleep(&time, NULL), EINVAL);
	time = (struct redox_timespec){ .seconds = -1 };
	EXPECT_ERROR(clock_sleep(&time, NULL), EINVAL);
}

TEST(time, yield_returns_0)
{
	EXPECT_EQUAL(process_yield(), 0);
}
