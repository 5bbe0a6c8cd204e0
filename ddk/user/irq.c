/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interrupts: the kernel tells which came when the event thread has waited, and keeps them away until it waits again. */
#include <ddk/irq.h>

#include "kit.h"

struct connection {
	ddk_irq_handler *handle; /* NULL: not connected */
	void *context;
};

static struct {
	_Atomic uint32_t lock;
	_Atomic uint32_t rounds; /* counts handlers that have run; who disconnects waits for it */
	/* Under the lock. */
	struct connection connections[HOST_IRQ_MAX];
	unsigned running; /* index + 1 */
	bool awaited;
} irqs;

unsigned ddk_irq_count(struct device *device)
{
	return device->description.irq_count;
}

unsigned ddk_cpu_count(void)
{
	return kit_device.description.cpu_count;
}

void ddk_irq_direct(struct device *device, unsigned index, unsigned cpu)
{
	(void)device;
	(void)kernel_call2(HOST_IRQ_DIRECT, index, cpu);
}

/* False: it is connected, or not, already. */
static bool set_connection(unsigned index, struct connection connection)
{
	bool change;

	word_acquire(&irqs.lock);
	change = !irqs.connections[index].handle != !connection.handle;
	if (change)
		irqs.connections[index] = connection;
	word_release(&irqs.lock);
	return change;
}

int ddk_irq_connect(struct device *device, unsigned index, ddk_irq_handler *handle, void *context)
{
	int error;

	if (index >= ddk_irq_count(device) || index >= HOST_IRQ_MAX || !handle)
		return -EINVAL;
	if (!set_connection(index, (struct connection){ handle, context }))
		return -EBUSY;
	error = (int)kernel_call1(HOST_IRQ_CONNECT, index);
	if (error)
		ddk_irq_disconnect(device, index);
	return error;
}

static bool is_running(unsigned index, uint32_t *rounds)
{
	bool running;

	word_acquire(&irqs.lock);
	running = irqs.running == index + 1 && thread_role() != THREAD_EVENTS;
	irqs.awaited = irqs.awaited || running;
	*rounds = irqs.rounds;
	word_release(&irqs.lock);
	return running;
}

void ddk_irq_disconnect(struct device *device, unsigned index)
{
	uint32_t rounds;

	(void)device;
	if (index >= HOST_IRQ_MAX || !set_connection(index, (struct connection){ 0 }))
		return;
	(void)kernel_call1(HOST_IRQ_DISCONNECT, index);
	wait_begin();
	while (is_running(index, &rounds))
		(void)wait_word(&irqs.rounds, rounds, NEVER);
	wait_end();
}

static struct connection begin_handler(unsigned index)
{
	struct connection connection;

	word_acquire(&irqs.lock);
	connection = irqs.connections[index];
	irqs.running = index + 1;
	word_release(&irqs.lock);
	return connection;
}

static void end_handler(void)
{
	bool wake;

	word_acquire(&irqs.lock);
	irqs.running = 0;
	irqs.rounds++;
	wake = irqs.awaited;
	irqs.awaited = false;
	word_release(&irqs.lock);
	if (wake)
		wake_word(&irqs.rounds, UINT32_MAX);
}

void irqs_dispatch(uint64_t bits)
{
	for (; bits; bits &= bits - 1) {
		struct connection connection = begin_handler((unsigned)__builtin_ctzll(bits));

		/* What it returns matters to lines that devices share; the kernel knows whose this was. */
		if (connection.handle)
			(void)connection.handle(connection.context);
		end_handler();
	}
}
