/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sleep types of S5, read from the DSDT without an interpreter: the package
 * Name (_S5, Package () { type_a, type_b, ... }) holds constants in all known firmware
 * (ACPI 6.5, 7.4.2 and 20.2.5.4). Where it does not, soft-off is simply not available.
 */
#include "acpi_priv.h"

#include <base/string.h>

#define AML_NAME        0x08
#define AML_PACKAGE     0x12
#define AML_ZERO        0x00
#define AML_ONE         0x01
#define AML_BYTE_PREFIX 0x0a

/* Reads a constant at *at, before `end`. */
static bool read_constant(const uint8_t **at, const uint8_t *end, uint8_t *value)
{
	if (end - *at < 2)
		return false;
	switch (**at) {
	case AML_ZERO:
	case AML_ONE:
		*value = *(*at)++;
		return true;
	case AML_BYTE_PREFIX:
		*value = (*at)[1];
		*at += 2;
		return true;
	default:
		return false;
	}
}

bool acpi_soft_off_types(const struct acpi_header *dsdt, uint8_t *type_a, uint8_t *type_b)
{
	const uint8_t *at = (const uint8_t *)(dsdt + 1);
	const uint8_t *end = (const uint8_t *)dsdt + dsdt->length;

	for (; end - at > 8; at++) {
		const uint8_t *body;

		if (memcmp(at, "_S5_", 4) != 0 || at[4] != AML_PACKAGE)
			continue;
		if (at[-1] != AML_NAME && !(at[-1] == '\\' && at[-2] == AML_NAME))
			continue;
		/* The top two bits of the length's first byte count the bytes that follow; then
		 * comes the number of elements. */
		body = at + 5 + 1 + (at[5] >> 6) + 1;
		return body < end && read_constant(&body, end, type_a) &&
		       read_constant(&body, end, type_b);
	}
	return false;
}
