/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The controller itself: reset (4.6), address, and what it is told before it runs. */
#include "e1000e.h"

#define POLL_STEP   (100 * DDK_MICROSECOND)
#define MASTER_TIME (100 * DDK_MILLISECOND)
#define RESET_TIME  (5 * DDK_MILLISECOND) /* before it may be touched again */
#define READY_TIME  (500 * DDK_MILLISECOND)
#define EEPROM_TIME (10 * DDK_MILLISECOND)
#define ALL_ONES    UINT32_MAX
#define ALL_CAUSES  UINT32_MAX

bool e1000e_is_gone(const struct e1000e *e)
{
	/* STATUS has bits that are always 0. */
	return e1000e_read(e, REGISTER_STATUS) == ALL_ONES;
}

/* Waits until the bits of `mask` have `value`: 0, -ENODEV, -ETIMEDOUT. */
static int wait_for(const struct e1000e *e, enum e1000e_register offset, uint32_t mask,
		    uint32_t value, uint64_t patience)
{
	uint64_t end = ddk_time() + patience;

	for (;;) {
		bool late = ddk_time() >= end;
		uint32_t found = e1000e_read(e, offset);

		if (found == ALL_ONES && e1000e_is_gone(e))
			return -ENODEV;
		if ((found & mask) == value)
			return 0;
		if (late)
			return -ETIMEDOUT;
		ddk_sleep(POLL_STEP);
	}
}

static void forbid_interrupts(struct e1000e *e)
{
	e1000e_write(e, REGISTER_IMC, ALL_CAUSES);
	e1000e_write(e, REGISTER_ICR, ALL_CAUSES);
}

/* What is on its way over the bus must have arrived before the reset (5.2.1). */
static int stop_master(struct e1000e *e)
{
	uint32_t control = e1000e_read(e, REGISTER_CTRL);
	int error;

	if (control == ALL_ONES)
		return -ENODEV;
	e1000e_write(e, REGISTER_RCTL, 0);
	e1000e_write(e, REGISTER_TCTL, TCTL_PAD_SHORT);
	e1000e_write(e, REGISTER_CTRL, control | CTRL_MASTER_DISABLE);
	error = wait_for(e, REGISTER_STATUS, STATUS_MASTER_ENABLED, 0, MASTER_TIME);
	/* The reset ends it then. */
	return error == -ETIMEDOUT ? 0 : error;
}

int e1000e_reset(struct e1000e *e)
{
	int error;

	forbid_interrupts(e);
	error = stop_master(e);
	if (!error) {
		e1000e_write(e, REGISTER_CTRL, e1000e_read(e, REGISTER_CTRL) | CTRL_RESET);
		ddk_sleep(RESET_TIME);
		error = wait_for(e, REGISTER_CTRL, CTRL_RESET, 0, READY_TIME);
	}
	if (!error)
		error = wait_for(e, REGISTER_EECD, EECD_READ_DONE, EECD_READ_DONE, READY_TIME);
	forbid_interrupts(e);
	ddk_pci_set_bus_master(e->device, false);
	return error;
}

/* --- The address ------------------------------------------------------------------------------- */

static bool is_address(const uint8_t address[DDK_NET_ADDRESS_LENGTH])
{
	unsigned sum = 0;

	for (unsigned i = 0; i < DDK_NET_ADDRESS_LENGTH; i++)
		sum |= address[i];
	return sum && !(address[0] & 1);
}

static void store_address(struct e1000e *e, uint32_t low, uint32_t high)
{
	for (unsigned i = 0; i < 4; i++)
		e->address[i] = (uint8_t)(low >> 8 * i);
	e->address[4] = (uint8_t)high;
	e->address[5] = (uint8_t)(high >> 8);
}

static int read_eeprom(const struct e1000e *e, unsigned word, uint32_t *value)
{
	int error;

	e1000e_write(e, REGISTER_EERD, word << EERD_ADDRESS_SHIFT | EERD_START);
	error = wait_for(e, REGISTER_EERD, EERD_DONE, EERD_DONE, EEPROM_TIME);
	*value = e1000e_read(e, REGISTER_EERD) >> EERD_DATA_SHIFT;
	return error;
}

int e1000e_read_address(struct e1000e *e)
{
	uint32_t high = e1000e_read(e, REGISTER_RAH);
	uint32_t words[3];

	store_address(e, e1000e_read(e, REGISTER_RAL), high);
	if ((high & RAH_VALID) && is_address(e->address))
		return 0;
	/* The first words of the EEPROM (6.1.1). */
	for (unsigned i = 0; i < 3; i++) {
		int error = read_eeprom(e, i, &words[i]);

		if (error)
			return error;
	}
	store_address(e, words[0] | words[1] << 16, words[2]);
	return is_address(e->address) ? 0 : -ENODEV;
}

/* --- Starting ---------------------------------------------------------------------------------- */

static enum e1000e_register indexed(enum e1000e_register first, unsigned index, unsigned step)
{
	return (enum e1000e_register)((unsigned)first + index * step);
}

static void tell_address(struct e1000e *e)
{
	const uint8_t *a = e->address;

	e1000e_write(e, REGISTER_RAL,
		     (uint32_t)a[0] | (uint32_t)a[1] << 8 | (uint32_t)a[2] << 16 |
			     (uint32_t)a[3] << 24);
	e1000e_write(e, REGISTER_RAH, (uint32_t)a[4] | (uint32_t)a[5] << 8 | RAH_VALID);
	for (unsigned i = 1; i < ADDRESS_COUNT; i++)
		e1000e_write(e, indexed(REGISTER_RAH, i, 8), 0);
	for (unsigned i = 0; i < MTA_COUNT; i++)
		e1000e_write(e, indexed(REGISTER_MTA, i, 4), 0);
}

uint32_t e1000e_receive_control(const struct e1000e *e)
{
	uint32_t control = RCTL_ENABLE | RCTL_BROADCAST | RCTL_STRIP_CHECK;

	if (e->filter & DDK_NET_EVERYTHING)
		control |= RCTL_EVERYTHING | RCTL_ALL_GROUPS;
	if (e->filter & DDK_NET_ALL_GROUPS)
		control |= RCTL_ALL_GROUPS;
	return control;
}

static void start_receiving(struct e1000e *e)
{
	uint64_t ring = e->receive_ring.device_address;

	e1000e_write(e, REGISTER_RFCTL, 0); /* legacy descriptors */
	e1000e_write(e, REGISTER_RXCSUM, 0);
	e1000e_write(e, REGISTER_RDTR, 0);
	e1000e_write(e, REGISTER_RADV, 0);
	e1000e_write(e, REGISTER_RDBAL, (uint32_t)ring);
	e1000e_write(e, REGISTER_RDBAH, (uint32_t)(ring >> 32));
	e1000e_write(e, REGISTER_RDLEN, RING_ENTRIES * sizeof(struct receive_descriptor));
	e1000e_write(e, REGISTER_RDH, 0);
	e1000e_write(e, REGISTER_RDT, 0);
	e1000e_write(e, REGISTER_RCTL, e1000e_receive_control(e));
	e1000e_write(e, REGISTER_RDT, RING_ENTRIES - 1); /* 4.6.6: after enabling */
}

static void start_sending(struct e1000e *e)
{
	uint64_t ring = e->send_ring.device_address;

	e1000e_write(e, REGISTER_TDBAL, (uint32_t)ring);
	e1000e_write(e, REGISTER_TDBAH, (uint32_t)(ring >> 32));
	e1000e_write(e, REGISTER_TDLEN, RING_ENTRIES * sizeof(struct send_descriptor));
	e1000e_write(e, REGISTER_TDH, 0);
	e1000e_write(e, REGISTER_TDT, 0);
	e1000e_write(e, REGISTER_TIDV, 0);
	e1000e_write(e, REGISTER_TXDCTL, TXDCTL_VALUE);
	e1000e_write(e, REGISTER_TIPG, TIPG_VALUE);
	e1000e_write(e, REGISTER_TCTL,
		     TCTL_ENABLE | TCTL_PAD_SHORT | TCTL_COLLISIONS | TCTL_COLLISION_DISTANCE |
			     TCTL_RETRANSMIT_LATE);
}

void e1000e_start(struct e1000e *e)
{
	uint32_t control = e1000e_read(e, REGISTER_CTRL);

	control &= ~(uint32_t)(CTRL_FORCE_SPEED | CTRL_FORCE_DUPLEX | CTRL_RECEIVE_FLOW |
			       CTRL_SEND_FLOW | CTRL_MASTER_DISABLE);
	ddk_pci_set_bus_master(e->device, true);
	e1000e_write(e, REGISTER_CTRL, control | CTRL_SET_LINK_UP);
	e1000e_write(e, REGISTER_CTRL_EXT,
		     e1000e_read(e, REGISTER_CTRL_EXT) | CTRL_EXT_DRIVER_LOADED);
	e1000e_write(e, REGISTER_FCTTV, 0);
	tell_address(e);
	start_sending(e);
	start_receiving(e);
	if (e->msix)
		e1000e_write(e, REGISTER_IVAR, IVAR_ALL_TO_FIRST);
	e1000e_write(e, e->msix ? REGISTER_EITR : REGISTER_ITR, THROTTLE_VALUE);
}
