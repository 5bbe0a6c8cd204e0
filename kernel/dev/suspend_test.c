/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Has devices lose their state as they do while a machine sleeps, but with the machine awake: so drivers
 * are tested where there is no sleep, and faster.
 */
#include "dev_priv.h"
#include "pci_bus.h"
#include "pci_state.h"

#include <base/errno.h>
#include <core/log.h>
#include <dev/dev.h>
#include <sched/thread.h>
#include <time/clock.h>

#include <stdatomic.h>

#define CLASS_BRIDGE 0x06                     /* the uppermost of the three bytes of a class code */
#define RESET_HOLD   (2 * NS_PER_MILLISECOND) /* of a bus (PCI Local Bus 3.0, 4.3.2: 1 ms) */
#define RESET_SETTLE (100 * NS_PER_MILLISECOND) /* until functions answer again */
#define BAR_COUNT    6

static _Atomic bool busy;

/* Resets all that is behind the bridge: what a machine that sleeps comes nearest to. */
static void reset_bus(const struct device *bridge)
{
	const struct pci_function *pci = &bridge->pci;
	uint32_t control = pci_read_config(pci, PCI_BRIDGE_CONTROL, 2);

	pci_write_config(pci, PCI_BRIDGE_CONTROL, 2, control | PCI_BRIDGE_RESET);
	thread_sleep_until(clock_deadline_after(RESET_HOLD));
	pci_write_config(pci, PCI_BRIDGE_CONTROL, 2, control);
}

static void forget_addresses(const struct device *device)
{
	const struct pci_function *pci = &device->pci;
	bool bridge = pci->header == PCI_HEADER_BRIDGE;

	pci_irq_silence(pci);
	pci_write_config(pci, PCI_COMMAND, 2, 0);
	for (unsigned i = 0; i < (bridge ? 2 : BAR_COUNT); i++)
		pci_write_config(pci, PCI_BAR + 4 * i, 4, 0);
	if (!bridge)
		return;
	pci_write_config(pci, PCI_BRIDGE_MEMORY, 4, 0x0000fff0);
	pci_write_config(pci, PCI_BRIDGE_PREFETCHABLE, 4, 0x0000fff0);
	pci_bridge_close(device);
}

/* What is behind bridges loses more than what is beside them, which is reset if it can be. */
static void lose_state(struct device *device)
{
	if (device->bus != DRIVER_BUS_PCI || !device->saved)
		return;
	if (device->pci.behind)
		reset_bus(device);
	else if (device->pci.class_code >> 16 == CLASS_BRIDGE)
		return; /* the machine's own */
	else if (pci_reset_bare(&device->pci))
		log_debug("dev", "%s: keeps its state but for its addresses", device->name);
	forget_addresses(device);
}

static int test(void)
{
	struct device *device;
	int error = devices_suspend();

	if (error)
		return error;
	for (device = device_previous(NULL); device; device = device_previous(device))
		lose_state(device);
	thread_sleep_until(clock_deadline_after(RESET_SETTLE));
	devices_resume();
	return 0;
}

int devices_test_suspend(void)
{
	int error;

	if (atomic_exchange(&busy, true))
		return -EBUSY;
	error = test();
	busy = false;
	return error;
}
