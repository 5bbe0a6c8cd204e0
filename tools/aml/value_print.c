/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results as lines of text. */
#include <ctype.h>
#include <inttypes.h>

#include "value.h"

/* Of packages in packages; deeper ones are shown as "...". */
#define DEPTH_MAX 64

const char *value_type_name(enum aml_type type)
{
	static const char *const names[] = {
		[AML_UNINITIALIZED] = "Uninitialized",
		[AML_INTEGER] = "Integer",
		[AML_STRING] = "String",
		[AML_BUFFER] = "Buffer",
		[AML_PACKAGE] = "Package",
		[AML_FIELD_UNIT] = "FieldUnit",
		[AML_DEVICE] = "Device",
		[AML_EVENT] = "Event",
		[AML_METHOD] = "Method",
		[AML_MUTEX] = "Mutex",
		[AML_REGION] = "Region",
		[AML_POWER_RESOURCE] = "PowerResource",
		[AML_PROCESSOR] = "Processor",
		[AML_THERMAL_ZONE] = "ThermalZone",
		[AML_BUFFER_FIELD] = "BufferField",
		[AML_TABLE_HANDLE] = "TableHandle",
		[AML_DEBUG] = "Debug",
		[AML_REFERENCE] = "Reference",
		[AML_SCOPE] = "Scope",
		[AML_ALIAS] = "Alias",
	};

	return (unsigned)type < array_length(names) && names[type] ? names[type] : "Unknown";
}

static void print_string(FILE *stream, const struct aml_object *object)
{
	static const char escaped[] = "\a\b\f\n\r\t\v\"\\", escapes[] = "abfnrtv\"\\";
	size_t length;
	const uint8_t *bytes = aml_bytes(object, &length);

	fputs("String \"", stream);
	for (size_t i = 0; i < length; i++) {
		unsigned which = 0;

		while (escaped[which] && (uint8_t)escaped[which] != bytes[i])
			which++;
		if (escaped[which])
			fprintf(stream, "\\%c", escapes[which]);
		else if (bytes[i] >= ' ' && bytes[i] < 0x7f)
			fputc(bytes[i], stream);
		else
			fprintf(stream, "\\x%02X", bytes[i]);
	}
	fputc('"', stream);
}

static void print_buffer(FILE *stream, const struct aml_object *object)
{
	size_t length;
	const uint8_t *bytes = aml_bytes(object, &length);

	fprintf(stream, "Buffer %zu:", length);
	for (size_t i = 0; i < length; i++)
		fprintf(stream, " %02X", bytes[i]);
}

static void print_reference(FILE *stream, const struct aml_object *object)
{
	struct aml_node *node = aml_reference_node(object);
	char path[1024];

	fputs("Reference", stream);
	if (!node)
		return;
	aml_node_path(node, path, sizeof(path));
	fprintf(stream, " %s", path);
}

static void print_value(FILE *stream, const struct aml_object *object, unsigned depth)
{
	enum aml_type type = object ? aml_object_type(object) : AML_UNINITIALIZED;

	switch (type) {
	case AML_INTEGER:
		fprintf(stream, "Integer 0x%" PRIX64, aml_integer(object));
		break;
	case AML_STRING:
		print_string(stream, object);
		break;
	case AML_BUFFER:
		print_buffer(stream, object);
		break;
	case AML_PACKAGE:
		fprintf(stream, "Package %u: [", aml_count(object));
		if (depth == DEPTH_MAX)
			fputs("...", stream);
		for (unsigned i = 0; i < aml_count(object) && depth < DEPTH_MAX; i++) {
			if (i)
				fputs(", ", stream);
			print_value(stream, aml_element(object, i), depth + 1);
		}
		fputc(']', stream);
		break;
	case AML_REFERENCE:
		print_reference(stream, object);
		break;
	default:
		fputs(value_type_name(type), stream);
		break;
	}
}

void value_print(FILE *stream, const struct aml_object *object)
{
	if (object)
		print_value(stream, object, 0);
	else
		fputs("Nothing", stream);
}
