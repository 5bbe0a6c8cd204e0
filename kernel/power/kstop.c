/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `sys:kstop`, by which Redox programs switch off and restart: what is written says which. */
#include <power/power.h>

#include <arch/cpu.h>
#include <base/errno.h>
#include <base/string.h>
#include <proc/process.h>
#include <scheme/credentials.h>
#include <scheme/text.h>

static bool is(const char *word, const char *bytes, size_t length)
{
	return strlen(word) == length && memcmp(word, bytes, length) == 0;
}

static ssize_t store(const char *bytes, size_t length)
{
	size_t end = length;

	if (!credentials_privileged(credentials_current()))
		return -EPERM;
	while (end > 0 && (bytes[end - 1] == '\n' || bytes[end - 1] == ' '))
		end--;
	if (is("shutdown", bytes, end))
		power_down(POWER_OFF);
	if (is("reset", bytes, end))
		power_down(POWER_RESTART);
	if (is("emergency_reset", bytes, end))
		arch_reset();
	return -EINVAL;
}

static int generate(struct text *text)
{
	(void)text;
	return 0;
}

SYS_TEXT(kstop) = { .name = "kstop", .generate = generate, .store = store };
