/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads of hosts, and how they wait for each other. */
#include "calls.h"

#include <arch/usercopy.h>
#include <base/errno.h>
#include <base/string.h>
#include <mm/vm/aspace.h>
#include <mm/vm/user.h>
#include <proc/process.h>
#include <proc/supply.h>
#include <sched/futex.h>

#define ALL_BITS UINT32_MAX

/* Takes one of the places for threads. Those of threads that have ended are not given back: their program makes all that it
 * needs when it starts. */
static bool take_place(struct host *host)
{
	if (atomic_fetch_add(&host->threads, 1) < HOST_THREADS_MAX)
		return true;
	host_condemn(host, "wanted more than %u threads", HOST_THREADS_MAX);
	return false;
}

static int start_thread(const uint64_t arguments[6], const char *name)
{
	struct supplied_thread like = {
		.entry = arguments[0],
		.stack_pointer = arguments[1],
		.arguments = { arguments[2] },
	};
	struct user_thread *thread;
	int error = process_create_thread(&like, &thread);

	if (error)
		return error;
	if (name[0])
		string_copy(thread->thread.name, name, sizeof(thread->thread.name));
	error = process_publish_threads(&thread, 1);
	if (error < 0)
		return error;
	thread_start(&thread->thread);
	return 0;
}

long host_call_thread_start(struct host *host, const uint64_t arguments[6])
{
	char name[HOST_TEXT_MAX];
	int error = host_copy_text(name, arguments[3], arguments[4]);

	if (error)
		return error;
	if (!user_range_valid(arguments[0], 1) || !user_range_valid(arguments[1], 1))
		return -EFAULT;
	if (!take_place(host))
		return -EPERM;
	return start_thread(arguments, name);
}

long host_call_thread_exit(struct host *host, const uint64_t arguments[6])
{
	(void)host;
	(void)arguments;
	user_thread_exit(0);
}

struct expectation {
	uintptr_t address;
	uint32_t value;
};

/* Under the lock of the bucket: no page fault is served. */
static int check_word(void *argument)
{
	const struct expectation *expected = argument;
	uint32_t value;
	int error = load_user_u32_nofault(expected->address, &value);

	if (error)
		return error;
	return value == expected->value ? 0 : -EAGAIN;
}

static int find_key(uint64_t address, struct futex_key *key)
{
	int error = aspace_futex_key(process_current()->aspace, address, true, key);

	return error == -EINVAL ? -EFAULT : error;
}

long host_call_futex_wait(struct host *host, const uint64_t arguments[6])
{
	struct expectation expected = { arguments[0], (uint32_t)arguments[1] };
	struct futex_key key;
	uint32_t value;
	int error = find_key(expected.address, &key);

	(void)host;
	if (error)
		return error;
	for (;;) {
		error = futex_wait(&key, ALL_BITS, arguments[2], check_word, &expected);
		if (error != -EFAULT)
			return error;
		/* Has the page come; the value that counts is read under the lock. */
		error = read_user_u32(expected.address, &value);
		if (error)
			return error;
	}
}

long host_call_futex_wake(struct host *host, const uint64_t arguments[6])
{
	struct futex_key key;
	int error = find_key(arguments[0], &key);

	(void)host;
	if (error)
		return error;
	return futex_wake(&key, ALL_BITS, (unsigned)min_u64(arguments[1], HOST_THREADS_MAX));
}
