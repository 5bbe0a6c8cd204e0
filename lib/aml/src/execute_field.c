/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operation regions, lists of fields, and fields in buffers (ACPI 6.5, 19.6.100, 20.2.5.2). */
#include <base/string.h>

#include "execute.h"

static struct aml_object *make_region(struct aml *aml, unsigned space, uint64_t offset,
				      uint64_t length)
{
	struct aml_object *object = aml_object_create(aml, AML_REGION);

	if (!object)
		return NULL;
	object->region = aml_allocate(aml, sizeof(*object->region));
	if (!object->region) {
		aml_put(aml, object);
		return NULL;
	}
	object->region->space = (uint16_t)space;
	object->region->offset = offset;
	object->region->length = length;
	object->region->known = true;
	return object;
}

static int define_region(struct aml_run *run, struct aml_frame *frame, struct aml_object *object)
{
	struct aml_node *node;
	int error;

	if (!object)
		return -AML_E_NO_MEMORY;
	error = aml_define(run, frame, 0, AML_REGION, &node);
	if (!error) {
		object->region->node = node;
		aml_node_get(node);
		aml_node_attach(node, object);
	}
	aml_put(run->aml, object);
	/* Where a table is loaded, _REG may come later: it is told at the end. */
	if (error || aml_run_loads(run))
		return error;
	aml_frame_pop(run);
	if (!aml_call_region(run, node))
		error = aml_deliver_object(run, NULL);
	return error ? error : AML_STAYS;
}

int aml_do_region(struct aml_run *run, struct aml_frame *frame)
{
	const struct aml_operand *operands = frame->operands;

	return define_region(run, frame,
			     make_region(run->aml, (unsigned)operands[1].number, operands[2].number,
					 operands[3].number));
}

/* A region over a table that the host finds. */
int aml_do_data_region(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_host *host = &run->aml->host;
	const char *texts[3];
	const void *table = NULL;
	size_t size = 0;

	for (unsigned i = 0; i < 3; i++)
		texts[i] = (const char *)frame->operands[i + 1].object->data.bytes;
	if (host->find_table)
		table = host->find_table(host, texts[0], texts[1], texts[2], &size);
	if (!table)
		return -AML_E_NOT_EXIST;
	return define_region(run, frame,
			     make_region(run->aml, AML_SPACE_TABLE, (uintptr_t)table, size));
}

/* --- Lists of fields --- */

/* What all fields of a list share, and how far the list is. */
struct field_list {
	struct aml_field template;
	uint64_t pin_start; /* where the Connection came */
};

/* Lengths in bits are written as those of packages are, but do not count themselves. */
static int read_length(const uint8_t **at, const uint8_t *end, uint64_t *length)
{
	unsigned more;

	if (*at >= end)
		return -AML_E_BAD_DATA;
	more = **at >> 6;
	if ((size_t)(end - *at) < 1 + more)
		return -AML_E_BAD_DATA;
	*length = more ? **at & 0xf : **at & 0x3f;
	for (unsigned i = 0; i < more; i++)
		*length |= (uint64_t)(*at)[1 + i] << (4 + 8 * i);
	*at += 1 + more;
	return 0;
}

/* Fields hold what they lie in. */
static void hold(struct aml_object *object)
{
	if (object)
		aml_get(object);
}

static struct aml_object *make_field(struct aml *aml, const struct aml_field *from)
{
	struct aml_object *object = aml_object_create(aml, AML_FIELD_UNIT);

	if (!object)
		return NULL;
	object->field = aml_allocate(aml, sizeof(*object->field));
	if (!object->field) {
		aml_put(aml, object);
		return NULL;
	}
	*object->field = *from;
	hold(from->region);
	hold(from->bank);
	hold(from->index);
	hold(from->data);
	hold(from->connection);
	return object;
}

static int read_named(struct aml_run *run, struct aml_frame *frame, struct field_list *list)
{
	struct aml_name name = { .segments = run->at, .count = 1 };
	struct aml_field *template = &list->template;
	struct aml_object *object;
	struct aml_node *node;
	int error = aml_code_name(&run->at, frame->end, &name);

	if (!error)
		error = read_length(&run->at, frame->end, &template->bit_length);
	if (error)
		return error;
	template->pin = (uint32_t)(template->bit_offset - list->pin_start);
	object = make_field(run->aml, template);
	if (!object)
		return -AML_E_NO_MEMORY;
	error = aml_define_name(run, frame, &name, AML_FIELD_UNIT, &node);
	if (!error)
		aml_node_attach(node, object);
	aml_put(run->aml, object);
	template->bit_offset += template->bit_length;
	return error == -AML_E_EXISTS ? 0 : error;
}

/* The bytes of a Buffer term whose size is a constant. */
static int read_connection_buffer(struct aml_run *run, struct aml_frame *frame,
				  struct aml_object **made)
{
	static const uint8_t sizes[] = { [0x0a] = 1, [0x0b] = 2, [0x0c] = 4, [0x0e] = 8 };
	const uint8_t *end;
	uint64_t size = 0;
	unsigned opcode;
	int error;

	run->at++;
	error = aml_code_package(&run->at, frame->end, &end);
	if (error || run->at >= end)
		return -AML_E_BAD_DATA;
	opcode = *run->at++;
	if (opcode < sizeof(sizes) && sizes[opcode])
		error = aml_code_number(&run->at, end, sizes[opcode], &size);
	else if (opcode > 1)
		error = -AML_E_BAD_DATA;
	if (error)
		return error;
	*made = aml_make_buffer(run->aml, run->at, (size_t)(end - run->at));
	run->at = end;
	return *made ? 0 : -AML_E_NO_MEMORY;
}

static int read_connection(struct aml_run *run, struct aml_frame *frame, struct field_list *list)
{
	struct aml_object *connection = NULL;
	struct aml_name name;
	struct aml_node *node;
	int error;

	if (run->at < frame->end && *run->at == 0x11) {
		error = read_connection_buffer(run, frame, &connection);
	} else {
		error = aml_code_name(&run->at, frame->end, &name);
		node = error ? NULL : aml_name_find(run->aml, frame->scope, &name);
		if (!error && !node)
			error = -AML_E_NOT_FOUND;
		if (!error)
			error = aml_node_value(run->aml, node, &connection);
	}
	if (error)
		return error;
	aml_put(run->aml, list->template.connection);
	list->template.connection = connection;
	list->pin_start = list->template.bit_offset;
	return 0;
}

static int read_access(struct aml_run *run, struct aml_frame *frame, struct field_list *list,
		       bool extended)
{
	struct aml_field *template = &list->template;

	if (frame->end - run->at < (extended ? 3 : 2))
		return -AML_E_BAD_DATA;
	/* The upper bits of the type say which kind of attribute it is. */
	template->flags = (uint8_t)((template->flags & 0xf0) | (run->at[0] & 0xf));
	template->attribute = run->at[1];
	template->attribute_length = extended ? run->at[2] : 0;
	run->at += extended ? 3 : 2;
	return 0;
}

static int read_element(struct aml_run *run, struct aml_frame *frame, struct field_list *list)
{
	uint64_t length;
	int error;

	switch (*run->at) {
	case 0:
		run->at++;
		error = read_length(&run->at, frame->end, &length);
		list->template.bit_offset += error ? 0 : length;
		return error;
	case 1:
		run->at++;
		return read_access(run, frame, list, false);
	case 2:
		run->at++;
		return read_connection(run, frame, list);
	case 3:
		run->at++;
		return read_access(run, frame, list, true);
	default:
		return read_named(run, frame, list);
	}
}

static int read_list(struct aml_run *run, struct aml_frame *frame, struct field_list *list)
{
	int error = 0;

	while (!error && run->at < frame->end)
		error = read_element(run, frame, list);
	aml_put(run->aml, list->template.connection);
	run->at = frame->end;
	return error;
}

/* The object of a name that is an operand, which must be of that type. */
static int find_object(struct aml_frame *frame, unsigned number, enum aml_type type,
		       struct aml_object **object)
{
	*object = frame->operands[number].node->object;
	return *object && (*object)->type == type ? 0 : -AML_E_OPERAND_TYPE;
}

int aml_do_field(struct aml_run *run, struct aml_frame *frame)
{
	struct field_list list = { .template = { .kind = AML_FIELD_REGION } };
	int error = find_object(frame, 0, AML_REGION, &list.template.region);

	if (error)
		return error;
	list.template.flags = (uint8_t)frame->operands[1].number;
	return read_list(run, frame, &list);
}

int aml_do_index_field(struct aml_run *run, struct aml_frame *frame)
{
	struct field_list list = { .template = { .kind = AML_FIELD_INDEX } };
	int error = find_object(frame, 0, AML_FIELD_UNIT, &list.template.index);

	if (!error)
		error = find_object(frame, 1, AML_FIELD_UNIT, &list.template.data);
	if (error)
		return error;
	list.template.flags = (uint8_t)frame->operands[2].number;
	return read_list(run, frame, &list);
}

int aml_do_bank_field(struct aml_run *run, struct aml_frame *frame)
{
	struct field_list list = { .template = { .kind = AML_FIELD_BANK } };
	int error = find_object(frame, 0, AML_REGION, &list.template.region);

	if (!error)
		error = find_object(frame, 1, AML_FIELD_UNIT, &list.template.bank);
	if (error)
		return error;
	list.template.bank_value = frame->operands[2].number;
	list.template.flags = (uint8_t)frame->operands[3].number;
	return read_list(run, frame, &list);
}

/* --- Fields in buffers --- */

/* In bits; the kinds by opcode: from DWord down to Bit, then QWord; and CreateField. */
static int measure(const struct aml_frame *frame, uint64_t *offset, uint64_t *length)
{
	uint64_t index = frame->operands[1].number;

	if (index > UINT32_MAX)
		return -AML_E_BUFFER_LIMIT;
	*offset = index * 8;
	switch (frame->opcode->opcode) {
	case 0x8a:
		*length = 32;
		break;
	case 0x8b:
		*length = 16;
		break;
	case 0x8c:
		*length = 8;
		break;
	case 0x8d:
		*offset = index;
		*length = 1;
		break;
	case 0x8f:
		*length = 64;
		break;
	default:
		*offset = index;
		*length = frame->operands[2].number;
	}
	return *length ? 0 : -AML_E_OPERAND_VALUE;
}

int aml_do_create_field(struct aml_run *run, struct aml_frame *frame)
{
	struct aml_object *buffer = frame->operands[0].object, *object;
	unsigned name = frame->opcode->opcode == 0x5b13 ? 3 : 2;
	uint64_t offset, length, bits = (uint64_t)buffer->data.length * 8;
	int error = measure(frame, &offset, &length);

	if (error)
		return error;
	if (length > bits || offset > bits - length)
		return -AML_E_BUFFER_LIMIT;
	object = aml_object_create(run->aml, AML_BUFFER_FIELD);
	if (!object)
		return -AML_E_NO_MEMORY;
	if (name == 3)
		object->flags |= AML_OBJECT_BYTES;
	object->buffer_field.buffer = buffer;
	aml_get(buffer);
	object->buffer_field.bit_offset = offset;
	object->buffer_field.bit_length = length;
	return aml_define_object(run, frame, name, object);
}
