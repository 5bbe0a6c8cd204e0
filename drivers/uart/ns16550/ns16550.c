/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Driver of UARTs of the 16550 family (National Semiconductor PC16550D) with interrupts and
 * queues, as a serial line.
 *
 * The kernel's early log writes to the first one by polling, one byte at a time whenever the
 * transmitter's queue is empty; speed and format stay as it has set them. This driver fills the
 * queue only when it is empty too, and leaves room in it for a byte that the log may add in the
 * same moment.
 */
#include <base/errno.h>
#include <base/ring.h>
#include <ddk/driver.h>
#include <ddk/io.h>
#include <ddk/irq.h>
#include <ddk/log.h>
#include <ddk/memory.h>
#include <ddk/serial.h>
#include <ddk/sync.h>

#define REGISTER_DATA     0
#define REGISTER_ENABLE   1 /* which interrupts */
#define REGISTER_IDENTITY 2 /* read: why it interrupts */
#define REGISTER_QUEUE    2 /* write */
#define REGISTER_MODEM    4
#define REGISTER_LINE     5 /* the line's status */
#define REGISTER_STATUS   6 /* the modem's */
#define REGISTER_SCRATCH  7

#define ENABLE_RECEIVED 0x01
#define ENABLE_EMPTY    0x02
#define ENABLE_ERRORS   0x04
#define IDENTITY_NONE   0x01
#define QUEUE_ENABLE    0x81 /* interrupt when 8 of 16 bytes have come, or after a pause */
#define MODEM_READY     0x0b /* data terminal ready, request to send, interrupts on */
#define LINE_RECEIVED   0x01
#define LINE_EMPTY      0x20
#define LINE_ABSENT     0xff

#define TRANSMIT_BURST   14 /* of 16 */
#define RECEIVE_BURST    64
#define SEND_BUFFER      4096
#define INTERRUPT        0
#define INTERRUPT_ROUNDS 64

struct uart {
	struct device *device;
	struct ddk_region registers;
	struct ddk_serial *serial;

	struct ddk_lock lock; /* the registers, and all below */
	struct ring queued;
	uint8_t enabled; /* interrupts */
	bool asleep;     /* what is to be sent waits */
	uint8_t buffer[SEND_BUFFER];
};

/* Under the lock. */
static void enable_interrupts(struct uart *uart, uint8_t enabled)
{
	if (enabled != uart->enabled)
		ddk_write8(&uart->registers, REGISTER_ENABLE, enabled);
	uart->enabled = enabled;
}

/* Moves bytes into the transmitter if it is empty. Under the lock. */
static void transmit(struct uart *uart)
{
	uint8_t burst[TRANSMIT_BURST];
	size_t count = 0;

	if (uart->asleep)
		return;
	if (ddk_read8(&uart->registers, REGISTER_LINE) & LINE_EMPTY)
		count = ring_take(&uart->queued, burst, sizeof(burst));
	for (size_t i = 0; i < count; i++)
		ddk_write8(&uart->registers, REGISTER_DATA, burst[i]);
	if (ring_used(&uart->queued))
		enable_interrupts(uart, uart->enabled | ENABLE_EMPTY);
	else
		enable_interrupts(uart, uart->enabled & (uint8_t)~ENABLE_EMPTY);
}

static size_t receive(struct uart *uart, uint8_t *bytes, size_t size)
{
	size_t count = 0;

	while (count < size && (ddk_read8(&uart->registers, REGISTER_LINE) & LINE_RECEIVED))
		bytes[count++] = ddk_read8(&uart->registers, REGISTER_DATA);
	return count;
}

/* The line is edge-triggered: only when the UART has nothing left to say comes a next one. */
static bool handle_interrupt(void *context)
{
	struct uart *uart = context;
	uint8_t received[RECEIVE_BURST];
	bool claimed = false;

	for (unsigned i = 0; i < INTERRUPT_ROUNDS; i++) {
		size_t count;
		bool room;

		ddk_lock_acquire(&uart->lock);
		if (ddk_read8(&uart->registers, REGISTER_IDENTITY) & IDENTITY_NONE) {
			ddk_lock_release(&uart->lock);
			break;
		}
		(void)ddk_read8(&uart->registers, REGISTER_STATUS);
		count = receive(uart, received, sizeof(received));
		transmit(uart);
		room = ring_free(&uart->queued) >= SEND_BUFFER / 2;
		ddk_lock_release(&uart->lock);
		if (count)
			ddk_serial_received(uart->serial, received, count);
		if (room)
			ddk_serial_sent(uart->serial);
		claimed = true;
	}
	return claimed;
}

static size_t send(struct ddk_serial *serial, const uint8_t *bytes, size_t length)
{
	struct uart *uart = ddk_serial_context(serial);
	size_t taken;

	ddk_lock_acquire(&uart->lock);
	taken = ring_put(&uart->queued, bytes, length);
	transmit(uart);
	ddk_lock_release(&uart->lock);
	return taken;
}

static const struct ddk_serial_ops serial_ops = { .send = send };

static bool is_present(const struct ddk_region *registers)
{
	static const uint8_t patterns[] = { 0x5a, 0xa5 };

	if (ddk_read8(registers, REGISTER_LINE) == LINE_ABSENT)
		return false;
	for (size_t i = 0; i < array_length(patterns); i++) {
		ddk_write8(registers, REGISTER_SCRATCH, patterns[i]);
		if (ddk_read8(registers, REGISTER_SCRATCH) != patterns[i])
			return false;
	}
	return true;
}

/* Under the lock. */
static void switch_on(struct uart *uart)
{
	ddk_write8(&uart->registers, REGISTER_QUEUE, QUEUE_ENABLE);
	ddk_write8(&uart->registers, REGISTER_MODEM, MODEM_READY);
	enable_interrupts(uart, uart->enabled | ENABLE_RECEIVED | ENABLE_ERRORS);
}

static int start(struct uart *uart)
{
	int error = ddk_serial_create(uart->device, &serial_ops, uart, &uart->serial);

	if (error)
		return error;
	ddk_lock_acquire(&uart->lock);
	switch_on(uart);
	ddk_lock_release(&uart->lock);
	return 0;
}

/* The log goes on writing as long as the UART does, and who writes it sets speed and format again when the
 * machine wakes. */
static int suspend(struct device *device)
{
	struct uart *uart = ddk_device_state(device);

	ddk_lock_acquire(&uart->lock);
	uart->asleep = true;
	enable_interrupts(uart, 0);
	ddk_lock_release(&uart->lock);
	return 0;
}

static int resume(struct device *device)
{
	struct uart *uart = ddk_device_state(device);

	if (!is_present(&uart->registers))
		return -ENODEV;
	ddk_lock_acquire(&uart->lock);
	uart->asleep = false;
	switch_on(uart);
	transmit(uart);
	ddk_lock_release(&uart->lock);
	ddk_serial_sent(uart->serial);
	return 0;
}

static int probe(struct device *device)
{
	struct uart *uart = ddk_allocate(sizeof(*uart));
	int error;

	if (!uart)
		return -ENOMEM;
	uart->device = device;
	ddk_lock_init(&uart->lock, "ns16550");
	ring_init(&uart->queued, uart->buffer, sizeof(uart->buffer));
	error = ddk_region_map(device, 0, 0, 0, DDK_REGION_UNCACHED, &uart->registers);
	if (!error && !is_present(&uart->registers))
		error = -ENODEV;
	if (error)
		goto err_free;
	ddk_write8(&uart->registers, REGISTER_ENABLE, 0);
	error = ddk_irq_connect(device, INTERRUPT, handle_interrupt, uart);
	if (error)
		goto err_unmap;
	error = start(uart);
	if (error)
		goto err_disconnect;
	ddk_device_set_state(device, uart);
	return 0;

err_disconnect:
	ddk_irq_disconnect(device, INTERRUPT);
err_unmap:
	ddk_region_unmap(&uart->registers);
err_free:
	ddk_free(uart);
	return error;
}

static const struct driver_match matches[] = { MATCH_PLATFORM("ns16550") };

DRIVER(ns16550) = {
	.name = "ns16550",
	.version = "1.0",
	.licence = "GPL-3.0-or-later",
	.matches = matches,
	.match_count = array_length(matches),
	.probe = probe,
	.suspend = suspend,
	.resume = resume,
};
