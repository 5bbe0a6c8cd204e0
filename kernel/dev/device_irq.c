/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interrupts of devices, by index, whatever bus they are on. */
#include "dev_priv.h"
#include "pci_priv.h"

#include <arch/irq.h>
#include <base/errno.h>
#include <mm/phys/slab.h>

unsigned device_irq_count(const struct device *device)
{
	return device->bus == DRIVER_BUS_PCI ? pci_irq_count(&device->pci) : device->line_count;
}

static bool call_driver(struct irq_handler *handler)
{
	struct device_irq *irq = container_of(handler, struct device_irq, handler);

	return !irq->device->asleep && irq->handle(irq->context);
}

/* Under device->lock. */
static struct device_irq *find_irq(const struct device *device, unsigned index)
{
	struct list_node *node;

	list_for_each (node, &device->irqs) {
		struct device_irq *irq = container_of(node, struct device_irq, node);

		if (irq->index == index)
			return irq;
	}
	return NULL;
}

static int connect_locked(struct device *device, struct device_irq *irq)
{
	int error;

	if (find_irq(device, irq->index))
		return -EBUSY;
	if (device->bus == DRIVER_BUS_PCI)
		error = pci_irq_connect(device, irq);
	else
		error = irq_request_isa(&irq->handler, device->lines[irq->index]);
	if (!error)
		list_push_back(&device->irqs, &irq->node);
	return error;
}

int device_irq_connect_held(struct device *device, unsigned index, bool (*handle)(void *context),
			    void *context, struct device_irq **made)
{
	struct device_irq *irq;
	int error;

	if (index >= device_irq_count(device))
		return -EINVAL;
	irq = kzalloc(sizeof(*irq));
	if (!irq)
		return -ENOMEM;
	*made = irq;
	irq->handler.handle = call_driver;
	irq->handler.name = device->name;
	irq->device = device;
	irq->index = index;
	irq->handle = handle;
	irq->context = context;
	mutex_lock(&device->lock);
	error = connect_locked(device, irq);
	mutex_unlock(&device->lock);
	if (error)
		kfree(irq);
	return error;
}

int device_irq_connect(struct device *device, unsigned index, bool (*handle)(void *context),
		       void *context)
{
	struct device_irq *irq;

	return device_irq_connect_held(device, index, handle, context, &irq);
}

bool device_irq_is_level(const struct device_irq *irq)
{
	const struct device *device = irq->device;
	bool level, active_low;
	unsigned line;

	if (irq->kind != DEVICE_IRQ_LINE || device->bus == DRIVER_BUS_PCI)
		return irq->kind == DEVICE_IRQ_LINE;
	arch_irq_isa(device->lines[irq->index], &line, &level, &active_low);
	return level;
}

bool device_irq_is_raised(const struct device_irq *irq)
{
	return irq->device->bus != DRIVER_BUS_PCI || pci_irq_is_raised(irq);
}

bool device_irq_hold(struct device_irq *irq, bool on)
{
	if (irq->device->bus == DRIVER_BUS_PCI)
		return pci_irq_hold(irq, on);
	if (!device_irq_is_level(irq))
		return false;
	if (on)
		irq_mask(&irq->handler);
	else
		irq_unmask(&irq->handler);
	return true;
}

void device_irq_disconnect(struct device *device, unsigned index)
{
	struct device_irq *irq;

	mutex_lock(&device->lock);
	irq = find_irq(device, index);
	if (irq) {
		list_remove(&irq->node);
		if (device->bus == DRIVER_BUS_PCI)
			pci_irq_disconnect(device, irq);
		else
			irq_release(&irq->handler);
	}
	mutex_unlock(&device->lock);
	kfree(irq);
}

int device_irq_first(struct device *device)
{
	struct list_node *node;
	int index = -1;

	mutex_lock(&device->lock);
	node = list_first(&device->irqs);
	if (node)
		index = (int)container_of(node, struct device_irq, node)->index;
	mutex_unlock(&device->lock);
	return index;
}

void device_irq_direct(struct device *device, unsigned index, unsigned cpu)
{
	struct device_irq *irq;

	mutex_lock(&device->lock);
	irq = find_irq(device, index);
	if (irq)
		irq_direct(&irq->handler, cpu);
	mutex_unlock(&device->lock);
}
