/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "idle_states.h"

#include "package.h"

#include <base/format.h>
#include <base/string.h>

#define REGISTER_SIZE    15 /* a generic register descriptor (ACPI 6.5, 6.4.3.7) */
#define REGISTER_TAG     0x82
#define SPACE_IO         1
#define SPACE_FIXED      0x7f
#define VENDOR_INTEL     1 /* Intel's interface for processors: what the fields mean in that space */
#define CLASS_PORT       1
#define CLASS_WAIT       2
#define TYPE_MAX         3
#define RESIDENCY_FACTOR 3   /* times the latency, where nothing says how long a state must last */
#define LATENCY2_MAX     100 /* us; more says that there is none (ACPI 6.5, 5.2.9) */
#define LATENCY3_MAX     1000
#define LPI_FIRST        3
#define LPI_ENABLED      1

static void begin(struct idle_table *table)
{
	*table = (struct idle_table){
		.count = 1,
		.states[0] = { .name = "C1", .description = "halt", .latency_us = 1 },
	};
}

static void describe(struct idle_state *state)
{
	if (state->how.kind == ARCH_IDLE_PORT)
		snprintf(state->description, sizeof(state->description), "port 0x%x",
			 state->how.hint);
	else if (state->how.kind == ARCH_IDLE_WAIT)
		snprintf(state->description, sizeof(state->description), "mwait 0x%x",
			 state->how.hint);
	else
		snprintf(state->description, sizeof(state->description), "halt");
}

/* Adds a state, unless the machine cannot use it, or it comes out of order: each must be deeper than the one
 * before. */
static void add(struct idle_table *table, struct idle_state *state)
{
	const struct idle_state *last = &table->states[table->count - 1];

	if (table->count == IDLE_STATE_MAX || !arch_idle_usable(&state->how) ||
	    state->latency_us < last->latency_us || state->residency_us < last->residency_us)
		return;
	describe(state);
	table->states[table->count++] = *state;
}

/* What a register descriptor says of how to enter the state. False: nothing that we know. */
static bool read_register(const struct aml_object *buffer, struct arch_idle *how)
{
	const uint8_t *bytes;
	uint64_t address;
	size_t length;

	if (!buffer || aml_object_type(buffer) != AML_BUFFER)
		return false;
	bytes = aml_bytes(buffer, &length);
	if (length < REGISTER_SIZE || bytes[0] != REGISTER_TAG)
		return false;
	memcpy(&address, bytes + 7, sizeof(address));
	if (address > UINT32_MAX)
		return false;
	how->hint = (uint32_t)address;
	if (bytes[3] == SPACE_IO)
		how->kind = ARCH_IDLE_PORT;
	else if (bytes[3] != SPACE_FIXED)
		return false;
	else if (bytes[4] == VENDOR_INTEL && bytes[5] == CLASS_WAIT)
		how->kind = ARCH_IDLE_WAIT;
	else if (bytes[4] == VENDOR_INTEL && bytes[5] == CLASS_PORT)
		how->kind = ARCH_IDLE_PORT;
	else
		how->kind = ARCH_IDLE_HALT;
	return true;
}

/* In C2 the timer may stop, in C3 the caches and the counter as well. */
static void set_type(struct arch_idle *how, uint32_t type)
{
	how->stops_timer = type >= 2;
	how->stops_clock = type >= 3;
}

static bool read_cst_state(const struct aml_object *package, struct idle_state *state)
{
	uint32_t type = package_amount(package, 1), latency = package_amount(package, 2);

	*state = (struct idle_state){ 0 };
	if (!package_has(package, 4) || type < 1 || type > TYPE_MAX || latency == PACKAGE_UNKNOWN ||
	    !read_register(aml_element(package, 0), &state->how))
		return false;
	set_type(&state->how, type);
	snprintf(state->name, sizeof(state->name), "C%u", type);
	state->latency_us = latency;
	state->residency_us =
		latency < UINT32_MAX / RESIDENCY_FACTOR ? latency * RESIDENCY_FACTOR : UINT32_MAX;
	state->power_mw = package_amount(package, 3);
	if (state->power_mw == PACKAGE_UNKNOWN)
		state->power_mw = 0;
	/* The halt is in the table already. */
	return state->how.kind != ARCH_IDLE_HALT;
}

bool idle_states_from_cst(const struct aml_object *package, struct idle_table *table)
{
	struct idle_state state;

	begin(table);
	if (!package_has(package, 1))
		return false;
	for (unsigned i = 1; i < aml_count(package); i++)
		if (read_cst_state(aml_element(package, i), &state))
			add(table, &state);
	return table->count > 1;
}

static bool read_lpi_state(const struct aml_object *package, unsigned number,
			   struct idle_state *state)
{
	uint32_t flags = package_amount(package, 2), lost = package_amount(package, 3);

	*state = (struct idle_state){
		.residency_us = package_amount(package, 0),
		.latency_us = package_amount(package, 1),
	};
	if (!package_has(package, 7) || flags == PACKAGE_UNKNOWN || !(flags & LPI_ENABLED) ||
	    state->residency_us == PACKAGE_UNKNOWN || state->latency_us == PACKAGE_UNKNOWN ||
	    !read_register(aml_element(package, 6), &state->how) ||
	    state->how.kind == ARCH_IDLE_HALT)
		return false;
	set_type(&state->how, lost ? 3 : 2);
	snprintf(state->name, sizeof(state->name), "LPI%u", number);
	return true;
}

bool idle_states_from_lpi(const struct aml_object *package, struct idle_table *table)
{
	struct idle_state state;

	begin(table);
	if (!package_has(package, LPI_FIRST + 1))
		return false;
	for (unsigned i = LPI_FIRST; i < aml_count(package) && i < LPI_FIRST + 64; i++)
		if (read_lpi_state(aml_element(package, i), i - LPI_FIRST, &state))
			add(table, &state);
	return table->count > 1;
}

static void add_port(struct idle_table *table, unsigned type, uint16_t port, uint32_t latency_us)
{
	struct idle_state state = {
		.how = { .kind = ARCH_IDLE_PORT, .hint = port },
		.latency_us = latency_us,
		.residency_us = latency_us * RESIDENCY_FACTOR,
	};

	set_type(&state.how, type);
	snprintf(state.name, sizeof(state.name), "C%u", type);
	add(table, &state);
}

bool idle_states_from_block(uint16_t port, uint32_t latency2_us, uint32_t latency3_us,
			    struct idle_table *table)
{
	begin(table);
	if (latency2_us <= LATENCY2_MAX)
		add_port(table, 2, (uint16_t)(port + 4), latency2_us);
	if (latency3_us <= LATENCY3_MAX)
		add_port(table, 3, (uint16_t)(port + 5), latency3_us);
	return table->count > 1;
}
