/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pci_slot.h"

#include "pci_priv.h"

#include <core/command_line.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <time/clock.h>

/* Slot Control (7.5.3.10). */
#define CONTROL_BUTTON    (1u << 0)
#define CONTROL_FAULT     (1u << 1)
#define CONTROL_PRESENCE  (1u << 3)
#define CONTROL_INTERRUPT (1u << 5)
#define CONTROL_LIGHT     (3u << 8)
#define LIGHT_ON          (1u << 8)
#define LIGHT_BLINK       (2u << 8)
#define LIGHT_OFF         (3u << 8)
#define CONTROL_POWER_OFF (1u << 10)
#define CONTROL_LINK      (1u << 12)
/* Slot Status (7.5.3.11). */
#define STATUS_BUTTON    (1u << 0)
#define STATUS_FAULT     (1u << 1)
#define STATUS_PRESENCE  (1u << 3) /* changed */
#define STATUS_COMPLETED (1u << 4)
#define STATUS_PRESENT   (1u << 6)
#define STATUS_LINK      (1u << 8) /* changed */
#define STATUS_EVENTS    (STATUS_BUTTON | STATUS_FAULT | STATUS_PRESENCE | STATUS_LINK)
#define STATUS_CHANGES   (STATUS_PRESENCE | STATUS_LINK)
#define STATUS_NONE      0xffffu /* the port is gone itself */

#define COMMAND_WAIT    NS_PER_SECOND              /* 6.7.3.2 */
#define LINK_WAIT       NS_PER_SECOND              /* 6.6.1 */
#define SETTLE_WAIT     (100 * NS_PER_MILLISECOND) /* from the link to the first request; 6.6.1 */
#define ANSWER_WAIT     NS_PER_SECOND
#define OFF_WAIT        NS_PER_SECOND /* 6.7.1.8 */
#define POLL_WAIT       (5 * NS_PER_MILLISECOND)
#define POLLED_INTERVAL NS_PER_SECOND
#define BUTTON_WAIT_MS  5000 /* 6.7.1.5 */
#define TAKE_MAX        8    /* events that come while others are taken */
#define MESSAGE_SHIFT   9    /* which MSI-X entry reports, in the flags */
#define MESSAGE_MASK    0x1fu
#define STEPS_MAX       4

static uint32_t read_register(const struct pci_slot *slot, unsigned offset)
{
	const struct pci_function *pci = &slot->port->pci;

	return pci_read_config(pci, pci->express + offset, 2);
}

static void write_register(const struct pci_slot *slot, unsigned offset, uint32_t value)
{
	const struct pci_function *pci = &slot->port->pci;

	pci_write_config(pci, pci->express + offset, 2, value);
}

static void sleep_for(uint64_t duration_ns)
{
	thread_sleep_until(clock_deadline_after(duration_ns));
}

/* Until all `wanted` bits of the register are set; false: they do not come. */
static bool wait_for(const struct pci_slot *slot, unsigned offset, uint32_t wanted,
		     uint64_t duration_ns)
{
	uint64_t deadline = clock_deadline_after(duration_ns);

	while ((read_register(slot, offset) & wanted) != wanted) {
		if (clock_monotonic_ns() >= deadline)
			return false;
		sleep_for(POLL_WAIT);
	}
	return true;
}

static void change_control(const struct pci_slot *slot, uint32_t clear, uint32_t set)
{
	uint32_t control = read_register(slot, PCI_EXPRESS_SLOT_CONTROL);

	write_register(slot, PCI_EXPRESS_SLOT_STATUS, STATUS_COMPLETED);
	write_register(slot, PCI_EXPRESS_SLOT_CONTROL, (control & ~clear) | set);
	if (!(slot->features & PCI_EXPRESS_SLOT_NO_COMPLETION))
		(void)wait_for(slot, PCI_EXPRESS_SLOT_STATUS, STATUS_COMPLETED, COMMAND_WAIT);
}

static void set_light(const struct pci_slot *slot, uint32_t light)
{
	if (slot->features & PCI_EXPRESS_SLOT_INDICATOR)
		change_control(slot, CONTROL_LIGHT, light);
}

static bool link_reports(const struct pci_slot *slot)
{
	const struct pci_function *pci = &slot->port->pci;

	return pci_read_config(pci, pci->express + PCI_EXPRESS_LINK, 4) & PCI_EXPRESS_LINK_REPORTS;
}

static bool is_present(const struct pci_slot *slot)
{
	uint32_t status = read_register(slot, PCI_EXPRESS_SLOT_STATUS);

	if (status == STATUS_NONE)
		return false;
	return (status & STATUS_PRESENT) ||
	       (link_reports(slot) &&
		(read_register(slot, PCI_EXPRESS_LINK_STATUS) & PCI_EXPRESS_LINK_UP));
}

/* --- What has happened ----------------------------------------------------------------------- */

/* Takes what the port has to tell into slot->events. True if it was anything. */
static bool take_events(struct pci_slot *slot)
{
	bool any = false;

	/* A message is only sent when there was nothing to tell before. */
	for (unsigned i = 0; i < TAKE_MAX; i++) {
		uint32_t status = read_register(slot, PCI_EXPRESS_SLOT_STATUS);

		if (status == STATUS_NONE || !(status & STATUS_EVENTS))
			break;
		write_register(slot, PCI_EXPRESS_SLOT_STATUS, status & STATUS_EVENTS);
		slot->events |= status & STATUS_EVENTS;
		any = true;
	}
	return any;
}

static bool handle_interrupt(void *context)
{
	struct pci_slot *slot = context;

	if (!take_events(slot))
		return false;
	slot->wake();
	return true;
}

static void poll_events(struct pci_slot *slot)
{
	bool present = is_present(slot);

	take_events(slot);
	if (present != slot->was_present)
		slot->events |= STATUS_PRESENCE;
	slot->was_present = present;
}

/* What the slot did because of us is no news. */
static void forget_changes(struct pci_slot *slot)
{
	take_events(slot);
	slot->events &= ~STATUS_CHANGES;
	slot->was_present = is_present(slot);
}

bool pci_is_same_function(const struct device *device)
{
	const struct pci_function *pci = &device->pci;

	if (pci_read_config(pci, PCI_VENDOR, 2) != pci->vendor ||
	    pci_read_config(pci, PCI_DEVICE, 2) != pci->device)
		return false;
	for (unsigned i = 0; i < DEVICE_RANGE_MAX; i++) {
		const struct device_range *range = &device->ranges[i];
		uint32_t value = pci_read_config(pci, PCI_BAR + 4 * i, 4);

		if (range->kind == DEVICE_RANGE_MEMORY && range->base &&
		    (value & ~0xfu) != (uint32_t)range->base)
			return false;
	}
	return true;
}

static bool is_same_card(const struct pci_slot *slot)
{
	const struct device *first = pci_bus_next(slot->bus, NULL);

	return is_present(slot) && first && pci_is_same_function(first);
}

/* --- Power ----------------------------------------------------------------------------------- */

static void power_off(struct pci_slot *slot)
{
	uint32_t off = slot->features & PCI_EXPRESS_SLOT_POWER ? CONTROL_POWER_OFF : 0;

	if (slot->features & PCI_EXPRESS_SLOT_INDICATOR)
		change_control(slot, CONTROL_LIGHT, LIGHT_OFF | off);
	else if (off)
		change_control(slot, 0, off);
	if (off)
		sleep_for(OFF_WAIT);
	forget_changes(slot);
}

static bool power_on(struct pci_slot *slot)
{
	struct pci_function place = {
		.segment = slot->bus->segment,
		.bus = slot->bus->number,
	};
	uint64_t deadline;

	set_light(slot, LIGHT_BLINK);
	if (slot->features & PCI_EXPRESS_SLOT_POWER)
		change_control(slot, CONTROL_POWER_OFF, 0);
	if (link_reports(slot) &&
	    !wait_for(slot, PCI_EXPRESS_LINK_STATUS, PCI_EXPRESS_LINK_UP, LINK_WAIT))
		return false;
	sleep_for(SETTLE_WAIT);
	deadline = clock_deadline_after(ANSWER_WAIT);
	while (!pci_is_present(&place)) {
		if (clock_monotonic_ns() >= deadline)
			return false;
		sleep_for(POLL_WAIT);
	}
	return true;
}

/* --- Coming and going ------------------------------------------------------------------------ */

static void arrive(struct pci_slot *slot)
{
	log_info("pci", "%s: a card is in the slot", slot->port->name);
	if (power_on(slot) && pci_bus_arrive(slot->bus)) {
		slot->occupied = true;
		set_light(slot, LIGHT_ON);
		forget_changes(slot);
		return;
	}
	log_warning("pci", "%s: what is in the slot does not answer", slot->port->name);
	power_off(slot);
}

static void depart(struct pci_slot *slot, const char *why)
{
	log_info("pci", "%s: the card %s", slot->port->name, why);
	slot->button_deadline = DEADLINE_NEVER;
	pci_bus_depart(slot->bus);
	slot->occupied = false;
	power_off(slot);
}

static void press_button(struct pci_slot *slot)
{
	if (slot->button_deadline != DEADLINE_NEVER) {
		log_info("pci", "%s: the card stays in service", slot->port->name);
		slot->button_deadline = DEADLINE_NEVER;
		set_light(slot, slot->occupied ? LIGHT_ON : LIGHT_OFF);
		return;
	}
	slot->button_deadline = clock_deadline_after(
		command_line_get_u64("pci.button-ms", BUTTON_WAIT_MS) * NS_PER_MILLISECOND);
	log_info("pci", "%s: the card is to go out of service", slot->port->name);
	set_light(slot, LIGHT_BLINK);
}

/* One thing that is due; true if devices came or went. */
static bool step_once(struct pci_slot *slot)
{
	uint32_t events = atomic_exchange(&slot->events, 0);
	bool came = false;

	if (events & STATUS_FAULT)
		log_warning("pci", "%s: the slot's power failed", slot->port->name);
	if (slot->occupied && (events & STATUS_CHANGES) && !is_same_card(slot)) {
		depart(slot, is_present(slot) ? "was changed" : "was pulled out");
		came = true;
		events |= STATUS_PRESENCE;
	}
	if (!slot->occupied && (events & (STATUS_CHANGES | STATUS_BUTTON)) && is_present(slot)) {
		arrive(slot);
		return true;
	}
	if ((events & STATUS_BUTTON) && slot->occupied)
		press_button(slot);
	if (clock_monotonic_ns() >= slot->button_deadline) {
		depart(slot, "goes out of service");
		return true;
	}
	return came;
}

bool pci_slot_step(struct pci_slot *slot, uint64_t *deadline)
{
	bool changed = false;

	if (slot->polled) {
		poll_events(slot);
		*deadline = min_u64(*deadline, clock_deadline_after(POLLED_INTERVAL));
	}
	/* What comes meanwhile wakes the thread again. */
	for (unsigned i = 0; i < STEPS_MAX && step_once(slot); i++)
		changed = true;
	*deadline = min_u64(*deadline, slot->button_deadline);
	return changed;
}

static void connect_interrupt(struct pci_slot *slot)
{
	struct device *port = slot->port;
	uint32_t flags = read_register(slot, PCI_EXPRESS_FLAGS);
	unsigned index = port->pci.msix ? flags >> MESSAGE_SHIFT & MESSAGE_MASK : 0;

	if (index >= device_irq_count(port))
		index = 0;
	slot->polled = device_irq_connect(port, index, handle_interrupt, slot) != 0;
	slot->irq_index = index;
}

struct pci_slot *pci_slot_create(struct device *port, void (*wake)(void))
{
	struct pci_slot *slot = kzalloc(sizeof(*slot));
	uint32_t control = CONTROL_FAULT | CONTROL_PRESENCE | CONTROL_INTERRUPT;

	if (!slot)
		return NULL;
	device_get(port);
	slot->port = port;
	slot->bus = port->pci.behind;
	slot->wake = wake;
	slot->button_deadline = DEADLINE_NEVER;
	slot->features =
		pci_read_config(&port->pci, port->pci.express + PCI_EXPRESS_SLOT_FEATURES, 4);
	slot->occupied = !list_empty(&slot->bus->functions);
	control |= slot->features & PCI_EXPRESS_SLOT_BUTTON ? CONTROL_BUTTON : 0;
	control |= link_reports(slot) ? CONTROL_LINK : 0;
	forget_changes(slot);
	connect_interrupt(slot);
	log_info("pci", "%s: slot for hotplug, %s%s", port->name,
		 slot->occupied ? "with a card" : "empty", slot->polled ? ", polled" : "");
	/* What was in front of a slot without power is to be put into service. */
	if (!slot->occupied)
		slot->events = STATUS_PRESENCE;
	else
		set_light(slot, LIGHT_ON);
	change_control(slot, slot->polled ? CONTROL_INTERRUPT : 0,
		       slot->polled ? control & ~CONTROL_INTERRUPT : control);
	return slot;
}

void pci_slot_check(struct pci_slot *slot)
{
	take_events(slot);
	/* Some ports never say that a card is there, though one is. */
	if (slot->was_present || is_present(slot))
		slot->events |= STATUS_PRESENCE;
}

void pci_slot_destroy(struct pci_slot *slot)
{
	if (!slot->polled) {
		change_control(slot, CONTROL_INTERRUPT, 0);
		device_irq_disconnect(slot->port, slot->irq_index);
	}
	device_put(slot->port);
	kfree(slot);
}
