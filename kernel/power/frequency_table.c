/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "frequency_priv.h"

#include "package.h"

#include <base/string.h>

#define REGISTER_SIZE   15 /* a generic register descriptor (ACPI 6.5, 6.4.3.7) */
#define REGISTER_TAG    0x82
#define SPACE_IO        1
#define PORT_MIN        0xb0 /* below are the PC's own devices, and some above */
#define PORT_DMA        0xc0
#define PORT_DMA_END    0xe0
#define PORT_CONFIG     0xcf8
#define PORT_CONFIG_END 0xd00
#define MHZ_MAX         1000000

static bool is_port_allowed(uint64_t port)
{
	return port >= PORT_MIN && port <= UINT16_MAX - 3 &&
	       (port < PORT_DMA || port >= PORT_DMA_END) &&
	       (port < PORT_CONFIG || port >= PORT_CONFIG_END);
}

static bool read_register(const struct aml_object *buffer, struct frequency_register *result)
{
	const uint8_t *bytes;
	uint64_t address;
	size_t length;

	if (!buffer || aml_object_type(buffer) != AML_BUFFER)
		return false;
	bytes = aml_bytes(buffer, &length);
	if (length < REGISTER_SIZE || bytes[0] != REGISTER_TAG || bytes[3] != SPACE_IO)
		return false;
	memcpy(&address, bytes + 7, sizeof(address));
	*result = (struct frequency_register){ (uint16_t)address, bytes[4] / 8u };
	return is_port_allowed(address) && (bytes[4] == 8 || bytes[4] == 16 || bytes[4] == 32);
}

/* What does not fit an integer of 32 bits is nonsense; control and status may be any. */
static bool read_number(const struct aml_object *package, unsigned index, uint32_t *value)
{
	const struct aml_object *element = aml_element(package, index);

	if (!element || aml_object_type(element) != AML_INTEGER ||
	    aml_integer(element) > UINT32_MAX)
		return false;
	*value = (uint32_t)aml_integer(element);
	return true;
}

static bool read_state(const struct aml_object *package, struct frequency_state *state)
{
	uint32_t mhz;

	if (!package_has(package, 6) || !read_number(package, 0, &mhz) ||
	    !read_number(package, 2, &state->latency_us) ||
	    !read_number(package, 4, &state->control) || !read_number(package, 5, &state->status) ||
	    mhz == 0 || mhz > MHZ_MAX)
		return false;
	state->khz = mhz * 1000;
	return true;
}

bool frequency_table_read(const struct aml_object *registers, const struct aml_object *states,
			  struct frequency_table *table)
{
	*table = (struct frequency_table){ .count = 0 };
	if (!package_has(registers, 2) || !package_has(states, 1) ||
	    !read_register(aml_element(registers, 0), &table->control) ||
	    !read_register(aml_element(registers, 1), &table->status))
		return false;
	for (unsigned i = 0; i < aml_count(states) && table->count < FREQUENCY_STATE_MAX; i++) {
		struct frequency_state *state = &table->states[table->count];

		/* _PPC counts the entries: what is not sound ends the list. */
		if (!read_state(aml_element(states, i), state) ||
		    (i > 0 && state->khz >= state[-1].khz))
			break;
		table->count++;
	}
	return table->count > 1;
}
