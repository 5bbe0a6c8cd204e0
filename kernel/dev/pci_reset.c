/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Puts one function back into the state that it has after power-on: by the reset of PCI Express
 * (Base 5.0, 6.6.2), that of the Advanced Features capability, or by way of the power state D3
 * where that forgets (PCI Bus Power Management 1.2, 5.4.1).
 *
 * What firmware and the bus have set up is written back after; what was for interrupts and bus
 * mastering is not.
 */
#include "pci_state.h"

#include <base/errno.h>
#include <core/log.h>
#include <sched/thread.h>
#include <time/clock.h>

#define PENDING_WAIT (200 * NS_PER_MILLISECOND) /* for answers to what it asked for */
#define RESET_WAIT   (100 * NS_PER_MILLISECOND) /* it need not answer before (6.6.2) */
#define POWER_WAIT   (10 * NS_PER_MILLISECOND)  /* of each change (Power Management, 5.6.1) */
#define RETURN_WAIT  (10 * NS_PER_SECOND)
#define POLL_WAIT    (10 * NS_PER_MILLISECOND)

#define NOT_YET 0x0001 /* what root ports read while the function asks for patience (2.3.2) */

static void sleep_for(uint64_t duration_ns)
{
	thread_sleep_until(clock_deadline_after(duration_ns));
}

bool pci_is_present(const struct pci_function *pci)
{
	return pci_read_config(pci, PCI_VENDOR, 2) != PCI_NO_VENDOR;
}

/* Until the function no longer waits for answers; some never own up to have them all. */
static void wait_for_pending(const struct pci_function *pci, unsigned status, unsigned size,
			     uint32_t pending)
{
	uint64_t deadline = clock_deadline_after(PENDING_WAIT);

	while ((pci_read_config(pci, status, size) & pending) && clock_monotonic_ns() < deadline)
		sleep_for(POLL_WAIT);
}

static int wait_for_return(const struct pci_function *pci)
{
	uint64_t deadline = clock_deadline_after(RETURN_WAIT);
	uint32_t vendor = pci_read_config(pci, PCI_VENDOR, 2);

	while (vendor == PCI_NO_VENDOR || vendor == NOT_YET) {
		if (clock_monotonic_ns() >= deadline)
			return -ETIMEDOUT;
		sleep_for(POLL_WAIT);
		vendor = pci_read_config(pci, PCI_VENDOR, 2);
	}
	return 0;
}

static bool reset_express(const struct pci_function *pci)
{
	unsigned express = pci_find_capability(pci, PCI_CAPABILITY_EXPRESS, 0);
	unsigned control = express + PCI_EXPRESS_DEVICE_CONTROL;

	if (!express ||
	    !(pci_read_config(pci, express + PCI_EXPRESS_DEVICE, 4) & PCI_EXPRESS_DEVICE_RESETS))
		return false;
	wait_for_pending(pci, express + PCI_EXPRESS_DEVICE_STATUS, 2, PCI_EXPRESS_DEVICE_PENDING);
	pci_write_config(pci, control, 2,
			 pci_read_config(pci, control, 2) | PCI_EXPRESS_DEVICE_RESET);
	sleep_for(RESET_WAIT);
	return true;
}

static bool reset_advanced(const struct pci_function *pci)
{
	unsigned advanced = pci_find_capability(pci, PCI_CAPABILITY_ADVANCED, 0);
	const uint32_t needed = PCI_ADVANCED_RESETS | PCI_ADVANCED_PENDING;

	if (!advanced ||
	    (pci_read_config(pci, advanced + PCI_ADVANCED_FEATURES, 1) & needed) != needed)
		return false;
	wait_for_pending(pci, advanced + PCI_ADVANCED_STATUS, 1, PCI_ADVANCED_PENDING);
	pci_write_config(pci, advanced + PCI_ADVANCED_CONTROL, 1, PCI_ADVANCED_RESET);
	sleep_for(RESET_WAIT);
	return true;
}

static bool reset_by_power(const struct pci_function *pci)
{
	unsigned power = pci_find_capability(pci, PCI_CAPABILITY_POWER, 0);
	unsigned control = power + PCI_POWER_CONTROL;
	uint32_t value = power ? pci_read_config(pci, control, 2) : PCI_POWER_NO_SOFT_RESET;

	if (value & PCI_POWER_NO_SOFT_RESET)
		return false;
	value &= ~PCI_POWER_STATE;
	pci_write_config(pci, control, 2, value | PCI_POWER_D3);
	sleep_for(POWER_WAIT);
	pci_write_config(pci, control, 2, value);
	sleep_for(POWER_WAIT);
	return true;
}

int pci_reset_bare(const struct pci_function *pci)
{
	if (!reset_express(pci) && !reset_advanced(pci) && !reset_by_power(pci))
		return -EOPNOTSUPP;
	return wait_for_return(pci);
}

static int reset_locked(struct device *device)
{
	const struct pci_function *pci = &device->pci;
	struct pci_state state;
	uint32_t command;
	int error;

	if (!list_empty(&device->irqs))
		return -EBUSY;
	if (!pci_is_present(pci))
		return -ENODEV;
	pci_state_save(pci, &state);
	command = state.header[PCI_COMMAND / 4] & UINT16_MAX & ~PCI_COMMAND_MASTER;
	/* Nothing new shall begin, and no interrupt come by a pin. */
	pci_write_config(pci, PCI_COMMAND, 2, PCI_COMMAND_NO_PINS);
	error = pci_reset_bare(pci);
	if (error != -EOPNOTSUPP)
		pci_irq_forget(device);
	if (error == -ETIMEDOUT) {
		log_warning("pci", "%s: does not come back from its reset", device->name);
		return error;
	}
	pci_state_restore(pci, &state, command);
	return error;
}

int pci_reset(struct device *device)
{
	int error;

	mutex_lock(&device->lock);
	error = reset_locked(device);
	mutex_unlock(&device->lock);
	return error;
}
