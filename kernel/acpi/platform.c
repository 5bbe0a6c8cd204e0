/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From tables to struct platform: MADT (ACPI 6.5, 5.2.12), FADT (5.2.9), HPET, MCFG. */
#include "acpi_priv.h"
#include "fadt.h"

#include <acpi/processor.h>
#include <arch/platform.h>
#include <base/string.h>
#include <core/log.h>

struct madt {
	struct acpi_header header;
	uint32_t local_apic;
	uint32_t flags;
} __attribute__((packed));

/* Entries lie at any address. */
enum madt_kind {
	MADT_LOCAL_APIC = 0,
	MADT_IO_APIC = 1,
	MADT_OVERRIDE = 2,
	MADT_LOCAL_APIC_ADDRESS = 5,
	MADT_X2APIC = 9,
};

struct madt_io_apic {
	uint8_t kind, length, id, reserved;
	uint32_t address;
	uint32_t first_gsi;
} __attribute__((packed));

struct madt_override {
	uint8_t kind, length, bus, source;
	uint32_t gsi;
	uint16_t flags; /* bits 0-1 polarity, 2-3 trigger mode */
} __attribute__((packed));

struct madt_local_apic_address {
	uint8_t kind, length;
	uint16_t reserved;
	uint64_t address;
} __attribute__((packed));

_Static_assert(sizeof(struct madt) == 0x2c, "MADT");
_Static_assert(sizeof(struct madt_io_apic) == 12, "MADT");
_Static_assert(sizeof(struct madt_override) == 10, "MADT");
_Static_assert(sizeof(struct madt_local_apic_address) == 12, "MADT");

#define LOCAL_APIC_BASE 0xfee00000
#define IO_APIC_BASE    0xfec00000
#define POLARITY_LOW    3
#define TRIGGER_LEVEL   3
#define HPET_ADDRESS    0x2c
#define MCFG_FIRST      0x2c
#define MCFG_ENTRY      16
#define ECAM_ALIGN      4096

/* Says once for each kind that there is more than is kept. */
static void complain_of_many(bool *said, int most, const char *what)
{
	if (!*said)
		log_warning("acpi", "more than %d %s: the others are left out", most, what);
	*said = true;
}

static void add_cpu(struct platform *platform, const struct acpi_processor_entry *entry)
{
	static bool said;

	platform->cpus_later += entry->may_come;
	if (!entry->enabled)
		return;
	/* Tables may name a CPU twice, by both kinds of entry. */
	for (unsigned i = 0; i < platform->cpu_count; i++) {
		if (platform->cpus[i].hardware_id == entry->hardware_id)
			return;
	}
	if (platform->cpu_count == PLATFORM_CPU_MAX) {
		complain_of_many(&said, PLATFORM_CPU_MAX, "CPUs");
		return;
	}
	platform->cpus[platform->cpu_count++] = (struct platform_cpu){ entry->hardware_id, true };
}

static void add_io_apic(struct platform *platform, const struct madt_io_apic *entry)
{
	static bool said;

	if (platform->controller_count == PLATFORM_CONTROLLER_MAX) {
		complain_of_many(&said, PLATFORM_CONTROLLER_MAX, "I/O APICs");
		return;
	}
	platform->controllers[platform->controller_count++] =
		(struct platform_interrupt_controller){
			.base = entry->address,
			.first_gsi = entry->first_gsi,
			.id = entry->id,
		};
}

static void add_override(struct platform *platform, const struct madt_override *entry)
{
	if (entry->source >= array_length(platform->isa))
		return;
	platform->isa[entry->source] = (struct platform_isa_override){
		.present = true,
		.gsi = entry->gsi,
		.level = (entry->flags >> 2 & 3) == TRIGGER_LEVEL,
		.active_low = (entry->flags & 3) == POLARITY_LOW,
	};
}

/* One entry, whose `length` bytes lie in the table; short ones are ignored. */
static void read_madt_entry(struct platform *platform, const uint8_t *entry, size_t length)
{
	const struct madt_local_apic_address *address = (const void *)entry;
	struct acpi_processor_entry processor;

	switch (entry[0]) {
	case MADT_LOCAL_APIC:
	case MADT_X2APIC:
		if (acpi_processor_parse(entry, length, &processor))
			add_cpu(platform, &processor);
		break;
	case MADT_IO_APIC:
		if (length >= sizeof(struct madt_io_apic))
			add_io_apic(platform, (const void *)entry);
		break;
	case MADT_OVERRIDE:
		if (length >= sizeof(struct madt_override))
			add_override(platform, (const void *)entry);
		break;
	case MADT_LOCAL_APIC_ADDRESS:
		if (length >= sizeof(*address))
			platform->local_controller_base = address->address;
		break;
	default:
		break;
	}
}

/* Where every PC of one CPU has them. */
static void assume_controllers(struct platform *platform)
{
	log_warning("acpi", "the firmware names no interrupt controllers: one CPU");
	platform->local_controller_base = LOCAL_APIC_BASE;
	platform->controllers[0].base = IO_APIC_BASE;
	platform->controller_count = 1;
}

static void read_madt(struct platform *platform)
{
	const struct madt *madt = (const void *)acpi_find_table("APIC", 0);
	const uint8_t *entry, *end;

	if (!madt || madt->header.length < sizeof(*madt)) {
		assume_controllers(platform);
		return;
	}
	platform->local_controller_base = madt->local_apic;
	entry = (const uint8_t *)(madt + 1);
	end = (const uint8_t *)madt + madt->header.length;
	while (end - entry >= 2 && entry[1] >= 2 && entry[1] <= end - entry) {
		read_madt_entry(platform, entry, entry[1]);
		entry += entry[1];
	}
}

/* A field of a table, 0 where the table is too short for it. */
static uint64_t table_field(const struct acpi_header *table, size_t offset, size_t size)
{
	uint64_t value = 0;

	if (offset + size <= table->length)
		memcpy(&value, (const char *)table + offset, size);
	return value;
}

static void read_fadt(struct platform *platform)
{
	const struct acpi_fadt *fadt;

	acpi_read_fadt();
	fadt = acpi_fadt();
	if (fadt->pm_timer.space == ACPI_SPACE_IO && fadt->pm_timer.address <= UINT16_MAX)
		platform->pm_timer_port = (uint16_t)fadt->pm_timer.address;
	platform->pm_timer_32bit = fadt->flags & ACPI_FADT_TIMER_32BIT;
}

static void add_ecam(struct platform *platform, const struct platform_ecam *ecam)
{
	static bool said;

	if (ecam->first_bus > ecam->last_bus || !ecam->base || ecam->base % ECAM_ALIGN != 0 ||
	    ecam->base > UINT64_MAX / 2)
		return;
	for (unsigned i = 0; i < platform->ecam_count; i++)
		if (platform->ecam[i].segment == ecam->segment)
			return;
	if (platform->ecam_count < PLATFORM_ECAM_MAX)
		platform->ecam[platform->ecam_count++] = *ecam;
	else
		complain_of_many(&said, PLATFORM_ECAM_MAX, "PCI segments");
}

static void read_mcfg(struct platform *platform, const struct acpi_header *mcfg)
{
	for (size_t at = MCFG_FIRST; at + MCFG_ENTRY <= mcfg->length; at += MCFG_ENTRY)
		add_ecam(platform, &(struct platform_ecam){
					   .base = table_field(mcfg, at, 8),
					   .segment = (uint16_t)table_field(mcfg, at + 8, 2),
					   .first_bus = (uint8_t)table_field(mcfg, at + 10, 1),
					   .last_bus = (uint8_t)table_field(mcfg, at + 11, 1),
				   });
}

static void read_others(struct platform *platform)
{
	const struct acpi_header *hpet = acpi_find_table("HPET", 0);
	const struct acpi_header *mcfg = acpi_find_table("MCFG", 0);

	if (hpet)
		platform->hpet_base = table_field(hpet, HPET_ADDRESS, 8);
	if (mcfg)
		read_mcfg(platform, mcfg);
}

void acpi_read_platform(uint64_t rsdp, struct platform *platform)
{
	memset(platform, 0, sizeof(*platform));
	if (!acpi_load(rsdp))
		log_warning("acpi", "the firmware has no ACPI tables");
	read_madt(platform);
	read_fadt(platform);
	read_others(platform);
	acpi_check_platform(platform);
	log_info("acpi", "%u CPUs, %u I/O APICs, HPET %s, PCI Express configuration space %s",
		 platform->cpu_count, platform->controller_count,
		 platform->hpet_base ? "yes" : "no", platform->ecam_count ? "yes" : "no");
}
