/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the arguments of calls are made of: user ranges, text, times. */
#include "redox.h"

#include <base/string.h>
#include <mm/phys/slab.h>
#include <mm/vm/aspace.h>
#include <proc/process.h>
#include <scheme/credentials.h>

#define TEXT_MAX 65536

int redox_check_user(uint64_t address, uint64_t length, bool write)
{
	return check_user(address, length, write);
}

/* How many bytes follow the first one of a sequence of UTF-8 (RFC 3629, section 3), and the range
 * of the second. False: no sequence begins with it. */
static bool sequence_of(uint8_t first, unsigned *more, uint8_t *low, uint8_t *high)
{
	*low = 0x80;
	*high = 0xbf;
	if (first >= 0xc2 && first <= 0xdf) {
		*more = 1;
	} else if (first >= 0xe0 && first <= 0xef) {
		*more = 2;
		if (first == 0xe0)
			*low = 0xa0;
		else if (first == 0xed)
			*high = 0x9f;
	} else if (first >= 0xf0 && first <= 0xf4) {
		*more = 3;
		if (first == 0xf0)
			*low = 0x90;
		else if (first == 0xf4)
			*high = 0x8f;
	} else {
		return false;
	}
	return true;
}

bool redox_text_is_valid(const char *text, size_t length)
{
	const uint8_t *at = (const uint8_t *)text, *end = at + length;
	uint8_t low, high;
	unsigned more;

	while (at < end) {
		uint8_t first = *at++;

		if (first >= 1 && first <= 0x7f)
			continue;
		if (!sequence_of(first, &more, &low, &high) || more > (size_t)(end - at))
			return false;
		for (; more; more--, at++) {
			if (*at < low || *at > high)
				return false;
			low = 0x80;
			high = 0xbf;
		}
	}
	return true;
}

int redox_fill_text(uint64_t address, uint64_t length, char *text)
{
	int error = redox_get(text, address, length);

	text[length] = '\0';
	return !error && !redox_text_is_valid(text, length) ? -EINVAL : error;
}

int redox_copy_text(uint64_t address, uint64_t length, char **text)
{
	int error;
	char *copy;

	/* Copying tells what cannot be read, where it comes to that. */
	if (length >= TEXT_MAX) {
		error = redox_check_user(address, length, false);
		return error ? error : -ENAMETOOLONG;
	}
	copy = kmalloc(length + 1);
	if (!copy)
		return -ENOMEM;
	error = redox_fill_text(address, length, copy);
	if (error)
		kfree(copy);
	else
		*text = copy;
	return error;
}

#define NS_PER_SECOND 1000000000ull

int redox_get_timespec(uint64_t from, uint64_t *ns)
{
	struct redox_timespec time;
	int error = redox_check_user(from, sizeof(time), false);

	if (!error)
		error = redox_get(&time, from, sizeof(time));
	if (error)
		return error;
	if (time.seconds < 0 || time.nanoseconds < 0 || time.nanoseconds >= (int32_t)NS_PER_SECOND)
		return -EINVAL;
	if ((uint64_t)time.seconds >= INT64_MAX / NS_PER_SECOND)
		*ns = INT64_MAX;
	else
		*ns = (uint64_t)time.seconds * NS_PER_SECOND + (uint64_t)time.nanoseconds;
	return 0;
}

int redox_put_timespec(uint64_t to, uint64_t ns)
{
	const struct redox_timespec time = {
		.seconds = (int64_t)(ns / NS_PER_SECOND),
		.nanoseconds = (int32_t)(ns % NS_PER_SECOND),
	};

	return redox_put(to, &time, sizeof(time));
}

bool redox_is_root(void)
{
	return credentials_current()->euid == 0;
}
