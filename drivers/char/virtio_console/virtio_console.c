/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding the device and setting up its queues (virtio 1.2, 5.3). */
#include "virtio_console.h"

#include <base/errno.h>
#include <ddk/driver.h>
#include <ddk/irq.h>
#include <ddk/log.h>
#include <ddk/memory.h>

#define DEVICE_TRANSITIONAL 0x1003
#define DEVICE_MODERN       0x1043

#define FEATURE_MULTIPORT (1ull << 1)
#define CONFIG_PORT_COUNT 4 /* in struct virtio_console_config */

#define INTERRUPT        0 /* all queues share it */
#define CONTROL_IN       2
#define CONTROL_OUT      3
#define OUT_QUEUE_SIZE   4 /* streams send one buffer at a time */
#define CONTROL_OUT_SIZE 4

/* Queues of port 0 come first, those of the others behind the control queues (5.3.2). */
static uint16_t queue_in_of(unsigned port)
{
	return (uint16_t)(port == 0 ? 0 : 2 * port + 2);
}

static bool handle_interrupt(void *context)
{
	struct console *console = context;

	if (!console->running)
		return true;
	if (console->multiport)
		control_interrupt(console);
	for (unsigned i = 0; i < console->port_count; i++)
		port_interrupt(&console->ports[i]);
	return true;
}

static void run_control_work(struct ddk_work *work)
{
	control_receive(container_of(work, struct console, control_work));
}

/* How many ports the device may have, as far as it has the queues for them. */
static unsigned read_port_count(const struct console *console)
{
	unsigned count = 1;

	if (console->multiport) {
		count = virtio_read_config(&console->virtio, CONFIG_PORT_COUNT, 4);
		if (count > CONSOLE_PORT_MAX)
			count = CONSOLE_PORT_MAX;
	}
	while (count > 0 && queue_in_of(count - 1) + 1 >= console->virtio.queue_count)
		count--;
	return count;
}

static int allocate_ports(struct console *console)
{
	console->multiport = console->virtio.features & FEATURE_MULTIPORT;
	console->port_count = read_port_count(console);
	if (console->port_count == 0)
		return -ENODEV;
	console->ports = ddk_allocate_array(console->port_count, sizeof(*console->ports));
	if (!console->ports)
		return -ENOMEM;
	for (unsigned i = 0; i < console->port_count; i++) {
		console->ports[i].console = console;
		console->ports[i].id = (uint16_t)i;
		ddk_lock_init(&console->ports[i].lock, "virtio port");
	}
	return 0;
}

static int set_up_queues(struct console *console)
{
	struct virtio_device *virtio = &console->virtio;
	int error = 0;

	for (unsigned i = 0; i < console->port_count && !error; i++) {
		struct port *port = &console->ports[i];
		uint16_t index = queue_in_of(i);

		error = virtio_queue_init(virtio, &port->in, index, PORT_BUFFER_COUNT, INTERRUPT);
		if (!error)
			error = virtio_queue_init(virtio, &port->out, (uint16_t)(index + 1),
						  OUT_QUEUE_SIZE, INTERRUPT);
	}
	if (!error && console->multiport)
		error = virtio_queue_init(virtio, &console->control_in, CONTROL_IN,
					  CONTROL_BUFFER_COUNT, INTERRUPT);
	if (!error && console->multiport)
		error = virtio_queue_init(virtio, &console->control_out, CONTROL_OUT,
					  CONTROL_OUT_SIZE, INTERRUPT);
	if (!error && console->multiport)
		error = control_start(console);
	return error;
}

int console_start_ports(struct console *console)
{
	int error;

	if (!console->multiport) {
		port_set_connected(&console->ports[0], true);
		port_add(&console->ports[0]);
		port_register(&console->ports[0]);
		return 0;
	}
	ddk_lock_acquire(&console->control_lock);
	virtio_queue_notify(&console->control_in);
	ddk_lock_release(&console->control_lock);
	error = control_send(console, 0, CONTROL_DEVICE_READY, 1);
	if (error)
		return error;
	control_receive(console);
	console->started = true;
	ddk_work_queue(&console->control_work);
	return 0;
}

static void free_console(struct console *console)
{
	for (unsigned i = 0; i < console->port_count && console->ports; i++)
		port_release(&console->ports[i]);
	ddk_free(console->ports);
	virtio_queue_fini(&console->control_in);
	virtio_queue_fini(&console->control_out);
	ddk_dma_free(&console->control_memory);
	ddk_free(console);
}

/* Undoes everything, whatever of it was done. */
static void shut_down(struct console *console)
{
	virtio_stop(&console->virtio);
	console->started = false;
	ddk_irq_disconnect(console->device, INTERRUPT);
	ddk_work_flush(&console->control_work);
	virtio_close(&console->virtio);
	free_console(console);
}

static int probe(struct device *device)
{
	static unsigned next_number;
	struct console *console = ddk_allocate(sizeof(*console));
	int error;

	if (!console)
		return -ENOMEM;
	console->device = device;
	console->number = next_number++;
	ddk_work_init(&console->control_work, run_control_work);
	ddk_mutex_init(&console->control_mutex, "virtio console control");
	ddk_event_init(&console->control_sent, "virtio console control");
	ddk_lock_init(&console->control_lock, "virtio console control");
	error = virtio_open(&console->virtio, device);
	if (error) {
		ddk_free(console);
		return error;
	}
	ddk_device_set_state(device, console);
	error = virtio_negotiate(&console->virtio, FEATURE_MULTIPORT);
	if (!error)
		error = allocate_ports(console);
	if (!error)
		error = ddk_irq_connect(device, INTERRUPT, handle_interrupt, console);
	if (!error)
		error = set_up_queues(console);
	if (!error) {
		console->running = true;
		virtio_start(&console->virtio);
		error = console_start_ports(console);
	}
	if (error)
		shut_down(console);
	return error;
}

static void remove(struct device *device)
{
	shut_down(ddk_device_state(device));
}

static const struct driver_match matches[] = {
	MATCH_PCI(VIRTIO_PCI_VENDOR, DEVICE_TRANSITIONAL),
	MATCH_PCI(VIRTIO_PCI_VENDOR, DEVICE_MODERN),
};

DRIVER(virtio_console) = {
	.name = "virtio_console",
	.version = "1.0",
	.licence = "GPL-3.0-or-later",
	.matches = matches,
	.match_count = array_length(matches),
	.probe = probe,
	.remove = remove,
	.suspend = console_suspend,
	.resume = console_resume,
};
