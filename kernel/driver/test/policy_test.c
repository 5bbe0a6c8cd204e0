/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of where drivers run. */
#include "../policy.h"

#include <base/format.h>
#include <base/string.h>

#include <unit.h>

static struct policy policy;

static enum policy_kind from_line(const char *text, const char *name)
{
	policy = (struct policy){ 0 };
	policy_add_command_line(&policy, text);
	return policy_find(&policy, name);
}

static enum policy_kind from_file(const char *text, const char *name)
{
	unsigned line;

	policy = (struct policy){ 0 };
	policy_add_file(&policy, text, strlen(text), &line);
	return policy_find(&policy, name);
}

UNIT_TEST(driver_policy, command_line)
{
	EXPECT_EQUAL(from_line("", "nvme"), POLICY_NONE);
	EXPECT_EQUAL(from_line("loglevel=3 drivers=user quiet", "nvme"), POLICY_USER);
	EXPECT_EQUAL(from_line("drivers=kernel", "nvme"), POLICY_NONE);
	EXPECT_EQUAL(from_line("drivers=users", "nvme"), POLICY_NONE);
	EXPECT_EQUAL(from_line("drivers.user=ahci,nvme", "nvme"), POLICY_USER);
	EXPECT_EQUAL(from_line("drivers.user=ahci,,nvme,", "nvme"), POLICY_USER);
	EXPECT_EQUAL(from_line("drivers.user=ahci,nvme2", "nvme"), POLICY_NONE);
	EXPECT_EQUAL(from_line("drivers.user=ahci drivers.user=nvme", "ahci"), POLICY_USER);
	EXPECT_EQUAL(from_line("drivers.deny=nvme", "nvme"), POLICY_DENY);
	EXPECT_EQUAL(from_line("drivers.deny=*", "nvme"), POLICY_DENY);
	EXPECT_EQUAL(from_line("xdrivers.deny=nvme", "nvme"), POLICY_NONE);
}

UNIT_TEST(driver_policy, file)
{
	EXPECT_EQUAL(from_file("user nvme\n", "nvme"), POLICY_USER);
	EXPECT_EQUAL(from_file("user nvme", "nvme"), POLICY_USER);
	EXPECT_EQUAL(from_file("\n\n  user\tnvme  # why\n", "nvme"), POLICY_USER);
	EXPECT_EQUAL(from_file("user *\r\ndeny ahci\r\n", "ahci"), POLICY_DENY);
	EXPECT_EQUAL(from_file("user *\r\ndeny ahci\r\n", "nvme"), POLICY_USER);
	EXPECT_EQUAL(from_file("# user nvme\n", "nvme"), POLICY_NONE);
	EXPECT_EQUAL(from_file("", "nvme"), POLICY_NONE);
}

UNIT_TEST(driver_policy, wrong_lines)
{
	static const char text[] = "user nvme\nkernel nvme\nuser\nuser a b\n\ndeny "
				   "a-name-that-is-longer-than-any-that-drivers-have\nusernvme\n";
	unsigned line = 0;

	policy = (struct policy){ 0 };
	EXPECT_EQUAL(policy_add_file(&policy, text, sizeof(text) - 1, &line), 5);
	EXPECT_EQUAL(line, 2);
	EXPECT_EQUAL(policy.count, 1);
	EXPECT_EQUAL(policy_find(&policy, "nvme"), POLICY_USER);
}

/* Whatever is added, in whatever order: what was said of a driver stays, or becomes stricter. */
UNIT_TEST(driver_policy, never_laxer)
{
	static const char *const words[] = { "drivers=user",       "drivers.user=a",
					     "drivers.deny=b",     "drivers.deny=a,c",
					     "drivers=kernel",     "drivers.kernel=a",
					     "drivers.user=",      "drivers.deny=",
					     "drivers.user=*,a,b", "drivers" };
	static const char *const names[] = { "a", "b", "c", "d" };
	unsigned state = 1, line;

	for (unsigned round = 0; round < 200; round++) {
		enum policy_kind before[array_length(names)] = { 0 };

		policy = (struct policy){ 0 };
		for (unsigned step = 0; step < 100; step++) {
			state = state * 1103515245 + 12345;
			policy_add_command_line(&policy,
						words[(state >> 16) % array_length(words)]);
			policy_add_file(&policy, "kernel a\nallow *\n", 17, &line);
			for (size_t i = 0; i < array_length(names); i++) {
				enum policy_kind now = policy_find(&policy, names[i]);

				EXPECT(now >= before[i]);
				before[i] = now;
			}
		}
	}
}

UNIT_TEST(driver_policy, too_many)
{
	char word[32];

	policy = (struct policy){ 0 };
	for (unsigned i = 0; i < POLICY_RULES_MAX; i++) {
		snprintf(word, sizeof(word), "drivers.user=d%u", i);
		policy_add_command_line(&policy, word);
	}
	EXPECT_EQUAL(policy_find(&policy, "nvme"), POLICY_NONE);
	policy_add_command_line(&policy, "drivers.user=one-more");
	EXPECT_EQUAL(policy_find(&policy, "nvme"), POLICY_USER);
}
