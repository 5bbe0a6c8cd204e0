/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fixed and general purpose events in the simulation, on a chipset of arrays: PM1 events of two chips, a GPE
 * block of 32 events from 0, and one of 16 from 0x40.
 */
#include <base/errno.h>
#include <base/string.h>

#include "../event_priv.h"
#include "sim_test.h"

#define PM1_BYTES    4
#define BLOCK0_BYTES 8
#define BLOCK1_BYTES 4
#define BASE1        0x40
#define SCI_MAX      100000 /* calls of the interrupt until it must be quiet */

enum { PM1_A = 1, PM1_B, BLOCK0, BLOCK1, PLACES };

/* Status bytes, then as many of enable. */
static uint8_t registers[PLACES][BLOCK0_BYTES];
static uint8_t held[PLACES][BLOCK0_BYTES / 2]; /* sources of levels that are on */
static unsigned sizes[PLACES];
static unsigned thread_wakes, early_wakes, calls;
static struct acpi_fadt fadt;

const struct acpi_fadt *acpi_fadt(void)
{
	return &fadt;
}

bool acpi_register_map(struct acpi_register *block, const struct acpi_address *address,
		       unsigned size, const char *what)
{
	(void)what;
	*block = (struct acpi_register){ .kind = ACPI_REGISTER_NONE, .size = size };
	if (!address->address || !size)
		return false;
	block->kind = ACPI_REGISTER_PORT;
	block->port = (uint16_t)address->address;
	sizes[block->port] = size;
	return true;
}

/* What sources hold is on, whatever was cleared. */
static void apply_sources(void)
{
	for (unsigned place = 1; place < PLACES; place++)
		for (unsigned byte = 0; byte < sizes[place] / 2; byte++)
			registers[place][byte] |= held[place][byte];
}

uint32_t acpi_register_read(const struct acpi_register *block, unsigned offset, unsigned bytes)
{
	uint32_t value = 0;

	if (block->kind == ACPI_REGISTER_NONE)
		return 0;
	EXPECT(offset + bytes <= block->size);
	apply_sources();
	memcpy(&value, registers[block->port] + offset, bytes);
	return value;
}

void acpi_register_write(const struct acpi_register *block, unsigned offset, unsigned bytes,
			 uint32_t value)
{
	if (block->kind == ACPI_REGISTER_NONE)
		return;
	EXPECT(offset + bytes <= block->size);
	for (unsigned i = 0; i < bytes; i++) {
		uint8_t *byte = &registers[block->port][offset + i];
		uint8_t written = (uint8_t)(value >> 8 * i);

		*byte = offset + i < block->size / 2 ? (uint8_t)(*byte & ~written) : written;
	}
}

void acpi_event_thread_wake(void)
{
	thread_wakes++;
}

void acpi_events_set_woken(void)
{
	early_wakes++;
}

/* Any address will do for a method, which nobody calls here. */
static struct aml_node *method(unsigned number)
{
	static uint8_t names[8];

	return (struct aml_node *)&names[number];
}

static void start(void)
{
	sim_start(&(struct sim_configuration){ .cpus = 1 });
	memset(registers, 0xff, sizeof(registers)); /* as firmware left it */
	memset(held, 0, sizeof(held));
	fadt = (struct acpi_fadt){
		.present = true,
		.pm1_event = { { 1, PM1_A }, { 1, PM1_B } },
		.pm1_event_length = PM1_BYTES,
		.gpe = { { 1, BLOCK0 }, { 1, BLOCK1 } },
		.gpe_length = { BLOCK0_BYTES, BLOCK1_BYTES },
		.gpe_base = BASE1,
	};
	acpi_gpe_map();
	EXPECT(acpi_fixed_map());
}

static bool interrupt_is_on(void)
{
	apply_sources();
	for (unsigned place = 1; place < PLACES; place++)
		for (unsigned byte = 0; byte < sizes[place] / 2; byte++)
			if (registers[place][byte] & registers[place][sizes[place] / 2 + byte])
				return true;
	return false;
}

/* Serves the interrupt as long as it is on; how often. */
static unsigned serve(void)
{
	unsigned count = 0;

	while (interrupt_is_on()) {
		bool any = acpi_fixed_interrupt();

		any |= acpi_gpe_interrupt();
		EXPECT(any && ++count < SCI_MAX);
	}
	return count;
}

static uint8_t *status_of(unsigned gpe, uint8_t of[PLACES][BLOCK0_BYTES])
{
	return gpe < BASE1 ? &of[BLOCK0][gpe / 8] : &of[BLOCK1][(gpe - BASE1) / 8];
}

static void raise(unsigned gpe)
{
	*status_of(gpe, registers) |= (uint8_t)(1u << gpe % 8);
	serve();
}

static void hold(unsigned gpe, bool on)
{
	uint8_t *source = gpe < BASE1 ? &held[BLOCK0][gpe / 8] : &held[BLOCK1][(gpe - BASE1) / 8];

	*source = on ? (uint8_t)(*source | 1u << gpe % 8) : (uint8_t)(*source & ~(1u << gpe % 8));
	serve();
}

static void count_call(void *argument)
{
	calls++;
	EXPECT(argument == &calls);
}

/* The method that is to run next must be this one. */
static void expect_method(unsigned wanted, struct aml_node *node)
{
	struct aml_node *found = NULL;
	unsigned gpe = 0;

	EXPECT(acpi_gpe_take(&gpe, &found));
	EXPECT_EQUAL(gpe, wanted);
	EXPECT(found == node);
}

static void expect_nothing(void)
{
	struct aml_node *found;
	unsigned gpe;

	EXPECT(!acpi_gpe_take(&gpe, &found));
}

UNIT_TEST(acpi_events, starts_silent)
{
	start();
	EXPECT(!interrupt_is_on());
	for (unsigned byte = 0; byte < BLOCK0_BYTES; byte++)
		EXPECT_EQUAL(registers[BLOCK0][byte], 0);
	raise(5);
	expect_nothing();
	EXPECT_EQUAL(acpi_event_count(5), 0);
}

UNIT_TEST(acpi_events, edges_are_not_lost)
{
	start();
	acpi_gpe_set_method(0x1f, true, method(0));
	acpi_gpe_set_method(BASE1 + 15, true, method(1));
	acpi_gpe_enable_methods();
	raise(0x1f);
	raise(0x1f); /* before the method has run: as one, with the next */
	raise(BASE1 + 15);
	EXPECT_EQUAL(thread_wakes, 2);
	expect_method(0x1f, method(0));
	acpi_gpe_done(0x1f);
	EXPECT_EQUAL(serve(), 1);
	expect_method(BASE1 + 15, method(1)); /* they take turns */
	expect_method(0x1f, method(0));
	acpi_gpe_done(0x1f);
	acpi_gpe_done(BASE1 + 15);
	EXPECT_EQUAL(serve(), 0);
	expect_nothing();
	EXPECT_EQUAL(acpi_event_count(0x1f), 2);
}

UNIT_TEST(acpi_events, levels_come_until_they_are_off)
{
	start();
	acpi_gpe_set_method(3, false, method(0));
	acpi_gpe_enable_methods();
	hold(3, true);
	EXPECT(!interrupt_is_on());
	expect_method(3, method(0));
	expect_nothing();
	acpi_gpe_done(3); /* the method has not switched it off */
	EXPECT_EQUAL(serve(), 1);
	expect_method(3, method(0));
	hold(3, false);
	acpi_gpe_done(3);
	EXPECT_EQUAL(serve(), 0);
	expect_nothing();
}

UNIT_TEST(acpi_events, a_driver_takes_one_over)
{
	start();
	acpi_gpe_set_method(7, false, method(0));
	acpi_gpe_set_method(7, true, method(1)); /* refused */
	acpi_gpe_enable_methods();
	EXPECT_EQUAL(acpi_gpe_connect(0x3f, true, count_call, &calls), -ENODEV);
	EXPECT_EQUAL(acpi_gpe_connect(ACPI_GPE_MAX, true, count_call, &calls), -ENODEV);
	EXPECT_EQUAL(acpi_gpe_connect(7, true, count_call, &calls), 0);
	EXPECT_EQUAL(acpi_gpe_connect(7, true, count_call, &calls), -EBUSY);
	raise(7);
	raise(7);
	EXPECT_EQUAL(calls, 1);
	acpi_gpe_done(7);
	serve();
	EXPECT_EQUAL(calls, 2);
	expect_nothing();
	acpi_gpe_disconnect(7);
	raise(7);
	EXPECT_EQUAL(calls, 2);
	expect_method(7, method(0));
}

static void serve_in_vain(void *unused)
{
	(void)unused;
	calls++;
	acpi_gpe_done(9);
}

UNIT_TEST(acpi_events, storms_end)
{
	start();
	EXPECT_EQUAL(acpi_gpe_connect(9, false, serve_in_vain, NULL), 0);
	hold(9, true);
	EXPECT(calls >= ACPI_STORM_HANDLER && calls <= ACPI_STORM_HANDLER + 1);
	acpi_gpe_done(9);
	EXPECT(!interrupt_is_on());
	acpi_gpe_set_method(10, false, method(0));
	acpi_gpe_enable_methods();
	held[BLOCK0][1] |= 1u << 2;
	for (calls = 0; calls < SCI_MAX && serve(); calls++)
		acpi_gpe_done(10);
	EXPECT(calls >= ACPI_STORM_METHOD && calls <= ACPI_STORM_METHOD + 1);
}

UNIT_TEST(acpi_events, methods_go)
{
	start();
	EXPECT(acpi_gpe_set_method(3, true, method(0)));
	EXPECT(!acpi_gpe_set_method(3, true, method(0)));
	acpi_gpe_enable_methods();
	raise(3);
	acpi_gpe_forget_method(3);
	expect_nothing();
	EXPECT(!acpi_gpe_method(3));
	EXPECT_EQUAL(registers[BLOCK0][4], 0);
	EXPECT(acpi_gpe_set_method(3, true, method(1))); /* of a table that is loaded again */
	acpi_gpe_enable_methods();
	raise(3);
	expect_method(3, method(1));
}

UNIT_TEST(acpi_events, waking)
{
	start();
	acpi_gpe_set_method(1, false, method(0)); /* wakes, and nothing else */
	acpi_gpe_set_wake(1, NULL, 3, false);
	acpi_gpe_set_method(2, false, method(1)); /* not from that deep */
	acpi_gpe_set_wake(2, NULL, 1, false);
	acpi_gpe_set_method(4, false, method(2)); /* a lid */
	acpi_gpe_set_wake(4, NULL, 4, true);
	acpi_gpe_enable_methods();
	EXPECT_EQUAL(registers[BLOCK0][4], 1u << 4);
	acpi_gpe_sleep(3);
	EXPECT_EQUAL(registers[BLOCK0][4], 1u << 1 | 1u << 4);
	EXPECT_EQUAL(early_wakes, 0);
	raise(1);
	EXPECT_EQUAL(early_wakes, 1);
	expect_nothing();
	memset(registers[BLOCK0] + 4, 0xff, 4); /* firmware's doing */
	acpi_gpe_wake();
	EXPECT_EQUAL(registers[BLOCK0][4], 1u << 4);
	EXPECT_EQUAL(registers[BLOCK0][5], 0);
	expect_method(1, method(0)); /* tells the device that woke */
	acpi_gpe_done(1);
	expect_nothing();
	EXPECT_EQUAL(registers[BLOCK0][4], 1u << 4);
}

static void press_power_button(unsigned chip)
{
	registers[chip][1] |= 1; /* bit 8 */
	serve();
}

UNIT_TEST(acpi_events, fixed_ones)
{
	start();
	fadt.flags = ACPI_FADT_SLEEP_BUTTON;
	EXPECT_EQUAL(acpi_fixed_event_connect(ACPI_EVENT_SLEEP_BUTTON, count_call, &calls),
		     -ENODEV);
	press_power_button(PM1_A); /* before anybody wants it */
	EXPECT_EQUAL(acpi_fixed_event_connect(ACPI_EVENT_POWER_BUTTON, count_call, &calls), 0);
	serve();
	EXPECT_EQUAL(calls, 0);
	press_power_button(PM1_A);
	press_power_button(PM1_B);
	EXPECT_EQUAL(calls, 2);
	EXPECT_EQUAL(acpi_event_count(ACPI_GPE_MAX + ACPI_EVENT_POWER_BUTTON), 2);
	acpi_fixed_sleep();
	press_power_button(PM1_A);
	EXPECT_EQUAL(early_wakes, 1);
	EXPECT_EQUAL(calls, 2);
	acpi_fixed_wake();
	EXPECT_EQUAL(acpi_fixed_event_connect(ACPI_EVENT_POWER_BUTTON, NULL, NULL), 0);
	press_power_button(PM1_A);
	EXPECT_EQUAL(calls, 2);
	EXPECT(!interrupt_is_on());
}

UNIT_TEST(acpi_events, a_button_that_sticks)
{
	start();
	EXPECT_EQUAL(acpi_fixed_event_connect(ACPI_EVENT_POWER_BUTTON, count_call, &calls), 0);
	held[PM1_A][1] = 1;
	serve();
	EXPECT_EQUAL(calls, ACPI_STORM_METHOD);
}
