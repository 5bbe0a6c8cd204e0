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

#include <stdatomic.h>

#define ALL_BITS UINT32_MAX

/* The key of a word, and how to tell that it has changed since: by then its waiters are on their
 * way to the new one. */
struct word {
	struct futex_key key;
	uint64_t changes;
};

struct expectation {
	struct word word;
	uint64_t address, value;
	bool wide; /* 64 bits */
};

static bool has_moved(const struct word *word)
{
	return atomic_load(&aspace_current()->key_changes) != word->changes;
}

static int find_word(uint64_t address, struct word *word)
{
	struct aspace *aspace = aspace_current();

	word->changes = atomic_load(&aspace->key_changes);
	return aspace_futex_key(aspace, address, false, &word->key);
}

/* Under the bucket's lock: no page fault is served. -EFAULT has the caller look anew. */
static int check_word(void *argument)
{
	const struct expectation *expected = argument;
	uint32_t narrow = 0;
	uint64_t value = 0;
	int error;

	if (has_moved(&expected->word))
		return -EFAULT;
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

static int wait_word(struct expectation *expected, uint64_t deadline)
{
	uint8_t byte;

	for (;;) {
		int error = find_word(expected->address, &expected->word);

		if (!error)
			error = futex_wait(&expected->word.key, ALL_BITS, deadline, check_word,
					   expected);
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
	struct expectation expected = {
		.address = call->argument[0],
		.value = call->argument[2],
		.wide = wide,
	};
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
	unsigned wanted = count_of(call->argument[2]), woken = 0;
	struct word word;
	int error = redox_check_user(call->argument[0], 1, false);

	if (error)
		return error;
	if (!is_aligned(call->argument[0], sizeof(uint32_t)))
		return 0;
	do {
		error = find_word(call->argument[0], &word);
		if (error)
			return woken ? (int64_t)woken : error;
		woken += futex_wake(&word.key, ALL_BITS, wanted - woken);
	} while (has_moved(&word));
	return woken;
}

/* Under the locks of both words' buckets. */
static int check_places(void *argument)
{
	const struct word *words = argument;

	return has_moved(&words[0]) || has_moved(&words[1]) ? -EAGAIN : 0;
}

/* Wakes as many as argument 2 says and has as many as argument 3 says wait for the other word;
 * the result is how many were woken. */
static int64_t requeue(const struct redox_call *call)
{
	unsigned wanted = count_of(call->argument[2]);
	struct word words[2];
	int result = redox_check_user(call->argument[0], 1, false);

	if (!result)
		result = redox_check_user(call->argument[4], 1, false);
	if (result)
		return result;
	do {
		result = find_word(call->argument[0], &words[0]);
		if (!result)
			result = find_word(call->argument[4], &words[1]);
		if (!result)
			result = futex_requeue(&words[0].key, &words[1].key, wanted,
					       count_of(call->argument[3]), check_places, words);
	} while (result == -EAGAIN);
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
