/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields: which accesses they make, and what these move. Values were compared with acpiexec's. */
#include "fixture.h"

#include <stdio.h>
#include <string.h>
#include <unit.h>

enum { ANY, BYTE, WORD, DWORD, QWORD, BUFFER };
enum { PRESERVE = 0x00, ONES = 0x20, ZEROS = 0x40 };

static struct aml_object *made;

static struct aml_object *region(enum aml_space space, uint64_t offset, uint64_t length)
{
	struct aml_object *object = fixture_keep(aml_object_create(aml, AML_REGION));

	object->region = aml_allocate(aml, sizeof(*object->region));
	object->region->node = aml_find(aml, NULL, "\\_SB");
	aml_node_get(object->region->node);
	object->region->space = (uint16_t)space;
	object->region->offset = offset;
	object->region->length = length;
	object->region->known = true;
	return object;
}

static struct aml_object *field(struct aml_object *in, unsigned flags, uint64_t offset,
				uint64_t length)
{
	struct aml_object *object = fixture_keep(aml_object_create(aml, AML_FIELD_UNIT));

	object->field = aml_allocate(aml, sizeof(*object->field));
	object->field->kind = AML_FIELD_REGION;
	object->field->flags = (uint8_t)flags;
	object->field->bit_offset = offset;
	object->field->bit_length = length;
	object->field->region = in;
	if (in != NULL)
		aml_get(in);
	return object;
}

static struct aml_object *bank_field(struct aml_object *in, struct aml_object *bank, uint64_t value,
				     unsigned flags, uint64_t offset, uint64_t length)
{
	struct aml_object *object = field(in, flags, offset, length);

	object->field->kind = AML_FIELD_BANK;
	object->field->bank = bank;
	object->field->bank_value = value;
	aml_get(bank);
	return object;
}

static struct aml_object *index_field(struct aml_object *index, struct aml_object *data,
				      unsigned flags, uint64_t offset, uint64_t length)
{
	struct aml_object *object = field(NULL, flags, offset, length);

	object->field->kind = AML_FIELD_INDEX;
	object->field->index = index;
	object->field->data = data;
	aml_get(index);
	aml_get(data);
	return object;
}

/* Reading and writing, with the accesses that shall come of it. */
static void expect_read(struct aml_object *from, const char *wanted, const char *log)
{
	fixture_log[0] = 0;
	EXPECT_MADE(aml_field_read(aml, from, &made), wanted);
	EXPECT_STRING(fixture_log, log);
}

static void expect_write(struct aml_object *to, struct aml_object *value, const char *log)
{
	fixture_log[0] = 0;
	EXPECT_EQUAL(-aml_field_write(aml, to, value, NULL), 0);
	EXPECT_STRING(fixture_log, log);
}

UNIT_TEST(aml_field, access_widths)
{
	struct aml_object *memory;

	fixture_start(64);
	memory = region(AML_SPACE_MEMORY, 0x10, 32);
	for (unsigned at = 0; at < 32; at++)
		fixture_memory[0x10 + at] = (uint8_t)at;
	expect_read(field(memory, BYTE, 8, 16), "Integer 201", "R1@11=1 R1@12=2");
	expect_read(field(memory, ANY, 8, 16), "Integer 201", "R1@11=1 R1@12=2");
	expect_read(field(memory, BUFFER, 8, 8), "Integer 1", "R1@11=1");
	expect_read(field(memory, WORD, 8, 16), "Integer 201", "R2@10=100 R2@12=302");
	expect_read(field(memory, DWORD, 8, 16), "Integer 201", "R4@10=3020100");
	expect_read(field(memory, QWORD, 64, 64), "Integer F0E0D0C0B0A0908",
		    "R8@18=f0e0d0c0b0a0908");
	expect_read(field(memory, DWORD, 28, 12), "Integer 40", "R4@10=3020100 R4@14=7060504");
	expect_read(field(memory, DWORD, 0, 72), "Buffer 00 01 02 03 04 05 06 07 08",
		    "R4@10=3020100 R4@14=7060504 R4@18=b0a0908");
	/* Access type 6 is reserved. */
	EXPECT_ERROR(aml_field_read(aml, field(memory, 6, 0, 8), &made), OPERAND_VALUE);
	fixture_end();
}

UNIT_TEST(aml_field, update_rules)
{
	struct aml_object *memory, *five;

	fixture_start(64);
	memory = region(AML_SPACE_IO, 0, 32);
	five = fixture_integer(0xfff5);
	fixture_memory[0] = 0xa3;
	expect_write(field(memory, BYTE | PRESERVE, 4, 4), five, "R1@0=a3 W1@0=53");
	expect_write(field(memory, BYTE | ONES, 4, 3), five, "W1@0=df");
	expect_write(field(memory, BYTE | ZEROS, 4, 4), five, "W1@0=50");
	/* A unit that is filled is not read. */
	expect_write(field(memory, WORD | PRESERVE, 0, 20), five, "W2@0=fff5 R2@2=0 W2@2=0");
	expect_write(field(memory, DWORD | PRESERVE, 32, 32), five, "W4@4=fff5");
	/* Strings and buffers are written as they are, and zeros behind them. */
	expect_write(field(memory, BYTE, 128, 32), fixture_string("ab"),
		     "W1@10=61 W1@11=62 W1@12=0 W1@13=0");
	expect_write(field(memory, WORD, 128, 32), fixture_buffer("\1\2\3", 3),
		     "W2@10=201 W2@12=3");
	EXPECT_ERROR(aml_field_write(aml, field(memory, BYTE | 0x60, 4, 4), five, NULL),
		     OPERAND_VALUE);
	EXPECT_ERROR(aml_field_write(aml, field(memory, BYTE, 0, 8),
				     fixture_keep(aml_make_package(aml, 1)), NULL),
		     OPERAND_TYPE);
	fixture_end();
}

UNIT_TEST(aml_field, beyond_the_region)
{
	struct aml_object *memory, *far, *one;

	fixture_start(64);
	one = fixture_integer(1);
	memory = region(AML_SPACE_MEMORY, 0, 6);
	expect_read(field(memory, WORD, 32, 16), "Integer 0", "R2@4=0");
	EXPECT_ERROR(aml_field_read(aml, field(memory, DWORD, 32, 16), &made), REGION_LIMIT);
	EXPECT_ERROR(aml_field_write(aml, field(memory, BYTE, 48, 1), one, NULL), REGION_LIMIT);
	/* What was written before the end stays. */
	fixture_log[0] = 0;
	EXPECT_ERROR(aml_field_write(aml, field(memory, BYTE, 40, 16), one, NULL), REGION_LIMIT);
	EXPECT_STRING(fixture_log, "W1@5=1");
	/* Addresses do not wrap around. */
	far = region(AML_SPACE_MEMORY, UINT64_MAX - 1, UINT64_MAX);
	EXPECT_ERROR(aml_field_read(aml, field(far, BYTE, 16, 8), &made), REGION_LIMIT);
	far->region->known = false;
	EXPECT_ERROR(aml_field_read(aml, field(far, BYTE, 0, 8), &made), UNINITIALIZED_NODE);
	EXPECT_ERROR(aml_field_read(aml, field(one, BYTE, 0, 8), &made), OPERAND_TYPE);
	fixture_end();
}

UNIT_TEST(aml_field, banks)
{
	struct aml_object *ports, *bank;

	fixture_start(64);
	ports = region(AML_SPACE_IO, 0x20, 16);
	bank = field(ports, BYTE, 0, 8);
	expect_read(bank_field(ports, bank, 3, BYTE, 64, 16), "Integer 0",
		    "W1@20=3 R1@28=0 W1@20=3 R1@29=0");
	expect_write(bank_field(ports, bank, 4, BYTE, 64, 4), fixture_integer(9),
		     "W1@20=4 R1@28=0 W1@20=4 W1@28=9");
	EXPECT_ERROR(aml_field_read(aml, bank_field(ports, bank, 256, BYTE, 64, 8), &made),
		     REGISTER_LIMIT);
	fixture_end();
}

UNIT_TEST(aml_field, indices)
{
	struct aml_object *ports, *index, *data, *narrow;

	fixture_start(64);
	ports = region(AML_SPACE_IO, 0x70, 2);
	index = field(ports, BYTE, 0, 8);
	data = field(ports, BYTE, 8, 8);
	fixture_memory[0x71] = 0x5a;
	expect_read(index_field(index, data, BYTE, 0x42 * 8, 8), "Integer 5A", "W1@70=42 R1@71=5a");
	expect_read(index_field(index, data, BYTE, 0x42 * 8 + 4, 8), "Integer A5",
		    "W1@70=42 R1@71=5a W1@70=43 R1@71=5a");
	expect_write(index_field(index, data, BYTE | PRESERVE, 0x42 * 8 + 4, 4), fixture_integer(1),
		     "W1@70=42 R1@71=5a W1@70=42 W1@71=1a");
	narrow = field(ports, BYTE, 0, 4);
	EXPECT_ERROR(aml_field_read(aml, index_field(narrow, data, BYTE, 16 * 8, 8), &made),
		     REGISTER_LIMIT);
	EXPECT_ERROR(aml_field_read(aml, index_field(ports, data, BYTE, 0, 8), &made),
		     OPERAND_TYPE);
	fixture_end();
}

/* Registers that are fields behind registers, and so on. */
UNIT_TEST(aml_field, nesting_is_bounded)
{
	struct aml_object *ports, *object;
	int error;

	fixture_start(64);
	ports = region(AML_SPACE_IO, 0, 16);
	object = field(ports, BYTE, 0, 8);
	for (unsigned depth = 0; depth < 7; depth++)
		object = index_field(object, object, BYTE, 8, 8);
	EXPECT_EQUAL(-aml_field_read(aml, object, &made), 0);
	fixture_keep(made);
	for (unsigned depth = 0; depth < 40; depth++)
		object = index_field(object, object, BYTE, 8, 8);
	error = aml_field_read(aml, object, &made);
	EXPECT_STRING(aml_error_name(error), "AE_LIMIT");
	fixture_end();
}

static struct aml_object *buffer_field(struct aml_object *buffer, uint64_t offset, uint64_t length)
{
	struct aml_object *object = fixture_keep(aml_object_create(aml, AML_BUFFER_FIELD));

	object->buffer_field.buffer = buffer;
	object->buffer_field.bit_offset = offset;
	object->buffer_field.bit_length = length;
	aml_get(buffer);
	return object;
}

UNIT_TEST(aml_field, buffers)
{
	struct aml_object *bytes, *object, *text;

	fixture_start(64);
	bytes = fixture_buffer("\x01\x02\x03\xfe", 4);
	EXPECT_MADE(aml_buffer_field_read(aml, buffer_field(bytes, 0, 32), &made),
		    "Integer FE030201");
	EXPECT_MADE(aml_buffer_field_read(aml, buffer_field(bytes, 4, 12), &made), "Integer 20");
	object = buffer_field(bytes, 0, 12);
	object->flags |= AML_OBJECT_BYTES;
	EXPECT_MADE(aml_buffer_field_read(aml, object, &made), "Buffer 01 02");
	EXPECT_EQUAL(-aml_buffer_field_write(aml, buffer_field(bytes, 3, 7), fixture_integer(0x55)),
		     0);
	aml_get(bytes);
	EXPECT_OBJECT(bytes, "Buffer A9 02 03 FE");
	/* What is stored into the buffer later is seen. */
	EXPECT_MADE(aml_convert_for_store(aml, fixture_string("z"), bytes, &made),
		    "Buffer 7A 00 00 00");
	EXPECT_MADE(aml_buffer_field_read(aml, buffer_field(bytes, 0, 8), &made), "Integer 7A");
	EXPECT_ERROR(aml_buffer_field_read(aml, buffer_field(bytes, 31, 2), &made), BUFFER_LIMIT);
	EXPECT_ERROR(aml_buffer_field_read(aml, buffer_field(bytes, UINT64_MAX, 2), &made),
		     BUFFER_LIMIT);
	text = fixture_string("abcdef");
	object = buffer_field(text, 32, 16);
	EXPECT_MADE(aml_buffer_field_read(aml, object, &made), "Integer 6665");
	EXPECT_MADE(aml_convert_for_store(aml, fixture_string("z"), text, &made), "String z");
	EXPECT_ERROR(aml_buffer_field_read(aml, object, &made), BUFFER_LIMIT);
	fixture_end();
}

UNIT_TEST(aml_field, buses)
{
	struct aml_object *bus, *object;

	fixture_start(64);
	bus = region(AML_SPACE_GENERIC_SERIAL, 0, 256);
	object = field(bus, BUFFER, 0x22 * 8, 8);
	object->field->attribute = 8; /* a word */
	EXPECT_MADE(aml_field_read(aml, object, &made), "Buffer 00 03 01 01");
	fixture_log[0] = 0;
	EXPECT_EQUAL(-aml_field_write(aml, object, fixture_buffer("\0\2\x10\x20\x30", 5), &made),
		     0);
	EXPECT_OBJECT(made, "Buffer 00 03 11 21");
	EXPECT_STRING(fixture_log, "W0@22=0");
	EXPECT_ERROR(aml_field_write(aml, object, fixture_integer(1), &made), OPERAND_TYPE);
	object->field->attribute = 15; /* raw process: only by writing */
	EXPECT_ERROR(aml_field_read(aml, object, &made), PROTOCOL);
	object->field->attribute = 3;
	EXPECT_ERROR(aml_field_read(aml, object, &made), PROTOCOL);
	fixture_end();
}

static int handle(void *argument, struct aml_access *access)
{
	EXPECT(access->space == AML_SPACE_CMOS);
	access->value = *(uint64_t *)argument;
	return *(int64_t *)argument < 0 ? 7 : 0;
}

UNIT_TEST(aml_field, handlers)
{
	uint64_t everywhere = 0x11, near = 0x22;
	struct aml_object *cmos, *object;
	struct aml_node *system_bus;

	fixture_start(64);
	cmos = region(AML_SPACE_CMOS, 0, 128);
	system_bus = cmos->region->node;
	object = field(cmos, BYTE, 0, 8);
	expect_read(object, "Integer 0", "R1@0=0");
	EXPECT_EQUAL(-aml_set_space_handler(aml, NULL, AML_SPACE_CMOS, handle, &everywhere), 0);
	expect_read(object, "Integer 11", "");
	EXPECT_EQUAL(-aml_set_space_handler(aml, system_bus, AML_SPACE_CMOS, handle, &near), 0);
	expect_read(object, "Integer 22", "");
	EXPECT_ERROR(aml_set_space_handler(aml, NULL, AML_SPACE_CMOS, handle, &near), EXISTS);
	/* What a handler gives is cut to the width; what is no error of ours becomes one. */
	near = 0x1234;
	expect_read(object, "Integer 34", "");
	near = UINT64_MAX;
	EXPECT_ERROR(aml_field_read(aml, object, &made), IO_ERROR);
	EXPECT_EQUAL(-aml_set_space_handler(aml, system_bus, AML_SPACE_CMOS, NULL, NULL), 0);
	expect_read(object, "Integer 11", "");
	EXPECT_ERROR(aml_set_space_handler(aml, system_bus, AML_SPACE_CMOS, NULL, NULL), NOT_EXIST);
	fixture_end();
}
