/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where things are that the firmware's fixed tables name and that nobody drives yet, or drives by other
 * means: the picture it showed at boot (BGRT), timers (HPET), security modules (TPM2).
 */
#pragma once

#include <base/types.h>

/* ACPI 6.5, 5.2.23. */
struct acpi_boot_picture {
	bool present;
	uint16_t version;
	uint8_t status; /* bit 0: it is shown; bits 1 and 2: it is turned, by a quarter for each 1 */
	uint8_t type;   /* 0: a bitmap file */
	uint64_t address; /* of the image, which may be overwritten since */
	uint64_t length;  /* by its own header; 0: there is nothing that could be one any more */
	uint32_t x, y;
};

/* IA-PC HPET 1.0a, 3.2.4. */
struct acpi_hpet {
	bool present;
	uint32_t block_id; /* capabilities; its upper half is the vendor */
	uint64_t base;
	uint8_t number;
	uint16_t minimum_tick;
};

/* TCG ACPI 1.2, 7.3. */
struct acpi_security_module {
	bool present;
	uint16_t platform_class; /* 0: client, 1: server */
	uint32_t start_method;   /* 6: memory-mapped (TIS), 7: command buffer, ... */
	uint64_t control_area;
	uint64_t log; /* of what was measured; 0: not told */
	uint32_t log_length;
};

struct acpi_located {
	struct acpi_boot_picture picture;
	struct acpi_hpet hpet;
	struct acpi_security_module security_module;
};

struct acpi_header;

/* Reads the tables; each may be NULL, or too short: then it is as if it were not there. */
void acpi_located_parse(const struct acpi_header *bgrt, const struct acpi_header *hpet,
			const struct acpi_header *tpm2, struct acpi_located *located);
/* Does so with the machine's, and says in the log what there is. Called once, after acpi_read_platform(). */
void acpi_locate(void);
/* What came of it; immutable afterwards. */
const struct acpi_located *acpi_located(void);
/* Reads from the boot picture's image: how many bytes; 0: its end, or it is not there any more. Thread
 * context. */
size_t acpi_read_boot_picture(void *buffer, size_t size, uint64_t offset);
