/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parameters: what the user says to a driver. On the kernel's command line it is DRIVER.NAME=VALUE; who
 * loads an object by hand says NAME=VALUE there, which comes first.
 */
#pragma once

#include <ddk/device.h>

#define DDK_PARAMETER_MAX 128 /* bytes of a value, with its end */

/* Copies the value of parameter `name` of the device's driver, cut to `size` bytes and terminated. False: the
 * user says nothing. Thread context. */
bool ddk_parameter(const struct device *device, const char *name, char *value, size_t size);
/* The same as a number, decimal or with 0x hexadecimal; `otherwise` where there is none. */
uint64_t ddk_parameter_number(const struct device *device, const char *name, uint64_t otherwise);
