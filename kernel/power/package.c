/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "package.h"

#include <base/format.h>

#define AMOUNT_MAX 0x7fffffff /* ACPI 6.5, 10.2.2 */

bool package_has(const struct aml_object *package, unsigned count)
{
	return package && aml_object_type(package) == AML_PACKAGE && aml_count(package) >= count;
}

static const struct aml_object *element(const struct aml_object *package, unsigned index)
{
	return package_has(package, index + 1) ? aml_element(package, index) : NULL;
}

uint32_t package_amount(const struct aml_object *package, unsigned index)
{
	const struct aml_object *object = element(package, index);
	uint64_t value;

	if (!object || aml_object_type(object) != AML_INTEGER)
		return PACKAGE_UNKNOWN;
	value = aml_integer(object);
	return value <= AMOUNT_MAX ? (uint32_t)value : PACKAGE_UNKNOWN;
}

static bool is_printable(uint8_t byte)
{
	return byte >= 0x20 && byte < 0x7f;
}

void package_text(const struct aml_object *package, unsigned index, char *text, size_t size)
{
	const struct aml_object *object = element(package, index);
	enum aml_type type = object ? aml_object_type(object) : AML_UNINITIALIZED;
	const uint8_t *bytes;
	size_t length, used = 0;

	text[0] = '\0';
	if (type == AML_INTEGER)
		snprintf(text, size, "%llu", (unsigned long long)aml_integer(object));
	if (type != AML_STRING && type != AML_BUFFER)
		return;
	bytes = aml_bytes(object, &length);
	for (size_t i = 0; i < length && bytes[i] && used + 1 < size; i++) {
		if (is_printable(bytes[i]) && (used > 0 || bytes[i] != ' '))
			text[used++] = (char)bytes[i];
	}
	while (used > 0 && text[used - 1] == ' ')
		used--;
	text[used] = '\0';
}
