/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading of terms: what an opcode begins, and the operands that its format tells. */
#include <base/string.h>

#include "execute.h"

#define PREFIX_LONG 0x5b
#define OP_LOCAL0   0x60
#define OP_ARG0     0x68
#define OP_DEBUG    0x5b31

static int deliver_number(struct aml_run *run, uint64_t number)
{
	struct aml_operand operand = { .kind = AML_OPERAND_NUMBER, .number = number };

	return aml_deliver(run, operand);
}

static int deliver_kind(struct aml_run *run, enum aml_operand_kind kind, unsigned index)
{
	struct aml_operand operand = { .kind = (uint8_t)kind, .index = (uint8_t)index };

	return aml_deliver(run, operand);
}

static int deliver_integer(struct aml_run *run, uint64_t value, uint8_t flags)
{
	struct aml_object *object;
	int error = aml_make_result(run->aml, value, &object);

	if (error)
		return error;
	object->flags |= flags;
	return aml_deliver_object(run, object);
}

static int read_string(struct aml_run *run, const uint8_t *end)
{
	const uint8_t *terminator = memchr(run->at, 0, (size_t)(end - run->at));
	struct aml_object *object;

	if (!terminator)
		return -AML_E_BAD_DATA;
	object = aml_object_create_data(run->aml, AML_STRING, (uint64_t)(terminator - run->at));
	if (!object)
		return -AML_E_NO_MEMORY;
	memcpy(object->data.bytes, run->at, object->data.length);
	run->at = terminator + 1;
	return aml_deliver_object(run, object);
}

/* Constants, and places without a name. False: the opcode is none of them. */
static bool read_simple(struct aml_run *run, const uint8_t *end, unsigned opcode, int *error)
{
	static const uint8_t sizes[] = { [0x0a] = 1, [0x0b] = 2, [0x0c] = 4, [0x0e] = 8 };
	uint64_t number;

	if (opcode < sizeof(sizes) && sizes[opcode]) {
		*error = aml_code_number(&run->at, end, sizes[opcode], &number);
		if (!*error)
			*error = deliver_integer(run, number, 0);
	} else if (opcode <= 1) {
		*error = deliver_integer(run, opcode, AML_OBJECT_CONSTANT);
	} else if (opcode == 0xff) {
		*error = deliver_integer(run, UINT64_MAX, AML_OBJECT_CONSTANT);
	} else if (opcode == 0x0d) {
		*error = read_string(run, end);
	} else if (opcode >= OP_LOCAL0 && opcode < OP_LOCAL0 + AML_LOCALS) {
		*error = deliver_kind(run, AML_OPERAND_LOCAL, opcode - OP_LOCAL0);
	} else if (opcode >= OP_ARG0 && opcode < OP_ARG0 + AML_ARGUMENTS) {
		*error = deliver_kind(run, AML_OPERAND_ARGUMENT, opcode - OP_ARG0);
	} else if (opcode == OP_DEBUG) {
		*error = deliver_kind(run, AML_OPERAND_DEBUG, 0);
	} else {
		return false;
	}
	return true;
}

static int begin_call(struct aml_run *run, struct aml_node *node)
{
	struct aml_operand operand = { .kind = AML_OPERAND_NODE, .node = node };
	unsigned count = node->object ? node->object->method->arguments : 0;
	struct aml_frame *frame;
	int error = aml_frame_push(run, AML_FRAME_TERM, &frame);

	if (error)
		return error;
	frame->opcode = &aml_opcode_calls[count];
	frame->format = frame->opcode->format;
	aml_node_get(node);
	return aml_deliver(run, operand);
}

static int deliver_node(struct aml_run *run, struct aml_node *node)
{
	struct aml_operand operand = { .kind = AML_OPERAND_NODE, .node = node };

	aml_node_get(node);
	return aml_deliver(run, operand);
}

static int deliver_read(struct aml_run *run, struct aml_node *node)
{
	struct aml_object *value;
	int error;

	aml_node_get(node);
	error = aml_node_value(run->aml, node, &value);
	aml_node_put(node);
	return error ? aml_deliver_missing(run, error) : aml_deliver_object(run, value);
}

/* Data that a name holds is read when the name is come to: what stands behind it may change that, and fields
 * are read in the order of the code. Integers are copied, other data is shared. */
static int deliver_value(struct aml_run *run, struct aml_frame *frame, struct aml_node *node)
{
	if (frame->kind != AML_FRAME_TERM || frame->skip)
		return deliver_node(run, node);
	switch (node->type) {
	case AML_INTEGER:
		if (*frame->format == 'i' || *frame->format == 'q')
			return deliver_number(run, node->object->integer);
		return deliver_integer(run, node->object->integer, 0);
	case AML_STRING:
	case AML_BUFFER:
	case AML_PACKAGE:
	case AML_BUFFER_FIELD:
	case AML_FIELD_UNIT:
		return deliver_read(run, node);
	default:
		return deliver_node(run, node);
	}
}

enum name_use {
	NAME_TERM,  /* for its value */
	NAME_PLACE, /* to be stored to, or looked at; methods are called here, too */
	NAME_QUOTED /* methods are not called */
};

static int read_name(struct aml_run *run, struct aml_frame *frame, enum name_use use)
{
	struct aml_node *node;
	struct aml_name name;
	int error = aml_code_name(&run->at, frame->end, &name);

	if (error)
		return error;
	if (!name.count && !name.root && !name.parents)
		return deliver_kind(run, AML_OPERAND_NOWHERE, 0);
	node = aml_name_find(run->aml, frame->scope, &name);
	if (node && node->type == AML_METHOD && use != NAME_QUOTED)
		return begin_call(run, node);
	if (node)
		return use == NAME_TERM ? deliver_value(run, frame, node) : deliver_node(run, node);
	if (frame->skip || (frame->opcode && frame->opcode->execute == aml_do_cond_ref_of))
		return deliver_kind(run, AML_OPERAND_NOWHERE, 0);
	aml_log_name(run->aml, "not found", &name);
	return aml_deliver_missing(run, -AML_E_NOT_FOUND);
}

static int read_opcode(struct aml_run *run, const uint8_t *end, unsigned *opcode)
{
	if (run->at >= end)
		return -AML_E_BAD_DATA;
	*opcode = *run->at++;
	if (*opcode != PREFIX_LONG)
		return 0;
	if (run->at >= end)
		return -AML_E_BAD_DATA;
	*opcode = PREFIX_LONG << 8 | *run->at++;
	return 0;
}

int aml_term_begin(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_frame *term;
	unsigned opcode;
	int error = aml_charge(run->aml, 1);

	if (error)
		return error;
	if (run->at < frame->end && aml_code_starts_name(*run->at)) {
		/* An element of a package may come to be known later: its name is kept. */
		if (frame->kind == AML_FRAME_PACKAGE)
			return aml_package_name(run, frame);
		return read_name(run, frame, NAME_TERM);
	}
	error = read_opcode(run, frame->end, &opcode);
	if (error || read_simple(run, frame->end, opcode, &error))
		return error;
	error = aml_frame_push(run, AML_FRAME_TERM, &term);
	if (error)
		return error;
	term->opcode = aml_opcode_find(opcode);
	if (!term->opcode) {
		aml_log(run->aml, AML_LOG_ERROR, "AML: opcode 0x%x is unknown", opcode);
		return -AML_E_BAD_OPCODE;
	}
	term->format = term->opcode->format;
	return 0;
}

/* A target or a name. */
static int fetch_place(struct aml_run *run, struct aml_frame *frame, enum name_use use)
{
	if (run->at >= frame->end)
		return -AML_E_BAD_DATA;
	if (*run->at == 0) {
		run->at++;
		return deliver_kind(run, AML_OPERAND_NOWHERE, 0);
	}
	if (aml_code_starts_name(*run->at))
		return read_name(run, frame, use);
	return aml_term_begin(run, frame);
}

static int fetch_new_name(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_operand operand = { .kind = AML_OPERAND_NAME };
	int error = aml_code_name(&run->at, frame->end, &operand.name);

	return error ? error : aml_deliver(run, operand);
}

static int fetch_data(struct aml_run *run, struct aml_frame *frame, unsigned bytes)
{
	uint64_t number;
	int error = aml_code_number(&run->at, frame->end, bytes, &number);

	return error ? error : deliver_number(run, number);
}

/* The name of something that is there. */
static int fetch_node(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_operand operand = { .kind = AML_OPERAND_NODE };
	struct aml_name name;
	int error = aml_code_name(&run->at, frame->end, &name);

	if (error)
		return error;
	operand.node = aml_name_find(run->aml, frame->scope, &name);
	if (operand.node) {
		aml_node_get(operand.node);
		return aml_deliver(run, operand);
	}
	if (frame->skip)
		return deliver_kind(run, AML_OPERAND_NOWHERE, 0);
	aml_log_name(run->aml, "not found", &name);
	return aml_deliver_missing(run, -AML_E_NOT_FOUND);
}

int aml_operand_fetch(struct aml_run *run, struct aml_frame *frame)
{
	int error;

	switch (*frame->format) {
	case 'K':
		error = aml_code_package(&run->at, frame->end, &frame->end);
		frame->start = run->at;
		frame->format++;
		return error;
	case 'B':
	case 'D':
		frame->format++;
		return 0;
	case '1':
	case '2':
	case '4':
		return fetch_data(run, frame, (unsigned)(*frame->format - '0'));
	case 'N':
		return fetch_new_name(run, frame);
	case 'M':
		return fetch_node(run, frame);
	case 'S':
		return fetch_place(run, frame, NAME_QUOTED);
	case 'G':
	case 'O':
	case 'm':
	case 'e':
	case 'n':
	case 'h':
		return fetch_place(run, frame, NAME_PLACE);
	default:
		return aml_term_begin(run, frame);
	}
}
