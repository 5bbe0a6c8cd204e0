/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Futexes: decoding, and the comparison of the user's word. */
#include "linux.h"

#include <arch/usercopy.h>
#include <proc/priority_futex.h>
#include <proc/process.h>
#include <sched/futex.h>
#include <time/clock.h>

enum futex_operation {
	FUTEX_WAIT = 0,
	FUTEX_WAKE = 1,
	FUTEX_REQUEUE = 3,
	FUTEX_CMP_REQUEUE = 4,
	FUTEX_WAKE_OP = 5,
	FUTEX_LOCK_PI = 6,
	FUTEX_UNLOCK_PI = 7,
	FUTEX_TRYLOCK_PI = 8,
	FUTEX_WAIT_BITSET = 9,
	FUTEX_WAKE_BITSET = 10,
	FUTEX_LOCK_PI2 = 13,
	FUTEX_PRIVATE = 128,
	FUTEX_CLOCK_REALTIME = 256,
};

#define ALL_BITS UINT32_MAX

struct expectation {
	uintptr_t address;
	uint32_t value;
};

/* Under the bucket's lock: no page fault is served. */
static int check_word(void *argument)
{
	const struct expectation *expected = argument;
	uint32_t value;
	int error = load_user_u32_nofault(expected->address, &value);

	if (error)
		return error;
	return value == expected->value ? 0 : -EAGAIN;
}

static int key_of(uint64_t address, bool private, struct futex_key *key)
{
	return aspace_futex_key(process_current()->aspace, address, private, key);
}

static int64_t futex_wait_word(const struct linux_call *call, bool private, uint32_t bits,
			       uint64_t deadline)
{
	struct expectation expected = { call->argument[0], linux_unsigned(call, 2) };
	struct futex_key key;
	uint32_t value;
	int error;

	if (!bits)
		return -EINVAL;
	for (;;) {
		error = key_of(expected.address, private, &key);
		if (error)
			return error;
		error = futex_wait(&key, bits, deadline, check_word, &expected);
		if (error != -EFAULT)
			return error;
		/* Faults the page in; the value that counts is read under the lock. */
		error = read_user_u32(expected.address, &value);
		if (error)
			return error;
	}
}

/* FUTEX_WAIT takes a relative time, FUTEX_WAIT_BITSET an absolute one. */
static int64_t wait_relative(const struct linux_call *call, bool private)
{
	uint64_t deadline;
	int64_t result = linux_get_timeout(call->argument[3], &deadline);

	if (!result)
		result = futex_wait_word(call, private, ALL_BITS, deadline);
	/* A relative wait that is restarted would begin anew. */
	if (result == -ERESTART && call->argument[3])
		result = -EINTR;
	return result;
}

static int get_deadline(uint64_t from, bool realtime, uint64_t *deadline)
{
	int error = 0;

	*deadline = DEADLINE_NEVER;
	if (from)
		error = linux_get_timespec(from, deadline);
	if (from && !error && realtime)
		*deadline = clock_realtime_to_monotonic(*deadline);
	return error;
}

static int64_t wait_absolute(const struct linux_call *call, bool private, bool realtime)
{
	uint64_t deadline;
	int error = get_deadline(call->argument[3], realtime, &deadline);

	if (error)
		return error;
	return futex_wait_word(call, private, linux_unsigned(call, 5), deadline);
}

static int64_t wake(const struct linux_call *call, bool private, uint32_t bits)
{
	struct futex_key key;
	int error = key_of(call->argument[0], private, &key);

	if (error)
		return error;
	if (!bits)
		return -EINVAL;
	return futex_wake(&key, bits, linux_unsigned(call, 2));
}

static int64_t requeue(const struct linux_call *call, bool private, bool compare)
{
	struct expectation expected = { call->argument[0], linux_unsigned(call, 5) };
	struct futex_key from, to;
	uint32_t value;
	int error;

	if (linux_int(call, 2) < 0 || linux_int(call, 3) < 0)
		return -EINVAL;
	for (;;) {
		error = key_of(call->argument[0], private, &from);
		if (!error)
			error = key_of(call->argument[4], private, &to);
		if (!error && compare)
			error = read_user_u32(expected.address, &value);
		if (error)
			return error;
		error = futex_requeue(&from, &to, linux_unsigned(call, 2), linux_unsigned(call, 3),
				      compare ? check_word : NULL, &expected);
		if (error != -EFAULT)
			return error;
	}
}

/* The operation and comparison of FUTEX_WAKE_OP, packed in its last argument. */
static int apply_operation(uint32_t packed, uint32_t old, uint32_t *new)
{
	uint32_t operand = packed >> 12 & 0xfff;

	if (packed >> 28 & 8)
		operand = 1u << (operand & 31);
	switch (packed >> 28 & 7) {
	case 0:
		*new = operand;
		return 0;
	case 1:
		*new = old + operand;
		return 0;
	case 2:
		*new = old | operand;
		return 0;
	case 3:
		*new = old & ~operand;
		return 0;
	case 4:
		*new = old ^ operand;
		return 0;
	default:
		return -ENOSYS;
	}
}

static bool compare_operation(uint32_t packed, uint32_t old)
{
	int32_t operand = (int32_t)(packed << 20) >> 20, value = (int32_t)old;

	switch (packed >> 24 & 15) {
	case 0:
		return value == operand;
	case 1:
		return value != operand;
	case 2:
		return value < operand;
	case 3:
		return value <= operand;
	case 4:
		return value > operand;
	case 5:
		return value >= operand;
	default:
		return false;
	}
}

/* Changes the second word atomically and tells what it was. */
static int change_word(uintptr_t address, uint32_t packed, uint32_t *old)
{
	for (;;) {
		uint32_t new, found;
		int error = read_user_u32(address, old);

		if (!error)
			error = apply_operation(packed, *old, &new);
		if (error)
			return error;
		error = exchange_user_u32(address, *old, new, &found);
		if (error)
			return error;
		if (found == *old)
			return 0;
	}
}

static int64_t wake_operation(const struct linux_call *call, bool private)
{
	struct futex_key first, second;
	uint32_t packed = linux_unsigned(call, 5), old;
	int64_t woken;
	int error = key_of(call->argument[0], private, &first);

	if (!error)
		error = key_of(call->argument[4], private, &second);
	if (!error)
		error = change_word(call->argument[4], packed, &old);
	if (error)
		return error;
	woken = futex_wake(&first, ALL_BITS, linux_unsigned(call, 2));
	if (compare_operation(packed, old))
		woken += futex_wake(&second, ALL_BITS, linux_unsigned(call, 3));
	return woken;
}

static int64_t lock_priority(const struct linux_call *call, bool private, bool realtime)
{
	uint64_t deadline;
	int error = get_deadline(call->argument[3], realtime, &deadline);

	return error ? error : priority_futex_lock(call->argument[0], private, false, deadline);
}

/* Which operations look at FUTEX_CLOCK_REALTIME; to the others it is unknown. */
static bool takes_clock(int operation)
{
	return operation == FUTEX_WAIT_BITSET || operation == FUTEX_LOCK_PI2;
}

int64_t linux_futex(const struct linux_call *call)
{
	int operation = linux_int(call, 1);
	bool private = operation & FUTEX_PRIVATE, realtime = operation & FUTEX_CLOCK_REALTIME;

	operation &= ~(FUTEX_PRIVATE | FUTEX_CLOCK_REALTIME);
	if (realtime && !takes_clock(operation))
		return -ENOSYS;
	switch (operation) {
	case FUTEX_WAIT:
		return wait_relative(call, private);
	case FUTEX_WAIT_BITSET:
		return wait_absolute(call, private, realtime);
	case FUTEX_LOCK_PI:
		return lock_priority(call, private, true);
	case FUTEX_LOCK_PI2:
		return lock_priority(call, private, realtime);
	case FUTEX_TRYLOCK_PI:
		return priority_futex_lock(call->argument[0], private, true, DEADLINE_NEVER);
	case FUTEX_UNLOCK_PI:
		return priority_futex_unlock(call->argument[0], private);
	case FUTEX_WAKE:
		return wake(call, private, ALL_BITS);
	case FUTEX_WAKE_BITSET:
		return wake(call, private, linux_unsigned(call, 5));
	case FUTEX_REQUEUE:
		return requeue(call, private, false);
	case FUTEX_CMP_REQUEUE:
		return requeue(call, private, true);
	case FUTEX_WAKE_OP:
		return wake_operation(call, private);
	default:
		return -ENOSYS;
	}
}

#define ROBUST_HEAD_SIZE 24

int64_t linux_set_robust_list(const struct linux_call *call)
{
	if (call->argument[1] != ROBUST_HEAD_SIZE)
		return -EINVAL;
	user_thread_current()->robust_list = call->argument[0];
	return 0;
}

int64_t linux_get_robust_list(const struct linux_call *call)
{
	uint32_t id = linux_unsigned(call, 0);
	struct user_thread *thread = user_thread_find(id ? id : user_thread_current()->id);
	int64_t result = 0;
	uintptr_t list;

	if (!thread)
		return -ESRCH;
	list = thread->robust_list;
	if (!process_may_inspect(thread->process))
		result = -EPERM;
	user_thread_put(thread);
	if (!result)
		result = write_user_u64(call->argument[1], list);
	if (!result)
		result = write_user_u64(call->argument[2], ROBUST_HEAD_SIZE);
	return result;
}
