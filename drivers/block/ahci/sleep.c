/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sleep. The class keeps the requests; disks write their caches and, where they turn, park their heads;
 * the adapter is reset. After waking ports are brought up as after any reset: what has another disk by
 * then, or none, takes the old one away.
 */
#include "ahci.h"

#include <base/errno.h>

static void set_resting(struct ahci_port *port, bool resting)
{
	ahci_port_lock(port);
	port->resting = resting;
	/* Resets of sleep are not for want of success. */
	port->attempts = 0;
	ahci_port_unlock(port);
	ddk_work_queue(&port->work);
}

/* Disks come and go again, and their requests come. `count`: of the first ports. */
static void resume_ports(struct ahci_hba *hba, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct ahci_port *port = hba->ports[i];

		if (!port)
			continue;
		if (port->disk)
			ddk_disk_resume(port->disk);
		set_resting(port, false);
	}
}

static int suspend_port(struct ahci_port *port)
{
	int error = 0;

	/* Until what it does now is done. */
	set_resting(port, true);
	ddk_work_flush(&port->work);
	if (port->disk)
		error = ddk_disk_suspend(port->disk);
	if (error)
		set_resting(port, false);
	return error;
}

/* A disk that fails is not a reason to stay awake: what was to be durable was flushed before. */
static void settle_disk(struct ahci_port *port)
{
	const struct ata_identity *identity = &port->disk_identity;
	struct command_fis fis;

	if (!port->disk)
		return;
	if (identity->flush || identity->flush_ext) {
		ahci_internal_fill(&fis,
				   identity->flush_ext ? ATA_FLUSH_CACHE_EXT : ATA_FLUSH_CACHE, 0);
		if (ahci_port_execute(port, &fis, NULL, NULL))
			return;
	}
	if (!identity->power)
		return;
	ahci_internal_fill(&fis, ATA_STANDBY_IMMEDIATE, 0);
	(void)!ahci_port_execute(port, &fis, NULL, NULL);
}

int ahci_suspend(struct device *device)
{
	struct ahci_hba *hba = ddk_device_state(device);

	for (unsigned i = 0; i < AHCI_PORTS_MAX; i++) {
		int error = hba->ports[i] ? suspend_port(hba->ports[i]) : 0;

		if (error) {
			resume_ports(hba, i);
			return error;
		}
	}
	for (unsigned i = 0; i < AHCI_PORTS_MAX && !hba->gone; i++)
		if (hba->ports[i])
			settle_disk(hba->ports[i]);
	if (!hba->gone)
		ahci_hba_stop(hba);
	return 0;
}

int ahci_resume(struct device *device)
{
	struct ahci_hba *hba = ddk_device_state(device);
	int error = hba->gone ? 0 : ahci_hba_start_again(hba);

	if (error)
		ahci_hba_is_gone(hba);
	/* Requests wait in the ports until those are up. */
	resume_ports(hba, AHCI_PORTS_MAX);
	return error;
}
