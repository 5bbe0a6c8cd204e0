/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The IOMMUs that firmware tells of: Intel's by the DMAR table (VT-d 4.1, 8), AMD's by the IVRS table (AMD
 * I/O Virtualization Technology 3.09, 5.2). What it says is for those who drive them: which devices each is
 * for, and what memory devices use behind the system's back.
 */
#pragma once

#include <base/types.h>

#define ACPI_IOMMU_UNITS    16
#define ACPI_IOMMU_RESERVED 32
#define ACPI_IOMMU_SCOPES   256
#define ACPI_IOMMU_PATH_MAX 8

enum acpi_iommu_kind { ACPI_IOMMU_INTEL, ACPI_IOMMU_AMD };

enum acpi_iommu_scope_kind {
	ACPI_SCOPE_FUNCTION,  /* a PCI function, by the way to it */
	ACPI_SCOPE_HIERARCHY, /* a bridge, and all that is behind it */
	ACPI_SCOPE_IO_APIC,   /* `id` is its, and how it looks to the IOMMU */
	ACPI_SCOPE_HPET,
	ACPI_SCOPE_NAMED, /* a device of the name space: `id` is that of its name's entry */
	ACPI_SCOPE_RANGE, /* AMD: requesters from `first` to `last` */
};

/* What a unit or reserved memory is for. Requester ids are bus << 8 | slot << 3 | function. */
struct acpi_iommu_scope {
	enum acpi_iommu_scope_kind kind;
	uint8_t id;
	uint8_t bus; /* where the path begins */
	uint8_t path_length;
	uint8_t path
		[ACPI_IOMMU_PATH_MAX]; /* slot << 3 | function of each bridge, then the device */
	uint16_t first, last; /* requesters; of others than RANGE the same, where it is told */
	uint16_t alias;       /* what they appear as; `first`: as themselves */
};

struct acpi_iommu_unit {
	enum acpi_iommu_kind kind;
	uint64_t base; /* of its registers */
	uint16_t segment;
	bool all; /* for all of the segment that no other unit is for */
	unsigned first_scope, scope_count;
	uint32_t domain;    /* of memory affinity (acpi/affinity.h); UINT32_MAX: not told */
	uint16_t requester; /* AMD: the unit as a PCI function, and where its capability is */
	uint16_t capability;
};

/* Memory that devices reach whatever the system says, and must go on reaching. */
struct acpi_iommu_reserved {
	uint64_t base, length;
	uint16_t segment;
	bool all;      /* devices may */
	bool excluded; /* AMD: not translated at all */
	unsigned first_scope, scope_count;
};

struct acpi_iommu {
	unsigned address_width; /* of DMA, in bits; 0: not told */
	bool remaps_interrupts, no_x2apic;
	unsigned unit_count, reserved_count, scope_count;
	struct acpi_iommu_unit units[ACPI_IOMMU_UNITS];
	struct acpi_iommu_reserved reserved[ACPI_IOMMU_RESERVED];
	struct acpi_iommu_scope scopes[ACPI_IOMMU_SCOPES];
};

struct acpi_header;

/* Reads the tables, either of which may be NULL. What makes no sense is left out, with what it is in. */
void acpi_iommu_parse(const struct acpi_header *dmar, const struct acpi_header *ivrs,
		      struct acpi_iommu *iommu);
/* Does so with the machine's. Called once, after acpi_read_platform(). */
void acpi_read_iommu(void);
/* What came of it; immutable afterwards. */
const struct acpi_iommu *acpi_iommu(void);
