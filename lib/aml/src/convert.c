/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Conversions between integers, strings and buffers (ACPI 6.5, 19.3.5), and binary coded decimals.
 *
 * Text of a value is made in two passes: its length is counted, then it is written. The time that
 * conversions take is charged by the bytes they look at.
 */
#include "aml_priv.h"

#include <base/string.h>

static bool is_space(uint8_t byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static unsigned digit_of(uint8_t byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10u : 16;
}

/* Leading digits; those that do not fit any more are left out, as ACPICA does. */
static uint64_t parse_digits(const uint8_t *text, size_t length, unsigned base, uint64_t limit)
{
	uint64_t value = 0;

	for (size_t at = 0; at < length; at++) {
		unsigned digit = digit_of(text[at]);

		if (digit >= base || value > (limit - digit) / base)
			break;
		value = value * base + digit;
	}
	return value;
}

/* White space is skipped. Implicitly, all is hexadecimal; ToInteger wants a 0x for that. */
static uint64_t parse_integer(const uint8_t *text, size_t length, enum aml_conversion how,
			      uint64_t limit)
{
	unsigned base = how == AML_IMPLICIT ? 16 : 10;

	while (length > 0 && is_space(*text)) {
		text++;
		length--;
	}
	if (length >= 2 && text[0] == '0' && (text[1] | 0x20) == 'x') {
		base = 16;
		text += 2;
		length -= 2;
	}
	return parse_digits(text, length, base, limit);
}

static int buffer_to_integer(struct aml *aml, const struct aml_object *buffer, uint64_t *value)
{
	unsigned bytes = aml_integer_bits(aml) / 8;

	if (buffer->data.length == 0)
		return -AML_E_BUFFER_LIMIT;
	*value = 0;
	for (unsigned at = 0; at < bytes && at < buffer->data.length; at++)
		*value |= (uint64_t)buffer->data.bytes[at] << (8 * at);
	return 0;
}

int aml_charge_bytes(struct aml *aml, uint64_t bytes)
{
	return bytes < 64 ? 0 : aml_charge(aml, bytes / 64);
}

int aml_to_integer(struct aml *aml, struct aml_object *from, enum aml_conversion how,
		   uint64_t *value)
{
	int error;

	switch (from->type) {
	case AML_INTEGER:
		*value = from->integer & aml_integer_mask(aml);
		return 0;
	case AML_STRING:
		error = aml_charge_bytes(aml, from->data.length);
		if (error != 0)
			return error;
		*value = parse_integer(from->data.bytes, from->data.length, how,
				       aml_integer_mask(aml));
		return 0;
	case AML_BUFFER:
		return buffer_to_integer(aml, from, value);
	default:
		return -AML_E_OPERAND_TYPE;
	}
}

int aml_make_data(struct aml *aml, enum aml_type type, uint64_t length, struct aml_object **made)
{
	int error;

	if (length > AML_DATA_MAX)
		return type == AML_STRING ? -AML_E_STRING_LIMIT : -AML_E_BUFFER_LIMIT;
	error = aml_charge_bytes(aml, length);
	if (error != 0)
		return error;
	*made = aml_object_create_data(aml, type, length);
	return *made == NULL ? -AML_E_NO_MEMORY : 0;
}

/* --- To text --- */

static const char hexadecimal[] = "0123456789ABCDEF";

/* Writes as many digits as there is room for, the last ones. */
static void write_hexadecimal(uint8_t *text, unsigned digits, uint64_t value)
{
	for (; digits > 0; value >>= 4)
		text[--digits] = (uint8_t)hexadecimal[value & 15];
}

static unsigned count_decimal(uint64_t value)
{
	unsigned digits = 1;

	for (; value >= 10; value /= 10)
		digits++;
	return digits;
}

static void write_decimal(uint8_t *text, unsigned digits, uint64_t value)
{
	for (; digits > 0; value /= 10)
		text[--digits] = (uint8_t)('0' + value % 10);
}

static int integer_to_hexadecimal(struct aml *aml, uint64_t value, struct aml_object **made)
{
	unsigned digits = aml_integer_bits(aml) / 4;
	int error = aml_make_data(aml, AML_STRING, digits, made);

	if (error == 0)
		write_hexadecimal((*made)->data.bytes, digits, value);
	return error;
}

static int integer_to_decimal(struct aml *aml, uint64_t value, struct aml_object **made)
{
	unsigned digits = count_decimal(value);
	int error = aml_make_data(aml, AML_STRING, digits, made);

	if (error == 0)
		write_decimal((*made)->data.bytes, digits, value);
	return error;
}

/* "0x01 0x02": ACPICA's form, of which ACPI's strings without 0x are an older one. */
static int buffer_to_hexadecimal(struct aml *aml, const struct aml_object *buffer,
				 uint8_t separator, struct aml_object **made)
{
	uint64_t length = 5ull * buffer->data.length;
	uint8_t *text;
	int error;

	error = aml_make_data(aml, AML_STRING, length == 0 ? 0 : length - 1, made);
	if (error != 0)
		return error;
	text = (*made)->data.bytes;
	for (uint32_t at = 0; at < buffer->data.length; at++, text += 5) {
		if (at > 0)
			text[-1] = separator;
		text[0] = '0';
		text[1] = 'x';
		write_hexadecimal(text + 2, 2, buffer->data.bytes[at]);
	}
	return 0;
}

static int buffer_to_decimal(struct aml *aml, const struct aml_object *buffer,
			     struct aml_object **made)
{
	uint64_t length = 0;
	uint8_t *text;
	int error;

	for (uint32_t at = 0; at < buffer->data.length; at++)
		length += 1 + count_decimal(buffer->data.bytes[at]);
	error = aml_make_data(aml, AML_STRING, length == 0 ? 0 : length - 1, made);
	if (error != 0)
		return error;
	text = (*made)->data.bytes;
	for (uint32_t at = 0; at < buffer->data.length; at++) {
		unsigned digits = count_decimal(buffer->data.bytes[at]);

		if (at > 0)
			*text++ = ',';
		write_decimal(text, digits, buffer->data.bytes[at]);
		text += digits;
	}
	return 0;
}

static int share(struct aml_object *object, struct aml_object **made)
{
	aml_get(object);
	*made = object;
	return 0;
}

int aml_to_string(struct aml *aml, struct aml_object *from, struct aml_object **made)
{
	switch (from->type) {
	case AML_INTEGER:
		return integer_to_hexadecimal(aml, from->integer, made);
	case AML_STRING:
		return share(from, made);
	case AML_BUFFER:
		return buffer_to_hexadecimal(aml, from, ' ', made);
	default:
		return -AML_E_OPERAND_TYPE;
	}
}

int aml_to_hex_string(struct aml *aml, struct aml_object *from, struct aml_object **made)
{
	if (from->type == AML_BUFFER)
		return buffer_to_hexadecimal(aml, from, ',', made);
	return aml_to_string(aml, from, made);
}

int aml_to_decimal_string(struct aml *aml, struct aml_object *from, struct aml_object **made)
{
	switch (from->type) {
	case AML_INTEGER:
		return integer_to_decimal(aml, from->integer & aml_integer_mask(aml), made);
	case AML_STRING:
		return share(from, made);
	case AML_BUFFER:
		return buffer_to_decimal(aml, from, made);
	default:
		return -AML_E_OPERAND_TYPE;
	}
}

/* --- To buffers, and back --- */

static int integer_to_buffer(struct aml *aml, uint64_t value, struct aml_object **made)
{
	unsigned bytes = aml_integer_bits(aml) / 8;
	int error = aml_make_data(aml, AML_BUFFER, bytes, made);

	for (unsigned at = 0; error == 0 && at < bytes; at++)
		(*made)->data.bytes[at] = (uint8_t)(value >> (8 * at));
	return error;
}

int aml_to_buffer(struct aml *aml, struct aml_object *from, struct aml_object **made)
{
	int error;

	switch (from->type) {
	case AML_INTEGER:
		return integer_to_buffer(aml, from->integer, made);
	case AML_STRING:
		/* Its terminator becomes part of the buffer. */
		error = aml_make_data(aml, AML_BUFFER, from->data.length + 1ull, made);
		if (error == 0)
			memcpy((*made)->data.bytes, from->data.bytes, from->data.length);
		return error;
	case AML_BUFFER:
		return share(from, made);
	default:
		return -AML_E_OPERAND_TYPE;
	}
}

int aml_buffer_to_string(struct aml *aml, struct aml_object *from, uint64_t length,
			 struct aml_object **made)
{
	struct aml_object *buffer;
	const uint8_t *end;
	int error;

	error = aml_to_buffer(aml, from, &buffer);
	if (error != 0)
		return error;
	length = min_u64(length, buffer->data.length);
	end = length == 0 ? NULL : memchr(buffer->data.bytes, 0, length);
	if (end != NULL)
		length = (uint64_t)(end - buffer->data.bytes);
	error = aml_make_data(aml, AML_STRING, length, made);
	if (error == 0 && length > 0)
		memcpy((*made)->data.bytes, buffer->data.bytes, length);
	aml_put(aml, buffer);
	return error;
}

/* --- Stores --- */

/* Gives the target bytes of its own; the object stays, because references and buffer fields lead there. */
static int replace_data(struct aml *aml, struct aml_object *target, const struct aml_object *value)
{
	uint8_t *bytes = target->data.bytes;
	uint32_t length = target->data.length;
	struct aml_object *fresh;
	int error;

	error = aml_make_data(aml, target->type, value->data.length, &fresh);
	if (error != 0)
		return error;
	if (value->data.length > 0)
		memcpy(fresh->data.bytes, value->data.bytes, value->data.length);
	target->data = fresh->data;
	fresh->data.bytes = bytes;
	fresh->data.length = length;
	aml_put(aml, fresh);
	return 0;
}

/* A buffer keeps its length: what is stored is cut, or followed by zeros. An empty one takes all. */
static int store_into_buffer(struct aml *aml, struct aml_object *target,
			     const struct aml_object *value)
{
	uint32_t room = target->data.length;
	uint32_t length = (uint32_t)min_u64(room, value->data.length);
	int error;

	if (room == 0)
		return replace_data(aml, target, value);
	error = aml_charge_bytes(aml, room);
	if (error != 0)
		return error;
	memcpy(target->data.bytes, value->data.bytes, length);
	memset(target->data.bytes + length, 0, room - length);
	return 0;
}

static int store_integer(struct aml *aml, struct aml_object *value, struct aml_object **made)
{
	uint64_t integer;
	int error = aml_to_integer(aml, value, AML_IMPLICIT, &integer);

	if (error != 0)
		return error;
	*made = aml_make_integer(aml, integer);
	return *made == NULL ? -AML_E_NO_MEMORY : 0;
}

int aml_convert_for_store(struct aml *aml, struct aml_object *value, struct aml_object *target,
			  struct aml_object **made)
{
	struct aml_object *converted;
	int error;

	if (target->type == AML_INTEGER)
		return store_integer(aml, value, made);
	if (target->type == AML_STRING)
		error = aml_to_string(aml, value, &converted);
	else if (target->type == AML_BUFFER)
		error = aml_to_buffer(aml, value, &converted);
	else
		return -AML_E_TARGET_TYPE;
	if (error != 0)
		return error;
	if (converted == target)
		error = 0;
	else if (target->type == AML_STRING)
		error = replace_data(aml, target, converted);
	else
		error = store_into_buffer(aml, target, converted);
	aml_put(aml, converted);
	return error != 0 ? error : share(target, made);
}

/* --- Binary coded decimals --- */

int aml_from_bcd(struct aml *aml, uint64_t bcd, uint64_t *value)
{
	uint64_t power = 1;

	*value = 0;
	for (bcd &= aml_integer_mask(aml); bcd != 0; bcd >>= 4, power *= 10) {
		unsigned digit = bcd & 15;

		if (digit > 9)
			return -AML_E_AML_NUMERIC_OVERFLOW;
		*value += digit * power;
	}
	return 0;
}

int aml_to_bcd(struct aml *aml, uint64_t value, uint64_t *bcd)
{
	unsigned bits = aml_integer_bits(aml);

	*bcd = 0;
	for (unsigned shift = 0; value != 0; shift += 4, value /= 10) {
		if (shift == bits)
			return -AML_E_AML_NUMERIC_OVERFLOW;
		*bcd |= value % 10 << shift;
	}
	return 0;
}
