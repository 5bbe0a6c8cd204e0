/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What firmware and the system share in memory (ACPI 6.5, 5.2.10). */
#pragma once

#include <base/types.h>

struct acpi_facs {
	/* 0x00 */ char signature[4];
	/* 0x04 */ uint32_t length;
	/* 0x08 */ uint32_t hardware_signature;
	/* 0x0c */ uint32_t wake_vector; /* in real mode */
	/* 0x10 */ _Atomic uint32_t global_lock;
	/* 0x14 */ uint32_t flags;
	/* 0x18 */ uint64_t wake_vector_64; /* 0: the other one counts */
	/* 0x20 */ uint8_t version;
	/* 0x21 */ uint8_t reserved[31];
};

_Static_assert(sizeof(struct acpi_facs) == 0x40, "FACS");
_Static_assert(__builtin_offsetof(struct acpi_facs, wake_vector_64) == 0x18, "FACS");

/* Maps it, if there is a sound one. Called once, when the tables are listed. */
void acpi_facs_map(void);
/* NULL: there is none. */
struct acpi_facs *acpi_facs(void);
