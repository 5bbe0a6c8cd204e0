/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values as text. Packages may lie in packages: what is under way is in a list, not on the C stack. */
#include <base/format.h>
#include <base/string.h>

#include <aml/text.h>

#define PATH_MAX 512

struct level {
	const struct aml_object *package;
	unsigned next;
};

const char *aml_type_name(enum aml_type type)
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

static printf_like(2, 3) void print(struct format_sink *sink, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	format_to_sink(sink, format, arguments);
	va_end(arguments);
}

static void print_string(struct format_sink *sink, const struct aml_object *object)
{
	static const char escaped[] = "\a\b\f\n\r\t\v\"\\", escapes[] = "abfnrtv\"\\";
	size_t length;
	const uint8_t *bytes = aml_bytes(object, &length);

	print(sink, "String \"");
	for (size_t i = 0; i < length; i++) {
		unsigned which = 0;

		while (escaped[which] && (uint8_t)escaped[which] != bytes[i])
			which++;
		if (escaped[which])
			print(sink, "\\%c", escapes[which]);
		else if (bytes[i] >= ' ' && bytes[i] < 0x7f)
			print(sink, "%c", bytes[i]);
		else
			print(sink, "\\x%02X", bytes[i]);
	}
	print(sink, "\"");
}

static void print_buffer(struct format_sink *sink, const struct aml_object *object)
{
	size_t length;
	const uint8_t *bytes = aml_bytes(object, &length);

	print(sink, "Buffer %zu:", length);
	for (size_t i = 0; i < length; i++)
		print(sink, " %02X", bytes[i]);
}

static void print_reference(struct format_sink *sink, const struct aml_object *object)
{
	struct aml_node *node = aml_reference_node(object);
	char path[PATH_MAX];

	print(sink, "Reference");
	if (!node)
		return;
	aml_node_path(node, path, sizeof(path));
	print(sink, " %s", path);
}

/* All but packages. */
static void print_value(struct format_sink *sink, const struct aml_object *object)
{
	enum aml_type type = object ? aml_object_type(object) : AML_UNINITIALIZED;

	switch (type) {
	case AML_INTEGER:
		print(sink, "Integer 0x%llX", (unsigned long long)aml_integer(object));
		break;
	case AML_STRING:
		print_string(sink, object);
		break;
	case AML_BUFFER:
		print_buffer(sink, object);
		break;
	case AML_REFERENCE:
		print_reference(sink, object);
		break;
	default:
		print(sink, "%s", aml_type_name(type));
		break;
	}
}

/* Closes the packages that are at their end. */
static unsigned close_packages(struct format_sink *sink, const struct level *levels, unsigned depth)
{
	while (depth && levels[depth - 1].next == aml_count(levels[depth - 1].package)) {
		print(sink, "]");
		depth--;
	}
	return depth;
}

void aml_print(struct format_sink *sink, const struct aml_object *object)
{
	struct level levels[AML_TEXT_DEPTH], *level;
	unsigned depth = 0;

	if (!object)
		print(sink, "Nothing");
	while (object || depth) {
		if (!object || aml_object_type(object) != AML_PACKAGE) {
			print_value(sink, object);
		} else {
			print(sink, "Package %u: [", aml_count(object));
			if (depth == AML_TEXT_DEPTH)
				print(sink, "...]");
			else
				levels[depth++] = (struct level){ object, 0 };
		}
		depth = close_packages(sink, levels, depth);
		if (!depth)
			return;
		level = &levels[depth - 1];
		if (level->next)
			print(sink, ", ");
		object = aml_element(level->package, level->next++);
	}
}
