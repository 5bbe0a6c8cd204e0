/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver kit in the kernel: what the user says to a driver. */
#include <base/format.h>
#include <base/string.h>
#include <core/command_line.h>
#include <ddk/parameter.h>
#include <dev/device.h>
#include <driver/driver.h>

#define NAME_MAX 64 /* DRIVER.NAME, with its end */

/* The value of `name` among "NAME=VALUE NAME=VALUE". */
static bool find_in(const char *words, const char *name, char *value, size_t size)
{
	size_t length = strlen(name);

	while (*words) {
		const char *end = strchr(words, ' ');
		size_t word = end ? (size_t)(end - words) : strlen(words);

		if (word > length && strncmp(words, name, length) == 0 && words[length] == '=') {
			string_copy(value, words + length + 1, min_size(size, word - length));
			return true;
		}
		words += word;
		while (*words == ' ')
			words++;
	}
	return false;
}

bool ddk_parameter(const struct device *device, const char *name, char *value, size_t size)
{
	const struct driver *driver = device->driver;
	char full[NAME_MAX];

	if (!driver || size == 0)
		return false;
	if (find_in(driver_object_of(driver)->parameters, name, value, size))
		return true;
	return snprintf(full, sizeof(full), "%s.%s", driver->name, name) < (int)sizeof(full) &&
	       command_line_get(full, value, size);
}

uint64_t ddk_parameter_number(const struct device *device, const char *name, uint64_t otherwise)
{
	char value[DDK_PARAMETER_MAX];
	uint64_t number;

	if (!ddk_parameter(device, name, value, sizeof(value)) || string_to_u64(value, &number))
		return otherwise;
	return number;
}
