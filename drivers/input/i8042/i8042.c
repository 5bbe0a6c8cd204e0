/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The controller. A machine without one reads as all ones, or as something that does not do as
 * it is told: every wait has an end.
 */
#include "i8042.h"

#include <base/errno.h>
#include <ddk/driver.h>
#include <ddk/irq.h>
#include <ddk/log.h>
#include <ddk/memory.h>
#include <ddk/timer.h>

/* The platform device's regions. */
#define REGION_DATA    0
#define REGION_COMMAND 1

#define STATUS_OUTPUT 0x01 /* there is a byte for us */
#define STATUS_INPUT  0x02 /* it has not taken our last byte */
#define STATUS_MOUSE  0x20 /* the byte is the second port's */
#define STATUS_ABSENT 0xff

#define COMMAND_READ_CONFIG      0x20
#define COMMAND_WRITE_CONFIG     0x60
#define COMMAND_DISABLE_MOUSE    0xa7
#define COMMAND_ENABLE_MOUSE     0xa8
#define COMMAND_DISABLE_KEYBOARD 0xad
#define COMMAND_ENABLE_KEYBOARD  0xae
#define COMMAND_TO_MOUSE         0xd4

#define CONFIG_INTERRUPTS   0x03
#define CONFIG_KEYBOARD_OFF 0x10
#define CONFIG_MOUSE_OFF    0x20
#define CONFIG_TRANSLATE    0x40 /* to scan codes of set 1 */

#define REPLY_ACKNOWLEDGE 0xfa
#define REPLY_RESEND      0xfe

#define CONTROLLER_TIMEOUT (50 * DDK_MILLISECOND)
#define DEVICE_TIMEOUT     (300 * DDK_MILLISECOND)
#define POLL_INTERVAL      (20 * DDK_MICROSECOND)
#define FLUSH_MAX          64
#define RESEND_MAX         3

static int wait_status(const struct controller *controller, uint8_t mask, uint8_t wanted)
{
	uint64_t end = ddk_time() + CONTROLLER_TIMEOUT;

	while ((ddk_read8(&controller->command, 0) & mask) != wanted) {
		if (ddk_time() > end)
			return -ETIMEDOUT;
		ddk_delay(POLL_INTERVAL);
	}
	return 0;
}

static int write_command(const struct controller *controller, uint8_t command)
{
	int error = wait_status(controller, STATUS_INPUT, 0);

	if (!error)
		ddk_write8(&controller->command, 0, command);
	return error;
}

static int write_data(const struct controller *controller, uint8_t data)
{
	int error = wait_status(controller, STATUS_INPUT, 0);

	if (!error)
		ddk_write8(&controller->data, 0, data);
	return error;
}

/* Only while interrupts are off, or they would take it. */
static int read_config(const struct controller *controller, uint8_t *config)
{
	int error = write_command(controller, COMMAND_READ_CONFIG);

	if (!error)
		error = wait_status(controller, STATUS_OUTPUT, STATUS_OUTPUT);
	if (!error)
		*config = ddk_read8(&controller->data, 0);
	return error;
}

static int write_config(const struct controller *controller, uint8_t config)
{
	int error = write_command(controller, COMMAND_WRITE_CONFIG);

	return error ? error : write_data(controller, config);
}

/* Throws away what is there; false if that never ends. */
static bool flush(const struct controller *controller)
{
	for (unsigned i = 0; i < FLUSH_MAX; i++) {
		if (!(ddk_read8(&controller->command, 0) & STATUS_OUTPUT))
			return true;
		(void)ddk_read8(&controller->data, 0);
		ddk_delay(POLL_INTERVAL);
	}
	return false;
}

/* --- Bytes from the devices ------------------------------------------------------------------ */

/* A reply that a command waits for? Under the lock. */
static bool take_reply(struct port *port, uint8_t byte)
{
	bool first = port->reply_count == 0;

	if (!port->expected)
		return false;
	/* A key may come in between. */
	if (first && byte != REPLY_ACKNOWLEDGE && byte != REPLY_RESEND)
		return false;
	port->replies[port->reply_count++] = byte;
	port->expected = byte == REPLY_RESEND && first ? 0 : port->expected - 1;
	if (port->expected == 0)
		ddk_event_signal(&port->replied);
	return true;
}

static void take_byte(struct port *port, uint8_t byte)
{
	if (!port->input)
		return;
	if (port->number == PORT_KEYBOARD)
		keyboard_take_byte(port, byte);
	else
		mouse_take_byte(port, byte);
}

/* Takes all bytes there are. Both interrupts lead here, perhaps on two CPUs at a time: the one
 * that comes second leaves its bytes to the first, which keeps them in order. */
static void drain(struct controller *controller)
{
	ddk_lock_acquire(&controller->lock);
	if (controller->draining) {
		ddk_lock_release(&controller->lock);
		return;
	}
	controller->draining = true;
	for (unsigned i = 0; i < FLUSH_MAX; i++) {
		uint8_t status = ddk_read8(&controller->command, 0), byte;
		struct port *port = &controller->ports[status & STATUS_MOUSE ? 1 : 0];

		if (status == STATUS_ABSENT || !(status & STATUS_OUTPUT))
			break;
		byte = ddk_read8(&controller->data, 0);
		if (take_reply(port, byte) || port->is_going)
			continue;
		ddk_lock_release(&controller->lock);
		take_byte(port, byte);
		ddk_lock_acquire(&controller->lock);
	}
	controller->draining = false;
	ddk_lock_release(&controller->lock);
}

static bool handle_interrupt(void *context)
{
	struct controller *controller = context;

	if (!controller->asleep)
		drain(controller);
	return true;
}

void port_drop_input(struct port *port)
{
	struct controller *controller = port->controller;

	ddk_lock_acquire(&controller->lock);
	port->is_going = true;
	while (controller->draining) {
		ddk_lock_release(&controller->lock);
		ddk_sleep(POLL_INTERVAL);
		ddk_lock_acquire(&controller->lock);
	}
	ddk_lock_release(&controller->lock);
	if (port->input)
		ddk_input_destroy(port->input);
	port->input = NULL;
}

/* --- Commands to the devices ----------------------------------------------------------------- */

static int send_byte(struct port *port, uint8_t byte)
{
	struct controller *controller = port->controller;
	int error = 0;

	if (port->number == PORT_MOUSE)
		error = write_command(controller, COMMAND_TO_MOUSE);
	return error ? error : write_data(controller, byte);
}

/* One try: 0, -EAGAIN (send it again), -EIO. */
static int try_command(struct port *port, uint8_t byte, unsigned count)
{
	struct controller *controller = port->controller;
	int error;

	ddk_lock_acquire(&controller->lock);
	port->expected = 1 + count;
	port->reply_count = 0;
	ddk_event_clear(&port->replied);
	ddk_lock_release(&controller->lock);
	error = send_byte(port, byte);
	if (!error)
		error = ddk_event_wait(&port->replied, DEVICE_TIMEOUT);
	ddk_lock_acquire(&controller->lock);
	port->expected = 0;
	ddk_lock_release(&controller->lock);
	if (error)
		return -EIO;
	return port->replies[0] == REPLY_ACKNOWLEDGE ? 0 : -EAGAIN;
}

int port_command(struct port *port, uint8_t byte, unsigned count, uint8_t *replies)
{
	int error = -EAGAIN;

	ddk_mutex_acquire(&port->controller->mutex);
	if (port->controller->asleep)
		error = -EIO;
	for (unsigned i = 0; i < RESEND_MAX && error == -EAGAIN; i++)
		error = try_command(port, byte, count);
	for (unsigned i = 0; !error && replies && i < count; i++)
		replies[i] = port->replies[1 + i];
	ddk_mutex_release(&port->controller->mutex);
	return error ? -EIO : 0;
}

/* --- Starting -------------------------------------------------------------------------------- */

/* Is there a second port? Then the bit that switches it off follows the commands. */
static bool has_mouse_port(const struct controller *controller)
{
	uint8_t on, off;

	if (write_command(controller, COMMAND_ENABLE_MOUSE) || read_config(controller, &on) ||
	    write_command(controller, COMMAND_DISABLE_MOUSE) || read_config(controller, &off))
		return false;
	return !(on & CONFIG_MOUSE_OFF) && (off & CONFIG_MOUSE_OFF);
}

/* Finds out whether there is a controller and makes it quiet. */
static int start_controller(struct controller *controller, uint8_t *config, bool *mouse)
{
	int error;

	if (ddk_read8(&controller->command, 0) == STATUS_ABSENT)
		return -ENODEV;
	if (write_command(controller, COMMAND_DISABLE_KEYBOARD) ||
	    write_command(controller, COMMAND_DISABLE_MOUSE) || !flush(controller) ||
	    read_config(controller, config))
		return -ENODEV;
	*config = (*config & (uint8_t)~CONFIG_INTERRUPTS) | CONFIG_TRANSLATE;
	error = write_config(controller, *config);
	if (error)
		return -ENODEV;
	*mouse = has_mouse_port(controller);
	return 0;
}

static int connect_interrupts(struct controller *controller)
{
	int error =
		ddk_irq_connect(controller->device, PORT_KEYBOARD, handle_interrupt, controller);

	if (!error && controller->has_mouse) {
		error = ddk_irq_connect(controller->device, PORT_MOUSE, handle_interrupt,
					controller);
		if (error)
			ddk_irq_disconnect(controller->device, PORT_KEYBOARD);
	}
	return error;
}

static int enable_ports(struct controller *controller, uint8_t config)
{
	uint8_t wanted = config & (uint8_t)~CONFIG_KEYBOARD_OFF;
	bool mouse = controller->has_mouse;
	int error;

	wanted |= mouse ? CONFIG_INTERRUPTS : 1;
	if (mouse)
		wanted &= (uint8_t)~CONFIG_MOUSE_OFF;
	error = write_config(controller, wanted);
	if (!error)
		error = write_command(controller, COMMAND_ENABLE_KEYBOARD);
	if (!error && mouse)
		error = write_command(controller, COMMAND_ENABLE_MOUSE);
	return error;
}

static int start_devices(struct controller *controller)
{
	int error = keyboard_start(&controller->ports[PORT_KEYBOARD]);

	if (!error && controller->has_mouse && mouse_start(&controller->ports[PORT_MOUSE]))
		ddk_info(controller->device, "no mouse answers");
	return error;
}

static void stop(struct controller *controller)
{
	absolute_stop(&controller->ports[PORT_MOUSE]);
	for (unsigned i = 0; i < PORT_COUNT; i++)
		ddk_irq_disconnect(controller->device, i);
	/* Either interrupt takes the bytes of both ports. */
	for (unsigned i = 0; i < PORT_COUNT; i++)
		port_drop_input(&controller->ports[i]);
	(void)!write_command(controller, COMMAND_DISABLE_KEYBOARD);
	(void)!write_command(controller, COMMAND_DISABLE_MOUSE);
	ddk_region_unmap(&controller->data);
	ddk_region_unmap(&controller->command);
	ddk_free(controller);
}

static struct controller *make_controller(struct device *device)
{
	struct controller *controller = ddk_allocate(sizeof(*controller));

	if (!controller)
		return NULL;
	controller->device = device;
	ddk_mutex_init(&controller->mutex, "i8042 command");
	ddk_lock_init(&controller->lock, "i8042");
	for (unsigned i = 0; i < PORT_COUNT; i++) {
		controller->ports[i].controller = controller;
		controller->ports[i].number = (enum port_number)i;
		ddk_event_init(&controller->ports[i].replied, "i8042 reply");
	}
	return controller;
}

static int probe(struct device *device)
{
	struct controller *controller = make_controller(device);
	uint8_t config = 0;
	int error;

	if (!controller)
		return -ENOMEM;
	error = ddk_region_map(device, REGION_DATA, 0, 0, DDK_REGION_UNCACHED, &controller->data);
	if (!error)
		error = ddk_region_map(device, REGION_COMMAND, 0, 0, DDK_REGION_UNCACHED,
				       &controller->command);
	if (!error)
		error = start_controller(controller, &config, &controller->has_mouse);
	if (!error)
		error = connect_interrupts(controller);
	if (error) {
		ddk_region_unmap(&controller->data);
		ddk_region_unmap(&controller->command);
		ddk_free(controller);
		return error;
	}
	error = enable_ports(controller, config);
	if (!error)
		error = start_devices(controller);
	if (error) {
		stop(controller);
		return error;
	}
	ddk_device_set_state(device, controller);
	return 0;
}

static void remove(struct device *device)
{
	stop(ddk_device_state(device));
}

/* --- Sleep ----------------------------------------------------------------------------------- */

static int suspend(struct device *device)
{
	struct controller *controller = ddk_device_state(device);

	/* A command that is under way comes to its end. */
	ddk_mutex_acquire(&controller->mutex);
	controller->asleep = true;
	(void)!write_command(controller, COMMAND_DISABLE_KEYBOARD);
	(void)!write_command(controller, COMMAND_DISABLE_MOUSE);
	ddk_mutex_release(&controller->mutex);
	return 0;
}

/* What was begun before is not gone on with. */
static void forget_bytes(struct controller *controller)
{
	ddk_lock_acquire(&controller->lock);
	for (unsigned i = 0; i < PORT_COUNT; i++) {
		struct port *port = &controller->ports[i];

		port->scancodes = (struct scancode_decoder){ 0 };
		port->mouse.count = 0;
		port->buttons = 0;
	}
	ddk_lock_release(&controller->lock);
}

static int resume(struct device *device)
{
	struct controller *controller = ddk_device_state(device);
	uint8_t config;
	bool mouse;
	int error;

	ddk_mutex_acquire(&controller->mutex);
	error = start_controller(controller, &config, &mouse);
	if (!error && mouse != controller->has_mouse)
		error = -ENODEV;
	forget_bytes(controller);
	controller->asleep = false;
	if (!error)
		error = enable_ports(controller, config);
	ddk_mutex_release(&controller->mutex);
	if (error)
		return error;
	keyboard_resume(&controller->ports[PORT_KEYBOARD]);
	if (controller->ports[PORT_MOUSE].input)
		mouse_resume(&controller->ports[PORT_MOUSE]);
	return 0;
}

static const struct driver_match matches[] = { MATCH_PLATFORM("i8042") };

DRIVER(i8042) = {
	.name = "i8042",
	.version = "1.0",
	.licence = "GPL-3.0-or-later",
	.matches = matches,
	.match_count = array_length(matches),
	.probe = probe,
	.remove = remove,
	.suspend = suspend,
	.resume = resume,
};
