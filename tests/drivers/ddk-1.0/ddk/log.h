/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines in the kernel's log, with the device's name in front. Any context. */
#pragma once

#include <ddk/device.h>

enum ddk_log_level {
	DDK_LOG_ERROR = 3, /* the numbers of syslog */
	DDK_LOG_WARNING = 4,
	DDK_LOG_INFO = 6,
	DDK_LOG_DEBUG = 7,
};

void ddk_log(const struct device *device, enum ddk_log_level level, const char *format, ...)
	printf_like(3, 4);

#define ddk_error(device, ...)   ddk_log(device, DDK_LOG_ERROR, __VA_ARGS__)
#define ddk_warning(device, ...) ddk_log(device, DDK_LOG_WARNING, __VA_ARGS__)
#define ddk_info(device, ...)    ddk_log(device, DDK_LOG_INFO, __VA_ARGS__)
#define ddk_debug(device, ...)   ddk_log(device, DDK_LOG_DEBUG, __VA_ARGS__)
