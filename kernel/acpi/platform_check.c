/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the tables say of where registers are goes to who maps and writes them: it must be an address, and no
 * memory.
 */
#include "acpi_priv.h"

#include <arch/platform.h>
#include <core/log.h>

#define REGISTERS_SIZE  4096
#define HPET_SIZE       1024
#define BUS_SIZE        (1ull << 20)
#define IO_APIC_BASE    0xfec00000
#define LOCAL_APIC_BASE 0xfee00000

static bool is_good(uint64_t base, uint64_t size, const char *what)
{
	if (base && acpi_memory_reachable(base, size))
		return true;
	log_warning("acpi", "%s at %lx cannot be: left out", what, base);
	return false;
}

/* Interrupt numbers must not be two controllers'. */
static bool is_doubled(const struct platform *platform, unsigned count, unsigned index)
{
	for (unsigned i = 0; i < count; i++)
		if (platform->controllers[i].base == platform->controllers[index].base ||
		    platform->controllers[i].first_gsi == platform->controllers[index].first_gsi)
			return true;
	return false;
}

static void check_controllers(struct platform *platform)
{
	unsigned count = 0;

	for (unsigned i = 0; i < platform->controller_count; i++) {
		if (!is_good(platform->controllers[i].base, REGISTERS_SIZE, "I/O APIC"))
			continue;
		if (is_doubled(platform, count, i)) {
			log_warning("acpi", "I/O APIC at %lx is there already: left out",
				    platform->controllers[i].base);
			continue;
		}
		platform->controllers[count++] = platform->controllers[i];
	}
	platform->controller_count = count;
	if (count)
		return;
	/* Where every PC has its first. */
	log_warning("acpi", "no I/O APIC is told of: the usual one is taken");
	platform->controllers[0] = (struct platform_interrupt_controller){ .base = IO_APIC_BASE };
	platform->controller_count = 1;
}

static void check_ecam(struct platform *platform)
{
	unsigned count = 0;

	for (unsigned i = 0; i < platform->ecam_count; i++) {
		const struct platform_ecam *ecam = &platform->ecam[i];
		uint64_t first = ecam->base + ecam->first_bus * BUS_SIZE;

		if (is_good(first, (ecam->last_bus - ecam->first_bus + 1u) * BUS_SIZE,
			    "PCI configuration space"))
			platform->ecam[count++] = *ecam;
	}
	platform->ecam_count = count;
}

void acpi_check_platform(struct platform *platform)
{
	check_controllers(platform);
	check_ecam(platform);
	if (platform->hpet_base && !is_good(platform->hpet_base, HPET_SIZE, "HPET"))
		platform->hpet_base = 0;
	if (!is_good(platform->local_controller_base, REGISTERS_SIZE, "local APIC"))
		platform->local_controller_base = LOCAL_APIC_BASE;
}
