/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Futexes. Who shares the memory of a word, by whatever way, shares its waiters. A wait may end
 * early (a signal was handled): that is a wake-up like any other, after which programs look anew.
 */
#include "redox.h"

#include <mm/vm/aspace.h>
#include <sched/futex.h>
#include <sched/wait.h>
#include <time/clock.h>

#define ALL_BITS UINT32_MAX

struct expectation {
	uint64_t address, value;
	bool wide; /* 64 bits */
};

/* Under the bucket's lock: no page fault is served. */
static int check_word(void *argument)
{
	const struct expectation *expected = argument;
	uint32_t narrow = 0;
	uint64_t value = 0;
	int error;

	if (expected->wide) {
		error = load_user_u64_nofault(expected->address, &value);
	} else {
		error = load_user_u32_nofault(expected->address, &narrow);
		value = narrow;
	}
	if (error)
		return error;
	return value == expected->value ? 0 : -EAGAIN;
}

static int key_of(uint64_t address, struct futex_key *key)
{
	return aspace_futex_key(aspace_current(), address, false, key);
}

static int wait_word(struct expectation *expected, uint64_t deadline)
{
	struct futex_key key;
	uint8_t byte;

	for (;;) {
		int error = key_of(expected->address, &key);

		if (!error)
			error = futex_wait(&key, ALL_BITS, deadline, check_word, expected);
		if (error != -EFAULT)
			return error;
		/* Faults the page in; the value that counts is read under the lock. */
		error = redox_get(&byte, expected->address, sizeof(byte));
		if (error)
			return error;
	}
}

static int64_t wait(const struct redox_call *call, bool wide)
{
	struct expectation expected = { call->argument[0], call->argument[2], wide };
	uint64_t timeout_at = call->argument[3], deadline = DEADLINE_NEVER, ns;
	size_t size = wide ? sizeof(uint64_t) : sizeof(uint32_t);
	int error = redox_check_user(expected.address, size, false);

	if (!error && timeout_at)
		error = redox_get_timespec(timeout_at, &ns);
	if (error)
		return error;
	if (!is_aligned(expected.address, size))
		return -EINVAL;
	if (!wide)
		expected.value = (uint32_t)expected.value;
	if (timeout_at)
		deadline = clock_deadline_after(ns);
	error = wait_word(&expected, deadline);
	return error == -ERESTART ? 0 : error;
}

/* No more than that many are woken or moved. */
static unsigned count_of(uint64_t argument)
{
	return argument < INT32_MAX ? (unsigned)argument : INT32_MAX;
}

/* Where nobody can wait, since the address is crooked, nobody is woken. */
static int64_t wake(const struct redox_call *call)
{
	struct futex_key key;
	int error = redox_check_user(call->argument[0], 1, false);

	if (error)
		return error;
	if (!is_aligned(call->argument[0], sizeof(uint32_t)))
		return 0;
	error = key_of(call->argument[0], &key);
	return error ? error : (int64_t)futex_wake(&key, ALL_BITS, count_of(call->argument[2]));
}

/* Wakes as many as argument 2 says and has as many as argument 3 says wait for the other word;
 * the result is how many were woken. */
static int64_t requeue(const struct redox_call *call)
{
	unsigned wanted = count_of(call->argument[2]);
	struct futex_key from, to;
	int result = redox_check_user(call->argument[0], 1, false);

	if (!result)
		result = redox_check_user(call->argument[4], 1, false);
	if (!result)
		result = key_of(call->argument[0], &from);
	if (!result)
		result = key_of(call->argument[4], &to);
	if (!result)
		result = futex_requeue(&from, &to, wanted, count_of(call->argument[3]), NULL, NULL);
	return result > (int)wanted ? (int)wanted : result;
}

int64_t redox_futex(const struct redox_call *call)
{
	switch (call->argument[1]) {
	case REDOX_FUTEX_WAIT:
		return wait(call, false);
	case REDOX_FUTEX_WAIT64:
		return wait(call, true);
	case REDOX_FUTEX_WAKE:
		return wake(call);
	case REDOX_FUTEX_REQUEUE:
		return requeue(call);
	default:
		return -EINVAL;
	}
}
