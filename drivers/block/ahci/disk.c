/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ahci.h"

#include <base/errno.h>
#include <base/string.h>
#include <ddk/log.h>

#define TRANSFER_MAX     (4u << 20) /* bytes of a request */
#define BLOCKS_MAX_LBA28 256u
#define PLAIN_DEPTH      2 /* so that the next one waits here while one is under way */
#define WAIT_INTERVAL    DDK_MILLISECOND

/* --- Time-outs ------------------------------------------------------------------------------- */

static bool is_held(const struct ahci_port *port, const struct ddk_disk_request *request,
		    unsigned tag)
{
	uint32_t held = port->waiting_queued | port->waiting_plain | port->active_queued |
			port->active_plain | port->suspects | port->condemned;

	return held >> tag & 1 && port->requests[tag] == request;
}

static void let_go(struct ahci_port *port, const struct ddk_disk_request *request)
{
	uint32_t bit = 1u << request->tag;

	/* Its interrupt may be lost. */
	if (port->state == PORT_RUNNING)
		ahci_port_collect(port);
	if (!is_held(port, request, request->tag))
		return;
	if ((port->active_queued | port->active_plain) & bit) {
		ahci_port_log(port, "a command takes too long", port_read(port, PORT_TASK_FILE),
			      port_read(port, PORT_ACTIVE));
		ahci_port_condemn(port, bit, -ETIMEDOUT);
		ahci_port_begin_reset(port);
	} else if (!(port->condemned & bit)) {
		ahci_port_finish(port, bit, -ETIMEDOUT);
	}
}

static void disk_timed_out(struct ddk_disk_request *request)
{
	struct ahci_port *port = ddk_disk_context(request->disk);
	unsigned tag = request->tag; /* it may complete, and be another's, meanwhile */
	bool held;

	ahci_port_lock(port);
	if (is_held(port, request, tag))
		let_go(port, request);
	held = is_held(port, request, tag);
	ahci_port_unlock(port);
	/* The engine stops, or the adapter is reset, or given up: that takes a second or two. */
	while (held || port->reporting) {
		ddk_sleep(WAIT_INTERVAL);
		ahci_port_lock(port);
		held = is_held(port, request, tag);
		ahci_port_unlock(port);
	}
}

/* --- Health ---------------------------------------------------------------------------------- */

static int smart(struct ahci_port *port, uint8_t feature, uint16_t *data, uint8_t *received)
{
	struct command_fis fis;

	ahci_internal_fill(&fis, ATA_SMART, feature);
	for (unsigned i = 0; i < 3; i++)
		fis.lba[i] = (uint8_t)(ATA_SMART_KEY >> 8 * i);
	return ahci_port_execute(port, &fis, data, received);
}

/* SMART RETURN STATUS answers in the block address (ACS-4 7.48.8). */
static bool says_failing(const uint8_t *received)
{
	struct command_fis fis;

	memcpy(&fis, received, sizeof(fis));
	return (fis.lba[1] | fis.lba[2] << 8) == ATA_SMART_STATUS_FAILING;
}

static int disk_read_health(struct ddk_disk *disk, struct ddk_disk_health *health)
{
	struct ahci_port *port = ddk_disk_context(disk);
	uint8_t received[sizeof(struct command_fis)];
	uint16_t data[ATA_WORDS], thresholds[ATA_WORDS];
	bool has_thresholds;
	int error;

	memset(health, 0xff, sizeof(*health));
	health->failing = false;
	health->temperature = INT32_MIN;
	if (!port->disk_identity.smart)
		return -EOPNOTSUPP;
	error = smart(port, ATA_SMART_READ_DATA, data, NULL);
	if (error)
		return error;
	has_thresholds = smart(port, ATA_SMART_READ_THRESHOLDS, thresholds, NULL) == 0;
	error = ata_smart_decode((const uint8_t *)data,
				 has_thresholds ? (const uint8_t *)thresholds : NULL, health);
	if (!error && smart(port, ATA_SMART_RETURN_STATUS, NULL, received) == 0)
		health->failing |= says_failing(received);
	return error;
}

static const struct ddk_disk_ops operations = {
	.submit = ahci_disk_submit,
	.timed_out = disk_timed_out,
	.read_health = disk_read_health,
};

/* --- Coming and going ------------------------------------------------------------------------ */

static void describe(const struct ahci_port *port, const struct ata_identity *identity,
		     struct ddk_disk_description *description)
{
	uint32_t most = TRANSFER_MAX / identity->block_size;

	*description = (struct ddk_disk_description){
		.prefix = "sd",
		.block_count = identity->block_count,
		.block_size = identity->block_size,
		.physical_block_size = identity->physical_block_size,
		.max_blocks = identity->lba48 ? most : BLOCKS_MAX_LBA28,
		.max_segments = SLOT_REGIONS_MAX,
		.max_segment_length = MEMORY_REGION_MAX,
		.segment_alignment = 2,
		.below_4g = !(port->hba->capabilities & HBA_CAPABILITIES_64BIT),
		.max_discard_blocks = identity->trim ? ATA_TRIM_RANGES * ATA_TRIM_RANGE_MAX : 0,
		.volatile_cache = identity->write_cache && (identity->flush || identity->flush_ext),
		.fua = identity->fua,
		.rotational = identity->rotational,
		.removable = identity->removable,
		.queue_count = 1,
		.queue_depth = port->depth,
	};
	memcpy(description->model, identity->model, sizeof(description->model));
	memcpy(description->serial, identity->serial, sizeof(description->serial));
	memcpy(description->firmware, identity->firmware, sizeof(description->firmware));
}

static void free_slots(struct ahci_port *port)
{
	for (unsigned i = 0; i < AHCI_SLOTS_MAX; i++)
		ddk_dma_free(&port->slots[i]);
}

static int allocate_slots(struct ahci_port *port, const struct ata_identity *identity)
{
	unsigned wanted = identity->queue_depth ? identity->queue_depth : PLAIN_DEPTH;
	bool low = !(port->hba->capabilities & HBA_CAPABILITIES_64BIT);
	int error = 0;

	port->depth = (unsigned)min_u64(wanted, port->hba->slot_count);
	for (unsigned i = 0; i < port->depth && !error; i++)
		error = ddk_dma_allocate(port->hba->device, SLOT_SIZE, low ? DDK_DMA_32BIT : 0,
					 &port->slots[i]);
	if (error)
		free_slots(port);
	return error;
}

static void remove_disk(struct ahci_port *port)
{
	ddk_disk_remove(port->disk);
	port->disk = NULL;
	free_slots(port);
	ahci_port_lock(port);
	port->disk_state = DISK_NONE;
	ahci_port_unlock(port);
}

/* The port is not DISK_LIVE any more if this fails. */
static void create_disk(struct ahci_port *port)
{
	struct ddk_disk_description description;
	struct ata_identity identity;
	int error;

	ahci_port_lock(port);
	identity = port->identity;
	ahci_port_unlock(port);
	error = allocate_slots(port, &identity);
	if (!error) {
		describe(port, &identity, &description);
		/* Requests come before there is a disk. */
		ahci_port_lock(port);
		port->disk_identity = identity;
		port->disk_state = DISK_LIVE;
		ahci_port_unlock(port);
		error = ddk_disk_create(port->hba->device, &description, &operations, port,
					&port->disk);
		if (error)
			free_slots(port);
	}
	if (!error)
		return;
	ddk_error(port->hba->device, "port %u: no disk: error %d", port->number, -error);
	ahci_port_lock(port);
	port->disk_state = DISK_NONE;
	port->refused = true;
	ahci_port_unlock(port);
}

enum disk_task { TASK_NONE, TASK_REMOVE, TASK_CREATE, TASK_RESIZE };

static enum disk_task next_task(struct ahci_port *port)
{
	enum disk_task task = TASK_NONE;

	ahci_port_lock(port);
	if (port->resting) {
		task = TASK_NONE;
	} else if (port->disk_state == DISK_STALE) {
		port->resized = false;
		task = TASK_REMOVE;
	} else if (port->disk_state == DISK_NONE && port->state == PORT_RUNNING && !port->refused) {
		task = TASK_CREATE;
	} else if (port->disk_state == DISK_LIVE && port->resized) {
		port->resized = false;
		task = TASK_RESIZE;
	}
	ahci_port_unlock(port);
	return task;
}

void ahci_disk_work(struct ddk_work *work)
{
	struct ahci_port *port = container_of(work, struct ahci_port, work);

	for (;;) {
		switch (next_task(port)) {
		case TASK_REMOVE:
			remove_disk(port);
			break;
		case TASK_CREATE:
			create_disk(port);
			break;
		case TASK_RESIZE:
			ddk_disk_resize(port->disk, port->disk_identity.block_count);
			break;
		default:
			return;
		}
	}
}

void ahci_disk_destroy(struct ahci_port *port)
{
	ahci_port_lock(port);
	port->refused = true;
	ahci_port_unlock(port);
	ddk_work_flush(&port->work);
	if (port->disk)
		remove_disk(port);
}
