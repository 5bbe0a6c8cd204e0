/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is wrong with this machine: lockups, and reports on request. docs/debugging.md explains
 * what is detected and how to read it.
 */
#pragma once

#include <base/types.h>

/* A CPU that has not done for so long what it should do at once is reported. */
#define LOCKUP_NS 2000000000ull

/* Says that the CPUs of `cpus` have not done `what` for `waited_ns`: logs what all CPUs do and who
 * waits for mutexes. At most one report in LOCKUP_NS; false if this was not reported. Any
 * context. */
bool lockup_report(uint64_t cpus, const char *what, uint64_t waited_ns);

/* To be called by whoever notices that CPU `cpu`, another one, has not done what it was asked to do
 * by an interrupt at `asked_ns` (monotonic): reports it when LOCKUP_NS have passed. False if it
 * is too early. Any context. */
bool lockup_check(unsigned cpu, uint64_t asked_ns);

/* Logs the threads that have waited for a mutex for `least_ns` or longer, who holds it, and where
 * they are. Any context; false if the list of threads was not to be had. */
bool blocked_log(uint64_t least_ns, const char *area);
/* The same for all threads that sleep uninterruptibly in system calls, or for all there are. */
bool blocked_log_programs(const char *area);
bool blocked_log_all(const char *area);

/* Does what the character asks for, as Linux's "magic" keys do: l, w, t, c, b. False, and a
 * list of what there is, for others. Any context. */
bool diagnose_request(char key);
