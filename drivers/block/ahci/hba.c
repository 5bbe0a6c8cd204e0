/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ahci.h"

#include <base/bits.h>
#include <base/errno.h>
#include <ddk/driver.h>
#include <ddk/irq.h>
#include <ddk/log.h>
#include <ddk/memory.h>
#include <ddk/pci.h>

#define HANDOFF_TIMEOUT      (25 * DDK_MILLISECOND) /* 10.6.3 */
#define HANDOFF_TIMEOUT_BUSY (2 * DDK_SECOND)
#define RESET_TIMEOUT        DDK_SECOND /* 10.4.3 */
#define POLL_INTERVAL        DDK_MILLISECOND
#define SETTLE_TIMEOUT       (10 * DDK_SECOND) /* disks that take longer come later */
#define RESETS_MAX           5                 /* in RESETS_WINDOW; then it is given up */
#define RESETS_WINDOW        (60 * DDK_SECOND)

static uint32_t hba_read(const struct ahci_hba *hba, size_t offset)
{
	return ddk_read32(&hba->registers, offset);
}

static void hba_write(const struct ahci_hba *hba, size_t offset, uint32_t value)
{
	ddk_write32(&hba->registers, offset, value);
}

/* --- Interrupts ------------------------------------------------------------------------------ */

static bool handle_interrupt(void *context)
{
	struct ahci_hba *hba = context;
	uint32_t pending = hba_read(hba, HBA_INTERRUPTS);

	if (pending == 0 || hba->gone)
		return false;
	/* All ports at once are unlikely; but capabilities are never all ones. */
	if (pending == REGISTER_GONE && hba_read(hba, HBA_CAPABILITIES) == REGISTER_GONE) {
		ahci_hba_is_gone(hba);
		return true;
	}
	for (uint32_t ports = pending & hba->implemented; ports; ports &= ports - 1)
		ahci_port_interrupt(hba->ports[bit_lowest(ports)]);
	/* After those of the ports (10.7.2.1), of which it is the sum. */
	hba_write(hba, HBA_INTERRUPTS, pending);
	return true;
}

/* --- Resets ---------------------------------------------------------------------------------- */

void ahci_hba_is_gone(struct ahci_hba *hba)
{
	hba->gone = true;
	for (unsigned i = 0; i < AHCI_PORTS_MAX; i++) {
		struct ahci_port *port = hba->ports[i];

		if (!port)
			continue;
		ahci_port_lock(port);
		ahci_port_kill(port, -ENODEV);
		ahci_port_unlock(port);
	}
}

void ahci_hba_request_reset(struct ahci_hba *hba)
{
	if (!hba->gone) {
		hba->reset_wanted = true;
		ddk_timer_arm(&hba->timer, 0);
	}
}

/* What a reset takes away, or may take away (10.4.3). */
static void set_up(struct ahci_hba *hba)
{
	hba_write(hba, HBA_CONTROL, HBA_CONTROL_AHCI);
	if (hba_read(hba, HBA_PORTS) != hba->implemented)
		hba_write(hba, HBA_PORTS, hba->implemented);
	hba_write(hba, HBA_INTERRUPTS, UINT32_MAX);
}

static void give_up(struct ahci_hba *hba, const char *why)
{
	ddk_error(hba->device, "%s", why);
	ddk_pci_set_bus_master(hba->device, false);
	ahci_hba_is_gone(hba);
}

/* All ports let go; false if somebody is issuing commands just now. */
static bool quiesce(struct ahci_hba *hba)
{
	bool quiet = true;

	for (unsigned i = 0; i < AHCI_PORTS_MAX; i++) {
		struct ahci_port *port = hba->ports[i];

		if (!port)
			continue;
		ahci_port_lock(port);
		ahci_port_wait_for_hba(port);
		quiet &= !port->issuing;
		ahci_port_unlock(port);
	}
	return quiet;
}

static void begin_reset(struct ahci_hba *hba)
{
	uint64_t now = ddk_time();

	if (hba_read(hba, HBA_CAPABILITIES) == REGISTER_GONE) {
		give_up(hba, "the adapter does not answer any more");
		return;
	}
	if (!quiesce(hba)) {
		hba->reset_wanted = true;
		ddk_timer_arm(&hba->timer, POLL_INTERVAL);
		return;
	}
	if (now - hba->reset_last > RESETS_WINDOW)
		hba->reset_count = 0;
	hba->reset_last = now;
	if (hba->reset_count++ == RESETS_MAX) {
		give_up(hba, "the adapter is given up after many resets");
		return;
	}
	ddk_warning(hba->device, "the adapter is reset");
	hba->resetting = true;
	hba->reset_deadline = now + RESET_TIMEOUT;
	hba_write(hba, HBA_CONTROL, HBA_CONTROL_AHCI | HBA_CONTROL_RESET);
	ddk_timer_arm(&hba->timer, POLL_INTERVAL);
}

static void end_reset(struct ahci_hba *hba)
{
	hba->resetting = false;
	set_up(hba);
	for (unsigned i = 0; i < AHCI_PORTS_MAX; i++) {
		struct ahci_port *port = hba->ports[i];

		if (!port)
			continue;
		ahci_port_lock(port);
		ahci_port_restart(port);
		ahci_port_unlock(port);
	}
	hba_write(hba, HBA_CONTROL, HBA_CONTROL_AHCI | HBA_CONTROL_INTERRUPTS);
}

/* Ports wait until the adapter has been reset. */
static void expire(struct ddk_timer *timer)
{
	struct ahci_hba *hba = container_of(timer, struct ahci_hba, timer);
	uint32_t control;

	if (hba->gone)
		return;
	if (!hba->resetting) {
		if (hba->reset_wanted) {
			hba->reset_wanted = false;
			begin_reset(hba);
		}
		return;
	}
	control = hba_read(hba, HBA_CONTROL);
	if (!(control & HBA_CONTROL_RESET)) {
		end_reset(hba);
		if (hba->reset_wanted)
			ddk_timer_arm(&hba->timer, POLL_INTERVAL);
	} else if (ddk_time() > hba->reset_deadline) {
		give_up(hba, "the adapter does not come back from its reset");
	} else {
		ddk_timer_arm(&hba->timer, POLL_INTERVAL);
	}
}

/* --- Starting -------------------------------------------------------------------------------- */

/* Waits until the bits of `mask` are clear. */
static int wait_clear(struct ahci_hba *hba, size_t offset, uint32_t mask, uint64_t timeout_ns)
{
	uint64_t end = ddk_time() + timeout_ns;

	while (hba_read(hba, offset) & mask) {
		if (ddk_time() > end)
			return -ETIMEDOUT;
		ddk_sleep(POLL_INTERVAL);
	}
	return 0;
}

/* 10.6.3: firmware may drive the adapter still. One that does not let go is ignored. */
static void take_over(struct ahci_hba *hba)
{
	if (!(hba_read(hba, HBA_CAPABILITIES2) & HBA_CAPABILITIES2_HANDOFF) ||
	    !(hba_read(hba, HBA_HANDOFF) & HBA_HANDOFF_FIRMWARE))
		return;
	hba_write(hba, HBA_HANDOFF, HBA_HANDOFF_SYSTEM);
	if (!wait_clear(hba, HBA_HANDOFF, HBA_HANDOFF_FIRMWARE, HANDOFF_TIMEOUT))
		return;
	if (wait_clear(hba, HBA_HANDOFF, HBA_HANDOFF_FIRMWARE | HBA_HANDOFF_BUSY,
		       HANDOFF_TIMEOUT_BUSY))
		ddk_warning(hba->device, "firmware does not let go of the adapter");
}

static int reset_now(struct ahci_hba *hba)
{
	int error;

	hba_write(hba, HBA_CONTROL, HBA_CONTROL_AHCI);
	hba_write(hba, HBA_CONTROL, HBA_CONTROL_AHCI | HBA_CONTROL_RESET);
	error = wait_clear(hba, HBA_CONTROL, HBA_CONTROL_RESET, RESET_TIMEOUT);
	if (!error)
		hba_write(hba, HBA_CONTROL, HBA_CONTROL_AHCI);
	return error;
}

/* What the adapter has: some firmware tells it before a reset only. */
static int read_capabilities(struct ahci_hba *hba)
{
	size_t room = hba->registers.length;

	hba->capabilities = hba_read(hba, HBA_CAPABILITIES);
	hba->implemented = hba_read(hba, HBA_PORTS);
	if (hba->capabilities == REGISTER_GONE)
		return -ENODEV;
	if (hba->implemented == 0)
		hba->implemented =
			(uint32_t)((2ull << (hba->capabilities & HBA_CAPABILITIES_PORTS)) - 1);
	for (unsigned i = 0; i < AHCI_PORTS_MAX; i++)
		if (!range_within(PORT_REGISTERS(i), PORT_REGISTERS_SIZE, room))
			hba->implemented &= ~(1u << i);
	hba->slot_count = (hba->capabilities >> HBA_CAPABILITIES_SLOTS_SHIFT & 0x1f) + 1;
	return hba->implemented ? 0 : -ENODEV;
}

static int create_ports(struct ahci_hba *hba)
{
	int error = 0;

	for (unsigned i = 0; i < AHCI_PORTS_MAX && !error; i++)
		if (hba->implemented & 1u << i)
			error = ahci_port_create(hba, i);
	return error;
}

static void destroy_ports(struct ahci_hba *hba)
{
	for (unsigned i = 0; i < AHCI_PORTS_MAX; i++)
		if (hba->ports[i])
			ahci_port_destroy(hba->ports[i]);
}

/* So that disks that are there at boot are there when the driver is. */
static void wait_for_disks(struct ahci_hba *hba)
{
	uint64_t end = ddk_time() + SETTLE_TIMEOUT;

	for (unsigned i = 0; i < AHCI_PORTS_MAX; i++) {
		struct ahci_port *port = hba->ports[i];
		uint64_t now = ddk_time();

		if (!port)
			continue;
		if (now >= end || ddk_event_wait(&port->settled, end - now))
			ddk_warning(hba->device, "port %u: the device is not ready yet", i);
		ddk_work_flush(&port->work);
	}
}

/* The adapter does nothing afterwards. There are no disks any more. */
static void stop(struct ahci_hba *hba)
{
	bool gone = hba->gone;

	ddk_irq_disconnect(hba->device, 0);
	ddk_timer_cancel(&hba->timer);
	/* Ports that are being brought up go no further. */
	ahci_hba_is_gone(hba);
	ddk_timer_cancel(&hba->timer);
	if (!gone && reset_now(hba))
		ddk_warning(hba->device, "the adapter does not come back from its reset");
	ddk_pci_set_bus_master(hba->device, false);
}

void ahci_hba_stop(struct ahci_hba *hba)
{
	while (!quiesce(hba))
		ddk_sleep(POLL_INTERVAL);
	/* A port may have asked for a reset before it was quiet. */
	ddk_timer_cancel(&hba->timer);
	hba->reset_wanted = hba->resetting = false;
	for (unsigned i = 0; i < AHCI_PORTS_MAX; i++)
		if (hba->ports[i])
			ddk_timer_cancel(&hba->ports[i]->timer);
	if (reset_now(hba))
		ddk_warning(hba->device, "the adapter does not come back from its reset");
	ddk_pci_set_bus_master(hba->device, false);
}

int ahci_hba_start_again(struct ahci_hba *hba)
{
	int error;

	if (hba_read(hba, HBA_CAPABILITIES) == REGISTER_GONE)
		return -ENODEV;
	take_over(hba);
	error = reset_now(hba);
	if (error)
		return error;
	ddk_pci_set_bus_master(hba->device, true);
	end_reset(hba);
	return 0;
}

static int start(struct ahci_hba *hba)
{
	int error = read_capabilities(hba);

	if (error)
		return error;
	take_over(hba);
	error = reset_now(hba);
	if (!error)
		error = create_ports(hba);
	if (!error)
		error = ddk_irq_connect(hba->device, 0, handle_interrupt, hba);
	if (error) {
		destroy_ports(hba);
		return error;
	}
	ddk_pci_set_bus_master(hba->device, true);
	end_reset(hba);
	wait_for_disks(hba);
	return 0;
}

static int ahci_probe(struct device *device)
{
	struct ahci_hba *hba = ddk_allocate(sizeof(*hba));
	int error;

	if (!hba)
		return -ENOMEM;
	hba->device = device;
	ddk_timer_init(&hba->timer, expire);
	error = ddk_region_map(device, AHCI_BAR, 0, 0, DDK_REGION_UNCACHED, &hba->registers);
	if (!error)
		error = start(hba);
	if (error) {
		ddk_region_unmap(&hba->registers);
		ddk_free(hba);
		return error;
	}
	ddk_device_set_state(device, hba);
	return 0;
}

static void ahci_remove(struct device *device)
{
	struct ahci_hba *hba = ddk_device_state(device);

	if (!ddk_pci_is_present(device))
		ahci_hba_is_gone(hba);
	for (unsigned i = 0; i < AHCI_PORTS_MAX; i++)
		if (hba->ports[i])
			ahci_disk_destroy(hba->ports[i]);
	stop(hba);
	destroy_ports(hba);
	ddk_region_unmap(&hba->registers);
	ddk_free(hba);
}

static const struct driver_match matches[] = { MATCH_PCI_CLASS(0x010601, 0xffffff) };

DRIVER(ahci) = {
	.name = "ahci",
	.version = "1.0",
	.licence = "GPL-3.0-or-later",
	.matches = matches,
	.match_count = array_length(matches),
	.probe = ahci_probe,
	.remove = ahci_remove,
	.suspend = ahci_suspend,
	.resume = ahci_resume,
};
