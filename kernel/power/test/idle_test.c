/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Idle states: what firmware's packages become, sound or not, and which state is chosen. */
#include <base/string.h>

#include "../idle_states.h"
#include "unit.h"

#define ROUNDS 20000

/* The C library's, by the names that base/ leaves free. */
void *malloc(size_t size);
void free(void *pointer);

static struct aml *machine;

static void *allocate(const struct aml_host *host, size_t size)
{
	(void)host;
	return malloc(size);
}

static void release(const struct aml_host *host, void *memory, size_t size)
{
	(void)host;
	(void)size;
	free(memory);
}

static void start(void)
{
	static const struct aml_host host = { .allocate = allocate, .release = release };

	EXPECT_EQUAL(aml_create(&host, NULL, &machine), 0);
}

/* A machine whose ports from 0x100 up are good for that. */
bool arch_idle_usable(const struct arch_idle *idle)
{
	return idle->kind != ARCH_IDLE_PORT || idle->hint >= 0x100;
}

static struct aml_object *make_register(uint8_t space, uint8_t width, uint8_t offset, uint8_t port)
{
	uint8_t bytes[17] = { 0x82, 12, 0, space, width, offset, 0, port, 4, [15] = 0x79 };

	return aml_make_buffer(machine, bytes, sizeof(bytes));
}

static struct aml_object *make_state(struct aml_object *how, const uint64_t values[3])
{
	struct aml_object *package = aml_make_package(machine, 4);

	aml_set_element(machine, package, 0, how);
	for (unsigned i = 0; i < 3; i++)
		aml_set_element(machine, package, i + 1, aml_make_integer(machine, values[i]));
	return package;
}

static struct aml_object *make_cst(void)
{
	struct aml_object *package = aml_make_package(machine, 5);

	aml_set_element(machine, package, 0, aml_make_integer(machine, 4));
	aml_set_element(machine, package, 1,
			make_state(make_register(0x7f, 0, 0, 0), (uint64_t[]){ 1, 1, 1000 }));
	aml_set_element(machine, package, 2,
			make_state(make_register(1, 8, 0, 0x14), (uint64_t[]){ 2, 20, 500 }));
	/* Lighter than the one before: out of order. */
	aml_set_element(machine, package, 3,
			make_state(make_register(1, 8, 0, 0x15), (uint64_t[]){ 2, 10, 400 }));
	aml_set_element(machine, package, 4,
			make_state(make_register(0x7f, 1, 2, 0x20), (uint64_t[]){ 3, 300, 100 }));
	return package;
}

UNIT_TEST(idle, reads_cst)
{
	struct aml_object *package;
	struct idle_table table;

	start();
	package = make_cst();
	EXPECT(idle_states_from_cst(package, &table));
	EXPECT_EQUAL(table.count, 3);
	EXPECT_EQUAL(table.states[0].how.kind, ARCH_IDLE_HALT);
	EXPECT_EQUAL(table.states[1].how.kind, ARCH_IDLE_PORT);
	EXPECT_EQUAL(table.states[1].how.hint, 0x414);
	EXPECT_EQUAL(table.states[2].how.kind, ARCH_IDLE_WAIT);
	EXPECT_EQUAL(table.states[2].how.hint, 0x420);
	EXPECT(table.states[2].how.stops_timer && table.states[2].how.stops_clock);
	EXPECT_EQUAL(table.states[2].latency_us, 300);
	aml_put(machine, package);
	aml_destroy(machine);
}

static struct aml_object *make_noise(uint64_t *state, unsigned depth)
{
	uint8_t bytes[24];
	struct aml_object *package;
	unsigned count;

	switch (unit_random_below(state, depth ? 5 : 3)) {
	case 0:
		return aml_make_integer(machine,
					unit_random(state) >> unit_random_below(state, 64));
	case 1:
		for (unsigned i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)unit_random(state);
		bytes[0] = 0x82;
		bytes[3] = unit_random_below(state, 2) ? 1 : 0x7f;
		return aml_make_buffer(machine, bytes, unit_random_below(state, sizeof(bytes)));
	case 2:
		return aml_make_string(machine, "C3");
	default:
		count = (unsigned)unit_random_below(state, 12);
		package = aml_make_package(machine, count);
		for (unsigned i = 0; i < count; i++)
			if (unit_random_below(state, 8))
				aml_set_element(machine, package, i, make_noise(state, depth - 1));
		return package;
	}
}

static void expect_sane(const struct idle_table *table)
{
	EXPECT(table->count >= 1 && table->count <= IDLE_STATE_MAX);
	EXPECT_EQUAL(table->states[0].how.kind, ARCH_IDLE_HALT);
	for (unsigned i = 1; i < table->count; i++)
		EXPECT(table->states[i].latency_us >= table->states[i - 1].latency_us &&
		       table->states[i].residency_us >= table->states[i - 1].residency_us);
}

UNIT_TEST(idle, survives_noise)
{
	uint64_t state = 99;
	struct idle_table table;

	start();
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct aml_object *object = make_noise(&state, 3);

		(void)idle_states_from_cst(object, &table);
		expect_sane(&table);
		(void)idle_states_from_lpi(object, &table);
		expect_sane(&table);
		aml_put(machine, object);
	}
	EXPECT(!idle_states_from_cst(NULL, &table));
	EXPECT(!idle_states_from_lpi(NULL, &table));
	aml_destroy(machine);
}

UNIT_TEST(idle, fixed_block)
{
	struct idle_table table;

	EXPECT(!idle_states_from_block(0x410, 4095, 4095, &table));
	EXPECT(idle_states_from_block(0x410, 100, 1001, &table));
	EXPECT_EQUAL(table.count, 2);
	EXPECT_EQUAL(table.states[1].how.hint, 0x414);
	EXPECT(idle_states_from_block(0x410, 10, 1000, &table));
	EXPECT_EQUAL(table.count, 3);
	EXPECT_EQUAL(table.states[2].how.hint, 0x415);
}

static void learn(struct idle_history *history, uint64_t us, unsigned times)
{
	while (times-- > 0)
		idle_learn(history, us);
}

UNIT_TEST(idle, chooses_by_timer_and_past)
{
	static const struct idle_table table = {
		.count = 3,
		.states = { { .latency_us = 1 },
			    { .latency_us = 20, .residency_us = 60 },
			    { .latency_us = 300, .residency_us = 900 } },
	};
	struct idle_history history = { .next = 0 };

	learn(&history, 10, 8);
	EXPECT_EQUAL(idle_choose(&table, 0, &history, UINT64_MAX), 0);
	learn(&history, 100, 8);
	EXPECT_EQUAL(idle_choose(&table, 0, &history, UINT64_MAX), 1);
	learn(&history, 100000, 8);
	EXPECT_EQUAL(idle_choose(&table, 0, &history, UINT64_MAX), 2);
	/* The timer comes first. */
	EXPECT_EQUAL(idle_choose(&table, 0, &history, 500), 1);
	EXPECT_EQUAL(idle_choose(&table, 0, &history, 30), 0);
	EXPECT_EQUAL(idle_choose(&table, 1 << 2, &history, UINT64_MAX), 1);
	EXPECT_EQUAL(idle_choose(&table, 3 << 1, &history, UINT64_MAX), 0);
	/* A single long rest among short ones says nothing of the next. */
	learn(&history, 20, 7);
	EXPECT_EQUAL(idle_choose(&table, 0, &history, UINT64_MAX), 0);
}
