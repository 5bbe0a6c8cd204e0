/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The debug console: the first serial port (16550), polled. */
#include "port.h"
#include "start.h"

#include <arch/cpu.h>

#define COM1               0x3f8
#define REGISTER_DATA      0
#define REGISTER_INTERRUPT 1
#define REGISTER_FIFO      2
#define REGISTER_LINE      3
#define REGISTER_MODEM     4
#define REGISTER_STATUS    5
#define REGISTER_SCRATCH   7
#define LINE_DIVISOR       0x80
#define LINE_8N1           0x03
#define FIFO_ENABLE_CLEAR  0xc7
#define MODEM_ON           0x0b
#define STATUS_EMPTY       0x20
#define SPIN_LIMIT         100000 /* a port that is stuck loses text, not the machine */

static bool present;

void machine_serial_init(void)
{
	port_write8(COM1 + REGISTER_SCRATCH, 0xae);
	present = port_read8(COM1 + REGISTER_SCRATCH) == 0xae;
	if (!present)
		return;
	port_write8(COM1 + REGISTER_INTERRUPT, 0);
	port_write8(COM1 + REGISTER_LINE, LINE_DIVISOR);
	port_write8(COM1 + REGISTER_DATA, 1); /* 115200 baud */
	port_write8(COM1 + REGISTER_INTERRUPT, 0);
	port_write8(COM1 + REGISTER_LINE, LINE_8N1);
	port_write8(COM1 + REGISTER_FIFO, FIFO_ENABLE_CLEAR);
	port_write8(COM1 + REGISTER_MODEM, MODEM_ON);
}

static void send(char byte)
{
	for (unsigned i = 0; i < SPIN_LIMIT; i++) {
		if (port_read8(COM1 + REGISTER_STATUS) & STATUS_EMPTY)
			break;
		arch_cpu_relax();
	}
	port_write8(COM1 + REGISTER_DATA, (uint8_t)byte);
}

void arch_debug_write(const char *text, size_t length)
{
	for (size_t i = 0; present && i < length; i++) {
		if (text[i] == '\n')
			send('\r');
		send(text[i]);
	}
}
