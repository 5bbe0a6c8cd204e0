/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Class interface: serial lines with a terminal at the other end, /dev/ttyS0 and so on. The
 * first one is the console where the command line says so (console=ttyS0) or there is no screen.
 */
#pragma once

#include <ddk/device.h>

struct ddk_serial;

struct ddk_serial_ops {
	/* Takes as many bytes as there is room for and sends them; the number taken. Thread
	 * context, one call at a time. */
	size_t (*send)(struct ddk_serial *serial, const uint8_t *bytes, size_t length);
};

/* The next free /dev/ttySn. Thread context; for good. -ENOMEM, -ENOSPC. */
static inline int must_check ddk_serial_create(struct device *device,
					       const struct ddk_serial_ops *ops, void *context,
					       struct ddk_serial **serial);
/* What the function above is: structures come with the size that they had for the driver. */
int must_check ddk_serial_create_sized(struct device *device, const struct ddk_serial_ops *ops,
				       size_t ops_size, void *context, struct ddk_serial **serial);
static inline int ddk_serial_create(struct device *device, const struct ddk_serial_ops *ops,
				    void *context, struct ddk_serial **serial)
{
	return ddk_serial_create_sized(device, ops, sizeof(*ops), context, serial);
}
void *ddk_serial_context(const struct ddk_serial *serial);

/* Bytes that came. Any context, no ddk_lock held. */
void ddk_serial_received(struct ddk_serial *serial, const uint8_t *bytes, size_t length);
/* There is room for more to send. Any context. */
void ddk_serial_sent(struct ddk_serial *serial);
