/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a device uses: the descriptors of _CRS and its like. */
#include "acpi_priv.h"

#include <base/errno.h>

static int call_each(const uint8_t *bytes, size_t length,
		     int (*each)(const struct aml_resource *resource, void *argument),
		     void *argument)
{
	struct aml_resource resource;

	for (size_t at = 0;;) {
		int error = acpi_errno(aml_resource_next(bytes, length, &at, &resource));

		if (error || resource.type == AML_RESOURCE_END)
			return error;
		error = each(&resource, argument);
		if (error)
			return error;
	}
}

int acpi_resources(struct aml_node *name, const char *method,
		   int (*each)(const struct aml_resource *resource, void *argument), void *argument)
{
	struct aml_object *value = NULL;
	int error = acpi_call(name, method, NULL, 0, &value);
	const uint8_t *bytes;
	size_t length;

	if (error)
		return error;
	if (value && aml_object_type(value) == AML_BUFFER) {
		bytes = aml_bytes(value, &length);
		error = length > ACPI_RESOURCE_MAX ? -EFBIG
						   : call_each(bytes, length, each, argument);
	} else {
		error = value ? -EIO : -ENOENT;
	}
	aml_put(acpi_aml(), value);
	return error;
}
