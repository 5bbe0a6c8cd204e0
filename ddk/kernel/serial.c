/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The serial class of the driver kit: terminals of kernel/tty on lines of drivers. */
#include "../common/structure.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/command_line.h>
#include <core/log.h>
#include <ddk/serial.h>
#include <dev/device.h>
#include <gfx/console.h>
#include <mm/phys/slab.h>
#include <sched/wait.h>
#include <tty/tty.h>

#include <stdatomic.h>

#define SERIAL_MAJOR       4
#define SERIAL_FIRST_MINOR 64
#define SERIAL_MAX         8
#define ROWS               24 /* what it is taken for until somebody says (stty) */
#define COLUMNS            80
/* A line that takes nothing for so long is not waited for: what it is to send is lost. */
#define STUCK_TIME (5 * NS_PER_SECOND)

struct ddk_serial {
	/* Immutable. */
	struct ddk_serial_ops ops; /* a copy */
	void *context;
	char name[8];
	_Atomic(struct tty *) tty; /* NULL while it is being made */

	struct wait_queue room;
	_Atomic bool stuck; /* it took nothing for STUCK_TIME */
};

/* Waits until the line takes at least one byte; the number taken, 0 if it does not. */
static size_t send_some(struct ddk_serial *serial, const uint8_t *bytes, size_t length)
{
	uint64_t deadline = serial->stuck ? 0 : clock_deadline_after(STUCK_TIME);
	struct waiter waiter;
	size_t taken = serial->ops.send(serial, bytes, length);

	if (taken || serial->stuck) {
		serial->stuck = taken == 0;
		return taken;
	}
	wait_begin(&serial->room, &waiter);
	while ((taken = serial->ops.send(serial, bytes, length)) == 0)
		if (wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, deadline))
			break;
	wait_end(&waiter);
	serial->stuck = taken == 0;
	return taken;
}

static size_t write_line(struct tty *tty, const void *bytes, size_t length)
{
	struct ddk_serial *serial = tty_private(tty);
	size_t done = 0;

	while (done < length) {
		size_t taken = send_some(serial, (const uint8_t *)bytes + done, length - done);

		if (taken == 0)
			break;
		done += taken;
	}
	return length;
}

static const struct tty_driver serial_driver = { .write = write_line };

/* True if /dev/console is to be this line: the last console= word decides, which may have
 * settings behind a comma, else whether there is a screen. */
static bool is_console(const struct ddk_serial *serial)
{
	char wanted[32];
	char *comma;

	if (!command_line_get("console", wanted, sizeof(wanted)))
		return !console_present() && strcmp(serial->name, "ttyS0") == 0;
	comma = strchr(wanted, ',');
	if (comma)
		*comma = '\0';
	return strcmp(wanted, serial->name) == 0;
}

int ddk_serial_create_sized(struct device *device, const struct ddk_serial_ops *ops,
			    size_t ops_size, void *context, struct ddk_serial **made)
{
	static const struct tty_size size = { .rows = ROWS, .columns = COLUMNS };
	static _Atomic unsigned next_number;
	unsigned number = atomic_fetch_add(&next_number, 1);
	struct ddk_serial *serial;
	struct tty *tty;

	if (number >= SERIAL_MAX)
		return -ENOSPC;
	serial = kzalloc(sizeof(*serial));
	if (!serial)
		return -ENOMEM;
	ddk_take_structure(&serial->ops, sizeof(serial->ops), ops, ops_size);
	serial->context = context;
	snprintf(serial->name, sizeof(serial->name), "ttyS%u", number);
	wait_queue_init(&serial->room, "serial room");
	*made = serial;
	tty = tty_create(serial->name, SERIAL_MAJOR, SERIAL_FIRST_MINOR + number, &serial_driver,
			 serial);
	if (!tty) {
		kfree(serial);
		return -ENOMEM;
	}
	tty_set_size(tty, &size);
	serial->tty = tty;
	if (is_console(serial))
		tty_set_console(tty);
	log_info("serial", "%s: /dev/%s%s", device->name, serial->name,
		 is_console(serial) ? ", the console" : "");
	return 0;
}

void *ddk_serial_context(const struct ddk_serial *serial)
{
	return serial->context;
}

void ddk_serial_received(struct ddk_serial *serial, const uint8_t *bytes, size_t length)
{
	struct tty *tty = serial->tty;

	if (tty)
		tty_input(tty, bytes, length);
}

void ddk_serial_sent(struct ddk_serial *serial)
{
	wait_wake(&serial->room);
}
