/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ahci.h"

#include <base/bits.h>
#include <base/errno.h>
#include <base/string.h>

/* --- Making commands ------------------------------------------------------------------------- */

static void set_block(struct command_fis *fis, uint64_t block)
{
	for (unsigned i = 0; i < 3; i++) {
		fis->lba[i] = (uint8_t)(block >> 8 * i);
		fis->lba_high[i] = (uint8_t)(block >> (24 + 8 * i));
	}
}

static void set_count(struct command_fis *fis, uint32_t count)
{
	fis->count = (uint8_t)count;
	fis->count_high = (uint8_t)(count >> 8);
}

/* Queued commands have the count where others have features. */
static void fill_queued(struct command_fis *fis, const struct ddk_disk_request *request)
{
	bool write = request->operation == DDK_DISK_WRITE;

	fis->command = write ? ATA_WRITE_FPDMA_QUEUED : ATA_READ_FPDMA_QUEUED;
	fis->features = (uint8_t)request->count;
	fis->features_high = (uint8_t)(request->count >> 8);
	fis->count = (uint8_t)(request->tag << FIS_QUEUED_TAG_SHIFT);
	fis->device = FIS_DEVICE_LBA;
	if (write && (request->flags & DDK_DISK_FUA))
		fis->device |= FIS_DEVICE_FUA;
	set_block(fis, request->block);
}

static void fill_transfer(struct command_fis *fis, const struct ahci_port *port,
			  const struct ddk_disk_request *request)
{
	bool write = request->operation == DDK_DISK_WRITE;

	set_block(fis, request->block);
	set_count(fis, request->count);
	fis->device = FIS_DEVICE_LBA;
	if (port->disk_identity.lba48) {
		fis->command = write ? ATA_WRITE_DMA_EXT : ATA_READ_DMA_EXT;
		if (write && (request->flags & DDK_DISK_FUA))
			fis->command = ATA_WRITE_DMA_FUA_EXT;
		return;
	}
	fis->command = write ? ATA_WRITE_DMA : ATA_READ_DMA;
	fis->device |= (uint8_t)(request->block >> 24 & 0xf);
	memset(fis->lba_high, 0, sizeof(fis->lba_high));
	fis->count_high = 0;
}

/* The ranges are data that the device reads. */
static void fill_trim(struct ahci_port *port, struct command_fis *fis,
		      const struct ddk_disk_request *request)
{
	struct command_table *table = port_table(port, request->tag);
	uint64_t *ranges = (uint64_t *)((uint8_t *)table + SLOT_TRIM);
	uint64_t block = request->block, left = request->count;

	memset(ranges, 0, ATA_PAGE);
	for (unsigned i = 0; i < ATA_TRIM_RANGES && left; i++) {
		uint64_t count = min_u64(left, ATA_TRIM_RANGE_MAX);

		ranges[i] = block | count << ATA_TRIM_COUNT_SHIFT;
		block += count;
		left -= count;
	}
	fis->command = ATA_DATA_SET_MANAGEMENT;
	fis->features = ATA_FEATURE_TRIM;
	fis->device = FIS_DEVICE_LBA;
	set_count(fis, 1);
	table->regions[0] = (struct memory_region){
		.address = port->slots[request->tag].device_address + SLOT_TRIM,
		.length = ATA_PAGE - 1,
	};
}

static unsigned fill_regions(struct command_table *table, const struct ddk_disk_request *request)
{
	for (unsigned i = 0; i < request->segment_count; i++) {
		const struct ddk_disk_segment *segment = &request->segments[i];

		table->regions[i] = (struct memory_region){
			.address = segment->device_address,
			.length = segment->length - 1,
		};
	}
	return request->segment_count;
}

/* Makes the command in its slot, which is nobody else's. True if it is a queued one. */
static bool prepare(struct ahci_port *port, const struct ddk_disk_request *request)
{
	struct command_table *table = port_table(port, request->tag);
	struct command_header *header = &port->list[request->tag];
	struct command_fis *fis = &table->fis;
	bool transfer = request->operation == DDK_DISK_READ || request->operation == DDK_DISK_WRITE;
	bool queued = transfer && port->disk_identity.queue_depth;
	bool write = request->operation != DDK_DISK_READ;
	unsigned regions = 0;

	*fis = (struct command_fis){ .type = FIS_COMMAND, .flags = FIS_COMMAND_UPDATE };
	if (queued)
		fill_queued(fis, request);
	else if (transfer)
		fill_transfer(fis, port, request);
	if (transfer)
		regions = fill_regions(table, request);
	if (request->operation == DDK_DISK_DISCARD) {
		fill_trim(port, fis, request);
		regions = 1;
	}
	if (request->operation == DDK_DISK_FLUSH) {
		fis->command =
			port->disk_identity.flush_ext ? ATA_FLUSH_CACHE_EXT : ATA_FLUSH_CACHE;
		fis->device = FIS_DEVICE_LBA;
	}
	header->flags = HEADER_FIS_LENGTH | (write && regions ? HEADER_WRITE : 0) |
			regions << HEADER_COUNT_SHIFT;
	header->transferred = 0;
	header->table = port->slots[request->tag].device_address;
	return queued;
}

/* What could not be made into a command: the class keeps to the description, so this is never. */
static int check(const struct ahci_port *port, const struct ddk_disk_request *request)
{
	if (request->tag >= port->depth || request->segment_count > SLOT_REGIONS_MAX)
		return -EREMOTEIO;
	if (request->operation == DDK_DISK_WRITE_ZEROES ||
	    (request->operation == DDK_DISK_DISCARD && !port->disk_identity.trim))
		return -EOPNOTSUPP;
	return 0;
}

/* --- Issuing and completing ------------------------------------------------------------------ */

int ahci_disk_submit(struct ddk_disk_request *request, bool last)
{
	struct ahci_port *port = ddk_disk_context(request->disk);
	uint32_t bit;
	bool queued;
	int error = check(port, request);

	if (error)
		return error;
	bit = 1u << request->tag;
	ahci_port_lock(port);
	if (port->disk_state != DISK_LIVE) {
		ahci_port_unlock(port);
		return -ENODEV;
	}
	/* An internal command may be in the slot: it gives back what it finds. */
	if (port->internal.active && request->tag == INTERNAL_SLOT) {
		struct command_header active = port->list[INTERNAL_SLOT];

		queued = prepare(port, request);
		port->internal.saved = port->list[INTERNAL_SLOT];
		port->list[INTERNAL_SLOT] = active;
	} else {
		queued = prepare(port, request);
	}
	port->requests[request->tag] = request;
	port->errors[request->tag] = 0;
	if (queued)
		port->waiting_queued |= bit;
	else
		port->waiting_plain |= bit;
	if (last)
		ahci_port_issue(port);
	ahci_port_unlock(port);
	return 0;
}

static void issue_plain(struct ahci_port *port)
{
	uint32_t bit = port->waiting_plain & -port->waiting_plain;

	port->waiting_plain &= ~bit;
	port->active_plain = bit;
	port_write(port, PORT_ISSUE, bit);
}

uint32_t ahci_port_take(struct ahci_port *port)
{
	uint32_t mask = port->waiting_queued;

	port->kick = false;
	/* Queued ones come to an end before others, and none begin meanwhile. */
	if (port->state != PORT_RUNNING || port->active_plain || port->waiting_plain ||
	    port->internal.active || port->internal.waiting)
		return 0;
	if (port->careful) {
		if (port->active_queued)
			return 0;
		mask &= -mask;
	}
	port->waiting_queued &= ~mask;
	port->active_queued |= mask;
	return mask;
}

void ahci_port_issue_taken(struct ahci_port *port, uint32_t mask)
{
	for (;;) {
		if (mask) {
			port_write(port, PORT_ACTIVE, mask);
			/* Before they can be done. */
			port->issued |= mask;
			port_write(port, PORT_ISSUE, mask);
		}
		ahci_port_lock(port);
		mask = ahci_port_take(port);
		if (!mask)
			break;
		ddk_lock_release(&port->lock);
	}
	port->issuing = false;
	/* It may be what a stop waits for. */
	if (!ahci_port_is_settled(port))
		ahci_port_advance(port);
	ahci_port_unlock(port);
}

void ahci_port_issue(struct ahci_port *port)
{
	if (port->state != PORT_RUNNING || port->active_plain || port->internal.active)
		return;
	if (!port->internal.waiting && !port->waiting_plain) {
		port->kick = port->waiting_queued != 0;
		return;
	}
	if (port->active_queued)
		return;
	if (port->internal.waiting)
		ahci_internal_issue(port);
	else
		issue_plain(port);
}

void ahci_port_finish(struct ahci_port *port, uint32_t mask, int error)
{
	port->waiting_queued &= ~mask;
	port->waiting_plain &= ~mask;
	port->active_queued &= ~mask;
	port->issued &= ~mask;
	port->active_plain &= ~mask;
	port->suspects &= ~mask;
	port->condemned &= ~mask;
	port->finished |= mask;
	/* An error that the class counts is an end, too: it does not try for ever. */
	if (mask && error != -EAGAIN)
		port->attempts = 0;
	for (; mask; mask &= mask - 1)
		port->errors[bit_lowest(mask)] = error;
}

void ahci_port_condemn(struct ahci_port *port, uint32_t mask, int error)
{
	ahci_port_finish(port, mask, error);
	port->finished &= ~mask;
	port->condemned |= mask;
}

/* These are done, with the error that they were submitted with: none. Locked. */
static void finish_done(struct ahci_port *port, uint32_t done)
{
	if (!done)
		return;
	port->finished |= done;
	port->attempts = 0;
	if (port->careful)
		port->careful--;
	ahci_port_issue(port);
}

void ahci_port_collect(struct ahci_port *port)
{
	if (port->issued) {
		uint32_t done = port->issued & ~port_read(port, PORT_ACTIVE);

		port->active_queued &= ~done;
		port->issued &= ~done;
		finish_done(port, done);
	} else if (port->active_plain) {
		uint32_t done = port->active_plain & ~port_read(port, PORT_ISSUE);

		port->active_plain &= ~done;
		finish_done(port, done);
	} else if (port->internal.active && ahci_internal_poll(port) != -EAGAIN) {
		ahci_port_issue(port);
	}
}

bool ahci_port_collect_queued(struct ahci_port *port, unsigned generation)
{
	uint32_t done = port->issued;

	if (!done)
		return false;
	done &= ~port_read(port, PORT_ACTIVE);
	if (!done)
		return true;
	ahci_port_lock(port);
	if (generation == port->generation && port->state == PORT_RUNNING) {
		/* Others may have found them as well. */
		done &= port->issued;
		port->active_queued &= ~done;
		port->issued &= ~done;
		finish_done(port, done);
	}
	ahci_port_unlock(port);
	return true;
}
