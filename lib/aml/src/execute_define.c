/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What enters names: Name, Alias, Scope, Device and their like, Method, Mutex, Event; buffers and packages. */
#include <base/string.h>

#include "execute.h"

#define OP_DEVICE       0x5b82
#define OP_PROCESSOR    0x5b83
#define OP_THERMAL_ZONE 0x5b85

int aml_define_name(struct aml_run *run, struct aml_frame *frame, const struct aml_name *name,
		    enum aml_type type, struct aml_node **made)
{
	int error = aml_method_claim(run);

	if (error)
		return error;
	error = aml_name_enter(run->aml, frame->scope, name, type, aml_run_owner(run), made);
	if (error)
		aml_log_name(run->aml, aml_error_name(error), name);
	return error;
}

int aml_define(struct aml_run *run, struct aml_frame *frame, unsigned number, enum aml_type type,
	       struct aml_node **made)
{
	return aml_define_name(run, frame, &frame->operands[number].name, type, made);
}

/* Enters a name with an object, which is taken over. */
int aml_define_object(struct aml_run *run, struct aml_frame *frame, unsigned number,
		      struct aml_object *object)
{
	struct aml_node *node;
	int error;

	if (!object)
		return -AML_E_NO_MEMORY;
	error = aml_define(run, frame, number, object->type, &node);
	if (!error)
		aml_node_attach(node, object);
	aml_put(run->aml, object);
	return error;
}

int aml_do_alias(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_node *target = frame->operands[0].node, *node;
	int error = aml_define(run, frame, 1, AML_ALIAS, &node);

	if (error)
		return error;
	aml_node_get(target);
	node->alias = target;
	return 0;
}

/* Data, or a reference that a term results in. Names in packages are looked up later. */
int aml_do_name(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_operand *operand = &frame->operands[1];
	struct aml_object *object;
	int error;

	if (operand->kind == AML_OPERAND_OBJECT && operand->object->references == 1) {
		object = operand->object;
		operand->kind = AML_OPERAND_NONE;
	} else {
		struct aml_object *value;

		error = aml_operand_value(run, operand, true, &value);
		if (error)
			return error;
		error = aml_object_copy(run->aml, value, &object);
		aml_put(run->aml, value);
		if (error)
			return error;
	}
	object->flags &= (uint8_t)~AML_OBJECT_CONSTANT;
	return aml_define_object(run, frame, 0, object);
}

int aml_do_scope(struct aml_run *run, struct aml_frame *frame)
{
	aml_frame_become_block(run, frame, AML_FRAME_BLOCK, frame->operands[0].node);
	return AML_STAYS;
}

static struct aml_object *make_device(struct aml_run *run, const struct aml_frame *frame)
{
	struct aml_object *object;

	if (frame->opcode->opcode == OP_PROCESSOR) {
		object = aml_object_create(run->aml, AML_PROCESSOR);
		if (!object)
			return NULL;
		object->processor.id = (uint8_t)frame->operands[1].number;
		object->processor.address = (uint32_t)frame->operands[2].number;
		object->processor.length = (uint8_t)frame->operands[3].number;
	} else {
		object = aml_object_create(run->aml, AML_POWER_RESOURCE);
		if (!object)
			return NULL;
		object->power.level = (uint8_t)frame->operands[1].number;
		object->power.order = (uint16_t)frame->operands[2].number;
	}
	return object;
}

/* Device, Processor, PowerResource, ThermalZone. */
int aml_do_device(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *object = NULL;
	struct aml_node *node;
	bool bare = frame->opcode->opcode == OP_DEVICE || frame->opcode->opcode == OP_THERMAL_ZONE;
	int error;

	error = aml_define(run, frame, 0,
			   frame->opcode->opcode == OP_THERMAL_ZONE ? AML_THERMAL_ZONE : AML_DEVICE,
			   &node);
	if (error)
		return error;
	if (!bare) {
		object = make_device(run, frame);
		if (!object)
			return -AML_E_NO_MEMORY;
		aml_node_attach(node, object);
		aml_put(run->aml, object);
	}
	aml_frame_become_block(run, frame, AML_FRAME_BLOCK, node);
	return AML_STAYS;
}

static struct aml_object *make_method(struct aml_run *run, const struct aml_frame *frame)
{
	struct aml_object *object = aml_object_create(run->aml, AML_METHOD);
	struct aml_method *method = aml_allocate(run->aml, sizeof(*method));
	unsigned flags = (unsigned)frame->operands[1].number;

	if (!object || !method)
		goto none;
	method->arguments = flags & 7;
	method->serialized = flags & 8;
	method->sync_level = (uint8_t)(flags >> 4);
	method->start = run->at;
	method->end = frame->end;
	method->table = frame->call->table;
	if (method->serialized) {
		method->mutex = aml_mutex_create(run->aml, method->sync_level);
		if (!method->mutex)
			goto none;
	}
	object->method = method;
	return object;
none:
	aml_release(run->aml, method, sizeof(*method));
	if (object)
		object->type = AML_UNINITIALIZED;
	aml_put(run->aml, object);
	return NULL;
}

int aml_do_method(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *method = make_method(run, frame);

	run->at = frame->end;
	return aml_define_object(run, frame, 0, method);
}

int aml_do_buffer(struct aml_run *run, struct aml_frame *frame)
{
	size_t given = (size_t)(frame->end - run->at);
	uint64_t length = frame->operands[0].number;
	struct aml_object *object;
	int error;

	if (length < given)
		length = given;
	if (length > AML_DATA_MAX)
		return -AML_E_NO_MEMORY;
	error = aml_charge_bytes(run->aml, length);
	if (error)
		return error;
	object = aml_object_create_data(run->aml, AML_BUFFER, length);
	if (!object)
		return -AML_E_NO_MEMORY;
	if (given)
		memcpy(object->data.bytes, run->at, given);
	run->at = frame->end;
	frame->result = object;
	return 0;
}

int aml_do_package(struct aml_run *run, struct aml_frame *frame)
{
	uint64_t count = frame->operands[0].number;
	int error;

	if (count > AML_PACKAGE_MAX)
		return -AML_E_NO_MEMORY;
	error = aml_charge_bytes(run->aml, 8 * count);
	if (error)
		return error;
	frame->result = aml_make_package(run->aml, (unsigned)count);
	if (!frame->result)
		return -AML_E_NO_MEMORY;
	aml_frame_become_block(run, frame, AML_FRAME_PACKAGE, NULL);
	return AML_STAYS;
}

int aml_package_name(struct aml_run *run, struct aml_frame *frame)
{
	const uint8_t *start = run->at;
	struct aml_operand operand = { .kind = AML_OPERAND_OBJECT };
	struct aml_object *bytes;
	struct aml_name name;
	int error = aml_code_name(&run->at, frame->end, &name);

	if (error)
		return error;
	bytes = aml_make_buffer(run->aml, start, (size_t)(run->at - start));
	if (!bytes)
		return -AML_E_NO_MEMORY;
	error = aml_make_reference(run->aml, AML_REF_PENDING, bytes, frame->scope, 0,
				   &operand.object);
	aml_put(run->aml, bytes);
	if (error)
		return error;
	if (frame->result)
		frame->result->flags |= AML_OBJECT_PENDING;
	return aml_deliver(run, operand);
}

/* Data. In methods, names are looked up at once, when the package is complete. */
int aml_package_element(struct aml_run *run, struct aml_frame *frame,
			const struct aml_operand *operand, struct aml_object **made)
{
	(void)frame;
	if (operand->kind <= AML_OPERAND_MISSING || operand->kind == AML_OPERAND_NOWHERE) {
		*made = NULL;
		return 0;
	}
	if (operand->kind == AML_OPERAND_OBJECT) {
		operand->object->flags &= (uint8_t)~AML_OBJECT_CONSTANT;
		aml_get(operand->object);
		*made = operand->object;
		return 0;
	}
	return aml_operand_value(run, operand, true, made);
}

int aml_do_mutex(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *object = aml_object_create(run->aml, AML_MUTEX);

	if (!object)
		return -AML_E_NO_MEMORY;
	object->mutex = aml_mutex_create(run->aml, frame->operands[1].number & 15);
	if (!object->mutex) {
		aml_put(run->aml, object);
		return -AML_E_NO_MEMORY;
	}
	return aml_define_object(run, frame, 0, object);
}

int aml_do_event(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *object = aml_object_create(run->aml, AML_EVENT);

	if (!object)
		return -AML_E_NO_MEMORY;
	object->event = aml_allocate(run->aml, sizeof(*object->event));
	if (!object->event) {
		aml_put(run->aml, object);
		return -AML_E_NO_MEMORY;
	}
	return aml_define_object(run, frame, 0, object);
}
