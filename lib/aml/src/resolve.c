/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From places to values: what is behind names, locals and references, and operands as their term wants them. */
#include "execute.h"

struct aml_object **aml_operand_slot(struct aml_run *run, const struct aml_operand *operand)
{
	struct aml_call *call = run->top->call;

	return operand->kind == AML_OPERAND_LOCAL ? &call->locals[operand->index]
						  : &call->arguments[operand->index];
}

int aml_make_reference(struct aml *aml, enum aml_reference_kind kind, struct aml_object *object,
		       struct aml_node *node, uint32_t index, struct aml_object **made)
{
	struct aml_object *reference = aml_object_create(aml, AML_REFERENCE);

	*made = reference;
	if (!reference)
		return -AML_E_NO_MEMORY;
	reference->reference.kind = kind;
	reference->reference.index = index;
	reference->reference.object = object;
	reference->reference.node = node;
	if (object)
		aml_get(object);
	if (node)
		aml_node_get(node);
	return 0;
}

static int share(struct aml *aml, struct aml_object *object, struct aml_object **value)
{
	aml_package_complete(aml, object);
	aml_get(object);
	*value = object;
	return 0;
}

int aml_node_value(struct aml *aml, struct aml_node *node, struct aml_object **value)
{
	struct aml_object *object = node->object;

	*value = NULL;
	switch (node->type) {
	case AML_DEVICE:
	case AML_THERMAL_ZONE:
	case AML_METHOD:
		return aml_make_reference(aml, AML_REF_NAME, NULL, node, 0, value);
	case AML_UNINITIALIZED:
	case AML_SCOPE:
		return -AML_E_OPERAND_TYPE;
	case AML_BUFFER_FIELD:
		return object ? aml_buffer_field_read(aml, object, value)
			      : -AML_E_UNINITIALIZED_NODE;
	case AML_FIELD_UNIT:
		return object ? aml_field_read(aml, object, value) : -AML_E_UNINITIALIZED_NODE;
	default:
		return object ? share(aml, object, value) : -AML_E_UNINITIALIZED_NODE;
	}
}

static int slot_value(struct aml_run *run, const struct aml_operand *operand,
		      struct aml_object **value)
{
	struct aml_object *object = *aml_operand_slot(run, operand);

	if (object && object->type == AML_CELL)
		object = object->reference.object;
	if (!object)
		return operand->kind == AML_OPERAND_LOCAL ? -AML_E_UNINITIALIZED_LOCAL
							  : -AML_E_UNINITIALIZED_ARGUMENT;
	return share(run->aml, object, value);
}

/* Index of a package's element stands for the element; names in packages for what they name. */
static int object_value(struct aml_run *run, struct aml_object *object, bool keep_index,
			struct aml_object **value)
{
	struct aml_object *element;
	struct aml_node *node;

	if (object->type == AML_BUFFER_FIELD)
		return aml_buffer_field_read(run->aml, object, value);
	if (object->type == AML_FIELD_UNIT)
		return aml_field_read(run->aml, object, value);
	if (object->type != AML_REFERENCE)
		return share(run->aml, object, value);
	if (object->reference.kind == AML_REF_NAME) {
		node = object->reference.node;
		if (node->type == AML_METHOD && node->object)
			return share(run->aml, node->object, value);
		return node->dead ? -AML_E_UNINITIALIZED_NODE
				  : aml_node_value(run->aml, node, value);
	}
	if (object->reference.kind != AML_REF_INDEX || keep_index ||
	    object->reference.object->type != AML_PACKAGE)
		return share(run->aml, object, value);
	element = aml_element(object->reference.object, object->reference.index);
	return element ? share(run->aml, element, value) : -AML_E_UNINITIALIZED_ELEMENT;
}

int aml_operand_value(struct aml_run *run, const struct aml_operand *operand, bool keep_index,
		      struct aml_object **value)
{
	*value = NULL;
	switch (operand->kind) {
	case AML_OPERAND_OBJECT:
		return object_value(run, operand->object, keep_index, value);
	case AML_OPERAND_LOCAL:
	case AML_OPERAND_ARGUMENT:
		return slot_value(run, operand, value);
	case AML_OPERAND_NODE:
		return operand->node->dead ? -AML_E_UNINITIALIZED_NODE
					   : aml_node_value(run->aml, operand->node, value);
	case AML_OPERAND_DEBUG:
		return aml_make_reference(run->aml, AML_REF_DEBUG, NULL, NULL, 0, value);
	case AML_OPERAND_NUMBER:
		return aml_make_result(run->aml, operand->number, value);
	default:
		return -AML_E_NO_RETURN_VALUE;
	}
}

static bool is_data(const struct aml_object *object)
{
	return object->type == AML_INTEGER || object->type == AML_STRING ||
	       object->type == AML_BUFFER;
}

/* What the letter allows without conversion. */
static bool is_allowed(char letter, const struct aml_object *object)
{
	switch (letter) {
	case 'c':
		return is_data(object);
	case 't':
		return object->type == AML_STRING || object->type == AML_BUFFER;
	case 'x':
		return object->type == AML_STRING || object->type == AML_BUFFER ||
		       object->type == AML_PACKAGE;
	case 'p':
		return object->type == AML_PACKAGE;
	case 'r':
		return object->type == AML_REGION || object->type == AML_BUFFER;
	case 'm':
		return object->type == AML_MUTEX;
	case 'e':
		return object->type == AML_EVENT;
	case 'h':
		return object->type == AML_TABLE_HANDLE;
	case 'd':
		return is_data(object) || object->type == AML_PACKAGE ||
		       object->type == AML_TABLE_HANDLE ||
		       (object->type == AML_REFERENCE && object->reference.kind != AML_REF_NAME);
	default:
		return true;
	}
}

static int convert(struct aml *aml, char letter, struct aml_object *value, struct aml_object **made)
{
	int error;

	if (letter == 's')
		error = aml_to_string(aml, value, made);
	else if (letter == 'b' || (letter == 't' && value->type == AML_INTEGER))
		error = aml_to_buffer(aml, value, made);
	else if (!is_allowed(letter, value))
		error = -AML_E_OPERAND_TYPE;
	else
		return share(aml, value, made);
	return error == -AML_E_TYPE ? -AML_E_OPERAND_TYPE : error;
}

/* What has no value as an integer is another error where it is a condition. */
static int resolve_integer(struct aml_run *run, struct aml_operand *operand,
			   struct aml_object *value, bool is_condition)
{
	uint64_t number = UINT64_MAX;
	int error = 0;

	/* A table's handle says that there is one: true. */
	if (value->type != AML_TABLE_HANDLE)
		error = aml_to_integer(run->aml, value, AML_IMPLICIT, &number);
	aml_put(run->aml, value);
	if (error == -AML_E_TYPE || error == -AML_E_OPERAND_TYPE)
		return is_condition ? -AML_E_TYPE : -AML_E_OPERAND_TYPE;
	if (error)
		return error;
	aml_operand_drop(run->aml, operand);
	operand->kind = AML_OPERAND_NUMBER;
	operand->number = number;
	return 0;
}

/* Store's: Index stays what it is, and any object may go to Debug. */
static int check_source(struct aml_frame *frame, struct aml_object *value)
{
	bool shown = frame->count > 1 && frame->operands[1].kind == AML_OPERAND_DEBUG;

	return shown || is_allowed('d', value) ? 0 : -AML_E_OPERAND_TYPE;
}

static int resolve_one(struct aml_run *run, struct aml_frame *frame, char letter,
		       struct aml_operand *operand)
{
	bool keep_index =
		letter == 'd' || letter == 'f' || frame->opcode->execute == aml_do_copy_object;
	struct aml_object *value, *made;
	int error;

	if (operand->kind == AML_OPERAND_NUMBER)
		return 0;
	error = aml_operand_value(run, operand, keep_index, &value);
	if (error)
		return error;
	if (letter == 'i' || letter == 'q')
		return resolve_integer(run, operand, value, letter == 'q');
	if (letter == 'd') {
		error = check_source(frame, value);
		made = value;
		aml_get(value);
	} else {
		error = convert(run->aml, letter, value, &made);
	}
	/* What nobody else holds can be moved rather than copied, later. */
	aml_put(run->aml, value);
	if (error) {
		if (letter == 'd')
			aml_put(run->aml, made);
		return error;
	}
	aml_operand_drop(run->aml, operand);
	operand->kind = AML_OPERAND_OBJECT;
	operand->object = made;
	return 0;
}

static bool is_resolved(char letter)
{
	switch (letter) {
	case '1':
	case '2':
	case '4':
	case 'N':
	case 'M':
	case 'S':
	case 'G':
	case 'O':
	case 'U':
	case 'n':
	case 'o':
		return true;
	default:
		return false;
	}
}

/* From the last to the first, as ACPICA: so it is that of several errors. */
int aml_operands_resolve(struct aml_run *run, struct aml_frame *frame)
{
	const char *format = frame->opcode->format, *letter = format;
	unsigned number = frame->count;
	int error = 0;

	while (*letter)
		letter++;
	while (letter != format && !error) {
		letter--;
		if (*letter == 'K' || *letter == 'B' || *letter == 'D')
			continue;
		number--;
		if (frame->operands[number].kind == AML_OPERAND_MISSING && *letter != 'o')
			error = frame->operands[number].error;
		else if (!is_resolved(*letter))
			error = resolve_one(run, frame, *letter, &frame->operands[number]);
	}
	return error;
}

/* The cell of a local or argument, which is made when something first refers to it. */
static int make_cell(struct aml_run *run, const struct aml_operand *operand,
		     struct aml_object **cell)
{
	struct aml_object **slot = aml_operand_slot(run, operand);

	if (!*slot || (*slot)->type != AML_CELL) {
		struct aml_object *made = aml_object_create(run->aml, AML_CELL);

		if (!made)
			return -AML_E_NO_MEMORY;
		made->reference.object = *slot;
		*slot = made;
	}
	*cell = *slot;
	return 0;
}

int aml_operand_refer(struct aml_run *run, struct aml_frame *frame, unsigned number,
		      struct aml_object **made)
{
	const struct aml_operand *operand = &frame->operands[number];
	struct aml_object *cell;
	int error;

	*made = NULL;
	switch (operand->kind) {
	case AML_OPERAND_NODE:
		return aml_make_reference(run->aml, AML_REF_NODE, NULL, operand->node, 0, made);
	case AML_OPERAND_DEBUG:
		return aml_make_reference(run->aml, AML_REF_DEBUG, NULL, NULL, 0, made);
	case AML_OPERAND_LOCAL:
	case AML_OPERAND_ARGUMENT:
		error = make_cell(run, operand, &cell);
		return error ? error
			     : aml_make_reference(run->aml, AML_REF_OBJECT, cell, NULL, 0, made);
	default:
		return -AML_E_OPERAND_TYPE;
	}
}
