/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log, parameters, the monitor, and the end of the program. */
#include <ddk/log.h>

#include <base/format.h>
#include <base/string.h>
#include <ddk/monitor.h>
#include <ddk/parameter.h>

#include "kit.h"

#include <stdarg.h>

static printf_like(2, 0) size_t format_line(char *line, const char *format, va_list arguments)
{
	int length = vsnprintf(line, HOST_TEXT_MAX, format, arguments);

	return length < 0 ? 0 : min_size((size_t)length, HOST_TEXT_MAX - 1);
}

void ddk_log(const struct device *device, enum ddk_log_level level, const char *format, ...)
{
	char line[HOST_TEXT_MAX];
	va_list arguments;
	size_t length;

	(void)device; /* the kernel knows whose host this is */
	va_start(arguments, format);
	length = format_line(line, format, arguments);
	va_end(arguments);
	(void)kernel_call3(HOST_LOG, level, address_of(line), length);
}

void kit_fail(const char *format, ...)
{
	char line[HOST_TEXT_MAX];
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	length = format_line(line, format, arguments);
	va_end(arguments);
	for (;;)
		(void)kernel_call2(HOST_EXIT, address_of(line), length);
}

bool ddk_parameter(const struct device *device, const char *name, char *value, size_t size)
{
	char text[DDK_PARAMETER_MAX];
	long length;

	(void)device;
	length = kernel_call4(HOST_PARAMETER, address_of(name), strlen(name), address_of(text),
			      sizeof(text));
	if (length < 0 || size == 0)
		return false;
	text[min_size((size_t)length, sizeof(text) - 1)] = '\0';
	(void)string_copy(value, text, size);
	return true;
}

uint64_t ddk_parameter_number(const struct device *device, const char *name, uint64_t otherwise)
{
	char text[DDK_PARAMETER_MAX];
	uint64_t value;

	if (!ddk_parameter(device, name, text, sizeof(text)) || string_to_u64(text, &value))
		return otherwise;
	return value;
}

bool ddk_monitor_call(enum ddk_monitor_command command, uint32_t argument,
		      struct ddk_monitor_reply *reply)
{
	return kernel_call3(HOST_MONITOR, command, argument, address_of(reply->words)) == 1;
}
