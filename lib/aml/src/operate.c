/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operators on values: arithmetic, comparisons, strings, buffers, resource templates, Match. */
#include "aml_priv.h"

#include <aml/resource.h>
#include <base/string.h>

/* --- Integers --- */

int aml_operate(struct aml *aml, unsigned opcode, uint64_t a, uint64_t b, uint64_t *result)
{
	unsigned bits = aml_integer_bits(aml);
	uint64_t mask = aml_integer_mask(aml);
	uint64_t value;

	a &= mask;
	b &= mask;
	switch (opcode) {
	case AML_OPERATOR_ADD:
		value = a + b;
		break;
	case AML_OPERATOR_SUBTRACT:
		value = a - b;
		break;
	case AML_OPERATOR_MULTIPLY:
		value = a * b;
		break;
	case AML_OPERATOR_SHIFT_LEFT:
		value = b >= bits ? 0 : a << b;
		break;
	case AML_OPERATOR_SHIFT_RIGHT:
		value = b >= bits ? 0 : a >> b;
		break;
	case AML_OPERATOR_AND:
		value = a & b;
		break;
	case AML_OPERATOR_NAND:
		value = ~(a & b);
		break;
	case AML_OPERATOR_OR:
		value = a | b;
		break;
	case AML_OPERATOR_NOR:
		value = ~(a | b);
		break;
	case AML_OPERATOR_XOR:
		value = a ^ b;
		break;
	case AML_OPERATOR_MOD:
		if (b == 0)
			return -AML_E_DIVIDE_BY_ZERO;
		value = a % b;
		break;
	default:
		return -AML_E_BAD_OPCODE;
	}
	*result = value;
	return 0;
}

/* --- Comparisons --- */

/* Below 0, 0 or above 0 as a is less than, equal to or greater than b; the shorter is less where it ends. */
static int compare_data(struct aml *aml, const struct aml_object *a, const struct aml_object *b,
			int *order)
{
	uint32_t length = (uint32_t)min_u64(a->data.length, b->data.length);
	int error = aml_charge_bytes(aml, length);

	if (error != 0)
		return error;
	*order = length == 0 ? 0 : memcmp(a->data.bytes, b->data.bytes, length);
	if (*order == 0)
		*order = (a->data.length > b->data.length) - (a->data.length < b->data.length);
	return 0;
}

static int compare_integers(struct aml *aml, const struct aml_object *a, struct aml_object *b,
			    int *order)
{
	uint64_t mine = a->integer & aml_integer_mask(aml);
	uint64_t theirs;
	int error = aml_to_integer(aml, b, AML_IMPLICIT, &theirs);

	if (error == 0)
		*order = (mine > theirs) - (mine < theirs);
	return error;
}

static int compare(struct aml *aml, struct aml_object *a, struct aml_object *b, int *order)
{
	struct aml_object *converted;
	int error;

	switch (a->type) {
	case AML_INTEGER:
		return compare_integers(aml, a, b, order);
	case AML_STRING:
		error = aml_to_string(aml, b, &converted);
		break;
	case AML_BUFFER:
		error = aml_to_buffer(aml, b, &converted);
		break;
	default:
		return -AML_E_OPERAND_TYPE;
	}
	if (error != 0)
		return error;
	error = compare_data(aml, a, converted, order);
	aml_put(aml, converted);
	return error;
}

int aml_compare(struct aml *aml, unsigned opcode, struct aml_object *a, struct aml_object *b,
		bool *result)
{
	int order = 0;
	int error = compare(aml, a, b, &order);

	if (error != 0)
		return error;
	switch (opcode) {
	case AML_OPERATOR_EQUAL:
		*result = order == 0;
		return 0;
	case AML_OPERATOR_GREATER:
		*result = order > 0;
		return 0;
	case AML_OPERATOR_LESS:
		*result = order < 0;
		return 0;
	default:
		return -AML_E_BAD_OPCODE;
	}
}

/* --- Concatenate --- */

static bool is_data(const struct aml_object *object)
{
	return object->type == AML_INTEGER || object->type == AML_STRING ||
	       object->type == AML_BUFFER;
}

/* What Concatenate calls objects that have no value that could be converted. */
static const char *type_name(const struct aml_object *object)
{
	static const char *const names[] = {
		[AML_UNINITIALIZED] = "Uninitialized",
		[AML_INTEGER] = "Integer",
		[AML_STRING] = "String",
		[AML_BUFFER] = "Buffer",
		[AML_PACKAGE] = "Package",
		[AML_FIELD_UNIT] = "FieldUnit",
		[AML_DEVICE] = "Device",
		[AML_EVENT] = "Event",
		[AML_METHOD] = "Method",
		[AML_MUTEX] = "Mutex",
		[AML_REGION] = "Region",
		[AML_POWER_RESOURCE] = "Power",
		[AML_PROCESSOR] = "Processor",
		[AML_THERMAL_ZONE] = "Thermal",
		[AML_BUFFER_FIELD] = "BufferField",
		[AML_TABLE_HANDLE] = "DdbHandle",
		[AML_DEBUG] = "DebugObject",
		[AML_REFERENCE] = "Reference",
		[AML_SCOPE] = "Scope",
		[AML_ALIAS] = "Alias",
	};
	unsigned type = object->type;

	/* A name of something without a value stands for that. */
	if (type == AML_REFERENCE && object->reference.kind == AML_REF_NAME)
		type = object->reference.node->type;
	return type < array_length(names) && names[type] != NULL ? names[type] : "Reference";
}

/* Data as it is, "[Device Object]" of others; *made is a reference. */
static int data_or_description(struct aml *aml, struct aml_object *object, struct aml_object **made)
{
	static const char end[] = " Object]";
	const char *name;
	size_t length;
	int error;

	if (is_data(object)) {
		aml_get(object);
		*made = object;
		return 0;
	}
	name = type_name(object);
	length = strlen(name);
	error = aml_make_data(aml, AML_STRING, length + sizeof(end), made);
	if (error != 0)
		return error;
	(*made)->data.bytes[0] = '[';
	memcpy((*made)->data.bytes + 1, name, length);
	memcpy((*made)->data.bytes + 1 + length, end, sizeof(end) - 1);
	return 0;
}

static int join(struct aml *aml, const struct aml_object *a, const struct aml_object *b,
		struct aml_object **made)
{
	int error = aml_make_data(aml, a->type, (uint64_t)a->data.length + b->data.length, made);

	if (error != 0)
		return error;
	if (a->data.length > 0)
		memcpy((*made)->data.bytes, a->data.bytes, a->data.length);
	if (b->data.length > 0)
		memcpy((*made)->data.bytes + a->data.length, b->data.bytes, b->data.length);
	return 0;
}

/* The second integer's bytes follow the first one's. */
static int join_integers(struct aml *aml, const struct aml_object *a, struct aml_object *b,
			 struct aml_object **made)
{
	unsigned width = aml_integer_bits(aml) / 8;
	uint64_t value;
	int error = aml_to_integer(aml, b, AML_IMPLICIT, &value);

	if (error == 0)
		error = aml_make_data(aml, AML_BUFFER, 2 * width, made);
	for (unsigned at = 0; error == 0 && at < width; at++) {
		(*made)->data.bytes[at] = (uint8_t)(a->integer >> (8 * at));
		(*made)->data.bytes[width + at] = (uint8_t)(value >> (8 * at));
	}
	return error;
}

static int concatenate_data(struct aml *aml, struct aml_object *a, struct aml_object *b,
			    struct aml_object **made)
{
	struct aml_object *converted;
	int error;

	if (a->type == AML_INTEGER)
		return join_integers(aml, a, b, made);
	if (a->type == AML_STRING)
		error = aml_to_string(aml, b, &converted);
	else
		error = aml_to_buffer(aml, b, &converted);
	if (error != 0)
		return error;
	error = join(aml, a, converted, made);
	aml_put(aml, converted);
	return error;
}

int aml_concatenate(struct aml *aml, struct aml_object *a, struct aml_object *b,
		    struct aml_object **made)
{
	struct aml_object *first, *second;
	int error;

	error = data_or_description(aml, a, &first);
	if (error != 0)
		return error;
	error = data_or_description(aml, b, &second);
	if (error == 0) {
		error = concatenate_data(aml, first, second, made);
		aml_put(aml, second);
	}
	aml_put(aml, first);
	return error;
}

/* --- Resource templates --- */

#define END_TAG_SIZE 2

/* Bytes before the end tag. An empty buffer is a template, too. */
static int template_length(const struct aml_object *template, size_t *length)
{
	*length = 0;
	if (template->data.length == 0)
		return 0;
	if (template->data.length < END_TAG_SIZE)
		return -AML_E_NO_RESOURCE_END_TAG;
	return aml_resource_end(template->data.bytes, template->data.length, length);
}

static int join_templates(struct aml *aml, const struct aml_object *a, const struct aml_object *b,
			  struct aml_object **made)
{
	size_t first, second;
	uint8_t *bytes;
	int error;

	error = template_length(a, &first);
	if (error == 0)
		error = template_length(b, &second);
	if (error == 0)
		error = aml_make_data(aml, AML_BUFFER, first + second + END_TAG_SIZE, made);
	if (error != 0)
		return error;
	bytes = (*made)->data.bytes;
	if (first > 0)
		memcpy(bytes, a->data.bytes, first);
	if (second > 0)
		memcpy(bytes + first, b->data.bytes, second);
	bytes[first + second] = 0x79; /* end tag, whose checksum 0 is not to be looked at */
	return 0;
}

int aml_concatenate_resources(struct aml *aml, struct aml_object *a, struct aml_object *b,
			      struct aml_object **made)
{
	struct aml_object *first, *second;
	int error;

	error = aml_to_buffer(aml, a, &first);
	if (error != 0)
		return error;
	error = aml_to_buffer(aml, b, &second);
	if (error == 0) {
		error = join_templates(aml, first, second, made);
		aml_put(aml, second);
	}
	aml_put(aml, first);
	return error;
}

/* --- Mid, Match --- */

int aml_mid(struct aml *aml, struct aml_object *from, uint64_t index, uint64_t length,
	    struct aml_object **made)
{
	struct aml_object *data = from;
	int error;

	if (from->type == AML_STRING)
		aml_get(from);
	else if ((error = aml_to_buffer(aml, from, &data)) != 0)
		return error;
	index = min_u64(index, data->data.length);
	length = min_u64(length, data->data.length - index);
	error = aml_make_data(aml, data->type, length, made);
	if (error == 0 && length > 0)
		memcpy((*made)->data.bytes, data->data.bytes + index, length);
	aml_put(aml, data);
	return error;
}

/* What cannot be compared does not match. The operand is the first of the comparison, so that the element is
 * what is converted. */
static bool matches(struct aml *aml, unsigned code, struct aml_object *element,
		    struct aml_object *operand)
{
	int order;

	if (code == AML_MATCH_TRUE)
		return true;
	if (compare(aml, operand, element, &order) != 0)
		return false;
	switch (code) {
	case AML_MATCH_EQUAL:
		return order == 0;
	case AML_MATCH_LESS_EQUAL:
		return order >= 0;
	case AML_MATCH_LESS:
		return order > 0;
	case AML_MATCH_GREATER_EQUAL:
		return order <= 0;
	default:
		return order < 0;
	}
}

int aml_match(struct aml *aml, struct aml_object *package, unsigned operator1,
	      struct aml_object *operand1, unsigned operator2, struct aml_object *operand2,
	      uint64_t start, uint64_t *index)
{
	if (operator1 > AML_MATCH_GREATER || operator2 > AML_MATCH_GREATER)
		return -AML_E_OPERAND_VALUE;
	if (start >= package->package.count)
		return -AML_E_PACKAGE_LIMIT;
	for (uint64_t at = start; at < package->package.count; at++) {
		struct aml_object *element = package->package.elements[at];
		int error = at % 16 == 15 ? aml_charge(aml, 1) : 0;

		if (error != 0)
			return error;
		if (element != NULL && matches(aml, operator1, element, operand1) &&
		    matches(aml, operator2, element, operand2)) {
			*index = at;
			return 0;
		}
	}
	*index = aml_integer_mask(aml);
	return 0;
}
