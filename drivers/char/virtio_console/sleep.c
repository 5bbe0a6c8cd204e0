/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sleep: the device is stopped; what programs send and what they have read goes on waiting in the queues,
 * which are set up again when it wakes. The device then says anew which ports there are.
 */
#include "virtio_console.h"

#include <base/errno.h>
#include <ddk/timer.h>

/* A buffer that the host has begun to take is best taken whole: it would be sent again. One that does
 * not take anything is not waited for. */
#define DRAIN_TIME (200 * DDK_MILLISECOND)

static bool is_sending(struct console *console)
{
	bool sending = false;

	for (unsigned i = 0; i < console->port_count; i++)
		sending |= port_is_sending(&console->ports[i]);
	return sending;
}

int console_suspend(struct device *device)
{
	struct console *console = ddk_device_state(device);
	uint64_t end = ddk_time() + DRAIN_TIME;

	while (is_sending(console) && ddk_time() < end)
		ddk_sleep(DDK_MILLISECOND);
	console->started = false;
	ddk_work_flush(&console->control_work);
	control_sleep(console);
	virtio_stop(&console->virtio);
	return 0;
}

static int restart_queues(struct console *console)
{
	int error = virtio_restart(&console->virtio);

	for (unsigned i = 0; i < console->port_count && !error; i++)
		error = port_restart(&console->ports[i]);
	return error ? error : control_wake(console);
}

int console_resume(struct device *device)
{
	struct console *console = ddk_device_state(device);
	int error = restart_queues(console);

	if (error)
		return error;
	for (unsigned i = 0; i < console->port_count; i++)
		port_forget(&console->ports[i]);
	virtio_start(&console->virtio);
	error = console_start_ports(console);
	for (unsigned i = 0; i < console->port_count && !error; i++)
		port_settle(&console->ports[i]);
	return error;
}
