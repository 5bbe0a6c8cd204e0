/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the ECDT tells of an embedded controller (ACPI 6.5, 5.2.16), before there is a name space. */
#pragma once

#include <acpi/acpi.h>
#include <acpi/device.h>

struct ec_location {
	uint16_t data_port, command_port;
	int gpe;                  /* -1: none */
	char path[ACPI_PATH_MAX]; /* "": not told */
};

/* -EINVAL: the table is damaged, or names no ports. */
int must_check ec_read_table(const struct acpi_header *table, struct ec_location *location);
