/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ahci.h"

#include <base/bits.h>
#include <base/errno.h>
#include <ddk/log.h>
#include <ddk/memory.h>

#define LOG_WINDOW (60 * DDK_SECOND)
#define LOG_MAX    16 /* lines in that time */

int ahci_port_create(struct ahci_hba *hba, unsigned number)
{
	struct ahci_port *port = ddk_allocate(sizeof(*port));
	bool low = !(hba->capabilities & HBA_CAPABILITIES_64BIT);
	int error;

	if (!port)
		return -ENOMEM;
	error = ddk_dma_allocate(hba->device, PORT_MEMORY_SIZE, low ? DDK_DMA_32BIT : 0,
				 &port->memory);
	if (error) {
		ddk_free(port);
		return error;
	}
	port->hba = hba;
	port->number = number;
	port->state = PORT_WAITING;
	port->base = PORT_REGISTERS(number);
	port->list = port->memory.memory;
	ddk_lock_init(&port->lock, "ahci port");
	ddk_mutex_init(&port->internal_mutex, "ahci internal command");
	ddk_event_init(&port->settled, "ahci settled");
	ddk_event_init(&port->internal.done, "ahci internal command");
	ddk_timer_init(&port->timer, ahci_port_expire);
	ddk_work_init(&port->work, ahci_disk_work);
	hba->ports[number] = port;
	return 0;
}

void ahci_port_destroy(struct ahci_port *port)
{
	ddk_timer_cancel(&port->timer);
	ddk_work_flush(&port->work);
	port->hba->ports[port->number] = NULL;
	ddk_dma_free(&port->memory);
	ddk_free(port);
}

void ahci_port_lock(struct ahci_port *port)
{
	ddk_lock_acquire(&port->lock);
}

void ahci_port_unlock(struct ahci_port *port)
{
	uint32_t finished = port->finished, taken = 0;
	/* While others are under way the class is likely to have more. */
	bool more = port->kick || (finished && port->active_queued);
	bool issue = more && port->state == PORT_RUNNING && !port->issuing;

	port->finished = 0;
	if (issue) {
		port->issuing = true;
		/* What the class submits when it gets the finished ones goes with the others. */
		taken = finished ? 0 : ahci_port_take(port);
	}
	if (finished)
		port->reporting++;
	ddk_lock_release(&port->lock);
	for (uint32_t left = finished; left; left &= left - 1) {
		unsigned tag = bit_lowest(left);

		/* Both are ours until the class knows; then it may use the tag again. */
		ddk_disk_complete(port->requests[tag], port->errors[tag]);
	}
	if (finished)
		port->reporting--;
	if (issue)
		ahci_port_issue_taken(port, taken);
}

void ahci_port_set_up(struct ahci_port *port)
{
	uint64_t list = port->memory.device_address + PORT_MEMORY_LIST;
	uint64_t fis = port->memory.device_address + PORT_MEMORY_FIS;
	uint32_t command = port_read(port, PORT_COMMAND) & ~PORT_COMMAND_ATAPI;

	port_write(port, PORT_INTERRUPT_ENABLE, 0);
	port_write(port, PORT_COMMAND_LIST, (uint32_t)list);
	port_write(port, PORT_COMMAND_LIST_HIGH, (uint32_t)(list >> 32));
	port_write(port, PORT_FIS, (uint32_t)fis);
	port_write(port, PORT_FIS_HIGH, (uint32_t)(fis >> 32));
	if (port->hba->capabilities & HBA_CAPABILITIES_STAGGERED)
		command |= PORT_COMMAND_SPIN_UP;
	if (command & PORT_COMMAND_COLD)
		command |= PORT_COMMAND_POWER_ON;
	port_write(port, PORT_COMMAND, command | PORT_COMMAND_FIS_ENABLE | PORT_COMMAND_ACTIVE);
}

void ahci_port_start_engine(struct ahci_port *port)
{
	uint32_t command = port_read(port, PORT_COMMAND);

	port_write(port, PORT_COMMAND, command | PORT_COMMAND_FIS_ENABLE | PORT_COMMAND_START);
}

#define IRQ_UNUSUAL \
	(PORT_IRQ_FATAL | PORT_IRQ_TASK_FILE | PORT_IRQ_HOTPLUG | PORT_IRQ_INTERFACE_SOFT)

bool ahci_port_interrupt(struct ahci_port *port)
{
	unsigned generation = port->generation;
	uint32_t interrupts;

	/* In other states the state machine looks for itself. */
	if (!ahci_port_is_settled(port))
		return false;
	interrupts = port_read(port, PORT_INTERRUPTS);
	if (interrupts == 0 || interrupts == REGISTER_GONE)
		return false;
	/* Before what is done is looked at, so that what is done later interrupts again. */
	port_write(port, PORT_INTERRUPTS, interrupts);
	if (!(interrupts & IRQ_UNUSUAL) && ahci_port_collect_queued(port, generation))
		return true;
	ahci_port_lock(port);
	if (interrupts & IRQ_UNUSUAL)
		ahci_port_error(port, interrupts);
	else if (port->state == PORT_RUNNING)
		ahci_port_collect(port);
	ahci_port_unlock(port);
	return true;
}

void ahci_port_log(struct ahci_port *port, const char *what, uint32_t a, uint32_t b)
{
	uint64_t now = ddk_time();

	if (now - port->log_window > LOG_WINDOW) {
		port->log_window = now;
		port->logged = 0;
	}
	if (port->logged++ < LOG_MAX)
		ddk_warning(port->hba->device, "port %u: %s (0x%x, 0x%x)", port->number, what, a,
			    b);
}
