/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls by which a host serves its channel and hears of interrupts. */
#include "calls.h"
#include "channel.h"
#include "interrupt.h"
#include "memory.h"

#include <base/errno.h>
#include <mm/vm/user.h>
#include <proc/process.h>

long host_call_channel(struct host *host, const uint64_t arguments[6])
{
	struct host_memory *memory = host->channel_memory;
	uintptr_t address;
	int error;

	if (atomic_exchange(&host->has_channel, true)) {
		host_condemn(host, "wanted its channel twice");
		return -EPERM;
	}
	/* Its list has a reference beside the host's own. */
	refcount_get(&memory->references);
	error = host_memory_map(memory, align_up(memory->length, PAGE_SIZE), &address);
	return error ? error : write_user_u64(arguments[0], address);
}

static bool has_news(struct host *host)
{
	return atomic_exchange(&host->wake, false) || host_irq_is_pending(host) ||
	       host_has_messages(host) || host->closed;
}

/* Only its end interrupts it; whatever else seems to, has it wait again. */
static int wait_for_news(struct host *host, uint64_t deadline)
{
	struct waiter waiter;
	int error = 0;

	wait_begin(&host->event_wait, &waiter);
	while (!error && !has_news(host))
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, deadline);
	wait_end(&waiter);
	return error == -ETIMEDOUT ? 0 : error;
}

long host_call_wait(struct host *host, const uint64_t arguments[6])
{
	struct host_events events;
	int error;

	if (atomic_exchange(&host->waiting, true)) {
		host_condemn(host, "waited for events in two threads");
		return -EPERM;
	}
	host->event_thread = user_thread_current()->id;
	host_take_replies(host);
	host_irq_release_told(host);
	error = wait_for_news(host, arguments[1]);
	host->waiting = false;
	if (error)
		return error;
	events.irqs = host_irq_take(host);
	return copy_to_user(user_out(arguments[0], sizeof(events)), &events);
}

long host_call_reply(struct host *host, const uint64_t arguments[6])
{
	(void)arguments;
	host_take_replies(host);
	return 0;
}

long host_call_wake(struct host *host, const uint64_t arguments[6])
{
	(void)arguments;
	host->wake = true;
	wait_wake_all(&host->event_wait);
	return 0;
}
