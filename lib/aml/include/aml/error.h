/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes wrong in AML: functions return these with their sign changed. */
#pragma once

/* X(name, text): the text is what ACPICA's tools call it. */
#define AML_ERRORS(X)                                            \
	X(NO_MEMORY, "AE_NO_MEMORY")                             \
	X(NOT_FOUND, "AE_NOT_FOUND")                             \
	X(NOT_EXIST, "AE_NOT_EXIST")                             \
	X(EXISTS, "AE_ALREADY_EXISTS")                           \
	X(TYPE, "AE_TYPE")                                       \
	X(NULL_OBJECT, "AE_NULL_OBJECT")                         \
	X(NULL_ENTRY, "AE_NULL_ENTRY")                           \
	X(STACK_OVERFLOW, "AE_STACK_OVERFLOW")                   \
	X(STACK_UNDERFLOW, "AE_STACK_UNDERFLOW")                 \
	X(NOT_IMPLEMENTED, "AE_NOT_IMPLEMENTED")                 \
	X(SUPPORT, "AE_SUPPORT")                                 \
	X(LIMIT, "AE_LIMIT")                                     \
	X(TIME, "AE_TIME")                                       \
	X(NO_HANDLER, "AE_NO_HANDLER")                           \
	X(OWNER_ID_LIMIT, "AE_OWNER_ID_LIMIT")                   \
	X(NOT_CONFIGURED, "AE_NOT_CONFIGURED")                   \
	X(ACCESS, "AE_ACCESS")                                   \
	X(IO_ERROR, "AE_IO_ERROR")                               \
	X(NUMERIC_OVERFLOW, "AE_NUMERIC_OVERFLOW")               \
	X(BAD_PARAMETER, "AE_BAD_PARAMETER")                     \
	X(BAD_CHARACTER, "AE_BAD_CHARACTER")                     \
	X(BAD_PATHNAME, "AE_BAD_PATHNAME")                       \
	X(BAD_DATA, "AE_BAD_DATA")                               \
	X(BAD_HEX_CONSTANT, "AE_BAD_HEX_CONSTANT")               \
	X(BAD_OCTAL_CONSTANT, "AE_BAD_OCTAL_CONSTANT")           \
	X(BAD_DECIMAL_CONSTANT, "AE_BAD_DECIMAL_CONSTANT")       \
	X(BAD_SIGNATURE, "AE_BAD_SIGNATURE")                     \
	X(BAD_HEADER, "AE_BAD_HEADER")                           \
	X(BAD_CHECKSUM, "AE_BAD_CHECKSUM")                       \
	X(INVALID_TABLE_LENGTH, "AE_INVALID_TABLE_LENGTH")       \
	X(BAD_OPCODE, "AE_AML_BAD_OPCODE")                       \
	X(NO_OPERAND, "AE_AML_NO_OPERAND")                       \
	X(OPERAND_TYPE, "AE_AML_OPERAND_TYPE")                   \
	X(OPERAND_VALUE, "AE_AML_OPERAND_VALUE")                 \
	X(UNINITIALIZED_LOCAL, "AE_AML_UNINITIALIZED_LOCAL")     \
	X(UNINITIALIZED_ARGUMENT, "AE_AML_UNINITIALIZED_ARG")    \
	X(UNINITIALIZED_ELEMENT, "AE_AML_UNINITIALIZED_ELEMENT") \
	X(AML_NUMERIC_OVERFLOW, "AE_AML_NUMERIC_OVERFLOW")       \
	X(REGION_LIMIT, "AE_AML_REGION_LIMIT")                   \
	X(BUFFER_LIMIT, "AE_AML_BUFFER_LIMIT")                   \
	X(PACKAGE_LIMIT, "AE_AML_PACKAGE_LIMIT")                 \
	X(DIVIDE_BY_ZERO, "AE_AML_DIVIDE_BY_ZERO")               \
	X(BAD_NAME, "AE_AML_BAD_NAME")                           \
	X(NAME_NOT_FOUND, "AE_AML_NAME_NOT_FOUND")               \
	X(INTERNAL, "AE_AML_INTERNAL")                           \
	X(INVALID_SPACE_ID, "AE_AML_INVALID_SPACE_ID")           \
	X(STRING_LIMIT, "AE_AML_STRING_LIMIT")                   \
	X(NO_RETURN_VALUE, "AE_AML_NO_RETURN_VALUE")             \
	X(METHOD_LIMIT, "AE_AML_METHOD_LIMIT")                   \
	X(NOT_OWNER, "AE_AML_NOT_OWNER")                         \
	X(MUTEX_ORDER, "AE_AML_MUTEX_ORDER")                     \
	X(MUTEX_NOT_ACQUIRED, "AE_AML_MUTEX_NOT_ACQUIRED")       \
	X(INVALID_RESOURCE_TYPE, "AE_AML_INVALID_RESOURCE_TYPE") \
	X(INVALID_INDEX, "AE_AML_INVALID_INDEX")                 \
	X(REGISTER_LIMIT, "AE_AML_REGISTER_LIMIT")               \
	X(NO_WHILE, "AE_AML_NO_WHILE")                           \
	X(ALIGNMENT, "AE_AML_ALIGNMENT")                         \
	X(NO_RESOURCE_END_TAG, "AE_AML_NO_RESOURCE_END_TAG")     \
	X(BAD_RESOURCE_VALUE, "AE_AML_BAD_RESOURCE_VALUE")       \
	X(CIRCULAR_REFERENCE, "AE_AML_CIRCULAR_REFERENCE")       \
	X(BAD_RESOURCE_LENGTH, "AE_AML_BAD_RESOURCE_LENGTH")     \
	X(ILLEGAL_ADDRESS, "AE_AML_ILLEGAL_ADDRESS")             \
	X(LOOP_TIMEOUT, "AE_AML_LOOP_TIMEOUT")                   \
	X(UNINITIALIZED_NODE, "AE_AML_UNINITIALIZED_NODE")       \
	X(TARGET_TYPE, "AE_AML_TARGET_TYPE")                     \
	X(PROTOCOL, "AE_AML_PROTOCOL")

enum aml_error {
	AML_E_OK,
#define AML_ERROR_VALUE(name, text) AML_E_##name,
	AML_ERRORS(AML_ERROR_VALUE)
#undef AML_ERROR_VALUE
		AML_E_COUNT,
};

/* The text of an error, of either sign. */
const char *aml_error_name(int error);
