/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Store, CopyObject, and what makes and follows references. */
#include "execute.h"

int aml_do_store(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *source = frame->operands[0].object;

	/* The source is what a Store results in, and is not held otherwise: it can be moved. */
	frame->operands[0].kind = AML_OPERAND_NONE;
	frame->result = source;
	return aml_store(run, source, &frame->operands[1], AML_STORE_STORE, &frame->result);
}

int aml_do_copy_object(struct aml_run *run, struct aml_frame *frame)
{
	int error = aml_object_copy(run->aml, frame->operands[0].object, &frame->result);

	if (error)
		return error;
	return aml_store(run, frame->result, &frame->operands[1], AML_STORE_COPY, NULL);
}

int aml_do_ref_of(struct aml_run *run, struct aml_frame *frame)
{
	return aml_operand_refer(run, frame, 0, &frame->result);
}

int aml_do_cond_ref_of(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *reference;
	int error;

	if (frame->operands[0].kind == AML_OPERAND_NOWHERE)
		return aml_make_result(run->aml, 0, &frame->result);
	error = aml_operand_refer(run, frame, 0, &reference);
	if (error)
		return error;
	error = aml_store(run, reference, &frame->operands[1], AML_STORE_TARGET, NULL);
	aml_put(run->aml, reference);
	return error ? error : aml_make_result(run->aml, UINT64_MAX, &frame->result);
}

/* What a name stands for; devices stand for themselves. Of a method, its object, which can be copied. */
static int follow_node(struct aml *aml, struct aml_node *node, struct aml_object **value)
{
	node = aml_node_resolve(node);
	if (!node)
		return -AML_E_UNINITIALIZED_NODE;
	if (node->type != AML_METHOD || !node->object)
		return aml_node_value(aml, node, value);
	aml_get(node->object);
	*value = node->object;
	return 0;
}

static int follow_index(struct aml_run *run, struct aml_object *reference,
			struct aml_object **value)
{
	struct aml_object *target = reference->reference.object, *element;
	uint32_t index = reference->reference.index;

	if (target->type != AML_PACKAGE) {
		if (index >= target->data.length)
			return target->type == AML_STRING ? -AML_E_STRING_LIMIT
							  : -AML_E_BUFFER_LIMIT;
		return aml_make_result(run->aml, target->data.bytes[index], value);
	}
	element = aml_element(target, index);
	if (!element)
		return -AML_E_UNINITIALIZED_ELEMENT;
	aml_package_complete(run->aml, element);
	aml_get(element);
	*value = element;
	return 0;
}

static int follow_cell(struct aml_object *cell, struct aml_object **value)
{
	struct aml_object *object = cell->reference.object;

	if (!object)
		return -AML_E_UNINITIALIZED_LOCAL;
	aml_get(object);
	*value = object;
	return 0;
}

/* DerefOf a string: the name that it spells. */
static int follow_string(struct aml_run *run, struct aml_frame *frame, struct aml_object *string,
			 struct aml_object **value)
{
	struct aml_node *node;
	int error = aml_path_find(run->aml, frame->scope, (const char *)string->data.bytes, &node);

	return error ? error : aml_node_value(run->aml, node, value);
}

static int follow(struct aml_run *run, struct aml_frame *frame, struct aml_object *object,
		  struct aml_object **value)
{
	if (object->type == AML_STRING)
		return follow_string(run, frame, object, value);
	if (object->type != AML_REFERENCE)
		return -AML_E_TYPE;
	switch (object->reference.kind) {
	case AML_REF_NODE:
		return follow_node(run->aml, object->reference.node, value);
	case AML_REF_INDEX:
		return follow_index(run, object, value);
	case AML_REF_OBJECT:
		return follow_cell(object->reference.object, value);
	default:
		return -AML_E_TYPE;
	}
}

int aml_do_deref_of(struct aml_run *run, struct aml_frame *frame)
{
	const struct aml_operand *operand = &frame->operands[0];
	struct aml_object *object, *held = NULL;
	int error;

	if (operand->kind == AML_OPERAND_NODE) {
		object = operand->node->object;
		if (!object || (object->type != AML_STRING && object->type != AML_REFERENCE))
			return -AML_E_OPERAND_TYPE;
	} else if (operand->kind == AML_OPERAND_OBJECT) {
		object = operand->object;
		if (object->type != AML_STRING && object->type != AML_REFERENCE)
			return -AML_E_OPERAND_TYPE;
	} else {
		error = aml_operand_value(run, operand, true, &held);
		if (error)
			return error;
		object = held;
	}
	error = follow(run, frame, object, &frame->result);
	aml_put(run->aml, held);
	return error;
}

int aml_do_index(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *from = frame->operands[0].object;
	uint64_t index = frame->operands[1].number;
	int error;

	if (from->type == AML_PACKAGE && index >= from->package.count)
		return -AML_E_PACKAGE_LIMIT;
	if (from->type == AML_STRING && index >= from->data.length)
		return -AML_E_STRING_LIMIT;
	if (from->type == AML_BUFFER && index >= from->data.length)
		return -AML_E_BUFFER_LIMIT;
	error = aml_make_reference(run->aml, AML_REF_INDEX, from, NULL, (uint32_t)index,
				   &frame->result);
	if (error)
		return error;
	return aml_store(run, frame->result, &frame->operands[2], AML_STORE_TARGET, NULL);
}

/* Where an operand leads through all references: an object, or a node without one. */
struct base {
	struct aml_object *object; /* borrowed */
	struct aml_node *node;
	enum aml_type type;
};

static int base_of_node(struct aml_node *node, struct base *base)
{
	node = aml_node_resolve(node);
	if (!node)
		return -AML_E_UNINITIALIZED_NODE;
	base->node = node;
	base->object = node->object;
	base->type = node->type == AML_SCOPE ? AML_UNINITIALIZED : node->type;
	if (!base->object && node->type == AML_UNINITIALIZED)
		return -AML_E_UNINITIALIZED_NODE;
	return 0;
}

static int base_of_reference(struct aml_object *reference, struct base *base)
{
	switch (reference->reference.kind) {
	case AML_REF_NODE:
	case AML_REF_NAME:
		return base_of_node(reference->reference.node, base);
	case AML_REF_OBJECT:
		base->object = reference->reference.object->reference.object;
		break;
	case AML_REF_INDEX:
		if (reference->reference.object->type != AML_PACKAGE) {
			base->object = NULL;
			base->type = AML_BUFFER_FIELD;
			return 0;
		}
		base->object = aml_element(reference->reference.object, reference->reference.index);
		break;
	case AML_REF_DEBUG:
		base->object = NULL;
		base->type = AML_DEBUG;
		return 0;
	default:
		base->object = NULL;
	}
	base->type = base->object ? base->object->type : AML_UNINITIALIZED;
	return 0;
}

static int base_of_operand(struct aml_run *run, const struct aml_operand *operand,
			   struct base *base)
{
	switch (operand->kind) {
	case AML_OPERAND_NODE:
		return base_of_node(operand->node, base);
	case AML_OPERAND_OBJECT:
		base->object = operand->object;
		break;
	case AML_OPERAND_LOCAL:
	case AML_OPERAND_ARGUMENT:
		base->object = *aml_operand_slot(run, operand);
		if (base->object && base->object->type == AML_CELL)
			base->object = base->object->reference.object;
		break;
	case AML_OPERAND_DEBUG:
		base->type = AML_DEBUG;
		return 0;
	default:
		return -AML_E_OPERAND_TYPE;
	}
	base->type = base->object ? base->object->type : AML_UNINITIALIZED;
	return 0;
}

static int find_base(struct aml_run *run, const struct aml_operand *operand, struct base *base)
{
	unsigned steps = 0;
	int error;

	*base = (struct base){ .type = AML_UNINITIALIZED };
	error = base_of_operand(run, operand, base);
	while (!error && base->object && base->object->type == AML_REFERENCE) {
		if (++steps > run->aml->limits.depth)
			return -AML_E_CIRCULAR_REFERENCE;
		error = base_of_reference(base->object, base);
	}
	return error;
}

int aml_do_object_type(struct aml_run *run, struct aml_frame *frame)
{
	struct base base;
	int error = find_base(run, &frame->operands[0], &base);

	return error ? error : aml_make_result(run->aml, base.type, &frame->result);
}

int aml_do_size_of(struct aml_run *run, struct aml_frame *frame)
{
	const struct aml_operand *operand = &frame->operands[0];
	struct base base;
	uint64_t size;
	int error = find_base(run, operand, &base);

	if (error)
		return error;
	if (!base.object && operand->kind == AML_OPERAND_LOCAL)
		return -AML_E_UNINITIALIZED_LOCAL;
	if (!base.object && operand->kind == AML_OPERAND_ARGUMENT)
		return -AML_E_UNINITIALIZED_ARGUMENT;
	switch (base.object ? base.object->type : AML_UNINITIALIZED) {
	case AML_INTEGER:
		size = aml_integer_bits(run->aml) / 8;
		break;
	case AML_STRING:
	case AML_BUFFER:
		size = base.object->data.length;
		break;
	case AML_PACKAGE:
		size = base.object->package.count;
		break;
	default:
		return -AML_E_OPERAND_TYPE;
	}
	return aml_make_result(run->aml, size, &frame->result);
}
