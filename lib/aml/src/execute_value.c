/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operators on values: each computes its result, and stores it into its target. */
#include "execute.h"

#define OP_INCREMENT  0x75
#define OP_NOT        0x80
#define OP_FIND_LEFT  0x81
#define OP_LAND       0x90
#define OP_LOR        0x91
#define OP_LNOT       0x92
#define OP_TO_BUFFER  0x96
#define OP_TO_DECIMAL 0x97
#define OP_TO_HEX     0x98
#define OP_FROM_BCD   0x5b28

/* The result is stored into the operand of that number, and is the term's. */
static int finish_as(struct aml_run *run, struct aml_frame *frame, unsigned target,
		     struct aml_object *result, enum aml_store_how how)
{
	frame->result = result;
	return aml_store(run, result, &frame->operands[target], how, &frame->result);
}

static int finish(struct aml_run *run, struct aml_frame *frame, unsigned target,
		  struct aml_object *result)
{
	return finish_as(run, frame, target, result, AML_STORE_TARGET);
}

/* Of conversions, which do not convert once more to the type that a name has. */
static int finish_fixed(struct aml_run *run, struct aml_frame *frame, unsigned target,
			struct aml_object *result)
{
	return finish_as(run, frame, target, result, AML_STORE_FIXED);
}

static int finish_integer(struct aml_run *run, struct aml_frame *frame, unsigned target,
			  uint64_t value)
{
	struct aml_object *result = aml_object_create(run->aml, AML_INTEGER);

	if (!result)
		return -AML_E_NO_MEMORY;
	result->integer = value;
	return finish(run, frame, target, result);
}

static int finish_truth(struct aml_run *run, struct aml_frame *frame, bool truth)
{
	return aml_make_result(run->aml, truth ? UINT64_MAX : 0, &frame->result);
}

int aml_do_arithmetic(struct aml_run *run, struct aml_frame *frame)
{
	uint64_t value;
	int error = aml_operate(run->aml, frame->opcode->opcode, frame->operands[0].number,
				frame->operands[1].number, &value);

	return error ? error : finish_integer(run, frame, 2, value);
}

/* Remainder, then quotient, which is the result. */
int aml_do_divide(struct aml_run *run, struct aml_frame *frame)
{
	uint64_t dividend = frame->operands[0].number, divisor = frame->operands[1].number;
	struct aml_object *remainder;
	int error;

	if (!divisor)
		return -AML_E_DIVIDE_BY_ZERO;
	error = aml_make_result(run->aml, dividend % divisor, &remainder);
	if (error)
		return error;
	error = aml_store(run, remainder, &frame->operands[2], AML_STORE_TARGET, NULL);
	aml_put(run->aml, remainder);
	return error ? error : finish_integer(run, frame, 3, dividend / divisor);
}

/* Positions count from one; 0: no bit is set. */
static uint64_t find_bit(uint64_t value, bool highest)
{
	if (!value)
		return 0;
	return (uint64_t)(highest ? 64 - __builtin_clzll(value) : 1 + __builtin_ctzll(value));
}

int aml_do_unary(struct aml_run *run, struct aml_frame *frame)
{
	uint64_t value = frame->operands[0].number;

	if (frame->opcode->opcode == OP_NOT)
		value = ~value;
	else
		value = find_bit(value, frame->opcode->opcode == OP_FIND_LEFT);
	return finish_integer(run, frame, 1, value);
}

int aml_do_increment(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *before;
	uint64_t value;
	int error;

	if (frame->operands[0].kind == AML_OPERAND_OBJECT &&
	    frame->operands[0].object->type != AML_REFERENCE)
		return -AML_E_OPERAND_TYPE;
	error = aml_operand_value(run, &frame->operands[0], false, &before);
	if (error)
		return error;
	error = aml_to_integer(run->aml, before, AML_IMPLICIT, &value);
	aml_put(run->aml, before);
	if (error)
		return error == -AML_E_TYPE ? -AML_E_OPERAND_TYPE : error;
	value += frame->opcode->opcode == OP_INCREMENT ? 1 : UINT64_MAX;
	return finish_integer(run, frame, 0, value);
}

int aml_do_logic(struct aml_run *run, struct aml_frame *frame)
{
	bool a = frame->operands[0].number != 0, b;

	if (frame->opcode->opcode == OP_LNOT)
		return finish_truth(run, frame, !a);
	b = frame->operands[1].number != 0;
	return finish_truth(run, frame, frame->opcode->opcode == OP_LAND ? a && b : a || b);
}

int aml_do_compare(struct aml_run *run, struct aml_frame *frame)
{
	bool holds;
	int error = aml_compare(run->aml, frame->opcode->opcode, frame->operands[0].object,
				frame->operands[1].object, &holds);

	return error ? error : finish_truth(run, frame, holds);
}

int aml_do_concatenate(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *result;
	int error = aml_concatenate(run->aml, frame->operands[0].object, frame->operands[1].object,
				    &result);

	return error ? error : finish(run, frame, 2, result);
}

int aml_do_concatenate_resources(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *result;
	int error = aml_concatenate_resources(run->aml, frame->operands[0].object,
					      frame->operands[1].object, &result);

	return error ? error : finish(run, frame, 2, result);
}

int aml_do_convert(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *from = frame->operands[0].object, *result;
	uint64_t value;
	int error;

	switch (frame->opcode->opcode) {
	case OP_TO_BUFFER:
		error = aml_to_buffer(run->aml, from, &result);
		break;
	case OP_TO_DECIMAL:
		error = aml_to_decimal_string(run->aml, from, &result);
		break;
	case OP_TO_HEX:
		error = aml_to_hex_string(run->aml, from, &result);
		break;
	default:
		error = aml_to_integer(run->aml, from, AML_EXPLICIT, &value);
		if (!error)
			error = aml_make_result(run->aml, value, &result);
	}
	return error ? error : finish_fixed(run, frame, 1, result);
}

int aml_do_to_string(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *result;
	int error = aml_buffer_to_string(run->aml, frame->operands[0].object,
					 frame->operands[1].number, &result);

	return error ? error : finish_fixed(run, frame, 2, result);
}

int aml_do_mid(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *result;
	int error = aml_mid(run->aml, frame->operands[0].object, frame->operands[1].number,
			    frame->operands[2].number, &result);

	return error ? error : finish(run, frame, 3, result);
}

int aml_do_match(struct aml_run *run, struct aml_frame *frame)
{
	const struct aml_operand *operands = frame->operands;
	uint64_t index;
	int error = aml_match(run->aml, operands[0].object, (unsigned)operands[1].number,
			      operands[2].object, (unsigned)operands[3].number, operands[4].object,
			      operands[5].number, &index);

	return error ? error : aml_make_result(run->aml, index, &frame->result);
}

int aml_do_bcd(struct aml_run *run, struct aml_frame *frame)
{
	uint64_t value = frame->operands[0].number;
	struct aml_object *result;
	int error;

	if (frame->opcode->opcode == OP_FROM_BCD)
		error = aml_from_bcd(run->aml, value, &value);
	else
		error = aml_to_bcd(run->aml, value, &value);
	if (!error)
		error = aml_make_result(run->aml, value, &result);
	return error ? error : finish_fixed(run, frame, 1, result);
}
