/* SPDX-License-Identifier: GPL-3.0-or-later */
/* acpiexec's ways: the method \_ERR, which is told of errors, and the interfaces of _OSI. */
#include <string.h>

#include "acpiexec.h"

/* ACPICA's numbers of errors. */
static const uint16_t codes[AML_E_COUNT] = {
	[AML_E_NO_MEMORY] = 0x0004,
	[AML_E_NOT_FOUND] = 0x0005,
	[AML_E_NOT_EXIST] = 0x0006,
	[AML_E_EXISTS] = 0x0007,
	[AML_E_TYPE] = 0x0008,
	[AML_E_NULL_OBJECT] = 0x0009,
	[AML_E_NULL_ENTRY] = 0x000a,
	[AML_E_STACK_OVERFLOW] = 0x000c,
	[AML_E_STACK_UNDERFLOW] = 0x000d,
	[AML_E_NOT_IMPLEMENTED] = 0x000e,
	[AML_E_SUPPORT] = 0x000f,
	[AML_E_LIMIT] = 0x0010,
	[AML_E_TIME] = 0x0011,
	[AML_E_NO_HANDLER] = 0x001a,
	[AML_E_OWNER_ID_LIMIT] = 0x001b,
	[AML_E_NOT_CONFIGURED] = 0x001c,
	[AML_E_ACCESS] = 0x001d,
	[AML_E_IO_ERROR] = 0x001e,
	[AML_E_NUMERIC_OVERFLOW] = 0x001f,
	[AML_E_BAD_PARAMETER] = 0x1001,
	[AML_E_BAD_CHARACTER] = 0x1002,
	[AML_E_BAD_PATHNAME] = 0x1003,
	[AML_E_BAD_DATA] = 0x1004,
	[AML_E_BAD_HEX_CONSTANT] = 0x1005,
	[AML_E_BAD_OCTAL_CONSTANT] = 0x1006,
	[AML_E_BAD_DECIMAL_CONSTANT] = 0x1007,
	[AML_E_BAD_SIGNATURE] = 0x2001,
	[AML_E_BAD_HEADER] = 0x2002,
	[AML_E_BAD_CHECKSUM] = 0x2003,
	[AML_E_INVALID_TABLE_LENGTH] = 0x2005,
	[AML_E_BAD_OPCODE] = 0x3001,
	[AML_E_NO_OPERAND] = 0x3002,
	[AML_E_OPERAND_TYPE] = 0x3003,
	[AML_E_OPERAND_VALUE] = 0x3004,
	[AML_E_UNINITIALIZED_LOCAL] = 0x3005,
	[AML_E_UNINITIALIZED_ARGUMENT] = 0x3006,
	[AML_E_UNINITIALIZED_ELEMENT] = 0x3007,
	[AML_E_AML_NUMERIC_OVERFLOW] = 0x3008,
	[AML_E_REGION_LIMIT] = 0x3009,
	[AML_E_BUFFER_LIMIT] = 0x300a,
	[AML_E_PACKAGE_LIMIT] = 0x300b,
	[AML_E_DIVIDE_BY_ZERO] = 0x300c,
	[AML_E_BAD_NAME] = 0x300d,
	[AML_E_NAME_NOT_FOUND] = 0x300e,
	[AML_E_INTERNAL] = 0x300f,
	[AML_E_INVALID_SPACE_ID] = 0x3010,
	[AML_E_STRING_LIMIT] = 0x3011,
	[AML_E_NO_RETURN_VALUE] = 0x3012,
	[AML_E_METHOD_LIMIT] = 0x3013,
	[AML_E_NOT_OWNER] = 0x3014,
	[AML_E_MUTEX_ORDER] = 0x3015,
	[AML_E_MUTEX_NOT_ACQUIRED] = 0x3016,
	[AML_E_INVALID_RESOURCE_TYPE] = 0x3017,
	[AML_E_INVALID_INDEX] = 0x3018,
	[AML_E_REGISTER_LIMIT] = 0x3019,
	[AML_E_NO_WHILE] = 0x301a,
	[AML_E_ALIGNMENT] = 0x301b,
	[AML_E_NO_RESOURCE_END_TAG] = 0x301c,
	[AML_E_BAD_RESOURCE_VALUE] = 0x301d,
	[AML_E_CIRCULAR_REFERENCE] = 0x301e,
	[AML_E_BAD_RESOURCE_LENGTH] = 0x301f,
	[AML_E_ILLEGAL_ADDRESS] = 0x3020,
	[AML_E_LOOP_TIMEOUT] = 0x3021,
	[AML_E_UNINITIALIZED_NODE] = 0x3022,
	[AML_E_TARGET_TYPE] = 0x3023,
	[AML_E_PROTOCOL] = 0x3024,
};

static int error_of_code(uint64_t code, int error)
{
	for (int i = 0; i < AML_E_COUNT; i++)
		if (codes[i] == code)
			return -i;
	return error;
}

static int call_handler(struct aml *aml, struct aml_node *handler, int error)
{
	struct aml_object *result = NULL, *arguments[] = {
		aml_make_integer(aml, codes[-error]), aml_make_string(aml, aml_error_name(error)),
		aml_make_integer(aml, 1), /* the thread */
	};
	int failed = -AML_E_NO_MEMORY;

	if (arguments[0] && arguments[1] && arguments[2])
		failed = aml_evaluate(aml, handler, arguments, 3, &result);
	if (!failed && result && aml_object_type(result) == AML_INTEGER)
		error = error_of_code(aml_integer(result), error);
	aml_put(aml, result);
	for (unsigned i = 0; i < array_length(arguments); i++)
		aml_put(aml, arguments[i]);
	return error;
}

int acpiexec_exception(struct aml *aml, int error)
{
	struct aml_node *handler = aml_find(aml, NULL, "\\_ERR");

	if (!handler || aml_node_type(handler) != AML_METHOD || aml_node_arguments(handler) != 3)
		return error;
	return call_handler(aml, handler, error);
}

bool acpiexec_knows_interface(const char *name)
{
	/* As of 2020, and without "Windows 2006", which it takes out to try how. */
	static const char *const interfaces[] = {
		"Windows 2000",   "Windows 2001",      "Windows 2001 SP1",
		"Windows 2001.1", "Windows 2001 SP2",  "Windows 2001.1 SP1",
		"Windows 2006.1", "Windows 2006 SP1",  "Windows 2006 SP2",
		"Windows 2009",   "Windows 2012",      "Windows 2013",
		"Windows 2015",   "Windows 2016",      "Windows 2017",
		"Windows 2017.2", "Windows 2018",      "Windows 2018.2",
		"Windows 2019",   "AnotherTestString", "Extended Address Space Descriptor",
	};

	for (unsigned i = 0; i < array_length(interfaces); i++)
		if (!strcmp(interfaces[i], name))
			return true;
	return false;
}
