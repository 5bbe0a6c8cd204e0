/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control flow: If, Else, While, Break, Continue, Return, calls; and what the host is told. */
#include "execute.h"

#define OP_ELSE 0xa1

int aml_do_nothing(struct aml_run *run, struct aml_frame *frame)
{
	(void)run;
	(void)frame;
	return 0;
}

/* When the condition does not hold, the Else that follows becomes the block. */
int aml_do_if(struct aml_run *run, struct aml_frame *frame)
{
	const uint8_t *end = frame->below->end;
	int error;

	if (!frame->operands[0].number) {
		run->at = frame->end;
		if (run->at >= end || *run->at != OP_ELSE)
			return 0;
		run->at++;
		error = aml_code_package(&run->at, end, &frame->end);
		if (error)
			return error;
	}
	aml_frame_become_block(run, frame, AML_FRAME_BLOCK, NULL);
	return AML_STAYS;
}

/* What stands behind the block of an If that was gone through; or without one. */
int aml_do_else(struct aml_run *run, struct aml_frame *frame)
{
	run->at = frame->end;
	return 0;
}

int aml_do_while(struct aml_run *run, struct aml_frame *frame)
{
	if (!frame->operands[0].number) {
		run->at = frame->end;
		return 0;
	}
	if (!frame->began)
		frame->began = aml_now(run->aml) + 1;
	aml_frame_become_block(run, frame, AML_FRAME_WHILE, NULL);
	return AML_STAYS;
}

/* Leaves what is on top of the While around; its frame, or NULL. */
static struct aml_frame *leave_to_while(struct aml_run *run)
{
	struct aml_frame *frame = run->top;

	while (frame && frame->kind != AML_FRAME_WHILE && frame->kind != AML_FRAME_CALL &&
	       frame->kind != AML_FRAME_LOAD)
		frame = frame->below;
	if (!frame || frame->kind != AML_FRAME_WHILE)
		return NULL;
	while (run->top != frame)
		aml_frame_pop(run);
	return frame;
}

int aml_do_continue(struct aml_run *run, struct aml_frame *frame)
{
	frame = leave_to_while(run);
	if (!frame)
		return -AML_E_NO_WHILE;
	run->at = frame->end;
	return AML_STAYS;
}

int aml_do_break(struct aml_run *run, struct aml_frame *frame)
{
	frame = leave_to_while(run);
	if (!frame)
		return -AML_E_NO_WHILE;
	run->at = frame->end;
	aml_frame_pop(run);
	return AML_STAYS;
}

/* What a call does not give back is not returned either. */
int aml_do_return(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *result = NULL;
	int error = 0;

	if (frame->operands[0].kind > AML_OPERAND_MISSING)
		error = aml_operand_value(run, &frame->operands[0], true, &result);
	if (error)
		return error;
	while (run->top->kind != AML_FRAME_CALL && run->top->kind != AML_FRAME_LOAD)
		aml_frame_pop(run);
	if (run->top->kind == AML_FRAME_CALL)
		return aml_call_return(run, result) ? -AML_E_INTERNAL : AML_STAYS;
	aml_put(run->aml, result);
	run->at = run->top->end;
	return AML_STAYS;
}

int aml_do_call(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *arguments[AML_ARGUMENTS] = { NULL };
	struct aml_node *node = frame->operands[0].node;
	unsigned count = frame->count - 1u;
	int error;

	for (unsigned i = 0; i < count; i++) {
		arguments[i] = frame->operands[i + 1].object;
		frame->operands[i + 1].kind = AML_OPERAND_NONE;
	}
	frame->operands[0].kind = AML_OPERAND_NONE;
	aml_frame_pop(run);
	error = aml_call_begin(run, node, arguments, count);
	for (unsigned i = 0; i < count; i++)
		aml_put(run->aml, arguments[i]);
	aml_node_put(node);
	return error ? aml_deliver_missing(run, error) : AML_STAYS;
}

int aml_do_fatal(struct aml_run *run, struct aml_frame *frame)
{
	unsigned held;

	aml_log(run->aml, AML_LOG_ERROR, "AML: Fatal 0x%x 0x%x 0x%llx",
		(unsigned)frame->operands[0].number, (unsigned)frame->operands[1].number,
		(unsigned long long)frame->operands[2].number);
	if (!run->aml->host.fatal)
		return 0;
	held = aml_lock_suspend(run->aml);
	run->aml->host.fatal(&run->aml->host, (unsigned)frame->operands[0].number,
			     (unsigned)frame->operands[1].number, frame->operands[2].number);
	aml_lock_resume(run->aml, held);
	return 0;
}

/* What is notified: a name, or a reference to one in a local or argument. */
static struct aml_node *find_notified(struct aml_run *run, const struct aml_operand *operand)
{
	struct aml_object *object;

	if (operand->kind == AML_OPERAND_NODE)
		return operand->node;
	if (operand->kind == AML_OPERAND_OBJECT) {
		object = operand->object;
	} else if (operand->kind == AML_OPERAND_LOCAL || operand->kind == AML_OPERAND_ARGUMENT) {
		object = *aml_operand_slot(run, operand);
		if (object && object->type == AML_CELL)
			object = object->reference.object;
	} else {
		return NULL;
	}
	if (object && object->type == AML_REFERENCE && object->reference.kind == AML_REF_INDEX)
		object = aml_element(object->reference.object, object->reference.index);
	return object ? aml_reference_node(object) : NULL;
}

int aml_do_notify(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_node *node = find_notified(run, &frame->operands[0]);
	unsigned held;

	if (!node || (node->type != AML_DEVICE && node->type != AML_PROCESSOR &&
		      node->type != AML_THERMAL_ZONE))
		return -AML_E_OPERAND_TYPE;
	if (!run->aml->host.notify)
		return 0;
	aml_node_get(node);
	held = aml_lock_suspend(run->aml);
	run->aml->host.notify(&run->aml->host, node, frame->operands[1].number);
	aml_lock_resume(run->aml, held);
	aml_node_put(node);
	return 0;
}

int aml_do_timer(struct aml_run *run, struct aml_frame *frame)
{
	return aml_make_result(run->aml, aml_now(run->aml), &frame->result);
}

/* The version of the interpreter, as ACPICA tells it. */
int aml_do_revision(struct aml_run *run, struct aml_frame *frame)
{
	return aml_make_result(run->aml, 0x20250404, &frame->result);
}
