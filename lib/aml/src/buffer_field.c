/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields of buffers: CreateField and its like. */
#include "field_bits.h"
#include "field_priv.h"

#include <base/checked.h>

/* Copies runs of bits up to a byte long. */
static void copy_bits(uint8_t *to, uint64_t to_bit, const uint8_t *from, uint64_t length,
		      uint64_t from_bit, uint64_t bits)
{
	for (uint64_t done = 0; done < bits;) {
		unsigned count = (unsigned)min_u64(8, bits - done);

		aml_bits_put(to, to_bit + done, count,
			     aml_bits_get(from, length, from_bit + done, count));
		done += count;
	}
}

/* The bytes are those that the buffer has now: a string, for one, may have become shorter. */
static int check(struct aml *aml, const struct aml_object *field)
{
	const struct aml_object *buffer = field->buffer_field.buffer;

	if (buffer == NULL || (buffer->type != AML_BUFFER && buffer->type != AML_STRING))
		return -AML_E_OPERAND_TYPE;
	if (!range_within(field->buffer_field.bit_offset, field->buffer_field.bit_length,
			  8ull * buffer->data.length))
		return -AML_E_BUFFER_LIMIT;
	/* Bits are slower than bytes. */
	return aml_charge_bytes(aml, field->buffer_field.bit_length);
}

int aml_buffer_field_get(struct aml *aml, const struct aml_object *field, uint8_t *bytes)
{
	const struct aml_object *buffer = field->buffer_field.buffer;
	int error = check(aml, field);

	if (error != 0)
		return error;
	copy_bits(bytes, 0, buffer->data.bytes, buffer->data.length, field->buffer_field.bit_offset,
		  field->buffer_field.bit_length);
	return 0;
}

int aml_buffer_field_put(struct aml *aml, const struct aml_object *field, const uint8_t *bytes,
			 size_t length)
{
	const struct aml_object *buffer = field->buffer_field.buffer;
	int error = check(aml, field);

	if (error != 0)
		return error;
	copy_bits(buffer->data.bytes, field->buffer_field.bit_offset, bytes, length, 0,
		  field->buffer_field.bit_length);
	return 0;
}

int aml_buffer_field_read(struct aml *aml, struct aml_object *field, struct aml_object **value)
{
	uint64_t length = (field->buffer_field.bit_length + 7) / 8;
	uint8_t bytes[8] = { 0 };
	int error;

	if ((field->flags & AML_OBJECT_BYTES) != 0 || length > aml_integer_bits(aml) / 8) {
		error = aml_make_data(aml, AML_BUFFER, length, value);
		if (error != 0)
			return error;
		error = aml_buffer_field_get(aml, field, (*value)->data.bytes);
		if (error != 0) {
			aml_put(aml, *value);
			*value = NULL;
		}
		return error;
	}
	error = aml_buffer_field_get(aml, field, bytes);
	if (error != 0)
		return error;
	*value = aml_make_integer(aml, aml_bits_get(bytes, sizeof(bytes), 0, 64));
	return *value == NULL ? -AML_E_NO_MEMORY : 0;
}

/* A buffer goes into a field of its own that CreateField made: byte by byte, as ACPICA does, each read when the
 * one before has been written. The field lies within. */
static void write_into_itself(struct aml_object *buffer, uint64_t bit_offset, uint64_t bit_length)
{
	const uint8_t *from = buffer->data.bytes;
	uint8_t *to = buffer->data.bytes + bit_offset / 8;
	unsigned shift = bit_offset % 8, carried = 0, wide, mask;
	uint64_t bits = shift + bit_length;

	for (uint64_t at = 0; at * 8 < bits; at++) {
		wide = (unsigned)from[at] << shift;
		mask = bits - at * 8 >= 8 ? 0xff : (1u << (bits - at * 8)) - 1;
		if (at == 0)
			mask &= 0xffu << shift;
		to[at] = (uint8_t)((to[at] & ~mask) | ((wide | carried) & mask));
		carried = wide >> 8;
	}
}

int aml_buffer_field_write(struct aml *aml, struct aml_object *field, struct aml_object *value)
{
	uint8_t integer[8];
	const uint8_t *bytes;
	size_t length;
	struct aml_object *copy = NULL;
	int error = 0;

	/* A buffer that is written into itself is read before, but for fields of bytes. */
	if (value == field->buffer_field.buffer && (field->flags & AML_OBJECT_BYTES)) {
		error = check(aml, field);
		if (error == 0)
			write_into_itself(value, field->buffer_field.bit_offset,
					  field->buffer_field.bit_length);
		return error;
	}
	if (value == field->buffer_field.buffer) {
		error = aml_object_copy(aml, value, &copy);
		value = copy;
	}
	if (error == 0)
		error = aml_value_bytes(value, integer, &bytes, &length);
	if (error == 0)
		error = aml_buffer_field_put(aml, field, bytes, length);
	aml_put(aml, copy);
	return error;
}
