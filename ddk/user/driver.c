/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver thread: probe, remove, suspend and resume, one after the other. */
#include "kit.h"

#define QUEUE_LENGTH 8 /* the kernel asks for one thing at a time */

static struct {
	_Atomic uint32_t lock;
	_Atomic uint32_t queued; /* messages, ever */
	/* Under the lock. */
	uint32_t taken;
	struct host_message queue[QUEUE_LENGTH];
} thread;

static int call_driver(const struct host_message *message)
{
	const struct driver *driver = &kit_device.driver;

	switch (message->kind) {
	case HOST_MESSAGE_PROBE:
		return driver->probe(&kit_device);
	case HOST_MESSAGE_REMOVE:
		if (!driver->remove)
			return -EOPNOTSUPP;
		driver->remove(&kit_device);
		return 0;
	case HOST_MESSAGE_SUSPEND:
		return driver->suspend ? driver->suspend(&kit_device) : -EOPNOTSUPP;
	default:
		return driver->resume ? driver->resume(&kit_device) : -EOPNOTSUPP;
	}
}

static bool take(struct host_message *message)
{
	bool some;

	word_acquire(&thread.lock);
	some = thread.taken != thread.queued;
	if (some)
		*message = thread.queue[thread.taken++ % QUEUE_LENGTH];
	word_release(&thread.lock);
	return some;
}

static void run_driver(unsigned role)
{
	struct host_message message;

	(void)role;
	for (;;) {
		uint32_t seen = thread.queued;

		while (take(&message))
			channel_reply(message.slot, call_driver(&message), 0);
		wait_begin();
		(void)wait_word(&thread.queued, seen, NEVER);
		wait_end();
	}
}

void driver_start(void)
{
	if (thread_start(THREAD_DRIVER, run_driver, "driver"))
		kit_fail("no thread for the driver");
}

void driver_handle(const struct host_message *message)
{
	word_acquire(&thread.lock);
	if (thread.queued - thread.taken == QUEUE_LENGTH)
		kit_fail("too many operations at a time");
	thread.queue[thread.queued % QUEUE_LENGTH] = *message;
	thread.queued++;
	word_release(&thread.lock);
	wake_word(&thread.queued, 1);
}
