/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fields of regions that are no memory (ACPI 6.5, 5.5.2.4.5 to 5.5.2.4.9, 13): buses move a buffer both ways
 * in one transfer, which begins with status and length; pins of GPIO are an integer.
 */
#include "field_bits.h"
#include "field_priv.h"

#include <base/string.h>

#define SMBUS_BUFFER 34
#define IPMI_BUFFER  66
#define PRM_BUFFER   26
#define BUS_HEAD     2 /* status, length */

/* AccessAs' AttribRawProcessBytes. */
#define ATTRIBUTE_RAW_PROCESS 15

static unsigned space_of(const struct aml_field *field)
{
	return field->region->region->space;
}

bool aml_transfer_wanted(const struct aml_field *field)
{
	if (field->kind != AML_FIELD_REGION || field->region == NULL ||
	    field->region->type != AML_REGION)
		return false;
	switch (space_of(field)) {
	case AML_SPACE_SMBUS:
	case AML_SPACE_IPMI:
	case AML_SPACE_GENERIC_SERIAL:
	case AML_SPACE_PRM:
	case AML_SPACE_GPIO:
		return true;
	default:
		return false;
	}
}

/* How long the buffer is, by the protocol of generic serial buses. */
static int serial_length(unsigned attribute, size_t *length)
{
	static const uint8_t lengths[][2] = {
		{ 2, 0 },    /* quick */
		{ 4, 1 },    /* send or receive a byte */
		{ 6, 1 },    /* byte */
		{ 8, 2 },    /* word */
		{ 10, 255 }, /* block */
		{ 11, 255 }, /* bytes */
		{ 12, 2 },   /* process call */
		{ 13, 255 }, /* block process call */
		{ 14, 255 }, /* raw bytes */
		{ 15, 255 }, /* raw process bytes */
	};

	for (size_t at = 0; at < array_length(lengths); at++) {
		if (lengths[at][0] == attribute) {
			*length = BUS_HEAD + lengths[at][1];
			return 0;
		}
	}
	return -AML_E_PROTOCOL;
}

static int buffer_length(const struct aml_field *field, size_t *length)
{
	switch (space_of(field)) {
	case AML_SPACE_SMBUS:
		*length = SMBUS_BUFFER;
		return 0;
	case AML_SPACE_IPMI:
		*length = IPMI_BUFFER;
		return 0;
	case AML_SPACE_PRM:
		*length = PRM_BUFFER;
		return 0;
	default:
		return serial_length(field->attribute, length);
	}
}

static int transfer(struct aml *aml, const struct aml_field *field, struct aml_access *access)
{
	if (!field->region->region->known)
		return -AML_E_UNINITIALIZED_NODE;
	access->attribute = field->attribute;
	access->attribute_length = field->attribute_length;
	if (field->connection != NULL && field->connection->type == AML_BUFFER) {
		access->connection = field->connection->data.bytes;
		access->connection_length = field->connection->data.length;
	}
	return aml_region_access(aml, field->region, access);
}

/* Reading and writing: `source` is what is sent, or NULL; *made is what came back. */
static int move_buffer(struct aml *aml, const struct aml_field *field,
		       const struct aml_object *source, struct aml_object **made)
{
	struct aml_access access = { .write = source != NULL };
	int error = buffer_length(field, &access.length);

	if (error == 0)
		error = aml_make_data(aml, AML_BUFFER, access.length, made);
	if (error != 0)
		return error;
	access.address = field->bit_offset / 8;
	access.buffer = (*made)->data.bytes;
	if (source != NULL && source->data.length > 0)
		memcpy(access.buffer, source->data.bytes,
		       min_u64(access.length, source->data.length));
	error = transfer(aml, field, &access);
	if (error != 0) {
		aml_put(aml, *made);
		*made = NULL;
	}
	return error;
}

/* More than 64 pins are more than an integer has. */
static int move_pins(struct aml *aml, const struct aml_field *field, bool write, uint64_t *value)
{
	struct aml_access access = {
		.address = field->pin,
		.bits = (unsigned)field->bit_length,
		.write = write,
		.value = *value,
	};
	int error;

	if (field->bit_length == 0 || field->bit_length > 64)
		return -AML_E_REGION_LIMIT;
	access.value &= aml_low_bits(access.bits);
	error = transfer(aml, field, &access);
	*value = access.value;
	return error;
}

int aml_transfer_read(struct aml *aml, const struct aml_field *field, struct aml_object **value)
{
	uint64_t pins = 0;
	int error;

	if (space_of(field) != AML_SPACE_GPIO) {
		/* What comes back depends on what was sent. */
		if (space_of(field) == AML_SPACE_GENERIC_SERIAL &&
		    field->attribute == ATTRIBUTE_RAW_PROCESS)
			return -AML_E_PROTOCOL;
		return move_buffer(aml, field, NULL, value);
	}
	error = move_pins(aml, field, false, &pins);
	if (error != 0)
		return error;
	*value = aml_make_integer(aml, pins & aml_integer_mask(aml));
	return *value == NULL ? -AML_E_NO_MEMORY : 0;
}

int aml_transfer_write(struct aml *aml, const struct aml_field *field,
		       const struct aml_object *value, struct aml_object **result)
{
	struct aml_object *made;
	uint64_t pins;
	int error;

	if (space_of(field) == AML_SPACE_GPIO) {
		if (value->type != AML_INTEGER)
			return -AML_E_OPERAND_TYPE;
		pins = value->integer;
		return move_pins(aml, field, true, &pins);
	}
	if (value->type != AML_BUFFER)
		return -AML_E_OPERAND_TYPE;
	error = move_buffer(aml, field, value, &made);
	if (error != 0)
		return error;
	if (result != NULL)
		*result = made;
	else
		aml_put(aml, made);
	return 0;
}
