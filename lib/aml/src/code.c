/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading of byte code (ACPI 6.5, 20.2): package lengths, names, numbers; nothing is read beyond an end. */
#include "machine.h"

int aml_code_number(const uint8_t **at, const uint8_t *end, unsigned bytes, uint64_t *number)
{
	*number = 0;
	if ((size_t)(end - *at) < bytes)
		return -AML_E_BAD_DATA;
	for (unsigned i = 0; i < bytes; i++)
		*number |= (uint64_t)(*at)[i] << (8 * i);
	*at += bytes;
	return 0;
}

int aml_code_package(const uint8_t **at, const uint8_t *end, const uint8_t **package_end)
{
	const uint8_t *start = *at;
	unsigned more;
	size_t length;

	if (start >= end)
		return -AML_E_BAD_DATA;
	more = start[0] >> 6;
	if ((size_t)(end - start) < 1 + more)
		return -AML_E_BAD_DATA;
	length = more ? start[0] & 0xf : start[0] & 0x3f;
	for (unsigned i = 0; i < more; i++)
		length |= (size_t)start[1 + i] << (4 + 8 * i);
	/* The length counts its own bytes. */
	if (length < 1 + more || length > (size_t)(end - start))
		return -AML_E_BAD_DATA;
	*at = start + 1 + more;
	*package_end = start + length;
	return 0;
}

static bool is_lead(uint8_t byte)
{
	return (byte >= 'A' && byte <= 'Z') || byte == '_';
}

bool aml_code_starts_name(uint8_t byte)
{
	return is_lead(byte) || byte == '\\' || byte == '^' || byte == 0x2e || byte == 0x2f;
}

static bool is_segment(const uint8_t *bytes)
{
	if (!is_lead(bytes[0]))
		return false;
	for (unsigned i = 1; i < AML_NAME_SIZE; i++)
		if (!is_lead(bytes[i]) && !(bytes[i] >= '0' && bytes[i] <= '9'))
			return false;
	return true;
}

/* How many segments follow, by the prefix, which is passed. */
static int read_count(const uint8_t **at, const uint8_t *end, uint8_t *count)
{
	if (*at >= end)
		return -AML_E_BAD_DATA;
	switch (**at) {
	case 0x00:
		*count = 0;
		++*at;
		return 0;
	case 0x2e:
		*count = 2;
		++*at;
		return 0;
	case 0x2f:
		if (end - *at < 2)
			return -AML_E_BAD_DATA;
		*count = (*at)[1];
		*at += 2;
		return *count ? 0 : -AML_E_BAD_NAME;
	default:
		*count = 1;
		return 0;
	}
}

int aml_code_name(const uint8_t **at, const uint8_t *end, struct aml_name *name)
{
	const uint8_t *here = *at;
	int error;

	*name = (struct aml_name){ 0 };
	if (here < end && *here == '\\') {
		name->root = true;
		here++;
	}
	while (here < end && *here == '^') {
		if (name->parents == UINT8_MAX)
			return -AML_E_BAD_NAME;
		name->parents++;
		here++;
	}
	error = read_count(&here, end, &name->count);
	if (error)
		return error;
	if ((size_t)(end - here) < (size_t)name->count * AML_NAME_SIZE)
		return -AML_E_BAD_DATA;
	name->segments = here;
	for (unsigned i = 0; i < name->count; i++)
		if (!is_segment(here + i * AML_NAME_SIZE))
			return -AML_E_BAD_NAME;
	*at = here + name->count * AML_NAME_SIZE;
	return 0;
}
