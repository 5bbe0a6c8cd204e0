/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files of kernel/acpi. */
#pragma once

#include <acpi/acpi.h>

/* Maps the table at a physical address; NULL if its length or checksum is wrong. */
const struct acpi_header *acpi_map_table(uint64_t physical);
/* Loads the table list. False: there is none. */
bool acpi_load(uint64_t rsdp);
/* The sleep types of S5 from the DSDT's \_S5 package. */
bool acpi_soft_off_types(const struct acpi_header *dsdt, uint8_t *type_a, uint8_t *type_b);
