/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keyboard: it repeats by itself and has three lights. */
#include "i8042.h"

#include <ddk/log.h>

#define KEYBOARD_SET_LEDS 0xed
#define KEYBOARD_DEFAULTS 0xf6
#define KEYBOARD_ENABLE   0xf4

static void set_leds(struct ddk_input *input, unsigned leds)
{
	struct port *port = ddk_input_context(input);

	if (!port_command(port, KEYBOARD_SET_LEDS, 0, NULL))
		(void)!port_command(port, (uint8_t)leds, 0, NULL);
}

static const struct ddk_input_ops with_leds = {
	.kinds = DDK_INPUT_KEYS,
	.set_leds = set_leds,
};
static const struct ddk_input_ops without_leds = { .kinds = DDK_INPUT_KEYS };

static int set_up(struct port *port)
{
	int error = port_command(port, KEYBOARD_DEFAULTS, 0, NULL);

	return error ? error : port_command(port, KEYBOARD_ENABLE, 0, NULL);
}

void keyboard_resume(struct port *port)
{
	(void)!set_up(port);
	ddk_input_resumed(port->input);
}

int keyboard_start(struct port *port)
{
	int error = set_up(port);

	/* One that does not answer may be plugged in later: it starts by itself. */
	if (error)
		ddk_info(port->controller->device, "no keyboard answers");
	return ddk_input_create(port->controller->device, "PS/2 keyboard",
				error ? &without_leds : &with_leds, port, &port->input);
}

void keyboard_take_byte(struct port *port, uint8_t byte)
{
	struct scancode_event event;

	if (!scancode_decode(&port->scancodes, byte, &event))
		return;
	if (event.down)
		ddk_input_key(port->input, event.key, true);
	if (event.up)
		ddk_input_key(port->input, event.key, false);
}
