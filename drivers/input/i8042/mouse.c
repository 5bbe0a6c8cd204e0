/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mouse: three buttons, and a wheel and two more where it says so. */
#include "i8042.h"

#include <base/errno.h>

#define MOUSE_RATE            0xf3
#define MOUSE_IDENTIFY        0xf2
#define MOUSE_DEFAULTS        0xf6
#define MOUSE_ENABLE          0xf4
#define IDENTITY_WHEEL        3
#define IDENTITY_FIVE_BUTTONS 4

/* Sets three sample rates in a row, which make some mice say that they are more; what it says. */
static uint8_t knock(struct port *port, const uint8_t rates[3])
{
	uint8_t identity = 0;

	for (unsigned i = 0; i < 3; i++)
		if (port_command(port, MOUSE_RATE, 0, NULL) ||
		    port_command(port, rates[i], 0, NULL))
			return 0;
	return port_command(port, MOUSE_IDENTIFY, 1, &identity) ? 0 : identity;
}

static void find_kind(struct port *port)
{
	static const uint8_t wheel[] = { 200, 100, 80 }, buttons[] = { 200, 200, 80 };

	port->mouse.length = 3;
	if (knock(port, wheel) != IDENTITY_WHEEL)
		return;
	port->mouse.length = 4;
	port->mouse.five_buttons = knock(port, buttons) == IDENTITY_FIVE_BUTTONS;
}

/* From a mouse with nothing but buttons to a machine's pointer. */
static const struct ddk_input_ops *ops_of(const struct port *port)
{
	static const struct ddk_input_ops plain = {
		.kinds = DDK_INPUT_BUTTONS | DDK_INPUT_MOVES,
	};
	static const struct ddk_input_ops wheel = {
		.kinds = DDK_INPUT_BUTTONS | DDK_INPUT_MOVES | DDK_INPUT_WHEEL |
			 DDK_INPUT_MORE_BUTTONS,
	};
	static const struct ddk_input_ops absolute = {
		.kinds = DDK_INPUT_BUTTONS | DDK_INPUT_MOVES | DDK_INPUT_WHEEL |
			 DDK_INPUT_MORE_BUTTONS | DDK_INPUT_PLACES,
	};

	if (port->absolute.on)
		return &absolute;
	return port->mouse.length == 4 ? &wheel : &plain;
}

void mouse_resume(struct port *port)
{
	if (!port_command(port, MOUSE_DEFAULTS, 0, NULL)) {
		find_kind(port);
		absolute_resume(port);
		(void)!port_command(port, MOUSE_ENABLE, 0, NULL);
	}
	ddk_input_resumed(port->input);
}

int mouse_start(struct port *port)
{
	int error = port_command(port, MOUSE_DEFAULTS, 0, NULL);

	if (error)
		return -ENODEV;
	find_kind(port);
	absolute_start(port);
	error = ddk_input_create(port->controller->device, "PS/2 mouse", ops_of(port), port,
				 &port->input);
	if (!error && port_command(port, MOUSE_ENABLE, 0, NULL)) {
		port_drop_input(port);
		error = -ENODEV;
	}
	if (error)
		absolute_stop(port);
	return error;
}

void mouse_take_byte(struct port *port, uint8_t byte)
{
	static const struct {
		unsigned bit, button;
	} buttons[] = {
		{ 1, BUTTON_LEFT }, { 2, BUTTON_RIGHT },  { 4, BUTTON_MIDDLE },
		{ 8, BUTTON_SIDE }, { 16, BUTTON_EXTRA },
	};
	struct mouse_event event;

	if (!mouse_decode(&port->mouse, byte, &event))
		return;
	if (port->absolute.on)
		absolute_take(port, &event);
	ddk_input_move(port->input, event.right, event.down, event.wheel);
	for (size_t i = 0; i < array_length(buttons); i++)
		if ((port->buttons ^ event.buttons) & buttons[i].bit)
			ddk_input_key(port->input, buttons[i].button,
				      event.buttons & buttons[i].bit);
	port->buttons = event.buttons;
}
