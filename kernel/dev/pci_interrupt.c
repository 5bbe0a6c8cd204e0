/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Interrupts of PCI functions: MSI-X (PCI Local Bus 3.0, 6.8.2), else one MSI (6.8.1), else the pin
 * (2.2.6), where it is known what that leads to.
 */
#include "pci_state.h"

#include <base/checked.h>
#include <base/errno.h>
#include <iommu/iommu.h>
#include <mm/phys/kernel_map.h>
#include <sync/spinlock.h>

/* An entry of the MSI-X table, in 32-bit words. */
#define ENTRY_WORDS       (PCI_MSIX_ENTRY_SIZE / 4)
#define ENTRY_ADDRESS     0
#define ENTRY_ADDRESS_TOP 1
#define ENTRY_DATA        2
#define ENTRY_CONTROL     3
#define ENTRY_MASKED      (1u << 0)

/* Which message a function sends, and whether it may: its registers, and the fields `address` and down of
 * struct device_irq; the command register. */
static struct spinlock message_lock = SPINLOCK_INIT(RANK_IRQ_MESSAGE, "pci messages");

unsigned pci_irq_count(const struct pci_function *pci)
{
	if (pci->msix)
		return (pci_read_config(pci, pci->msix + PCI_MSIX_CONTROL, 2) & PCI_MSIX_ENTRIES) +
		       1;
	return pci->msi || pci->pin ? 1 : 0;
}

/* Switches the function, whose table is mapped, to MSI-X with all entries masked. */
static void switch_to_msix(const struct pci_function *pci)
{
	unsigned offset = pci->msix + PCI_MSIX_CONTROL;
	uint32_t control = pci_read_config(pci, offset, 2) | PCI_MSIX_ENABLE;

	pci_write_config(pci, offset, 2, control | PCI_MSIX_MASK_ALL);
	for (size_t i = 0; i < pci->msix_length / PCI_MSIX_ENTRY_SIZE; i++)
		pci->msix_table[i * ENTRY_WORDS + ENTRY_CONTROL] = ENTRY_MASKED;
	pci_write_config(pci, offset, 2, control & ~PCI_MSIX_MASK_ALL);
}

/* Maps the table, with all entries masked, and switches the function to MSI-X. */
static int start_msix(struct device *device)
{
	struct pci_function *pci = &device->pci;
	uint32_t place = pci_read_config(pci, pci->msix + PCI_MSIX_TABLE, 4);
	size_t length = (size_t)pci_irq_count(pci) * PCI_MSIX_ENTRY_SIZE;
	const struct device_range *range;

	if ((place & 7) >= DEVICE_RANGE_MAX)
		return -ENODEV;
	range = &device->ranges[place & 7];
	if (range->kind != DEVICE_RANGE_MEMORY || !range->base ||
	    !range_within(place & ~7u, length, range->size))
		return -ENODEV;
	pci->msix_table = kernel_map_device(range->base + (place & ~7u), length, MMU_UNCACHED);
	if (!pci->msix_table)
		return -ENOMEM;
	pci->msix_length = length;
	switch_to_msix(pci);
	return 0;
}

/* Locked. */
static void change_command(const struct pci_function *pci, uint32_t clear, uint32_t set)
{
	uint32_t command = pci_read_config(pci, PCI_COMMAND, 2) & ~clear;

	pci_write_config(pci, PCI_COMMAND, 2, command | set);
}

void pci_change_command(const struct pci_function *pci, uint32_t clear, uint32_t set)
{
	irq_state_t state = spin_lock_irqsave(&message_lock);

	change_command(pci, clear, set);
	spin_unlock_irqrestore(&message_lock, state);
}

static void set_pin(const struct pci_function *pci, bool on)
{
	pci_change_command(pci, on ? PCI_COMMAND_NO_PINS : 0, on ? 0 : PCI_COMMAND_NO_PINS);
}

static void clear_control(const struct pci_function *pci, unsigned offset, uint32_t bits)
{
	pci_write_config(pci, offset, 2, pci_read_config(pci, offset, 2) & ~bits);
}

void pci_irq_silence(const struct pci_function *pci)
{
	set_pin(pci, false);
	if (pci->msix)
		clear_control(pci, pci->msix + PCI_MSIX_CONTROL, PCI_MSIX_ENABLE);
	if (pci->msi)
		clear_control(pci, pci->msi + PCI_MSI_CONTROL, PCI_MSI_ENABLE);
}

/* Writes the message that the entry of the table sends. Locked. */
static void write_msix(struct device_irq *irq)
{
	volatile uint32_t *entry = irq->device->pci.msix_table + (size_t)irq->index * ENTRY_WORDS;

	/* What is due while the entry is masked is sent when it no longer is. */
	entry[ENTRY_CONTROL] = ENTRY_MASKED;
	entry[ENTRY_ADDRESS] = (uint32_t)irq->address;
	entry[ENTRY_ADDRESS_TOP] = (uint32_t)(irq->address >> 32);
	entry[ENTRY_DATA] = irq->data;
	entry[ENTRY_CONTROL] = irq->masked ? ENTRY_MASKED : 0;
	/* The answer comes after all that the device sent before. */
	(void)entry[ENTRY_CONTROL];
}

/* Switches the function to MSI with one message, which was written. Locked. */
static void switch_to_msi(const struct pci_function *pci)
{
	unsigned offset = pci->msi + PCI_MSI_CONTROL;
	uint32_t control = pci_read_config(pci, offset, 2);
	unsigned mask_offset = pci->msi + (control & PCI_MSI_64BIT ? 16 : 12);

	if (control & PCI_MSI_MASKABLE)
		pci_write_config(pci, mask_offset, 4, 0);
	pci_write_config(pci, offset, 2, (control & ~PCI_MSI_VECTORS) | PCI_MSI_ENABLE);
}

/* Writes the function's only message. That it changes to another CPU changes one word of it, so
 * that it is never half the old and half the new one. Locked. */
static void write_msi(struct device_irq *irq)
{
	const struct pci_function *pci = &irq->device->pci;
	uint32_t control = pci_read_config(pci, pci->msi + PCI_MSI_CONTROL, 2);
	unsigned data_offset = pci->msi + (control & PCI_MSI_64BIT ? 12 : 8);

	pci_write_config(pci, pci->msi + 4, 4, (uint32_t)irq->address);
	if (control & PCI_MSI_64BIT)
		pci_write_config(pci, pci->msi + 8, 4, (uint32_t)(irq->address >> 32));
	pci_write_config(pci, data_offset, 2, irq->data);
	(void)pci_read_config(pci, pci->msi + 4, 4);
}

static void retarget(struct irq_handler *handler, uint64_t address, uint32_t data)
{
	struct device_irq *irq = container_of(handler, struct device_irq, handler);
	irq_state_t state = spin_lock_irqsave(&message_lock);

	irq->moved = true;
	if (irq->entry) {
		iommu_message_change(irq->entry, address, data);
		spin_unlock_irqrestore(&message_lock, state);
		return;
	}
	irq->address = address;
	irq->data = data;
	if (irq->live && irq->kind == DEVICE_IRQ_MSIX)
		write_msix(irq);
	else if (irq->live)
		write_msi(irq);
	spin_unlock_irqrestore(&message_lock, state);
}

/* What the device is to send for the message at `address`, which may change until the lock is taken. */
static int set_message(struct device_irq *irq, uint64_t address, uint32_t data)
{
	uint64_t remapped = address;
	uint32_t remapped_data = data;
	unsigned entry;
	irq_state_t state;
	int error = iommu_message_create(irq->device->domain, &remapped, &remapped_data, &entry);

	if (error)
		return error;
	state = spin_lock_irqsave(&message_lock);
	irq->entry = entry;
	if (entry && irq->moved)
		iommu_message_change(entry, irq->address, irq->data);
	if (entry || !irq->moved) {
		irq->address = remapped;
		irq->data = remapped_data;
	}
	spin_unlock_irqrestore(&message_lock, state);
	return 0;
}

/* Gets a message, in irq->address and irq->data. */
static int request_message(struct device_irq *irq)
{
	uint64_t address;
	uint32_t data;
	int error;

	irq->live = false;
	irq->moved = false;
	irq->entry = 0;
	irq->handler.retarget = retarget;
	error = irq_request_msi(&irq->handler, &address, &data);
	if (error)
		return error;
	error = set_message(irq, address, data);
	if (error)
		irq_release(&irq->handler);
	return error;
}

static void release_message(struct device_irq *irq)
{
	irq_release(&irq->handler);
	iommu_message_destroy(irq->entry);
	irq->entry = 0;
}

static int connect_msix(struct device *device, struct device_irq *irq)
{
	irq_state_t state;
	int error = device->pci.msix_table ? 0 : start_msix(device);

	if (error)
		return error;
	error = request_message(irq);
	if (error)
		return error;
	state = spin_lock_irqsave(&message_lock);
	write_msix(irq);
	irq->live = true;
	spin_unlock_irqrestore(&message_lock, state);
	return 0;
}

static int connect_msi(struct device *device, struct device_irq *irq)
{
	const struct pci_function *pci = &device->pci;
	uint32_t control = pci_read_config(pci, pci->msi + PCI_MSI_CONTROL, 2);
	irq_state_t state;
	int error = request_message(irq);

	if (error)
		return error;
	if (irq->address > UINT32_MAX && !(control & PCI_MSI_64BIT)) {
		release_message(irq);
		return -ENODEV;
	}
	state = spin_lock_irqsave(&message_lock);
	write_msi(irq);
	switch_to_msi(pci);
	irq->live = true;
	spin_unlock_irqrestore(&message_lock, state);
	return 0;
}

static int connect_pin(struct device *device, struct device_irq *irq)
{
	int error = pci_pin_request(&device->pci, &irq->handler);

	if (!error)
		set_pin(&device->pci, true);
	return error;
}

void pci_irq_forget(struct device *device)
{
	struct pci_function *pci = &device->pci;

	if (pci->msix_table)
		kernel_unmap_device((void *)pci->msix_table, pci->msix_length);
	pci->msix_table = NULL;
}

/* The ways that are left, for the one interrupt of index 0. */
static int connect_without_table(struct device *device, struct device_irq *irq)
{
	int error = -ENODEV;

	if (device->pci.msi) {
		irq->kind = DEVICE_IRQ_MSI;
		error = connect_msi(device, irq);
	}
	if (error && device->pci.pin) {
		irq->kind = DEVICE_IRQ_LINE;
		irq->handler.retarget = NULL;
		irq->entry = 0;
		error = connect_pin(device, irq);
	}
	return error;
}

int pci_irq_connect(struct device *device, struct device_irq *irq)
{
	int error;

	set_pin(&device->pci, false);
	if (device->pci.msix) {
		irq->kind = DEVICE_IRQ_MSIX;
		error = connect_msix(device, irq);
		/* A function does it one way for all its interrupts. */
		if (!error || irq->index != 0 || !list_empty(&device->irqs))
			return error;
		pci_irq_silence(&device->pci);
		pci_irq_forget(device);
	}
	return connect_without_table(device, irq);
}

static void mask_msix(const struct device_irq *irq)
{
	volatile uint32_t *entry = irq->device->pci.msix_table + (size_t)irq->index * ENTRY_WORDS;

	entry[ENTRY_CONTROL] = ENTRY_MASKED;
	/* The read returns when the write has arrived. */
	(void)entry[ENTRY_CONTROL];
}

void pci_irq_disconnect(struct device *device, struct device_irq *irq)
{
	const struct pci_function *pci = &device->pci;
	irq_state_t state = spin_lock_irqsave(&message_lock);

	irq->live = false;
	if (irq->kind == DEVICE_IRQ_MSIX)
		mask_msix(irq);
	else if (irq->kind == DEVICE_IRQ_MSI)
		clear_control(pci, pci->msi + PCI_MSI_CONTROL, PCI_MSI_ENABLE);
	else
		change_command(pci, 0, PCI_COMMAND_NO_PINS);
	spin_unlock_irqrestore(&message_lock, state);
	release_message(irq);
}

/* --- Where messages are ---------------------------------------------------------------------- */

/* What the register of the capability tells: the table, or what is pending. */
static unsigned add_place(const struct device *device, unsigned index, unsigned offset,
			  size_t length, struct device_place *place)
{
	uint32_t told = pci_read_config(&device->pci, device->pci.msix + offset, 4);

	if ((told & 7) != index)
		return 0;
	place->start = device->ranges[index].base + (told & ~7u);
	place->end = place->start + length;
	return 1;
}

unsigned pci_find_messages(const struct device *device, unsigned index,
			   struct device_place places[DEVICE_MESSAGE_PLACES])
{
	unsigned messages, count;

	if (device->bus != DRIVER_BUS_PCI || !device->pci.msix || index >= DEVICE_RANGE_MAX)
		return 0;
	messages = pci_irq_count(&device->pci);
	count = add_place(device, index, PCI_MSIX_TABLE, (size_t)messages * PCI_MSIX_ENTRY_SIZE,
			  places);
	return count + add_place(device, index, PCI_MSIX_PENDING, align_up(messages, 64) / 8,
				 places + count);
}

/* --- Holding back ---------------------------------------------------------------------------- */

bool pci_irq_is_raised(const struct device_irq *irq)
{
	return irq->kind != DEVICE_IRQ_LINE ||
	       (pci_read_config(&irq->device->pci, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT);
}

/* The only message of a function whose messages can be masked; 0: they cannot. */
static unsigned msi_mask_offset(const struct pci_function *pci)
{
	uint32_t control = pci_read_config(pci, pci->msi + PCI_MSI_CONTROL, 2);

	if (!(control & PCI_MSI_MASKABLE))
		return 0;
	return pci->msi + (control & PCI_MSI_64BIT ? 16u : 12u);
}

/* Locked. False: it cannot be held back. */
static bool hold(struct device_irq *irq, bool on)
{
	const struct pci_function *pci = &irq->device->pci;
	unsigned mask;

	if (irq->kind == DEVICE_IRQ_MSIX) {
		irq->masked = on;
		if (irq->live && on)
			mask_msix(irq);
		else if (irq->live)
			write_msix(irq);
		return true;
	}
	if (irq->kind == DEVICE_IRQ_LINE) {
		change_command(pci, on ? 0 : PCI_COMMAND_NO_PINS, on ? PCI_COMMAND_NO_PINS : 0);
		return true;
	}
	mask = msi_mask_offset(pci);
	if (mask && irq->live)
		pci_write_config(pci, mask, 4, on);
	return mask;
}

bool pci_irq_hold(struct device_irq *irq, bool on)
{
	irq_state_t state = spin_lock_irqsave(&message_lock);
	bool held = hold(irq, on);

	spin_unlock_irqrestore(&message_lock, state);
	return held;
}

/* --- Sleep ----------------------------------------------------------------------------------- */

void pci_irq_suspend(struct device *device)
{
	struct list_node *node;
	irq_state_t state;

	mutex_lock(&device->lock);
	state = spin_lock_irqsave(&message_lock);
	list_for_each (node, &device->irqs)
		container_of(node, struct device_irq, node)->live = false;
	spin_unlock_irqrestore(&message_lock, state);
	mutex_unlock(&device->lock);
}

static void resume_message(struct device_irq *irq)
{
	irq_state_t state;

	if (irq->kind == DEVICE_IRQ_LINE)
		return;
	state = spin_lock_irqsave(&message_lock);
	if (irq->kind == DEVICE_IRQ_MSIX) {
		write_msix(irq);
	} else {
		write_msi(irq);
		switch_to_msi(&irq->device->pci);
	}
	irq->live = true;
	spin_unlock_irqrestore(&message_lock, state);
}

void pci_irq_resume(struct device *device)
{
	struct list_node *node;

	mutex_lock(&device->lock);
	/* What is off may have been left on by firmware, as at boot. */
	if (device->pci.msix_table)
		switch_to_msix(&device->pci);
	else if (list_empty(&device->irqs))
		pci_irq_silence(&device->pci);
	list_for_each (node, &device->irqs)
		resume_message(container_of(node, struct device_irq, node));
	mutex_unlock(&device->lock);
}
