/* SPDX-License-Identifier: GPL-3.0-or-later */
/* poll and select. */
#include "linux.h"

#include <base/bits.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <proc/fd_table.h>
#include <proc/process.h>
#include <proc/signal.h>
#include <scheme/poll.h>
#include <time/clock.h>

#define SELECT_MAX    1024
#define SELECT_READ   (POLL_IN | POLL_READ_NORMAL | POLL_READ_BAND | POLL_HANGUP | POLL_ERROR)
#define SELECT_WRITE  (POLL_OUT | POLL_WRITE_NORMAL | POLL_WRITE_BAND | POLL_ERROR)
#define SELECT_EXCEPT POLL_PRIORITY

static void put_files(struct poll_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (entries[i].file)
			file_put(entries[i].file);
	}
}

/* Descriptors that are not open are ready at once, as invalid. */
static bool open_entries(struct poll_entry *entries, const struct linux_pollfd *fds, size_t count)
{
	bool any_invalid = false;

	for (size_t i = 0; i < count; i++) {
		entries[i].wanted = (uint16_t)fds[i].events;
		entries[i].file = fds[i].fd >= 0 ? fd_get(fds[i].fd) : NULL;
		if (fds[i].fd >= 0 && !entries[i].file) {
			entries[i].ready = POLL_INVALID;
			any_invalid = true;
		}
	}
	return any_invalid;
}

static int64_t poll_files(uint64_t address, uint64_t count, uint64_t deadline)
{
	struct linux_pollfd *fds;
	struct poll_entry *entries;
	int64_t result;

	if (count > process_limit(RESOURCE_FILES))
		return -EINVAL;
	fds = kcalloc(count, sizeof(*fds));
	entries = kcalloc(count, sizeof(*entries));
	result = fds && entries ? linux_get(fds, address, count * sizeof(*fds)) : -ENOMEM;
	if (result)
		goto out;
	if (open_entries(entries, fds, count))
		deadline = 0;
	result = poll_wait(entries, count, deadline);
	put_files(entries, count);
	if (result < 0)
		goto out;
	result = 0;
	for (size_t i = 0; i < count; i++) {
		fds[i].ready = (int16_t)entries[i].ready;
		result += entries[i].ready != 0;
	}
	if (linux_put(address, fds, count * sizeof(*fds)))
		result = -EFAULT;
out:
	kfree(entries);
	kfree(fds);
	return result;
}

int64_t linux_poll(const struct linux_call *call)
{
	int timeout = linux_int(call, 2);
	uint64_t deadline = DEADLINE_NEVER;

	if (timeout >= 0)
		deadline = clock_deadline_after((uint64_t)timeout * NS_PER_MILLISECOND);
	return poll_files(call->argument[0], linux_unsigned(call, 1), deadline);
}

/* What is left of a timeout goes back to where it came from. */
static void put_remaining(uint64_t to, uint64_t deadline)
{
	uint64_t now = clock_monotonic_ns();

	if (to && deadline != DEADLINE_NEVER &&
	    linux_put_timespec(to, deadline > now ? deadline - now : 0)) {
		/* A read-only timeout is allowed: the call's result stands. */
		return;
	}
}

int64_t linux_ppoll(const struct linux_call *call)
{
	uint64_t deadline, mask;
	int64_t result = linux_get_timeout(call->argument[2], &deadline);

	if (!result && call->argument[3])
		result = linux_get_mask(call->argument[3], call->argument[4], &mask);
	if (result)
		return result;
	if (call->argument[3])
		signal_set_temporary_mask(mask);
	result = poll_files(call->argument[0], linux_unsigned(call, 1), deadline);
	if (call->argument[3] && result != -ERESTARTNOHAND)
		signal_restore_temporary_mask();
	put_remaining(call->argument[2], deadline);
	return result;
}

/* select's three sets, in words. */
struct select_sets {
	uint64_t wanted[3][SELECT_MAX / 64];
	uint64_t ready[3][SELECT_MAX / 64];
};

static const unsigned select_events[3] = { SELECT_READ, SELECT_WRITE, SELECT_EXCEPT };

static int get_sets(struct select_sets *sets, const uint64_t addresses[3], size_t bytes)
{
	for (unsigned i = 0; i < 3; i++) {
		int error = addresses[i] ? linux_get(sets->wanted[i], addresses[i], bytes) : 0;

		if (error)
			return error;
	}
	return 0;
}

static int put_sets(const struct select_sets *sets, const uint64_t addresses[3], size_t bytes)
{
	for (unsigned i = 0; i < 3; i++) {
		int error = addresses[i] ? linux_put(addresses[i], sets->ready[i], bytes) : 0;

		if (error)
			return error;
	}
	return 0;
}

static unsigned wanted_events(const struct select_sets *sets, unsigned fd)
{
	unsigned wanted = 0;

	for (unsigned i = 0; i < 3; i++) {
		if (bitmap_test(sets->wanted[i], fd))
			wanted |= select_events[i];
	}
	return wanted;
}

/* Waits for the descriptors in the sets; entry n belongs to the n-th that is in any. */
static int64_t select_wait(struct select_sets *sets, unsigned count, uint64_t deadline)
{
	struct poll_entry *entries = kcalloc(count ? count : 1, sizeof(*entries));
	int64_t result = 0;
	size_t used = 0;

	if (!entries)
		return -ENOMEM;
	for (unsigned fd = 0; fd < count && !result; fd++) {
		unsigned wanted = wanted_events(sets, fd);

		if (!wanted)
			continue;
		entries[used].wanted = wanted;
		entries[used].file = fd_get((int)fd);
		if (!entries[used].file)
			result = -EBADF;
		else
			used++;
	}
	if (!result)
		result = poll_wait(entries, used, deadline);
	put_files(entries, used);
	if (result >= 0) {
		result = 0;
		used = 0;
		for (unsigned fd = 0; fd < count; fd++) {
			unsigned ready;

			if (!wanted_events(sets, fd))
				continue;
			ready = entries[used++].ready;
			for (unsigned i = 0; i < 3; i++) {
				if (!bitmap_test(sets->wanted[i], fd) ||
				    !(ready & select_events[i]))
					continue;
				bitmap_set(sets->ready[i], fd);
				result++;
			}
		}
	}
	kfree(entries);
	return result;
}

static int64_t run_select(const struct linux_call *call, uint64_t deadline)
{
	const uint64_t *addresses = &call->argument[1];
	int count = linux_int(call, 0);
	struct select_sets *sets;
	size_t bytes;
	int64_t result;

	if (count < 0)
		return -EINVAL;
	if (count > SELECT_MAX)
		count = SELECT_MAX;
	bytes = BITMAP_WORDS((size_t)count) * sizeof(uint64_t);
	sets = kzalloc(sizeof(*sets));
	if (!sets)
		return -ENOMEM;
	result = get_sets(sets, addresses, bytes);
	if (!result)
		result = select_wait(sets, (unsigned)count, deadline);
	if (result >= 0 && put_sets(sets, addresses, bytes))
		result = -EFAULT;
	kfree(sets);
	return result;
}

int64_t linux_select(const struct linux_call *call)
{
	uint64_t deadline = DEADLINE_NEVER;
	struct linux_timeval time;
	int64_t result;

	if (call->argument[4]) {
		int error = linux_get(&time, call->argument[4], sizeof(time));

		if (error)
			return error;
		if (time.seconds < 0 || time.microseconds < 0)
			return -EINVAL;
		deadline = clock_deadline_after(min_u64((uint64_t)time.seconds, UINT32_MAX) *
							NS_PER_SECOND +
						(uint64_t)time.microseconds * NS_PER_MICROSECOND);
	}
	result = run_select(call, deadline);
	if (call->argument[4]) {
		uint64_t now = clock_monotonic_ns();

		if (linux_put_timeval(call->argument[4], deadline > now ? deadline - now : 0))
			return result;
	}
	return result;
}

int64_t linux_pselect6(const struct linux_call *call)
{
	uint64_t deadline, mask_argument[2] = { 0 }, mask;
	int64_t result = linux_get_timeout(call->argument[4], &deadline);

	if (!result && call->argument[5])
		result = linux_get(mask_argument, call->argument[5], sizeof(mask_argument));
	if (!result && mask_argument[0])
		result = linux_get_mask(mask_argument[0], mask_argument[1], &mask);
	if (result)
		return result;
	if (mask_argument[0])
		signal_set_temporary_mask(mask);
	result = run_select(call, deadline);
	if (mask_argument[0] && result != -ERESTARTNOHAND)
		signal_restore_temporary_mask();
	put_remaining(call->argument[4], deadline);
	return result;
}
