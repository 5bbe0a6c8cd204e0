/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * General purpose events (ACPI 6.5, 4.8.4.1): two blocks of status and enable bits. An event is
 *
 *   wanted    it has a method, or a driver's handler;
 *   masked    it came, and is being served: then disabled until acpi_gpe_done();
 *   given up  it came too often.
 *
 * Edges are cleared when they come, so that the next one is not lost while this one is served; levels
 * when they have been served, as they cannot be before.
 */
#include "event_priv.h"

#include <base/bits.h>
#include <base/errno.h>
#include <core/log.h>

struct gpe {
	bool exists, wanted, edge, masked, given_up;
	bool refused;               /* a second method was; said once */
	bool runtime;               /* of use while the machine is awake, though it wakes it, too */
	uint8_t wakes_from;         /* the deepest state; 0: does not wake */
	uint8_t running;            /* handlers that were called and have not returned */
	struct aml_node *method;    /* held by who set it */
	struct aml_node *wake_node; /* a device that wakes the machine by it */
	void (*handle)(void *argument);
	void *argument;
	struct acpi_rate rate;
};

struct spinlock acpi_event_lock = SPINLOCK_INIT(RANK_LEAF, "acpi events");

/* Immutable once acpi_gpe_map() has run. */
static struct acpi_register blocks[2];
static unsigned first[2];

/* Under acpi_event_lock. */
static struct gpe gpes[ACPI_GPE_MAX];
static uint64_t pending_methods[BITMAP_WORDS(ACPI_GPE_MAX)];
static uint8_t enable_shadow[2][UINT8_MAX / 2];
static unsigned next_method; /* they take turns */
static unsigned sleep_state; /* 0: awake */
static bool unknown;         /* a method of no event was refused; said once */

static struct gpe *gpe_find(unsigned gpe)
{
	return gpe < ACPI_GPE_MAX && gpes[gpe].exists ? &gpes[gpe] : NULL;
}

static unsigned block_of(unsigned gpe)
{
	unsigned bytes = blocks[0].size / 2;

	return blocks[0].kind != ACPI_REGISTER_NONE && gpe < bytes * 8 ? 0 : 1;
}

static void clear_status(unsigned gpe)
{
	unsigned block = block_of(gpe), bit = gpe - first[block];

	acpi_register_write(&blocks[block], bit / 8, 1, 1u << bit % 8);
}

/* Writes the enable bit as the event's state wants it. */
static void update_enable(unsigned gpe)
{
	const struct gpe *event = &gpes[gpe];
	unsigned block = block_of(gpe), bit = gpe - first[block];
	uint8_t *shadow = &enable_shadow[block][bit / 8], before = *shadow;
	bool wanted = sleep_state ? event->wakes_from >= sleep_state : event->wanted;

	if (wanted && !event->masked && !event->given_up)
		*shadow |= (uint8_t)(1u << bit % 8);
	else
		*shadow &= (uint8_t) ~(1u << bit % 8);
	if (*shadow != before)
		acpi_register_write(&blocks[block], blocks[block].size / 2 + bit / 8, 1, *shadow);
}

/* An event that two blocks claim belongs to the first. */
static void map_block(unsigned block)
{
	const struct acpi_fadt *fadt = acpi_fadt();
	unsigned bytes = fadt->gpe_length[block] / 2;

	first[block] = block ? fadt->gpe_base : 0;
	if (!acpi_register_map(&blocks[block], &fadt->gpe[block], 2 * bytes, "a GPE block"))
		return;
	for (unsigned byte = 0; byte < bytes; byte++) {
		acpi_register_write(&blocks[block], bytes + byte, 1, 0);
		acpi_register_write(&blocks[block], byte, 1, UINT8_MAX);
	}
	for (unsigned bit = 0; bit < bytes * 8 && first[block] + bit < ACPI_GPE_MAX; bit++)
		gpes[first[block] + bit].exists = true;
}

void acpi_gpe_map(void)
{
	if (acpi_fadt()->flags & ACPI_FADT_REDUCED)
		return;
	map_block(0);
	map_block(1);
}

enum service { NOTHING, METHOD, HANDLER, GIVEN_UP };

/* What is to be done about an event that came. Under the lock. */
static enum service take(struct gpe *event, unsigned gpe)
{
	uint32_t limit;

	if (event->masked || event->given_up)
		return NOTHING;
	event->masked = true;
	if (sleep_state) { /* served after waking, by what its status says then */
		acpi_events_set_woken();
		update_enable(gpe);
		return NOTHING;
	}
	limit = event->handle ? ACPI_STORM_HANDLER : ACPI_STORM_METHOD;
	event->given_up = acpi_rate_exceeds(&event->rate, limit);
	update_enable(gpe);
	if (event->edge)
		clear_status(gpe);
	if (event->given_up)
		return GIVEN_UP;
	if (event->handle) {
		event->running++;
		return HANDLER;
	}
	bitmap_set(pending_methods, gpe);
	return METHOD;
}

static void call_handler(struct gpe *event, void (*handle)(void *argument), void *argument)
{
	irq_state_t state;

	handle(argument);
	state = spin_lock_irqsave(&acpi_event_lock);
	event->running--;
	spin_unlock_irqrestore(&acpi_event_lock, state);
}

static void serve(unsigned gpe)
{
	struct gpe *event = gpe_find(gpe);
	void (*handle)(void *argument);
	enum service service;
	irq_state_t state;
	void *argument;

	if (!event)
		return;
	state = spin_lock_irqsave(&acpi_event_lock);
	service = take(event, gpe);
	handle = event->handle;
	argument = event->argument;
	spin_unlock_irqrestore(&acpi_event_lock, state);
	switch (service) {
	case NOTHING:
		break;
	case METHOD:
		acpi_event_thread_wake();
		break;
	case HANDLER:
		call_handler(event, handle, argument);
		break;
	case GIVEN_UP:
		log_warning("acpi", "GPE 0x%02x comes too often: not served any more", gpe);
		break;
	}
}

bool acpi_gpe_interrupt(void)
{
	bool any = false;

	for (unsigned block = 0; block < array_length(blocks); block++) {
		unsigned bytes =
			blocks[block].kind != ACPI_REGISTER_NONE ? blocks[block].size / 2 : 0;

		for (unsigned byte = 0; byte < bytes; byte++) {
			unsigned bits = enable_shadow[block][byte];

			if (bits)
				bits &= acpi_register_read(&blocks[block], byte, 1);
			any |= bits != 0;
			for (; bits; bits &= bits - 1)
				serve(first[block] + byte * 8 + bit_lowest(bits));
		}
	}
	return any;
}

bool acpi_gpe_set_method(unsigned gpe, bool edge, struct aml_node *method)
{
	irq_state_t state = spin_lock_irqsave(&acpi_event_lock);
	struct gpe *event = gpe_find(gpe);
	bool *said = event ? &event->refused : &unknown;
	bool stored = event && !event->method;
	bool tell = !stored && !(event && event->method == method) && !*said;

	if (stored) {
		event->method = method;
		if (!event->handle)
			event->edge = edge;
	}
	*said |= tell;
	spin_unlock_irqrestore(&acpi_event_lock, state);
	if (tell)
		log_warning("acpi", "GPE 0x%02x: %s: its method is left out", gpe,
			    event ? "has two methods" : "no such event");
	return stored;
}

struct aml_node *acpi_gpe_method(unsigned gpe)
{
	const struct gpe *event = gpe_find(gpe);

	return event ? event->method : NULL;
}

void acpi_gpe_forget_method(unsigned gpe)
{
	irq_state_t state = spin_lock_irqsave(&acpi_event_lock);
	struct gpe *event = &gpes[gpe];

	event->method = NULL;
	event->wanted = event->handle != NULL;
	if (bitmap_test(pending_methods, gpe)) {
		bitmap_clear(pending_methods, gpe);
		event->masked = false;
	}
	update_enable(gpe);
	spin_unlock_irqrestore(&acpi_event_lock, state);
}

void acpi_gpe_set_wake(unsigned gpe, struct aml_node *node, unsigned deepest, bool runtime)
{
	irq_state_t state = spin_lock_irqsave(&acpi_event_lock);
	struct gpe *event = gpe_find(gpe);

	if (event) {
		event->wakes_from = (uint8_t)max_u64(event->wakes_from, deepest);
		event->wake_node = node;
		event->runtime |= runtime;
	}
	spin_unlock_irqrestore(&acpi_event_lock, state);
}

void acpi_gpe_enable_methods(void)
{
	irq_state_t state = spin_lock_irqsave(&acpi_event_lock);

	for (unsigned gpe = 0; gpe < ACPI_GPE_MAX; gpe++) {
		struct gpe *event = gpe_find(gpe);

		if (!event || !event->method || event->wanted)
			continue;
		event->wanted = !event->wakes_from || event->runtime;
		update_enable(gpe);
	}
	spin_unlock_irqrestore(&acpi_event_lock, state);
}

bool acpi_gpe_take(unsigned *gpe, struct aml_node **method)
{
	irq_state_t state = spin_lock_irqsave(&acpi_event_lock);
	size_t found = bitmap_find_set(pending_methods, ACPI_GPE_MAX, next_method);

	if (found == ACPI_GPE_MAX)
		found = bitmap_find_set(pending_methods, ACPI_GPE_MAX, 0);
	if (found < ACPI_GPE_MAX) {
		bitmap_clear(pending_methods, found);
		next_method = (unsigned)(found + 1) % ACPI_GPE_MAX;
		*gpe = (unsigned)found;
		*method = gpes[found].method;
	}
	spin_unlock_irqrestore(&acpi_event_lock, state);
	return found < ACPI_GPE_MAX;
}

int acpi_gpe_connect(unsigned gpe, bool edge, void (*handle)(void *argument), void *argument)
{
	irq_state_t state = spin_lock_irqsave(&acpi_event_lock);
	struct gpe *event = gpe_find(gpe);
	int error = 0;

	if (!event) {
		error = -ENODEV;
	} else if (event->handle) {
		error = -EBUSY;
	} else {
		event->handle = handle;
		event->argument = argument;
		event->edge = edge;
		event->wanted = true;
		if (!bitmap_test(pending_methods, gpe))
			event->masked = false;
		clear_status(gpe);
		update_enable(gpe);
	}
	spin_unlock_irqrestore(&acpi_event_lock, state);
	return error;
}

void acpi_gpe_done(unsigned gpe)
{
	irq_state_t state = spin_lock_irqsave(&acpi_event_lock);
	struct gpe *event = gpe_find(gpe);

	if (event && event->masked) {
		if (!event->edge)
			clear_status(gpe);
		event->masked = false;
		update_enable(gpe);
	}
	spin_unlock_irqrestore(&acpi_event_lock, state);
}

/* Goes back to firmware's method, if it has one. */
static bool disconnect(struct gpe *event, unsigned gpe)
{
	event->handle = NULL;
	event->wanted = event->method && (!event->wakes_from || event->runtime);
	update_enable(gpe);
	return event->running == 0;
}

void acpi_gpe_disconnect(unsigned gpe)
{
	struct gpe *event = gpe_find(gpe);
	bool idle;

	if (!event)
		return;
	do {
		irq_state_t state = spin_lock_irqsave(&acpi_event_lock);

		idle = disconnect(event, gpe);
		spin_unlock_irqrestore(&acpi_event_lock, state);
	} while (!idle);
	acpi_gpe_done(gpe);
}

void acpi_gpe_sleep(unsigned state)
{
	irq_state_t irq_state = spin_lock_irqsave(&acpi_event_lock);

	sleep_state = state;
	for (unsigned gpe = 0; gpe < ACPI_GPE_MAX; gpe++) {
		if (!gpe_find(gpe))
			continue;
		/* What came since it was looked at last is stale; from now on, it wakes. */
		if (gpes[gpe].wakes_from >= state && !gpes[gpe].wanted)
			clear_status(gpe);
		update_enable(gpe);
	}
	spin_unlock_irqrestore(&acpi_event_lock, irq_state);
}

/* The chipset lost its enable bits meanwhile, or they are those of sleeping: all are written again. */
static void disable_all(void)
{
	for (unsigned block = 0; block < array_length(blocks); block++) {
		unsigned bytes = blocks[block].size / 2;

		for (unsigned byte = 0; byte < bytes; byte++) {
			enable_shadow[block][byte] = 0;
			acpi_register_write(&blocks[block], bytes + byte, 1, 0);
		}
	}
}

/* An event that is for waking only says so once, by its method, which tells its device. */
static bool wake_one(unsigned gpe)
{
	struct gpe *event = &gpes[gpe];
	unsigned block = block_of(gpe), bit = gpe - first[block];
	bool came = event->wakes_from && !event->wanted &&
		    (acpi_register_read(&blocks[block], bit / 8, 1) & 1u << bit % 8);

	if (!bitmap_test(pending_methods, gpe))
		event->masked = event->running != 0;
	if (came) {
		event->rate.count++;
		if (event->method) {
			event->masked = true;
			bitmap_set(pending_methods, gpe);
		}
		clear_status(gpe);
	}
	update_enable(gpe);
	return came && event->method;
}

void acpi_gpe_wake(void)
{
	irq_state_t state = spin_lock_irqsave(&acpi_event_lock);
	bool methods = false;

	sleep_state = 0;
	disable_all();
	for (unsigned gpe = 0; gpe < ACPI_GPE_MAX; gpe++) {
		if (gpe_find(gpe))
			methods |= wake_one(gpe);
	}
	spin_unlock_irqrestore(&acpi_event_lock, state);
	if (methods)
		acpi_event_thread_wake();
}

uint64_t acpi_event_count(unsigned event)
{
	if (event >= ACPI_GPE_MAX)
		return acpi_fixed_count(event - ACPI_GPE_MAX);
	return gpes[event].rate.count;
}
