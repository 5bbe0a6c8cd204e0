/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports on request: from the keyboard, a serial line, or a program. */
#include "sched_priv.h"

#include <core/log.h>
#include <core/panic.h>
#include <sched/diagnose.h>
#include <sync/snapshot.h>

#define AREA "diagnose"

static bool log_cpus(void)
{
	return snapshot_log(UINT64_MAX, AREA);
}

static bool log_blocked(void)
{
	return blocked_log_programs(AREA);
}

static bool log_threads(void)
{
	return blocked_log_all(AREA);
}

static bool crash(void)
{
	panic("a panic was asked for");
}

static bool reset(void)
{
	arch_reset();
	return false;
}

static const struct {
	char key;
	const char *what;
	bool (*run)(void);
} requests[] = {
	{ 'l', "what all CPUs do", log_cpus },
	{ 'w', "blocked threads", log_blocked },
	{ 't', "all threads", log_threads },
	{ 'c', "a panic", crash },
	{ 'b', "a reset at once, without saving anything", reset },
};

bool diagnose_request(char key)
{
	for (size_t i = 0; i < array_length(requests); i++) {
		if (requests[i].key != key)
			continue;
		log_notice(AREA, "asked for: %s", requests[i].what);
		if (!requests[i].run())
			log_error(AREA, "not possible at the moment");
		return true;
	}
	for (size_t i = 0; i < array_length(requests); i++)
		log_notice(AREA, "%c: %s", requests[i].key, requests[i].what);
	return false;
}
