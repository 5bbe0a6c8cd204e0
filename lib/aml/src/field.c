/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fields of regions, also behind bank and index registers (ACPI 6.5, 19.6.46, 19.6.7, 19.6.64).
 *
 * A field is read and written in units of its access width, which are aligned in the region; AnyAcc means
 * bytes, as in ACPICA. A unit that the field does not fill is written by the update rule.
 *
 * Bank, index and data registers are fields themselves, maybe of such kinds: that is followed FIELD_NESTING
 * levels deep.
 */
#include "field_bits.h"
#include "field_priv.h"

#define FIELD_NESTING 8

/* Where a field lies, in units. */
struct span {
	unsigned bytes; /* of a unit */
	unsigned skip;  /* bits of the first unit before the field */
	uint64_t base;  /* the first unit's offset */
	uint64_t bits;  /* the field's */
};

static int find_span(const struct aml_field *field, struct span *span)
{
	unsigned access = field->flags & AML_FIELD_ACCESS;

	if (access > AML_ACCESS_BUFFER)
		return -AML_E_OPERAND_VALUE;
	span->bytes = access >= AML_ACCESS_WORD && access <= AML_ACCESS_QWORD
			      ? 1u << (access - AML_ACCESS_BYTE)
			      : 1;
	span->base = align_down(field->bit_offset / 8, span->bytes);
	span->skip = (unsigned)(field->bit_offset - 8 * span->base);
	span->bits = field->bit_length;
	return 0;
}

static uint64_t register_bits(const struct aml_object *object)
{
	return object->type == AML_BUFFER_FIELD ? object->buffer_field.bit_length
						: object->field->bit_length;
}

static bool is_register(const struct aml_object *object)
{
	return object != NULL &&
	       (object->type == AML_FIELD_UNIT || object->type == AML_BUFFER_FIELD);
}

static int read_bits(struct aml *aml, struct aml_object *object, unsigned depth, uint8_t *bytes,
		     size_t length);
static int write_bits(struct aml *aml, struct aml_object *object, unsigned depth,
		      const uint8_t *bytes, size_t length);

/* Writes a bank or index register. `checked`: what must fit into it. */
static int select(struct aml *aml, struct aml_object *object, unsigned depth, uint64_t value,
		  uint64_t checked)
{
	uint8_t bytes[8];
	int error;

	if (!is_register(object))
		return -AML_E_OPERAND_TYPE;
	if (register_bits(object) < 64 && checked >> register_bits(object) != 0)
		return -AML_E_REGISTER_LIMIT;
	error = aml_charge(aml, 1);
	if (error != 0)
		return error;
	for (unsigned at = 0; at < sizeof(bytes); at++)
		bytes[at] = (uint8_t)(value >> (8 * at));
	return write_bits(aml, object, depth + 1, bytes, sizeof(bytes));
}

/* A unit of the data register of an index field, which is as wide as it likes. */
static int move_data(struct aml *aml, struct aml_object *object, unsigned depth, bool write,
		     uint64_t *value)
{
	uint8_t bytes[8];
	int error;

	if (!is_register(object))
		return -AML_E_OPERAND_TYPE;
	for (unsigned at = 0; at < sizeof(bytes); at++)
		bytes[at] = write ? (uint8_t)(*value >> (8 * at)) : 0;
	if (write)
		return write_bits(aml, object, depth + 1, bytes, sizeof(bytes));
	error = read_bits(aml, object, depth + 1, bytes, sizeof(bytes));
	if (error == 0)
		*value = aml_bits_get(bytes, sizeof(bytes), 0, 64);
	return error;
}

static int move_region(struct aml *aml, const struct aml_field *field, uint64_t offset,
		       unsigned bytes, bool write, uint64_t *value)
{
	const struct aml_region *region;
	struct aml_access access = {
		.address = offset,
		.bits = 8 * bytes,
		.write = write,
		.value = write ? *value & aml_low_bits(8 * bytes) : 0,
		.attribute = field->attribute,
		.attribute_length = field->attribute_length,
	};
	int error;

	if (field->region == NULL || field->region->type != AML_REGION)
		return -AML_E_OPERAND_TYPE;
	region = field->region->region;
	if (!region->known)
		return -AML_E_UNINITIALIZED_NODE;
	if (offset + bytes > region->length)
		return -AML_E_REGION_LIMIT;
	error = aml_region_access(aml, field->region, &access);
	if (error == 0 && !write)
		*value = access.value;
	return error;
}

/* Reads or writes a unit, `at` bytes from the first. */
static int move_unit(struct aml *aml, const struct aml_field *field, unsigned depth,
		     const struct span *span, uint64_t at, bool write, uint64_t *value)
{
	int error = 0;

	switch (field->kind) {
	case AML_FIELD_INDEX:
		error = select(aml, field->index, depth, span->base + at, span->base);
		if (error != 0)
			return error;
		return move_data(aml, field->data, depth, write, value);
	case AML_FIELD_BANK:
		error = select(aml, field->bank, depth, field->bank_value, field->bank_value);
		break;
	case AML_FIELD_REGION:
		break;
	}
	if (error != 0)
		return error;
	return move_region(aml, field, span->base + at, span->bytes, write, value);
}

/*
 * Writes the bits of `mask`; the others as the update rule says. They include those above the unit: a data
 * register may be wider than the units in which it is used.
 */
static int update_unit(struct aml *aml, const struct aml_field *field, unsigned depth,
		       const struct span *span, uint64_t at, uint64_t mask, uint64_t value)
{
	bool whole = (aml_low_bits(8 * span->bytes) & ~mask) == 0;
	uint64_t before = 0;
	int error;

	switch (field->flags & AML_FIELD_UPDATE) {
	case AML_UPDATE_PRESERVE:
		error = whole ? 0 : move_unit(aml, field, depth, span, at, false, &before);
		if (error != 0)
			return error;
		value |= before & ~mask;
		break;
	case AML_UPDATE_ONES:
		value |= ~mask;
		break;
	case AML_UPDATE_ZEROS:
		break;
	default:
		return -AML_E_OPERAND_VALUE;
	}
	return move_unit(aml, field, depth, span, at, true, &value);
}

/* --- All units of a field --- */

/* A field that is just a unit: the value as it came, though a data register may have had more bits. */
static int read_whole(struct aml *aml, const struct aml_field *field, unsigned depth,
		      const struct span *span, uint8_t *bytes, size_t length)
{
	uint64_t value = 0;
	int error = move_unit(aml, field, depth, span, 0, false, &value);

	if (error == 0)
		aml_bits_put(bytes, 0, (unsigned)(8 * min_size(length, 8)), value);
	return error;
}

/* What comes out is shifted against the units: a chunk of it is the end of one and the beginning of the
 * next. */
static int read_chunks(struct aml *aml, const struct aml_field *field, unsigned depth,
		       const struct span *span, uint8_t *bytes)
{
	unsigned width = 8 * span->bytes;
	uint64_t end = span->skip + span->bits, done = 0, chunk = 0;

	for (uint64_t bit = 0; bit < end; bit += width) {
		uint64_t value = 0;
		int error = move_unit(aml, field, depth, span, bit / 8, false, &value);

		if (error != 0)
			return error;
		if (bit > 0) {
			if (span->skip > 0)
				chunk |= value << (width - span->skip);
			if (bit >= span->bits)
				break;
			aml_bits_put(bytes, done, width, chunk);
			done = bit;
		}
		chunk = value >> span->skip;
	}
	aml_bits_put(bytes, done, (unsigned)min_u64(width, span->bits - done), chunk);
	return 0;
}

static int read_units(struct aml *aml, const struct aml_field *field, unsigned depth,
		      uint8_t *bytes, size_t length)
{
	struct span span;
	int error = find_span(field, &span);

	if (error != 0)
		return error;
	if (span.skip == 0 && span.bits == 8 * span.bytes)
		return read_whole(aml, field, depth, &span, bytes, length);
	return read_chunks(aml, field, depth, &span, bytes);
}

static int write_units(struct aml *aml, const struct aml_field *field, unsigned depth,
		       const uint8_t *bytes, size_t length)
{
	struct span span;
	unsigned low;
	int error = find_span(field, &span);

	low = span.skip;
	for (uint64_t done = 0, at = 0; error == 0 && done < span.bits; at += span.bytes) {
		unsigned count = (unsigned)min_u64(8 * span.bytes - low, span.bits - done);
		uint64_t value = aml_bits_get(bytes, length, done, count) << low;

		error = update_unit(aml, field, depth, &span, at, aml_low_bits(count) << low,
				    value);
		done += count;
		low = 0;
	}
	return error;
}

static int read_bits(struct aml *aml, struct aml_object *object, unsigned depth, uint8_t *bytes,
		     size_t length)
{
	if (depth >= FIELD_NESTING)
		return -AML_E_LIMIT;
	if (register_bits(object) > 8 * (uint64_t)length)
		return -AML_E_BUFFER_LIMIT;
	if (object->type == AML_BUFFER_FIELD)
		return aml_buffer_field_get(aml, object, bytes);
	return read_units(aml, object->field, depth, bytes, length);
}

static int write_bits(struct aml *aml, struct aml_object *object, unsigned depth,
		      const uint8_t *bytes, size_t length)
{
	if (depth >= FIELD_NESTING)
		return -AML_E_LIMIT;
	if (object->type == AML_BUFFER_FIELD)
		return aml_buffer_field_put(aml, object, bytes, length);
	return write_units(aml, object->field, depth, bytes, length);
}

/* --- Values --- */

static int read_value(struct aml *aml, struct aml_object *object, struct aml_object **value)
{
	uint64_t length = (object->field->bit_length + 7) / 8;
	uint8_t bytes[8] = { 0 };
	int error;

	if (length > aml_integer_bits(aml) / 8) {
		error = aml_make_data(aml, AML_BUFFER, length, value);
		if (error != 0)
			return error;
		error = read_bits(aml, object, 0, (*value)->data.bytes, length);
		if (error != 0) {
			aml_put(aml, *value);
			*value = NULL;
		}
		return error;
	}
	error = read_bits(aml, object, 0, bytes, sizeof(bytes));
	if (error != 0)
		return error;
	*value = aml_make_integer(aml, aml_bits_get(bytes, sizeof(bytes), 0, 64));
	return *value == NULL ? -AML_E_NO_MEMORY : 0;
}

int aml_field_read(struct aml *aml, struct aml_object *object, struct aml_object **value)
{
	bool locked = (object->field->flags & AML_FIELD_LOCK) != 0;
	int error = locked ? aml_global_lock_acquire(aml) : 0;

	if (error != 0)
		return error;
	/* A handler that is called may remove whose field it is. */
	aml_get(object);
	if (aml_transfer_wanted(object->field))
		error = aml_transfer_read(aml, object->field, value);
	else
		error = read_value(aml, object, value);
	aml_put(aml, object);
	if (locked)
		aml_global_lock_release(aml);
	return error;
}

int aml_value_bytes(const struct aml_object *value, uint8_t integer[8], const uint8_t **bytes,
		    size_t *length)
{
	switch (value->type) {
	case AML_INTEGER:
		for (unsigned at = 0; at < 8; at++)
			integer[at] = (uint8_t)(value->integer >> (8 * at));
		*bytes = integer;
		*length = 8;
		return 0;
	case AML_STRING:
	case AML_BUFFER:
		*bytes = value->data.bytes;
		*length = value->data.length;
		return 0;
	default:
		return -AML_E_OPERAND_TYPE;
	}
}

static int write_value(struct aml *aml, struct aml_object *object, struct aml_object *value)
{
	struct aml_object *copy;
	uint8_t integer[8];
	const uint8_t *bytes;
	size_t length;
	int error;

	/* While a handler is called others may give a string other bytes; a buffer keeps its own. */
	if (value->type == AML_STRING)
		error = aml_to_buffer(aml, value, &copy);
	else
		error = aml_value_bytes(value, integer, &bytes, &length);
	if (error != 0)
		return error;
	if (value->type != AML_STRING)
		return write_bits(aml, object, 0, bytes, length);
	error = write_bits(aml, object, 0, copy->data.bytes, copy->data.length);
	aml_put(aml, copy);
	return error;
}

int aml_field_write(struct aml *aml, struct aml_object *object, struct aml_object *value,
		    struct aml_object **result)
{
	bool locked = (object->field->flags & AML_FIELD_LOCK) != 0;
	int error = locked ? aml_global_lock_acquire(aml) : 0;

	if (result != NULL)
		*result = NULL;
	if (error != 0)
		return error;
	aml_get(object);
	aml_get(value);
	if (aml_transfer_wanted(object->field))
		error = aml_transfer_write(aml, object->field, value, result);
	else
		error = write_value(aml, object, value);
	aml_put(aml, value);
	aml_put(aml, object);
	if (locked)
		aml_global_lock_release(aml);
	return error;
}
