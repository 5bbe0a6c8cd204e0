/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ahci.h"

#include <base/errno.h>
#include <base/string.h>

#define EXECUTE_TIMEOUT (15 * DDK_SECOND)

void ahci_internal_fill(struct command_fis *fis, enum ata_command command, uint8_t features)
{
	*fis = (struct command_fis){
		.type = FIS_COMMAND,
		.flags = FIS_COMMAND_UPDATE,
		.command = (uint8_t)command,
		.features = features,
		.device = FIS_DEVICE_LBA,
	};
}

static void begin(struct ahci_port *port, const struct command_fis *fis, bool has_data, bool thread)
{
	struct internal_command *internal = &port->internal;
	uint8_t *memory = port->memory.memory;
	uint64_t address = port->memory.device_address;
	struct command_table *table = (struct command_table *)(memory + PORT_MEMORY_TABLE);

	memset(memory + PORT_MEMORY_BUFFER, 0, ATA_PAGE);
	table->fis = *fis;
	table->regions[0] = (struct memory_region){
		.address = address + PORT_MEMORY_BUFFER,
		.length = ATA_PAGE - 1,
	};
	internal->saved = port->list[INTERNAL_SLOT];
	port->list[INTERNAL_SLOT] = (struct command_header){
		.flags = HEADER_FIS_LENGTH | (has_data ? 1u << HEADER_COUNT_SHIFT : 0),
		.table = address + PORT_MEMORY_TABLE,
	};
	internal->active = true;
	internal->thread = thread;
	port_write(port, PORT_ISSUE, 1u << INTERNAL_SLOT);
}

void ahci_internal_begin(struct ahci_port *port, const struct command_fis *fis)
{
	begin(port, fis, true, false);
}

void ahci_internal_issue(struct ahci_port *port)
{
	port->internal.waiting = false;
	begin(port, &port->internal.fis, port->internal.has_data, true);
}

void ahci_internal_end(struct ahci_port *port, int error)
{
	struct internal_command *internal = &port->internal;
	const uint8_t *memory = port->memory.memory;

	if (!internal->active)
		return;
	internal->active = false;
	port->list[INTERNAL_SLOT] = internal->saved;
	if (!error) {
		memcpy(internal->data, memory + PORT_MEMORY_BUFFER, ATA_PAGE);
		memcpy(internal->received, memory + PORT_MEMORY_FIS + RECEIVED_REGISTER_FIS,
		       sizeof(internal->received));
	}
	if (internal->thread) {
		internal->error = error;
		ddk_event_signal(&internal->done);
	}
}

void ahci_internal_cancel(struct ahci_port *port, int error)
{
	if (port->internal.active && port->internal.thread)
		ahci_internal_end(port, error);
	if (port->internal.waiting) {
		port->internal.waiting = false;
		port->internal.error = error;
		ddk_event_signal(&port->internal.done);
	}
}

int ahci_internal_poll(struct ahci_port *port)
{
	uint32_t interrupts = port_read(port, PORT_INTERRUPTS);
	uint32_t issued = port_read(port, PORT_ISSUE), task_file = port_read(port, PORT_TASK_FILE);
	int error;

	if (port->state != PORT_RUNNING)
		port_write(port, PORT_INTERRUPTS, interrupts);
	/* A command that fails stays issued. */
	if (!(task_file & ATA_STATUS_BUSY) && (task_file & (ATA_STATUS_ERROR | ATA_STATUS_FAULT)))
		error = -EIO;
	else if (interrupts & (PORT_IRQ_FATAL | PORT_IRQ_TASK_FILE))
		error = -EIO;
	else if ((issued & 1u << INTERNAL_SLOT) || (task_file & ATA_STATUS_BUSY))
		return -EAGAIN;
	else
		error = 0;
	ahci_internal_end(port, error);
	return error;
}

/* The wait took too long, unless it ended just now. Locked. */
static int give_up(struct ahci_port *port)
{
	struct internal_command *internal = &port->internal;

	if (!internal->waiting && !(internal->active && internal->thread))
		return internal->error;
	if (internal->waiting) {
		ahci_internal_cancel(port, -ETIMEDOUT);
	} else {
		ahci_internal_end(port, -ETIMEDOUT);
		ahci_port_begin_reset(port);
	}
	return -ETIMEDOUT;
}

int ahci_port_execute(struct ahci_port *port, const struct command_fis *fis, uint16_t *data,
		      uint8_t *received)
{
	struct internal_command *internal = &port->internal;
	int error = 0;

	ddk_mutex_acquire(&port->internal_mutex);
	ahci_port_lock(port);
	if (port->disk_state != DISK_LIVE) {
		error = -ENODEV;
	} else {
		ddk_event_clear(&internal->done);
		internal->fis = *fis;
		internal->has_data = data != NULL;
		internal->waiting = true;
		ahci_port_issue(port);
	}
	ahci_port_unlock(port);
	if (!error) {
		bool late = ddk_event_wait(&internal->done, EXECUTE_TIMEOUT) != 0;

		ahci_port_lock(port);
		error = late ? give_up(port) : internal->error;
		if (!error && data)
			memcpy(data, internal->data, ATA_PAGE);
		if (!error && received)
			memcpy(received, internal->received, sizeof(internal->received));
		ahci_port_unlock(port);
	}
	ddk_mutex_release(&port->internal_mutex);
	return error;
}
