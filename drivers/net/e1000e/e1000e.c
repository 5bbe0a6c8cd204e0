/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Driver of Intel's 82574 gigabit Ethernet controller, which QEMU has as "e1000e". One ring each way, one interrupt for all.
 */
#include <ddk/driver.h>
#include <ddk/memory.h>

#include "e1000e.h"

static const struct ddk_net_ops ops = {
	.open = e1000e_open,
	.close = e1000e_close,
	.send = e1000e_send,
	.set_filter = e1000e_set_filter,
};

static void init(struct e1000e *e, struct device *device)
{
	e->device = device;
	e->msix = ddk_pci_find_capability(device, DDK_PCI_CAPABILITY_MSIX, 0) != 0;
	e->causes = CAUSE_LINK |
		    (e->msix ? CAUSE_RECEIVE_QUEUE | CAUSE_SEND_QUEUE | CAUSE_OTHER
			     : CAUSE_RECEIVED | CAUSE_RECEIVE_LOW | CAUSE_OVERRUN | CAUSE_SENT);
	ddk_lock_init(&e->lock, "e1000e");
	ddk_timer_init(&e->timer, e1000e_tick);
	ddk_work_init(&e->work, e1000e_run_work);
}

/* Undoes whatever of it was done. The interface is not there, or has been removed. */
static void shut_down(struct e1000e *e)
{
	ddk_irq_disconnect(e->device, 0);
	ddk_timer_cancel(&e->timer);
	ddk_work_flush(&e->work);
	ddk_pci_set_bus_master(e->device, false);
	e1000e_rings_free(e);
	ddk_region_unmap(&e->registers);
	ddk_free(e);
}

static int make_interface(struct e1000e *e)
{
	struct ddk_net_description description = {
		.mtu_max = MTU,
		.queue_length = RING_ENTRIES - 1,
	};

	for (unsigned i = 0; i < DDK_NET_ADDRESS_LENGTH; i++)
		description.address[i] = e->address[i];
	return ddk_net_create(e->device, &description, &ops, e, &e->net);
}

static int start(struct e1000e *e)
{
	int error = ddk_region_map(e->device, 0, 0, REGISTERS_LENGTH, DDK_REGION_UNCACHED,
				   &e->registers);

	if (!error)
		error = e1000e_reset(e);
	if (!error)
		error = e1000e_read_address(e);
	if (!error)
		error = e1000e_rings_allocate(e);
	if (!error)
		error = ddk_irq_connect(e->device, 0, e1000e_handle, e);
	if (!error)
		error = make_interface(e);
	return error;
}

static int probe(struct device *device)
{
	struct e1000e *e = ddk_allocate(sizeof(*e));
	int error;

	if (!e)
		return -ENOMEM;
	init(e, device);
	error = start(e);
	if (error) {
		ddk_error(device, "cannot be used: error %d", -error);
		shut_down(e);
		return error;
	}
	ddk_device_set_state(device, e);
	ddk_info(device, "82574, %02x:%02x:%02x:%02x:%02x:%02x", e->address[0], e->address[1],
		 e->address[2], e->address[3], e->address[4], e->address[5]);
	return 0;
}

static void remove(struct device *device)
{
	struct e1000e *e = ddk_device_state(device);

	ddk_net_remove(e->net);
	shut_down(e);
}

/* Switched off it does nothing, and switching it on tells it everything. */
static int suspend(struct device *device)
{
	struct e1000e *e = ddk_device_state(device);

	ddk_net_suspend(e->net);
	return 0;
}

static int resume(struct device *device)
{
	struct e1000e *e = ddk_device_state(device);

	ddk_net_resume(e->net);
	return 0;
}

static const struct driver_match matches[] = {
	MATCH_PCI(0x8086, 0x10d3), /* 82574L */
	MATCH_PCI(0x8086, 0x10f6), /* 82574LA */
};

DRIVER(e1000e) = {
	.name = "e1000e",
	.version = "1.0",
	.licence = "GPL-3.0-or-later",
	.matches = matches,
	.match_count = array_length(matches),
	.probe = probe,
	.remove = remove,
	.suspend = suspend,
	.resume = resume,
};
