/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "judge.h"

#include <hmfs/check.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t seed;

uint64_t judge_seed(void)
{
	const char *given = getenv("HMFS_SEED");
	struct timespec now;

	if (seed)
		return seed;
	clock_gettime(CLOCK_REALTIME, &now);
	seed = given && *given ? strtoull(given, NULL, 0)
			       : (uint64_t)now.tv_nsec / 1000 + 1000003u * (uint64_t)getpid();
	return seed;
}

void judge_fail(const char *format, ...)
{
	va_list arguments;

	printf("seed %llu: ", (unsigned long long)judge_seed());
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n%s", memory_host.log);
	exit(1);
}

double judge_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static char problems[4096];

static void note_problem(void *context, const char *line, bool repaired)
{
	size_t length = strlen(problems);

	(void)context;
	(void)repaired;
	snprintf(problems + length, sizeof(problems) - length, "\n  %s", line);
}

void judge_check(struct memory_volume *volume, const char *when)
{
	const struct hmfs_check_options options = { .data = true };
	const struct hmfs_report report = { .problem = note_problem };
	struct hmfs_check_result result = { 0 };
	int error;

	problems[0] = 0;
	error = hmfs_check(&volume->device.device, &volume->host, &options, &report, &result);
	if (error)
		judge_fail("%s: checking gave %d%s", when, error, problems);
	if (result.problems)
		judge_fail("%s: %llu problems:%s", when, (unsigned long long)result.problems,
			   problems);
}
