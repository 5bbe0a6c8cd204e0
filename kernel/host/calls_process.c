/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls of hosts about themselves: the end, the log, time, random numbers. */
#include "calls.h"

#include <base/errno.h>
#include <core/log.h>
#include <ddk/log.h>
#include <dev/device.h>
#include <mm/vm/user.h>
#include <proc/process.h>
#include <scheme/random.h>
#include <time/clock.h>

#define RANDOM_MAX           4096u
#define LOG_LINES_PER_SECOND 200u

_Static_assert((int)DDK_LOG_ERROR == (int)LOG_ERROR && (int)DDK_LOG_DEBUG == (int)LOG_DEBUG,
	       "the kit's levels are the kernel's");

int host_copy_text(char text[HOST_TEXT_MAX], uint64_t address, uint64_t length)
{
	size_t size = min_u64(length, HOST_TEXT_MAX - 1);

	if (copy_from_user(text, user_in(address, size)))
		return -EFAULT;
	text[size] = '\0';
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\0')
			break;
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			text[i] = '?';
	}
	return 0;
}

long host_call_exit(struct host *host, const uint64_t arguments[6])
{
	char text[HOST_TEXT_MAX];
	int error = host_copy_text(text, arguments[0], arguments[1]);

	if (error)
		return error;
	host_note_end(host, "%s", text[0] ? text : "it exited");
	log_error("host", "%s: driver %s gives up: %s", host->device->name, host_driver_name(host),
		  text[0] ? text : "it does not say why");
	process_exit(wait_status_exited(1));
}

/* Who writes without end is not heard. */
static bool may_log(struct host *host)
{
	uint64_t second = clock_monotonic_ns() / NS_PER_SECOND;

	if (atomic_exchange(&host->log_second, second) != second)
		host->log_lines = 0;
	return atomic_fetch_add(&host->log_lines, 1) < LOG_LINES_PER_SECOND;
}

long host_call_log(struct host *host, const uint64_t arguments[6])
{
	char text[HOST_TEXT_MAX];
	uint64_t level = arguments[0];
	int error = host_copy_text(text, arguments[1], arguments[2]);

	if (error)
		return error;
	if (level < LOG_ERROR || level > LOG_DEBUG)
		return -EINVAL;
	if (may_log(host))
		log_write((enum log_level)level, host_driver_name(host), "%s: %s",
			  host->device->name, text);
	return 0;
}

long host_call_time(struct host *host, const uint64_t arguments[6])
{
	(void)host;
	(void)arguments;
	return (long)clock_monotonic_ns();
}

long host_call_random(struct host *host, const uint64_t arguments[6])
{
	uint8_t bytes[64];

	(void)host;
	if (arguments[1] > RANDOM_MAX)
		return -EINVAL;
	for (size_t done = 0; done < arguments[1]; done += sizeof(bytes)) {
		size_t length = min_size(sizeof(bytes), arguments[1] - done);

		random_bytes(bytes, length);
		if (copy_to_user(user_out(arguments[0] + done, length), bytes))
			return -EFAULT;
	}
	return 0;
}
