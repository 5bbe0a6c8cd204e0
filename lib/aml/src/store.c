/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Storing: into names (which keep their type: the value is converted), locals and arguments (which take any),
 * elements of packages, bytes of buffers and strings, fields, Debug.
 *
 * What is stored is copied, unless it goes into a local and nothing else holds it.
 */
#include <base/format.h>

#include "execute.h"

/* A copy that can be kept: the object itself where the running term alone holds it. */
static int own(struct aml *aml, struct aml_object *source, struct aml_object **made)
{
	if (source->references == 1 && !source->flags) {
		aml_get(source);
		*made = source;
		return 0;
	}
	return aml_object_copy(aml, source, made);
}

static int store_directly(struct aml *aml, struct aml_object *source, struct aml_node *node)
{
	struct aml_object *copy;
	int error;

	if (node->dead)
		return -AML_E_UNINITIALIZED_NODE;
	error = aml_object_copy(aml, source, &copy);
	if (error)
		return error;
	aml_node_attach(node, copy);
	aml_put(aml, copy);
	return 0;
}

/* What may be stored there but by CopyObject. */
static int check_target(struct aml_node *node, struct aml_object *source, enum aml_store_how how)
{
	if (how == AML_STORE_COPY)
		return 0;
	if (!node->parent)
		return -AML_E_TARGET_TYPE;
	switch (node->type) {
	case AML_PACKAGE:
		return how == AML_STORE_STORE && source->type == AML_PACKAGE ? 0
									     : -AML_E_TARGET_TYPE;
	case AML_DEVICE:
	case AML_EVENT:
	case AML_MUTEX:
	case AML_REGION:
	case AML_POWER_RESOURCE:
	case AML_PROCESSOR:
	case AML_THERMAL_ZONE:
		return -AML_E_TARGET_TYPE;
	default:
		return 0;
	}
}

/* Into an object of a name, in place: arguments of calls may be the same object. */
static int store_converted(struct aml *aml, struct aml_object *source, struct aml_node *node,
			   enum aml_store_how how)
{
	struct aml_object *made, *target = node->object;
	int error;

	if (!target || source->type == AML_TABLE_HANDLE)
		return store_directly(aml, source, node);
	if (how == AML_STORE_FIXED && source->type != target->type) {
		/* Not a copy: what the conversion results in is seen to change with the name. */
		aml_node_attach(node, source);
		return 0;
	}
	error = aml_convert_for_store(aml, source, target, &made);
	if (error)
		return error;
	if (target->type == AML_INTEGER && made->type == AML_INTEGER)
		target->integer = made->integer & aml_integer_mask(aml);
	else if (made != target)
		aml_node_attach(node, made);
	aml_put(aml, made);
	return 0;
}

static int store_node(struct aml *aml, struct aml_object *source, struct aml_node *node,
		      enum aml_store_how how, bool convert, struct aml_object **result)
{
	struct aml_node *target = aml_node_resolve(node);
	bool data = source->type == AML_INTEGER || source->type == AML_STRING ||
		    source->type == AML_BUFFER;
	int error;

	if (!target)
		return -AML_E_UNINITIALIZED_NODE;
	error = check_target(target, source, how);
	if (error)
		return error;
	switch (target->type) {
	case AML_INTEGER:
	case AML_STRING:
	case AML_BUFFER:
		if (how != AML_STORE_COPY && !data && source->type != AML_TABLE_HANDLE)
			return -AML_E_OPERAND_TYPE;
		return how == AML_STORE_COPY || !convert
			       ? store_directly(aml, source, target)
			       : store_converted(aml, source, target, how);
	case AML_BUFFER_FIELD:
		if (!data)
			return -AML_E_OPERAND_TYPE;
		return aml_buffer_field_write(aml, target->object, source);
	case AML_FIELD_UNIT:
		if (!data)
			return -AML_E_OPERAND_TYPE;
		return aml_field_write(aml, target->object, source, result);
	default:
		return store_directly(aml, source, target);
	}
}

static int store_cell(struct aml *aml, struct aml_object *source, struct aml_object *cell)
{
	struct aml_object *copy, *before = cell->reference.object;
	int error = own(aml, source, &copy);

	if (error)
		return error;
	cell->reference.object = copy;
	aml_put(aml, before);
	return 0;
}

/* Arguments that refer to something (by RefOf) pass the store on. */
static int store_slot(struct aml_run *run, struct aml_object *source,
		      const struct aml_operand *target, enum aml_store_how how,
		      struct aml_object **result)
{
	struct aml_object **slot = aml_operand_slot(run, target), *cell, *before, *copy;
	int error;

	cell = *slot && (*slot)->type == AML_CELL ? *slot : NULL;
	before = cell ? cell->reference.object : *slot;
	if (before == source)
		return 0;
	if (target->kind == AML_OPERAND_ARGUMENT && before && before->type == AML_REFERENCE) {
		if (before->reference.kind == AML_REF_NODE)
			return store_node(run->aml, source, before->reference.node, how, false,
					  result);
		if (before->reference.kind == AML_REF_OBJECT)
			return store_cell(run->aml, source, before->reference.object);
	}
	if (cell)
		return store_cell(run->aml, source, cell);
	error = own(run->aml, source, &copy);
	if (error)
		return error;
	*slot = copy;
	aml_put(run->aml, before);
	return 0;
}

static int store_byte(struct aml_object *source, struct aml_object *target, uint32_t index)
{
	uint8_t byte;

	if (index >= target->data.length)
		return target->type == AML_STRING ? -AML_E_STRING_LIMIT : -AML_E_BUFFER_LIMIT;
	switch (source->type) {
	case AML_INTEGER:
		byte = (uint8_t)source->integer;
		break;
	case AML_STRING:
	case AML_BUFFER:
		byte = source->data.bytes[0];
		break;
	default:
		return -AML_E_OPERAND_TYPE;
	}
	target->data.bytes[index] = byte;
	return 0;
}

static int store_index(struct aml *aml, struct aml_object *source, struct aml_object *reference)
{
	struct aml_object *target = reference->reference.object, *copy;
	uint32_t index = reference->reference.index;
	int error;

	if (target->type != AML_PACKAGE)
		return store_byte(source, target, index);
	error = aml_object_copy(aml, source, &copy);
	if (error)
		return error;
	aml_set_element(aml, target, index, copy);
	return 0;
}

static int store_reference(struct aml_run *run, struct aml_object *source,
			   struct aml_object *target, enum aml_store_how how,
			   struct aml_object **result)
{
	if (target->type == AML_INTEGER && (target->flags & AML_OBJECT_CONSTANT))
		return 0;
	if (target->type != AML_REFERENCE)
		return -AML_E_OPERAND_TYPE;
	switch (target->reference.kind) {
	case AML_REF_NODE:
		return store_node(run->aml, source, target->reference.node, how, true, result);
	case AML_REF_OBJECT:
		return store_cell(run->aml, source, target->reference.object);
	case AML_REF_INDEX:
		return store_index(run->aml, source, target);
	case AML_REF_DEBUG:
		aml_debug(run, source);
		return 0;
	default:
		return -AML_E_INTERNAL;
	}
}

int aml_store(struct aml_run *run, struct aml_object *source, const struct aml_operand *target,
	      enum aml_store_how how, struct aml_object **result)
{
	struct aml_object *other = NULL;
	int error;

	switch (target->kind) {
	case AML_OPERAND_NOWHERE:
		return 0;
	case AML_OPERAND_NODE:
		error = store_node(run->aml, source, target->node, how, true, &other);
		break;
	case AML_OPERAND_LOCAL:
	case AML_OPERAND_ARGUMENT:
		error = store_slot(run, source, target, how, &other);
		break;
	case AML_OPERAND_DEBUG:
		aml_debug(run, source);
		return 0;
	case AML_OPERAND_OBJECT:
		error = store_reference(run, source, target->object, how, &other);
		break;
	default:
		return -AML_E_NO_OPERAND;
	}
	if (other && result && !error) {
		aml_put(run->aml, *result);
		*result = other;
	} else {
		aml_put(run->aml, other);
	}
	return error;
}

static void debug_bytes(struct aml *aml, const struct aml_object *object)
{
	char text[16 * 3 + 1];
	unsigned at = 0;

	for (uint32_t i = 0; i < object->data.length && i < 16; i++, at += 3)
		snprintf(text + at, 4, " %02X", object->data.bytes[i]);
	text[at] = 0;
	aml_log(aml, AML_LOG_DEBUG, "Buffer %u:%s%s", object->data.length, text,
		object->data.length > 16 ? " ..." : "");
}

void aml_debug(struct aml_run *run, const struct aml_object *object)
{
	struct aml *aml = run->aml;

	switch (object->type) {
	case AML_INTEGER:
		aml_log(aml, AML_LOG_DEBUG, "Integer 0x%llX", (unsigned long long)object->integer);
		break;
	case AML_STRING:
		aml_log(aml, AML_LOG_DEBUG, "String \"%s\"", (const char *)object->data.bytes);
		break;
	case AML_BUFFER:
		debug_bytes(aml, object);
		break;
	case AML_PACKAGE:
		aml_log(aml, AML_LOG_DEBUG, "Package of %u", object->package.count);
		break;
	default:
		aml_log(aml, AML_LOG_DEBUG, "Object of type %u", object->type);
	}
}
