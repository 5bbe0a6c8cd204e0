/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver host's program: loads the driver's object, and serves it as the event thread. */
#include "kit.h"
#include "task.h"

struct device kit_device;

_Noreturn void program_start(void);

static void run_events(unsigned role)
{
	(void)role;
	if (kernel_call1(HOST_DESCRIBE, address_of(&kit_device.description)))
		kit_fail("nothing is known of the device");
	channel_start();
	kit_load_driver();
	tasks_start();
	driver_start();
	for (;;) {
		struct host_events events = { 0 };
		long error;
		uint64_t deadline;

		channel_take_messages();
		deadline = timers_run();
		disks_retry();
		nets_retry();
		error = kernel_call2(HOST_WAIT, address_of(&events), deadline);
		if (error && error != -ETIMEDOUT && error != -EINTR)
			kit_fail("it cannot wait for events: error %ld", error);
		irqs_dispatch(events.irqs);
	}
}

void program_start(void)
{
	thread_start_first(run_events);
}
