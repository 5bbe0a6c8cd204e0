/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pointer of a virtual machine, which knows where it is: its monitor keeps a queue of places and
 * buttons, and has the mouse send a packet, of one count to the right, for each entry.
 */
#include "i8042.h"

#include <ddk/log.h>
#include <ddk/monitor.h>

#define MONITOR_MAGIC    0x564d5868u
#define POINTER_IDENTITY 0x3442554au

#define POINTER_ENABLE   0x45414552u
#define POINTER_DISABLE  0x000000f5u
#define POINTER_ABSOLUTE 0x53424152u

#define STATUS_COUNT 0x0000ffffu /* words in the queue */
#define STATUS_ERROR 0xffff0000u /* it has lost its way, and is off */
#define ENTRY_WORDS  4
#define ENTRIES_MAX  256 /* taken at a time: more than the queue can hold */

#define BUTTONS_LEFT    0x20u
#define BUTTONS_RIGHT   0x10u
#define BUTTONS_MIDDLE  0x08u
#define ENTRY_RELATIVE  0x00010000u
#define PLACE_SHIFT     1 /* from 0xffff to DDK_INPUT_RANGE */
#define FAKE_COUNTS_MAX 64

static bool call(enum ddk_monitor_command command, uint32_t argument,
		 struct ddk_monitor_reply *reply)
{
	return ddk_monitor_call(command, argument, reply);
}

static bool is_there(void)
{
	struct ddk_monitor_reply reply;

	if (!call(DDK_MONITOR_VERSION, ~MONITOR_MAGIC, &reply) || reply.words[0] == UINT32_MAX ||
	    reply.words[1] != MONITOR_MAGIC)
		return false;
	(void)call(DDK_MONITOR_POINTER_COMMAND, POINTER_ENABLE, &reply);
	(void)call(DDK_MONITOR_POINTER_STATUS, 0, &reply);
	if ((reply.words[0] & STATUS_COUNT) == 0)
		return false;
	(void)call(DDK_MONITOR_POINTER_DATA, 1, &reply);
	return reply.words[0] == POINTER_IDENTITY;
}

static bool switch_on(void)
{
	struct ddk_monitor_reply reply;

	return is_there() && call(DDK_MONITOR_POINTER_COMMAND, POINTER_ABSOLUTE, &reply);
}

void absolute_start(struct port *port)
{
	if (!switch_on())
		return;
	ddk_info(port->controller->device, "the pointer is the virtual machine's");
	port->absolute.on = true;
}

void absolute_resume(struct port *port)
{
	port->absolute.buttons = 0;
	port->absolute.fake_counts = 0;
	if (port->absolute.on)
		(void)switch_on();
}

void absolute_stop(struct port *port)
{
	struct ddk_monitor_reply reply;

	if (port->absolute.on)
		(void)call(DDK_MONITOR_POINTER_COMMAND, POINTER_DISABLE, &reply);
	port->absolute.on = false;
}

static void report_buttons(struct port *port, uint32_t buttons)
{
	static const struct {
		uint32_t bit;
		unsigned button;
	} all[] = {
		{ BUTTONS_LEFT, BUTTON_LEFT },
		{ BUTTONS_RIGHT, BUTTON_RIGHT },
		{ BUTTONS_MIDDLE, BUTTON_MIDDLE },
	};

	for (size_t i = 0; i < array_length(all); i++)
		if ((port->absolute.buttons ^ buttons) & all[i].bit)
			ddk_input_key(port->input, all[i].button, buttons & all[i].bit);
	port->absolute.buttons = buttons;
}

static void report_entry(struct port *port, const struct ddk_monitor_reply *entry)
{
	const uint32_t *words = entry->words;
	int wheel = -(int8_t)(uint8_t)words[3];

	/* The place first: a click is where the pointer is. */
	if (words[0] & ENTRY_RELATIVE) {
		ddk_input_move(port->input, (int16_t)(uint16_t)words[1],
			       -(int16_t)(uint16_t)words[2], 0);
	} else if (port->absolute.x != words[1] || port->absolute.y != words[2]) {
		port->absolute.x = words[1];
		port->absolute.y = words[2];
		ddk_input_place(port->input, (words[1] & 0xffff) >> PLACE_SHIFT,
				(words[2] & 0xffff) >> PLACE_SHIFT);
	}
	if (wheel)
		ddk_input_move(port->input, 0, 0, wheel);
	report_buttons(port, words[0]);
}

void absolute_take(struct port *port, struct mouse_event *packet)
{
	struct ddk_monitor_reply reply;
	int fake;

	for (unsigned i = 0; i < ENTRIES_MAX; i++) {
		(void)call(DDK_MONITOR_POINTER_STATUS, 0, &reply);
		if ((reply.words[0] & STATUS_ERROR) == STATUS_ERROR) {
			(void)switch_on();
			break;
		}
		if ((reply.words[0] & STATUS_COUNT) < ENTRY_WORDS)
			break;
		(void)call(DDK_MONITOR_POINTER_DATA, ENTRY_WORDS, &reply);
		report_entry(port, &reply);
		if (port->absolute.fake_counts < FAKE_COUNTS_MAX)
			port->absolute.fake_counts++;
	}
	/* The rest of the packet is a mouse's, which the machine may have as well. A monitor whose
	 * packets are empty owes nothing. */
	fake = packet->right < port->absolute.fake_counts ? packet->right
							  : port->absolute.fake_counts;
	if (packet->right == 0)
		port->absolute.fake_counts = 0;
	if (fake > 0) {
		packet->right -= fake;
		port->absolute.fake_counts -= fake;
	}
}
