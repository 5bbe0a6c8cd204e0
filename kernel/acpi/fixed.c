/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fixed events (ACPI 6.5, 4.8.3.1): a bit each in the PM1 status and enable registers, which may be
 * spread over two chips: status is what either says, and enabling and clearing goes to both.
 */
#include "event_priv.h"

#include <base/bits.h>
#include <base/errno.h>
#include <core/log.h>

#define EVENTS      16
#define BYTES       2 /* that are used of a status or enable register */
#define WAKE_STATUS (1u << 15)
#define ALL_EVENTS                                                                               \
	(1u << ACPI_EVENT_TIMER | 1u << ACPI_EVENT_GLOBAL_LOCK | 1u << ACPI_EVENT_POWER_BUTTON | \
	 1u << ACPI_EVENT_SLEEP_BUTTON | 1u << ACPI_EVENT_CLOCK_ALARM)

/* Immutable once acpi_fixed_map() has run. */
static struct acpi_register blocks[2];
static bool mapped;

/* Under acpi_event_lock. */
static uint32_t enabled;
static bool asleep;
static struct {
	void (*handle)(void *argument);
	void *argument;
	struct acpi_rate rate;
} events[EVENTS];

static uint32_t read_status(void)
{
	return acpi_register_read(&blocks[0], 0, BYTES) | acpi_register_read(&blocks[1], 0, BYTES);
}

/* Ones clear. */
static void write_status(uint32_t bits)
{
	acpi_register_write(&blocks[0], 0, BYTES, bits);
	acpi_register_write(&blocks[1], 0, BYTES, bits);
}

static void write_enable(uint32_t bits)
{
	for (unsigned i = 0; i < array_length(blocks); i++)
		acpi_register_write(&blocks[i], blocks[i].size / 2, BYTES, bits);
}

bool acpi_fixed_map(void)
{
	const struct acpi_fadt *fadt = acpi_fadt();
	unsigned length = fadt->pm1_event_length;

	if ((fadt->flags & ACPI_FADT_REDUCED) || length < 2 * BYTES || length % 4 != 0)
		return false;
	for (unsigned i = 0; i < array_length(blocks); i++)
		mapped |= acpi_register_map(&blocks[i], &fadt->pm1_event[i], length, "PM1 events");
	write_enable(0);
	write_status(ALL_EVENTS);
	return mapped;
}

/* Counts one; true: it comes too often, and is disabled now. Under the lock. */
static bool count_event(unsigned event)
{
	if (!acpi_rate_exceeds(&events[event].rate, ACPI_STORM_METHOD))
		return false;
	enabled &= ~(1u << event);
	write_enable(enabled);
	events[event].handle = NULL;
	return true;
}

static void serve(unsigned event)
{
	irq_state_t state = spin_lock_irqsave(&acpi_event_lock);
	bool given_up = count_event(event);
	void (*handle)(void *argument) = events[event].handle, *argument = events[event].argument;

	spin_unlock_irqrestore(&acpi_event_lock, state);
	if (given_up)
		log_warning("acpi", "fixed event %u comes too often: not served any more", event);
	if (handle)
		handle(argument);
}

bool acpi_fixed_interrupt(void)
{
	uint32_t pending = read_status();
	irq_state_t state = spin_lock_irqsave(&acpi_event_lock);

	pending &= enabled;
	if (pending)
		write_status(pending);
	if (pending && asleep) { /* a button that wakes does nothing else */
		acpi_events_set_woken();
		spin_unlock_irqrestore(&acpi_event_lock, state);
		return true;
	}
	spin_unlock_irqrestore(&acpi_event_lock, state);
	for (uint32_t left = pending; left; left &= left - 1)
		serve(bit_lowest(left));
	return pending != 0;
}

static bool exists(enum acpi_fixed_event event)
{
	uint32_t flags = acpi_fadt()->flags;

	switch (event) {
	case ACPI_EVENT_POWER_BUTTON:
		return mapped && !(flags & ACPI_FADT_POWER_BUTTON);
	case ACPI_EVENT_SLEEP_BUTTON:
		return mapped && !(flags & ACPI_FADT_SLEEP_BUTTON);
	case ACPI_EVENT_CLOCK_ALARM:
		return mapped && !(flags & ACPI_FADT_CLOCK_NOT_FIXED);
	case ACPI_EVENT_TIMER:
	case ACPI_EVENT_GLOBAL_LOCK:
		return mapped;
	}
	return false;
}

int acpi_fixed_event_connect(enum acpi_fixed_event event, void (*handle)(void *argument),
			     void *argument)
{
	irq_state_t state;

	if (!exists(event))
		return -ENODEV;
	state = spin_lock_irqsave(&acpi_event_lock);
	events[event].handle = handle;
	events[event].argument = argument;
	if (handle) {
		write_status(1u << event);
		enabled |= 1u << event;
	} else {
		enabled &= ~(1u << event);
	}
	write_enable(enabled);
	spin_unlock_irqrestore(&acpi_event_lock, state);
	return 0;
}

void acpi_fixed_sleep(void)
{
	const uint32_t waking = 1u << ACPI_EVENT_POWER_BUTTON | 1u << ACPI_EVENT_SLEEP_BUTTON |
				1u << ACPI_EVENT_CLOCK_ALARM;
	irq_state_t state = spin_lock_irqsave(&acpi_event_lock);

	asleep = true;
	write_status(ALL_EVENTS | WAKE_STATUS);
	write_enable(enabled & waking);
	spin_unlock_irqrestore(&acpi_event_lock, state);
}

/* The button that woke the machine has done its work: it is not reported. */
void acpi_fixed_wake(void)
{
	irq_state_t state = spin_lock_irqsave(&acpi_event_lock);

	asleep = false;
	write_status(ALL_EVENTS);
	write_enable(enabled);
	spin_unlock_irqrestore(&acpi_event_lock, state);
}

uint64_t acpi_fixed_count(unsigned event)
{
	return event < EVENTS ? events[event].rate.count : 0;
}

bool acpi_events_take_wake_status(void)
{
	if (!(read_status() & WAKE_STATUS))
		return false;
	write_status(WAKE_STATUS);
	return true;
}
