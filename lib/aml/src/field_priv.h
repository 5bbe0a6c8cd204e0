/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What field.c, buffer_field.c and field_transfer.c share. */
#pragma once

#include "aml_priv.h"

/* Of aml_field.flags. */
enum {
	AML_FIELD_ACCESS = 0x0f,
	AML_FIELD_LOCK = 0x10,
	AML_FIELD_UPDATE = 0x60,
};

enum {
	AML_ACCESS_ANY,
	AML_ACCESS_BYTE,
	AML_ACCESS_WORD,
	AML_ACCESS_DWORD,
	AML_ACCESS_QWORD,
	AML_ACCESS_BUFFER,
};

enum {
	AML_UPDATE_PRESERVE = 0x00,
	AML_UPDATE_ONES = 0x20,
	AML_UPDATE_ZEROS = 0x40,
};

/* The bytes of an integer (8, put into `integer`), string or buffer. -AML_E_OPERAND_TYPE. */
int must_check aml_value_bytes(const struct aml_object *value, uint8_t integer[8],
			       const uint8_t **bytes, size_t *length);

/* A buffer field's bits, for which there is room at `bytes`; and the reverse, with zeros behind `length`. */
int must_check aml_buffer_field_get(struct aml *aml, const struct aml_object *field,
				    uint8_t *bytes);
int must_check aml_buffer_field_put(struct aml *aml, const struct aml_object *field,
				    const uint8_t *bytes, size_t length);

/* True if the field's region moves buffers or pins in one transfer, not units of memory. */
bool aml_transfer_wanted(const struct aml_field *field);
int must_check aml_transfer_read(struct aml *aml, const struct aml_field *field,
				 struct aml_object **value);
int must_check aml_transfer_write(struct aml *aml, const struct aml_field *field,
				  const struct aml_object *value, struct aml_object **result);
