/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mouse: three buttons, and a wheel where it says so. */
#include "i8042.h"

#include <base/errno.h>

#define MOUSE_RATE     0xf3
#define MOUSE_IDENTIFY 0xf2
#define MOUSE_DEFAULTS 0xf6
#define MOUSE_ENABLE   0xf4
#define IDENTITY_WHEEL 3

/* These sample rates in a row make a mouse with a wheel say that it has one. */
static bool find_wheel(struct port *port)
{
	static const uint8_t rates[] = { 200, 100, 80 };
	uint8_t identity = 0;

	for (size_t i = 0; i < array_length(rates); i++)
		if (port_command(port, MOUSE_RATE, 0, NULL) ||
		    port_command(port, rates[i], 0, NULL))
			return false;
	return !port_command(port, MOUSE_IDENTIFY, 1, &identity) && identity == IDENTITY_WHEEL;
}

static const struct ddk_input_ops input_ops = { 0 };

int mouse_start(struct port *port)
{
	int error = port_command(port, MOUSE_DEFAULTS, 0, NULL);

	if (error)
		return -ENODEV;
	port->mouse.length = find_wheel(port) ? 4 : 3;
	error = ddk_input_create(port->controller->device, "PS/2 mouse", &input_ops, port,
				 &port->input);
	if (!error && port_command(port, MOUSE_ENABLE, 0, NULL)) {
		ddk_input_destroy(port->input);
		port->input = NULL;
		error = -ENODEV;
	}
	return error;
}

void mouse_take_byte(struct port *port, uint8_t byte)
{
	static const struct {
		unsigned bit, button;
	} buttons[] = { { 1, BUTTON_LEFT }, { 2, BUTTON_RIGHT }, { 4, BUTTON_MIDDLE } };
	struct mouse_event event;

	if (!mouse_decode(&port->mouse, byte, &event))
		return;
	ddk_input_move(port->input, event.right, event.down, event.wheel);
	for (size_t i = 0; i < array_length(buttons); i++)
		if ((port->buttons ^ event.buttons) & buttons[i].bit)
			ddk_input_key(port->input, buttons[i].button,
				      event.buttons & buttons[i].bit);
	port->buttons = event.buttons;
}
