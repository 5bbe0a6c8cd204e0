/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Slots for hotplug, and resets, on a simulated root port whose slot has all there is: a button,
 * lights, a power controller, a link that reports.
 */
#include "pci_model.h"

#include <base/errno.h>
#include <base/string.h>
#include <dev/pci.h>
#include <sched/thread.h>
#include <time/clock.h>

#include "sim_test.h"

#define EXPRESS          0x40
#define CONTROL          (EXPRESS + PCI_EXPRESS_SLOT_CONTROL)
#define STATUS           (EXPRESS + PCI_EXPRESS_SLOT_STATUS)
#define LINK_STATUS      (EXPRESS + PCI_EXPRESS_LINK_STATUS)
#define CONTROL_REPORTS  (1u << 5)
#define CONTROL_OFF      (1u << 10)
#define LIGHT_SHIFT      8
#define LIGHT_ON         1
#define LIGHT_BLINKS     2
#define LIGHT_OFF        3
#define STATUS_BUTTON    (1u << 0)
#define STATUS_PRESENCE  (1u << 3)
#define STATUS_COMPLETED (1u << 4)
#define STATUS_PRESENT   (1u << 6)
#define STATUS_LINK      (1u << 8)
#define STATUS_CLEARED   0x11fu /* by writing ones */
#define MEMORY_32        0u

/* The port, what is in its slot (or NULL), and a card that never answers. */
static struct model_function *port, *card;
static bool card_is_broken;

static void report(uint32_t events)
{
	pci_model_put(port, STATUS, 2, pci_model_get(port, STATUS, 2) | events);
	if (pci_model_get(port, CONTROL, 2) & CONTROL_REPORTS)
		pci_model_interrupt(port);
}

static void forget_config(struct model_function *function)
{
	for (unsigned i = PCI_COMMAND; i < PCI_HEADER_END; i++)
		function->config[i] &= (uint8_t)~function->writable[i];
}

/* What the slot's power and card make of the link. True if it changed. */
static bool settle(void)
{
	bool on = card && !card_is_broken && !(pci_model_get(port, CONTROL, 2) & CONTROL_OFF);
	uint32_t status = pci_model_get(port, STATUS, 2) & ~STATUS_PRESENT;
	uint32_t link = on ? PCI_EXPRESS_LINK_UP : 0;
	bool changed = pci_model_get(port, LINK_STATUS, 2) != link;

	pci_model_put(port, STATUS, 2, status | (card ? STATUS_PRESENT : 0));
	pci_model_put(port, LINK_STATUS, 2, link);
	if (card && !on) {
		card->dead = true;
		forget_config(card);
	} else if (card) {
		card->dead = false;
	}
	return changed;
}

static void port_written(struct model_function *function, unsigned offset, uint32_t value)
{
	if (offset == STATUS) {
		pci_model_put(function, STATUS, 2,
			      pci_model_get(function, STATUS, 2) & ~(value & STATUS_CLEARED));
	} else if (offset == CONTROL) {
		uint32_t events = STATUS_COMPLETED | (settle() ? STATUS_LINK : 0);

		pci_model_put(port, STATUS, 2, pci_model_get(port, STATUS, 2) | events);
	}
}

static struct model_function *make_card(unsigned id)
{
	struct model_function *made = pci_model_add(port, 0, 0);

	pci_model_put(made, PCI_DEVICE, 2, id);
	pci_model_add_bar(made, 0, 0x4000, MEMORY_32);
	made->dead = true;
	return made;
}

static void plug(struct model_function *what, uint32_t events)
{
	card = what;
	settle();
	report(events | STATUS_PRESENCE | STATUS_LINK);
}

static struct model_function *pull(void)
{
	struct model_function *pulled = card;

	card->dead = true;
	forget_config(card);
	card = NULL;
	settle();
	report(STATUS_PRESENCE | STATUS_LINK);
	return pulled;
}

static void wait_ms(uint64_t duration)
{
	thread_sleep_until(clock_deadline_after(duration * NS_PER_MILLISECOND));
}

static unsigned light(void)
{
	return pci_model_get(port, CONTROL, 2) >> LIGHT_SHIFT & 3;
}

static bool is_in_service(void)
{
	const struct device *device = card ? pci_model_device(card) : NULL;

	return device && device->id && device->ranges[0].base &&
	       (card->config[PCI_COMMAND] & PCI_COMMAND_MEMORY);
}

static void start(void)
{
	sim_test_start_scheduler(2, 64 * MIB, 1);
	pci_model_start();
	card = NULL;
	port = pci_model_add_bridge(NULL, 1);
	pci_model_add_capability(port, EXPRESS, PCI_CAPABILITY_EXPRESS);
	pci_model_put(port, EXPRESS + PCI_EXPRESS_FLAGS, 2,
		      2 | PCI_EXPRESS_ROOT_PORT << PCI_EXPRESS_TYPE_SHIFT | PCI_EXPRESS_SLOT);
	pci_model_put(port, EXPRESS + PCI_EXPRESS_LINK, 4, PCI_EXPRESS_LINK_REPORTS);
	pci_model_put(port, EXPRESS + PCI_EXPRESS_SLOT_FEATURES, 4,
		      PCI_EXPRESS_SLOT_BUTTON | PCI_EXPRESS_SLOT_POWER |
			      PCI_EXPRESS_SLOT_INDICATOR | PCI_EXPRESS_SLOT_HOTPLUG);
	memset(port->writable + CONTROL, 0xff, 2);
	port->written = port_written;
}

static void start_service(void)
{
	settle();
	pci_model_enumerate();
	pci_publish(&pci_model_root);
	pci_hotplug_start();
	wait_ms(3000);
}

UNIT_TEST(pci_slot, cards_come_and_go)
{
	start();
	start_service();
	for (unsigned i = 0; i < 3; i++) {
		plug(make_card(0x100 + i), i % 2 ? STATUS_BUTTON : 0);
		wait_ms(2000);
		EXPECT(is_in_service());
		EXPECT_EQUAL(light(), LIGHT_ON);
		pci_model_check();
		pull();
		wait_ms(3000);
		EXPECT_EQUAL(light(), LIGHT_OFF);
		EXPECT(list_empty(&pci_model_device(port)->pci.behind->functions));
		EXPECT_EQUAL(pci_model_removed, i + 1);
	}
}

UNIT_TEST(pci_slot, the_button)
{
	start();
	card = make_card(0x100);
	start_service();
	EXPECT(is_in_service());
	/* Pressed by mistake. */
	report(STATUS_BUTTON);
	wait_ms(1000);
	EXPECT_EQUAL(light(), LIGHT_BLINKS);
	report(STATUS_BUTTON);
	wait_ms(10000);
	EXPECT(is_in_service());
	EXPECT_EQUAL(light(), LIGHT_ON);
	/* Meant. */
	report(STATUS_BUTTON);
	wait_ms(4000);
	EXPECT(is_in_service());
	wait_ms(4000);
	EXPECT_EQUAL(pci_model_removed, 1);
	EXPECT_EQUAL(light(), LIGHT_OFF);
	EXPECT(pci_model_get(port, CONTROL, 2) & CONTROL_OFF);
	/* It stays where it is, and comes back. */
	wait_ms(10000);
	EXPECT_EQUAL(pci_model_added, 2);
	report(STATUS_BUTTON);
	wait_ms(3000);
	EXPECT(is_in_service());
	EXPECT_EQUAL(pci_model_added, 3);
}

UNIT_TEST(pci_slot, a_card_that_was_swapped)
{
	struct model_function *other;

	start();
	card = make_card(0x100);
	other = make_card(0x200);
	start_service();
	EXPECT(is_in_service());
	arch_preempt_add(1);
	pull();
	plug(other, 0);
	arch_preempt_add(-1);
	wait_ms(5000);
	EXPECT(is_in_service());
	EXPECT_EQUAL(pci_model_device(other)->pci.device, 0x200);
	EXPECT_EQUAL(pci_model_removed, 1);
	/* News of the same card change nothing. */
	report(STATUS_LINK | STATUS_PRESENCE);
	wait_ms(5000);
	EXPECT_EQUAL(pci_model_removed, 1);
}

UNIT_TEST(pci_slot, a_card_that_does_not_answer)
{
	start();
	start_service();
	card_is_broken = true;
	plug(make_card(0x100), 0);
	wait_ms(10000);
	EXPECT_EQUAL(pci_model_added, 1);
	EXPECT(pci_model_get(port, CONTROL, 2) & CONTROL_OFF);
	pull();
	card_is_broken = false;
	wait_ms(3000);
	plug(make_card(0x101), 0);
	wait_ms(3000);
	EXPECT(is_in_service());
}

UNIT_TEST(pci_slot, without_interrupts)
{
	start();
	pci_model_without_interrupts = true;
	start_service();
	plug(make_card(0x100), 0);
	wait_ms(5000);
	EXPECT(is_in_service());
	pull();
	wait_ms(5000);
	EXPECT_EQUAL(pci_model_removed, 1);
	pci_model_without_interrupts = false;
}

UNIT_TEST(pci_slot, a_switch_with_slots_of_its_own)
{
	struct model_function *root = NULL, *upstream, *downstream;

	start();
	root = port;
	start_service();
	upstream = pci_model_add_bridge(root, 0);
	downstream = pci_model_add_bridge(upstream, 2);
	memcpy(downstream->config + EXPRESS, root->config + EXPRESS, 0x40);
	pci_model_add_capability(downstream, EXPRESS, PCI_CAPABILITY_EXPRESS);
	pci_model_put(downstream, EXPRESS + PCI_EXPRESS_FLAGS, 2,
		      2 | PCI_EXPRESS_DOWNSTREAM << PCI_EXPRESS_TYPE_SHIFT | PCI_EXPRESS_SLOT);
	pci_model_add_bar(pci_model_add(downstream, 0, 0), 0, 0x1000, MEMORY_32);
	upstream->dead = true;
	plug(upstream, 0);
	wait_ms(20000);
	EXPECT_EQUAL(pci_model_added, 4);
	EXPECT_EQUAL(pci_model_unplaced(), 0);
	pci_model_check();
	pull();
	wait_ms(20000);
	EXPECT_EQUAL(pci_model_removed, 3);
}

UNIT_TEST(pci_slot, removed_and_found_by_hand)
{
	struct device *device;

	start();
	card = make_card(0x100);
	start_service();
	device = pci_model_device(card);
	device_get(device);
	EXPECT_EQUAL(pci_remove(device), 0);
	EXPECT_EQUAL(pci_remove(device), -ENODEV);
	EXPECT(!pci_model_device(card));
	device_put(device);
	EXPECT_EQUAL(pci_rescan(), 0);
	EXPECT(is_in_service());
	EXPECT_EQUAL(pci_rescan(), 0);
	EXPECT_EQUAL(pci_model_added, 3);
}

/* --- Resets ---------------------------------------------------------------------------------- */

static unsigned resets;
static bool stays_away;

static void function_written(struct model_function *function, unsigned offset, uint32_t value)
{
	if (offset == EXPRESS + PCI_EXPRESS_DEVICE_CONTROL && (value & PCI_EXPRESS_DEVICE_RESET)) {
		resets++;
		forget_config(function);
		function->dead = stays_away;
	}
}

UNIT_TEST(pci_slot, functions_are_reset)
{
	struct model_function *function;
	struct device *device;

	start();
	function = pci_model_add(NULL, 2, 0);
	pci_model_add_bar(function, 0, 0x4000, MEMORY_32);
	pci_model_add_capability(function, EXPRESS, PCI_CAPABILITY_EXPRESS);
	memset(function->writable + EXPRESS + PCI_EXPRESS_DEVICE_CONTROL, 0x7f, 2);
	start_service();
	device = pci_model_device(function);
	EXPECT_EQUAL(pci_reset(device), -EOPNOTSUPP);
	pci_model_put(function, EXPRESS + PCI_EXPRESS_DEVICE, 4, PCI_EXPRESS_DEVICE_RESETS);
	pci_model_put(function, EXPRESS + PCI_EXPRESS_DEVICE_CONTROL, 2, 0x2810);
	/* It never says that it has all its answers: that is waited for, but not for ever. */
	pci_model_put(function, EXPRESS + PCI_EXPRESS_DEVICE_STATUS, 2, PCI_EXPRESS_DEVICE_PENDING);
	function->written = function_written;
	function->config[PCI_COMMAND] |= PCI_COMMAND_MASTER;
	EXPECT_EQUAL(pci_reset(device), 0);
	EXPECT_EQUAL(resets, 1);
	EXPECT_EQUAL(pci_model_get(function, PCI_BAR, 4), device->ranges[0].base);
	EXPECT_EQUAL(pci_model_get(function, EXPRESS + PCI_EXPRESS_DEVICE_CONTROL, 2), 0x2810);
	EXPECT(function->config[PCI_COMMAND] & PCI_COMMAND_MEMORY);
	EXPECT(!(function->config[PCI_COMMAND] & PCI_COMMAND_MASTER));
	stays_away = true;
	EXPECT_EQUAL(pci_reset(device), -ETIMEDOUT);
	EXPECT_EQUAL(pci_reset(device), -ENODEV);
	stays_away = false;
}
